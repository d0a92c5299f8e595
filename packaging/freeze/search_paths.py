"""Where a library of Linux looks for others: reading that from an ELF file, and taking it out.

A Python that was compiled by hand carries the folder that it was compiled for. In what ships that
would name somebody's home, and load whatever lies there. Formats: elf(5), 64 bits, little-endian.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_LOAD, _DYNAMIC = 1, 2
_STRINGS, _RPATH, _RUNPATH = 5, 15, 29


@dataclass(frozen=True, slots=True)
class _Entry:
    place: int
    """Where in the file it stands."""
    tag: int
    value: int


def elf_files(folder: Path) -> Iterator[Path]:
    """Yield the programs and libraries in a folder, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def foreign(data: bytes) -> list[str]:
    """Return the search paths of an ELF file that do not begin where the file itself lies."""
    return [path for _, _, path in _foreign(data)]


def without_foreign(data: bytes) -> bytes:
    """Return the same file without them, neither in use nor in its bytes."""
    changed = bytearray(data)
    for entry, place, path in reversed(_foreign(data)):
        entries = _entries(bytes(changed))
        end = entries[-1].place + 16
        # The later entries move up one place; the last one, which is empty, stays where it is too.
        changed[entry.place : end - 16] = changed[entry.place + 16 : end]
        # A linker lets names share endings: what follows the last slash may be another's name.
        length = len(path.encode().rpartition(b"/")[0]) + 1
        changed[place : place + length] = bytes(length)
    return bytes(changed)


def remove_foreign(files: Iterable[Path]) -> int:
    """Take them out of files, and return how many had any."""
    count = 0
    for file in files:
        data = file.read_bytes()
        if foreign(data):
            file.write_bytes(without_foreign(data))
            count += 1
    return count


def _foreign(data: bytes) -> list[tuple[_Entry, int, str]]:
    entries = _entries(data)
    (strings,) = [_in_file(data, entry.value) for entry in entries if entry.tag == _STRINGS] or [0]
    found: list[tuple[_Entry, int, str]] = []
    for entry in entries:
        if entry.tag in (_RPATH, _RUNPATH):
            place = strings + entry.value
            path = data[place : data.index(b"\0", place)].decode()
            if any(not part.startswith("$ORIGIN") for part in path.split(":")):
                found.append((entry, place, path))
    return found


def _segments(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield kind, place in the file, address and length of every segment."""
    if data[:6] != b"\x7fELF\x02\x01":
        raise ValueError("no ELF file of 64 bits, little-endian")
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for index in range(count):
        fields = struct.unpack_from("<IIQQQQ", data, table + size * index)
        yield fields[0], fields[2], fields[3], fields[5]


def _in_file(data: bytes, address: int) -> int:
    for kind, place, start, length in _segments(data):
        if kind == _LOAD and start <= address < start + length:
            return place + address - start
    raise ValueError(f"{address:x} is in no segment")


def _entries(data: bytes) -> list[_Entry]:
    """Return the table by which the file is linked, up to its first empty entry; that too."""
    found: list[_Entry] = []
    for kind, place, _, length in _segments(data):
        if kind == _DYNAMIC:
            for at in range(place, place + length, 16):
                found.append(_Entry(at, *struct.unpack_from("<QQ", data, at)))
                if found[-1].tag == 0:
                    break
    return found
