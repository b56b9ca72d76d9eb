"""Called by the build of a wheel: the catalogues are compiled first, so that it can hold them."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileMessages(BuildHookInterface[Any]):
    """Without its .mo files an installed package would speak English only."""

    def initialize(self, *_version_and_data: Any) -> None:
        root = Path(self.root)
        compiler = runpy.run_path(str(root / "scripts" / "compile_messages.py"))
        compiler["compile_all"](root / "src")
