"""People who were merged: which record stands for them.

The record of a merged person says in `merged_into` which other one stands for it, and is otherwise
left as it is. Which records lists show follows from these links alone, so that devices which
merged at the same time come to the same answer: the end of the chain, and of a ring of records
that were merged into each other the one with the smallest id.
"""

import uuid
from collections.abc import Iterable

from fielddoc.vault import projections
from fielddoc.vault.database import Database
from fielddoc.vault.standing import LISTED, MERGED

FIELD = "merged_into"


def standing_for(database: Database, record: str) -> str:
    """Return the id of the record that stands for a person: its own, unless it was merged."""
    chain = [record]
    while (target := _target(database, chain[-1])) is not None:
        if target in chain:
            return min(chain[chain.index(target) :])
        chain.append(target)
    return chain[-1]


def group_of(database: Database, record: str) -> set[str]:
    """Return the ids of all records that merges connect with this one, its own among them."""
    found: set[str] = set()
    waiting = {record}
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting |= set(merged_into(database, one)) - found
        target = _target(database, one)
        if target is not None and target not in found:
            waiting.add(target)
    return found


def merged_into(database: Database, record: str) -> list[str]:
    """Return the ids of the records that were merged into this one directly."""
    rows = database.query(
        "SELECT source FROM link WHERE target = ? AND path = ? ORDER BY source",
        (uuid.UUID(record).bytes, FIELD),
    )
    return [str(uuid.UUID(bytes=row[0])) for row in rows if isinstance(row[0], bytes)]


def place(database: Database, group: Iterable[str]) -> None:
    """Let lists show of these records those that stand for themselves."""
    for record in group:
        where = LISTED if standing_for(database, record) == record else MERGED
        projections.set_standing(database, record, where)


def _target(database: Database, record: str) -> str | None:
    """Return what a record was merged into, if that is a person in the vault."""
    raw = uuid.UUID(record).bytes
    value = database.value(
        "SELECT target FROM link JOIN record ON record.id = link.target"
        " WHERE source = ? AND path = ? AND record.type = 'person' AND target <> source",
        (raw, FIELD),
    )
    return str(uuid.UUID(bytes=value)) if isinstance(value, bytes) else None
