"""The world of the access matrix, looked at."""

from ..matrix.conftest import _files_of_its_own, _quiet, made_world, world

__all__ = ["_files_of_its_own", "_quiet", "made_world", "world"]
