"""How passes are compiled: kept beside the source, or in the process where nothing can be kept."""

from collections.abc import Callable
from functools import partial
from typing import Any

from numba import njit


def compiled(*signatures: Any, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile for these types alone (for any, without); a division by 0 is no error.

    The result is kept beside the source file, or in the user's cache folder. Where neither can be
    written to, as for a service without a home on a read-only installation, numba refuses to keep
    it; then every process compiles for itself, which takes some seconds.
    """
    types = [list(signatures)] if signatures else []
    made: Any = partial(njit, *types, **{"nogil": True, "error_model": "numpy", **options})

    def compile_(function: Callable[..., Any]) -> Any:
        try:
            return made(cache=True)(function)
        except RuntimeError as fault:
            if "locator" not in str(fault):
                raise
            return made()(function)

    return compile_
