"""Checking a whole vault: every page, every row against the log, every attachment."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from fielddoc.domain.revision import RevisionFormError, read_revision
from fielddoc.domain.visible import visible
from fielddoc.errors import AttachmentNotFoundError, VaultDamagedError
from fielddoc.i18n import N_, translate
from fielddoc.vault import attachments, log, page_check, projection_check
from fielddoc.vault.attachments import Content
from fielddoc.vault.database import Value
from fielddoc.vault.turns import Turn, directly
from fielddoc.vault.vault import Vault

_LOGGED_ROWS = {
    "attachment": "SELECT number, v, file, key, size_bytes, sha256, state FROM attachment"
    " WHERE state <> 'pending'",
    "contact": "SELECT number, name, code, added_ms, card FROM contact",
    "received": "SELECT number, bundle, kind, signer, sequence, previous, manifest, received_ms"
    " FROM received",
    "sent": "SELECT number, recipients, bundle, kind, sequence, manifest, sent_ms FROM sent",
}

_IDENTITIES = (
    "SELECT number, name, signing_key, signing_seed, x25519_secret, post_quantum_seed FROM identity"
)

Progress = Callable[[int, int], None]
"""Told steps done and steps in all; raises to stop."""

_TELL_EVERY = 500


def ignore_progress(_done: int, _total: int) -> None:
    """Take progress and do nothing."""


@dataclass(slots=True)
class CheckReport:
    """What a check found. A vault is sound if all lists of faults are empty."""

    records: int = 0
    revisions: int = 0
    attachments: int = 0
    database_faults: list[str] = field(default_factory=list)
    log_faults: list[str] = field(default_factory=list)
    """Rows that are not as the log last knew them: kind and number or id."""
    attachment_faults: list[str] = field(default_factory=list)
    """SHA-256 of contents that are missing or damaged."""
    stale: list[str] = field(default_factory=list)
    """Records whose list row or links are not what follows from their revisions, or "search"."""
    unknown_files: list[str] = field(default_factory=list)
    """Files in the attachments folder that no row knows. They are left alone."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found that should not be."""
        return not (self.database_faults or self.log_faults or self.attachment_faults or self.stale)


def faults_in_words(report: CheckReport, language: str | None = None) -> list[str]:
    """Return a line for each thing that was found."""
    return [
        translate(words, language).format(name=_named(fault, language))
        for faults, words in (
            (report.database_faults, N_("Damaged in the database: {name}")),
            (report.log_faults, N_("Not as it was written: {name}")),
            (report.stale, N_("Shown otherwise than it was written: {name}")),
            (report.attachment_faults, N_("Missing or damaged attachment: {name}")),
            (report.unknown_files, N_("Not the vault's own, left alone: {name}")),
        )
        for fault in faults
    ]


def _named(fault: str, language: str | None) -> str:
    """Return what a person reads of a fault: pages by number, all else as it was found."""
    number = fault.removeprefix(page_check.PAGE)
    if number != fault and number.isdigit():
        return translate(N_("page {number}"), language).format(number=number)
    return visible(fault)


def check(
    vault: Vault, progress: Progress = ignore_progress, *, turn: Turn = directly
) -> CheckReport:
    """Read everything that the vault holds and compare it with what the log says.

    Pages and list rows are read in slices, between which other work has its turn; SQLite's own
    check and the log in one step each, which a lock interrupts. Attachments, which are most of the
    bytes, are read beside other work.
    """
    report = CheckReport()
    progress(0, 1)
    # A copying that was cut off leaves half a page in the file, which the write-ahead log still
    # holds whole; it is finished before the file is looked at.
    if not vault.is_changed:
        turn(vault.database.checkpoint)
    pages = turn(lambda: page_check.slices(vault))
    contents, slices = turn(lambda: _what_there_is(vault))
    total = len(pages) + 2 + len(slices) + len(contents)
    steps = iter(range(1, total + 1))
    for numbers in pages:
        report.database_faults += turn(partial(page_check.faults_among, vault, numbers))
        progress(next(steps), total)
    if report.database_faults:
        # Locking would copy the write-ahead log over pages that are perhaps still to be saved.
        turn(vault.database.abandon)
    else:  # what hangs on whole pages can only be told of whole pages
        report.database_faults = turn(vault.database.structure_faults)
        if vault.is_changed:
            report.database_faults.append("pages exchanged")
        progress(next(steps), total)
        report.log_faults = turn(lambda: list(_log_faults(vault, report)))
        progress(next(steps), total)
        if report.database_faults or report.log_faults:
            turn(vault.database.abandon)
        if not report.log_faults:  # else the revisions themselves are not what was written
            report.stale = turn(lambda: list(projection_check.faults_of_the_whole(vault)))
            for some in slices:
                report.stale += turn(partial(projection_check.faults_among, vault, some))
                progress(next(steps), total)
        query = "SELECT count(*) FROM record"
        report.records = turn(lambda: cast("int", vault.database.value(query)))
    for content in contents:
        try:
            path, key = turn(partial(attachments.name_and_key, vault, content))
            for _ in attachments.read_sealed(path, key, content):
                pass
            report.attachments += 1
        except (VaultDamagedError, AttachmentNotFoundError):
            report.attachment_faults.append(content.sha256)
        progress(next(steps), total)
    if not report.database_faults:
        report.unknown_files = turn(lambda: attachments.unknown_files(vault))
    progress(total, total)
    return report


def _what_there_is(vault: Vault) -> tuple[list[Content], list[tuple[Value, ...]]]:
    """Return attachments and slices of records; none if the pages that tell cannot be read."""
    try:
        return attachments.contents(vault), projection_check.slices(vault)
    except VaultDamagedError:
        return [], []


def make_sure_of_the_log(vault: Vault, progress: Progress = ignore_progress) -> None:
    """Read all pages, check indexes, and compare every row that the log knows with the log.

    `progress` is told how many of the log's entries and of the rows are behind it.

    Raises:
        VaultDamagedError: something is not as it was written.
    """
    if vault.database.structure_faults():
        raise VaultDamagedError
    if next(_log_faults(vault, CheckReport(), progress), None) is not None:
        raise VaultDamagedError


def _log_faults(
    vault: Vault, report: CheckReport, progress: Progress = ignore_progress
) -> Iterator[str]:
    """Walk the chain, then compare each row with the last entry about it, and the reverse."""
    total = 2 * log.position(vault.database).count
    last: dict[tuple[str, bytes], bytes] = {}
    head = log.FIRST_HEAD
    rows = vault.database.rows("SELECT number, kind, key, row, head FROM log ORDER BY number")
    for count, row in enumerate(rows, 1):
        number, kind, key, row_hash, claimed = cast("tuple[int, str, bytes, bytes, bytes]", row)
        head = log.next_head(head, count, kind, key, row_hash)
        if number != count or head != claimed:
            yield f"log {number}"
            return
        last[kind, key] = row_hash
        if count % _TELL_EVERY == 0:
            progress(count, total)
    expected = {place for place, row_hash in last.items() if row_hash != log.REMOVED}
    found: set[tuple[str, bytes]] = set()
    for count, (kind, key, row_hash) in enumerate(_present_rows(vault, report), 1):
        found.add((kind, key))
        if count % _TELL_EVERY == 0:
            progress(min(total // 2 + count, total), total)
        if last.get((kind, key)) != row_hash:
            yield f"{kind} {key.hex()}"
    for kind, key in sorted(expected - found):
        if kind in (*_LOGGED_ROWS, "revision", "purged", "identity", "compartment"):
            yield f"{kind} {key.hex()} (missing)"


def _present_rows(vault: Vault, report: CheckReport) -> Iterator[tuple[str, bytes, bytes]]:
    for row in vault.database.rows("SELECT id, record, body FROM revision"):
        identity, record, body = cast("tuple[bytes, bytes, bytes]", row)
        report.revisions += 1
        try:
            revision = read_revision(body)
            sound = revision.id == identity.hex()
            sound = sound and uuid.UUID(revision.record).bytes == record
        except RevisionFormError:
            sound = False
        yield "revision", identity, identity if sound else b""
    for (mark,) in vault.database.rows("SELECT id FROM purged"):
        yield "purged", cast("bytes", mark), cast("bytes", mark)
    for kind, sql in _LOGGED_ROWS.items():
        for values in vault.database.rows(sql):
            columns: tuple[Value, ...] = values
            number = cast("int", columns[0])
            yield kind, attachments.row_key(number), log.row_hash(columns)
    for own in vault.database.rows(_IDENTITIES):
        yield "identity", attachments.row_key(cast("int", own[0])), log.row_hash(own[1:])
    for values in vault.database.rows("SELECT id, current, parameters, wrapped FROM compartment"):
        yield "compartment", cast("bytes", values[0]), log.row_hash(values)
