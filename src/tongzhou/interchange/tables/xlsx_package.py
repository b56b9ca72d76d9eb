"""The parts of an XLSX file: a zip whose directory is judged before anything is unpacked.

Parts are unpacked by the piece, and no further than the directory says, so that a file cannot
cost more memory or time than it admits to; one that admits to too much is refused unread.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from tongzhou.interchange.refusals import TableRefused
from tongzhou.interchange.tables.columns import MIB, Limits

PIECE = 1 << 18
_END = b"PK\x05\x06"
_END_SIZE = 22
_LOCAL_SIZE = 30
# What one entry of the directory may take: its fixed part and generous names and extras.
_ENTRY_BYTES = 1024
# Below this size no ratio matters: the memory is nothing.
_HARMLESS = 16 * MIB


@dataclass(frozen=True, slots=True)
class Package:
    """A zip in memory whose directory has been found acceptable."""

    data: bytes
    entries: dict[str, zipfile.ZipInfo]

    @classmethod
    def open(cls, data: bytes, limits: Limits) -> Self:
        """Raises TableRefused for a damaged zip and for one that unpacks beyond the limits."""
        _check_directory_size(data, limits)
        try:
            infos = zipfile.ZipFile(io.BytesIO(data)).infolist()
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            ValueError,
            OSError,
            struct.error,
        ) as error:
            raise TableRefused("file.broken", detail="zip") from error
        _check_entries(infos, limits)
        return cls(data, {info.filename.lower(): info for info in infos})

    def has(self, name: str) -> bool:
        return name.lower() in self.entries

    def text(self, name: str, most: int = 4 * MIB) -> str:
        """A whole small part; raises TableRefused when it is absent, damaged or over `most`."""
        if self._entry(name).file_size > most:
            raise TableRefused("file.unpacked", limit=most // MIB)
        return decoded(b"".join(self.pieces(name)))

    def pieces(self, name: str) -> Iterator[bytes]:
        """The unpacked bytes of a part, by the piece, checked against size and checksum."""
        entry = self._entry(name)
        size, checksum = 0, 0
        for piece in self._unpacked(entry):
            size += len(piece)
            checksum = zlib.crc32(piece, checksum)
            # Looked at piece by piece: a part that unpacks to more than it says is stopped at once.
            if size > entry.file_size:
                raise TableRefused("file.lying", part=name)
            yield piece
        if size != entry.file_size:
            raise TableRefused("file.lying", part=name)
        if checksum != entry.CRC:
            raise TableRefused("file.broken", detail=name)

    def _entry(self, name: str) -> zipfile.ZipInfo:
        try:
            # The format compares the names of parts without regard to case.
            return self.entries[name.lower()]
        except KeyError:
            raise TableRefused("file.broken", detail=name) from None

    def _unpacked(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        packed = self._packed(entry)
        if entry.compress_type == zipfile.ZIP_STORED:
            yield from _cut(packed)
            return
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for fed in _cut(packed):
                # Never more than a piece at a time, however much a few bytes would unpack to.
                yield unpacker.decompress(fed, PIECE)
                while unpacker.unconsumed_tail:
                    yield unpacker.decompress(unpacker.unconsumed_tail, PIECE)
                if unpacker.eof:
                    break
            while piece := unpacker.decompress(b"", PIECE):
                yield piece
        except zlib.error as error:
            raise TableRefused("file.broken", detail=entry.filename) from error
        if not unpacker.eof:
            raise TableRefused("file.broken", detail=entry.filename)

    def _packed(self, entry: zipfile.ZipInfo) -> memoryview:
        """The packed bytes, found behind the local header, whose names have sizes of their own."""
        start = entry.header_offset
        local = self.data[start : start + _LOCAL_SIZE]
        if len(local) < _LOCAL_SIZE or not local.startswith(b"PK\x03\x04"):
            raise TableRefused("file.broken", detail=entry.filename)
        name_size, extra_size = struct.unpack("<HH", local[26:30])
        first = start + _LOCAL_SIZE + name_size + extra_size
        packed = memoryview(self.data)[first : first + entry.compress_size]
        if len(packed) != entry.compress_size:
            raise TableRefused("file.broken", detail=entry.filename)
        return packed


def decoded(data: bytes) -> str:
    """XML as text: UTF-8 only, and without the constructs that no spreadsheet writes."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableRefused("file.broken", detail="UTF-8") from error
    if "<!" in text:
        # Document types, comments and character data sections could hide or multiply content.
        raise TableRefused("file.broken", detail="<!")
    return text


def _cut(data: memoryview) -> Iterator[bytes]:
    for start in range(0, len(data), PIECE):
        yield bytes(data[start : start + PIECE])


def _check_directory_size(data: bytes, limits: Limits) -> None:
    """Refuse a directory that would be costly only to list."""
    # The end record stands before a comment of at most 65,535 bytes, so it is near the end.
    end = data.rfind(_END, max(0, len(data) - _END_SIZE - 0xFFFF))
    if end < 0 or end + _END_SIZE > len(data):
        raise TableRefused("file.broken", detail="zip")
    count, size = struct.unpack("<HI", data[end + 10 : end + 16])
    if count > limits.entries or size > limits.entries * _ENTRY_BYTES:
        count = max(count, size // _ENTRY_BYTES)
        raise TableRefused("file.entries", count=count, limit=limits.entries)


def _check_entries(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    if any(info.flag_bits & 1 for info in infos):
        raise TableRefused("file.locked")
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        raise TableRefused("file.broken", detail="zip")
    unpacked = sum(info.file_size for info in infos)
    if unpacked > limits.unpacked_bytes:
        raise TableRefused("file.unpacked", limit=limits.unpacked_bytes // MIB)
    packed = sum(info.compress_size for info in infos)
    # A small sheet of equal cells packs as well as a bomb does, and harms nobody.
    if unpacked > _HARMLESS and unpacked > packed * limits.unpacked_ratio:
        raise TableRefused("file.bomb", limit=limits.unpacked_ratio)
