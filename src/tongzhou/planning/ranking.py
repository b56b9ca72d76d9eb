"""Compiled passes over the drops of one item: claims and ranks. Imported when first needed.

One 64-bit word stands for a drop while it is sorted: the claim's place among the doubles of its
stage, shortened to what fits, above the number of its row. Doubles that are not negative order as
their bits do, so sorting words sorts claims; where shortened claims meet, the ledger looks at the
whole ones. Each pass has one signature, so each is compiled once and kept beside this file.
"""

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from .compiling import compiled

Cells = NDArray[Any]  # the signatures below say which

FIRST, FLOOR, SHARE, SPARE = range(4)
AHEAD = 4  # drops whose words are made in one go
BLOCK = 64  # words that are looked through in one go for claims that meet
INFINITE = np.uint64(0x7FF0000000000000)  # the bits of a claim without end
ENDLESS = np.uint64(2**64 - 1)  # its shortened form: after all others, whatever is left of it

# Columns of a problem are read-only and may repeat one number, so any stride is taken.
ANY_WHOLE = types.Array(types.int64, 1, "A", readonly=True)
ANY_REAL = types.Array(types.float64, 1, "A", readonly=True)
ANY_TRUTH = types.Array(types.boolean, 1, "A", readonly=True)
WHOLE, SMALL, REAL = types.int64[::1], types.int32[::1], types.float64[::1]
WORDS, WORD = types.uint64[::1], types.uint64
ONE, NUMBER = types.int64, types.float64


@compiled(NUMBER(ONE, ONE, ONE, NUMBER), inline="always")
def claim(stage: int, held: int, size: int, weight: float) -> float:
    """The key of a drop: one rounding a quotient, so that no two keys change places."""
    if stage == FLOOR:
        return held / weight
    if stage == SPARE:
        return held + size / 2
    return (2 * held + size) / (2 * weight)


@compiled(WORD(NUMBER), inline="always")
def bits_of(key: float) -> Any:
    return np.float64(key).view(np.uint64)


@compiled(ONE(ANY_WHOLE, ONE, SMALL))
def rows_with(item_of: Cells, item: int, rows: Cells) -> int:
    """The needs rows of an item into `rows`, which has a cell for every row; returns how many."""
    count = 0
    for row in range(len(item_of)):
        rows[count] = row
        count += item_of[row] == item
    return count


@compiled(ONE(ONE, ONE), inline="always")
def whole_times(units: int, size: int) -> int:
    """units // size. Both are below 2**53, where a double's quotient never rounds up to a whole."""
    return int(units / size)


@compiled(
    types.void(
        *(SMALL, ANY_WHOLE, ANY_WHOLE, ANY_WHOLE, ANY_WHOLE, ANY_WHOLE, ANY_WHOLE, ANY_REAL),
        *(ANY_TRUTH, ONE, WHOLE, SMALL, SMALL, WHOLE, WHOLE, REAL),
    )
)
def measure(
    rows: Cells,
    stock: Cells,
    settled: Cells,
    cap: Cells,
    request: Cells,
    floor: Cells,
    drop: Cells,
    weight: Cells,
    closed: Cells,
    supply: int,
    base: Cells,
    offset: Cells,
    low: Cells,
    drops: Cells,
    sizes: Cells,
    weights: Cells,
) -> None:
    """By row of the item: units held, where its open drops start, how many are below the floor.

    drops: by stage; sizes: least drop, greatest drop and most units held of rows with a drop;
    weights: the least and greatest of them above 0. More drops than a small number holds leave
    `offset` and `low` without meaning; `drops` has the sum even then.
    """
    first = floors = shares = spares = total = 0
    small, large, most_held = sizes[0], sizes[1], sizes[2]
    light, heavy = weights[0], weights[1]
    offset[0] = 0
    for i in range(len(rows)):
        row = rows[i]
        size, held = drop[row], stock[row] + settled[row]
        most = cap[row] if request[row] < 0 else min(cap[row], request[row])
        room = 0 if closed[row] else min(most - held, supply)
        count = whole_times(room, size) if room > 0 else 0
        lacks = floor[row] - held
        # A floor is reached in whole drops, as far as the room allows.
        below = 0 if lacks <= 0 else 1 if lacks <= size else whole_times(lacks + size - 1, size)
        below = min(below, count)
        total += count
        base[i], offset[i + 1], low[i] = held, total, below
        if count:
            empty = 1 if below > 0 and held == 0 else 0
            w = weight[row]
            first += empty
            floors += below - empty
            small, large = min(small, size), max(large, size)
            most_held = max(most_held, held + count * size)
            if w > 0:
                shares += count - below
                light, heavy = min(light, w), max(heavy, w)
            else:
                spares += count - below
    drops[0], drops[1], drops[2], drops[3] = first, floors, shares, spares
    sizes[0], sizes[1], sizes[2] = small, large, most_held
    weights[0], weights[1] = light, heavy


@compiled(WORD(ONE, ONE, ONE, NUMBER, WORD, WORD), inline="always")
def place_of(stage: int, held: int, size: int, weight: float, least: Any, shift: Any) -> Any:
    """The shortened claim: its distance from the least one in `least`, without the last bits."""
    bits = bits_of(claim(stage, held, size, weight))
    return (bits - least) >> shift if bits < INFINITE else ENDLESS


@compiled(
    types.void(SMALL, WHOLE, ANY_WHOLE, ANY_REAL, SMALL, SMALL, WORDS, WORDS, WORD, WHOLE, WORDS)
)
def pack(
    rows: Cells,
    base: Cells,
    drop: Cells,
    weight: Cells,
    offset: Cells,
    low: Cells,
    least: Cells,
    shift: Cells,
    row_bits: Any,
    starts: Cells,
    words: Cells,
) -> None:
    """One word for each drop, stage by stage from `starts`; AHEAD cells follow the shares."""
    first, floors, shares, spares = starts[0], starts[1], starts[2], starts[3]
    # Copies, which the compiler knows not to change while words are written.
    least_0, least_1, least_2, least_3 = least[0], least[1], least[2], least[3]
    shift_0, shift_1, shift_2, shift_3 = shift[0], shift[1], shift[2], shift[3]
    for i in range(len(rows)):
        size, w, held = drop[rows[i]], weight[rows[i]], base[i]
        below, count = low[i], offset[i + 1] - offset[i]
        tag, j = np.uint64(i), 0
        if below > 0 and held == 0:
            place = place_of(FIRST, held, size, w, least_0, shift_0)
            words[first] = (place << row_bits) | tag
            first, j, held = first + 1, 1, held + size
        while j < below:
            place = place_of(FLOOR, held, size, w, least_1, shift_1)
            words[floors] = (place << row_bits) | tag
            floors, j, held = floors + 1, j + 1, held + size
        if w > 0:
            while j < count:
                # Always as many, and those too many are written over: how many drops a node has
                # cannot be foreseen, and with a weight no claim is without end.
                for ahead in range(AHEAD):
                    bits = bits_of(claim(SHARE, held + ahead * size, size, w))
                    words[shares + ahead] = (((bits - least_2) >> shift_2) << row_bits) | tag
                step = min(AHEAD, count - j)
                shares, j, held = shares + step, j + step, held + step * size
        while j < count:
            place = place_of(SPARE, held, size, w, least_3, shift_3)
            words[spares] = (place << row_bits) | tag
            spares, j, held = spares + 1, j + 1, held + size


@compiled(types.void(WORDS, WORD, SMALL, SMALL))
def unpack(words: Cells, row_bits: Any, row_of: Cells, met: Cells) -> None:
    """The rows of sorted words into `row_of`, and by block how many begin like the one before."""
    mask = (np.uint64(1) << row_bits) - np.uint64(1)
    for i in range(len(words)):
        row_of[i] = np.int32(words[i] & mask)
    for block in range(len(met)):
        near = 0
        for i in range(max(1, block * BLOCK), min(len(words), (block + 1) * BLOCK)):
            near += (words[i] ^ words[i - 1]) >> row_bits == 0
        met[block] = near


@compiled(
    ONE(
        *(ONE, SMALL, WHOLE, ANY_WHOLE, ANY_REAL, SMALL, SMALL, WORDS, WORDS, WORD),
        *(WORDS, SMALL, SMALL, SMALL, SMALL),
    )
)
def meetings(
    stage: int,
    rows: Cells,
    base: Cells,
    drop: Cells,
    weight: Cells,
    offset: Cells,
    low: Cells,
    least: Cells,
    shift: Cells,
    row_bits: Any,
    words: Cells,
    met: Cells,
    place: Cells,
    run: Cells,
    number: Cells,
) -> int:
    """The sorted words of a stage whose shortened claims meet: place, run, number in the row.

    met: from `unpack`. Returns how many there are.
    """
    mask = (np.uint64(1) << row_bits) - np.uint64(1)
    ends = ENDLESS >> row_bits
    found = runs = 0
    for block in range(len(met)):
        if met[block] == 0:
            continue
        for i in range(max(1, block * BLOCK), min(len(words), (block + 1) * BLOCK)):
            if (words[i] ^ words[i - 1]) >> row_bits != 0:
                continue
            if found == 0 or place[found - 1] != i - 1:
                runs += 1
                place[found], run[found] = i - 1, runs
                found += 1
            place[found], run[found] = i, runs
            found += 1
    for k in range(found):
        word = words[place[k]]
        if k > 0 and run[k] == run[k - 1] and words[place[k - 1]] == word:
            number[k] = number[k - 1] + 1  # the next drop of the same row
            continue
        # The first drop of the row in this stage whose claim is not before this one.
        at, mine = np.int64(word & mask), word >> row_bits
        size, w, held = drop[rows[at]], weight[rows[at]], base[at]
        empty = 1 if low[at] > 0 and held == 0 else 0
        below = 0 if stage == FIRST else empty if stage == FLOOR else low[at]
        above = 0 if stage == FIRST else offset[at + 1] - offset[at] - 1
        while below < above:
            middle = (below + above) // 2
            known = place_of(stage, held + middle * size, size, w, least[stage], shift[stage])
            if min(known, ends) < mine:
                below = middle + 1
            else:
                above = middle
        number[k] = below
    return found


@compiled(types.void(SMALL, SMALL, SMALL))
def drop_ids(row_of: Cells, offset: Cells, order: Cells) -> None:
    """Drops by rank: the drops of a row come in their own order."""
    nth = offset.copy()
    for rank in range(len(row_of)):
        row = row_of[rank]
        order[rank] = nth[row]
        nth[row] += 1


@compiled(types.void(SMALL, ANY_WHOLE, ANY_WHOLE, ANY_REAL, SMALL, WHOLE, ONE, REAL))
def claims(
    row_of: Cells,
    base: Cells,
    drop: Cells,
    weight: Cells,
    rows: Cells,
    stage_ends: Cells,
    step: int,
    keys: Cells,
) -> None:
    """The key of every `step`-th rank, from rank 0."""
    nth = np.zeros(len(rows), dtype=np.int32)
    stage = due = 0
    for rank in range(len(row_of)):
        row = row_of[rank]
        if rank == due:
            while rank >= stage_ends[stage]:
                stage += 1
            size, at = drop[rows[row]], rows[row]
            keys[rank // step] = claim(stage, base[row] + nth[row] * size, size, weight[at])
            due += step
        nth[row] += 1


@compiled(types.void(SMALL, ANY_WHOLE, WHOLE, SMALL))
def gather(row_of: Cells, group_of: Cells, at: Cells, ranks: Cells) -> None:
    """Ranks by group of their row, from `at` on for each group; groups below 0 are left out."""
    for rank in range(len(row_of)):
        group = group_of[row_of[rank]]
        if group >= 0:
            ranks[at[group]] = rank
            at[group] += 1


@compiled(types.void(SMALL, types.int32[:, ::1], WHOLE, SMALL, WHOLE))
def narrow(row_of: Cells, passed: Cells, stage_ends: Cells, kept: Cells, kept_ends: Cells) -> None:
    """The rows of the drops that stay, where of each row the first ones and the last ones go.

    passed: by row, how many go first and how many stay then; both are counted down.
    """
    count = rank = 0
    for stage in range(4):
        while rank < stage_ends[stage]:
            row = row_of[rank]
            if passed[row, 0] > 0:
                passed[row, 0] -= 1
            elif passed[row, 1] > 0:
                passed[row, 1] -= 1
                kept[count] = row
                count += 1
            rank += 1
        kept_ends[stage] = count
