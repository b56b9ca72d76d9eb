"""Compiled passes over a ranked list: what waves give of it, and what is left. Imported late."""

from numba import types

from .compiling import compiled
from .ranking import ANY_TRUTH, ANY_WHOLE, ONE, SMALL, WHOLE, Cells

OPEN = -1  # the wave of a drop that is not given
WAVES = types.int16[::1]
TABLES = (types.int32[:, ::1], types.int64[:, ::1])  # units by row and wave


@compiled(ONE(SMALL, ANY_WHOLE, ANY_TRUTH, WAVES, ONE, ONE, SMALL))
def give(
    row_of: Cells,
    size: Cells,
    reach: Cells,
    wave_of: Cells,
    wave: int,
    available: int,
    given: Cells,
) -> int:
    """Give open drops that `reach` allows until the next one does not fit; returns how many.

    size, reach: by row. Writes their ranks into `given` and `wave` into `wave_of`. The last cell of
    `given` gets the next rank, -1 where no drop is left; the others must be enough.
    """
    count, given[-1] = 0, -1
    for rank in range(len(row_of)):
        if wave_of[rank] == OPEN and reach[row_of[rank]]:
            units = size[row_of[rank]]
            if units > available:
                given[-1] = rank
                break
            available -= units
            wave_of[rank] = wave
            given[count] = rank
            count += 1
    return count


@compiled(ONE(SMALL, ANY_TRUTH, WAVES, ONE, ONE, SMALL))
def give_alike(
    row_of: Cells, reach: Cells, wave_of: Cells, wave: int, most: int, given: Cells
) -> int:
    """As `give`, of drops of one size, of which `most` can be given."""
    count = start = 0
    while start < len(row_of) and wave_of[start] != OPEN:
        start += 1
    # No branch on what is open: where a wave was directed, it could not be foreseen.
    for rank in range(start, len(row_of)):
        open_ = wave_of[rank] == OPEN and reach[row_of[rank]]
        given[count] = rank
        count += open_
        if count > most:
            break
    following = given[most] if count > most else -1
    for i in range(min(count, most)):
        wave_of[given[i]] = wave
    given[-1] = following
    return min(count, most)


@compiled(*(types.void(SMALL, WAVES, SMALL, ANY_WHOLE, units) for units in TABLES))
def tally(row_of: Cells, wave_of: Cells, rows: Cells, drop: Cells, units: Cells) -> None:
    """Add the units of all drops given into `units`, by needs row and wave."""
    for rank in range(len(row_of)):
        if wave_of[rank] != OPEN:
            row = rows[row_of[rank]]
            units[row, wave_of[rank]] += drop[row]


@compiled(*(ONE(units, ANY_WHOLE, ANY_WHOLE, SMALL, SMALL, SMALL, WHOLE) for units in TABLES))
def lay(
    units: Cells,
    node_of: Cells,
    item_of: Cells,
    nodes: Cells,
    items: Cells,
    waves: Cells,
    given: Cells,
) -> int:
    """Add lines into `units` where both stand in the order of nodes and items.

    Returns how many were added: all, or those before the first that has no row further on or names
    no wave.
    """
    row = 0
    for line in range(len(nodes)):
        node, item = nodes[line], items[line]
        while row < len(node_of) and (
            node_of[row] < node or (node_of[row] == node and item_of[row] < item)
        ):
            row += 1
        if row == len(node_of) or node_of[row] != node or item_of[row] != item:
            return line
        if waves[line] < 0 or waves[line] >= units.shape[1]:
            return line
        units[row, waves[line]] += given[line]
    return len(nodes)


@compiled(
    *(
        types.void(units, SMALL, ANY_WHOLE, ANY_WHOLE, SMALL, SMALL, SMALL, WHOLE)
        for units in TABLES
    )
)
def lines(
    units: Cells,
    order: Cells,
    node_of: Cells,
    item_of: Cells,
    nodes: Cells,
    items: Cells,
    waves: Cells,
    given: Cells,
) -> None:
    """The cells of `units` that are not 0, row by row in `order`, or as rows stand without one."""
    count = 0
    for i in range(units.shape[0]):
        row = order[i] if len(order) else i
        for wave in range(units.shape[1]):
            if units[row, wave] != 0:
                nodes[count], items[count] = node_of[row], item_of[row]
                waves[count], given[count] = wave, units[row, wave]
                count += 1


@compiled(types.void(SMALL, ANY_WHOLE, WAVES, ONE, WHOLE, WHOLE))
def waiting(
    row_of: Cells, size: Cells, wave_of: Cells, step: int, units: Cells, last: Cells
) -> None:
    """Units of open drops by block of `step` ranks, and the last rank that each wave gave."""
    for block in range(len(units)):
        total = 0
        for rank in range(block * step, min(len(row_of), (block + 1) * step)):
            if wave_of[rank] == OPEN:
                total += size[row_of[rank]]
            else:
                last[wave_of[rank]] = rank
        units[block] = total
