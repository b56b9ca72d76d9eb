"""What a plan with lanes says of the way: shipments, and the prices of what limits them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
    before the next ones; for a lane the days of shipping, for a node those of arrival, that share
    the limit.
    """

    stage: str
    kind: str
    what: tuple[str, ...]
    first_day: int
    last_day: int
    price: float


@dataclass(frozen=True, eq=False)
class Hubs:
    """labels: by hub; of_node: int64[N], the hub of each node, -1 where no lane leads; limits: by
    hub, the names of what stands before it: (from, to), (node,) and (producer,)."""

    labels: tuple[str, ...]
    of_node: NDArray[np.int64]
    limits: tuple[frozenset[tuple[str, ...]], ...]

    def binding(self, prices: tuple[Price, ...], hub: int, item: str) -> Price | None:
        """The dearest limit on the way of an item to a hub in stage `days`; None if none is."""
        found = [
            price for price in prices if price.stage == "days" and self._concerns(price, hub, item)
        ]
        return max(found, key=lambda price: price.price, default=None)

    def _concerns(self, price: Price, hub: int, item: str) -> bool:
        if price.kind == "supply":
            return price.what[1] == item and price.what[:1] in self.limits[hub]
        return price.what in self.limits[hub]
