"""Whether the files of an open vault are still the ones that its folder's names lead to.

Where a stick is pulled, or a folder is moved or deleted, the system may go on writing into files
that nobody finds any more, without an error. So whoever writes asks here before.
"""

import errno
import os
from pathlib import Path

from fielddoc.errors import MediumLostError
from fielddoc.vault.files import refusal
from fielddoc.vault.layout import DATABASE, KEY_FILE


class OpenFiles:
    """The key file and the database of an open vault. May be asked from any thread."""

    def __init__(self, folder: Path, key_descriptor: int) -> None:
        """Remember which files are open; the database's own descriptor is SQLite's.

        It is told by its name, just after it was opened: opening it once more to ask would, on
        closing that, take SQLite's locks away.
        """
        key, database = folder / KEY_FILE, folder / DATABASE
        self._known: list[tuple[str, os.stat_result]] = []
        for path, opened in ((key, _of_descriptor(key_descriptor)), (database, _named(database))):
            named = _named(path)
            # Some file systems have no numbers, or another one for a name than for its open file.
            if opened and named and named.st_ino and os.path.samestat(opened, named):
                self._known.append((str(path), opened))

    def are_there(self) -> bool:
        """Tell whether both names still lead to them; yes where the system cannot say."""
        for path, opened in self._known:
            try:
                named = os.lstat(path)
            except OSError as error:
                if error.errno == errno.ENOTDIR or isinstance(refusal(error, ""), MediumLostError):
                    return False
                continue
            if not os.path.samestat(opened, named):
                return False
        return True


def _named(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None


def _of_descriptor(descriptor: int) -> os.stat_result | None:
    try:
        return os.fstat(descriptor)
    except OSError:
        return None
