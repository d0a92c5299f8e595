"""The local chain over every row that is the truth; it is never exported.

SQLCipher authenticates pages, but not that they are of one age: a page of an older copy put back
passes all its checks. The chain notices: each entry's head is SHA-256 over the entry and the head
before, the newest head stands sealed in the key file, and `check` compares every row with the
last entry about it (docs/vault-format.md, "Log").
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from fielddoc.domain.canonical import Json, encode
from fielddoc.vault.database import Database, Value

FIRST_HEAD = bytes(32)
_LABEL = b"fielddoc-log-v1\0"


@dataclass(frozen=True, slots=True)
class LogPosition:
    """How many entries the chain has, and its head."""

    count: int
    head: bytes


def append(database: Database, kind: str, key: bytes, row: bytes) -> None:
    """Add an entry in the running transaction.

    Args:
        database: the vault's database.
        kind: the table.
        key: which row of it.
        row: SHA-256 of the row as it now is, see `row_hash`; 32 zero bytes for a removed row.
    """
    before = position(database)
    number = before.count + 1
    database.query(
        "INSERT INTO log (number, kind, key, row, head) VALUES (?, ?, ?, ?, ?)",
        (number, kind, key, row, next_head(before.head, number, kind, key, row)),
    )


REMOVED = bytes(32)
"""Stands for a row that is no longer there."""


def next_head(previous: bytes, number: int, kind: str, key: bytes, row: bytes) -> bytes:
    """Return the head after one more entry."""
    parts = (kind.encode("ascii"), key, row, previous)
    data = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hashlib.sha256(_LABEL + number.to_bytes(8, "big") + data).digest()


def row_hash(values: Sequence[Value]) -> bytes:
    """Return SHA-256 of the canonical JSON list of a row's columns, blobs as hexadecimal."""
    plain: list[Json] = [value.hex() if isinstance(value, bytes) else value for value in values]
    return hashlib.sha256(encode(plain)).digest()


def position(database: Database) -> LogPosition:
    """Return where the chain stands."""
    rows = database.query("SELECT number, head FROM log ORDER BY number DESC LIMIT 1")
    match rows:
        case [(int() as count, bytes() as head)]:
            return LogPosition(count, head)
        case _:
            return LogPosition(0, FIRST_HEAD)


def head_at(database: Database, count: int) -> bytes | None:
    """Return the head after `count` entries, or None if the chain is not that long."""
    if count == 0:
        return FIRST_HEAD
    head = database.value("SELECT head FROM log WHERE number = ?", (count,))
    return head if isinstance(head, bytes) else None
