"""The tutorial of the documentation runs, block by block, and prints what it says it prints."""

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[4] / "docs" / "planning-tutorial.md"


def test_every_block_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]):
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) > 5
    for block in blocks:
        exec(block, names)
        said = [line.removeprefix("# -> ") for line in block.splitlines() if "# -> " in line[:5]]
        assert capsys.readouterr().out.splitlines() == said, block
