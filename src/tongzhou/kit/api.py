"""What every list for programs shares: how to ask for a page, and what a wrong cursor answers."""

from django.db.models import QuerySet
from ninja import Schema
from ninja.errors import HttpError

from . import paging


class Paging(Schema):
    """Where to go on, and how many a page (at most 500)."""

    after: str = ""
    limit: int = 100


def page_of(rows: QuerySet[paging.Row], order: str, asked: Paging) -> paging.Page[paging.Row]:
    """The rows asked for; 400 with the reason where the cursor is not of this list."""
    try:
        return paging.page(rows, order, after=asked.after, size=asked.limit)
    except paging.CursorError as error:
        raise HttpError(400, str(error)) from error
