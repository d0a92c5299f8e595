"""Whether what lists, links and search read is what follows from the revisions.

Revisions are compared with the log, which is sealed; list rows are not in the log, because they can
be made anew. A page of an older copy that holds one is whole and would show what no longer holds.
"""

import uuid
from collections.abc import Callable, Iterator
from typing import cast

from fielddoc.domain.merge import State
from fielddoc.vault import merged, projections, records
from fielddoc.vault.database import Row, Value
from fielddoc.vault.standing import IN_TRASH, LISTED, MERGED
from fielddoc.vault.vault import Vault

_AT_ONCE = 200


def slices(vault: Vault) -> list[tuple[Value, ...]]:
    """Return the raw ids of all records in slices, to be looked at one after the other."""
    rows = vault.database.query("SELECT record FROM revision GROUP BY record ORDER BY record")
    ids = [row[0] for row in rows]
    return [tuple(ids[at : at + _AT_ONCE]) for at in range(0, len(ids), _AT_ONCE)]


def faults_among(vault: Vault, some: tuple[Value, ...]) -> list[str]:
    """Return the ids of those records of a slice whose rows are not what they should be."""
    found: list[str] = []
    for raw in some:
        record = str(uuid.UUID(bytes=cast("bytes", raw)))
        if not _is_right(vault, record, cast("bytes", raw)):
            found.append(record)
    return found


def faults_of_the_whole(vault: Vault) -> Iterator[str]:
    """Yield what is wrong beside single records: rows of none, and an index that is not whole."""
    rows = vault.database.query(
        "SELECT id FROM record WHERE id NOT IN (SELECT record FROM revision)"
    )
    yield from (str(uuid.UUID(bytes=cast("bytes", row[0]))) for row in rows)
    rows = vault.database.query(
        "SELECT DISTINCT source FROM link WHERE source NOT IN (SELECT record FROM revision)"
    )
    yield from (str(uuid.UUID(bytes=cast("bytes", row[0]))) for row in rows)
    if not vault.database.is_index_whole("search"):
        yield "search"


def is_up_to_date(vault: Vault, progress: Callable[[int, int], None]) -> bool:
    """Tell whether every row is what follows from the revisions; takes a millisecond a record.

    `progress` is told slices done and in all.
    """
    if any(faults_of_the_whole(vault)):
        return False
    parts = slices(vault)
    for done, some in enumerate(parts, 1):
        if faults_among(vault, some):
            return False
        progress(done, len(parts))
    return True


def _is_right(vault: Vault, record: str, raw: bytes) -> bool:
    state = records.state_of(vault, record)
    wanted, _, links = projections.projected(state)
    expected = (*wanted[:4], _standing(vault, state), *wanted[5:])
    return _row_of(vault, raw) == expected and _links_of(vault, raw) == links


def _row_of(vault: Vault, raw: bytes) -> Row:
    sql = f"SELECT {projections.COLUMNS} FROM record WHERE id = ?"  # noqa: S608 - our own columns
    rows = vault.database.query(sql, (raw,))
    return rows[0] if rows else ()


def _links_of(vault: Vault, raw: bytes) -> list[tuple[str, str]]:
    rows = vault.database.query("SELECT path, target FROM link WHERE source = ?", (raw,))
    return sorted((cast("str", path), _text(target)) for path, target in rows)


def _text(target: Value) -> str:
    return str(uuid.UUID(bytes=cast("bytes", target)))


def _standing(vault: Vault, state: State) -> int:
    if state.deleted:
        return IN_TRASH
    if state.type != "person":
        return LISTED
    stands = merged.standing_for(vault.database, state.record)
    return LISTED if stands == state.record else MERGED
