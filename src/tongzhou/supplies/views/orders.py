"""Procurement orders: the list, one order, drafting, placing, batches at the dock, paying."""

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
from ..actions import LineDraft, ReadyLine
from ..forms import BatchForm, Lines, OrderForm, PaymentForm, ReadyLines
from ..models import Batch, ProcurementOrder
from ..rules.orders import CONFIRMED, DRAFT, NEXT, OPEN, PRODUCING, SHIPPED, SHORT_CLOSED
from .pages import Crumbs, account_of, done, form_page, question_page, step

ORDERS_A_PAGE = 50
MORE_ROWS = 5


@access.requires("orders.view")
def orders(request: HttpRequest) -> HttpResponse:
    """Orders of the area, the newest first; ?late=1 those with a line past its promised day."""
    seen = queries.orders_in(account_of(request), "orders.view")
    late = request.GET.get("late") == "1"
    if late:
        lines = queries.open_lines(promised_on__lt=clock.today())
        seen = seen.filter(pk__in=lines.order_by().values("order"))
    page = paging.page(
        queries.with_totals(seen).select_related("producer"),
        "-pk",
        after=request.GET.get("after", ""),
        size=ORDERS_A_PAGE,
    )
    context = {
        "orders": page.rows,
        "count": seen.count(),
        "late": late,
        "as_of": clock.now(),
        "pager": {"next_url": f"?after={page.next}{'&late=1' * late}" if page.next else ""},
        "may_add": request.user.has_perm("orders.edit"),
    }
    return render(request, "supplies/orders.html", context)


@access.requires("orders.view")
def order(request: HttpRequest, number: str) -> HttpResponse:
    """One order: its lines by fund, what came in which lots, what was paid, the next step."""
    row = _order_or_404(request, number, "orders.view")
    may_edit = _may_edit(request, row)
    lines = list(row.lines.select_related("fund", "item").order_by("pk"))
    context = {
        "order": row,
        "lines": [(line, line.units * line.unit_price_fen) for line in lines],
        "total_fen": queries.order_total_fen(row),
        "batches": _batches(row),
        "payments": row.payments.order_by("paid_on", "pk"),
        "as_of": clock.now(),
        "may_edit": may_edit,
        "may_audit": request.user.has_perm("ledger.view"),
        "may_place": may_edit and row.state == DRAFT,
        "may_receive": may_edit and row.state in OPEN,
        "may_close": may_edit and SHORT_CLOSED in NEXT[row.state],
        "may_pay": may_edit and row.state != DRAFT,
        "steps": [s for s in NEXT[row.state] if s in (CONFIRMED, PRODUCING, SHIPPED)],
        "crumbs": _crumbs(row),
    }
    return render(request, "supplies/order.html", context)


@access.requires("orders.edit")
def new_order(request: HttpRequest) -> HttpResponse:
    """Draft an order; "more lines" comes back with further rows, so no script is needed."""
    account = account_of(request)
    asked_more = "more" in request.POST
    posted = request.POST.copy() if request.method == "POST" else None
    if posted and asked_more:
        # The form comes back with what was typed and more empty rows; nothing is checked yet.
        posted["lines-TOTAL_FORMS"] = str(_rows(posted.get("lines-TOTAL_FORMS")) + MORE_ROWS)
    form = OrderForm(posted)
    lines = Lines(posted, prefix="lines", form_kwargs={"account": account})
    made: list[ProcurementOrder] = []

    def create(given: dict[str, Any]) -> None:
        drafts = [LineDraft(**one.cleaned_data) for one in lines if one.has_changed()]
        office = queries.office_of(account, "orders.edit")
        made.append(
            actions.create_order(
                producer=given["producer"], lines=drafts, division=office, by=actor(request)
            )
        )

    sent = request.method == "POST" and not asked_more
    if sent and lines.is_valid() and done(form, create):
        messages.success(request, _("The order is drafted. Place it to commit its money."))
        return redirect("order", number=made[0].number)
    context = {
        "form": form,
        "lines": lines,
        "sent": sent,
        "wrong": sent and (form.errors or not lines.is_valid()),
        "crumbs": _crumbs(None, _("New order")),
    }
    return render(request, "supplies/order_form.html", context, status=422 if sent else 200)


@access.requires("orders.edit")
@require_POST
def place(request: HttpRequest, number: str) -> HttpResponse:
    """Send a draft to its producer."""
    row = _order_or_404(request, number, "orders.edit")
    return step(
        request,
        lambda: actions.place_order(row, by=actor(request)),
        _("The order is placed; its money is committed."),
        _home(row),
    )


@access.requires("orders.edit")
@require_POST
def advance(request: HttpRequest, number: str, state: str) -> HttpResponse:
    """What the producer reports next."""
    row = _order_or_404(request, number, "orders.edit")
    return step(
        request,
        lambda: actions.advance_order(row, state, by=actor(request)),
        _("The order is brought up to date."),
        _home(row),
    )


@access.requires("orders.edit")
def receive(request: HttpRequest, number: str) -> HttpResponse:
    """A batch stands ready at the dock. Sent twice, it counts once."""
    row = _order_or_404(request, number, "orders.edit")
    form = BatchForm(request.POST or None, initial={"ready_on": clock.today()})
    open_lines = queries.open_lines(order=row)
    lines = ReadyLines(
        request.POST or None,
        prefix="lines",
        form_kwargs={"order": row},
        initial=[{"line": line.pk} for line in open_lines],
    )

    def take(given: dict[str, Any]) -> object:
        ready = [ReadyLine(**one) for one in lines.cleaned_data if one.get("units")]
        return actions.receive_batch(row, ready, by=actor(request), **given)

    sent = request.method == "POST"
    if sent and lines.is_valid() and done(form, take):
        messages.success(request, _("The batch is on hand at the dock."))
        return redirect(_home(row))
    context = {
        "order": row,
        "form": form,
        "lines": lines,
        "wrong": sent and (form.errors or not lines.is_valid()),
        "crumbs": _crumbs(row, _("Batch ready at the dock")),
    }
    return render(request, "supplies/batch_form.html", context, status=422 if sent else 200)


@access.requires("orders.edit")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """A batch was entered wrongly: reverse it while its units are still free at the dock."""
    mine = queries.orders_in(account_of(request), "orders.edit")
    batch = get_object_or_404(Batch.objects.select_related("order"), pk=pk, order__in=mine)
    return question_page(
        request,
        lambda note: actions.undo_batch(
            batch, command_id=f"undo-batch:{batch.pk}", by=actor(request), note=note
        ),
        title=_("Take the batch back"),
        effects=[
            _("Its move is reversed; both stay in the ledger."),
            _("Its order lines are open again."),
        ],
        button=_("Take the batch back"),
        success=_("The batch is taken back."),
        back=_home(batch.order),
        crumbs=_crumbs(batch.order, _("Take the batch back")),
    )


@access.requires("orders.edit")
def pay(request: HttpRequest, number: str) -> HttpResponse:
    """Money has left for the producer."""
    row = _order_or_404(request, number, "orders.edit")
    form = PaymentForm(request.POST or None, initial={"paid_on": clock.today()})
    if request.method == "POST" and done(
        form, lambda given: actions.pay_order(row, by=actor(request), **given)
    ):
        messages.success(request, _("The payment is recorded."))
        return redirect(_home(row))
    title = _("Payment to the producer")
    return form_page(request, form, title, _("Record the payment"), _crumbs(row, title))


@access.requires("orders.edit")
def close(request: HttpRequest, number: str) -> HttpResponse:
    """The rest of the order will not come."""
    row = _order_or_404(request, number, "orders.edit")
    return question_page(
        request,
        lambda note: actions.close_short(row, by=actor(request), note=note),
        title=_("Close the order short"),
        effects=[
            _("Units that have not come are no longer expected."),
            _("Their money is free for another order."),
        ],
        button=_("Close the order short"),
        success=_("The order is closed short."),
        back=_home(row),
        crumbs=_crumbs(row, _("Close the order short")),
    )


def _batches(row: ProcurementOrder) -> list[tuple[Batch, list[Any], bool]]:
    """Batches with their lines, and whether each has been taken back."""
    found = row.batches.select_related("move").prefetch_related("lines__lot", "lines__line__item")
    batches = list(found.order_by("pk"))
    undone = set(
        Batch.objects.filter(order=row, move__move__isnull=False).values_list("pk", flat=True)
    )
    return [(batch, list(batch.lines.all()), batch.pk in undone) for batch in batches]


def _order_or_404(request: HttpRequest, number: str, permission: str) -> ProcurementOrder:
    seen = queries.orders_in(account_of(request), permission)
    found: ProcurementOrder = get_object_or_404(
        seen.select_related("producer__dock", "division"), number=number
    )
    return found


def _may_edit(request: HttpRequest, row: ProcurementOrder) -> bool:
    return queries.orders_in(account_of(request), "orders.edit").filter(pk=row.pk).exists()


def _rows(sent: str | None) -> int:
    return int(sent) if sent and sent.isdecimal() and len(sent) < 4 else 1


def _home(row: ProcurementOrder) -> str:
    return reverse("order", args=[row.number])


def _crumbs(row: ProcurementOrder | None, here: str = "") -> Crumbs:
    crumbs = [(_("Orders"), reverse("orders"))]
    if row:
        crumbs.append((row.number, _home(row) if here else ""))
    return [*crumbs, (here, "")] if here else crumbs
