"""What can be found in the pages of a damaged database, by the form of its rows; for salvage only.

No page leads here to another: each is looked at by itself, so that a damaged page costs the rows
in it and no others. Which table a row is of follows from its columns, which differ in every table.
What was found is judged in `fielddoc.vault.salvage`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from fielddoc.vault.database import Row
from fielddoc.vault.page_file import PageFile
from fielddoc.vault.tree_page import PageRow, rows_of, walk

_ID, _HASH = 16, 32


class LogEntry(NamedTuple):
    """A row of `log` without its number."""

    kind: str
    key: bytes
    row: bytes
    head: bytes


class Place(NamedTuple):
    """Where a revision was found: page, which version of it, and which row there."""

    number: int
    """Of the revision's row."""
    page: int
    version: int
    row: int


@dataclass(slots=True)
class Carved:
    """What was found. Where a page has two versions, rows of both are here, the newer first."""

    revisions: dict[bytes, list[Place]] = field(default_factory=lambda: defaultdict(list))
    log: dict[int, list[LogEntry]] = field(default_factory=lambda: defaultdict(list))
    tables: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    """Rows of the other tables, with their number in the place of an integer primary key."""
    roots: dict[str, int] = field(default_factory=dict)
    """First pages of tables and indexes, as far as the schema could be read."""
    damaged_pages: int = 0
    broken_rows: int = 0
    """Rows whose beginning is intact and whose further pages are not."""


def carve(file: PageFile, progress: Callable[[int, int], None]) -> Carved:
    """Look at every page and return what is in it."""
    found = Carved()
    for page in range(1, file.count + 1):
        if file.is_lost(page):
            found.damaged_pages += 1
        for version, (rows, broken) in enumerate(_versions(file, page)):
            if version == 0:
                found.broken_rows += broken
            for place, row in enumerate(rows):
                _sort(found, row, Place(row.number or 0, page, version, place))
        progress(page, file.count)
    return found


def bodies(file: PageFile, places: list[Place]) -> Iterator[tuple[Place, bytes]]:
    """Yield the bodies of revisions at some places; neighbours of one page are read once."""
    at: tuple[int, int] | None = None
    rows: tuple[PageRow, ...] = ()
    for place in places:
        if at != (place.page, place.version):
            at = (place.page, place.version)
            rows = [*_versions(file, place.page)][place.version][0]
        yield place, cast("bytes", rows[place.row].values[3])


def titles(file: PageFile, wanted: set[bytes]) -> dict[bytes, tuple[str, str]]:
    """Return type and title of some records, from the rows by which they are listed."""
    found: dict[bytes, tuple[str, str]] = {}
    for page in range(1, file.count + 1):
        for rows, _ in _versions(file, page):
            for row in rows:
                match row.values:
                    case (None, bytes() as record, str() as kind, str() as title, *more) if (
                        len(more) == 5 and record in wanted
                    ):
                        found.setdefault(record, (kind, title))
                    case _:
                        pass
    return found


def index(file: PageFile, root: int | None) -> Iterator[tuple[bytes, int]]:
    """Yield the pairs (bytes, row number) of an index or table, as far as ways lead to them."""
    for row in walk(root, file.newest) if root else ():
        match row.values:
            case (bytes() as key, int() as number):
                yield key, number
            case _:
                pass


def _versions(file: PageFile, page: int) -> Iterator[tuple[tuple[PageRow, ...], int]]:
    for data, read in file.versions(page):
        found = rows_of(page, data, read)
        yield (found.rows, found.broken) if found is not None else ((), 0)


def _sort(found: Carved, row: PageRow, place: Place) -> None:
    """Put a row where it belongs."""
    match row.values:
        case (None, bytes() as identity, bytes() as record, bytes()) if row.number is not None:
            if (len(identity), len(record)) == (_HASH, _ID):
                found.revisions[identity].append(place)
        case (None, str() as kind, bytes() as key, bytes() as hashed, bytes() as head):
            if row.number is not None and len(hashed) == len(head) == _HASH:
                found.log[row.number].append(LogEntry(kind, key, hashed, head))
        case (str(), str() as name, str(), int() as root, _) if row.number is not None:
            found.roots.setdefault(name, root)
        case _:
            table = _table_of(row)
            if table is not None:
                first = row.values[0]
                whole = (row.number, *row.values[1:]) if first is None else row.values
                found.tables[table].append(whole)


def _table_of(row: PageRow) -> str | None:
    """Return which of the smaller tables a row is of, or None."""
    if row.number is None:
        match row.values:
            case (bytes() as mark,) if len(mark) == _HASH:
                return "purged"
            case (str(), bytes()):
                return "meta"
            case (str(), str()):
                return "setting"
            case (bytes() as recipients, bytes(), bytes()) if len(recipients) == _HASH:
                return "alias"
            case (bytes() as recipients, bytes(), bytes(), str()) if len(recipients) == _HASH:
                return "derived"
            case _:
                return None
    match row.values:
        case (None, int(), str(), bytes() as key, int(), bytes() as sha256, str()):
            return "attachment" if len(key) == len(sha256) == _HASH else None
        case (None, int(), str(), bytes(), bytes(), bytes(), bytes()):
            return "identity"
        case (None, str(), str(), int(), bytes()):
            return "contact"
        case (None, bytes(), str(), bytes(), int(), bytes(), bytes(), int()):
            return "received"
        case (None, bytes(), bytes(), str(), int(), bytes(), int()):
            return "sent"
        case (bytes() as identity, int(), str(), bytes()) if len(identity) == _ID:
            return "compartment"
        case (bytes() as record, str(), int(), bytes()) if len(record) == _ID:
            return "draft"
        case _:
            return None
