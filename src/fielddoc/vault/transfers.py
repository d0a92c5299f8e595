"""What went out to whom and what came in from whom, as far as the next bundle must know it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from fielddoc.vault import log
from fielddoc.vault.attachments import row_key
from fielddoc.vault.records import now_ms
from fielddoc.vault.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One bundle, sent or received."""

    bundle: bytes
    """The bundle's id, 16 bytes."""
    kind: str
    sequence: int
    manifest: bytes
    """SHA-256 of its tag manifest, by which the next one names it."""


def last_sent(vault: Vault, recipients: bytes) -> Transfer | None:
    """Return the latest bundle written for exactly this set of recipients."""
    rows = vault.database.query(
        "SELECT bundle, kind, sequence, manifest FROM sent WHERE recipients = ?"
        " ORDER BY sequence DESC LIMIT 1",
        (recipients,),
    )
    if not rows:
        return None
    bundle, kind, sequence, manifest = rows[0]
    return Transfer(
        bundle=cast("bytes", bundle),
        kind=cast("str", kind),
        sequence=cast("int", sequence),
        manifest=cast("bytes", manifest),
    )


def note_sent(vault: Vault, recipients: bytes, transfer: Transfer) -> None:
    """Keep that a bundle was written, in the running transaction."""
    row = (
        recipients,
        transfer.bundle,
        transfer.kind,
        transfer.sequence,
        transfer.manifest,
        now_ms(),
    )
    vault.database.query(
        "INSERT INTO sent (recipients, bundle, kind, sequence, manifest, sent_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        row,
    )
    number = cast("int", vault.database.value("SELECT last_insert_rowid()"))
    log.append(vault.database, "sent", row_key(number), log.row_hash((number, *row)))


def note_received(vault: Vault, transfer: Transfer, *, signer: bytes, previous: bytes) -> int:
    """Keep that a bundle was imported, in the running transaction; return its number.

    Importing the same bundle again gives the number that it has.
    """
    known = vault.database.value(
        "SELECT number FROM received WHERE manifest = ?", (transfer.manifest,)
    )
    if isinstance(known, int):
        return known
    row = (
        transfer.bundle,
        transfer.kind,
        signer,
        transfer.sequence,
        previous,
        transfer.manifest,
        now_ms(),
    )
    vault.database.query(
        "INSERT INTO received (bundle, kind, signer, sequence, previous, manifest, received_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    number = cast("int", vault.database.value("SELECT last_insert_rowid()"))
    log.append(vault.database, "received", row_key(number), log.row_hash((number, *row)))
    return number


def is_received(vault: Vault, manifest: bytes) -> bool:
    """Tell whether a bundle with this tag manifest was imported."""
    return bool(vault.database.value("SELECT 1 FROM received WHERE manifest = ?", (manifest,)))


def alias(vault: Vault, recipients: bytes, original: bytes) -> bytes | None:
    """Return the id that these recipients know a record or item by."""
    value = vault.database.value(
        "SELECT alias FROM alias WHERE recipients = ? AND original = ?", (recipients, original)
    )
    return value if isinstance(value, bytes) else None


def keep_alias(vault: Vault, recipients: bytes, original: bytes, new: bytes) -> None:
    """Keep the id that these recipients will know a record or item by."""
    vault.database.query("INSERT INTO alias VALUES (?, ?, ?)", (recipients, original, new))


def last_derived(
    vault: Vault, recipients: bytes, record: bytes
) -> tuple[tuple[str, ...], list[str]] | None:
    """Return ids (newest last) and paths of the derived revisions that these recipients got."""
    rows = vault.database.query(
        "SELECT revisions, paths FROM derived WHERE recipients = ? AND record = ?",
        (recipients, record),
    )
    if not rows:
        return None
    revisions, paths = cast("tuple[bytes, str]", rows[0])
    ids = tuple(revisions[at : at + 32].hex() for at in range(0, len(revisions), 32))
    return ids, cast("list[str]", json.loads(paths))


def keep_derived(
    vault: Vault, recipients: bytes, record: bytes, revisions: Sequence[str], paths: Sequence[str]
) -> None:
    """Keep which derived revisions of a record these recipients got, newest last."""
    vault.database.query(
        "INSERT OR REPLACE INTO derived VALUES (?, ?, ?, ?)",
        (recipients, record, bytes.fromhex("".join(revisions)), json.dumps(sorted(paths))),
    )
