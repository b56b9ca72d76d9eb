"""Way-bills, label sheets and slips as PDF, set by typst in the shipped font, QR codes by segno."""

import io
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import segno
import typst
from django.conf import settings
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tongzhou.kit import clock

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
# Data beside the apps, for papers of every floor.
FONTS = files("tongzhou").joinpath("fonts")


def waybill(shipment: Shipment, base_url: str) -> bytes:
    """The way-bill of one shipment: large counts, boxes to sign, its counties and cartons."""
    to_place = shipment.to_place
    return _pdf(
        "waybill",
        {
            "public_id": shipment.public_id,
            "campaign": shipment.campaign.name,
            "qr": _qr(f"{base_url}/desk/shipments/{shipment.public_id}/"),
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
            "qr": _qr(f"{base_url}/trace/parcels/{parcel.public_id}/"),
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
        "qr": _qr(f"{base_url}/c/{token}/"),
    }


def _pdf(name: str, data: Mapping[str, Any], texts: Mapping[str, str]) -> bytes:
    chinese = (get_language() or "").startswith("zh")
    made = {
        **data,
        "texts": {"page": _("Page"), **texts},
        "lang": "zh" if chinese else "en",
        "as_of": f"{timezone.localtime(clock.now()):%Y-%m-%d %H:%M}",
        "hotline": settings.HOTLINE,
    }
    folder = str(FOLDER.joinpath("typst"))
    compiled = typst.compile(
        f"{folder}/{name}.typ",
        root=folder,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(made, ensure_ascii=False)},
        format="pdf",
        # A tagged tree doubles the time of a sheet of labels, and nobody reads labels aloud.
        pdf_tags=name == "waybill",
    )
    return bytes(compiled)


@cache
def _fonts() -> typst.Fonts:
    """The shipped font alone, read once: a document looks the same on every machine."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(FONTS)],
    )


def _qr(address: str) -> str:
    """A QR code as SVG text, with its quiet zone; level M survives a scratched label."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2
    )
    return out.getvalue().decode()


def _number(value: int) -> str:
    return str(number_format(value, 0, force_grouping=True))
