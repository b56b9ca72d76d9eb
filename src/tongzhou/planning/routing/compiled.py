"""How the kernels are compiled: kept on disk beside their module, without counting references.

numba counts references to arrays in every function that gets one, even where it is put into its
caller; without the counting (`_nrt`) the search took half, the local search a sixth of the time. A
function so compiled cannot make an array: it gets the room it works in.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

from ..compiling import compiled

_Function = TypeVar("_Function", bound=Callable[..., Any])
_njit = cast(Any, njit)  # its types do not name the option


def kernel(function: _Function) -> _Function:
    """Compile at the first call; other threads run meanwhile. Where it is kept: see compiling."""
    return cast(_Function, compiled(_nrt=False, error_model="python")(function))


def inlined(function: _Function) -> _Function:
    """Compile into every kernel of the same module that calls it."""
    return cast(_Function, _njit(forceinline=True, _nrt=False)(function))
