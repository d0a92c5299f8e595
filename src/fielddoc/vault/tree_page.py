"""Rows in the pages of a SQLite database, read from the pages themselves; for salvage only.

A damaged page on the way to a row takes away SQLite's way to it, not the row. This reads whatever
rows a page holds (https://www.sqlite.org/fileformat2.html, "B-tree Pages"), and trusts nothing:
what does not add up is passed over.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fielddoc.crypto.database_page import USABLE_BYTES
from fielddoc.vault.database import Row, Value

_INDEX_INTERIOR, _TABLE_INTERIOR, _INDEX_LEAF, _TABLE_LEAF = 2, 5, 10, 13
_FILE_HEAD_BYTES = 100
_LEAST = (USABLE_BYTES - 12) * 32 // 255 - 23
_MOST_IN_TABLE = USABLE_BYTES - 35
_MOST_IN_INDEX = (USABLE_BYTES - 12) * 64 // 255 - 23
_MAXIMUM_ROW_BYTES = 64 * 1024 * 1024

ReadPage = Callable[[int], bytes | None]
"""Gives a page by its number, or None if it is damaged."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """A row as it stands in a page."""

    number: int | None
    """Its row number; None in an index or a table without row numbers."""
    values: Row


@dataclass(frozen=True, slots=True)
class PageRows:
    """What a page of a tree holds."""

    rows: tuple[PageRow, ...]
    broken: int
    """Rows that begin here and whose further pages are damaged."""
    children: tuple[int, ...]
    """Pages below this one."""
    is_index: bool


class _BrokenError(Exception):
    """Bytes that are not a row."""


def rows_of(number: int, page: bytes, read: ReadPage) -> PageRows | None:
    """Return what a page holds, or None if it is no page of a tree.

    Args:
        number: of the page, from 1.
        page: as SQLite sees it.
        read: gives the pages in which long rows go on.
    """
    start = _FILE_HEAD_BYTES if number == 1 else 0
    kind = page[start]
    if kind not in (_INDEX_INTERIOR, _TABLE_INTERIOR, _INDEX_LEAF, _TABLE_LEAF):
        return None
    is_interior = kind in (_INDEX_INTERIOR, _TABLE_INTERIOR)
    is_index = kind in (_INDEX_INTERIOR, _INDEX_LEAF)
    head = start + (12 if is_interior else 8)
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    if head + 2 * count > USABLE_BYTES:
        return None
    places = [int.from_bytes(page[at : at + 2], "big") for at in range(head, head + 2 * count, 2)]
    children = [_child(page, at) for at in places] if is_interior else []
    if is_interior:
        children.append(_child(page, start + 8))
    rows: list[PageRow] = []
    broken = 0
    for at in places:
        if kind == _TABLE_INTERIOR:
            break
        try:
            rows.append(_row(page, at + 4 * is_interior, is_index=is_index, read=read))
        except _BrokenError:
            broken += 1
    return PageRows(tuple(rows), broken, tuple(children), is_index)


def _child(page: bytes, at: int) -> int:
    return int.from_bytes(page[at : at + 4], "big")


def _row(page: bytes, at: int, *, is_index: bool, read: ReadPage) -> PageRow:
    size, at = _varint(page, at)
    number: int | None = None
    if not is_index:
        number, at = _varint(page, at)
    if size > _MAXIMUM_ROW_BYTES:
        raise _BrokenError
    local = _local_bytes(size, _MOST_IN_INDEX if is_index else _MOST_IN_TABLE)
    payload = bytearray(page[at : at + local])
    if len(payload) != local:
        raise _BrokenError
    following = _child(page, at + local) if local < size else 0
    while len(payload) < size:
        more = read(following) if following else None
        if more is None:
            raise _BrokenError
        following = _child(more, 0)
        payload += more[4 : 4 + min(USABLE_BYTES - 4, size - len(payload))]
    return PageRow(number, _values(bytes(payload)))


def _local_bytes(size: int, most: int) -> int:
    """Return how much of a row stands in its own page."""
    if size <= most:
        return size
    rest = _LEAST + (size - _LEAST) % (USABLE_BYTES - 4)
    return rest if rest <= most else _LEAST


def _values(payload: bytes) -> Row:
    """Return the columns of a record ("Record Format")."""
    head, at = _varint(payload, 0)
    if not at <= head <= len(payload):
        raise _BrokenError
    kinds: list[int] = []
    while at < head:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        size = _size_of(kind)
        data = payload[at : at + size]
        if len(data) != size:
            raise _BrokenError
        values.append(_value(kind, data))
        at += size
    if at != len(payload):
        raise _BrokenError
    return tuple(values)


def _size_of(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    return (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]


def _value(kind: int, data: bytes) -> Value:
    if kind in (10, 11) or kind == 7:  # reserved, and floats, which no table of ours has
        raise _BrokenError
    if kind == 0:
        return None
    if kind < 7:
        return int.from_bytes(data, "big", signed=True)
    if kind < 10:
        return kind - 8
    if kind % 2 == 0:
        return data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _BrokenError from error


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for length, byte in enumerate(data[at : at + 9], 1):
        if length == 9:
            return _signed(value << 8 | byte), at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + length
    raise _BrokenError


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def walk(root: int, read: ReadPage) -> Iterator[PageRow]:
    """Yield the rows of one tree, as far as the pages on the way to them are intact."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        number = waiting.pop()
        page = read(number) if number not in seen else None
        seen.add(number)
        found = rows_of(number, page, read) if page is not None else None
        if found is not None:
            waiting += found.children
            yield from found.rows
