"""Files that belong to records: taking them in, listing them, and copying them out again.

A content goes into the vault sealed, and an ordinary record of type `attachment` describes it. Both
appear in one transaction, so that neither is ever there without the other.
"""

import datetime
import errno
import mimetypes
import os
import stat
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import cast

from fielddoc.domain.canonical import Json
from fielddoc.domain.visible import visible
from fielddoc.errors import (
    AttachmentNotFoundError,
    FileExistsAlreadyError,
    NoPermissionError,
    NotAPlainFileError,
    RecordNotFoundError,
)
from fielddoc.i18n import N_
from fielddoc.vault import attachments, records
from fielddoc.vault.attachments import SYNC_BYTES, Content, Progress, ignore_progress
from fielddoc.vault.database import Row
from fielddoc.vault.files import explaining, give_name, sync, sync_folder
from fielddoc.vault.journal import ActionKind, acting
from fielddoc.vault.layout import DATABASE, JOURNALS, KEY_FILE, LOCK_FILE
from fielddoc.vault.projections import stored_values
from fielddoc.vault.turns import Turn, directly
from fielddoc.vault.vault import Vault

UNKNOWN_MEDIA_TYPE = "application/octet-stream"

_BLOCK_BYTES = 1024 * 1024
_BINARY = getattr(os, "O_BINARY", 0)
# A pipe that takes a file's place between the check and the opening must not hold us for ever.
_READ = os.O_RDONLY | _BINARY | getattr(os, "O_NONBLOCK", 0)
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY

_NAME_BYTES = 200
"""What a file's name may take where it is copied to; with `.part` it fits every file system."""
_NO_NAME = (errno.EINVAL, errno.EILSEQ, errno.ENAMETOOLONG)
"""What a file system says of a name that it cannot hold."""
_FORBIDDEN = frozenset('<>:"/\\|?*')
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{n}{d}" for n in ("com", "lpt") for d in range(10)}


class Unfit(Enum):
    """Why something cannot be attached, as a sentence about `{name}`."""

    MISSING = N_("{name} is not there any more.")
    FOLDER = N_("{name} is a folder. Add the files in it instead.")
    NOT_A_FILE = N_("{name} is a device or a pipe, not a file.")
    UNREADABLE = N_("{name} may not be read by you.")
    OF_THE_VAULT = N_("{name} is a part of this vault.")


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that belongs to a record, as its own record describes it."""

    record: str
    """The id of the attachment's record."""
    name: str
    media_type: str
    size_bytes: int | None
    sha256: str
    added_on: str
    """An EDTF date, or empty."""
    description: str
    content: Content | None
    """What lies in the vault, or None if only the description came in."""
    belongs_to: tuple[str, ...]
    """The ids of all records that it belongs to."""


# --- taking in -----------------------------------------------------------------------------------


def unfit(vault: Vault, path: Path) -> Unfit | None:
    """Return why a file cannot be attached, or None if it can; links are followed.

    The vault's own files are refused before they are opened: SQLite's lock on a database is lost
    as soon as the same process closes another descriptor of it.
    """
    try:
        found = path.stat()
        if _is_of_the_vault(vault, path, found):
            return Unfit.OF_THE_VAULT
    except PermissionError:
        return Unfit.UNREADABLE
    except OSError:
        return Unfit.MISSING
    if stat.S_ISDIR(found.st_mode):
        return Unfit.FOLDER
    if not stat.S_ISREG(found.st_mode):
        return Unfit.NOT_A_FILE
    return None if os.access(path, os.R_OK) else Unfit.UNREADABLE


def attach_file(
    vault: Vault,
    record: str | None,
    path: Path,
    progress: Progress = ignore_progress,
    *,
    values: Mapping[str, Json] | None = None,
    turn: Turn = directly,
    action: Callable[[], AbstractContextManager[None]] | None = None,
) -> str:
    """Seal a file into the vault, describe it as belonging to a record, and return its record's id.

    Where the same content belongs to the record already, nothing is added and the id of what is
    there is returned.

    Args:
        vault: the vault.
        record: the id of the record that the file belongs to; None for a file that nobody has
            assigned yet.
        path: a plain file outside the vault; see `unfit`.
        progress: told the bytes read so far.
        values: what else is known of the file, for the fields of its record.
        turn: reaches the vault from a long job's thread.
        action: what the record is written in, where it is a part of a larger action.

    Raises:
        RecordNotFoundError: there is no record of this id.
        NotAPlainFileError: nothing that can be attached lies there.
        NoPermissionError, MediumLostError, DiskFullError: the system refused.
    """
    if unfit(vault, path) not in (None, Unfit.UNREADABLE):
        raise NotAPlainFileError(name=path.name)
    name = _text(path.name)
    media_type = mimetypes.guess_type(name)[0] or UNKNOWN_MEDIA_TYPE
    with explaining(path.name):
        descriptor = os.open(path, _READ)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotAPlainFileError(name=path.name)
        blocks = _blocks(descriptor, path.name)
        return attach_bytes(
            vault,
            record,
            name,
            media_type,
            blocks,
            progress=progress,
            values=values,
            turn=turn,
            action=action,
        )
    finally:
        os.close(descriptor)


def attach_bytes(
    vault: Vault,
    record: str | None,
    name: str,
    media_type: str,
    blocks: Iterable[bytes],
    *,
    progress: Progress = ignore_progress,
    values: Mapping[str, Json] | None = None,
    turn: Turn = directly,
    action: Callable[[], AbstractContextManager[None]] | None = None,
) -> str:
    """Seal bytes that lie in memory, as `attach_file` does with a file.

    Args:
        vault: the vault.
        record: the id of the record that they belong to; None for one that nobody has chosen yet.
        name: the file name that is shown.
        media_type: for example `image/png`.
        blocks: the content, in pieces of any size.
        progress: told the bytes taken so far.
        values: what else is known of the file, for the fields of its record.
        turn: reaches the vault from a long job's thread.
        action: what the record is written in, where it is a part of a larger action.
    """
    within = action or partial(acting, vault, ActionKind.ATTACH)
    turn(lambda: _must_exist(vault, record))
    content = attachments.store_pending(vault, blocks, progress, turn=turn)
    given = dict(values or {})
    return turn(
        lambda: _describe(
            vault, record, content, name=name, media_type=media_type, given=given, within=within
        )
    )


def _describe(
    vault: Vault,
    record: str | None,
    content: Content,
    *,
    name: str,
    media_type: str,
    given: dict[str, Json],
    within: Callable[[], AbstractContextManager[None]],
) -> str:
    """Make a pending content present and write its record; remove it if that cannot be."""
    is_kept = False
    try:
        with within():
            _must_exist(vault, record)  # it may have been purged while the file was read
            identity = _described_already(vault, record, content.sha256)
            if identity is None:
                is_kept = attachments.keep(vault, content).number == content.number
                identity = records.add(
                    vault,
                    "attachment",
                    {
                        "name": name,
                        "media_type": media_type,
                        "size_bytes": content.size_bytes,
                        "sha256": content.sha256,
                        "added_on": datetime.datetime.now(datetime.UTC).date().isoformat(),
                        **({"belongs_to": [record]} if record else {}),
                        **given,
                    },
                )
    except BaseException:
        attachments.discard(vault, content)
        raise
    if not is_kept:
        attachments.discard(vault, content)
    vault.written()
    return identity


def _described_already(vault: Vault, record: str | None, sha256: str) -> str | None:
    if record is None:
        return described_by(vault, sha256)
    same = (file for file in files_of(vault, record) if file.sha256 == sha256 and file.content)
    return next((file.record for file in same), None)


def described_by(vault: Vault, sha256: str) -> str | None:
    """Return the id of a record that describes this content of the vault, or None.

    Records in the trash are passed over.
    """
    if _content(vault, sha256) is None:
        return None
    rows = vault.database.rows(
        "SELECT id, state FROM record WHERE type = 'attachment' AND deleted = 0"
    )
    for row in rows:
        identity, body = cast("tuple[bytes, bytes]", row)
        if stored_values(body).get("sha256") == sha256:
            return str(uuid.UUID(bytes=identity))
    return None


def _must_exist(vault: Vault, record: str | None) -> None:
    if record is not None and records.type_of(vault, record) is None:
        raise RecordNotFoundError(name=record)


def _is_of_the_vault(vault: Vault, path: Path, found: os.stat_result) -> bool:
    if path.resolve().is_relative_to(vault.folder.resolve()):
        return True
    for name in (KEY_FILE, LOCK_FILE, DATABASE, *JOURNALS):
        with suppress(OSError):
            if os.path.samestat(found, (vault.folder / name).stat()):
                return True
    return False


def _blocks(descriptor: int, name: str) -> Iterator[bytes]:
    while True:
        with explaining(name):
            block = os.read(descriptor, _BLOCK_BYTES)
        if not block:
            return
        yield block


def _text(name: str) -> str:
    """Return a file's name as text; bytes that are no UTF-8 are written out in hexadecimal."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


# --- listing -------------------------------------------------------------------------------------


def files_of(vault: Vault, record: str) -> list[AttachedFile]:
    """Return the files that belong to a record, in the order in which they were added.

    What is in the trash is left out.
    """
    rows = vault.database.query(
        "SELECT record.id, record.state FROM link JOIN record ON record.id = link.source"
        " WHERE link.target = ? AND link.path = 'belongs_to' AND record.type = 'attachment'"
        " AND record.deleted = 0 ORDER BY record.number",
        (_raw(record),),
    )
    return [_attached(vault, row) for row in rows]


def file_of(vault: Vault, record: str) -> AttachedFile | None:
    """Return the file that a record describes, or None if it is of another type or in the trash."""
    rows = vault.database.query(
        "SELECT id, state FROM record WHERE id = ? AND type = 'attachment' AND deleted = 0",
        (_raw(record),),
    )
    return _attached(vault, rows[0]) if rows else None


def _raw(record: str) -> bytes:
    try:
        return uuid.UUID(record).bytes
    except ValueError as error:
        raise RecordNotFoundError(name=record) from error


def _attached(vault: Vault, row: Row) -> AttachedFile:
    identity, body = cast("tuple[bytes, bytes]", row)
    # A record that came from elsewhere may hold anything under any name.
    values = stored_values(body)
    sha256 = _string(values, "sha256")
    content = _content(vault, sha256)
    size, linked = values.get("size_bytes"), values.get("belongs_to")
    return AttachedFile(
        record=str(uuid.UUID(bytes=identity)),
        name=_string(values, "name"),
        media_type=_string(values, "media_type"),
        size_bytes=content.size_bytes if content else size if type(size) is int else None,
        sha256=sha256,
        added_on=_string(values, "added_on"),
        description=_string(values, "description"),
        content=content,
        belongs_to=tuple(x for x in linked if isinstance(x, str)) if type(linked) is list else (),
    )


def _string(values: dict[str, Json], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _content(vault: Vault, sha256: object) -> Content | None:
    """Return the content of a hash that a record gives, which may be anything."""
    if not isinstance(sha256, str):
        return None
    with suppress(ValueError):
        return attachments.find(vault, sha256)
    return None


# --- copying out ---------------------------------------------------------------------------------


def copy_out(
    vault: Vault,
    attachment_record: str,
    target: Path,
    *,
    progress: Progress = ignore_progress,
    turn: Turn = directly,
) -> None:
    """Copy an attached file out of the vault to a new file, verified before it gets its name.

    The copy is written as `<target>.part`, readable by its owner only, and made durable. Nothing is
    overwritten, and nothing is left where it did not come to its end.

    Args:
        vault: the vault.
        attachment_record: the id of the attachment's record.
        target: the new file.
        progress: told the bytes written so far; raises to stop.
        turn: reaches the vault from a long job's thread.

    Raises:
        RecordNotFoundError: there is no record of this id.
        AttachmentNotFoundError: its content is not in this vault.
        VaultDamagedError: the content is not what was attached.
        NotAPlainFileError: there is no such folder.
        FileExistsAlreadyError: there is a file of that name, or of the one with `.part`.
        NoPermissionError, MediumLostError, DiskFullError: the system refused.
    """
    if not target.absolute().parent.is_dir():
        raise NotAPlainFileError(name=str(target.parent))
    path, key, content = turn(lambda: _source(vault, attachment_record))
    part = target.with_name(target.name + ".part")
    with explaining(target.name):
        if os.path.lexists(target):
            raise FileExistsAlreadyError(name=target.name)
        descriptor = _new_file(part)
        try:
            try:
                _write(descriptor, attachments.read_sealed(path, key, content), progress)
            finally:
                os.close(descriptor)
            give_name(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync_folder(target.parent)


def file_name(name: str) -> str:
    """Return a file name like `name` that every system takes, and that cannot lead elsewhere."""
    plain = "".join(
        "_" if character in _FORBIDDEN or visible(character) != character else character
        for character in name
    )
    plain = plain.strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 16:
        stem, dot, ending = plain, "", ""
    room = _NAME_BYTES - len((dot + ending).encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") or "file"
    if stem.split(".")[0].rstrip().casefold() in _DEVICES:
        stem = "_" + stem
    return stem + dot + ending


def free_name(folder: Path, name: str, taken: Iterable[str] = ()) -> Path:
    """Return a path in `folder` for a file of this name where nothing lies yet: "photo (2).jpg"."""
    first = Path(file_name(name))
    known = set(taken)
    number = 1
    path = folder / first
    while path.name in known or os.path.lexists(path) or os.path.lexists(f"{path}.part"):
        number += 1
        path = folder / f"{first.stem} ({number}){first.suffix}"
    return path


def is_inside(vault: Vault, folder: Path) -> bool:
    """Tell whether a folder is the vault's own, where a copy in the clear must not lie."""
    return folder.resolve().is_relative_to(vault.folder.resolve())


def _source(vault: Vault, attachment_record: str) -> tuple[Path, bytes, Content]:
    content = _content(vault, records.state_of(vault, attachment_record).values.get("sha256"))
    if content is None:
        raise AttachmentNotFoundError
    return (*attachments.name_and_key(vault, content), content)


def _new_file(path: Path) -> int:
    try:
        return os.open(path, _NEW_FILE, 0o600)
    except FileExistsError as error:
        raise FileExistsAlreadyError(name=path.name) from error
    except OSError as error:
        if error.errno not in _NO_NAME:
            raise
        raise NoPermissionError(name=path.name) from error


def _write(descriptor: int, blocks: Iterator[bytes], progress: Callable[[int], None]) -> None:
    done = unsynced = 0
    for block in blocks:
        view = memoryview(block)
        while view:
            view = view[os.write(descriptor, view) :]
        done += len(block)
        unsynced += len(block)
        if unsynced >= SYNC_BYTES:
            sync(descriptor)
            unsynced = 0
        progress(done)
    sync(descriptor)
