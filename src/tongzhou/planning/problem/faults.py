"""What is wrong with a problem, said row by row."""

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..limits import MAX_FAULTS_SHOWN

_T = TypeVar("_T", bound=np.generic)


class ProblemError(ValueError):
    """The problem cannot be planned. `faults` holds one sentence each, the first 20 of them."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults[:MAX_FAULTS_SHOWN])
        more = len(faults) - len(self.faults)
        tail = f"\n... and {more:,} more" if more > 0 else ""
        super().__init__("\n".join(self.faults) + tail)


def whole_numbers(name: str, values: ArrayLike, rows: int) -> NDArray[np.int64]:
    """int64[rows] of `values`, a scalar repeated; ProblemError where one is not a whole number."""
    given = np.asarray(values)
    if given.dtype.kind in "iu":
        numbers = given.astype(np.int64)
    elif given.dtype.kind == "f":
        numbers = _whole_floats(name, given)
    else:
        raise ProblemError([f"{name} holds {given.dtype} values; whole numbers are needed."])
    return _spread(name, numbers, rows)


def whole_number(name: str, value: Any) -> int:
    """`value` as a plain integer; ProblemError where it is none, a truth value included."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise ProblemError([f"{name} is {value!r}; a whole number is needed."])
    return int(value)


def real_numbers(name: str, values: ArrayLike, rows: int) -> NDArray[np.float64]:
    """float64[rows] of `values`; a scalar is repeated."""
    given = np.asarray(values)
    if given.dtype.kind not in "iuf":
        raise ProblemError([f"{name} holds {given.dtype} values; numbers are needed."])
    return _spread(name, given.astype(np.float64), rows)


def truths(name: str, values: ArrayLike, rows: int) -> NDArray[np.bool_]:
    """bool[rows] of `values`; a scalar is repeated."""
    given = np.asarray(values)
    if given.dtype.kind != "b" and given.size:
        raise ProblemError([f"{name} holds {given.dtype} values; true or false is needed."])
    return _spread(name, given.astype(np.bool_), rows)


def _whole_floats(name: str, given: NDArray[np.float64]) -> NDArray[np.int64]:
    flat = np.atleast_1d(given)
    # 2**62 keeps the cast defined; the real limits are checked by name later.
    bad = np.flatnonzero(~(np.isfinite(flat) & (flat == np.rint(flat)) & (np.abs(flat) < 2.0**62)))
    if len(bad):
        raise ProblemError(
            [f"{name} row {i}: {flat[i]} is not a whole number of units." for i in bad.tolist()]
        )
    return given.astype(np.int64)


def _spread(name: str, values: NDArray[_T], rows: int) -> NDArray[_T]:
    if values.ndim == 0:
        return np.broadcast_to(values, (rows,))
    if values.shape != (rows,):
        raise ProblemError([f"{name} has shape {values.shape}; ({rows},) is needed."])
    return values
