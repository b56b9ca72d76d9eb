"""Funds: recorded, confirmed, received in money or goods, closed or withdrawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tongzhou.interchange.trace_ids import TraceKind, new_trace_id
from tongzhou.kit import clock
from tongzhou.kit.actions import record, values_of
from tongzhou.kit.rules import Actor, Json
from tongzhou.people.models import Organisation
from tongzhou.places.models import Division, Place

from .. import queries
from ..models import Bucket, Fund, FundReceipt, FundRestriction, Item, Lot
from ..rules import SupplyRefused, yuan
from ..rules.ledger import MOST_UNITS, Command, Leg, Result, Status
from ..rules.money import MOST_FEN
from ..rules.orders import refuse_future
from ..rules.words import FUND_STATES
from .lots import lot_of
from .posting import post_or_refuse

TOLD = (
    "public_id",
    "name",
    "kind",
    "state",
    "donor_id",
    "division_id",
    "item_id",
    "public",
    "pledged_fen",
    "received_fen",
    "pledged_units",
    "contact",
)
GIVING = (Fund.State.PLEDGED, Fund.State.CONFIRMED, Fund.State.PART_RECEIVED)


@dataclass(frozen=True, slots=True)
class LotUnits:
    """Units of one lot; without a number and a day they are of the item's lot without number."""

    units: int
    number: str = ""
    expires_on: date | None = None


@transaction.atomic
def create_fund(
    *,
    name: str,
    kind: str,
    by: Actor,
    given_on: date | None = None,
    donor: Organisation | None = None,
    division: Division | None = None,
    pledged_fen: int = 0,
    item: Item | None = None,
    pledged_units: int = 0,
    restrictions: Iterable[Division] = (),
    public: bool = True,
    made_up: bool = False,
    contact: str = "",
    public_id: str = "",
) -> Fund:
    """Record a donation as pledged: money in fen, or units of an item.

    `division` is the office that answers for it (None: the nation's); `restrictions` the divisions
    it may only go to. Raises SupplyRefused when the amounts do not fit its kind.
    """
    _refuse_amounts(kind, pledged_fen, item, pledged_units)
    fund = Fund.objects.create(
        public_id=public_id or new_trace_id(TraceKind.DONATION),
        name=name,
        kind=kind,
        donor=donor,
        division=division,
        given_on=given_on or clock.today(),
        pledged_fen=pledged_fen,
        item=item,
        pledged_units=pledged_units,
        public=public,
        made_up=made_up,
        contact=contact,
    )
    codes = _restrict(fund, restrictions)
    _tell("fund.created", fund, by, after=values_of(fund, *TOLD) | {"restricted_to": codes})
    return fund


@transaction.atomic
def restrict_fund(fund: Fund, divisions: Iterable[Division], *, by: Actor) -> Fund:
    """Replace the donor's restrictions; what has been published before stays where it is."""
    row = _locked(fund)
    before = sorted(row.restrictions.values_list("division__code", flat=True))
    row.restrictions.all().delete()
    after = _restrict(row, divisions)
    _tell("fund.restricted", row, by, {"restricted_to": before}, {"restricted_to": after})
    return row


@transaction.atomic
def confirm_fund(fund: Fund, *, by: Actor) -> Fund:
    """The donor has confirmed the pledge in writing."""
    return _step(fund, Fund.State.CONFIRMED, "fund.confirmed", by, {Fund.State.PLEDGED})


@transaction.atomic
def close_fund(fund: Fund, *, by: Actor, note: str) -> Fund:
    """No more of it will come, although less than pledged did."""
    allowed = {Fund.State.CONFIRMED, Fund.State.PART_RECEIVED}
    return _step(fund, Fund.State.CLOSED, "fund.closed", by, allowed, note)


@transaction.atomic
def withdraw_fund(fund: Fund, *, by: Actor, note: str) -> Fund:
    """The donor takes the pledge back; only while nothing has come."""
    allowed = {Fund.State.PLEDGED, Fund.State.CONFIRMED}
    return _step(fund, Fund.State.WITHDRAWN, "fund.withdrawn", by, allowed, note)


@transaction.atomic
def receive_money(
    fund: Fund,
    fen: int,
    *,
    received_on: date,
    command_id: str,
    by: Actor,
    reference: str = "",
) -> FundReceipt:
    """Money of a cash fund has arrived. The same `command_id` again returns the first receipt;
    with another amount it is refused. More than was pledged is taken and shown as it is; what
    comes after the fund is closed is a new donation."""
    row = _locked(fund)
    if known := FundReceipt.objects.filter(command_id=command_id).first():
        return _same_receipt(known, row, fen)
    if row.kind != Fund.Kind.CASH:
        raise SupplyRefused(_("This donation is in kind: receive its goods, not money."))
    _refuse_state(row, GIVING)
    if not 1 <= fen <= MOST_FEN:
        raise SupplyRefused(_("Enter an amount of at least 0.01 yuan."))
    refuse_future(received_on, timezone.localdate(clock.now()))
    receipt = FundReceipt.objects.create(
        fund=row,
        fen=fen,
        received_on=received_on,
        reference=reference,
        command_id=command_id,
        by=str(by),
        recorded_at=clock.now(),
    )
    before = values_of(row, "state", "received_fen")
    row.received_fen += fen
    row.state = _received_state(row.received_fen, row.pledged_fen)
    row.save(update_fields=["received_fen", "state"])
    after = values_of(row, "state", "received_fen") | {"fen": fen, "receipt": receipt.pk}
    _tell("fund.money_received", row, by, before, after)
    return receipt


@transaction.atomic
def receive_goods(
    fund: Fund,
    place: Place,
    lots: Sequence[LotUnits],
    *,
    command_id: str,
    by: Actor,
    received_on: date | None = None,
) -> Result:
    """Goods of a fund in kind stand at a place: donor -> on hand there. Idempotent by command id.

    Raises SupplyRefused, over the pledge too: the donor confirms more first (a new donation).
    """
    row = _locked(fund)
    if row.kind != Fund.Kind.IN_KIND or row.item is None:
        raise SupplyRefused(_("This donation is money: record its receipt, not goods."))
    refuse_future(received_on, timezone.localdate(clock.now()))
    legs = [leg for lot in lots for leg in _gift_legs(row, row.item, place, lot)]
    day = received_on or timezone.localdate(clock.now())
    # A day has no hour: noon, so that it is the same day when it is read in UTC.
    at = timezone.make_aware(datetime.combine(day, time(12)))
    result = post_or_refuse(Command(command_id, "gift", min(at, clock.now()), by, legs))
    if result.status == Status.DUPLICATE:
        return result
    # Asked after the posting: a replay is answered before the state that its first run has set.
    _refuse_state(row, GIVING)
    # The donor's account falls below zero by what was given, so it is the sum of all receipts.
    given = -queries.fund_units(row).get(Bucket.DONOR, 0)
    if given > row.pledged_units:
        raise SupplyRefused(
            _("%(given)d units are more than the %(pledged)d pledged. Record the rest separately.")
            % {"given": given, "pledged": row.pledged_units}
        )
    before = values_of(row, "state")
    row.state = _received_state(given, row.pledged_units)
    row.save(update_fields=["state"])
    units = sum(lot.units for lot in lots)
    after = values_of(row, "state") | {
        "units": units,
        "place": place.code,
        "move": result.move_id,
    }
    _tell("fund.goods_received", row, by, before, after)
    return result


def _gift_legs(fund: Fund, item: Item, place: Place, lot: LotUnits) -> list[Leg]:
    row: Lot = lot_of(item, lot.number, lot.expires_on)
    ends = ((Bucket.DONOR, -lot.units), (Bucket.ON_HAND, lot.units))
    return [Leg(place.pk, bucket, item.pk, row.pk, fund.pk, units) for bucket, units in ends]


def _received_state(received: int, pledged: int) -> str:
    return Fund.State.CLOSED if received >= pledged else Fund.State.PART_RECEIVED


def _same_receipt(known: FundReceipt, fund: Fund, fen: int) -> FundReceipt:
    if (known.fund_id, known.fen) != (fund.pk, fen):
        raise SupplyRefused(
            _("This form was sent before with %(fen)s yuan. Open the page again to enter more.")
            % {"fen": yuan(known.fen)}
        )
    return known


def _refuse_amounts(kind: str, pledged_fen: int, item: Item | None, pledged_units: int) -> None:
    if kind == Fund.Kind.CASH and (item or pledged_units or not 1 <= pledged_fen <= MOST_FEN):
        raise SupplyRefused(_("A donation in money needs an amount, and no goods."))
    if kind == Fund.Kind.IN_KIND and (
        item is None or pledged_fen or not 1 <= pledged_units <= MOST_UNITS
    ):
        raise SupplyRefused(_("A donation in kind needs an item and its units, and no money."))


def _refuse_state(fund: Fund, allowed: Iterable[str]) -> None:
    if fund.state not in allowed:
        raise SupplyRefused(
            _("The donation is %(state)s and cannot take this step.")
            % {"state": FUND_STATES[fund.state][1]}
        )


def _restrict(fund: Fund, divisions: Iterable[Division]) -> list[str]:
    rows = {division.pk: division for division in divisions}
    FundRestriction.objects.bulk_create(
        [FundRestriction(fund=fund, division=division) for division in rows.values()]
    )
    return sorted(division.code for division in rows.values())


def _step(
    fund: Fund, state: str, verb: str, by: Actor, allowed: Iterable[str], note: str = ""
) -> Fund:
    row = _locked(fund)
    _refuse_state(row, allowed)
    before = values_of(row, "state")
    row.state = state
    row.save(update_fields=["state"])
    _tell(verb, row, by, before, values_of(row, "state") | ({"note": note} if note else {}))
    return row


def _locked(fund: Fund) -> Fund:
    return Fund.objects.select_for_update(of=("self",)).select_related("item").get(pk=fund.pk)


def _tell(
    verb: str, fund: Fund, by: Actor, before: Json | None = None, after: Json | None = None
) -> None:
    record(verb, fund, by=by, chain=queries.chain_for(fund), before=before, after=after)
