"""What a plan with lanes says of the way: shipments, and the prices of what limits them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shipment:
    """Units of an item that leave a producer for a hub on a day, and the day they are there."""

    source: str
    target: str
    item: str
    ship_day: int
    arrive_day: int
    units: int


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit more of a limit would add to the value of a stage; above 0.

    stage: floor or days; kind: supply (what: producer and item), lane (from and to) or inbound
    (node); first_day, last_day: for supply, the day from which its units are there and the last day
    before the next ones; else the days of arrival that share the limit.
    """

    stage: str
    kind: str
    what: tuple[str, ...]
    first_day: int
    last_day: int
    price: float
