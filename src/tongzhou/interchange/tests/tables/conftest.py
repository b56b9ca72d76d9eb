"""Parquet is decoded in the process of the test, as a process for each file takes half a second."""

from collections.abc import Iterator

import pytest

from tongzhou.interchange.tables import parquet_child, parquet_source


@pytest.fixture(autouse=True, scope="module")
def parquet_is_decoded_here() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_source, "_frames", parquet_child.frames)
        yield
