"""Parquet is decoded in the process of the test, as a process for each file takes half a second."""

from collections.abc import Iterator

import polars as pl
import pytest
from polars.exceptions import PanicException, PolarsError

from tongzhou.interchange.tables import Limits, TableRefused, parquet_child, parquet_source


@pytest.fixture(autouse=True, scope="module")
def parquet_is_decoded_here() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_source, "_frames", decoded_here)
        yield


def decoded_here(data: bytes, limits: Limits) -> Iterator[pl.DataFrame]:
    """What ends the child with an error is refused, as it is where the child is."""
    try:
        yield from parquet_child.frames(data, limits)
    except (PolarsError, PanicException) as error:
        raise TableRefused("file.broken", detail="Parquet") from error
