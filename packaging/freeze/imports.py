"""Which libraries a file of Windows or macOS is linked with, read from its own tables.

The formats are those of Microsoft's "PE Format" and of Apple's `mach-o/loader.h`; a build for those
systems can so be judged on Linux.
"""

import struct
from collections.abc import Iterator

_FAT = 0xCAFEBABE
_MACH_64 = 0xFEEDFACF
_LOADS = {0xC, 0x18 | 0x80000000, 0x1F | 0x80000000}  # LC_LOAD_DYLIB, _WEAK_DYLIB, _REEXPORT_DYLIB
_IMPORT_TABLE, _DELAYED_TABLE = 1, 13


def imports(data: bytes) -> set[str]:
    """Return the names of the libraries that a PE or Mach-O file asks for, as they stand in it.

    Empty for a file of neither kind.

    Raises:
        struct.error, IndexError, ValueError: the file is cut off.
    """
    if data[:2] == b"MZ":
        return set(_of_pe(data))
    if len(data) > 8 and struct.unpack_from(">I", data)[0] == _FAT:
        (count,) = struct.unpack_from(">I", data, 4)
        places = [struct.unpack_from(">5I", data, 8 + 20 * index)[2] for index in range(count)]
        return {name for place in places for name in _of_mach(data, place)}
    return set(_of_mach(data, 0))


def _of_mach(data: bytes, start: int) -> Iterator[str]:
    if len(data) < start + 32 or struct.unpack_from("<I", data, start)[0] != _MACH_64:
        return
    (count,) = struct.unpack_from("<I", data, start + 16)
    place = start + 32
    for _ in range(count):
        kind, size = struct.unpack_from("<II", data, place)
        if kind in _LOADS:
            (name,) = struct.unpack_from("<I", data, place + 8)
            yield _text(data, place + name)
        place += size


def _of_pe(data: bytes) -> Iterator[str]:
    (head,) = struct.unpack_from("<I", data, 0x3C)
    if data[head : head + 4] != b"PE\0\0":
        return
    _, sections, _, _, _, size, _ = struct.unpack_from("<HHIIIHH", data, head + 4)
    optional = head + 24
    tables = optional + (112 if struct.unpack_from("<H", data, optional)[0] == 0x20B else 96)
    rows = [
        struct.unpack_from("<IIII", data, optional + size + 40 * index + 8)
        for index in range(sections)
    ]

    def place(address: int) -> int:
        for length, start, raw_length, raw in rows:
            if start <= address < start + max(length, raw_length):
                return int(raw + address - start)
        raise ValueError(f"{address:x} is in no section")

    # The name stands in the fourth field of a row of 20 bytes, or the second of one of 32.
    for table, width, field in ((_IMPORT_TABLE, 20, 12), (_DELAYED_TABLE, 32, 4)):
        (address,) = struct.unpack_from("<I", data, tables + 8 * table)
        if not address:
            continue
        row = place(address)
        while any(data[row : row + width]):
            (name,) = struct.unpack_from("<I", data, row + field)
            yield _text(data, place(name))
            row += width


def _text(data: bytes, place: int) -> str:
    return data[place : data.index(b"\0", place)].decode("utf-8")
