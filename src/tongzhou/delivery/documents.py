"""Way-bills, label sheets and slips as PDF, set by typst in the shipped font, QR codes by segno."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tongzhou.kit import papers

from .models import Parcel, Shipment
from .queries.papers import (
    carton_list,
    contents_by_parcel,
    towns_of,
    waybill_counties,
    waybill_rows,
)
from .rules import receive_token

FOLDER = files("tongzhou.delivery")


def waybill(shipment: Shipment, base_url: str) -> bytes:
    """The way-bill of one shipment: large counts, boxes to sign, its counties and cartons."""
    to_place = shipment.to_place
    return _pdf(
        "waybill",
        {
            "public_id": shipment.public_id,
            "campaign": shipment.campaign.name,
            "qr": papers.qr(f"{base_url}/desk/shipments/{shipment.public_id}/"),
            "from": shipment.from_place.name,
            "to": to_place.name if to_place else _("Clinics of the county"),
            "carrier": shipment.carrier.name if shipment.carrier else "",
            "tracking": shipment.tracking_number,
            "planned": shipment.planned_on.isoformat(),
            "due": shipment.due_on.isoformat(),
            "rows": [
                {
                    **row,
                    "units": _number(row["units"]),
                    "cartons": _number(row["cartons"]) if row["cartons"] else "—",
                }
                for row in waybill_rows(shipment)
            ],
            "counties": [(name, _number(n)) for name, n in waybill_counties(shipment)],
            "cartons": [(code, _number(n)) for code, n in carton_list(shipment)],
        },
        {
            "waybill": _("Way-bill"),
            "carrier": _("Carrier"),
            "tracking": _("Tracking number"),
            "planned": _("Leaves on"),
            "due": _("Due on"),
            "item": _("Item"),
            "lot": _("Lot"),
            "units": _("Units"),
            "cartons": _("Cartons or parcels"),
            "counted": _("Counted on arrival"),
            "sender_signs": _("Sender: name, time"),
            "carrier_signs": _("Carrier: name, time"),
            "receiver_signs": _("Receiver: name, time"),
            "by_county": _("For these counties"),
            "carton_list": _("Cartons"),
        },
    )


def labels(parcels: Sequence[Parcel], base_url: str) -> bytes:
    """Outer labels, 24 to a sheet: where it goes, what is in it, and the address of its trace."""
    contents, towns = contents_by_parcel(parcels), towns_of(parcels)
    rows = [
        {
            "number": parcel.sequence,
            "county": parcel.depot.division.name,
            "town": towns.get(parcel.place.division_id, ""),
            "place": parcel.place.name,
            "code": parcel.place.code,
            "contents": contents.get(parcel.pk, ""),
            "public_id": parcel.public_id,
            "qr": papers.qr(f"{base_url}/trace/parcels/{parcel.public_id}/"),
        }
        for parcel in parcels
    ]
    return _pdf("labels", {"rows": rows}, {})


def slips(parcels: Sequence[Parcel], base_url: str) -> bytes:
    """Slips to lie inside the parcels, 10 to a sheet: the receive address as QR code and text."""
    contents = contents_by_parcel(parcels)
    rows = [_slip(parcel, contents.get(parcel.pk, ""), base_url) for parcel in parcels]
    texts = {"scan": _("Scan with a phone to receive this parcel. No account is needed.")}
    return _pdf("slips", {"rows": rows, "address": f"{base_url}/c/"}, texts)


def _slip(parcel: Parcel, contents: str, base_url: str) -> dict[str, Any]:
    token = receive_token(settings.SECRET_KEY, parcel.public_id, parcel.token_version)
    return {
        "number": parcel.sequence,
        "place": parcel.place.name,
        "contents": contents,
        "public_id": parcel.public_id,
        # In groups, because somebody may have to type it.
        "token": "-".join(token[i : i + 5] for i in range(0, len(token), 5)),
        "qr": papers.qr(f"{base_url}/c/{token}/"),
    }


def _pdf(name: str, data: Mapping[str, Any], texts: Mapping[str, str]) -> bytes:
    return papers.set_paper(
        str(FOLDER.joinpath("typst")),
        name,
        data,
        {"page": _("Page"), **texts},
        # Nobody reads labels aloud.
        tagged=name == "waybill",
    )


def _number(value: int) -> str:
    return str(number_format(value, 0, force_grouping=True))
