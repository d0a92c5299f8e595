"""What the pages in the database file are, known while it is open without reading all of them again.

A page of an older copy put back is whole, so SQLCipher takes it. Its authentication code is another,
though: whoever knows the codes of a closed database notices every exchange.

While a database is open its file changes by one thing only, copying from the write-ahead log, and
the log says which pages it holds. So the codes are read once, on opening, and on closing only those of
pages that stood in the log meanwhile (docs/decisions/0030). Nothing here needs a key.
"""

import hashlib
import os
from pathlib import Path
from typing import Self

from fielddoc.vault.files import read_at
from fielddoc.vault.layout import DATABASE, WAL

PAGE_BYTES = 4096
_CODE_BYTES = 64
_READ_BYTES = 256 * PAGE_BYTES
_LOG_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24
_FRAME_BYTES = _FRAME_HEADER_BYTES + PAGE_BYTES


class PageCodes:
    """The authentication codes of all pages, in order."""

    def __init__(self, folder: Path, codes: bytearray) -> None:
        self._folder = folder
        self._codes = codes
        self._logged: set[int] = set()
        """Pages, counted from 1, that may be others in the file than they are here."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the codes of the pages in the file; nothing is opened.

        Only the codes are looked at, so that a single bad sector elsewhere does not keep the rest
        from being read.
        """
        codes = bytearray()
        with (folder / DATABASE).open("rb", buffering=0) as file:
            while block := file.read(_READ_BYTES):
                codes += b"".join(
                    block[end - _CODE_BYTES : end]
                    for end in range(PAGE_BYTES, len(block) + 1, PAGE_BYTES)
                )
        return cls(folder, codes)

    def digest(self) -> bytes:
        """Return SHA-256 over them: what the key file's state keeps of the pages."""
        return hashlib.sha256(self._codes).digest()

    def note_log(self) -> None:
        """Remember which pages the write-ahead log holds, before anything is copied from it.

        What was begun in the log and never committed is remembered too; to read a page that did
        not change costs nothing but the reading.
        """
        try:
            log = (self._folder / WAL).open("rb", buffering=0)
        except FileNotFoundError:
            return
        with log:
            size = os.fstat(log.fileno()).st_size
            for place in range(_LOG_HEADER_BYTES, size, _FRAME_BYTES):
                self._logged.add(int.from_bytes(read_at(log.fileno(), 4, place), "big"))

    def read_logged(self) -> None:
        """Read the pages again that were remembered, once the database is closed.

        Not before: whoever opens the file a second time takes SQLite's locks away on closing that.
        """
        with (self._folder / DATABASE).open("rb", buffering=0) as file:
            pages = os.fstat(file.fileno()).st_size // PAGE_BYTES
            known = len(self._codes) // _CODE_BYTES
            # Pages that are free need not stand in the log for the file to grow by them.
            new = range(known + 1, pages + 1)
            del self._codes[pages * _CODE_BYTES :]
            self._codes += bytes(len(new) * _CODE_BYTES)
            for page in self._logged.union(new):
                if 1 <= page <= pages:
                    end = page * _CODE_BYTES
                    self._codes[end - _CODE_BYTES : end] = read_at(
                        file.fileno(), _CODE_BYTES, page * PAGE_BYTES - _CODE_BYTES
                    )
        self._logged.clear()
