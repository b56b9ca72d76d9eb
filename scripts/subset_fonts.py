"""Subset Noto Sans SC for the printed documents and write it with its licence.

Usage: python scripts/subset_fonts.py, after scripts/build_divisions.py
Kept: GB 2312, Latin-1, punctuation and signs of SIGNS, and every character of a place name that
the font has. Left out: hinting, vertical writing and layout tables, which PDFs at 300 dpi and
horizontal Chinese text do not use.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import npm_packages
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from tongzhou.places.data import read_divisions

FONTS = Path(__file__).resolve().parent.parent / "src" / "tongzhou" / "fonts"
PIN = npm_packages.Pin(
    "@expo-google-fonts/noto-sans-sc",
    "0.4.3",
    "9rAwdFTFHbO/u6Cs0gj2jZbW74TGIiaFNQnXYH2s5wA1bzVkwbaviL4t8YUV642eGYjg86eH6DkAEQmfNHDncQ==",
)
WEIGHTS = {
    "400Regular/NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf",
    "700Bold/NotoSansSC_700Bold.ttf": "NotoSansSC-Bold.ttf",
}
LICENCE = "LICENSE_FONT"
SIGNS = "▲△▼▽●○◐✓■□◆◇★☆⚠←↑→↓·—–…•‘’“”「」『』〈〉《》【】〔〕、。￥×÷±≤≥≈°℃‰"
DROPPED = ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "vhea", "vmtx", "VORG", "DSIG"]


def main() -> None:
    """Write both weights and the licence; print size and what the font cannot draw."""
    files = npm_packages.read(npm_packages.fetch(PIN), [*WEIGHTS, LICENCE])
    FONTS.mkdir(parents=True, exist_ok=True)
    (FONTS / "OFL.txt").write_bytes(files[LICENCE])
    wanted = characters()
    for member, name in WEIGHTS.items():
        missing = subset(files[member], FONTS / name, wanted)
        size = (FONTS / name).stat().st_size / 1e6
        print(f"{name}: {len(wanted) - len(missing)} characters, {size:.2f} MB, not in the font:")
        print("  " + " ".join(f"{char} U+{ord(char):04X}" for char in sorted(missing)))


def characters() -> set[str]:
    """Every character a document may need: names of places, GB 2312, Latin-1 and signs."""
    latin = {chr(point) for point in (*range(0x20, 0x7F), *range(0xA0, 0x100))}
    return set("".join(read_divisions()["name"])) | gb2312() | latin | set(SIGNS)


def gb2312() -> set[str]:
    """The characters of GB 2312-1980, 6,763 of them Chinese."""
    found: set[str] = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            found.update(bytes([row, cell]).decode("gb2312", errors="ignore"))
    return found


def subset(font: bytes, target: Path, wanted: set[str]) -> set[str]:
    """Write the subset font; the wanted characters it does not have.

    The source's time stamp is kept, so that a rebuild gives the same bytes.
    """
    options = Options(
        hinting=False, layout_features=[], name_IDs=["*"], notdef_outline=True, glyph_names=False
    )
    options.drop_tables += DROPPED
    with TTFont(BytesIO(font), recalcTimestamp=False) as face:
        missing = {char for char in wanted if ord(char) not in face.getBestCmap()}
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=sorted(map(ord, wanted - missing)))
        subsetter.subset(face)
        face.save(target)
    return missing


if __name__ == "__main__":
    main()
