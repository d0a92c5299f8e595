"""Attachment contents: one sealed file each, under a key of its own that lives in its row.

The file is age's STREAM payload over the content and zeros up to the Padmé size, so that neither
length nor name says what it is. Erasing the row erases the file (docs/vault-format.md,
"Attachments"). The record that describes a content is an ordinary record of type `attachment`.
"""

import hashlib
import io
import itertools
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from fielddoc.crypto.keys import KEY_BYTES
from fielddoc.crypto.stream import (
    CHUNK_BYTES,
    StreamError,
    StreamWriter,
    open_stream,
    read_chunk,
    sealed_size,
)
from fielddoc.domain.padme import padme
from fielddoc.errors import AttachmentNotFoundError, VaultDamagedError, VaultError
from fielddoc.vault import log
from fielddoc.vault.behind import Behind
from fielddoc.vault.database import Row, Value
from fielddoc.vault.files import explaining, sync, sync_folder
from fielddoc.vault.layout import ATTACHMENTS, FIXED_TIME_S
from fielddoc.vault.turns import Turn, directly
from fielddoc.vault.vault import Vault

ROW_VERSION = 1
# Data is pushed to the medium in steps, so that a wipe never waits behind gigabytes of it and
# progress says what is true.
SYNC_BYTES = 8 * 1024 * 1024

_COLUMNS = "number, v, file, key, size_bytes, sha256, state"
Progress = Callable[[int], None]
"""Told the bytes done so far; raises to stop."""


@dataclass(frozen=True, slots=True)
class Content:
    """A content that lies in the vault. The key is not shown."""

    number: int
    sha256: str
    size_bytes: int


def ignore_progress(_: int) -> None:
    """Take progress and do nothing."""


def store(
    vault: Vault,
    blocks: Iterable[bytes],
    progress: Progress = ignore_progress,
    *,
    turn: Turn = directly,
) -> Content:
    """Seal a content into the vault and return it; the same content is kept once.

    Args:
        vault: the vault.
        blocks: the content, in pieces of any size.
        progress: told the bytes read so far.
        turn: how the vault is reached; see `fielddoc.vault.turns`.
    """
    content = store_pending(vault, blocks, progress, turn=turn)
    return turn(lambda: _keep_or_discard(vault, content))


def _keep_or_discard(vault: Vault, content: Content) -> Content:
    with vault.database.transaction():
        kept = keep(vault, content)
    if kept.number != content.number:
        discard(vault, content)
    vault.written()
    return kept


def store_pending(
    vault: Vault,
    blocks: Iterable[bytes],
    progress: Progress = ignore_progress,
    *,
    turn: Turn = directly,
) -> Content:
    """Seal a content whose row stays `pending` until `keep` is called.

    The row is committed before the file exists, and the file is durable before the row says so:
    a crash in between leaves only a pending row, which the next unlock removes with its file.
    """
    key = secrets.token_bytes(KEY_BYTES)  # fresh for every attempt, because a nonce must not recur
    name = secrets.token_hex(16)
    number = turn(lambda: _insert_row(vault, name, key))
    path = vault.attachments_folder / name
    try:
        size, digest = _write_file(path, key, blocks, progress)
    except BaseException:
        # Under either name: what stopped the work may have come after the file got its own. If the
        # file cannot be removed its row stays, by which the next unlock finds it.
        with suppress(OSError, VaultError):
            _unlink(path)
            sync_folder(path.parent)
            turn(lambda: vault.database.query("DELETE FROM attachment WHERE number = ?", (number,)))
        raise
    turn(
        lambda: vault.database.query(
            "UPDATE attachment SET size_bytes = ?, sha256 = ? WHERE number = ?",
            (size, digest, number),
        )
    )
    return Content(number, digest.hex(), size)


def keep(vault: Vault, content: Content) -> Content:
    """Make a pending content present, in the running transaction.

    If the same content is there already that one is returned, and the caller discards this one
    after its transaction.
    """
    known = find(vault, content.sha256)
    if known is not None:
        return known
    vault.database.query(
        "UPDATE attachment SET state = 'present' WHERE number = ?", (content.number,)
    )
    _log_row(vault, content.number)
    return content


def discard(vault: Vault, content: Content) -> None:
    """Remove a pending content."""
    _remove(vault, [content.number])


def find(vault: Vault, sha256: str) -> Content | None:
    """Return the content of this hash, or None."""
    rows = vault.database.query(
        f"SELECT {_COLUMNS} FROM attachment WHERE sha256 = ? AND state = 'present'",  # noqa: S608
        (bytes.fromhex(sha256),),
    )
    return _content(rows[0]) if rows else None


def contents(vault: Vault) -> list[Content]:
    """Return every present content."""
    rows = vault.database.query(
        f"SELECT {_COLUMNS} FROM attachment WHERE state = 'present' ORDER BY number"  # noqa: S608
    )
    return [_content(row) for row in rows]


def read(vault: Vault, content: Content) -> Iterator[bytes]:
    """Yield the content in pieces, each authentic, and check its hash at the end.

    Raises:
        AttachmentNotFoundError: the file is missing.
        VaultDamagedError: the file is not what was written; nothing of the bad piece is given.
    """
    name, key = _name_and_key(vault, content)
    return read_sealed(vault.attachments_folder / name, key, content)


def name_and_key(vault: Vault, content: Content) -> tuple[Path, bytes]:
    """Return file and key of a content, for reading on a thread without the database."""
    name, key = _name_and_key(vault, content)
    return vault.attachments_folder / name, key


def read_sealed(path: Path, key: bytes, content: Content) -> Iterator[bytes]:
    """Yield a content from its file; see `read`. Needs no database."""
    digest = hashlib.sha256()
    left = content.size_bytes
    with _open(path) as file, Behind(digest.update) as hashing:
        try:
            for chunk in open_stream(key, file):
                piece, padding = (
                    (chunk, b"") if len(chunk) <= left else (chunk[:left], chunk[left:])
                )
                if padding.strip(b"\0"):
                    raise VaultDamagedError
                left -= len(piece)
                if piece:
                    hashing.put(piece)
                    yield piece
        except StreamError as error:
            raise VaultDamagedError from error
        hashing.finish()
    if left or digest.hexdigest() != content.sha256:
        raise VaultDamagedError


def read_range(vault: Vault, content: Content, start: int, size: int) -> bytes:
    """Return `size` bytes from `start`, or fewer at the end; only the chunks touched are opened.

    Raises:
        AttachmentNotFoundError: the file is missing.
        VaultDamagedError: a chunk is not what was written.
    """
    name, key = _name_and_key(vault, content)
    end = min(start + size, content.size_bytes)
    total = sealed_size(padme(content.size_bytes))
    with _open(vault.attachments_folder / name) as file:
        try:
            pieces = [
                read_chunk(key, file, index, total)
                for index in range(start // CHUNK_BYTES, -(-end // CHUNK_BYTES))
            ]
        except StreamError as error:
            raise VaultDamagedError from error
    skipped = start % CHUNK_BYTES
    return b"".join(pieces)[skipped : skipped + max(0, end - start)]


def mark_going(vault: Vault, sha256: str) -> list[int]:
    """Mark the contents of this hash for removal, in the running transaction."""
    rows = vault.database.query(
        "SELECT number FROM attachment WHERE sha256 = ? AND state = 'present'",
        (bytes.fromhex(sha256),),
    )
    numbers = [cast("int", row[0]) for row in rows]
    for number in numbers:
        vault.database.query("UPDATE attachment SET state = 'going' WHERE number = ?", (number,))
        _log_row(vault, number)
    return numbers


def clean_up(vault: Vault) -> int:
    """Remove what pending and going rows name, and nothing else; return how many rows those were.

    Files that no row knows are left alone: after a restored database they may be evidence.
    """
    rows = vault.database.query("SELECT number FROM attachment WHERE state <> 'present'")
    numbers = [cast("int", row[0]) for row in rows]
    _remove(vault, numbers)
    return len(numbers)


def remove_going(vault: Vault) -> int:
    """Remove what was marked for removal; return how many rows those were.

    What is pending stays: it may belong to a long job that goes on meanwhile.
    """
    rows = vault.database.query("SELECT number FROM attachment WHERE state = 'going'")
    numbers = [cast("int", row[0]) for row in rows]
    _remove(vault, numbers)
    return len(numbers)


def unknown_files(vault: Vault) -> list[str]:
    """Return names in the attachments folder that no row knows."""
    rows = vault.database.query("SELECT file FROM attachment")
    known = {row[0] for row in rows}
    with explaining(ATTACHMENTS):
        return sorted(p.name for p in vault.attachments_folder.iterdir() if p.name not in known)


def _insert_row(vault: Vault, name: str, key: bytes) -> int:
    with vault.database.transaction():
        vault.database.query(
            "INSERT INTO attachment (v, file, key, size_bytes, sha256, state)"
            " VALUES (?, ?, ?, 0, ?, 'pending')",
            (ROW_VERSION, name, key, bytes(32)),
        )
        return cast("int", vault.database.value("SELECT last_insert_rowid()"))


def _write_file(
    path: Path, key: bytes, blocks: Iterable[bytes], progress: Progress
) -> tuple[int, bytes]:
    part = path.with_name(path.name + ".part")
    digest = hashlib.sha256()
    size = 0
    with explaining(ATTACHMENTS):
        part.touch(mode=0o600, exist_ok=False)
    with explaining(ATTACHMENTS), part.open("wb", buffering=0) as file:
        unsynced = 0

        def write(data: bytes) -> None:
            nonlocal unsynced
            _write_fully(file, data)
            unsynced += len(data)
            if unsynced >= SYNC_BYTES:
                sync(file.fileno())
                unsynced = 0

        # Hashing and writing go on while the next block is sealed.
        with Behind(digest.update) as hashing, Behind(write) as writing:
            writer = StreamWriter(key, writing.put)
            for block in blocks:
                hashing.put(block)
                writer.write(block)
                size += len(block)
                progress(size)
            _write_zeros(writer, padme(size) - size)
            writer.finish()
            hashing.finish()
            writing.finish()
        sync(file.fileno())
        os.utime(part, (FIXED_TIME_S, FIXED_TIME_S))
        part.rename(path)
        sync_folder(path.parent)
    return size, digest.digest()


def _write_fully(file: io.FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _write_zeros(writer: StreamWriter, count: int) -> None:
    zeros = bytes(min(count, CHUNK_BYTES))
    for start in range(0, count, CHUNK_BYTES):
        writer.write(zeros[: count - start])


def _open(path: Path) -> BinaryIO:
    with explaining(ATTACHMENTS):
        try:
            return path.open("rb", buffering=0)
        except FileNotFoundError as error:
            raise AttachmentNotFoundError from error


def _content(row: Row) -> Content:
    number, _, _, _, size, sha256, _ = row
    return Content(cast("int", number), cast("bytes", sha256).hex(), cast("int", size))


def _name_and_key(vault: Vault, content: Content) -> tuple[str, bytes]:
    rows = vault.database.query(
        "SELECT file, key FROM attachment WHERE number = ?", (content.number,)
    )
    if not rows:
        raise AttachmentNotFoundError
    return cast("str", rows[0][0]), cast("bytes", rows[0][1])


def _log_row(vault: Vault, number: int) -> None:
    rows = vault.database.query(
        f"SELECT {_COLUMNS} FROM attachment WHERE number = ?",  # noqa: S608
        (number,),
    )
    row: tuple[Value, ...] = rows[0]
    log.append(vault.database, "attachment", row_key(number), log.row_hash(row))


def row_key(number: int) -> bytes:
    """Return the key under which the log knows a row with a number."""
    return number.to_bytes(8, "big")


def _remove(vault: Vault, numbers: list[int]) -> None:
    """Remove files, then their rows; the rows' keys are overwritten by secure_delete.

    The names are gone for good before the rows go: a file that came back after a loss of power
    would be one that no row knows.
    """
    states: dict[int, Value] = {}
    for number in numbers:
        for name, state in vault.database.query(
            "SELECT file, state FROM attachment WHERE number = ?", (number,)
        ):
            states[number] = state
            _unlink(vault.attachments_folder / cast("str", name))
    if not states:
        return
    with explaining(ATTACHMENTS):
        sync_folder(vault.attachments_folder)
    for number, state in states.items():
        with vault.database.transaction():
            vault.database.query("DELETE FROM attachment WHERE number = ?", (number,))
            if state == "going":
                log.append(vault.database, "attachment", row_key(number), log.REMOVED)
    vault.checkpoint()


def _unlink(path: Path) -> None:
    """Remove a sealed file, finished or not."""
    with explaining(ATTACHMENTS):
        for name in (path, path.with_name(path.name + ".part")):
            name.unlink(missing_ok=True)


def file_blocks(path: Path, *, size: int = 1024 * 1024) -> Iterator[bytes]:
    """Yield a file in blocks."""
    with explaining(path.name), path.open("rb", buffering=0) as file:
        for _ in itertools.count():
            block = file.read(size)
            if not block:
                return
            yield block
