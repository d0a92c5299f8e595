"""Verifying a bundle, which writes nothing, and importing it, which adds all of it or nothing."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from fielddoc.bundle import bag
from fielddoc.bundle.bag import BagInfo, BundleKind, PayloadFile
from fielddoc.bundle.reading import Opened, Sender, read_bundle
from fielddoc.domain.canonical import MAXIMUM_BYTES, NotCanonicalError, check_value, decode
from fielddoc.domain.revision import Revision, RevisionFormError, RevisionTooNewError, read_revision
from fielddoc.errors import BundleChangedError, BundleTooNewError
from fielddoc.vault import attachments, compartment, compartment_passphrase, records, transfers
from fielddoc.vault.attachments import Content
from fielddoc.vault.turns import Turn, directly
from fielddoc.vault.vault import Vault

# A bundle may have bad lines, but nobody reads a list of more; and a list without end would take
# all memory.
MAXIMUM_BAD = 10_000
# How deep in a record put together the value of a field, of an item and of its part stands.
_DEPTH_OF = (1, 2, 3)

Progress = Callable[[int, int], None]
"""Told payload bytes done and payload bytes in all; raises to stop."""


def ignore_progress(_done: int, _total: int) -> None:
    """Take progress and do nothing."""


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A line of records.jsonl that could not be taken; the others were."""

    line: int
    reason: str
    is_newer: bool
    """Whether a newer fielddoc could read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a bundle holds and where it comes from. Everything in it is verified."""

    info: BagInfo
    sender: Sender
    records: int
    attachments: int
    attachment_bytes: int
    bad: tuple[BadRecord, ...]
    is_known: bool
    """Whether this very bundle was imported before."""
    is_previous_missing: bool
    """Whether the sender made an earlier bundle for the same recipients that never came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did."""

    report: Report
    added: int
    """Revisions that were new."""
    known: int
    purged: int
    records: tuple[str, ...]
    """Ids of records that are new or changed."""
    attachments_added: int


@dataclass(slots=True)
class _Reader:
    """Parses what comes, keeps revisions in memory and hands attachments on."""

    vault: Vault
    take_attachment: Callable[[PayloadFile, Iterator[bytes]], None]
    progress: Progress
    revisions: list[Revision] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)
    compartment_keys: bytes = b""
    attachments: int = 0
    attachment_bytes: int = 0
    _total: int = 0
    _done: int = 0

    def opened(self, opened: Opened) -> None:
        self._total = opened.info.payload_bytes

    def payload(self, file: PayloadFile, size: int, blocks: Iterator[bytes]) -> None:
        counted = self._counted(blocks)
        if file.name == bag.RECORDS:
            self._read_records(counted)
        elif file.name == bag.COMPARTMENT_KEYS:
            if size > bag.MAXIMUM_TAG_BYTES:
                raise BundleChangedError
            self.compartment_keys = b"".join(counted)
        elif file.name.startswith(bag.ATTACHMENT_FOLDER):
            self.attachments += 1
            self.attachment_bytes += size
            self.take_attachment(file, counted)
        for _ in counted:
            pass  # what nobody needs here is still read, so that its hash is checked

    def _counted(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self._done += len(block)
            self.progress(self._done, self._total)
            yield block

    def _read_records(self, blocks: Iterator[bytes]) -> None:
        for number, line in enumerate(_lines(blocks), 1):
            try:
                self.revisions.append(_revision(line))
                continue
            except RevisionTooNewError:
                self.bad.append(BadRecord(number, "newer", is_newer=True))
            except (RevisionFormError, NotCanonicalError) as error:
                self.bad.append(BadRecord(number, str(error), is_newer=False))
            if len(self.bad) > MAXIMUM_BAD:
                is_newer = all(bad.is_newer for bad in self.bad)
                raise BundleTooNewError if is_newer else BundleChangedError

    def report(self, opened: Opened) -> Report:
        previous = opened.info.previous
        missing = previous != bag.NO_PREVIOUS and not transfers.is_received(
            self.vault, bytes.fromhex(previous)
        )
        return Report(
            info=opened.info,
            sender=opened.sender,
            records=len({revision.record for revision in self.revisions}),
            attachments=self.attachments,
            attachment_bytes=self.attachment_bytes,
            bad=tuple(self.bad),
            is_known=transfers.is_received(self.vault, opened.manifest),
            is_previous_missing=missing and not opened.sender.is_self,
        )


def verify_bundle(
    vault: Vault,
    path: Path,
    *,
    passphrase: str | None = None,
    progress: Progress = ignore_progress,
    turn: Turn = directly,
    revisions: Callable[[list[Revision]], object] = list,
) -> Report:
    """Read a bundle to its last byte and return what it is; writes nothing.

    Args:
        vault: whose keys open it and whose contacts may have signed it.
        path: the file, or one of the files into which it was cut.
        passphrase: of a passphrase bundle.
        progress: told payload bytes.
        turn: how the vault is reached; see `fielddoc.vault.turns`.
        revisions: takes what the bundle holds, once all of it is verified.

    Raises:
        BundleError: see `fielddoc.bundle.reading.read_bundle`.
    """
    reader = _Reader(vault, _drain, progress)
    opened = read_bundle(vault, path, reader, passphrase=passphrase, turn=turn)
    revisions(reader.revisions)
    return turn(lambda: reader.report(opened))


def import_bundle(
    vault: Vault,
    path: Path,
    *,
    passphrase: str | None = None,
    progress: Progress = ignore_progress,
    turn: Turn = directly,
) -> Imported:
    """Verify a bundle and add what it holds, in one transaction after its last byte.

    Attachments stream into the vault as pending ones, which nobody can see; if anything is wrong
    they are removed again, now or at the next unlock.

    Raises:
        BundleError: see `fielddoc.bundle.reading.read_bundle`. Nothing was added.
    """
    pending: list[Content] = []

    def store(_: PayloadFile, blocks: Iterator[bytes]) -> None:
        pending.append(attachments.store_pending(vault, blocks, turn=turn))

    reader = _Reader(vault, store, progress)
    try:
        opened = read_bundle(vault, path, reader, passphrase=passphrase, turn=turn)
        return turn(lambda: _take(vault, reader, opened, pending))
    except BaseException:
        turn(lambda: _discard(vault, pending))
        raise


def _take(vault: Vault, reader: _Reader, opened: Opened, pending: list[Content]) -> Imported:
    """Add what was read, in one transaction; `pending` is emptied of what the vault keeps."""
    report = reader.report(opened)
    with vault.database.transaction():
        received = transfers.note_received(
            vault,
            transfers.Transfer(
                bundle=bytes.fromhex(opened.info.bundle),
                kind=opened.info.kind.value,
                sequence=opened.info.sequence,
                manifest=opened.manifest,
            ),
            signer=opened.sender.signing_key,
            previous=_previous(opened.info),
        )
        if opened.info.kind is BundleKind.COMPLETE:
            _keep_compartment_keys(vault, reader.compartment_keys)
        taken = records.receive(vault, reader.revisions, received=received)
        superfluous = [c for c in pending if attachments.keep(vault, c).number != c.number]
    added = len(pending) - len(superfluous)
    pending[:] = superfluous
    _discard(vault, pending)
    pending.clear()
    vault.written()
    return Imported(
        report=report,
        added=taken.added,
        known=taken.known,
        purged=taken.purged,
        records=tuple(sorted(taken.records)),
        attachments_added=added,
    )


def _discard(vault: Vault, pending: Iterable[Content]) -> None:
    for content in pending:
        attachments.discard(vault, content)


def _drain(_: PayloadFile, blocks: Iterator[bytes]) -> None:
    for _block in blocks:
        pass


def _previous(info: BagInfo) -> bytes:
    return b"" if info.previous == bag.NO_PREVIOUS else bytes.fromhex(info.previous)


def _revision(line: bytes) -> Revision:
    """Parse a line, and make sure that the record can be kept when it is put together."""
    revision = read_revision(line)
    for path, value in revision.changes.items():
        check_value(value, 1 + _DEPTH_OF[path.count("/")])
    return revision


def _lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines without their end; one longer than any revision ends the import."""
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
        if len(rest) > MAXIMUM_BYTES:
            raise BundleChangedError
    if rest:
        yield rest


def _keep_compartment_keys(vault: Vault, data: bytes) -> None:
    """Keep keys of source compartments that came from one's own other vault."""
    for line in data.splitlines():
        with suppress(ValueError, KeyError, TypeError):
            members = cast("dict[str, str]", decode(line))
            identity = bytes.fromhex(members["compartment"])
            if "parameters" in members and len(identity) == compartment.ID_BYTES:
                compartment_passphrase.keep_foreign(
                    vault, identity, members["parameters"], bytes.fromhex(members["wrapped"])
                )
                continue
            key = bytes.fromhex(members["key"])
            if len(identity) == compartment.ID_BYTES and len(key) == 32:
                compartment.keep(vault, identity, bytearray(key), current=False)
