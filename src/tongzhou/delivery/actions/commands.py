"""Carry out what devices send from their outbox: each once, with the same answer for ever."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _

from tongzhou.kit import clock
from tongzhou.kit.actions import record
from tongzhou.kit.rules import Actor
from tongzhou.people.models import Account
from tongzhou.people.queries import reach
from tongzhou.places.queries import chain_of

from ..models import Command, Parcel, Receipt
from ..queries.answers import contents_of, told
from ..queries.parcels import parcel_by_public_id, parcel_by_token
from ..rules import Refused
from ..rules.commands import Call, Sent, result_text
from ..rules.reports import Report, read_report
from .handed import handed_from, receive_parcel
from .photos import keep_photo

# A few commands share a transaction: one sync to disk for all of them, and nobody waits long.
TOGETHER = 25
# Ids of devices live in a namespace of their own, so that none can take the id of an office's move.
DEVICE_ID = "c:"
PHOTO = "receipt.photo"
STRANGERS_AN_HOUR = 2_000

Answer = tuple[str, dict[str, Any]]


class NoRight(Refused):
    """The command carries neither a token that opens its parcel nor a session that may."""


class Busy(Exception):
    """Too many commands without any right have come this hour; this one is not answered."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the device's own name, and the account of the session if there is one."""

    device: str
    account: Account | None


def run_call(call: Call, account: Account | None) -> list[str]:
    """Carry out a call's commands in their order; returns their results as JSON texts.

    A command that fails is refused by itself. When strangers have filled the hour, one without a
    right is not answered and may be sent again later. Raises Busy when that leaves no answer.
    """
    sender = Sender(call.device, account)
    results = [text for chunk in _chunks(call.commands) for text in _together(chunk, sender)]
    answered = [text for text in results if text is not None]
    if call.commands and not answered:
        raise Busy
    return answered


def _chunks(commands: Sequence[Sent]) -> list[list[Sent]]:
    """A photograph goes alone: others must not wait for the lock until many are decoded."""
    chunks: list[list[Sent]] = []
    for sent in commands:
        alone = sent.kind == PHOTO or not chunks or chunks[-1][0].kind == PHOTO
        if alone or len(chunks[-1]) == TOGETHER:
            chunks.append([])
        chunks[-1].append(sent)
    return chunks


def _together(chunk: Sequence[Sent], sender: Sender) -> list[str | None]:
    """In one transaction; if another call holds what this one needs and waits for it, one by one:
    a single command takes its locks in the same order as every other, so it can only wait."""
    try:
        with transaction.atomic():
            return [_result(sent, sender) for sent in chunk]
    except OperationalError:
        if len(chunk) == 1:
            raise
        return [_together([sent], sender)[0] for sent in chunk]


def _result(sent: Sent, sender: Sender) -> str | None:
    """The stored result of this id, or a new one. The row is written first: whoever sends the same
    id at the same moment waits for it. None: not answered, and nothing of it is kept."""
    row = Command(
        id=sent.id,
        kind=sent.kind,
        body_sha256=sent.sha256,
        device=sender.device,
        status="",
        answer="",
        at_device=sent.at_device,
        at=clock.now(),
    )
    if not _claimed(row):
        return _stored(sent)
    try:
        status, answer = _effect(sent, sender)
    except Busy:
        Command.objects.filter(pk=sent.id).delete()
        return None
    text = result_text(sent.id, status, answer)
    Command.objects.filter(pk=sent.id).update(status=status, answer=text)
    return text


def _claimed(row: Command) -> bool:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _stored(sent: Sent) -> str:
    known = Command.objects.get(pk=sent.id)
    if known.body_sha256 == sent.sha256:
        return known.answer
    words = _("This id was used for another command. Give the new one an id of its own.")
    return result_text(sent.id, "conflict", {"reason": "command.other", "text": words})


def _effect(sent: Sent, sender: Sender) -> Answer:
    """Do it in a savepoint; a refusal takes back whatever was begun."""
    try:
        if sent.fault:
            raise Refused("command.form", sent.fault)
        if sent.kind not in KINDS:
            raise Refused("command.kind", _("This kind of command is not known here."))
        with transaction.atomic():
            return KINDS[sent.kind](sent, sender)
    except Refused as refused:
        if isinstance(refused, NoRight) or not _has_right(sent, sender):
            _count_strangers()
        return "refused", {"reason": refused.code, "text": refused.text}


def _has_right(sent: Sent, sender: Sender) -> bool:
    """Whether a slip or a session stands behind a command that could not be done."""
    return sender.account is not None or bool(sent.token and parcel_by_token(sent.token))


def _count_strangers() -> None:
    since = clock.now() - timedelta(hours=1)
    recent = Command.objects.filter(status="refused", at__gte=since)
    if recent[:STRANGERS_AN_HOUR].count() >= STRANGERS_AN_HOUR:
        raise Busy


def _receive_by_slip(sent: Sent, sender: Sender) -> Answer:
    parcel = _parcel_of_token(sent)
    photo_follows = sent.body.get("photo_follows") is True
    report = _report(sent.body, parcel, photo=photo_follows)
    actor = Actor("slip", parcel.public_id, sender.device)
    return _handed(parcel, report, sent, Receipt.Method.SLIP, actor)


def _receive_with_witness(sent: Sent, sender: Sender) -> Answer:
    parcel = parcel_by_public_id(str(sent.body.get("parcel", "")))
    account = sender.account
    if account is None:
        raise NoRight("sign_in", _("Sign in, then send this again as a new command."))
    if parcel is None or not may_enter(account, parcel):
        raise NoRight("parcel.unknown", _("There is no such parcel among those you may receive."))
    report = _report(sent.body, parcel, photo=False)
    if not report.witness:
        raise Refused("witness.missing", _("Name the person at the clinic who saw it arrive."))
    actor = Actor("account", str(account.pk), sender.device)
    return _handed(parcel, report, sent, method_of(account, parcel), actor)


def may_enter(account: Account, parcel: Parcel) -> bool:
    """Whether an account may enter receipts of a parcel: for its county, or as its carrier."""
    carrier = parcel.shipment.carrier_id if parcel.shipment else None
    return reach(account, "parcels.enter_receipt").contains(parcel.depot.division, carrier)


def method_of(account: Account, parcel: Parcel) -> Receipt.Method:
    """An office enters for its whole county; a carrier only what it carries."""
    wide = reach(account, "parcels.enter_receipt").scope.contains(parcel.depot.division)
    return Receipt.Method.OFFICE if wide else Receipt.Method.DRIVER


def _handed(parcel: Parcel, report: Report, sent: Sent, method: str, by: Actor) -> Answer:
    handed = handed_from(report, DEVICE_ID + sent.id, method, at_device=sent.at_device)
    outcome = receive_parcel(parcel, handed, by=by)
    return outcome.status, told(outcome.parcel, outcome.receipt, outcome.differences)


def _attach_photo(sent: Sent, sender: Sender) -> Answer:
    parcel = _parcel_of_token(sent)
    of = DEVICE_ID + str(sent.body.get("receipt", ""))
    rows = Receipt.objects.select_for_update(of=("self",))
    receipt = rows.filter(command_id=of[:80], parcel=parcel).first()
    if receipt is None:
        raise Refused("photo.receipt", _("Send the receipt first, then its photograph."))
    if receipt.photo_id:
        return "duplicate", told(parcel, receipt)
    receipt.photo = keep_photo(_picture(sent.body))
    receipt.save(update_fields=["photo"])
    record(
        "receipt.photographed",
        receipt,
        by=Actor("slip", parcel.public_id, sender.device),
        chain=chain_of(parcel.depot.division),
        after={"photo": receipt.photo_id},
    )
    return "done", told(parcel, receipt)


KINDS: Mapping[str, Callable[[Sent, Sender], Answer]] = {
    "receipt.parcel": _receive_by_slip,
    PHOTO: _attach_photo,
    "receipt.witnessed": _receive_with_witness,
}


def _parcel_of_token(sent: Sent) -> Parcel:
    parcel = parcel_by_token(sent.token) if sent.token else None
    if parcel is None:
        raise NoRight("token.unknown", _("No parcel has this slip. Check the code on the slip."))
    return parcel


def _report(body: Mapping[str, Any], parcel: Parcel, *, photo: bool) -> Report:
    sent = {content.item.code: content.units for content in contents_of(parcel)}
    return read_report(body, sent, photo=photo)


def _picture(body: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(str(body.get("jpeg", "")), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("photo.form", _("The photograph could not be read. Take it again.")) from None
