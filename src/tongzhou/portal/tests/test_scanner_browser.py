"""What the scanner reads: drawn codes, turned by any angle, blurred, with little contrast.

No camera is needed: the pictures are given to the module that looks at the camera's.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tongzhou.interchange.medicine_codes import MedicineCode, read_code

from .drawn_codes import Rows, data_matrix, ean13, qr
from .serving import answers, served

pytestmark = pytest.mark.browser
AT_LEAST = 0.95
# Of full black on white. Blur is a Gaussian whose deviation is up to this share of a module.
CONTRAST = 0.30
MOST_BLUR = 0.4
MODULES_PX = (3, 4, 5, 6)
SAMPLE, CAMPAIGN = 8, 180
READ_ALL = """async ({ address, symbols, contrast }) => {
  const { decode, loadReader } = await import(address);
  const read = await loadReader({
    reader: "/static/vendor/zxing_reader.js", wasm: "/static/vendor/zxing_reader.wasm" });
  const dark = Math.round(128 - 127.5 * contrast), light = Math.round(128 + 127.5 * contrast);
  const grey = (level) => `rgb(${level},${level},${level})`;
  const answers = [];
  for (const { rows, angle, px, blur } of symbols) {
    const [wide, high] = [rows[0].length * px, rows.length * px];
    const side = Math.ceil(Math.hypot(wide, high) + 24 * px);
    const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
    const brush = canvas.getContext("2d", { willReadFrequently: true });
    brush.fillStyle = grey(light);
    brush.fillRect(0, 0, side, side);
    const flat = Object.assign(document.createElement("canvas"), { width: wide, height: high });
    const pen = flat.getContext("2d");
    pen.fillStyle = grey(light);
    pen.fillRect(0, 0, wide, high);
    pen.fillStyle = grey(dark);
    rows.forEach((row, y) => [...row].forEach((cell, x) => {
      if (cell === "1") pen.fillRect(x * px, y * px, px, px); }));
    brush.filter = blur ? `blur(${blur * px}px)` : "none";
    brush.translate(side / 2, side / 2);
    brush.rotate((angle * Math.PI) / 180);
    brush.drawImage(flat, -wide / 2, -high / 2);
    const found = await decode(read, brush.getImageData(0, 0, side, side));
    answers.push(found ? found.text : null);
  }
  return answers;
}"""

GTIN = "4006381333931"
SYMBOLS: dict[str, tuple[Rows, str]] = {
    "QR": (qr("https://t.example/trace/parcels/P2345678ABCD/"),
           "https://t.example/trace/parcels/P2345678ABCD/"),
    "EAN-13": (ean13(GTIN), GTIN),
    "DataMatrix": (data_matrix([f"010{GTIN}17250131" + "10A1", "21S77"]),
                   f"(01)0{GTIN}(17)250131(10)A1(21)S77"),
}  # fmt: skip


@pytest.fixture
def reader(browser: Any, client: Any) -> Iterator[Any]:
    """The code page with its own policy: WebAssembly has to run under it."""
    with served(answers(["/check/code/"])) as site:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{site.address}/check/code/")
        yield page
        context.close()


def pictures(rows: Rows, count: int) -> list[dict[str, object]]:
    """All angles, sizes and blurs, evenly: the angle moves on by the golden section."""
    drawn = ["".join("01"[cell] for cell in row) for row in rows]
    return [
        {
            "rows": drawn,
            "angle": (n * 222.4922) % 360,
            "px": MODULES_PX[n % len(MODULES_PX)],
            "blur": MOST_BLUR * (n % 7) / 6,
        }
        for n in range(count)
    ]


def missed(reader: Any, name: str, count: int) -> tuple[list[dict[str, object]], set[str]]:
    """The pictures that were not read, and what was read wrongly."""
    rows, text = SYMBOLS[name]
    made = pictures(rows, count)
    asked = {"address": "/check/scanner.js", "symbols": made, "contrast": CONTRAST}
    found = reader.evaluate(READ_ALL, asked)
    lost = [
        {k: v for k, v in one.items() if k != "rows"}
        for one, got in zip(made, found, strict=True)
        if not got
    ]
    return lost, {got for got in found if got and got != text}


@pytest.mark.parametrize("name", SYMBOLS)
def test_codes_are_read_as_they_were_drawn(reader: Any, name: str) -> None:
    lost, wrong = missed(reader, name, SAMPLE)
    assert not wrong
    assert len(lost) <= SAMPLE * (1 - AT_LEAST), lost


@pytest.mark.slow
@pytest.mark.parametrize("name", SYMBOLS)
def test_nineteen_of_twenty_codes_are_read(reader: Any, name: str) -> None:
    lost, wrong = missed(reader, name, CAMPAIGN)
    assert not wrong
    assert len(lost) <= CAMPAIGN * (1 - AT_LEAST), lost


def test_what_the_scanner_gives_is_understood() -> None:
    """The text of each symbol, as the code page gets it."""
    kinds = {name: read_code(text).kind for name, (_rows, text) in SYMBOLS.items()}
    assert kinds["EAN-13"] == MedicineCode.GTIN
    read = read_code(SYMBOLS["DataMatrix"][1])
    assert (read.kind, read.product, read.serial) == (MedicineCode.GS1, f"0{GTIN}", "S77")


def test_an_empty_picture_has_no_code(reader: Any) -> None:
    blank = [{"rows": ["0" * 40] * 40, "angle": 0, "px": 4, "blur": 0}]
    asked = {"address": "/check/scanner.js", "symbols": blank, "contrast": 1}
    assert reader.evaluate(READ_ALL, asked) == [None]
