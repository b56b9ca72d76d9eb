"""The pages from nation to county as plain files, for a front that serves files without us."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from tongzhou.delivery.models import DivisionProgress
from tongzhou.finder.queries import fever_marks
from tongzhou.kit.rules import canonical
from tongzhou.learning.queries import guides_mark
from tongzhou.places.models import Division
from tongzhou.portal.models import ChannelVersion

MANIFEST = "pages.json"


def folder() -> Path:
    """<language>/p/<code>/index.html, and <language>/index.html for the nation."""
    return Path(settings.DATA_DIR) / "public"


def divisions_with_files() -> list[Division]:
    """Nation to county, in tree order, the closed ones left out."""
    levels = range(Division.Level.NATION, Division.Level.COUNTY + 1)
    return list(
        Division.objects.filter(level__in=levels, valid_to__isnull=True).order_by("first", "level")
    )


def path_of(division: Division, language: str) -> Path:
    below = Path() if division.level == Division.Level.NATION else Path("p") / division.code
    return Path(language) / below / "index.html"


def stamps(divisions: Iterable[Division]) -> Iterator[tuple[Division, str]]:
    """Each division with what its page depends on: decisions and figures of itself and above, and
    the guides that are read today."""
    versions = dict(ChannelVersion.objects.filter(in_force=True).values_list("division_id", "pk"))
    figures = dict(DivisionProgress.objects.values_list("division_id", "updated_at"))
    guides = guides_mark()
    clinics = fever_marks()
    line: list[Division] = []
    for division in divisions:
        while line and line[-1].last < division.first:
            line.pop()
        line.append(division)
        decided = max((versions.get(one.pk, 0) for one in line), default=0)
        counted = next((figures[one.pk] for one in reversed(line) if one.pk in figures), None)
        fever = clinics.within(division.first, division.last)
        yield division, f"{decided}:{counted.isoformat() if counted else ''}:{guides}:{fever}"


def read_manifest() -> dict[str, str]:
    """The stamps of the files that are there; {} where it cannot be read: all are made again."""
    with suppress(OSError, ValueError):
        found = json.loads((folder() / MANIFEST).read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}


def write_manifest(manifest: dict[str, str]) -> None:
    folder().mkdir(parents=True, exist_ok=True)
    put(folder() / MANIFEST, canonical(manifest))


def take_away(code: str) -> None:
    """The files of a division that is no more, so that no front serves its numbers for ever."""
    for language, _name in settings.LANGUAGES:
        for name in ("index.html", "index.html.gz"):
            (folder() / language / "p" / code / name).unlink(missing_ok=True)


def put(path: Path, content: bytes) -> None:
    """A file that appears whole, over what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
