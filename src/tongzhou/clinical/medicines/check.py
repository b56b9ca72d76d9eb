"""The check of a drawer: what is in it, taken as it is meant to be taken, by this person.

Every check of the catalogue looks in turn. What is not known is asked for; a product that the
catalogue does not have is "cannot check", never "no problem".
"""

from __future__ import annotations

from collections.abc import Sequence

from tongzhou.clinical.medicines import catalogue as data
from tongzhou.clinical.medicines.catalogue import SEVERITIES, Catalogue
from tongzhou.clinical.medicines.drawer import Drawer
from tongzhou.clinical.medicines.findings import Findings
from tongzhou.clinical.medicines.items import Item, Person, check_person, lines_of
from tongzhou.clinical.medicines.looks import LOOKS


def check_drawer(
    items: Sequence[Item], person: Person, *, catalogue: Catalogue | None = None
) -> Findings:
    """What speaks against taking these medicines as said. InputRefused for what cannot be."""
    book = catalogue or data.load()
    check_person(book, person)
    drawer = Drawer(book, lines_of(book, items, person), person)
    found = [one for check in book.checks for one in LOOKS[check.kind](drawer, check)]
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    verdict = found[0].severity if found else "nothing"
    unknown = tuple(line.index for line in drawer.lines if not line.known)
    return Findings(verdict, book.verdicts[verdict], tuple(found), book.version, unknown)
