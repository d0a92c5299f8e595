"""Purging: a record goes for good, and does not come back by import.

What stays is one salted hash of the record's id, and in the local log the hashes of what was.
"""

import hashlib
import re
import uuid
from contextlib import suppress
from typing import cast

from fielddoc.domain.canonical import Json
from fielddoc.domain.revision import RevisionFormError, read_revision
from fielddoc.errors import RecordNotFoundError, VaultDamagedError
from fielddoc.vault import attachments, imported, journal, log, merged, projections
from fielddoc.vault.database import Database
from fielddoc.vault.projections import stored_values
from fielddoc.vault.vault import Vault

_SHA256 = re.compile("[0-9a-f]{64}")


def salted(database: Database, record: str) -> bytes:
    """Return SHA-256 over the vault's purge salt and a record id."""
    salt = database.value("SELECT value FROM meta WHERE name = 'purge salt'")
    if not isinstance(salt, bytes):
        raise VaultDamagedError
    return hashlib.sha256(b"fielddoc-purged-v1\0" + salt + uuid.UUID(record).bytes).digest()


def is_purged(database: Database, record: str) -> bool:
    """Tell whether a record of this id was purged from this vault."""
    return bool(database.value("SELECT 1 FROM purged WHERE id = ?", (salted(database, record),)))


def purge(vault: Vault, record: str) -> str | None:
    """Remove a record with its history, projections, search rows, drafts and partners' ids.

    Everything goes in one transaction, and the write-ahead log is emptied afterwards, so that no
    page of it is left behind. The content of an attachment is marked *going*: the caller removes
    it with `attachments.clean_up`, or else the next unlock does.

    Returns:
        The SHA-256 of the content that the record described, if no other record does; else None.

    Raises:
        RecordNotFoundError: there is none of this id.
    """
    database = vault.database
    try:
        raw = uuid.UUID(record).bytes
    except ValueError as error:
        raise RecordNotFoundError(name=record) from error
    body = database.value("SELECT state FROM record WHERE id = ?", (raw,))
    if not isinstance(body, bytes):
        raise RecordNotFoundError(name=record)
    values = stored_values(body)
    with database.transaction():
        group = merged.group_of(database, record) - {record}
        projections.unindex(database, raw)
        revisions = database.query("SELECT id, body FROM revision WHERE record = ?", (raw,))
        for identity, revision in revisions:
            for item in _item_ids(cast("bytes", revision)):
                database.query("DELETE FROM alias WHERE original = ?", (item,))
            database.query("DELETE FROM revision_origin WHERE revision = ?", (identity,))
            log.append(database, "revision", cast("bytes", identity), log.REMOVED)
        database.query("DELETE FROM revision WHERE record = ?", (raw,))
        database.query("DELETE FROM record WHERE id = ?", (raw,))
        database.query("DELETE FROM link WHERE source = ?", (raw,))
        database.query("DELETE FROM draft WHERE record = ?", (raw,))
        database.query("DELETE FROM alias WHERE original = ?", (raw,))
        database.query("DELETE FROM derived WHERE record = ?", (raw,))
        merged.place(database, group)  # who was merged into it stands for themselves again
        journal.forget(vault, record)
        imported.forget_row(vault, record)
        mark = salted(database, record)
        database.query("INSERT OR IGNORE INTO purged VALUES (?)", (mark,))
        log.append(database, "purged", mark, mark)
        content = _content_left_alone(database, values)
        if content is not None:
            attachments.mark_going(vault, content)
        # Deleting from the index only hides words; this rewrites it without them.
        database.query("INSERT INTO search (search) VALUES ('optimize')")
    vault.checkpoint()
    return content


def purge_with_content(vault: Vault, record: str) -> bool:
    """Purge a record and remove at once the content that only it described; True when done.

    Raises:
        RecordNotFoundError: there is none of this id.
    """
    if purge(vault, record) is not None:
        attachments.remove_going(vault)
    return True


def _item_ids(revision: bytes) -> set[bytes]:
    """Return the ids of the items that a revision sets."""
    with suppress(RevisionFormError):
        paths = [path.split("/") for path in read_revision(revision).changes]
        return {uuid.UUID(parts[1]).bytes for parts in paths if len(parts) > 1}
    return set()


def _content_left_alone(database: Database, values: dict[str, Json]) -> str | None:
    """Return the hash of a content that no attachment record describes any more."""
    sha256 = values.get("sha256")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        return None
    for (body,) in database.rows("SELECT state FROM record WHERE type = 'attachment'"):
        if stored_values(cast("bytes", body)).get("sha256") == sha256:
            return None
    return sha256
