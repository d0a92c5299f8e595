"""Destroying a vault: the key file first, in one write; then whatever time allows.

No passphrase and no database is needed. The order, and why each step stands where it does, is in
docs/vault-format.md, "Wiping"; a test reads it back from a trace of the system calls.
"""

import os
import secrets
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fielddoc.errors import NotDestroyedError, WipeRefusedError
from fielddoc.vault import lock_file
from fielddoc.vault.files import read_at, sync_folder, write_all
from fielddoc.vault.key_file import BLOCK_BYTES, HALF_BYTES, MAGIC, WIPED_MARK
from fielddoc.vault.layout import (
    ATTACHMENT_NAME,
    ATTACHMENTS,
    DATABASE,
    JOURNALS,
    KEY_FILE,
    is_of_the_format,
)

DELETION_SECONDS = 0.7


@dataclass(frozen=True, slots=True)
class Wiped:
    """What a wipe did."""

    seconds_to_key_dead: float
    files_left: int
    """Files that could not be removed in time. Without the key they are noise."""
    was_open_elsewhere: bool


def wipe(folder: Path) -> Wiped:
    """Make the vault in `folder` unopenable for ever, then remove its files.

    Ignores the vault's lock; follows no link; touches only names of the format.

    Raises:
        WipeRefusedError: the folder has no key file of a vault, and no wiped mark.
        NotDestroyedError: the medium refused to overwrite the key file. Nothing was removed.
    """
    start = time.monotonic()
    path = folder / KEY_FILE
    descriptor = _open_key_file(path)
    try:
        if not is_key_file(descriptor):
            raise WipeRefusedError
        noise = WIPED_MARK + secrets.token_bytes(max(0, _size(descriptor) - BLOCK_BYTES))
        try:
            _overwrite(descriptor, noise)
            if not _is_same_file(descriptor, path):
                _overwrite_path(path, noise)
        except OSError as error:
            raise NotDestroyedError from error
        dead_after = time.monotonic() - start
        open_elsewhere = lock_file.is_taken(folder)
        if open_elsewhere:
            # The other process may have been inside a write when ours began.
            _overwrite_quietly(descriptor, noise)
        left = _remove_rest(folder, time.monotonic() + DELETION_SECONDS)
    finally:
        os.close(descriptor)
    if not left:
        _remove_key_file(folder)
    return Wiped(dead_after, left, open_elsewhere)


def finish_if_wiped(folder: Path) -> bool:
    """Remove what a wipe left behind, if and only if the key file is exactly a wiped one.

    Any other key file, damaged or half copied, is left alone with everything beside it.
    """
    try:
        descriptor = os.open(folder / KEY_FILE, _READ)
    except OSError:
        return False
    try:
        if read_at(descriptor, BLOCK_BYTES, 0) != WIPED_MARK:
            return False
    except OSError:
        return False  # opening it next will say what is wrong
    finally:
        os.close(descriptor)
    if not _remove_rest(folder, time.monotonic() + DELETION_SECONDS):
        _remove_key_file(folder)
    return True


_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_READ_WRITE = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


def is_key_file(descriptor: int) -> bool:
    """Tell whether this is a vault's key file, whole or damaged, or the mark of a wiped one.

    A damaged key file may be wiped too, since the person asks for it and the damage may be one
    that somebody can undo: the head of one half is enough.
    """
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return False
    if read_at(descriptor, BLOCK_BYTES, 0) == WIPED_MARK:
        return True
    heads = (read_at(descriptor, len(MAGIC), at) for at in (0, HALF_BYTES))
    return MAGIC in heads


def _open_key_file(path: Path) -> int:
    try:
        return os.open(path, _READ_WRITE)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise WipeRefusedError from error
    except OSError as error:
        # Read-only medium or file: say that it is a vault which could not be destroyed, not that
        # there was nothing to destroy. A link in its place is refused as no key file.
        if path.is_symlink() or not path.is_file():
            raise WipeRefusedError from error
        try:
            path.chmod(0o600)
            return os.open(path, _READ_WRITE)
        except OSError:
            raise NotDestroyedError from error


def _size(descriptor: int) -> int:
    return os.fstat(descriptor).st_size


def _overwrite(descriptor: int, noise: bytes) -> None:
    write_all(descriptor, noise, 0)
    os.fsync(descriptor)


def _overwrite_quietly(descriptor: int, noise: bytes) -> None:
    try:
        _overwrite(descriptor, noise)
    except OSError:
        return  # the first time was durable, which is what counts


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        named = path.lstat()
    except OSError:
        return True  # the name is gone: there is nothing else to overwrite
    return os.path.samestat(os.fstat(descriptor), named)


def _overwrite_path(path: Path, noise: bytes) -> None:
    descriptor = os.open(path, _READ_WRITE)
    try:
        if is_key_file(descriptor):
            _overwrite(descriptor, noise)
    finally:
        os.close(descriptor)


def _remove_rest(folder: Path, deadline: float) -> int:
    """Remove database and attachments until the deadline; return how many files are left."""
    left = 0
    attachments = folder / ATTACHMENTS
    names = [folder / name for name in (DATABASE, *JOURNALS)]
    names += [path for path in _listing(folder) if is_of_the_format(path.name)]
    if not attachments.is_symlink():
        names += [p for p in _listing(attachments) if _is_attachment(p.name)]
    for path in dict.fromkeys(names):
        if time.monotonic() > deadline or not _removed(path):
            left += 1
    if not attachments.is_symlink():
        _without_error(attachments.rmdir)
    return left


def _is_attachment(name: str) -> bool:
    return ATTACHMENT_NAME.fullmatch(name.removesuffix(".part")) is not None


def _listing(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _removed(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _remove_key_file(folder: Path) -> None:
    """Remove the key file last: its mark is what lets a later start go on with the rest."""
    _without_error((folder / KEY_FILE).unlink)
    _without_error(lambda: sync_folder(folder))
    _without_error(folder.rmdir)


def _without_error(step: Callable[[], object]) -> None:
    try:
        step()
    except OSError:
        return  # the key is dead already; what remains is noise, and is counted
