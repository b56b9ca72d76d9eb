"""Where a place stands in its list: a bar of the units that each wave gives, with its ends."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tongzhou.plans.queries.explain import Fact, WaveFact

from .figures import number

# Per cent of the bar below which a piece has no room for its number; the table has it.
ROOM = 7.0
# Where a label begins to run over the end of the bar.
EDGE = 25.0


@dataclass(frozen=True, slots=True)
class ListBar:
    """The picture, what it shows in a sentence, and its rows: wave, units, places, the weight at
    which it ends, and whether the place is served by it."""

    finding: str
    picture: SafeString
    rows: list[tuple[WaveFact, str, bool]]
    waiting: int


def list_bar(fact: Fact) -> ListBar | None:
    """None where the run did not keep the ends of its waves, or the place stands in no list."""
    waves = fact.waves
    if not fact.rank or not waves or waves[-1].cut is None:
        return None
    waiting = waves[-1].waiting
    whole = sum(wave.list_units for wave in waves) + waiting
    at = _position(fact)
    if not whole or at is None:
        return None
    return ListBar(
        finding=_finding(fact, at, whole),
        picture=_drawn(_finding(fact, at, whole), waves, waiting, whole, 100 * at / whole),
        rows=[(wave, _ends(fact, wave), wave.units > 0) for wave in waves],
        waiting=waiting,
    )


def _position(fact: Fact) -> float | None:
    """Units of the list that come before its next drop; served in full, before its last one."""
    if fact.waits:
        if fact.ahead_units is None:
            return None
        return sum(wave.list_units for wave in fact.waves) + fact.ahead_units
    before, at = 0, None
    for wave in fact.waves:
        if wave.units:
            at = before + wave.list_units * wave.before / max(1, wave.places)
        before += wave.list_units
    return at


def _finding(fact: Fact, at: float, whole: int) -> str:
    values = {"units": number(round(at)), "whole": number(whole)}
    if fact.waits:
        text = _("The list needs %(whole)s units; the next drop here comes after %(units)s of them")
    else:
        text = _("The list needs %(whole)s units; the drop here comes after %(units)s of them")
    return text % values


def _ends(fact: Fact, wave: WaveFact) -> str:
    if fact.weight is None or wave.cut is None or "weight" not in wave.cut:
        return "—"
    return number(wave.cut["weight"], 1)


def _drawn(
    name: str, waves: Sequence[WaveFact], waiting: int, whole: int, mark: float
) -> SafeString:
    """SVG in per cent of its width, so that words keep their size on a phone."""
    pieces, ends, start = [], [], 0.0
    for at, wave in enumerate(waves):
        size = 100 * wave.list_units / whole
        if size:
            pieces.append(_piece(start, size, 4 if at % 2 else 3, number(wave.number)))
            start += size
            ends.append((f"{start:.2f}%",))
    rest = _piece(start, 100 - start, 0, _("waiting") if waiting else "")
    return format_html(
        '<svg role="img" aria-label="{}" style="height:5.25rem;overflow:visible">{}{}{}{}</svg>',
        name,
        format_html_join("", "{}", ((piece,) for piece in pieces)),
        rest if waiting else "",
        format_html_join(
            "",
            '<line x1="{0}" x2="{0}" y1="28" y2="74" stroke="var(--tz-text)" stroke-width="2"/>',
            ends,
        ),
        _mark(mark),
    )


def _piece(start: float, size: float, step: int, label: str) -> SafeString:
    """A wave's units; step 0: what still waits, without a fill."""
    fill = f"var(--tz-step{step})" if step else "var(--tz-surface)"
    ink = {3: "var(--tz-on-step3)", 4: "var(--tz-on-step45)"}.get(step, "var(--tz-text)")
    return format_html(
        '<rect x="{}%" y="34" width="{}%" height="34" fill="{}" stroke="var(--tz-line)"/>{}',
        f"{start:.2f}",
        f"{size:.2f}",
        fill,
        format_html(
            '<text x="{}%" y="56" font-size="14" text-anchor="middle" fill="{}">{}</text>',
            f"{start + size / 2:.2f}",
            ink,
            label,
        )
        if size >= ROOM + len(label)
        else "",
    )


def _mark(at: float) -> SafeString:
    """The place itself, as an arrow from above with its word on the side that has room."""
    at = min(99.5, max(0.5, at))
    side, shift = ("start", 12) if at < EDGE else ("end", -12) if at > 100 - EDGE else ("start", 12)
    return format_html(
        '<svg x="{}%" style="overflow:visible"><path d="M-8 14H8L0 30Z" fill="var(--tz-series2)"/>'
        '<line x1="0" x2="0" y1="28" y2="68" stroke="var(--tz-series2)" stroke-width="3"/>'
        '<text x="{}" y="18" font-size="14" text-anchor="{}" fill="var(--tz-text)">{}</text></svg>',
        f"{at:.2f}",
        shift,
        side,
        _("this place"),
    )
