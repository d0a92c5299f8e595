"""Present values of all records of one type, as their list rows keep them."""

import uuid
from collections.abc import Iterator
from typing import cast

from fielddoc.domain.canonical import Json
from fielddoc.vault.projections import stored_values
from fielddoc.vault.standing import LISTED
from fielddoc.vault.vault import Vault


def states_of_type(vault: Vault, type_name: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield id and values of every record of a type outside the trash, oldest first.

    Nothing sealed is in the values.
    """
    rows = vault.database.rows(
        "SELECT id, state FROM record WHERE deleted = ? AND type = ? ORDER BY number",
        (LISTED, type_name),
    )
    for identity, body in rows:
        yield str(uuid.UUID(bytes=cast("bytes", identity))), stored_values(cast("bytes", body))
