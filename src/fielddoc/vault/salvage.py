"""Saving what is readable of a damaged vault into a new one; the old one is only read.

Looking only is the same work into a vault that lies in memory, so its numbers are those of saving.

The database is not opened: its pages are read one by one (`fielddoc.vault.carving`), each
authenticated under the vault's key. What they hold is taken if it is what was written: a revision
if its hash is its id, another row if it is as the log last knew it, a file if it is the one that
its row names. The log itself hangs on the head that lies sealed in the key file. So a page of an
older copy gives back nothing that was changed or purged since.
"""

import os
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from fielddoc.crypto.keys import SealBrokenError, open_seal, zero
from fielddoc.domain.revision import Revision, RevisionFormError, read_revision
from fielddoc.domain.visible import visible
from fielddoc.errors import AttachmentNotFoundError, VaultDamagedError
from fielddoc.i18n import N_, language_of_system, translate
from fielddoc.vault import attachments, carving, compartment, lock_file, log, records, titles
from fielddoc.vault.attachments import Content
from fielddoc.vault.carving import Carved, LogEntry
from fielddoc.vault.database import SCHEMA, Row
from fielddoc.vault.key_file import KeyFile, VaultState, read_state
from fielddoc.vault.layout import ATTACHMENTS
from fielddoc.vault.opening import make_vault
from fielddoc.vault.page_file import PageFile
from fielddoc.vault.projections import stored_values
from fielddoc.vault.purge import is_purged
from fielddoc.vault.vault import (
    Vault,
    check_folder,
    end_scratch,
    open_masters,
    scratch,
    unmake,
)

Progress = Callable[[int, int], None]
"""Told how much is done, of 1,000; raises to stop, and then no new vault is left."""

OPENED_BY = N_(
    "The new vault opens with this passphrase alone: it has neither recovery shares nor a wipe"
    " passphrase. To have them again, make new keys in it."
)
"""What a person must know of every salvaged vault: its keys are new, and nobody could seal the
old shares or the wipe passphrase for them."""

_WHOLE = 1000
_PAGES_END, _REVISIONS_END, _FILES_END = 400, 600, 950


def ignore_progress(_done: int, _total: int) -> None:
    """Take progress and do nothing."""


@dataclass(frozen=True, slots=True)
class LostVersions:
    """Versions of one record that could not be saved."""

    record: str | None
    """Its id, or None if that is lost too."""
    title: str
    """Empty if nothing is left that says it."""
    versions: int
    is_all: bool
    """Whether nothing of the record was saved."""


@dataclass(frozen=True, slots=True)
class LostFile:
    """A file that could not be saved."""

    sha256: str
    """Empty if its row is lost too."""
    name: str
    """As its record calls it; empty if there is none."""


@dataclass(slots=True)
class Salvaged:
    """What was saved and what was not."""

    revisions: int = 0
    attachments: int = 0
    lost_revisions: int = 0
    lost_versions: list[LostVersions] = field(default_factory=list)
    """The lost revisions, by record."""
    lost_files: list[LostFile] = field(default_factory=list)
    lost_rows: int = 0
    """Contacts, own keys and bookkeeping rows that could not be read."""
    damaged_pages: int = 0
    log_gaps: int = 0
    """Entries of the log that are lost; what they alone knew of is in no count of lost things."""
    records: int = 0
    """How many records the saved revisions belong to."""

    @property
    def is_complete(self) -> bool:
        """Whether everything was saved."""
        return not (self.lost_revisions or self.lost_files or self.lost_rows or self.log_gaps)


def losses_in_words(report: Salvaged, language: str | None = None) -> list[str]:
    """Return a line for each thing that could not be saved."""
    lines: list[str] = []
    for lost in report.lost_versions:
        words = (
            N_("Lost: the record “{name}” (versions: {count})")
            if lost.is_all
            else N_("Lost: versions of the record “{name}”: {count}")
        )
        if not lost.title:
            words = N_("Lost: versions of a record whose name is lost too: {count}")
        name = visible(lost.title)
        lines.append(translate(words, language).format(name=name, count=lost.versions))
    for file in report.lost_files:
        words = N_("Lost: the file “{name}”") if file.name else N_("Lost: a file without a name")
        lines.append(translate(words, language).format(name=visible(file.name)))
    if report.lost_rows:
        words = N_("Lost: contacts, own keys or notes of bundles: {count}")
        lines.append(translate(words, language).format(count=report.lost_rows))
    if report.log_gaps:
        words = N_(
            "Entries of the vault's own log that are lost: {count}. What only they knew of is not"
            " in this list."
        )
        lines.append(translate(words, language).format(count=report.log_gaps))
    return lines


def salvage(
    folder: Path, new: Path, passphrase: str, progress: Progress = ignore_progress
) -> Salvaged:
    """Make a vault in `new` with every intact revision, attachment, contact and key of `folder`.

    Args:
        folder: the damaged vault; its key file must be whole, and nothing in it is changed.
        new: a new or empty folder.
        passphrase: opens the old vault, and will open the new one.
        progress: see `Progress`.

    Raises:
        VaultInUseError: another process has the vault open, so what is read would not stand still.
        VaultError: the key file does not open, or `new` cannot be made. No new vault is left.
    """
    return _read_only(folder, new, passphrase, progress)


def look(folder: Path, passphrase: str, progress: Progress = ignore_progress) -> Salvaged:
    """Return what `salvage` would save and what is lost; nothing is written anywhere.

    The rows are held in memory meanwhile, so it takes about as much as the database is large.

    Raises:
        VaultInUseError, VaultError: as for `salvage`.
    """
    return _read_only(folder, None, passphrase, progress)


def _read_only(folder: Path, new: Path | None, passphrase: str, progress: Progress) -> Salvaged:
    check_folder(folder)
    lock = lock_file.take_to_read(folder)
    try:
        return _salvaged(folder, new, passphrase, progress)
    finally:
        if lock is not None:
            os.close(lock)


def _salvaged(folder: Path, new: Path | None, passphrase: str, progress: Progress) -> Salvaged:
    key_file = KeyFile.open_to_read(folder, schema=SCHEMA)
    try:
        master, previous = open_masters(folder, key_file, passphrase)
    finally:
        key_file.close()
    state = read_state(key_file.half, master)
    # While new keys were being made, pages and compartments may be under either.
    masters = [master] if previous is None else [master, previous]
    keys = [each.sub_key("database") for each in masters]
    wrappings = [each.sub_key("compartment") for each in masters]
    for each in masters:
        each.wipe()
    try:
        saved = scratch() if new is None else make_vault(new, passphrase)
        try:
            # A log beside a vault that was closed is not its own.
            with PageFile(folder, keys, with_log=state is None or not state.clean) as file:
                run = _Salvage(folder, file, state, saved, progress, is_look=new is None)
                report = run.run(wrappings)
        except BaseException:
            (end_scratch if new is None else unmake)(saved)
            raise
        if new is None:
            end_scratch(saved)
        else:
            saved.lock()
    finally:
        for key in (*keys, *wrappings):
            zero(key)
    progress(_WHOLE, _WHOLE)
    return report


class _Salvage:
    """One run, from the pages of the old vault into the new one."""

    def __init__(
        self,
        folder: Path,
        file: PageFile,
        state: VaultState | None,
        saved: Vault,
        progress: Progress,
        *,
        is_look: bool,
    ) -> None:
        self._is_look = is_look
        self._folder = folder
        self._file = file
        self._saved = saved
        self._progress = progress
        self._carved = carving.carve(file, self._telling(0, _PAGES_END))
        self._known = _Known(self._carved, state, is_authentic=file.is_authenticating)
        self._report = Salvaged(log_gaps=self._known.gaps)
        if file.is_authenticating:
            self._report.damaged_pages = self._carved.damaged_pages

    def run(self, wrappings: Sequence[bytearray]) -> Salvaged:
        """Copy everything that is intact and return what became of it."""
        database = self._saved.database
        with database.transaction():
            self._copy_bookkeeping()
            self._copy_compartments(wrappings)
            taken = self._copy_revisions()
            self._copy_origins(taken)
        lost_contents = self._copy_attachments()
        records.rebuild_projections(self._saved)
        self._name_lost_revisions(taken)
        self._name_lost_files(lost_contents)
        if not self._is_look:
            self._saved.checkpoint()
        return self._report

    def _telling(self, start: int, end: int) -> Progress:
        def tell(done: int, total: int) -> None:
            self._progress(start + (end - start) * done // max(1, total), _WHOLE)

        return tell

    # --- revisions -------------------------------------------------------------------------------

    def _copy_revisions(self) -> dict[bytes, str]:
        """Copy revisions in the order in which they were written; return id to record."""
        purged = {cast("bytes", row[0]) for row in self._carved.tables["purged"]}
        places = sorted(place for found in self._carved.revisions.values() for place in found)
        taken: dict[bytes, str] = {}
        tell = self._telling(_PAGES_END, _REVISIONS_END)
        for done, (_, body) in enumerate(carving.bodies(self._file, places), 1):
            revision = _revision(body)
            if revision is not None:
                identity = bytes.fromhex(revision.id)
                if identity not in taken and self._may_come(revision, identity, purged):
                    records.insert_revision(self._saved, revision)
                    taken[identity] = revision.record
            tell(done, len(places))
        self._report.revisions = len(taken)
        self._report.records = len(set(taken.values()))
        return taken

    def _may_come(self, revision: Revision, identity: bytes, purged: set[bytes]) -> bool:
        if not self._known.agrees("revision", identity, identity):
            return False
        return not purged or not is_purged(self._saved.database, revision.record)

    def _name_lost_revisions(self, taken: dict[bytes, str]) -> None:
        """List what was not saved, by the records that it belongs to, as far as that is known."""
        lost = self._known.expected("revision") - taken.keys()
        numbers = dict(carving.index(self._file, self._root("sqlite_autoindex_revision_1")))
        lost |= {
            identity
            for identity in numbers.keys() - taken.keys()
            if self._known.agrees("revision", identity, identity)
        }
        if not lost:
            return
        owners = {n: r for r, n in carving.index(self._file, self._root("revision_of_record"))}
        by_record: dict[bytes | None, int] = {}
        for identity in lost:
            owner = owners.get(numbers.get(identity, 0))
            by_record[owner] = by_record.get(owner, 0) + 1
        named = carving.titles(self._file, {owner for owner in by_record if owner})
        whole = set(taken.values())
        for owner, count in by_record.items():
            record = str(uuid.UUID(bytes=owner)) if owner else None
            title = named.get(owner, ("", ""))[1] if owner else ""
            if record in whole and record is not None:
                title = titles.title(self._saved, record, language_of_system())
            self._report.lost_versions.append(
                LostVersions(record, title, count, is_all=record not in whole)
            )
        self._report.lost_versions.sort(key=lambda lost: (lost.record is None, lost.title))
        self._report.lost_revisions = len(lost)

    def _root(self, name: str) -> int | None:
        """Return the first page of a tree; vaults of one schema have the same ones."""
        root = self._carved.roots.get(name)
        if root is not None:
            return root
        value = self._saved.database.value(
            "SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)
        )
        return value if isinstance(value, int) else None

    # --- files -----------------------------------------------------------------------------------

    def _copy_attachments(self) -> list[str]:
        """Copy contents; return the hashes of those that are damaged or missing."""
        rows = {
            number: row
            for row in self._carved.tables["attachment"]
            if row[6] == "present"
            and self._agrees("attachment", number := cast("int", row[0]), row)
        }
        lost: list[str] = []
        total = sum(cast("int", row[4]) for row in rows.values())
        tell = self._telling(_REVISIONS_END, _FILES_END)
        done = 0
        for number, row in sorted(rows.items()):
            _, _, name, key, size, sha256, _ = cast(
                "tuple[int, int, str, bytes, int, bytes, str]", row
            )
            content = Content(number, sha256.hex(), size)
            path = self._folder / ATTACHMENTS / Path(name).name
            before = done

            def told(size: int, before: int = before) -> None:
                tell(min(before + size, total), total)

            try:
                pieces = attachments.read_sealed(path, key, content)
                if self._is_look:
                    _read_through(pieces, told)
                else:
                    attachments.store(self._saved, pieces, told)
                self._report.attachments += 1
            except (VaultDamagedError, AttachmentNotFoundError):
                lost.append(content.sha256)
            done = before + size
        unknown = self._known.expected("attachment") - {attachments.row_key(n) for n in rows}
        return lost + [""] * len(unknown)

    def _name_lost_files(self, lost: list[str]) -> None:
        """List what was not saved, by the names in the records that describe it."""
        if not lost:
            return
        names: dict[object, str] = {}
        for (body,) in self._saved.database.rows(
            "SELECT state FROM record WHERE type = 'attachment'"
        ):
            values = stored_values(cast("bytes", body))
            names[values.get("sha256")] = str(values.get("name") or "")
        self._report.lost_files = [LostFile(sha256, names.get(sha256, "")) for sha256 in lost]

    # --- the rest --------------------------------------------------------------------------------

    def _agrees(self, kind: str, number: int, row: Row) -> bool:
        return self._known.agrees(kind, attachments.row_key(number), log.row_hash(row))

    def _copy_bookkeeping(self) -> None:
        """Take over own keys, contacts, what went and came, drafts, choices, and what was purged."""
        database = self._saved.database
        for table in ("identity", "contact", "received", "sent"):
            rows: dict[int, Row] = {}
            for row in self._carved.tables[table]:
                number = cast("int", row[0])
                # Which of one's own keys is the present one is not in the log.
                logged = row[2:] if table == "identity" else row
                if number not in rows and self._agrees(table, number, logged):
                    rows[number] = row
            if table == "identity" and rows:
                database.query("DELETE FROM identity")  # the keys that the new vault came with
                rows = _with_one_current(rows)
            for number, row in sorted(rows.items()):
                self._insert(table, row)
                logged = row[2:] if table == "identity" else row
                log.append(database, table, attachments.row_key(number), log.row_hash(logged))
            kept = {attachments.row_key(number) for number in rows}
            self._report.lost_rows += len(self._known.expected(table) - kept)
        marks = {
            mark
            for row in self._carved.tables["purged"]
            if self._known.agrees("purged", mark := cast("bytes", row[0]), mark)
        }
        for mark in sorted(marks):
            self._insert("purged", (mark,))
            log.append(database, "purged", mark, mark)
        self._report.lost_rows += len(self._known.expected("purged") - marks)
        if self._file.is_authenticating:
            self._copy_unlogged()

    def _copy_unlogged(self) -> None:
        """Take over what no log knows; only its page says that it is what was written."""
        for row in reversed(self._carved.tables["meta"]):  # the newer version last
            value = cast("bytes", row[1])
            if row[0] == "purge salt":
                self._saved.set_meta("purge salt", value)
            elif row[0] == "clock":
                self._saved.set_meta("clock", value)
        for table in ("setting", "alias", "derived", "draft"):
            for row in reversed(self._carved.tables[table]):
                self._insert(table, row)

    def _copy_compartments(self, wrappings: Sequence[bytearray]) -> None:
        kept: set[bytes] = set()
        for row in self._carved.tables["compartment"]:
            identity, _, parameters, wrapped = cast("tuple[bytes, int, str, bytes]", row)
            if not self._known.agrees("compartment", identity, log.row_hash(row)):
                continue
            if parameters != compartment.WRAPPED_BY_MASTER:
                compartment.keep_wrapped(self._saved, identity, parameters, wrapped)
                kept.add(identity)
                continue
            for wrapping in wrappings:
                with suppress(SealBrokenError):
                    opened = open_seal(wrapping, wrapped, b"fielddoc/v1/compartment" + identity)
                    compartment.keep(self._saved, identity, opened, current=False)
                    kept.add(identity)
        self._report.lost_rows += len(self._known.expected("compartment") - kept)

    def _copy_origins(self, taken: dict[bytes, str]) -> None:
        """Take over which bundles brought a revision, so that what is foreign stays foreign."""
        if not self._file.is_authenticating:
            return
        brought = {row[0] for row in self._saved.database.query("SELECT number FROM received")}
        for revision, received in carving.index(self._file, self._root("revision_origin")):
            if revision in taken and received in brought:
                self._saved.database.query(
                    "INSERT OR IGNORE INTO revision_origin VALUES (?, ?)", (revision, received)
                )

    def _insert(self, table: str, row: Row) -> None:
        places = ", ".join("?" * len(row))
        self._saved.database.query(f"INSERT OR REPLACE INTO {table} VALUES ({places})", row)  # noqa: S608


class _Known:
    """What the log says of every row, as far as its entries are left."""

    def __init__(self, carved: Carved, state: VaultState | None, *, is_authentic: bool) -> None:
        self._is_authentic = is_authentic
        entries = _entries(carved.log, state, is_authentic=is_authentic)
        self._last: dict[tuple[str, bytes], bytes] = {}
        for number in sorted(entries):
            entry = entries[number]
            self._last[entry.kind, entry.key] = entry.row
        self.gaps = max([*entries, state.log_count if state else 0]) - len(entries)

    def agrees(self, kind: str, key: bytes, row: bytes) -> bool:
        """Tell whether a row is as the log last knew it.

        A row that no entry is left of is believed if its page was authenticated.
        """
        known = self._last.get((kind, key))
        return self._is_authentic if known is None else known == row

    def expected(self, kind: str) -> set[bytes]:
        """Return the keys of the rows of a table that should be there."""
        return {key for (of, key), row in self._last.items() if of == kind and row != log.REMOVED}


def _entries(
    found: dict[int, list[LogEntry]], state: VaultState | None, *, is_authentic: bool
) -> dict[int, LogEntry]:
    """Return the entries of the log that hang on the head in the key file, and others if they may.

    Args:
        found: number to candidates, the newer first.
        state: holds the sealed head.
        is_authentic: whether what hangs on nothing was at least in an authenticated page.
    """
    taken: dict[int, LogEntry] = {}
    if state is not None:
        number, head = state.log_count, state.log_head
        while number > 0:
            step = _linked(found, number, head)
            if step is None:
                break
            taken[number], head = step
            number -= 1
    number, head = 1, log.FIRST_HEAD
    while number not in taken or state is None:
        entry = _next(found, number, head)
        if entry is None:
            break
        taken[number], head = entry, entry.head
        number += 1
    if state is not None and (state.log_count in taken or not state.log_count):
        number, head = state.log_count + 1, state.log_head
        while (entry := _next(found, number, head)) is not None:
            taken[number], head = entry, entry.head
            number += 1
    if is_authentic:
        for number, candidates in found.items():
            taken.setdefault(number, candidates[0])
    return taken


def _linked(
    found: dict[int, list[LogEntry]], number: int, head: bytes
) -> tuple[LogEntry, bytes] | None:
    """Return the entry with this number and head, and the head before it, or None."""
    befores = [log.FIRST_HEAD] if number == 1 else [e.head for e in found.get(number - 1, ())]
    for entry in found.get(number, ()):
        for before in befores:
            if entry.head == head == log.next_head(before, number, *entry[:3]):
                return entry, before
    return None


def _next(found: dict[int, list[LogEntry]], number: int, before: bytes) -> LogEntry | None:
    for entry in found.get(number, ()):
        if entry.head == log.next_head(before, number, *entry[:3]):
            return entry
    return None


def _read_through(pieces: Iterable[bytes], told: Callable[[int], object]) -> None:
    """Read a file to its end, which tells whether it is whole."""
    size = 0
    for piece in pieces:
        size += len(piece)
        told(size)


def _revision(body: bytes) -> Revision | None:
    try:
        return read_revision(body)
    except RevisionFormError:
        return None


def _with_one_current(rows: dict[int, Row]) -> dict[int, Row]:
    """Let exactly one of the own keys be the present one: the newest that says so, or the newest."""
    current = max(rows, key=lambda number: (bool(rows[number][1]), number))
    return {n: (row[0], int(n == current), *row[2:]) for n, row in rows.items()}
