"""What the rows of needs and of promises have in common: an item, a campaign, a key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tongzhou.campaigns.models import Campaign
from tongzhou.interchange.tables import Column, Table
from tongzhou.places.rules.problems import problems
from tongzhou.supplies.models import Item


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of a file by column name, as the person who wrote it knows them."""

    matched: Mapping[str, str]
    columns: Sequence[Column]

    def __getitem__(self, name: str) -> str:
        ours = next(column.header for column in self.columns if column.name == name)
        return self.matched.get(name, ours)


def locked(campaign: Campaign) -> Campaign:
    """The campaign as it is now, kept so until the end of the transaction."""
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("division")
    return rows.get(pk=campaign.pk)


def headers_of(table: Table, columns: Sequence[Column]) -> Headers:
    return Headers(table.matched, columns)


def items_of(campaign: Campaign) -> dict[str, int]:
    """The campaign's items: id by code. A campaign has few."""
    rows = Item.objects.filter(campaignitem__campaign=campaign).order_by("code").distinct()
    return dict(rows.values_list("code", "pk"))


def with_items(frame: pl.DataFrame, items: Mapping[str, int]) -> pl.DataFrame:
    """`item` filled in where the campaign has only one, and `item_id`, null where unknown."""
    only = next(iter(items)) if len(items) == 1 else None
    code = pl.coalesce(pl.col("item"), pl.lit(only, dtype=pl.String))
    return frame.with_columns(code.alias("item")).with_columns(
        pl.col("item")
        .replace_strict(dict(items), default=None, return_dtype=pl.Int64)
        .alias("item_id")
    )


def item_faults(
    rows: pl.DataFrame, items: Mapping[str, int], headers: Headers
) -> Iterator[pl.DataFrame]:
    """Rows without an item, or with one that the campaign does not have."""
    column = headers["item"]
    if not items:
        yield problems(rows, "campaign.no_items", column)
        return
    rows = rows.filter(pl.col("item_id").is_null()).with_columns(limit=pl.lit(", ".join(items)))
    missing = pl.col("item").is_null()
    yield problems(rows.filter(missing), "campaign.item_missing", column)
    yield problems(rows.filter(~missing), "campaign.item_unknown", column, value="item")


def campaign_faults(
    rows: pl.DataFrame, campaign: Campaign, headers: Headers
) -> Iterator[pl.DataFrame]:
    """Rows that name another campaign: the file was sent to the wrong address."""
    other = rows.filter(pl.col("campaign") != campaign.public_id)
    named = other.with_columns(limit=pl.lit(campaign.public_id))
    yield problems(named, "campaign.other", headers["campaign"], value="campaign")


def closed_faults(
    rows: pl.DataFrame, campaign: Campaign, headers: Headers
) -> Iterator[pl.DataFrame]:
    """Every row, where the campaign is closed: nothing is asked of it or promised to it now."""
    if campaign.state == Campaign.State.CLOSED:
        yield problems(rows, "campaign.closed", headers["campaign"])


def word_faults(
    rows: pl.DataFrame, name: str, code: str, words: Mapping[str, str], headers: Headers
) -> Iterator[pl.DataFrame]:
    """Cells with a word that means none of ours; `<name>_said` keeps the word as it was written."""
    said = f"{name}_said"
    strange = rows.filter(pl.col(said).is_not_null() & pl.col(name).is_null())
    known = ", ".join(words)
    yield problems(strange.with_columns(limit=pl.lit(known)), code, headers[name], value=said)


def doubled(
    rows: pl.DataFrame, key: Sequence[str], code: str, column: str, value: str
) -> Iterator[pl.DataFrame]:
    """Rows whose key stands in an earlier row; a row with an incomplete key has other faults."""
    whole = rows.drop_nulls(key)
    first = pl.col("row").first().over(key).alias("other_row")
    again = whole.with_columns(first).filter(pl.col("row") != pl.col("other_row"))
    yield problems(again, code, column, value=value)


def in_our_words(name: str, words: Mapping[str, str], empty: str | None) -> list[pl.Expr]:
    """`name` in our words, and `<name>_said` as the file has it."""
    said = pl.col(name).str.to_lowercase()
    ours = said.replace_strict(dict(words), default=None, return_dtype=pl.String)
    known = pl.when(pl.col(name).is_null()).then(pl.lit(empty, dtype=pl.String)).otherwise(ours)
    return [known.alias(name), pl.col(name).alias(f"{name}_said")]
