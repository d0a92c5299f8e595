"""Files and folders made durable, and the system's refusals turned into ours."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fielddoc.errors import (
    DiskFullError,
    FielddocError,
    FileExistsAlreadyError,
    MediumLostError,
    NoPermissionError,
    NotAPlainFileError,
)

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_LOST = (errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.ENOENT, errno.ENOTCONN)

_NO_SUCH = (errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)


def _whole_flush() -> Callable[[int], object] | None:
    """Return what flushes a drive's own memory too, where the system has such a call."""
    if sys.platform == "win32":
        return None
    import fcntl  # noqa: PLC0415 - Windows has none

    command = getattr(fcntl, "F_FULLFSYNC", None)
    return None if command is None else lambda descriptor: fcntl.fcntl(descriptor, command)


FLUSH = _whole_flush()


def refusal(error: OSError, name: str) -> FielddocError | None:
    """Return our error for what the system refused, or None if it is something else."""
    if error.errno in _FULL:
        return DiskFullError()
    if error.errno in _REFUSED:
        return NoPermissionError(name=name)
    if error.errno in _LOST:
        return MediumLostError()
    if error.errno == errno.EEXIST:
        return FileExistsAlreadyError(name=name)
    if error.errno in _NO_SUCH:
        return NotAPlainFileError(name=name)
    return None


@contextmanager
def explaining(name: str) -> Iterator[None]:
    """Turn an `OSError` inside the block into a sentence for the person.

    Args:
        name: what was worked on, as the person knows it.
    """
    try:
        yield
    except OSError as error:
        ours = refusal(error, name)
        if ours is None:
            raise
        raise ours from error


def new_file(path: Path, data: bytes) -> None:
    """Write a new file in the clear, where somebody asked for it; durable when this returns.

    If it cannot be written to its end, nothing of it is left.

    Raises:
        FileExistsAlreadyError: something of this name is there; it stays.
        NotAPlainFileError: there is no such folder.
        NoPermissionError, DiskFullError, MediumLostError.
    """
    if not path.absolute().parent.is_dir():
        raise NotAPlainFileError(name=str(path.parent))
    if os.path.lexists(path):
        raise FileExistsAlreadyError(name=path.name)
    part = path.with_name(f"{path.name}.part")
    with explaining(path.name):
        try:
            file = part.open("xb")
        except FileExistsError as error:
            raise FileExistsAlreadyError(name=part.name) from error
        try:
            with file:
                file.write(data)
                file.flush()
                sync(file.fileno())
            give_name(part, path)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        sync_folder(path.absolute().parent)


_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EMLINK}
"""What file systems without hard links answer: FAT says EPERM, others that they cannot."""


def give_name(part: Path, target: Path) -> None:
    """Rename without overwriting; whole or not at all where the file system has hard links.

    A stick without them (FAT) gets the name first, empty, and then nobody else can take it: a
    medium that is pulled just then keeps an empty file of that name.

    Raises:
        FileExistsAlreadyError: something of this name is there; it stays.
    """
    try:
        try:
            os.link(part, target)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
        else:
            part.unlink()
            return
        target.open("xb").close()
    except FileExistsError as error:
        raise FileExistsAlreadyError(name=target.name) from error
    try:
        part.replace(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def sync(descriptor: int, flush: Callable[[int], object] | None = FLUSH) -> None:
    """Make what was written durable on the medium itself.

    On macOS `fsync` hands the data to the drive, which may keep it in a memory of its own;
    F_FULLFSYNC asks the drive to write that down (fsync(2) and fcntl(2) of macOS). Some media and
    file systems refuse it, and then `fsync` is what there is.

    Args:
        descriptor: of a file or folder.
        flush: asks for more than `fsync` does; None where the system knows nothing of the kind.

    Raises:
        OSError: the medium refused.
    """
    if flush is not None:
        with suppress(OSError):
            flush(descriptor)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make names that were added to or removed from `folder` durable, where the system can."""
    if os.name == "nt":
        return  # Windows has no handle on a folder that can be flushed
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes | memoryview, offset: int) -> None:
    """Write all of `data` at `offset`; a short write goes on where it stopped."""
    view = memoryview(data)
    while view:
        if hasattr(os, "pwrite"):
            written = os.pwrite(descriptor, view, offset)
        else:
            os.lseek(descriptor, offset, os.SEEK_SET)
            written = os.write(descriptor, view)
        view, offset = view[written:], offset + written


def read_at(descriptor: int, size: int, offset: int) -> bytes:
    """Return up to `size` bytes at `offset`, without moving other readers where that is possible."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, size)
