"""Copy the browser files of other projects, unmodified, into the product, with one table.

Usage: python scripts/vendor_browser.py
Each file comes from a pinned npm package. static/vendor/vendor.csv lists name, version, file,
sha256, licence and package; tests/test_shipped_data.py holds every file against it.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import npm_packages
from npm_packages import Pin

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "src" / "tongzhou" / "web" / "static" / "vendor"
TEST_VENDOR = ROOT / "tests" / "vendor"
COLUMNS = ("name", "version", "file", "sha256", "licence", "package")


@dataclass(frozen=True)
class Library:
    """One library: short name, package, SPDX licence, and files, package path -> ours."""

    name: str
    pin: Pin
    licence: str
    files: dict[str, str]


LIBRARIES = (
    Library(
        "pico",
        Pin(
            "@picocss/pico",
            "2.1.1",
            "kIDugA7Ps4U+2BHxiNHmvgPIQDWPDU4IeU6TNRdvXQM1uZX+FibqDQT2xUOnnO2yq/LUHcwnGlu1hvf4KfXnMg==",
        ),
        "MIT",
        {"css/pico.min.css": "pico.min.css", "LICENSE.md": "pico.LICENSE"},
    ),
    Library(
        "htmx",
        Pin(
            "htmx.org",
            "2.0.11",
            "Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        ),
        "0BSD",
        {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "htmx.LICENSE"},
    ),
    # The pictures that its style names are those of controls which no page of ours shows.
    Library(
        "leaflet",
        Pin(
            "leaflet",
            "1.9.4",
            "nxS1ynzJOmOlHp+iL3FyWqK89GtNL8U8rvlMOsQdTTssxZwCXh8N2NB3GDQOL+YR3XnWyZAxwQixURb+FA74PA==",
        ),
        "BSD-2-Clause",
        {
            "dist/leaflet.js": "leaflet.js",
            "dist/leaflet.css": "leaflet.css",
            "LICENSE": "leaflet.LICENSE",
        },
    ),
    # The package is MIT; the WebAssembly in it is built from zxing-cpp, which is Apache-2.0.
    Library(
        "zxing",
        Pin(
            "zxing-wasm",
            "3.1.4",
            "1+v8p7sauddySVNG+ye7GD/0TS95BG2ycdkrC+EnBrFBFkHeIghzUt2yVjtx3NucJeNrQnhT8yGAIz60Vx9o0w==",
        ),
        "MIT AND Apache-2.0",
        {
            "dist/iife/reader/index.js": "zxing_reader.js",
            "dist/reader/zxing_reader.wasm": "zxing_reader.wasm",
            "LICENSE": "zxing.LICENSE",
        },
    ),
)
TEST_LIBRARIES = (
    Library(
        "axe",
        Pin(
            "axe-core",
            "4.14.1",
            "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        ),
        "MPL-2.0",
        {
            "axe.min.js": "axe.min.js",
            "LICENSE": "axe.LICENSE",
            "LICENSE-3RD-PARTY.txt": "axe.LICENSE-3RD-PARTY",
        },
    ),
)


def main() -> None:
    """Write both folders and their tables."""
    vendor(LIBRARIES, VENDOR)
    vendor(TEST_LIBRARIES, TEST_VENDOR)


def vendor(libraries: tuple[Library, ...], folder: Path) -> None:
    """Copy the libraries' files into the folder and list them in its vendor.csv."""
    rows = []
    for library in libraries:
        contents = npm_packages.read(npm_packages.fetch(library.pin), list(library.files))
        for member, file in library.files.items():
            rows.append(_copy(library, contents[member], folder, file))
    with (folder / "vendor.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerows([COLUMNS, *rows])
    print(f"{folder.relative_to(ROOT)}: {len(rows)} files")


def _copy(library: Library, content: bytes, folder: Path, file: str) -> tuple[str, ...]:
    """Write one file; its row of the table."""
    target = folder / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return library.name, library.pin.version, file, digest, library.licence, library.pin.name


if __name__ == "__main__":
    main()
