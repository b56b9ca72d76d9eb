"""Post to the stock ledger: whole commands, each once, over a connection that is handed in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from tongzhou.kit import clock
from tongzhou.kit.rules import Actor

from ..models import LINES_PER_MOVE, Move
from ..models.dialect import Dialect, speak
from ..rules import ledger as rules
from ..rules.ledger import Command, Key, Posting, Result, Status, Unsound
from . import reasons


def post(commands: Sequence[Command], *, connection: Any = None) -> list[Result]:
    """Post commands in their order and answer each; what is refused leaves nothing but its answer.

    `connection`: Django's (the default), or one of sqlite3, apsw or psycopg. An open transaction is
    joined; otherwise one is made for the call. At most 1,000 commands a call and 10,000 lines a
    command; ValueError above. The same command sent again is answered `duplicate` with the move of
    its first effect, or refused again with the first reason; another body under its id is a
    `conflict`. Everything else the database itself refuses fails that command alone.
    """
    if len(commands) > rules.MOST_COMMANDS:
        raise ValueError(f"Post at most {rules.MOST_COMMANDS} commands in one call.")
    speaker = speak(connection)
    with speaker.whole():
        return _post_together(speaker, commands)


def reverse(move: Move, *, by: Actor, command_id: str, connection: Any = None) -> Result:
    """Undo a move by its mirror image; the first stays as it was. A move is reversed once."""
    speaker = speak(connection)
    command = Command(
        command_id=command_id,
        kind="reversal",
        occurred_at=clock.now(),
        by=by,
        legs=rules.reversed_legs((*key, units) for key, units in _lines_of(speaker, move.pk)),
        reverses=move.pk,
    )
    return post([command], connection=connection)[0]


def _post_together(
    speaker: Dialect, commands: Sequence[Command], *, last: bool = False
) -> list[Result]:
    """All in one savepoint; if the database refuses, each in its own, so that one fails alone.

    It refuses when another connection has just used a command's id: then the second look finds it.
    """
    try:
        with speaker.whole():
            return _Sitting(speaker).answer(commands)
    except speaker.refusal as error:
        if last:
            return [Result(Status.REFUSED, reason=reasons.by_database(error))]
        return [
            result
            for command in commands
            for result in _post_together(speaker, [command], last=True)
        ]


@dataclass(slots=True)
class _Answer:
    body_hash: str
    result: Result


@dataclass(slots=True)
class _Sitting:
    """One call of `post`: what is known and held, what has been accepted so far."""

    speaker: Dialect
    answers: dict[str, _Answer] = field(default_factory=dict)
    held: dict[Key, int] = field(default_factory=dict)
    accounts: set[int] = field(default_factory=set)
    places: set[int] = field(default_factory=set)
    lots: dict[int, tuple[int, bool]] = field(default_factory=dict)
    funds: set[int] = field(default_factory=set)
    accepted: list[Posting] = field(default_factory=list)
    refused: list[tuple[Posting, str]] = field(default_factory=list)

    def answer(self, commands: Sequence[Command]) -> list[Result]:
        sounded = [_sounded(command) for command in commands]
        postings = [one for one in sounded if isinstance(one, Posting)]
        self._recall([one.command.command_id for one in postings])
        self._look([one for one in postings if one.command.command_id not in self.answers])
        drafts = [self._decide(c, s) for c, s in zip(commands, sounded, strict=True)]
        moves = _Writing(self.speaker, self).write()
        return [
            Result(draft.status, moves[command.command_id]) if _open(draft) else draft
            for command, draft in zip(commands, drafts, strict=True)
        ]

    def _recall(self, command_ids: Sequence[str]) -> None:
        """Answers that were given before, to moves and to refusals."""
        for name, body_hash, move in self.speaker.read(
            "SELECT command_id, body_hash, id FROM supplies_move WHERE command_id IN {ids}",
            command_ids,
            "text",
        ):
            self.answers[name] = _Answer(body_hash, Result(Status.DUPLICATE, move))
        for name, body_hash, reason in self.speaker.read(
            "SELECT command_id, body_hash, reason FROM supplies_refusal WHERE command_id IN {ids}",
            command_ids,
            "text",
        ):
            self.answers[name] = _Answer(body_hash, Result(Status.REFUSED, reason=reason))

    def _look(self, postings: Sequence[Posting]) -> None:
        """Everything the decisions need, in a few questions, under the accounts' locks."""
        keys = {key for posting in postings for key in posting.lines}
        if not keys:
            return
        read = self.speaker.read
        wanted = {key[0] for key in keys}
        self.accounts = _ids(read("SELECT id FROM supplies_account WHERE id IN {ids}", wanted))
        # From here to the end of the transaction nobody else changes what is about to be read.
        self.speaker.lock(sorted(self.accounts))
        new_places = {account // 8 for account in wanted - self.accounts}
        self.places = _ids(read("SELECT id FROM places_place WHERE id IN {ids}", new_places))
        self.funds = _ids(
            read("SELECT id FROM supplies_fund WHERE id IN {ids}", {key[3] for key in keys})
        )
        # By the database the expiry comes as text or as a date; as ISO text both compare by day.
        today = clock.today().isoformat()
        self.lots = {
            lot: (item, state == "ok" and (expiry is None or str(expiry) >= today))
            for lot, item, state, expiry in read(
                "SELECT id, item_id, state, expires_on FROM supplies_lot WHERE id IN {ids}",
                {key[2] for key in keys},
            )
        }
        # What only receives cannot fall short, and producers and donors may stand below zero.
        givers = {
            key
            for posting in postings
            for key, units in posting.lines.items()
            if units < 0 and key[0] & 7 not in rules.EXTERNAL
        }
        self.held = {
            (account, item, lot, fund): units
            for account, item, lot, fund, units in self.speaker.held(sorted(givers))
        }

    def _decide(self, command: Command, sounded: Posting | Result) -> Result:
        if isinstance(sounded, Result):
            return sounded
        # Before any look at stock: a command sent again gets its old answer, whatever is there now.
        known = self.answers.get(command.command_id)
        if known is not None:
            return known.result if known.body_hash == sounded.body_hash else _conflict(command)
        reason = self._reason_against(sounded)
        if reason:
            self.refused.append((sounded, reason))
            result = Result(Status.REFUSED, reason=reason)
            self.answers[command.command_id] = _Answer(sounded.body_hash, result)
            return result
        self.accepted.append(sounded)
        # The commands that follow in this call find the units where this one puts them.
        for key, units in sounded.lines.items():
            self.held[key] = self.held.get(key, 0) + units
        self.answers[command.command_id] = _Answer(sounded.body_hash, Result(Status.DUPLICATE))
        return Result(Status.DONE)

    def _reason_against(self, posting: Posting) -> str:
        """Why a sound posting cannot stand now, or nothing."""
        # Sorted, so that the same command is refused with the same words on every machine.
        for account in sorted({key[0] for key in posting.lines} - self.accounts):
            if account // 8 not in self.places:
                return reasons.unknown_place(account // 8)
        for item, lot, fund in sorted({key[1:] for key in posting.lines}):
            if fund not in self.funds:
                return reasons.unknown_fund(fund)
            if self.lots.get(lot, (None,))[0] != item:
                return reasons.unknown_lot(lot, item)
        if unfit := [lot for lot in sorted(posting.issued_lots) if not self.lots[lot][1]]:
            return reasons.unfit_lot(self.speaker, unfit[0])
        if posting.command.reverses is not None:
            return self._reason_against_reversal(posting, posting.command.reverses)
        return self._reason_of_shortfall(posting)

    def _reason_against_reversal(self, posting: Posting, move: int) -> str:
        mirror = {key: -units for key, units in _lines_of(self.speaker, move)}
        if not mirror or mirror != posting.lines:
            return reasons.no_mirror(move)
        # Two reversals of one move in one call are told apart by the database: then each is looked
        # at alone, and the second finds the first here.
        if self.speaker.read("SELECT id FROM supplies_move WHERE reverses_id IN {ids}", [move]):
            return reasons.reversed_before(move)
        return self._reason_of_shortfall(posting)

    def _reason_of_shortfall(self, posting: Posting) -> str:
        short = rules.shortfall(posting.lines, self.held)
        return reasons.not_enough(self.speaker, *short) if short else ""


@dataclass(slots=True)
class _Writing:
    """The set-based writing of what a sitting accepted and refused."""

    speaker: Dialect
    sitting: _Sitting

    def write(self) -> dict[str, int]:
        """Write everything; the id of each accepted command's move, by command id."""
        # Kept as well as moves: a refused command sent again must not succeed by later stock.
        self._refusals()
        postings = self.sitting.accepted
        if not postings:
            return {}
        self._accounts()
        moves = self._moves(postings)
        self._entries(postings, moves)
        self._balances(postings)
        self._flows(postings)
        # The seal comes last: only now can the database see that the entries sum to zero.
        self.speaker.read(
            "UPDATE supplies_move SET sealed = true WHERE id IN {ids} RETURNING id", moves.values()
        )
        return moves

    def _refusals(self) -> None:
        at = self.speaker.moment(clock.now())
        self.speaker.write(
            "INSERT INTO supplies_refusal (command_id, body_hash, reason, recorded_at) {rows}",
            "text text text timestamptz",
            [(p.command.command_id, p.body_hash, why, at) for p, why in self.sitting.refused],
        )

    def _accounts(self) -> None:
        # Another posting may have opened the same account since this one looked: no conflict.
        used = {key[0] for posting in self.sitting.accepted for key in posting.lines}
        self.speaker.write(
            "INSERT INTO supplies_account (id, bucket, place_id) {rows} ON CONFLICT DO NOTHING",
            "bigint smallint bigint",
            [(a, a % 8, a // 8) for a in sorted(used - self.sitting.accounts)],
        )

    def _moves(self, postings: Sequence[Posting]) -> dict[str, int]:
        moment, recorded_at = self.speaker.moment, self.speaker.moment(clock.now())
        commands = [posting.command for posting in postings]
        self.speaker.write(
            "INSERT INTO supplies_move (kind, command_id, body_hash, occurred_at, recorded_at,"
            ' "by", reverses_id, sealed) {rows}',
            "text text text timestamptz timestamptz text bigint boolean",
            [
                (c.kind, c.command_id, p.body_hash, moment(c.occurred_at), recorded_at,
                 str(c.by), c.reverses, False)
                for p, c in zip(postings, commands, strict=True)
            ],
        )  # fmt: skip
        return dict(
            self.speaker.read(
                "SELECT command_id, id FROM supplies_move WHERE command_id IN {ids}",
                [command.command_id for command in commands],
                "text",
            )
        )

    def _entries(self, postings: Sequence[Posting], moves: Mapping[str, int]) -> None:
        rows = []
        for posting in postings:
            move = moves[posting.command.command_id]
            first = move * LINES_PER_MOVE
            rows += [
                (first + line, move, *key, units)
                for line, (key, units) in enumerate(posting.lines.items())
            ]
        self.speaker.write(
            "INSERT INTO supplies_entry (id, move_id, account_id, item_id, lot_id, fund_id, units)"
            " {rows}",
            "bigint bigint bigint bigint bigint bigint bigint",
            rows,
        )

    def _balances(self, postings: Sequence[Posting]) -> None:
        """Units are added, never set, so that what another posting added meanwhile stays."""
        change: dict[Key, int] = defaultdict(int)
        for posting in postings:
            for key, units in posting.lines.items():
                change[key] += units
        keys = sorted(change)
        # An insert of a negative row would be refused before it is found to exist, so what leaves
        # is taken from rows that are there; what arrives, and what stands outside, makes its row.
        self.speaker.take(
            [(change[k], *k) for k in keys if change[k] < 0 and k[0] & 7 not in rules.EXTERNAL]
        )
        self.speaker.write(
            "INSERT INTO supplies_balance (account_id, item_id, lot_id, fund_id, units) {rows}"
            " ON CONFLICT (account_id, item_id, lot_id, fund_id)"
            " DO UPDATE SET units = supplies_balance.units + excluded.units",
            "bigint bigint bigint bigint bigint",
            [(*k, change[k]) for k in keys if change[k] > 0 or k[0] & 7 in rules.EXTERNAL],
        )

    def _flows(self, postings: Sequence[Posting]) -> None:
        flow: dict[tuple[int, int, str, str, int], int] = defaultdict(int)
        for posting in postings:
            # The office's day: half past midnight in China is still the day before in UTC.
            day = timezone.localdate(posting.command.occurred_at).isoformat()
            for (item, _lot, fund, bucket), units in posting.flow.items():
                flow[fund, item, day, posting.command.kind, bucket] += units
        self.speaker.write(
            "INSERT INTO supplies_fundflow (fund_id, item_id, day, kind, bucket, units) {rows}"
            " ON CONFLICT (fund_id, item_id, day, kind, bucket)"
            " DO UPDATE SET units = supplies_fundflow.units + excluded.units",
            "bigint bigint date text smallint bigint",
            [(*key, units) for key, units in sorted(flow.items()) if units],
        )


def _sounded(command: Command) -> Posting | Result:
    try:
        return rules.posting_of(command)
    except Unsound as unsound:
        return Result(Status.REFUSED, reason=str(unsound))


def _open(draft: Result) -> bool:
    """Whether the move of this answer is one that is only now being written."""
    return draft.move_id is None and draft.status in (Status.DONE, Status.DUPLICATE)


def _conflict(command: Command) -> Result:
    return Result(Status.CONFLICT, reason=reasons.other_body(command.command_id))


def _lines_of(speaker: Dialect, move: int) -> list[tuple[Key, int]]:
    """The lines of a move; its entries lie together on their primary key."""
    first = move * LINES_PER_MOVE
    rows = speaker.read(
        "SELECT account_id, item_id, lot_id, fund_id, units"
        " FROM (SELECT MIN(value) AS low, MAX(value) AS high FROM {ids} AS ends) AS span"
        " JOIN supplies_entry ON id BETWEEN low AND high ORDER BY id",
        [first, first + LINES_PER_MOVE - 1],
    )
    return [((account, item, lot, fund), units) for account, item, lot, fund, units in rows]


def _ids(rows: Iterable[tuple[int]]) -> set[int]:
    return {row[0] for row in rows}
