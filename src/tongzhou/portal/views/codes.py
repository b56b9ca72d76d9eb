"""What a code on a box tells, as a page and for programs: in one shape, whatever was asked."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongzhou.delivery.queries.parcels import parcel_by_public_id
from tongzhou.interchange.medicine_codes import CodeRead
from tongzhou.kit import clock, limits
from tongzhou.kit.access import public
from tongzhou.portal.actions import note_seen
from tongzhou.portal.models import MedicineCode
from tongzhou.portal.queries.codes import product_of
from tongzhou.portal.rules.codes import Result, read, result_of, told

from .drawer_words import camera_words
from .scripts import guarded

MOST, SECONDS = 60, 60
CODE_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """Every answer has all of these; what does not apply is an empty text. Days are ISO dates."""

    result: str
    says: str
    do: str
    product: str
    maker: str
    strength: str
    source: str
    as_of: str
    expires_on: str
    seen_before: str
    warning: str
    trace: str
    ask: str


@public
@require_http_methods(["GET", "HEAD", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    """One field; the code goes in the body, so that it stands in no address and no log."""
    found, typed = None, ""
    if request.method == "POST":
        if not may_ask(request):
            return slow_down(request)
        typed = request.POST.get("code", "")[:CODE_CHARACTERS]
        found = answered(typed)
        if found.result == Result.SLIP:
            typed = ""
    rows = _rows(found) if found else []
    context = {"found": found, "typed": typed, "rows": rows, "words": camera_words()}
    response = render(request, "portal/code.html", context)
    response["Cache-Control"] = "no-store"
    return guarded(response, form="'self'")


def may_ask(request: HttpRequest) -> bool:
    return limits.allowed("codes", limits.home_of(request), most=MOST, seconds=SECONDS)


def slow_down(request: HttpRequest) -> HttpResponse:
    response = render(request, "portal/slow_down.html", {"seconds": SECONDS}, status=429)
    response["Retry-After"] = str(SECONDS)
    return response


def answered(typed: str) -> CodeAnswer:
    """What may be said of a code, in the reader's language. A box that was seen is counted."""
    code = read(typed)
    product = product_of(code.product) if code.fault is None else None
    trace = _trace(code)
    known = bool(trace) or product is not None
    result = result_of(code, is_known=known, on=clock.today())
    sentences = told(result, code.fault)
    first = note_seen(code)
    return CodeAnswer(
        result=result.value,
        says=str(sentences.says),
        do=str(sentences.do),
        product=_name(product),
        maker=product.maker if product else "",
        strength=product.strength if product else "",
        source=product.source if product else "",
        as_of=product.as_of.isoformat() if product else "",
        expires_on=code.expires_on.isoformat() if code.expires_on else "",
        seen_before=_day(first).isoformat() if first else "",
        warning=_warning(first),
        trace=trace,
        ask=authority(),
    )


def authority() -> str:
    """Where to ask officially: what the installation says, else the regulator in general."""
    return settings.DRUG_AUTHORITY or _(
        "Only the drug regulator can tell whether a medicine is what its box says. Ask its official"
        " service; in mainland China the telephone number is 12315."
    )


def _name(product: MedicineCode | None) -> str:
    if product is None:
        return ""
    chinese = (get_language() or "en").startswith("zh")
    return product.name if chinese else product.name_en or product.name


def _trace(code: CodeRead) -> str:
    parcel = parcel_by_public_id(code.parcel) if code.parcel else None
    return reverse("trace-parcel", args=[parcel.public_id]) if parcel else ""


def _day(moment: datetime) -> date:
    return timezone.localdate(moment, timezone.get_default_timezone())


def _warning(first: datetime | None) -> str:
    if first is None:
        return ""
    return _(
        "The code of this very box was checked here before, first on %(day)s. If that was not you,"
        " ask before anybody takes it: one code belongs to one box."
    ) % {"day": _day(first).isoformat()}


def _rows(found: CodeAnswer) -> list[tuple[str, str]]:
    """The same lines in every answer."""
    row = asdict(found)
    titles = {
        "product": _("Product by our table"),
        "maker": _("Maker"),
        "strength": _("Strength"),
        "expires_on": _("Expires on"),
        "source": _("Source of our table"),
        "as_of": _("As of"),
    }
    return [(title, row[name]) for name, title in titles.items()]
