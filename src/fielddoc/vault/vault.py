"""Making, unlocking and locking a vault: the order of every step matters, and is told here."""

import os
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from fielddoc.crypto.kdf import FLOOR, Cost, calibrated
from fielddoc.crypto.key_slots import SlotKind, SlotPayload, open_slots, seal_slot
from fielddoc.crypto.keys import MasterKey, zero
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.errors import (
    DiskFullError,
    FielddocError,
    ForeignWalError,
    KeyFileDamagedError,
    KeyFileMissingError,
    KeySlotsFullError,
    KeysUnfinishedError,
    MediumLostError,
    NoPermissionError,
    PassphrasesTooAlikeError,
    VaultDamagedError,
    VaultExistsError,
    VaultIncompleteError,
    VaultNotFoundError,
    VaultTooNewError,
    VaultWipedError,
    WrongPassphraseError,
)
from fielddoc.i18n import N_
from fielddoc.vault import lock_file, log, slot_table, wipe
from fielddoc.vault.database import (
    APPLICATION_ID,
    SCHEMA,
    Database,
    Value,
    create_schema,
)
from fielddoc.vault.files import explaining, sync_folder
from fielddoc.vault.key_file import KeyFile, VaultState, new_half, read_states, with_state
from fielddoc.vault.key_file_layout import SLOTS
from fielddoc.vault.layout import (
    ATTACHMENTS,
    DATABASE,
    JOURNALS,
    KEY_FILE,
    LOCK_FILE,
    ROLLBACK_JOURNAL,
    WAL,
    looks_like_a_vault,
)
from fielddoc.vault.open_files import OpenFiles
from fielddoc.vault.page_codes import PageCodes
from fielddoc.vault.page_one import key_that_fits
from fielddoc.vault.slot_table import Filled

STATE_INTERVAL_S = 60
DEVICE_BYTES = 16
PURGE_SALT_BYTES = 32
MOVED_ASIDE = N_(
    "A file records.db-wal lay beside the closed vault. It is not the vault's own: it was not"
    " read, and was moved aside as records.db-wal.aside-…"
)
JOURNAL_MOVED_ASIDE = N_(
    "A file records.db-journal lay beside the vault. It is not the vault's own: it was not read,"
    " and was moved aside as records.db-journal.aside-…"
)
LOG_MISSING = N_(
    "The vault was not locked the last time, and its file records.db-wal is gone. If somebody"
    " removed it, what was saved last before that is missing."
)


class Vault:
    """An unlocked vault. Use it as a context manager; leaving it locks it."""

    def __init__(
        self,
        folder: Path,
        *,
        key_file: KeyFile,
        database: Database,
        master: MasterKey,
        lock: int,
        state: VaultState,
    ) -> None:
        self.folder = folder
        self.key_file = key_file
        self.database = database
        self.master = master
        self.previous_master: MasterKey | None = None
        """The master key before this one, while new keys are being made; see `vault.rekey`."""
        self.is_database_behind = False
        """Whether the database is still under the previous master key."""
        self.is_recovered = False
        """Whether recovery shares opened it: a new passphrase must be set."""
        self.is_changed = False
        """Whether pages were exchanged while it was closed, and it was opened all the same."""
        self.is_unproven = False
        """Whether nothing sealed says what the pages in the file must be, as after some crashes:
        rows that are not in the log must then be compared with those that are."""
        self.pages = bytes(32)
        """What the pages in the database file were when it was opened; zeros if not known."""
        self.notices: list[str] = []
        """What was found on unlocking and must be told, as whole marked sentences."""
        self.opened_compartments: dict[bytes, bytearray] = {}
        """Keys of sources' identities, opened with a passphrase of their own for this sitting."""
        self.acting: list[tuple[str, str]] | None = None
        """Record and revision of what the running action wrote; see `fielddoc.vault.journal`."""
        self.open_files = OpenFiles(folder, key_file.descriptor)
        """Whether what is written is found in the folder later; may be asked from any thread."""
        key_file.open_files = self.open_files
        database.before_writing = key_file.make_sure_of_the_files
        self._lock = lock
        self._state = state
        self._state_written_s = time.monotonic()

    @property
    def state(self) -> VaultState:
        """The state that was last sealed into the key file."""
        return self._state

    @property
    def attachments_folder(self) -> Path:
        """Where attachment files lie."""
        return self.folder / ATTACHMENTS

    @property
    def device(self) -> str:
        """The random id of this copy of the vault, 32 hexadecimal digits."""
        value = self.meta("device")
        return value.hex() if isinstance(value, bytes) else ""

    def database_key(self) -> bytearray:
        """Return the raw key that the database is under; whoever asks zeroes it."""
        is_behind = self.is_database_behind and self.previous_master is not None
        master = self.previous_master if is_behind else self.master
        assert master is not None
        return master.sub_key("database")

    def renew_device(self) -> None:
        """Take another id for this copy, in the running transaction (docs/decisions/0021)."""
        self.set_meta("device", secrets.token_bytes(DEVICE_BYTES))

    def meta(self, name: str) -> Value:
        """Return a value of the vault's own bookkeeping, or None."""
        return self.database.value("SELECT value FROM meta WHERE name = ?", (name,))

    def set_meta(self, name: str, value: bytes) -> None:
        """Keep a value of the vault's own bookkeeping."""
        self.database.query("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def written(self) -> None:
        """Do what must follow a durable write now and then: checkpoint, and the sealed log head.

        A save does not wait for the head; after a crash the database may be ahead of it. Inside a
        transaction nothing is durable yet, and nothing is done.
        """
        if self.database.in_transaction:
            return
        if self.database.is_log_long():
            self.checkpoint()
        elif time.monotonic() - self._state_written_s >= STATE_INTERVAL_S:
            self.seal_state()

    def take_new_master(self, master: MasterKey, state: VaultState) -> None:
        """Use another master key from now on; the database is still under the one before."""
        self.previous_master, self.master = self.master, master
        self.is_database_behind = True
        self._state = state

    def forget_previous_master(self) -> None:
        """Zero the master key before this one: nothing hangs on it any more."""
        if self.previous_master is not None:
            self.previous_master.wipe()
            self.previous_master = None

    def seal_state(self) -> None:
        """Seal the log's head now; a key file from before this is noticed."""
        self._write_state(clean=False)
        self._note_generation()

    def checkpoint(self) -> None:
        """Empty the write-ahead log, and seal the log's head so that an older one is noticed."""
        self.database.checkpoint()
        self.seal_state()
        self.database.checkpoint()  # of the one row that sealing wrote: the log ends empty

    def lock(self) -> None:
        """Close the vault: everything in the database, no write-ahead log, keys zeroed.

        If the database was found damaged it stays exactly as it is; so it does, with its
        write-ahead log, if its files are not in the folder any more, because closing removes the
        log by its name, which may be another vault's by now. The next unlocking goes on from it,
        as after a crash.

        Raises:
            MediumLostError, VaultWipedError: the files were not there. Keys are zeroed all the
                same.
        """
        if self.is_changed:
            self.database.abandon()
        try:
            if not self.database.is_abandoned:
                try:
                    self.key_file.make_sure_of_the_files()
                except FielddocError:
                    self.database.abandon()
                    raise
                position = log.position(self.database)
                records = self._record_count()
                self.database.close()
                wal = self.folder / WAL
                if not (wal.exists() and wal.stat().st_size):
                    pages = bytes(32)  # not known, if it cannot be read again
                    with suppress(OSError):
                        pages = self.database.pages()
                    self._write_state(clean=True, position=position, records=records, pages=pages)
        finally:
            self._release()

    def _release(self) -> None:
        for key in self.opened_compartments.values():
            zero(key)
        self.master.wipe()
        if self.previous_master is not None:
            self.previous_master.wipe()
        self.key_file.close()
        os.close(self._lock)

    def _record_count(self) -> int:
        count = self.database.value("SELECT count(*) FROM record")
        return count if isinstance(count, int) else 0

    def _write_state(
        self,
        *,
        clean: bool,
        position: log.LogPosition | None = None,
        records: int | None = None,
        pages: bytes | None = None,
    ) -> None:
        if pages is None:
            pages = bytes(32) if self.database.is_file_changed else self.pages
        position = position or log.position(self.database)
        self._state = VaultState(
            generation=self._state.generation + 1,
            clean=clean,
            log_count=position.count,
            log_head=position.head,
            record_count=self._record_count() if records is None else records,
            pages=pages,
        )
        self.key_file.write_state(self._state, self.master)
        self._state_written_s = time.monotonic()

    def _note_generation(self) -> None:
        """Let the database know the key file's state, so that an older key file is noticed.

        After the key file, so that the database is never ahead of it. What was to be saved is
        saved already: a medium that refuses this refuses the next save too, and says so then.
        """
        with suppress(DiskFullError, MediumLostError, NoPermissionError):
            self.set_meta("state generation", b"%d" % self._state.generation)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, VaultDamagedError | VaultWipedError):
            self.database.abandon()  # closing would copy what is damaged over what may be whole
        self.lock()


def create(
    folder: Path, passphrase: str, cost: Cost | None = None, *, wipe_passphrase: str = ""
) -> Vault:
    """Make a vault in a new or empty folder and return it unlocked.

    The key file is written last: until it is there, nothing that was begun can be taken for a
    vault.

    Args:
        folder: made if it does not exist.
        passphrase: as typed.
        cost: of Argon2id; measured for about a second on this machine if None.
        wipe_passphrase: as typed; destroys the vault wherever the passphrase is asked for. Empty:
            there is none.

    Raises:
        PassphraseRefusedError, PassphrasesTooAlikeError: before anything is made.
        VaultExistsError: the folder holds something.
        MemoryShortError: the machine has not the memory for the least cost.
        DiskFullError, NoPermissionError, MediumLostError: what was begun is removed again, as far
            as the medium lets us, so that the same folder can be tried once more.
    """
    passphrase_bytes(passphrase)
    if wipe_passphrase:
        slot_table.check_apart(passphrase, wipe_passphrase)
    with explaining(folder.name):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise VaultExistsError
    half = new_half(
        0,
        cost or calibrated(),
        generation=1,
        vault_id=secrets.token_bytes(16),
        schema=SCHEMA,
    )
    master = MasterKey.new()
    opening = SlotPayload(SlotKind.OPEN, master_key=master.copy())
    fillings = [(passphrase_bytes(passphrase), opening, None)]
    if wipe_passphrase:
        fillings.append((passphrase_bytes(wipe_passphrase), SlotPayload(SlotKind.WIPE), None))
    half, filled = slot_table.fill(half, fillings)
    with explaining(folder.name):
        lock = lock_file.take(folder)
    try:
        with explaining(folder.name):
            (folder / ATTACHMENTS).mkdir(mode=0o700)
            (folder / DATABASE).touch(mode=0o600, exist_ok=False)
        database = _new_database(folder, master, filled)
        try:
            with explaining(folder.name):
                key_file = KeyFile.create(folder, with_state(half, _first_state(), master))
                sync_folder(folder)
                sync_folder(folder.parent)
        except BaseException:
            database.drop()
            raise
    except BaseException:
        os.close(lock)
        _remove_all(folder)
        raise
    state = _first_state()
    return Vault(
        folder, key_file=key_file, database=database, master=master, lock=lock, state=state
    )


def scratch() -> Vault:
    """Return an empty vault in memory alone, to see what a new one would take.

    Only its rows may be used: it has no folder, no key file and no lock. End it with
    `end_scratch`.
    """
    half = new_half(0, FLOOR, generation=1, vault_id=secrets.token_bytes(16), schema=SCHEMA)
    nowhere, master = Path(os.devnull), MasterKey.new()
    key = master.sub_key("database")
    database = Database.in_memory(key)
    zero(key)
    return Vault(
        nowhere,
        key_file=KeyFile(nowhere, -1, half),
        database=database,
        master=master,
        lock=-1,
        state=_first_state(),
    )


def end_scratch(vault: Vault) -> None:
    """Forget everything in a vault from `scratch`."""
    vault.database.drop()
    vault.master.wipe()


def unmake(vault: Vault) -> None:
    """Remove a vault whose making could not be finished, so that it can be made again here."""
    vault.database.drop()
    vault._release()  # noqa: SLF001 - making is part of its class
    _remove_all(vault.folder)


def _remove_all(folder: Path) -> None:
    """Remove what making a vault makes; nothing else was in the folder, and nobody has seen it."""
    attachments = folder / ATTACHMENTS
    with suppress(OSError):
        for path in attachments.iterdir():
            path.unlink()
        attachments.rmdir()
    for name in (KEY_FILE, DATABASE, *JOURNALS, LOCK_FILE):
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _new_database(folder: Path, master: MasterKey, filled: Sequence[Filled]) -> Database:
    key = master.sub_key("database")
    database = Database(folder, key)
    zero(key)
    try:
        database.start()
        create_schema(database)
        with database.transaction():
            for name, size in (("device", DEVICE_BYTES), ("purge salt", PURGE_SALT_BYTES)):
                database.query("INSERT INTO meta VALUES (?, ?)", (name, secrets.token_bytes(size)))
            others = bytes(one.number for one in filled[1:])
            if others:
                database.query("INSERT INTO meta VALUES (?, ?)", ("filled slots", others))
        for one in filled:
            zero(one.secret)
        database.checkpoint()
    except BaseException:
        database.drop()
        raise
    return database


def _first_state() -> VaultState:
    return VaultState(
        generation=1, clean=False, log_count=0, log_head=log.FIRST_HEAD, record_count=0
    )


def unlock(
    folder: Path,
    passphrase: str,
    *,
    kind: SlotKind = SlotKind.OPEN,
    on_wipe: Callable[[], None] | None = None,
    even_if_changed: bool = False,
) -> Vault:
    """Open a vault with a passphrase.

    Args:
        folder: the vault's folder.
        passphrase: as typed, or the recovery secret as text (`vault.recovery`).
        kind: what it is for, OPEN or RECOVER; a wipe passphrase takes effect all the same.
        on_wipe: told before a wipe passphrase takes effect.
        even_if_changed: to look for damage: open it although pages of the closed database were
            exchanged. What is read may be out of date, and nothing that is written is kept.

    Raises:
        VaultNotFoundError, KeyFileMissingError, VaultIncompleteError, KeyFileDamagedError,
        VaultTooNewError, VaultInUseError, WrongPassphraseError, ForeignWalError,
        VaultDamagedError, NoPermissionError: nothing was changed on disk.
        VaultWipedError: the key file carries the wiped mark; what was left has been removed.
    """
    passphrase_bytes(passphrase)  # what cannot be a passphrase is refused before anything else
    check_folder(folder)
    lock = lock_file.take(folder)
    try:
        key_file = KeyFile.open(folder, schema=SCHEMA)
        try:
            master, previous = open_masters(folder, key_file, passphrase, kind, on_wipe)
            try:
                vault = _open_records(
                    folder, key_file, master, previous, lock, even_if_changed=even_if_changed
                )
            except BaseException:
                master.wipe()
                if previous is not None:
                    previous.wipe()
                raise
        except BaseException:
            key_file.close()
            raise
    except BaseException:
        os.close(lock)
        raise
    vault.is_recovered = kind is SlotKind.RECOVER
    return vault


def check_folder(folder: Path) -> None:
    """Raise the error that says what is missing; finish a wipe whose mark is there."""
    with explaining(folder.name):
        if not looks_like_a_vault(folder):
            raise VaultNotFoundError
        if not (folder / KEY_FILE).exists():
            raise KeyFileMissingError
        if wipe.finish_if_wiped(folder):
            raise VaultWipedError
        for name in (DATABASE, ATTACHMENTS):
            if not (folder / name).exists():
                raise VaultIncompleteError(name=name)


def check_passphrase(vault: Vault, passphrase: str) -> None:
    """Make sure that whoever asks for a change knows the passphrase.

    Raises:
        PassphraseRefusedError, WrongPassphraseError.
    """
    opened = slot_table.opened_by(vault.key_file.half, passphrase_bytes(passphrase))
    if not any(slot.payload.kind is SlotKind.OPEN for slot in opened):
        raise WrongPassphraseError


def change_passphrase(vault: Vault, old: str, new: str) -> None:
    """Let `new` open the vault instead of `old`.

    The new slot goes into a free place and is durable before the old one is overwritten, so that
    at every moment one of the two opens the vault. Which slots are free cannot be seen; one of
    those that `old` does not open is taken, and only a slot that was never filled may be: the
    vault keeps the numbers of its own filled slots.

    Raises:
        KeysUnfinishedError: new keys are being made, see `vault.rekey`.
        WrongPassphraseError: `old` does not open the vault.
        PassphrasesTooAlikeError: `new` is the vault's wipe passphrase or its recovery secret.
        KeySlotsFullError: all eight places are taken.
    """
    if vault.previous_master is not None:
        raise KeysUnfinishedError
    half = vault.key_file.half
    kek = slot_table.key_of(half, passphrase_bytes(new))
    parameters = half.public.parameters()
    opened = [
        slot
        for slot in slot_table.opened_by(half, passphrase_bytes(old))
        if slot.payload.kind is SlotKind.OPEN
    ]
    if not opened:
        raise WrongPassphraseError
    opened_by_new = open_slots(kek, half.slots, half=half.number, parameters=parameters)
    if any(slot.payload.kind is not SlotKind.OPEN for slot in opened_by_new):
        raise PassphrasesTooAlikeError
    taken = {slot.number for slot in opened} | set(filled_slots(vault))
    free = [number for number in range(SLOTS) if number not in taken]
    if not free:
        raise KeySlotsFullError
    number = secrets.choice(free)
    payload = SlotPayload(SlotKind.OPEN, master_key=vault.master.copy())
    slot = seal_slot(kek, payload, half=half.number, number=number, parameters=parameters)
    zero(kek)
    vault.key_file.write_slot(number, slot)
    for old_slot in opened:
        vault.key_file.write_slot(old_slot.number, secrets.token_bytes(len(slot)))
    # A copy of the key file from before, put back, is older than the database from here on.
    vault.seal_state()


def filled_slots(vault: Vault) -> bytes:
    """Return the numbers of slots that other passphrases fill, from the vault's own bookkeeping."""
    value = vault.meta("filled slots")
    return value if isinstance(value, bytes) else b""


def open_master(folder: Path, key_file: KeyFile, passphrase: str) -> MasterKey:
    """Return the master key that a passphrase opens; see `open_masters`."""
    return open_masters(folder, key_file, passphrase)[0]


def open_masters(
    folder: Path,
    key_file: KeyFile,
    passphrase: str,
    kind: SlotKind = SlotKind.OPEN,
    on_wipe: Callable[[], None] | None = None,
) -> tuple[MasterKey, MasterKey | None]:
    """Return the master key that a passphrase opens, and the one before it while there are two.

    Raises:
        PassphraseRefusedError, WrongPassphraseError.
        VaultWipedError: it was a wipe passphrase, and has taken effect.
        NotDestroyedError: it was one, and the medium refused.
    """
    opened = slot_table.opened_by(key_file.half, passphrase_bytes(passphrase))
    found = [slot.payload for slot in opened if slot.payload.kind in (kind, SlotKind.WIPE)]
    if not found:
        raise WrongPassphraseError
    payload = found[0]
    if payload.kind is SlotKind.WIPE:
        key_file.dead = True
        if on_wipe:
            on_wipe()
        wipe.wipe(folder)
        raise VaultWipedError
    if payload.master_key is None:
        raise KeyFileDamagedError
    previous = payload.previous_master_key
    return MasterKey(payload.master_key), MasterKey(previous) if previous else None


def _open_records(
    folder: Path,
    key_file: KeyFile,
    master: MasterKey,
    previous: MasterKey | None,
    lock: int,
    *,
    even_if_changed: bool,
) -> Vault:
    states, codes = read_states(key_file.half, master), _page_codes(folder)
    if not states:
        raise KeyFileDamagedError
    state, pages = states[0], codes.digest()
    is_proven = pages == state.pages
    is_changed = state.clean and any(state.pages) and not is_proven
    if is_changed and not even_if_changed:
        raise VaultDamagedError
    wal, journal = folder / WAL, folder / ROLLBACK_JOURNAL
    was_there = wal.exists()
    has_wal = False
    moved: dict[Path, Path] = {}
    database: Database | None = None
    try:
        with explaining(DATABASE):
            if journal.exists():
                # A vault writes none, and SQLite would write older pages back from a planted one.
                moved[journal] = move_aside(journal)
            has_wal = was_there and wal.stat().st_size > 0
            if has_wal and state.clean:
                # The vault was closed cleanly, so this log is not its own: opening the database
                # would write another vault's pages, or older ones, into it.
                moved[wal] = move_aside(wal)
                has_wal = False
        is_behind = previous is not None and _is_under(folder, previous, master)
        key = (previous if previous and is_behind else master).sub_key("database")
        database = Database(folder, key)
        database.codes = codes
        zero(key)
        _check_database(database, state, key_file)
        _check_generation(database, states)
        database.start()
    except BaseException as error:
        _let_go(database, has_log=has_wal, error=error)
        # Opening made an empty log where there was none; the folder is left as it was found.
        with suppress(OSError):
            if not was_there:
                wal.unlink(missing_ok=True)
            for name, aside in moved.items():
                aside.replace(name)
        if has_wal and isinstance(error, VaultDamagedError):
            raise ForeignWalError from error
        raise
    vault = Vault(
        folder, key_file=key_file, database=database, master=master, lock=lock, state=state
    )
    vault.previous_master, vault.is_database_behind = previous, is_behind
    notices = {wal: MOVED_ASIDE, journal: JOURNAL_MOVED_ASIDE}
    vault.notices = [notices[name] for name in moved]
    vault.is_changed = is_changed
    vault.is_unproven, vault.pages = not is_proven, pages
    if not state.clean and not was_there:
        vault.notices.append(LOG_MISSING)
    if is_changed:
        return vault  # its key file stays as it is, so that the next opening tells it too
    vault._write_state(clean=False)  # noqa: SLF001 - unlocking is part of its class
    return vault


def _let_go(database: Database | None, *, has_log: bool, error: BaseException) -> None:
    """Leave a database that cannot be opened now, so that the next try in this process may."""
    if database is None:
        return
    if has_log or isinstance(error, VaultDamagedError):
        database.abandon()  # closing would copy what is in the log, or is damaged
    else:
        database.drop()  # its locks would say that the vault is open elsewhere


def _page_codes(folder: Path) -> PageCodes:
    with explaining(DATABASE):
        try:
            return PageCodes.read(folder)
        except IsADirectoryError as error:
            raise VaultDamagedError from error


def _is_under(folder: Path, previous: MasterKey, master: MasterKey) -> bool:
    """Tell whether the database is still under the previous master key."""
    keys = [each.sub_key("database") for each in (master, previous)]
    with explaining(DATABASE):
        which = key_that_fits(folder, keys)
    for key in keys:
        zero(key)
    return which == 1


def _check_database(database: Database, state: VaultState, key_file: KeyFile) -> None:
    """Make sure, reading only, that database and write-ahead log are those the key file knows.

    Raises:
        VaultTooNewError: the schema is newer.
        VaultDamagedError: another vault's, an older state, or unreadable.
    """
    if database.value("PRAGMA application_id") != APPLICATION_ID:
        raise VaultDamagedError
    schema = database.value("PRAGMA user_version")
    if isinstance(schema, int) and schema > SCHEMA:
        raise VaultTooNewError
    # The number in the key file is raised last, so it may be behind and never ahead.
    if not isinstance(schema, int) or schema < key_file.half.public.schema:
        raise VaultDamagedError
    if log.head_at(database, state.log_count) != state.log_head:
        raise VaultDamagedError
    if state.clean and log.position(database).count != state.log_count:
        raise VaultDamagedError


def _check_generation(database: Database, states: Sequence[VaultState]) -> None:
    """Make sure that the key file is not older than the database.

    Raises:
        VaultDamagedError: it is. One generation is forgiven if a cell does not open: its writing
            may have been cut off.
    """
    noted = database.value("SELECT value FROM meta WHERE name = 'state generation'")
    if isinstance(noted, bytes) and noted.isdigit():
        forgiven = 1 if len(states) == 1 else 0
        if states[0].generation + forgiven < int(noted):
            raise VaultDamagedError


def move_aside(file: Path) -> Path:
    """Give a log or journal that is not the vault's another name, which is returned."""
    number = 1
    while (aside := file.with_name(f"{file.name}.aside-{number}")).exists():
        number += 1
    file.rename(aside)
    sync_folder(file.parent)
    return aside
