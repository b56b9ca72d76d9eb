"""A time as the database stores it, for SQL that Django does not write."""

from datetime import datetime
from typing import cast

from django.db import connection


def as_stored(moment: datetime) -> datetime | str:
    """SQLite keeps text without a zone, and compares it as text: a zone would make it later."""
    return cast("datetime | str", connection.ops.adapt_datetimefield_value(moment))
