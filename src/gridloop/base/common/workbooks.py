"""How much a workbook holds, seen before it is opened: its reader lays each sheet out as a rectangle."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_CHUNK = 1 << 20
_LONGEST_TAG = 1 << 12
# <c r="AB12"> and <row r="12">, with whatever prefix and attributes.
_PLACE = re.compile(rb"""<(?:\w+:)?(?:c|row)\s[^>]*?\br=["']([A-Z]{0,3})(\d{1,7})["']""")


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes when unpacked, and cells of the largest sheet's rectangle; 0 where the format does not tell."""

    unpacked: int
    cells: int


def measure(file: IO[bytes], *, most_bytes: int) -> Size:
    """
    Return how much an XLSX, or another zipped workbook, unpacks to; leaves the file at its beginning.

    One cell in the far corner of a sheet of a few kilobytes makes a rectangle that no memory holds.

    :param most_bytes: beyond it the cells are not counted any more.
    :raises zipfile.BadZipFile: it is not a zip file, or is damaged.
    """
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        sheets = [part for part in parts if part.filename.startswith("xl/worksheets/")]
        cells = max((_cells(archive, part) for part in sheets), default=0) if unpacked <= most_bytes else 0
    file.seek(0)
    return Size(unpacked, cells)


def _cells(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    columns = rows = 0
    for chunk in _chunks(archive, part):
        for letters, number in set(_PLACE.findall(chunk)):
            columns = max(columns, _column(letters))
            rows = max(rows, int(number))
    return columns * rows


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the part in pieces that overlap, so that no tag is cut in two."""
    tail = b""
    with archive.open(part) as file:
        while piece := file.read(_CHUNK):
            yield tail + piece
            tail = piece[-_LONGEST_TAG:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
