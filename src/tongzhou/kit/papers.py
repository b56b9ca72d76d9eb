"""Papers and pictures set by typst in the shipped font: they look the same on every machine."""

import io
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import segno
import typst
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from . import clock

# Data beside the apps, for papers of every floor.
FONTS = files("tongzhou").joinpath("fonts")


def set_paper(
    folder: Path | str,
    name: str,
    data: Mapping[str, Any],
    texts: Mapping[str, str],
    *,
    format: Literal["pdf", "png"] = "pdf",
    tagged: bool = True,
    dots_an_inch: float = 72.0,
) -> bytes:
    """The document `name`.typ of a folder, with `data` and the `texts` in the reader's language.

    `tagged`: with a tree that can be read aloud, which doubles the time of a large sheet. A picture
    has one page; `dots_an_inch` gives its size.
    """
    chinese = (get_language() or "").startswith("zh")
    made = {
        **data,
        "texts": dict(texts),
        "lang": "zh" if chinese else "en",
        "as_of": f"{timezone.localtime(clock.now()):%Y-%m-%d %H:%M}",
        "hotline": settings.HOTLINE,
    }
    compiled = typst.compile(
        f"{folder}/{name}.typ",
        root=str(folder),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(made, ensure_ascii=False)},
        format=format,
        ppi=dots_an_inch if format == "png" else None,
        pdf_tags=tagged,
    )
    return bytes(compiled)


@cache
def _fonts() -> typst.Fonts:
    """The shipped font alone, read once."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(FONTS)],
    )


def qr(address: str) -> str:
    """A QR code as SVG text, with its quiet zone; level M survives a scratched label."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2
    )
    return out.getvalue().decode()
