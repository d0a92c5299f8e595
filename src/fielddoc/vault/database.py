"""The one SQLCipher connection of a vault, and the care that it needs.

SQLCipher answers with NUL-filled values, and without an error, once it has met a damaged overflow
page; only `PRAGMA cipher_status` tells. So nothing read is released to a caller before that status
was looked at, and a connection that failed is abandoned, never closed: closing would copy the
write-ahead log over the database (docs/threat-model.md, "A damaged or foreign database").
"""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TypeAlias

from sqlcipher3 import dbapi2

from fielddoc.crypto.keys import zero
from fielddoc.errors import (
    CancelledError,
    DiskFullError,
    FielddocError,
    MediumLostError,
    NoPermissionError,
    VaultDamagedError,
    VaultInUseError,
)
from fielddoc.resources import resource
from fielddoc.vault.files import refusal, sync, write_all
from fielddoc.vault.layout import DATABASE, SHARED_MEMORY, WAL
from fielddoc.vault.page_codes import PAGE_BYTES, PageCodes

Value: TypeAlias = "int | str | bytes | None"
Row: TypeAlias = "tuple[Value, ...]"

SCHEMA = 1
APPLICATION_ID = 0x66646F63  # "fdoc"

# Asserted by a test in this order. `cipher_log_level` comes first because SQLCipher tells the
# system's log of every wrong key; `locking_mode` before WAL because then no -shm file is made.
PRAGMAS = (
    ("cipher_log_level", "NONE"),
    ("cipher_memory_security", "ON"),
    ("locking_mode", "EXCLUSIVE"),
    ("wal_autocheckpoint", "0"),
    ("journal_mode", "WAL"),
    ("synchronous", "FULL"),
    ("temp_store", "MEMORY"),
    ("secure_delete", "ON"),
    ("trusted_schema", "OFF"),
    ("foreign_keys", "ON"),
    ("mmap_size", "0"),
    ("cell_size_check", "ON"),
    ("fullfsync", "ON"),  # macOS: see `fielddoc.vault.files.sync`; elsewhere nothing
    ("checkpoint_fullfsync", "ON"),
)

_STATEMENTS_TO_COVER = 4

_READING = ("SELECT", "PRAGMA", "WITH")
"""How statements begin that write no row."""

# A long working day must not end in a long lock: the log is copied into the database at this size.
CHECKPOINT_WAL_BYTES = 32 * 1024 * 1024


class Database:
    """The open database. One connection, used by one thread, never a second one."""

    def __init__(self, folder: Path, key: bytearray, *, where: str = "") -> None:
        self._folder = folder
        self.is_abandoned = False
        self.is_file_changed = False
        """Whether anything was copied from the write-ahead log into the file since it was opened."""
        self.before_writing: Callable[[], object] = _nothing
        """Asked before a write begins and before it is kept; what it raises refuses the write."""
        self.codes: PageCodes | None = None
        """What the pages in the file are, where somebody read it before this was opened."""
        with self._translating():
            self._connection = dbapi2.connect(where or str(folder / DATABASE), isolation_level=None)
            text = _key_text(key)
            self._connection.set_key(text)
            zero(text)
            self._connection.enable_load_extension(False)  # noqa: FBT003
            for name, value in PRAGMAS[:4]:
                self._connection.execute(f"PRAGMA {name} = {value}").fetchall()

    @classmethod
    def in_memory(cls, key: bytearray) -> Self:
        """Return a database of this program's schema that no file ever holds."""
        database = cls(Path(), key, where=":memory:")
        database.start()
        create_schema(database)
        return database

    def start(self) -> None:
        """Set the remaining pragmas. The caller has made sure that the -wal is the right one."""
        for name, value in PRAGMAS[4:]:
            self.query(f"PRAGMA {name} = {value}")

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """Return all rows of one statement, released only if the read was sound.

        Inside a transaction that is judged once, before its commit: a read that was not sound
        undoes everything that followed from it.

        Raises:
            VaultDamagedError: the file is not what was written; the connection is abandoned.
        """
        if not self._connection.in_transaction and not sql.startswith(_READING):
            self.before_writing()
        with self._translating():
            rows: list[Row] = self._connection.execute(sql, parameters).fetchall()
            if not self._connection.in_transaction:
                self._check_status()
        return rows

    def rows(
        self, sql: str, parameters: Sequence[Value] = (), *, batch: int = 256
    ) -> Iterator[Row]:
        """Yield rows of a long result in batches, each released only if the read was sound."""
        with self._translating():
            cursor = self._connection.execute(sql, parameters)
        while True:
            with self._translating():
                rows: list[Row] = cursor.fetchmany(batch)
                self._check_status()
            if not rows:
                return
            yield from rows

    def value(self, sql: str, parameters: Sequence[Value] = ()) -> Value:
        """Return the first column of the first row, or None."""
        rows = self.query(sql, parameters)
        return rows[0][0] if rows else None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block as one transaction, durable when the block has ended.

        Inside another transaction the block joins that one.
        """
        if self._connection.in_transaction:
            yield
            return
        self.query("BEGIN IMMEDIATE")
        try:
            yield
            self.before_writing()
            with self._translating():
                self._check_status()
                self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction and not self.is_abandoned:
                with self._translating():
                    self._check_status()  # an error that came of reading damage is damage
                self._connection.execute("ROLLBACK")
            raise

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is running."""
        return bool(self._connection.in_transaction)

    def checkpoint(self) -> None:
        """Copy the write-ahead log into the database and empty it.

        The caller has made sure that what is read through the log is this vault's.
        """
        self.query("SELECT count(*) FROM sqlite_schema")
        self.is_file_changed = True
        self._note_log()
        self.query("PRAGMA wal_checkpoint(TRUNCATE)")

    def pages(self) -> bytes:
        """Return what the pages in the file are, see `PageCodes.digest`. Only after `close`.

        Raises:
            OSError: it cannot be read.
        """
        if self.codes is None:
            self.codes = PageCodes.read(self._folder)
        else:
            self.codes.read_logged()
        return self.codes.digest()

    def _note_log(self) -> None:
        try:
            if self.codes is not None:
                self.codes.note_log()
        except OSError:
            self.codes = None  # the whole file is read on closing

    def is_log_long(self) -> bool:
        """Tell whether the write-ahead log has grown beyond its bound."""
        wal = self._folder / WAL
        return wal.exists() and wal.stat().st_size > CHECKPOINT_WAL_BYTES

    def integrity_faults(self) -> list[str]:
        """Return what SQLCipher's page check and SQLite's own check find; empty if sound.

        The page check looks at the file alone: what the write-ahead log holds belongs into it
        before.
        """
        with self._translating():
            pages = self._connection.execute("PRAGMA cipher_integrity_check").fetchall()
        return [str(row[0]) for row in pages] + self.structure_faults()

    def structure_faults(self) -> list[str]:
        """Return what SQLite's own check finds in file and log together; empty if sound.

        It compares each index with its table: a page of an older copy in one is whole.
        """
        with self._translating():
            rows = self._connection.execute("PRAGMA integrity_check").fetchall()
        return [str(row[0]) for row in rows if row[0] != "ok"]

    def is_index_whole(self, name: str) -> bool:
        """Tell whether an index of words is consistent in itself (FTS5's own check)."""
        with self._translating():
            try:
                self._connection.execute(
                    f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 0)"  # noqa: S608
                )
            except dbapi2.DatabaseError as error:
                if "malformed" not in str(error):
                    raise
                self._check_status()  # what is unreadable is damage; what can be made anew is not
                return False
        return True

    def rekey(self, key: bytearray) -> None:
        """Encrypt the whole database under another raw key, in one transaction.

        The write-ahead log grows to the size of the database. What a connection holds after a
        refusal in the middle of this is not known, so it is abandoned then: the process must end,
        and the next one finds the database under one of the two keys.

        `reset_key` would hold Python's lock for as long as it takes, and nobody could wipe the
        vault meanwhile; a statement does not. A script is not kept for repetition, and its text
        is overwritten afterwards.
        """
        text = bytearray(b'PRAGMA rekey = "' + bytes(67) + b'"')
        key_text = _key_text(key)
        text[16:-1] = key_text
        zero(key_text)
        statement = text.decode("ascii")
        zero(text)
        try:
            with self._translating():
                self._connection.executescript(statement)
            self._make_sure_that_it_took()
        except BaseException:
            self.abandon()
            raise
        finally:
            _overwrite(statement)
        # SQLite keeps small pieces of memory for statements and does not clear them in between: a
        # statement of the same form, which does nothing, takes the same ones.
        for _ in range(_STATEMENTS_TO_COVER):
            self._connection.executescript(f"PRAGMA cover = \"x'{'0' * 64}'\"")

    @contextmanager
    def stoppable(self, should_stop: Callable[[], bool]) -> Iterator[None]:
        """Let statements of the block end early, without a result, once nobody waits for it.

        Args:
            should_stop: asked now and then while a statement runs; must be quick.

        Raises:
            CancelledError: it was stopped.
        """
        # Asked every 20,000 steps of SQLite's machine, which take about a millisecond.
        self._connection.set_progress_handler(should_stop, 20_000)
        try:
            yield
        except dbapi2.OperationalError as error:
            if "interrupted" in str(error):
                raise CancelledError from error
            raise
        finally:
            self._connection.set_progress_handler(None, 0)

    def _make_sure_that_it_took(self) -> None:
        """Read something: the statement says nothing when the medium refused a write of it.

        What is on the medium is whole, under one of the two keys; only this connection has lost
        its way, and would call it damaged.
        """
        try:
            self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except (dbapi2.Error, MemoryError) as error:
            ours = _translated(error)
            if ours is None or isinstance(ours, VaultDamagedError | MediumLostError):
                ours = _why_refused(self._folder) or MediumLostError()
            raise ours from error

    def interrupt(self) -> None:
        """Stop the statement that runs now, from another thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Checkpoint and close; an abandoned connection stays as it is."""
        if self.is_abandoned:
            return
        self.checkpoint()
        with self._translating():
            self._connection.close()

    def abandon(self) -> None:
        """Never close this connection, not even when the program ends by itself.

        Closing copies the write-ahead log into the database. One reference that is never given
        back keeps Python from doing that; the files stay exactly as they are.
        """
        if not self.is_abandoned:
            self.is_abandoned = True
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._connection))

    def drop(self) -> None:
        """Close at once, whatever state it is in: its files are about to be removed."""
        self.is_abandoned = True
        with suppress(dbapi2.Error):
            self._connection.close()

    def _check_status(self) -> None:
        if self._connection.execute("PRAGMA cipher_status").fetchone() != ("1",):
            raise dbapi2.DatabaseError("cipher_status")

    @contextmanager
    def _translating(self) -> Iterator[None]:
        """Turn the driver's errors into ours; damage abandons the connection."""
        try:
            yield
        except (dbapi2.Error, MemoryError) as error:
            ours = _translated(error)
            if ours is None:
                raise
            if isinstance(ours, VaultDamagedError) and hasattr(self, "_connection"):
                self.abandon()
            if isinstance(ours, MediumLostError) and _may_only_be_read(self._folder / DATABASE):
                ours = NoPermissionError(name=DATABASE)  # some systems call it an I/O error
            if isinstance(ours, NoPermissionError | MediumLostError):
                ours = _why_refused(self._folder) or ours
            raise ours from error


def _nothing() -> None:
    """Refuse no write: there is no open vault that the database belongs to."""


def _overwrite(text: str) -> None:
    """Overwrite the characters of a text that nobody else holds.

    Python has no texts that can be zeroed. An ASCII text is one block whose characters stand at
    its end, before a closing zero byte.
    """
    ctypes.memset(id(text) + sys.getsizeof(text) - len(text) - 1, ord("-"), len(text))


def _key_text(key: bytearray) -> bytearray:
    """Return a raw key in SQLCipher's form, `x'<64 hexadecimal digits>'`; the caller zeroes it."""
    text = bytearray(b"x'" + bytes(2 * len(key)) + b"'")
    for place, byte in enumerate(key):
        text[2 + 2 * place : 4 + 2 * place] = b"%02x" % byte
    return text


def _translated(error: Exception) -> FielddocError | None:
    """Return our error for the driver's, or None if it is a bug of ours.

    The driver has no error codes in Python 3.11, so its fixed English texts are looked at.
    """
    text = str(error)
    if "disk is full" in text:
        return DiskFullError()
    if "disk I/O error" in text:
        return MediumLostError()
    if "readonly" in text or "unable to open" in text:
        return NoPermissionError(name=DATABASE)
    if "locked" in text:
        return VaultInUseError()
    bug = (dbapi2.ProgrammingError, dbapi2.IntegrityError, dbapi2.InterfaceError)
    if isinstance(error, bug) or (
        isinstance(error, dbapi2.OperationalError)
        and ("syntax" in text or "no such" in text or "interrupted" in text)
    ):
        return None
    # Whatever is left means that the pages are not what was written: "file is not a database",
    # "database disk image is malformed", or MemoryError, which is how SQLCipher reports a page
    # that fails its check in the middle of a statement.
    return VaultDamagedError()


def _may_only_be_read(path: Path) -> bool:
    return path.exists() and not os.access(path, os.W_OK)


def _why_refused(folder: Path) -> FielddocError | None:
    """Return what the system says to a write beside the database, or None if it takes one.

    The driver has one text for a full disk, a folder that may not be written and one that is gone
    where it cannot open a file, and one for everything but ENOSPC where it cannot write: a quota
    that is reached and a limit of file size read like a stick that was pulled out. The error of the
    system itself does not get through to Python, so it is asked for again. What is written stands
    as far from the start as the end of the log, so that a limit of file size is met too.
    """
    probe = folder / SHARED_MEMORY
    try:
        probe.unlink(missing_ok=True)  # a process may have been killed in the middle of this
        descriptor = os.open(probe, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            log = folder / WAL
            write_all(descriptor, bytes(PAGE_BYTES), log.stat().st_size if log.exists() else 0)
            sync(descriptor)
        finally:
            os.close(descriptor)
            probe.unlink()
    except OSError as error:
        return refusal(error, DATABASE)
    return None


def create_schema(database: Database) -> None:
    """Write schema 1 into an empty database, in one transaction."""
    with database.transaction():
        for statement in schema_statements():
            database.query(statement)
        database.query(f"PRAGMA application_id = {APPLICATION_ID}")
        database.query(f"PRAGMA user_version = {SCHEMA}")


def schema_statements() -> list[str]:
    """Return the statements of schema.sql, one string each."""
    text = resource("schema", "schema-1.sql").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]
