"""docs/glossary.md: one row a term, `term | 中文 | code name | meaning`."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROW = re.compile(r"^\|([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|$")
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Term:
    """One row; `names` are the code names it gives, like `places.Division` or `drop_units`."""

    term: str
    chinese: str
    names: tuple[str, ...]
    meaning: str


def terms(text: str) -> list[Term]:
    found = []
    for line in text.splitlines():
        row = ROW.match(line.strip())
        if row and not set(row[1].strip()) <= {"-", ":"} and row[1].strip().lower() != "term":
            cells = [cell.strip() for cell in row.groups()]
            found.append(Term(cells[0], cells[1], tuple(CODE.findall(cells[2])), cells[3]))
    return found


def names_in(paths: Iterable[Path]) -> set[str]:
    """Every name that the code defines: classes, functions, fields, constants, members."""
    found: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found.update(_defined(node))
    return found


def _defined(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    elif isinstance(node, ast.arg):
        yield node.arg


def faults(found: list[Term], defined: set[str], models: Iterable[str]) -> Iterator[str]:
    named = {name for term in found for name in term.names}
    for term in found:
        if not (term.chinese and term.names and term.meaning):
            yield f"{term.term}: a cell is empty"
        for name in term.names:
            if name.rpartition(".")[2] not in defined:
                yield f"{term.term}: the code has no {name}"
    last = [term.term for term in found]
    for term_name in sorted({t for t in last if last.count(t) > 1}):
        yield f"{term_name}: has two rows; one thing has one name"
    for model in models:
        if model not in named:
            yield f"{model}: this model has no row"
