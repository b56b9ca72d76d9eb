"""Look for every way in which the ledger, the funds and the orders could be wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

from ..models.dialect import Dialect, speak

SEALS = (
    "supplies_entry_late",
    "supplies_entry_no_delete",
    "supplies_entry_no_update",
    "supplies_move_balance",
    "supplies_move_born_sealed",
    "supplies_move_no_delete",
    "supplies_move_no_update",
)


class Fault(str):
    """One thing that is wrong, as a sentence: `name` is the broken rule, `where` the rows."""

    name: str
    where: str

    def __new__(cls, name: str, where: str) -> Self:
        fault = super().__new__(cls, f"{name}: {where}")
        fault.name, fault.where = name, where
        return fault


@dataclass(frozen=True, slots=True)
class Check:
    """A question whose every answer is a fault, told by filling the answer into `tells`."""

    name: str
    tells: str
    sql: str


CHECKS = (
    Check(
        "move_unbalanced",
        "move {0} leaves {4:+d} units of item {1}, lot {2}, fund {3}",
        "SELECT move_id, item_id, lot_id, fund_id, CAST(SUM(units) AS bigint) FROM supplies_entry"
        " GROUP BY move_id, item_id, lot_id, fund_id HAVING SUM(units) <> 0",
    ),
    Check(
        "move_unsealed",
        "move {0} was never sealed",
        "SELECT id FROM supplies_move WHERE NOT sealed",
    ),
    Check(
        "move_empty",
        "move {0} has no entries",
        "SELECT id FROM supplies_move m WHERE NOT EXISTS"
        " (SELECT 1 FROM supplies_entry WHERE id >= m.id * 16384 AND id < (m.id + 1) * 16384)",
    ),
    Check(
        "reversal_not_mirror",
        "move {0} is not the mirror of move {1} on account {2}",
        "SELECT m.id, m.reverses_id, e.account_id FROM supplies_move m JOIN supplies_entry e"
        " ON e.id >= m.id * 16384 AND e.id < (m.id + 1) * 16384"
        " OR e.id >= m.reverses_id * 16384 AND e.id < (m.reverses_id + 1) * 16384"
        " WHERE m.reverses_id IS NOT NULL"
        " GROUP BY m.id, m.reverses_id, e.account_id, e.item_id, e.lot_id, e.fund_id"
        " HAVING SUM(e.units) <> 0",
    ),
    Check(
        "balance_differs",
        "account {0}, item {1}, lot {2}, fund {3}: entries and balance differ by {4:+d} units",
        "SELECT account_id, item_id, lot_id, fund_id, CAST(SUM(units) AS bigint) FROM"
        " (SELECT account_id, item_id, lot_id, fund_id, units FROM supplies_entry UNION ALL"
        " SELECT account_id, item_id, lot_id, fund_id, -units FROM supplies_balance) AS both_sides"
        " GROUP BY account_id, item_id, lot_id, fund_id HAVING SUM(units) <> 0",
    ),
    Check(
        "balance_negative",
        "account {0}, item {1}, lot {2}, fund {3} holds {4:+d} units",
        "SELECT account_id, item_id, lot_id, fund_id, units FROM supplies_balance"
        " WHERE units < 0 AND (account_id & 7) >= 2",
    ),
    Check(
        "fund_not_conserved",
        "fund {0}, item {1}: {2:+d} units are in no bucket",
        "SELECT fund_id, item_id, CAST(SUM(units) AS bigint) FROM supplies_balance"
        " GROUP BY fund_id, item_id HAVING SUM(units) <> 0",
    ),
    Check(
        "flow_differs",
        "fund {0}, item {1}, bucket {2}: balances and roll-up differ by {3:+d} units",
        "SELECT fund_id, item_id, bucket, CAST(SUM(units) AS bigint) FROM"
        " (SELECT fund_id, item_id, account_id & 7 AS bucket, units FROM supplies_balance UNION ALL"
        " SELECT fund_id, item_id, bucket, -units FROM supplies_fundflow) AS both_sides"
        " GROUP BY fund_id, item_id, bucket HAVING SUM(units) <> 0",
    ),
    Check(
        "lot_of_other_item",
        "account {0} holds lot {1} as item {2}",
        "SELECT b.account_id, b.lot_id, b.item_id FROM supplies_balance b"
        " JOIN supplies_lot l ON l.id = b.lot_id WHERE l.item_id <> b.item_id",
    ),
    Check(
        "receipts_differ",
        "fund {0}: {1} fen are kept as received, its receipts sum to {2}",
        "SELECT f.public_id, f.received_fen, CAST(COALESCE(SUM(r.fen), 0) AS bigint)"
        " FROM supplies_fund f LEFT JOIN supplies_fundreceipt r ON r.fund_id = f.id"
        " GROUP BY f.id, f.public_id, f.received_fen"
        " HAVING f.received_fen <> COALESCE(SUM(r.fen), 0)",
    ),
    Check(
        "payments_differ",
        "order {0}: {1} fen are kept as paid, its payments sum to {2}",
        "SELECT o.number, o.paid_fen, CAST(COALESCE(SUM(p.fen), 0) AS bigint)"
        " FROM supplies_procurementorder o LEFT JOIN supplies_payment p ON p.order_id = o.id"
        " GROUP BY o.id, o.number, o.paid_fen HAVING o.paid_fen <> COALESCE(SUM(p.fen), 0)",
    ),
    Check(
        "paid_over_order",
        "order {0}: {1} fen were paid, its lines sum to {2}",
        "SELECT o.number, o.paid_fen, CAST(COALESCE(SUM(l.units * l.unit_price_fen), 0) AS bigint)"
        " FROM supplies_procurementorder o LEFT JOIN supplies_orderline l ON l.order_id = o.id"
        " GROUP BY o.id, o.number, o.paid_fen"
        " HAVING o.paid_fen > COALESCE(SUM(l.units * l.unit_price_fen), 0)",
    ),
    Check(
        "fund_overcommitted",
        "fund {0}: orders commit {2} fen, {1} were received",
        "SELECT f.public_id, f.received_fen, CAST(SUM(l.unit_price_fen *"
        " CASE WHEN o.state = 'short_closed' THEN l.delivered_units ELSE l.units END) AS bigint)"
        " FROM supplies_orderline l JOIN supplies_procurementorder o ON o.id = l.order_id"
        " JOIN supplies_fund f ON f.id = l.fund_id WHERE o.state <> 'draft'"
        " GROUP BY f.id, f.public_id, f.received_fen HAVING f.received_fen < SUM(l.unit_price_fen *"
        " CASE WHEN o.state = 'short_closed' THEN l.delivered_units ELSE l.units END)",
    ),
    Check(
        "line_of_gift",
        "order {0}: fund {1} is in kind and cannot pay",
        "SELECT o.number, f.public_id FROM supplies_orderline l"
        " JOIN supplies_procurementorder o ON o.id = l.order_id"
        " JOIN supplies_fund f ON f.id = l.fund_id WHERE f.kind <> 'cash'",
    ),
    Check(
        "line_over_delivered",
        "order {0}: {2} of {1} units were delivered on line {3}",
        "SELECT o.number, l.units, l.delivered_units, l.id FROM supplies_orderline l"
        " JOIN supplies_procurementorder o ON o.id = l.order_id WHERE l.delivered_units > l.units",
    ),
    Check(
        "batches_differ",
        "order line {0}: {1} units are kept as delivered, its batches sum to {2}",
        "SELECT l.id, l.delivered_units, CAST(COALESCE(SUM(b.units), 0) AS bigint)"
        " FROM supplies_orderline l LEFT JOIN"
        " (SELECT bl.line_id, bl.units FROM supplies_batchline bl"
        " JOIN supplies_batch ba ON ba.id = bl.batch_id LEFT JOIN supplies_move undone"
        " ON undone.reverses_id = ba.move_id WHERE undone.id IS NULL) AS b ON b.line_id = l.id"
        " GROUP BY l.id, l.delivered_units HAVING l.delivered_units <> COALESCE(SUM(b.units), 0)",
    ),
    # What producers gave by the ledger is what the orders say was delivered and is paid for.
    Check(
        "bought_differs",
        "fund {0}, item {1}: ledger and order lines differ by {2:+d} units",
        "SELECT fund_id, item_id, CAST(SUM(units) AS bigint) FROM"
        " (SELECT fund_id, item_id, -units AS units FROM supplies_fundflow WHERE bucket = 0"
        " UNION ALL SELECT fund_id, item_id, -delivered_units FROM supplies_orderline) AS sides"
        " GROUP BY fund_id, item_id HAVING SUM(units) <> 0",
    ),
)


def verify_ledger(*, connection: Any = None, most: int = 100) -> list[Fault]:
    """Every fault found, at most `most` of each kind; [] when all is sound. All checks see the same
    moment and keep nobody from writing. `connection` as for `actions.post`."""
    speaker = speak(connection)
    with speaker.snapshot():
        return list(_faults(speaker, most))


def _faults(speaker: Dialect, most: int) -> Iterator[Fault]:
    standing = {row[0] for row in speaker.ask(_seals(speaker))}
    for name in SEALS:
        if name not in standing:
            yield Fault("seal_missing", f"the trigger {name} is not in the database")
    for check in CHECKS:
        for row in islice(speaker.ask(check.sql), most):
            yield Fault(check.name, check.tells.format(*row))


def _seals(speaker: Dialect) -> str:
    if speaker.vendor == "postgresql":
        return "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    return "SELECT name FROM sqlite_master WHERE type = 'trigger'"
