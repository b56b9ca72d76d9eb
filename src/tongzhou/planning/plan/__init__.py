"""The answer of the planning engine, and what can be asked of it."""

from ..waves import Cut
from .cells import Allocations
from .certificate import Certificate
from .comparison import Comparison
from .explanation import Explanation
from .forced import Forced, Withdrawn
from .model import Plan
from .standing import Standing
from .transport import Price, Shipment

__all__ = [
    "Allocations",
    "Certificate",
    "Comparison",
    "Cut",
    "Explanation",
    "Forced",
    "Plan",
    "Price",
    "Shipment",
    "Standing",
    "Withdrawn",
]
