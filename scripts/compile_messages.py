"""Compile every message catalogue (.po) to the binary form (.mo) that gettext reads.

Pure Python, so that no gettext program has to be installed. `make` runs it, and so do the tests.
"""

import ast
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MAGIC = 0x950412DE
CONTEXT = "\x04"
FORMS = "\x00"
HEADER_BYTES = 28
FIELDS = {"msgctxt": "context", "msgid": "msgid", "msgid_plural": "plural"}


class CatalogueError(Exception):
    """A line of a catalogue that cannot be read; names file and line."""


@dataclass
class Message:
    """One entry of a catalogue; `texts` are the translations by plural form."""

    msgid: str = ""
    plural: str = ""
    context: str = ""
    texts: dict[int, str] = field(default_factory=dict)
    fuzzy: bool = False
    line: int = 0

    @property
    def key(self) -> str:
        """The name under which gettext looks the entry up."""
        key = self.msgid + (FORMS + self.plural if self.plural else "")
        return f"{self.context}{CONTEXT}{key}" if self.context else key

    @property
    def text(self) -> str:
        return FORMS.join(self.texts[number] for number in sorted(self.texts))


def read_catalogue(path: Path) -> list[Message]:
    """Every live entry of a .po file, the header (empty msgid) included."""
    entries = (_message(path, block) for block in _blocks(path))
    return [entry for entry in entries if entry.texts]


def _blocks(path: Path) -> Iterator[list[tuple[int, str]]]:
    """The lines of each entry with their numbers; obsolete entries (#~) are left out."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = line.strip()
        starts = line.startswith(("#", "msgctxt")) or (
            line.startswith("msgid ") and not any(t.startswith("msgctxt") for _, t in block)
        )
        if not line or (starts and any(text.startswith("msgstr") for _, text in block)):
            if block:
                yield block
            block = []
        if line and not line.startswith("#~"):
            block.append((number, line))
    if block:
        yield block


def _message(path: Path, block: list[tuple[int, str]]) -> Message:
    message = Message(line=block[0][0])
    add = None
    for number, line in block:
        if line.startswith("#"):
            message.fuzzy |= line.startswith("#,") and "fuzzy" in line
            continue
        keyword, _, quoted = line.partition('"')
        try:
            text = ast.literal_eval(f'"{quoted}')
        except (SyntaxError, ValueError) as error:
            raise CatalogueError(f"{path}:{number}: the text is not closed or escaped.") from error
        add = _setter(keyword.strip()) or add
        if add is None:
            raise CatalogueError(f"{path}:{number}: '{keyword.strip()}' is not a keyword.")
        add(message, text)
    return message


def _setter(keyword: str) -> Callable[[Message, str], None] | None:
    """What a keyword's text, and the lines that continue it, are added to."""
    if keyword in FIELDS:
        name = FIELDS[keyword]
        return lambda message, text: setattr(message, name, getattr(message, name) + text)
    if keyword.startswith("msgstr"):
        form = int(keyword[7:-1]) if keyword != "msgstr" else 0
        return lambda message, text: message.texts.update(
            {form: message.texts.get(form, "") + text}
        )
    return None


def compiled(messages: list[Message]) -> bytes:
    """The .mo form: a sorted table of keys, then of texts; fuzzy and empty entries are left out."""
    live = {m.key: m.text for m in messages if m.text and (not m.fuzzy or not m.msgid)}
    keys = sorted(key.encode() for key in live)
    texts = [live[key.decode()].encode() for key in keys]
    index, at = b"", HEADER_BYTES + 16 * len(keys)
    for string in keys + texts:
        index += struct.pack("<II", len(string), at)
        at += len(string) + 1
    tables = HEADER_BYTES, HEADER_BYTES + 8 * len(keys)
    header = struct.pack("<7I", MAGIC, 0, len(keys), *tables, 0, at)
    return header + index + b"".join(string + b"\0" for string in keys + texts)


def compile_all(folder: Path) -> int:
    """Compile the catalogues under a folder that changed; returns how many.

    Whole files are replaced, so that a reader never sees half of one."""
    count = 0
    for source in sorted(folder.rglob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        draft = target.with_suffix(".mo.draft")
        draft.write_bytes(compiled(read_catalogue(source)))
        draft.replace(target)
        count += 1
    return count


if __name__ == "__main__":
    try:
        print(f"{compile_all(Path(__file__).parent.parent / 'src')} catalogues compiled")
    except CatalogueError as error:
        sys.exit(str(error))
