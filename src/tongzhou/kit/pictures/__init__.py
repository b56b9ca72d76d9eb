"""Pictures drawn on the server as SVG: they need no script, print well, carry their own words.

Each takes plain numbers and finished (translated) sentences and returns safe markup. Colours come
from the page's tokens, so that both colour schemes work; meaning never rests on colour alone.
"""

from .curve import Curve, Line, Mark, curve
from .paths import Path, paths
from .points import Point, points
from .tiles import Tile, tiles

__all__ = ["Curve", "Line", "Mark", "Path", "Point", "Tile", "curve", "paths", "points", "tiles"]
