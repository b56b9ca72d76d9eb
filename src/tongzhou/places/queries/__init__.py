"""Looking things up: the tree, names typed by people, and the places that stand in the tree."""

from .places import depots_of, place_by_code, places_in, search_places, xpcc_counties
from .search import search
from .tree import (
    ancestors,
    chain_of,
    children,
    counts_by_level,
    county_of,
    current,
    division_by_code,
    highest_number,
    province_of,
    scope_of,
    with_paths,
)

__all__ = [
    "ancestors",
    "chain_of",
    "children",
    "counts_by_level",
    "county_of",
    "current",
    "depots_of",
    "division_by_code",
    "highest_number",
    "place_by_code",
    "places_in",
    "province_of",
    "scope_of",
    "search",
    "search_places",
    "with_paths",
    "xpcc_counties",
]
