"""Codes as rows of dark and light modules, drawn by the standards alone: what the scanner reads is
not drawn by anything that the scanner is made of.

EAN-13: GS1 General Specifications, section 5.2. Data Matrix ECC 200, square symbols of one region:
ISO/IEC 16022, annexes E and F. QR: segno.
"""

import segno

Rows = list[list[bool]]
LEFT = [
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
]
PARITY = [
    "LLLLLL",
    "LLGLGG",
    "LLGGLG",
    "LLGGGL",
    "LGLLGG",
    "LGGLLG",
    "LGGGLL",
    "LGLGLG",
    "LGLGGL",
    "LGGLGL",
]
EAN_HEIGHT = 69
# Side of the symbol: data codewords, error correction codewords.
SIZES = {12: (5, 7), 14: (8, 10), 16: (12, 12), 18: (18, 14), 20: (22, 18), 22: (30, 20)}
FNC1, PAD, UPPER_DIGIT = 232, 129, 130


def qr(text: str) -> Rows:
    return [[bool(cell) for cell in row] for row in segno.make(text, error="m").matrix]


def ean13(digits: str) -> Rows:
    """The bars of 13 digits, as high as the standard has them."""
    coded = []
    for digit, parity in zip(digits[1:7], PARITY[int(digits[0])], strict=True):
        left = LEFT[int(digit)]
        coded.append(left if parity == "L" else _turned(_inverse(left)))
    right = [_inverse(LEFT[int(digit)]) for digit in digits[7:]]
    bars = "101" + "".join(coded) + "01010" + "".join(right) + "101"
    return [[bar == "1" for bar in bars]] * EAN_HEIGHT


def _inverse(bits: str) -> str:
    return "".join("01"[bit == "0"] for bit in bits)


def _turned(bits: str) -> str:
    return bits[::-1]


def data_matrix(parts: list[str]) -> Rows:
    """A GS1 Data Matrix: the parts of variable length are separated by FNC1."""
    words = [FNC1]
    for at, part in enumerate(parts):
        words += [FNC1] * (at > 0) + _ascii(part)
    side = next(side for side, (data, _more) in SIZES.items() if len(words) <= data)
    data, more = SIZES[side]
    for position in range(len(words) + 1, data + 1):
        words.append(PAD if position == len(words) + 1 and PAD not in words else _pad(position))
    words += _correction(words, more)
    inner = _placed(words, side - 2)
    rows = [[True] + [bool(cell) for cell in row] + [n % 2 == 0] for n, row in enumerate(inner)]
    return [[at % 2 == 0 for at in range(side)], *rows, [True] * side]


def _ascii(text: str) -> list[int]:
    words, at = [], 0
    while at < len(text):
        if text[at : at + 2].isdigit() and len(text[at : at + 2]) == 2:
            words.append(UPPER_DIGIT + int(text[at : at + 2]))
            at += 2
        else:
            words.append(ord(text[at]) + 1)
            at += 1
    return words


def _pad(position: int) -> int:
    padded = PAD + (149 * position) % 253 + 1
    return padded if padded <= 254 else padded - 254


def _correction(words: list[int], count: int) -> list[int]:
    """Reed-Solomon over GF(256) with the polynomial 301, roots from the first power on."""
    power, log = [1] * 255, [0] * 256
    for at in range(1, 255):
        doubled = power[at - 1] * 2
        power[at] = doubled ^ 301 if doubled > 255 else doubled
    for at, value in enumerate(power):
        log[value] = at

    def times(one: int, other: int) -> int:
        return power[(log[one] + log[other]) % 255] if one and other else 0

    generator = [1]
    for root in range(1, count + 1):
        shifted = [*generator, 0]
        for at, value in enumerate(generator):
            shifted[at + 1] ^= times(value, power[root])
        generator = shifted
    rest = [0] * count
    for word in words:
        lead = word ^ rest[0]
        rest = [*rest[1:], 0]
        rest = [
            value ^ times(lead, factor) for value, factor in zip(rest, generator[1:], strict=True)
        ]
    return rest


UTAH = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))


def _placed(words: list[int], n: int) -> list[list[int]]:
    """The bits of the codewords on a square of n by n, diagonal after diagonal."""
    cells: dict[tuple[int, int], int] = {}
    coming = iter(words)

    def put(places: list[tuple[int, int]]) -> None:
        word = next(coming)
        for bit, place in enumerate(places):
            cells[place] = word >> (7 - bit) & 1

    def wrapped(row: int, col: int) -> tuple[int, int]:
        if row < 0:
            row, col = row + n, col + 4 - (n + 4) % 8
        if col < 0:
            row, col = row + 4 - (n + 4) % 8, col + n
        return row, col

    def shape(row: int, col: int) -> None:
        if 0 <= row < n and 0 <= col < n and (row, col) not in cells:
            put([wrapped(row + down, col + right) for down, right in UTAH])

    row, col = 4, 0
    while row < n or col < n:
        for corner in _corners(row, col, n):
            put(corner)
        while True:
            shape(row, col)
            row, col = row - 2, col + 2
            if row < 0 or col >= n:
                break
        row, col = row + 1, col + 3
        while True:
            shape(row, col)
            row, col = row + 2, col - 2
            if row >= n or col < 0:
                break
        row, col = row + 3, col + 1
    if (n - 1, n - 1) not in cells:
        cells[n - 1, n - 1] = cells[n - 2, n - 2] = 1
    return [[cells.get((r, c), 0) for c in range(n)] for r in range(n)]


def _corners(row: int, col: int, n: int) -> list[list[tuple[int, int]]]:
    """The corner shapes that begin at a place, where the sides are of the length for them."""
    low, end = n - 1, n - 1
    found = []
    if row == n and col == 0:
        found.append(
            [(low, 0), (low, 1), (low, 2), (0, end - 1), (0, end), (1, end), (2, end), (3, end)]
        )
    if row == n - 2 and col == 0 and n % 4:
        found.append(
            [
                (low - 2, 0),
                (low - 1, 0),
                (low, 0),
                (0, end - 3),
                (0, end - 2),
                (0, end - 1),
                (0, end),
                (1, end),
            ]
        )
    if row == n - 2 and col == 0 and n % 8 == 4:
        found.append(
            [
                (low - 2, 0),
                (low - 1, 0),
                (low, 0),
                (0, end - 1),
                (0, end),
                (1, end),
                (2, end),
                (3, end),
            ]
        )
    if row == n + 4 and col == 2 and not n % 8:
        found.append(
            [
                (low, 0),
                (low, end),
                (0, end - 2),
                (0, end - 1),
                (0, end),
                (1, end - 2),
                (1, end - 1),
                (1, end),
            ]
        )
    return found
