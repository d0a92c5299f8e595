"""The trash: how long records have lain in it, and which are old enough to be offered for purging.

Nothing is ever purged by itself. After thirty days a record is offered; somebody decides.
"""

import uuid
from dataclasses import dataclass
from typing import cast

from fielddoc.domain.revision import RECORD_PATH, read_stored_revision
from fielddoc.vault.standing import IN_TRASH
from fielddoc.vault.vault import Vault

KEPT_DAYS = 30
_A_DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Trashed:
    """A record in the trash."""

    record: str
    deleted_ms: int
    """Unix time in milliseconds of the newest deletion that the vault knows."""

    def days_left(self, now_ms: int) -> int:
        """Return how many days are left until it is offered for purging; 0 if it is."""
        days = (now_ms - self.deleted_ms) // _A_DAY_MS
        return max(0, KEPT_DAYS - max(0, days))


def trashed(vault: Vault) -> list[Trashed]:
    """Return the records in the trash, the longest there first."""
    rows = vault.database.query(
        "SELECT record.id, revision.body FROM record"
        " JOIN revision ON revision.record = record.id WHERE record.deleted = ?",
        (IN_TRASH,),
    )
    newest: dict[str, int] = {}
    for identity, body in cast("list[tuple[bytes, bytes]]", rows):
        revision = read_stored_revision(body)
        if revision.changes.get(RECORD_PATH, True) is None:
            record = str(uuid.UUID(bytes=identity))
            newest[record] = max(newest.get(record, 0), revision.clock.ms)
    found = [Trashed(record, ms) for record, ms in newest.items()]
    return sorted(found, key=lambda one: (one.deleted_ms, one.record))


def overdue(vault: Vault, now_ms: int) -> list[Trashed]:
    """Return the records that have been in the trash for thirty days or more."""
    return [one for one in trashed(vault) if one.days_left(now_ms) == 0]
