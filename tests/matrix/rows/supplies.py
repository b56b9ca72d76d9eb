"""Donations, orders, stock and the ledger. A partner reads the funds of its own organisation."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

from tongzhou.kit.rules import SYSTEM
from tongzhou.people.models import Organisation
from tongzhou.places.models import Place
from tongzhou.supplies import actions
from tongzhou.supplies.actions import LineDraft, ReadyLine
from tongzhou.supplies.models import Batch, Fund, Item, ProcurementOrder

from ..oracle import anywhere, at_the_top
from ..table import Row, api_listing, api_page, form, listing, page
from ..world import Built, Making

DAY = date(2023, 1, 8)
NOTE = {"note": "填错了"}


def item() -> Item:
    found, _ = Item.objects.get_or_create(
        code="matrix", defaults={"name": "血氧仪", "base_unit": "台"}
    )
    return found


def producer(making: Making) -> Organisation:
    """A producer of its own for every token, so that no producer is met elsewhere."""
    made, _ = Organisation.objects.get_or_create(
        code=f"maker-{making.token}",
        defaults={
            "name": f"厂{making.token}",
            "kind": "producer",
            "dock": place(making, "producer"),
        },
    )
    return made


def known_producer(making: Making) -> Organisation:
    """One for all: an office may buy from anybody, so the form names every producer."""
    made, _ = Organisation.objects.get_or_create(
        code="maker", defaults={"name": "甲厂", "kind": "producer"}
    )
    return made


def place(making: Making, kind: str = "depot") -> Place:
    made, _ = Place.objects.get_or_create(
        code=f"{kind}-{making.token}",
        defaults={"name": f"库{making.token}", "kind": kind, "division": making.division},
    )
    return made


def pledged(making: Making) -> Fund:
    return actions.create_fund(
        name=f"捐赠{making.token}",
        kind="cash",
        donor=making.organisation,
        division=making.division,
        pledged_fen=10_000_000,
        contact=f"{making.token}@donor.example",
        given_on=DAY,
        by=SYSTEM,
    )


def money_in(making: Making) -> Fund:
    fund = actions.confirm_fund(pledged(making), by=SYSTEM)
    actions.receive_money(
        fund, 5_000_000, received_on=DAY, command_id=f"in-{making.token}", by=SYSTEM
    )
    fund.refresh_from_db()
    return fund


def drafted(making: Making) -> ProcurementOrder:
    line = LineDraft(money_in(making), item(), 100, 50_00, DAY)
    return actions.create_order(
        producer=producer(making), lines=[line], division=making.division, by=SYSTEM
    )


def placed(making: Making) -> ProcurementOrder:
    return actions.place_order(drafted(making), by=SYSTEM)


def ready(making: Making) -> Batch:
    """Fifty units of an order on hand at a dock in the division."""
    order = placed(making)
    line = ReadyLine(order.lines.get(), 50, lot_number=making.token)
    return actions.receive_batch(
        order, [line], command_id=f"batch-{making.token}", ready_on=DAY, by=SYSTEM
    )


def fund(making: Making) -> Built:
    return _of_fund(making, pledged(making), NOTE)


def confirmed_fund(making: Making) -> Built:
    money = {"command_id": str(uuid4()), "fen": "10.00", "received_on": "2023-01-08"}
    return _of_fund(making, actions.confirm_fund(pledged(making), by=SYSTEM), {**money, **NOTE})


def new_fund(making: Making) -> Built:
    data = {"name": "新捐赠", "kind": "cash", "pledged_fen": "100", "given_on": "2023-01-08"}
    return Built(data=data)


def draft(making: Making) -> Built:
    return _of_order(making, drafted(making), NOTE)


def order(making: Making) -> Built:
    return _of_order(making, placed(making), NOTE)


def order_to_pay(making: Making) -> Built:
    data = {"command_id": str(uuid4()), "fen": "10.00", "paid_on": "2023-01-08"}
    return _of_order(making, placed(making), data)


def order_to_advance(making: Making) -> Built:
    made = order(making)
    return replace(made, kwargs={**made.kwargs, "state": "confirmed"}, marks=())


def order_to_fill(making: Making) -> Built:
    made = placed(making)
    data = {
        "command_id": str(uuid4()),
        "ready_on": "2023-01-08",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-line": str(made.lines.get().pk),
        "lines-0-units": "50",
    }
    return _of_order(making, made, data)


def new_order(making: Making) -> Built:
    """The form offers funds and producers; what is drawn on is named in the body."""
    money = money_in(making)
    data = {
        "producer": str(known_producer(making).pk),
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-fund": str(money.pk),
        "lines-0-item": str(item().pk),
        "lines-0-units": "10",
        "lines-0-unit_price_fen": "1.00",
        "lines-0-promised_on": "2023-01-08",
    }
    return Built(secrets=(money.public_id,), data=data)


def batch(making: Making) -> Built:
    made = ready(making)
    return Built(kwargs={"pk": made.pk}, secrets=(making.token,), data=NOTE)


def stock(making: Making) -> Built:
    ready(making)
    code = f"producer-{making.token}"
    return Built(kwargs={"code": code}, marks=(f"库{making.token}",), secrets=(making.token,))


def move(making: Making) -> Built:
    made = ready(making)
    return Built(kwargs={"pk": made.move_id}, marks=(f"库{making.token}",), secrets=(making.token,))


def _of_fund(making: Making, made: Fund, data: dict[str, object]) -> Built:
    return Built(
        kwargs={"public_id": made.public_id},
        marks=(f"捐赠{making.token}",),
        secrets=(making.token, made.public_id),
        data=data,
    )


def _of_order(making: Making, made: ProcurementOrder, data: dict[str, object]) -> Built:
    return Built(
        kwargs={"number": made.number},
        marks=(made.number,),
        secrets=(making.token,),
        data=data,
    )


def listed(making: Making) -> Built:
    """Items are one list for everybody, without anything of a division."""
    made = Item.objects.create(code=making.token, name=f"物资{making.token}", base_unit="台")
    return Built(marks=(made.name,))


def new_item(making: Making) -> Built:
    return Built(data={"name": "制氧机", "code": "oxygen", "base_unit": "台", "volume_l": "90"})


OURS = {"by_organisation": True}
AT_THE_TOP = {"rule": at_the_top, "whole": True}
ROWS: list[Row] = [
    listing("funds", "funds.view", fund, **OURS),
    page("fund", "funds.view", fund, **OURS),
    form("fund-new", "funds.edit", new_fund, writes=True, relations=("own", "none")),
    page("fund-confirm", "funds.edit", fund, gets=False, posts=True, writes=True),
    page("fund-receive", "funds.edit", confirmed_fund, posts=True, marks=False, writes=True),
    page("fund-close", "funds.edit", confirmed_fund, posts=True, marks=False, writes=True),
    page("fund-withdraw", "funds.edit", fund, posts=True, marks=False, writes=True),
    listing(
        "items",
        "stock.view",
        listed,
        rule=anywhere,
        same=False,
        why="All offices choose from one list of items.",
    ),
    page("item-new", "orders.edit", new_item, posts=True, writes=True, **AT_THE_TOP),
    listing("orders", "orders.view", order),
    page("order", "orders.view", order),
    form("order-new", "orders.edit", new_order, writes=True),
    page("order-place", "orders.edit", draft, gets=False, posts=True, writes=True),
    page("order-advance", "orders.edit", order_to_advance, gets=False, posts=True, writes=True),
    page("order-batch", "orders.edit", order_to_fill, posts=True, writes=True),
    page("order-pay", "orders.edit", order_to_pay, posts=True, marks=False, writes=True),
    page("order-close", "orders.edit", order, posts=True, marks=False, writes=True),
    page("batch-undo", "orders.edit", batch, posts=True, writes=True),
    listing("stock", "stock.view", stock),
    page("stock-place", "stock.view", stock),
    page("ledger-move", "ledger.view", move),
    api_listing("donations", "funds.view", fund, **OURS),
    api_page("donations/<public_id>", "funds.view", fund, **OURS),
    api_listing("orders", "orders.view", order),
    api_page("orders/<number>", "orders.view", order),
]
