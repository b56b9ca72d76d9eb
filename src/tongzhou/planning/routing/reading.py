"""Parsed JSON read strictly: everything that is not what it should be is noted with its place."""

import json
import math
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..limits import MAX_ID_LENGTH
from ..problem.faults import ProblemError

T = TypeVar("T")
LARGEST = 2**53  # beyond it other programs read another number
MAX_ROUTE_FILE_BYTES = 64 * 2**20
MAX_NAME_LENGTH = 200


def parsed(path: Path) -> Any:
    """The JSON in a file. ProblemError names what is wrong; OSError when it cannot be read."""
    return parsed_bytes(bytes_of(path), path.name)


def bytes_of(path: Path) -> bytes:
    """The whole file; ProblemError where it is larger than anything that can be routed."""
    size = path.stat().st_size
    if size > MAX_ROUTE_FILE_BYTES:
        raise ProblemError(
            [f"{path.name} has {size:,} bytes; at most {MAX_ROUTE_FILE_BYTES:,} are read."]
        )
    return path.read_bytes()


def parsed_bytes(data: bytes, name: str) -> Any:
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as fault:
        raise ProblemError([f"{name} is not UTF-8 (byte {fault.start}); save it so."]) from fault
    except json.JSONDecodeError as fault:
        raise ProblemError(
            [f"{name} is not JSON (line {fault.lineno}, column {fault.colno}): {fault.msg}."]
        ) from fault
    except (RecursionError, ValueError) as fault:
        if isinstance(fault, ProblemError):
            raise
        raise ProblemError([f"{name} is not JSON that can be read: {fault}."]) from fault


def _refuse_constant(name: str) -> float:
    raise ProblemError([f"The file holds {name}; numbers in it must be finite."])


class Reader:
    """Reads values by name and notes faults; `stop` raises them all at once."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def stop(self) -> None:
        if self.faults:
            raise ProblemError(self.faults)

    def note(self, at: str, what: str) -> None:
        self.faults.append(f"{at}: {what}.")

    def is_object(self, value: Any, at: str, known: Collection[str]) -> bool:
        if not isinstance(value, dict):
            self.note(at, "an object is needed")
            return False
        strange = [key for key in value if key not in known]
        for key in strange:
            self.note(f"{at}.{key}", f"not known here; known are {', '.join(sorted(known))}")
        return not strange

    def rows(self, data: Mapping[str, Any], name: str, read: Callable[[Any, str], T]) -> list[T]:
        values = data.get(name, [])
        if not isinstance(values, list):
            self.note(name, "a list is needed")
            return []
        return [read(value, f"{name}[{i}]") for i, value in enumerate(values)]

    def text(
        self,
        data: Mapping[str, Any],
        name: str,
        at: str,
        default: str | None = None,
        *,
        longest: int = MAX_ID_LENGTH,
    ) -> str:
        """A text; without a default it must be there and not be empty."""
        value = data.get(name, default)
        if not isinstance(value, str) or (default is None and not value):
            self.note(f"{at}.{name}", f"{value!r} is not text; codes are written in quotes")
            return ""
        if len(value) > longest:
            self.note(f"{at}.{name}", f"{len(value)} characters; at most {longest} are kept")
            return ""
        return value

    def whole(
        self,
        data: Mapping[str, Any],
        name: str,
        at: str,
        default: int | None = None,
        *,
        least: int = 0,
    ) -> int:
        """A whole number of at least `least`; without a default it must be there."""
        value = data.get(name, default)
        if value is None:
            self.note(f"{at}.{name}", "missing; a whole number is needed")
            return least
        if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= LARGEST:
            self.note(f"{at}.{name}", f"{value!r} is not a whole number of this size")
            return least
        if value < least:
            self.note(f"{at}.{name}", f"{value:,} is below {least}")
            return least
        return value

    def whole_or_none(self, data: Mapping[str, Any], name: str, at: str) -> int | None:
        return None if data.get(name) is None else self.whole(data, name, at)

    def number(
        self, data: Mapping[str, Any], name: str, at: str, default: float | None = None
    ) -> float:
        value = data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.note(f"{at}.{name}", f"{value!r} is not a number")
            return 0.0
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.note(f"{at}.{name}", "the number is too large")
            return 0.0
        return number

    def truth(self, data: Mapping[str, Any], name: str, at: str) -> bool:
        value = data.get(name, False)
        if not isinstance(value, bool):
            self.note(f"{at}.{name}", f"{value!r} is neither true nor false")
            return False
        return value
