"""Files and folders made durable, and the system's refusals turned into ours."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
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
    """Write a new file in the clear, where somebody asked for it.

    Raises:
        FileExistsAlreadyError: something of this name is there; it stays.
        NotAPlainFileError: there is no such folder.
        NoPermissionError, DiskFullError, MediumLostError.
    """
    if not path.absolute().parent.is_dir():
        raise NotAPlainFileError(name=str(path.parent))
    with explaining(path.name):
        try:
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError as error:
            raise FileExistsAlreadyError(name=path.name) from error


def sync_folder(folder: Path) -> None:
    """Make names that were added to or removed from `folder` durable, where the system can."""
    if os.name == "nt":
        return  # Windows has no handle on a folder that can be flushed
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
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
