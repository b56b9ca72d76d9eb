"""Route sheets: a county's routes as PDF for drivers, as GeoJSON and as CSV."""

from .geojson import geojson
from .paper import Imprint, TooManySheets, pdf
from .rounds import Round, rounds_of
from .table import table

__all__ = ["Imprint", "Round", "TooManySheets", "geojson", "pdf", "rounds_of", "table"]
