"""Drafts: one mutable row a record, for what is typed but not yet saved as a revision."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from fielddoc.domain.canonical import Json, decode, encode
from fielddoc.domain.record_types import record_type
from fielddoc.domain.schema import Kind
from fielddoc.errors import InputRefusedError
from fielddoc.i18n import N_
from fielddoc.vault import compartment, records
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


def make_revision(vault: Vault, draft: Draft) -> bool:
    """Save a draft as a revision of its record, and forget it; return whether anything changed.

    Raises:
        InputRefusedError: the record is in the trash, or the draft cannot be kept.
    """
    if records.type_of(vault, draft.record) is None:
        records.add(vault, draft.type, draft.values, record=draft.record)
        return True
    if records.state_of(vault, draft.record).deleted:
        raise InputRefusedError(reason=N_("it is in the trash; restore it first"))
    fields = _fields_of_form(draft.type)
    typed = {name: value for name, value in draft.values.items() if name in fields}
    cleared: dict[str, Json] = dict.fromkeys(cleared_by(vault, draft))
    is_changed = records.revise(vault, draft.record, {**typed, **cleared})
    discard(vault, draft.record)
    return is_changed


def cleared_by(vault: Vault, draft: Draft) -> tuple[str, ...]:
    """Return the fields that the record has and its draft, which holds all of a form, has not."""
    if records.type_of(vault, draft.record) is None:
        return ()
    fields = _fields_of_form(draft.type)
    present = records.get(vault, draft.record).values
    return tuple(name for name in present if name in fields and name not in draft.values)


def discard(vault: Vault, record: str) -> None:
    """Forget the draft of a record."""
    vault.database.query("DELETE FROM draft WHERE record = ?", (uuid.UUID(record).bytes,))


def _fields_of_form(type_name: str) -> set[str]:
    """Return the fields that can be typed; a draft only carries along what stood in the others."""
    declared = record_type(type_name)
    return {f.name for f in declared.fields if not f.is_set_elsewhere} if declared else set()


def _sealed_fields(type_name: str) -> list[str]:
    declared = record_type(type_name)
    return [f.name for f in declared.fields if f.kind is Kind.SEALED] if declared else []
