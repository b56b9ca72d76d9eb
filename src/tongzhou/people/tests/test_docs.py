"""docs/people.md says what the roles really may do."""

from pathlib import Path

import pytest

from tongzhou.people.rules import PERMISSIONS, ROLES

PAGE = Path(__file__).parents[4] / "docs" / "people.md"


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, its head first."""
    part = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [cells[0], *cells[2:]]


def test_the_table_has_every_permission_of_every_role() -> None:
    head, *body = rows("Permissions by role")
    assert head[1:] == list(ROLES)
    marks = [(row[0], role, mark) for row in body for role, mark in zip(head, row, strict=True)]
    written = {(permission, role) for permission, role, mark in marks if mark == "●"}
    held = {(name, role.name) for role in ROLES.values() for name in role.permissions}
    assert written == held
    assert [row[0] for row in body] == sorted(PERMISSIONS)


@pytest.mark.parametrize("role", ROLES.values(), ids=list(ROLES))
def test_every_role_is_described(role: type) -> None:
    yes_or_no = {True: "yes", False: "no"}
    expected = [
        role.name,
        str(role.title),
        str(role.says),
        yes_or_no[role.own_organisation_only],
        yes_or_no[role.second_factor],
    ]
    assert expected in rows("Roles")
