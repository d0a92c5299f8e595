"""Saving what is readable of a damaged vault into a new one; the old one is only read.

Every row is read by itself. A connection that met damage is not to be trusted with another row, so
reading goes on behind it on a fresh encrypted copy of the database file, made inside the new
folder and removed again.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from fielddoc.crypto.keys import SealBrokenError, open_seal, zero
from fielddoc.domain.revision import RevisionFormError, read_revision
from fielddoc.errors import AttachmentNotFoundError, FielddocError, VaultDamagedError
from fielddoc.vault import attachments, compartment, log, records
from fielddoc.vault.attachments import Content
from fielddoc.vault.database import SCHEMA, Database, Row, Value
from fielddoc.vault.files import explaining
from fielddoc.vault.key_file import KeyFile, read_state
from fielddoc.vault.layout import ATTACHMENTS, DATABASE, WAL
from fielddoc.vault.opening import make_vault
from fielddoc.vault.page_one import key_that_fits
from fielddoc.vault.vault import Vault, check_folder, open_masters

Progress = Callable[[int, int], None]

_SCRATCH = "salvage"


@dataclass(slots=True)
class Salvaged:
    """What was saved and what was not."""

    revisions: int = 0
    attachments: int = 0
    lost_revisions: int = 0
    lost_attachments: list[str] = field(default_factory=list)
    """SHA-256 of contents that are damaged or missing."""
    lost_rows: int = 0
    """Contacts, own keys and bookkeeping rows that could not be read."""


def salvage(folder: Path, new: Path, passphrase: str, progress: Progress) -> Salvaged:
    """Make a vault in `new` with every intact revision, attachment, contact and key of `folder`.

    Args:
        folder: the damaged vault; its key file must be whole, and nothing in it is changed.
        new: a new or empty folder.
        passphrase: opens the old vault, and will open the new one.
        progress: told rows done and rows in all.

    Raises:
        VaultError: the key file does not open, or `new` cannot be made.
    """
    check_folder(folder)
    key_file = KeyFile.open_to_read(folder, schema=SCHEMA)
    master, previous = open_masters(folder, key_file, passphrase)
    key_file.close()
    state = read_state(key_file.half, master)
    report = Salvaged()
    with make_vault(new, passphrase) as saved, master:
        masters = [master] if previous is None else [master, previous]
        reader = _Reader(folder, new / _SCRATCH, [each.sub_key("database") for each in masters])
        try:
            wrappings = [each.sub_key("compartment") for each in masters]
            _copy_bookkeeping(reader, saved, wrappings, report)
            for wrapping in wrappings:
                zero(wrapping)
            expected = state.log_count if state else 0
            _copy_revisions(reader, saved, report, expected, progress)
            _copy_attachments(reader, saved, folder, report)
        finally:
            reader.close()
        records.rebuild_projections(saved)
    return report


class _Reader:
    """Reads single rows of a database that may be damaged anywhere."""

    def __init__(self, folder: Path, scratch: Path, keys: Sequence[bytearray]) -> None:
        self._folder = folder
        self._scratch = scratch
        self._keys = keys
        self._copies = 0
        self._database = self._fresh()

    def numbers(self, table: str, at_least: int = 0) -> list[int]:
        """Return the row numbers of a table; if they cannot be listed, all that may exist."""
        rows = self.rows(f"SELECT number FROM {table} ORDER BY number", ())  # noqa: S608
        if rows is not None:
            return [cast("int", row[0]) for row in rows]
        return list(range(1, at_least + 1))

    def rows(self, sql: str, parameters: tuple[Value, ...]) -> list[Row] | None:
        """Return the rows of a statement, or None if they cannot be read intact."""
        try:
            return self._database.query(sql, parameters)
        except FielddocError:
            self._database.abandon()
            self._database = self._fresh()
            return None

    def close(self) -> None:
        """Remove the scratch copies. Their connections are never closed."""
        self._database.abandon()
        for key in self._keys:
            zero(key)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _fresh(self) -> Database:
        self._copies += 1
        copy = self._scratch / str(self._copies)
        with explaining(str(self._scratch.parent)):
            copy.mkdir(parents=True)
            for name in (DATABASE, WAL):
                if (self._folder / name).exists():
                    shutil.copyfile(self._folder / name, copy / name)
        earlier = self._scratch / str(self._copies - 1)
        shutil.rmtree(earlier, ignore_errors=True)
        which = 0
        if len(self._keys) > 1:  # making new keys was cut off: the database has one of two
            which = key_that_fits(copy, self._keys) or 0
        return Database(copy, self._keys[which])


def _copy_revisions(
    reader: _Reader, saved: Vault, report: Salvaged, expected: int, progress: Progress
) -> None:
    numbers = reader.numbers("revision", expected)
    with saved.database.transaction():
        for done, number in enumerate(numbers, 1):
            rows = reader.rows("SELECT id, body FROM revision WHERE number = ?", (number,))
            if rows == []:
                continue  # purged, or never there
            if rows is None or not _copy_revision(saved, rows[0]):
                report.lost_revisions += 1
            else:
                report.revisions += 1
            progress(done, len(numbers))


def _copy_revision(saved: Vault, row: Row) -> bool:
    identity, body = cast("tuple[bytes, bytes]", row)
    try:
        revision = read_revision(body)
    except RevisionFormError:
        return False
    if revision.id != identity.hex():
        return False
    records.insert_revision(saved, revision)
    return True


def _copy_attachments(reader: _Reader, saved: Vault, folder: Path, report: Salvaged) -> None:
    for number in reader.numbers("attachment"):
        rows = reader.rows(
            "SELECT file, key, size_bytes, sha256 FROM attachment"
            " WHERE number = ? AND state = 'present'",
            (number,),
        )
        if not rows:
            report.lost_attachments += [] if rows == [] else [f"#{number}"]
            continue
        name, key, size, sha256 = cast("tuple[str, bytes, int, bytes]", rows[0])
        content = Content(number, sha256.hex(), size)
        try:
            source = attachments.read_sealed(folder / ATTACHMENTS / name, key, content)
            attachments.store(saved, source)
            report.attachments += 1
        except (VaultDamagedError, AttachmentNotFoundError):
            report.lost_attachments.append(content.sha256)


def _copy_bookkeeping(
    reader: _Reader, saved: Vault, wrappings: Sequence[bytearray], report: Salvaged
) -> None:
    """Take over own keys, contacts, compartments, what came from whom, and what was purged."""
    database = saved.database
    with database.transaction():
        for table, columns in _TABLES.items():
            placeholders = ", ".join("?" * (columns.count(",") + 1))
            rows = list(_each_row(reader, table, columns, report))
            if table == "identity" and rows:
                database.query("DELETE FROM identity")  # the keys that the new vault came with
            for row in rows:
                database.query(
                    f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({placeholders})",  # noqa: S608
                    row,
                )
                key = attachments.row_key(cast("int", row[0]))
                logged = row[2:] if table == "identity" else row
                log.append(database, table, key, log.row_hash(logged))
        for row in reader.rows("SELECT id, wrapped FROM compartment", ()) or []:
            identity, wrapped = cast("tuple[bytes, bytes]", row)
            for wrapping in wrappings:
                with suppress(SealBrokenError):
                    opened = open_seal(wrapping, wrapped, b"fielddoc/v1/compartment" + identity)
                    compartment.keep(saved, identity, opened, current=False)
        for row in reader.rows("SELECT value FROM meta WHERE name = 'purge salt'", ()) or []:
            saved.set_meta("purge salt", cast("bytes", row[0]))
        for row in reader.rows("SELECT id FROM purged", ()) or []:
            mark = cast("bytes", row[0])
            database.query("INSERT OR IGNORE INTO purged VALUES (?)", (mark,))
            log.append(database, "purged", mark, mark)
        for row in reader.rows("SELECT revision, received FROM revision_origin", ()) or []:
            database.query("INSERT OR IGNORE INTO revision_origin VALUES (?, ?)", row)


_TABLES = {
    "identity": "number, current, name, signing_key, signing_seed, x25519_secret,"
    " post_quantum_seed",
    "contact": "number, name, code, added_ms, card",
    "received": "number, bundle, kind, signer, sequence, previous, manifest, received_ms",
    "sent": "number, recipients, bundle, kind, sequence, manifest, sent_ms",
}


def _each_row(reader: _Reader, table: str, columns: str, report: Salvaged) -> Iterator[Row]:
    for number in reader.numbers(table):
        rows = reader.rows(f"SELECT {columns} FROM {table} WHERE number = ?", (number,))  # noqa: S608
        if rows is None:
            report.lost_rows += 1
        else:
            yield from rows
