"""Deadlines: how long legs take, what is late and what will be."""

from collections import defaultdict

from django.db.models import F

from ..models import Shipment
from ..rules import dates

LEARN_FROM = 500


def lead_days(campaign_id: int) -> dict[str, int]:
    """Days each leg takes, learned from the newest closed legs of the campaign."""
    closed = Shipment.objects.filter(
        campaign=campaign_id, dispatched_at__isnull=False, received_at__isnull=False
    ).order_by("-received_at")
    days: dict[str, list[float]] = defaultdict(list)
    for leg, took in closed.values_list("leg", F("received_at") - F("dispatched_at"))[:LEARN_FROM]:
        days[leg].append(took.total_seconds() / 86400)
    return dates.learned(days)
