"""How far a campaign has come in a division, from the sums that delivery keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tongzhou.campaigns.models import Campaign
from tongzhou.delivery.models import DivisionProgress
from tongzhou.places.models import Division


@dataclass(frozen=True, slots=True)
class Stage:
    """Units of one stage of the way, and the words for it are the page's."""

    name: str
    units: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One campaign, item and division: what is needed, and how many units reached each stage."""

    campaign: Campaign
    division: Division
    item: str
    places: int
    need: int
    allocated: int
    allocated_places: int
    sent: int
    at_hub: int
    at_county: int
    on_last_mile: int
    received: int
    received_places: int
    in_trouble: int
    as_of: datetime

    @property
    def short(self) -> int:
        """Units that are needed and not yet given to anybody here."""
        return max(0, self.need - self.allocated)

    @property
    def waiting_places(self) -> int:
        return max(0, self.places - self.allocated_places)

    @property
    def stages(self) -> list[Stage]:
        return [
            Stage("allocated", self.allocated),
            Stage("sent", self.sent),
            Stage("hub", self.at_hub),
            Stage("county", self.at_county),
            Stage("last_mile", self.on_last_mile),
            Stage("received", self.received),
        ]


def standings(division: Division, *, campaign: Campaign | None = None) -> list[Standing]:
    """Every campaign's standing in one division, the newest campaign first."""
    rows = _rows(DivisionProgress.objects.filter(division=division))
    if campaign is not None:
        rows = [row for row in rows if row.campaign.pk == campaign.pk]
    return sorted(rows, key=lambda s: s.campaign.opened_on, reverse=True)


def standings_below(campaign: Campaign, divisions: Sequence[Division]) -> dict[int, Standing]:
    """The standing of one campaign in several divisions by division id (its first item)."""
    rows = DivisionProgress.objects.filter(campaign=campaign, division__in=divisions)
    found: dict[int, Standing] = {}
    for row in _rows(rows):
        found.setdefault(row.division.pk, row)
    return found


def _rows(rows: "object") -> list[Standing]:
    loaded = rows.select_related("campaign", "division", "item").order_by("item_id")  # type: ignore[attr-defined]
    return [_standing(row) for row in loaded]


def _standing(row: DivisionProgress) -> Standing:
    return Standing(
        campaign=row.campaign,
        division=row.division,
        item=row.item.name,
        places=row.places,
        need=row.need_units,
        allocated=row.allocated_units,
        allocated_places=row.allocated_places,
        sent=row.sent_units,
        at_hub=row.hub_units,
        at_county=row.depot_units,
        on_last_mile=row.last_mile_units,
        received=row.received_units,
        received_places=row.received_places,
        in_trouble=row.trouble_units,
        as_of=row.updated_at,
    )
