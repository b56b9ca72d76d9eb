"""Changes of the tree and of the places in it; each is one transaction and one event."""

from .demo import make_demo_clinics
from .load import load_divisions

__all__ = ["load_divisions", "make_demo_clinics"]
