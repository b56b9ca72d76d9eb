"""Which kinds of table can be brought in and taken out, and where each app does it.

An app that takes a kind `needs` has in its actions `read_needs(source) -> Table`,
`preview_needs(table, ...) -> Report` and `import_needs(table, *, by, ...) -> Report`, which raises
an exception with a `report` where rows are wrong; an app that gives a kind has in its queries
`export_needs(*, division, format) -> Iterator[bytes]`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import polars as pl

from tongzhou.campaigns.models import Campaign
from tongzhou.interchange.tables import ERROR_COLUMNS, write
from tongzhou.kit.rules import Actor
from tongzhou.places.models import Division
from tongzhou.places.queries import division_by_code
from tongzhou.places.rules.problems import told

# Promised kinds by the app that takes them; a later version brings the rest.
IMPORTS = {
    "divisions": "tongzhou.places",
    "places": "tongzhou.places",
    "needs": "tongzhou.campaigns",
    "promises": "tongzhou.campaigns",
    "tracking": "tongzhou.delivery",
}
EXPORTS = {
    "divisions": "tongzhou.places",
    "places": "tongzhou.places",
    "needs": "tongzhou.campaigns",
    "shipments": "tongzhou.delivery",
    "parcels": "tongzhou.delivery",
}
LATER = ("people-at-risk", "recipients", "facilities", "medicines")


class UnknownKind(ValueError):
    """A kind that this version does not know; the text names those it does."""


class Missing(ValueError):
    """An import of this kind needs something more; the text says what."""


@dataclass(frozen=True, slots=True)
class Importer:
    """The three functions of one kind."""

    kind: str
    read: Callable[[Path], Any]
    preview: Callable[..., Any]
    write: Callable[..., Any]

    def run(self, path: Path, *, by: Actor, campaign: str, dry_run: bool) -> Any:
        """Read the file and write it whole or not at all, or only look with `dry_run`."""
        table = self.read(path)
        options = self._options(campaign)
        return self.preview(table, **options) if dry_run else self.write(table, by=by, **options)

    def _options(self, campaign: str) -> dict[str, Any]:
        if "campaign" not in signature(self.write).parameters:
            return {}
        found = Campaign.objects.filter(public_id=campaign).first()
        if found is None:
            known = ", ".join(Campaign.objects.values_list("public_id", flat=True)[:10]) or "none"
            raise Missing(f"Name the campaign with --campaign. There are: {known}.")
        return {"campaign": found}


def importer(kind: str) -> Importer:
    """Raises UnknownKind for a kind that this version cannot take in."""
    module, name = _actions(kind, IMPORTS, "actions"), kind.replace("-", "_")
    try:
        return Importer(
            kind, *(getattr(module, f"{v}_{name}") for v in ("read", "preview", "import"))
        )
    except AttributeError as error:
        raise UnknownKind(_unknown(kind, IMPORTS)) from error


def exporter(kind: str) -> Callable[..., Iterator[bytes]]:
    """Raises UnknownKind for a kind that this version cannot give out."""
    module, name = _actions(kind, EXPORTS, "queries"), kind.replace("-", "_")
    try:
        found: Callable[..., Iterator[bytes]] = getattr(module, f"export_{name}")
    except AttributeError as error:
        raise UnknownKind(_unknown(kind, EXPORTS)) from error
    return found


def division(code: str) -> Division | None:
    """The division of a code; None for no code. Raises Missing for a code that is not there."""
    found = division_by_code(code) if code else None
    if code and found is None:
        raise Missing(f"There is no division {code}. Search for it on /p/ or in the tree.")
    return found


def faults_of(report: Any) -> pl.DataFrame:
    """row, column, value, problem and cure of what was refused; warnings are left out."""
    return told(report.problems.filter(~pl.col("warning")))


def write_errors(faults: pl.DataFrame, path: Path) -> None:
    """The rows that were refused, with the cure beside each, as a CSV file that Excel opens."""
    with path.open("wb") as file:
        write(faults, ERROR_COLUMNS, file, bom=True)


def _actions(kind: str, kinds: dict[str, str], room: str) -> Any:
    if kind not in kinds:
        raise UnknownKind(_unknown(kind, kinds))
    return import_module(f"{kinds[kind]}.{room}")


def _unknown(kind: str, kinds: dict[str, str]) -> str:
    if kind in LATER or kind in kinds:
        return f"This version has no table of {kind} yet. It knows: {', '.join(kinds)}."
    return f"There is no kind '{kind}'. Choose one of: {', '.join(kinds)}."
