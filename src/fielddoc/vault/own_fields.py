"""The fields of a person's own that are declared in a vault."""

import uuid
from typing import cast

from fielddoc.domain.own_fields import OwnField, own_field, with_own_fields
from fielddoc.domain.record_types import OWN_FIELD, record_type
from fielddoc.domain.schema import RecordType
from fielddoc.vault.projections import stored_values
from fielddoc.vault.standing import LISTED
from fielddoc.vault.vault import Vault


def declared_in(vault: Vault) -> tuple[OwnField, ...]:
    """Return the declarations that are not in the trash, oldest first."""
    rows = vault.database.query(
        "SELECT id, state FROM record WHERE deleted = ? AND type = ? ORDER BY number",
        (LISTED, OWN_FIELD.name),
    )
    found = (
        own_field(str(uuid.UUID(bytes=cast("bytes", identity))), stored_values(cast("bytes", body)))
        for identity, body in rows
    )
    return tuple(one for one in found if one is not None)


def full_type(vault: Vault, type_name: str) -> RecordType | None:
    """Return a record type with the fields of one's own that this vault declares for it."""
    known = record_type(type_name)
    return with_own_fields(known, declared_in(vault)) if known else None
