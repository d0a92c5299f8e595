"""Drafts: one mutable row a record, for what is typed but not yet saved as a revision."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from fielddoc.domain.canonical import Json, decode, encode
from fielddoc.domain.record_types import record_type
from fielddoc.domain.schema import Kind
from fielddoc.vault import compartment
from fielddoc.vault.records import now_ms
from fielddoc.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed for a record and not yet saved."""

    record: str
    type: str
    saved_ms: int
    values: dict[str, Json]


def save(vault: Vault, record: str, type_name: str, values: Mapping[str, Json]) -> None:
    """Keep the draft of a record, durably; a revision of it removes the draft.

    Fields that identify a source are sealed, as in a revision.
    """
    kept = dict(values)
    for name in _sealed_fields(type_name):
        value = kept.get(name)
        if value is not None and not compartment.is_sealed(value):
            kept[name] = compartment.seal_value(vault, record, name, value)
    row = (uuid.UUID(record).bytes, type_name, now_ms(), encode(kept))
    with vault.database.transaction():
        vault.database.query("INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?)", row)


def get(vault: Vault, record: str) -> Draft | None:
    """Return the draft of a record, or None."""
    rows = vault.database.query(
        "SELECT type, saved_ms, body FROM draft WHERE record = ?", (uuid.UUID(record).bytes,)
    )
    if not rows:
        return None
    type_name, saved_ms, body = cast("tuple[str, int, bytes]", rows[0])
    values = cast("dict[str, Json]", decode(body))
    for name in _sealed_fields(type_name):
        if name in values:
            opened = compartment.open_value(vault, record, name, values[name])
            values[name] = values[name] if opened is None else opened
    return Draft(record, type_name, saved_ms, values)


def listing(vault: Vault) -> list[tuple[str, str, int]]:
    """Return record id, type and time of saving (Unix, ms) of every draft, newest first.

    Drafts of records that have no revision yet are among them.
    """
    rows = vault.database.query("SELECT record, type, saved_ms FROM draft ORDER BY saved_ms DESC")
    return [
        (str(uuid.UUID(bytes=raw)), str(type_name), saved_ms)
        for raw, type_name, saved_ms in cast("list[tuple[bytes, str, int]]", rows)
    ]


def discard(vault: Vault, record: str) -> None:
    """Forget the draft of a record."""
    vault.database.query("DELETE FROM draft WHERE record = ?", (uuid.UUID(record).bytes,))


def _sealed_fields(type_name: str) -> list[str]:
    declared = record_type(type_name)
    return [f.name for f in declared.fields if f.kind is Kind.SEALED] if declared else []
