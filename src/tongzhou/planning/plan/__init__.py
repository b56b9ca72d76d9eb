"""The answer of the planning engine, and what can be asked of it."""

from .certificate import Certificate
from .comparison import Comparison
from .explanation import Explanation
from .model import Allocations, Plan
from .standing import Standing

__all__ = ["Allocations", "Certificate", "Comparison", "Explanation", "Plan", "Standing"]
