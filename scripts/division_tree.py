"""The five levels of china-division 2.7.0 as one list in tree order, with public ids and kinds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import npm_packages
import polars as pl

PIN = npm_packages.Pin(
    "china-division",
    "2.7.0",
    "4uUPAT+1WfqDh5jytq7omdCmHNk3j+k76zEG/2IqaGcYB90c2SwcixttcypdsZ3T/9tN1TTpBDoeZn+Yw/qBEA==",
)
# File and the column that names the parent, level 1 to 5.
FILES = (
    ("provinces.csv", None),
    ("cities.csv", "provinceCode"),
    ("areas.csv", "cityCode"),
    ("streets.csv", "areaCode"),
    ("villages.csv", "streetCode"),
)
COUNTS = (31, 342, 2_978, 41_352, 620_573)
# Two village names hold a private-use character that no font can draw; see docs/data.md.
PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
COMMITTEE_OF_RESIDENTS = re.compile("居委会|居民委员会")
VILLAGE = re.compile("村委会|村民委员会|嘎查|村$")


@dataclass
class Tree:
    """Columns of equal length, one row a division, in pre-order (a parent before its children)."""

    code: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    n_desc: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.code)

    def children(self) -> dict[int, list[int]]:
        """Rows of the children of each row that has any; the provinces are under -1."""
        below: dict[int, list[int]] = {}
        for row, parent in enumerate(self.parent):
            below.setdefault(parent, []).append(row)
        return below

    def province(self) -> list[str]:
        """Two-digit province code of each row."""
        return [code[:2] for code in self.code]


def load(tarball: Path) -> Tree:
    """The whole tree from the package's CSV files; SystemExit when a level's count differs."""
    files = npm_packages.read(tarball, [f"dist/{name}" for name, _ in FILES])
    below = [
        _by_parent(files[f"dist/{name}"], level, parent)
        for level, (name, parent) in enumerate(FILES, start=1)
    ]
    tree = Tree()
    for code, name in below[0][""]:
        _walk(tree, below, code, name, level=1, parent=-1)
    _check_counts(tree)
    return tree


def _by_parent(text: bytes, level: int, parent: str | None) -> dict[str, list[tuple[str, str]]]:
    """Children (code, name) in code order by the parent's code in the package."""
    table = pl.read_csv(BytesIO(text), infer_schema=False).sort("code")
    parents = table[parent].to_list() if parent else [""] * table.height
    children: dict[str, list[tuple[str, str]]] = {}
    for code, name, above in zip(table["code"], table["name"], parents, strict=True):
        children.setdefault(above, []).append((code, PRIVATE_USE.sub("□", name)))
    return children


def _walk(
    tree: Tree,
    below: list[dict[str, list[tuple[str, str]]]],
    code: str,
    name: str,
    *,
    level: int,
    parent: int,
) -> None:
    """Append one division and everything below it."""
    row = len(tree)
    tree.code.append(public_id(code, level))
    tree.name.append(name)
    tree.level.append(level)
    tree.parent.append(parent)
    tree.kind.append(kind_of(name) if level == 5 else "")
    tree.n_desc.append(0)
    for child, child_name in below[level].get(code, []) if level < 5 else []:
        _walk(tree, below, child, child_name, level=level + 1, parent=row)
    tree.n_desc[row] = len(tree) - row - 1


def public_id(code: str, level: int) -> str:
    """Public id from the package's code.

    A prefecture has four digits in the package and six in GB/T 2260 (62 01 00), the form used
    here. The counties that stand for a whole prefecture have that same six-digit code and get
    `-3`. A province keeps its two digits.
    """
    if level == 2:
        return f"{code}00"
    return f"{code}-3" if level == 3 and code.endswith("00") else code


def kind_of(name: str) -> str:
    """village, community or other, from the name of a level-5 unit.

    The residents' committee is asked first because a few names carry both words.
    """
    if COMMITTEE_OF_RESIDENTS.search(name):
        return "community"
    if VILLAGE.search(name):
        return "village"
    return "community" if "社区" in name else "other"


def _check_counts(tree: Tree) -> None:
    counts = tuple(tree.level.count(level) for level in range(1, 6))
    if counts != COUNTS:
        raise SystemExit(f"divisions by level: {counts}, expected {COUNTS}")
    if len(set(tree.code)) != len(tree):
        raise SystemExit("two divisions have the same public id")
