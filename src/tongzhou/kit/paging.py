"""Pages of a long list by cursor: page 1,000 costs what page 1 does."""

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

Row = TypeVar("Row", bound=Model)

LARGEST_PAGE = 500


class CursorError(ValueError):
    """A cursor that this list did not give out; its text may be shown to the caller."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in order, and the cursor of the page that follows ("" at the end)."""

    rows: list[Row]
    next: str


def page(rows: QuerySet[Row], *order: str, after: str = "", size: int = 50) -> Page[Row]:
    """The rows that follow a cursor, ordered by the named fields ("-at" for newest first).

    The last field named has to be unique, and none may be null. Sizes over 500 are cut to 500.
    Raises CursorError.
    """
    size = max(1, min(size, LARGEST_PAGE))
    names = [name.removeprefix("-") for name in order]
    if after:
        rows = rows.filter(_beyond(order, _read(rows, names, after)))
    found = list(rows.order_by(*order)[: size + 1])
    more = len(found) > size
    return Page(found[:size], _cursor(found[size - 1], names) if more else "")


def _beyond(order: tuple[str, ...], values: list[Any]) -> Q:
    """Later in the order: later in its first field, or equal there and later in the next."""
    condition = Q()
    for place, name in enumerate(order):
        step = "lt" if name.startswith("-") else "gt"
        equal = dict(zip([n.removeprefix("-") for n in order[:place]], values, strict=False))
        condition |= Q(**equal, **{f"{name.removeprefix('-')}__{step}": values[place]})
    return condition


def _cursor(row: Model, names: list[str]) -> str:
    values = [getattr(row, name) for name in names]
    plain = [v.isoformat() if isinstance(v, (date, datetime)) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _read(rows: QuerySet[Row], names: list[str], cursor: str) -> list[Any]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = json.loads(text)
        pairs = zip(names, values, strict=True)
        return [_field(rows.model, name).to_python(value) for name, value in pairs]
    except (ValueError, TypeError, RecursionError, ValidationError) as error:
        raise CursorError(_("This is not a cursor of this list. Start without one.")) from error


def _field(model: type[Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)
