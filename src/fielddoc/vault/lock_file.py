"""vault.lock: held by the process that has the keys, so that a second one stays out.

The file is empty and is never removed while a vault exists: the system drops the lock when the
holder ends, however it ends, so there is no stale lock to clean up.
"""

import os
import sys
from pathlib import Path

from fielddoc.errors import VaultInUseError
from fielddoc.vault.files import explaining
from fielddoc.vault.layout import LOCK_FILE

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def take(folder: Path) -> int:
    """Return a descriptor that holds the vault's lock until it is closed.

    Raises:
        VaultInUseError: another process holds it.
    """
    with explaining(LOCK_FILE):
        descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        if _try_lock(descriptor):
            return descriptor
        os.close(descriptor)
    raise VaultInUseError


def take_to_read(folder: Path) -> int | None:
    """Return a descriptor that keeps others out of a vault that is only read, and changes nothing.

    None where there is no lock file, or the medium knows of no locks: nobody could write there
    either way to be kept out by one.

    Raises:
        VaultInUseError: another process holds it.
    """
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDONLY)
    except OSError:
        return None
    try:
        if _try_lock(descriptor):
            return descriptor
    except OSError:
        os.close(descriptor)
        return None
    os.close(descriptor)
    raise VaultInUseError


def is_taken(folder: Path) -> bool:
    """Tell whether another process holds the lock; changes nothing."""
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)
