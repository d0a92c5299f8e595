"""Killing a vault's key file, made ready beforehand so that nothing has to be waited for.

The order, and why each step stands where it does, is in docs/vault-format.md, "Wiping". No
passphrase, no database and no lock is needed, so it works while keys are derived, while a query
runs and while a bundle is written.
"""

import os
import secrets
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fielddoc.errors import NotDestroyedError, WipeRefusedError
from fielddoc.vault import lock_file
from fielddoc.vault.files import read_at, sync, sync_folder, write_all
from fielddoc.vault.key_file_layout import (
    BLOCK_BYTES,
    FILE_BYTES,
    HALF_BYTES,
    MAGIC,
    WIPED_LINE,
    WIPED_MARK,
)
from fielddoc.vault.layout import (
    ATTACHMENT_NAME,
    ATTACHMENTS,
    DATABASE,
    JOURNALS,
    KEY_FILE,
    is_of_the_format,
)

if TYPE_CHECKING:  # a wipe needs no cryptography, and must be armed before that is loaded
    from fielddoc.vault.key_file import KeyFile

DELETION_SECONDS = 0.7

_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | _FLAGS
_READ_WRITE = os.O_RDWR | _FLAGS


@dataclass(frozen=True, slots=True)
class Killed:
    """What killing the key file took and met."""

    seconds: float
    """Until the key was dead on the medium."""
    was_in_use: bool
    """Whether some process, this one included, held the vault's lock."""


class ArmedWipe:
    """A wipe that is ready: the key file is open and what will be written over it is prepared.

    `kill_key` may be called from any thread, again if it was refused, and does not wait for what
    other threads do with the vault.
    """

    def __init__(self, folder: Path) -> None:
        """Get ready; nothing is changed on the medium.

        Raises:
            WipeRefusedError: the folder has no key file of a vault, and no wiped mark.
        """
        self.folder = folder
        self._path = folder / KEY_FILE
        self._watched: KeyFile | None = None
        self.is_key_dead = False
        """Whether the key file was overwritten and synced; nothing brings it back."""
        self._descriptor, self._may_write = _open(self._path)
        if self._descriptor is not None and not is_key_file(self._descriptor):
            os.close(self._descriptor)
            raise WipeRefusedError
        self._noise = _noise(FILE_BYTES)

    def watch(self, key_file: "KeyFile | None") -> None:
        """Know the key file that this process has open, so that the wipe can stop its writers."""
        self._watched = key_file

    def kill_key(self) -> Killed:
        """Make the vault unopenable for ever.

        Raises:
            NotDestroyedError: the medium refused. Nothing was removed, and the vault goes on.
            WipeRefusedError: what could not be read before turns out to be no key file.
        """
        start = time.monotonic()
        watched = self._watched
        if watched is not None:
            watched.dead = True
        try:
            self._overwrite_all()
        except (OSError, WipeRefusedError) as error:
            if watched is not None:
                watched.dead = False
            if isinstance(error, WipeRefusedError):
                raise
            raise NotDestroyedError from error
        self.is_key_dead = True
        seconds = time.monotonic() - start
        was_in_use = _may_be_in_use(self.folder)
        if was_in_use:
            # Whoever has the vault open may have been inside a write when ours began. The first
            # time was durable, which is what counts.
            with suppress(OSError):
                self._overwrite_all()
        return Killed(seconds, was_in_use)

    def remove_rest(self, seconds: float = DELETION_SECONDS) -> int:
        """Remove the dead vault's files for so long, and return how many are left.

        Call it after `kill_key` only. The key file goes last, and only if nothing else is left:
        its mark is what lets a later start go on.
        """
        self._close()  # Windows removes no file that is open
        return remove_rest(self.folder, seconds)

    def is_wiped_elsewhere(self) -> bool:
        """Tell whether somebody else has wiped the vault meanwhile."""
        if self._descriptor is None:
            return False
        try:
            return _is_marked(self._descriptor)
        except OSError:
            return False  # a stick that was pulled out is not a wiped one

    def close(self) -> None:
        """Let go of the key file; nothing is changed."""
        self._close()

    def _close(self) -> None:
        descriptor, self._descriptor, self._may_write = self._descriptor, None, False
        if descriptor is not None:
            os.close(descriptor)

    def _overwrite_all(self) -> None:
        """Overwrite the file that is open, and the one of its name if that is another now."""
        if not self._may_write:
            self._open_to_write()
        assert self._descriptor is not None
        try:
            _overwrite(self._descriptor, self._noise)
        except OSError:
            # The stick may have been pulled out and put back: the old descriptor leads nowhere,
            # but the name leads to the key file again, and even by the same numbers of device and
            # file.
            with suppress(WipeRefusedError):
                _overwrite_path(self._path, self._noise)
                return
            raise
        else:
            if not _is_same_file(self._descriptor, self._path):
                with suppress(FileNotFoundError, NotADirectoryError, WipeRefusedError):
                    _overwrite_path(self._path, self._noise)

    def _open_to_write(self) -> None:
        """Open the key file to write, allowing it to ourselves where it is ours to allow."""
        with suppress(OSError):
            self._path.chmod(0o600, follow_symlinks=False)
        descriptor = os.open(self._path, _READ_WRITE)
        if not is_key_file(descriptor):
            os.close(descriptor)
            raise WipeRefusedError
        self._close()
        self._descriptor, self._may_write = descriptor, True


def _may_be_in_use(folder: Path) -> bool:
    """Tell whether somebody has the vault open; yes also where the system cannot say."""
    try:
        return lock_file.is_taken(folder)
    except OSError:
        return True  # overwriting once more costs nothing


def is_key_file(descriptor: int) -> bool:
    """Tell whether this is a vault's key file, whole or damaged, or the mark of a wiped one.

    A damaged key file may be wiped too, since the person asks for it and the damage may be one
    that somebody can undo: the head of one half is enough, or the first line of the mark, which is
    what a wipe leaves that lost power in the middle.
    """
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return False
    first, second = (read_at(descriptor, len(MAGIC), at) for at in (0, HALF_BYTES))
    return first in (MAGIC, WIPED_LINE) or second == MAGIC


def _is_marked(descriptor: int) -> bool:
    return read_at(descriptor, BLOCK_BYTES, 0) == WIPED_MARK


def is_wiped(folder: Path) -> bool:
    """Tell whether the key file in `folder` is exactly a wiped one."""
    try:
        descriptor = os.open(folder / KEY_FILE, _READ)
    except OSError:
        return False
    try:
        return _is_marked(descriptor)
    except OSError:
        return False  # opening it next will say what is wrong
    finally:
        os.close(descriptor)


def remove_rest(folder: Path, seconds: float = DELETION_SECONDS) -> int:
    """Remove what belongs to a dead vault; see `ArmedWipe.remove_rest`."""
    left = _remove_all_but_the_key_file(folder, time.monotonic() + seconds)
    if not left:
        _without_error((folder / KEY_FILE).unlink)
        _without_error(lambda: sync_folder(folder))
        _without_error(folder.rmdir)
    return left


def _open(path: Path) -> tuple[int | None, bool]:
    """Return a descriptor, None if the file may not even be read, and whether it may be written."""
    try:
        return os.open(path, _READ_WRITE), True
    except (FileNotFoundError, NotADirectoryError) as error:
        raise WipeRefusedError from error
    except OSError as error:
        # Read-only medium or file: it is a vault which may not be destroyable, and not that there
        # is nothing to destroy. A link in its place is refused as no key file.
        if path.is_symlink() or not path.is_file():
            raise WipeRefusedError from error
    try:
        return os.open(path, _READ), False
    except OSError:
        return None, False


def _noise(size: int) -> bytes:
    return WIPED_MARK + secrets.token_bytes(max(0, size - BLOCK_BYTES))


def _overwrite(descriptor: int, noise: bytes) -> None:
    # A damaged key file may have another size. No byte is added where the disk may be full.
    size = max(BLOCK_BYTES, os.fstat(descriptor).st_size)
    noise = noise[:size] + secrets.token_bytes(max(0, size - len(noise)))
    write_all(descriptor, noise, 0)
    sync(descriptor)


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        named = path.lstat()
    except OSError:
        return True  # the name is gone: there is nothing else to overwrite
    return os.path.samestat(os.fstat(descriptor), named)


def _overwrite_path(path: Path, noise: bytes) -> None:
    descriptor = os.open(path, _READ_WRITE)
    try:
        if not is_key_file(descriptor):
            raise WipeRefusedError
        _overwrite(descriptor, noise)
    finally:
        os.close(descriptor)


def _remove_all_but_the_key_file(folder: Path, deadline: float) -> int:
    left = _remove_listed(folder, deadline)
    # An import that goes on beside the wipe may have begun another file meanwhile.
    while not left and _attachments_in(folder) and time.monotonic() < deadline:
        left = _remove_listed(folder, deadline)
    return left


def _remove_listed(folder: Path, deadline: float) -> int:
    left = 0
    attachments = folder / ATTACHMENTS
    names = [folder / name for name in (DATABASE, *JOURNALS)]
    names += [path for path in _listing(folder) if is_of_the_format(path.name)]
    names += _attachments_in(folder)
    for path in dict.fromkeys(names):
        if time.monotonic() > deadline or not _removed(path):
            left += 1
    if not attachments.is_symlink():
        _without_error(attachments.rmdir)
    return left


def _attachments_in(folder: Path) -> list[Path]:
    """Return the files of attachments; none through a link, which leads out of the vault."""
    attachments = folder / ATTACHMENTS
    if attachments.is_symlink():
        return []
    return [path for path in _listing(attachments) if _is_attachment(path.name)]


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


def _without_error(step: Callable[[], object]) -> None:
    with suppress(OSError):
        step()  # the key is dead already; what remains is noise, and is counted
