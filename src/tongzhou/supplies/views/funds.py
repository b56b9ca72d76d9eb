"""Donations: the list, one donation with its money and units, and its steps."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongzhou.kit import access, clock, paging
from tongzhou.people.queries import actor

from .. import actions, queries
from ..actions import LotUnits
from ..forms import FundForm, GoodsForm, MoneyForm
from ..models import Bucket, Fund
from .pages import Crumbs, account_of, done, form_page, question_page, step

FUNDS_A_PAGE = 50
EXTERNAL = (Bucket.PRODUCER, Bucket.DONOR)


@access.requires("funds.view")
def funds(request: HttpRequest) -> HttpResponse:
    """Every donation of the area, the newest first, each with its bar of money."""
    seen = queries.funds_in(account_of(request), "funds.view").select_related("donor", "item")
    page = paging.page(seen, "-pk", after=_cursor(request), size=FUNDS_A_PAGE)
    money, units = queries.money_of(page.rows), queries.units_of(page.rows)
    rows = [(fund, money[fund.pk], _given(units.get(fund.pk, {}))) for fund in page.rows]
    context = {
        "rows": rows,
        "count": seen.count(),
        "as_of": clock.now(),
        "pager": {"next_url": f"?after={page.next}" if page.next else ""},
        "may_add": request.user.has_perm("funds.edit"),
    }
    return render(request, "supplies/funds.html", context)


@access.requires("funds.view")
def fund(request: HttpRequest, public_id: str) -> HttpResponse:
    """One donation: its money, its units by where they are, its orders, its steps by day."""
    row = _fund_or_404(request, public_id, "funds.view")
    units = queries.fund_units(row)
    lines = list(queries.lines_of_fund(row))
    may_edit = _may_edit(request, row)
    context = {
        "fund": row,
        "money": queries.fund_money(row),
        "units": [(b, n) for b, n in units.items() if b not in EXTERNAL],
        "given_units": _given(units),
        "lines": lines,
        "ordered_units": sum(line.units for line in lines if line.order.state != "draft"),
        "receipts": row.receipts.order_by("received_on", "pk"),
        "restrictions": row.restrictions.select_related("division").order_by("division__first"),
        "trail": queries.fund_trail(row),
        "as_of": clock.now(),
        # Whoever works with the donation may change it and call the donor; a reader of its
        # figures, or an editor elsewhere, sees no personal value.
        "may_edit": may_edit,
        "may_see_contact": may_edit,
        "crumbs": _crumbs(row),
    }
    return render(request, "supplies/fund.html", context)


@access.requires("funds.edit")
def new_fund(request: HttpRequest) -> HttpResponse:
    """Record a donation for one's own office."""
    account = account_of(request)
    form = FundForm(request.POST or None, initial={"given_on": clock.today()})
    made: list[Fund] = []

    def create(given: dict[str, Any]) -> None:
        office = queries.office_of(account, "funds.edit")
        made.append(actions.create_fund(by=actor(request), division=office, **given))

    if request.method == "POST" and done(form, create):
        messages.success(request, _("The donation is recorded as pledged."))
        return redirect("fund", public_id=made[0].public_id)
    return form_page(
        request, form, _("New donation"), _("Record"), _crumbs(None, _("New donation"))
    )


@access.requires("funds.edit")
@require_POST
def confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    """The donor has confirmed the pledge."""
    row = _fund_or_404(request, public_id, "funds.edit")
    return step(
        request,
        lambda: actions.confirm_fund(row, by=actor(request)),
        _("The donation is confirmed."),
        _home(row),
    )


@access.requires("funds.edit")
def receive(request: HttpRequest, public_id: str) -> HttpResponse:
    """Confirm the receipt of money, or of goods where the donation is in kind."""
    row = _fund_or_404(request, public_id, "funds.edit")
    cash = row.kind == Fund.Kind.CASH
    initial = {"received_on": clock.today()}
    data = request.POST or None
    form = MoneyForm(data, initial=initial) if cash else _goods_form(request, initial)

    def take(given: dict[str, Any]) -> object:
        if cash:
            return actions.receive_money(row, by=actor(request), **given)
        lot = LotUnits(given.pop("units"), given.pop("number"), given.pop("expires_on"))
        return actions.receive_goods(row, lots=[lot], by=actor(request), **given)

    if request.method == "POST" and done(form, take):
        messages.success(request, _("The receipt is recorded."))
        return redirect(_home(row))
    title = _("Receipt of money") if cash else _("Receipt of goods")
    return form_page(request, form, title, _("Record the receipt"), _crumbs(row, title))


@access.requires("funds.edit")
def close(request: HttpRequest, public_id: str) -> HttpResponse:
    """No more of this donation will come."""
    row = _fund_or_404(request, public_id, "funds.edit")
    return question_page(
        request,
        lambda note: actions.close_fund(row, by=actor(request), note=note),
        title=_("Close the donation"),
        effects=[
            _("What was pledged and has not come is no longer expected."),
            _("What has come stays and can be spent."),
        ],
        button=_("Close the donation"),
        success=_("The donation is closed."),
        back=_home(row),
        crumbs=_crumbs(row, _("Close the donation")),
    )


@access.requires("funds.edit")
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """The donor takes the pledge back before anything came."""
    row = _fund_or_404(request, public_id, "funds.edit")
    return question_page(
        request,
        lambda note: actions.withdraw_fund(row, by=actor(request), note=note),
        title=_("Withdraw the donation"),
        effects=[_("The pledge no longer counts, and no order may use it.")],
        button=_("Withdraw the donation"),
        success=_("The donation is withdrawn."),
        back=_home(row),
        crumbs=_crumbs(row, _("Withdraw the donation")),
    )


def _goods_form(request: HttpRequest, initial: dict[str, Any]) -> GoodsForm:
    return GoodsForm(account_of(request), request.POST or None, initial=initial)


def _fund_or_404(request: HttpRequest, public_id: str, permission: str) -> Fund:
    seen = queries.funds_in(account_of(request), permission)
    found: Fund = get_object_or_404(
        seen.select_related("donor", "item", "division"), public_id=public_id
    )
    return found


def _may_edit(request: HttpRequest, row: Fund) -> bool:
    return queries.funds_in(account_of(request), "funds.edit").filter(pk=row.pk).exists()


def _given(units: dict[int, int]) -> int:
    return -sum(units.get(bucket, 0) for bucket in EXTERNAL)


def _home(row: Fund) -> str:
    return reverse("fund", args=[row.public_id])


def _cursor(request: HttpRequest) -> str:
    return request.GET.get("after", "")


def _crumbs(row: Fund | None, here: str = "") -> Crumbs:
    crumbs = [(_("Donations"), reverse("funds"))]
    if row:
        crumbs.append((row.name, _home(row) if here else ""))
    return [*crumbs, (here, "")] if here else crumbs
