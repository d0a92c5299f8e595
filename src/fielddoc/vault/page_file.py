"""The pages of a database that may be damaged anywhere, and those in its write-ahead log.

Only read, never opened by SQLCipher, so nothing can be written into it. Every page is asked for in
both versions: what the write-ahead log holds is newer, and may belong to another state.
"""

import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from fielddoc.crypto.database_page import LOCK_PAGE, PAGE_BYTES, SALT_BYTES, PageKeys, find_salt
from fielddoc.vault.files import explaining
from fielddoc.vault.layout import DATABASE, WAL
from fielddoc.vault.tree_page import ReadPage

_WAL_HEAD = struct.Struct(">8I")
_FRAME_HEAD = struct.Struct(">6I")
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_SAMPLE = 64


class PageFile:
    """A database's pages. Use it as a context manager."""

    def __init__(self, folder: Path, keys: Sequence[bytes | bytearray], *, with_log: bool) -> None:
        """Open the files for reading.

        Args:
            folder: the vault's.
            keys: the raw keys that pages may be under; one, but while new keys are being made.
            with_log: whether the write-ahead log belongs to the vault.
        """
        self._stack = ExitStack()
        with explaining(DATABASE):
            self._file = self._stack.enter_context((folder / DATABASE).open("rb"))
            self._bytes = (folder / DATABASE).stat().st_size
            self._wal: BinaryIO | None = None
            if with_log and (folder / WAL).exists():
                self._wal = self._stack.enter_context((folder / WAL).open("rb"))
        self._frames = dict(_frames(self._wal)) if self._wal else {}
        self.count = max(-(-self._bytes // PAGE_BYTES), 0, *self._frames)
        """How many pages there are, a last one that was cut off among them."""
        salt = next((salt for key in keys if (salt := self._find_salt(key))), None)
        # Without the salt no code holds, and nothing would tell under which key a page is.
        self._keys = [PageKeys(key, salt) for key in (keys if salt else keys[:1])]

    @property
    def is_authenticating(self) -> bool:
        """Whether damaged pages can be told; not if the salt in the first page is lost."""
        return self._keys[0].is_authenticating

    def versions(self, number: int) -> Iterator[tuple[bytes, ReadPage]]:
        """Yield each intact version of a page, with how to read what belongs to it."""
        for in_log in (True, False):
            page = self._open(number, in_log=in_log)
            if page is not None:
                yield page, self.newest if in_log else self.oldest

    def newest(self, number: int) -> bytes | None:
        """Return a page from the write-ahead log, or else from the file."""
        page = self._open(number, in_log=True)
        return self._open(number, in_log=False) if page is None else page

    def oldest(self, number: int) -> bytes | None:
        """Return a page from the file, or else from the write-ahead log."""
        page = self._open(number, in_log=False)
        return self._open(number, in_log=True) if page is None else page

    def is_lost(self, number: int) -> bool:
        """Tell whether a page that should be there is intact nowhere."""
        return number != LOCK_PAGE and self.newest(number) is None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _open(self, number: int, *, in_log: bool) -> bytes | None:
        data = self._raw(number, in_log=in_log)
        if data is None:
            return None
        opened = (keys.open(number, data) for keys in self._keys)
        return next((page for page in opened if page is not None), None)

    def _raw(self, number: int, *, in_log: bool) -> bytes | None:
        offset = self._frames.get(number) if in_log else (number - 1) * PAGE_BYTES
        file = self._wal if in_log else self._file
        if offset is None or offset < 0 or file is None:
            return None
        try:
            file.seek(offset)
            return file.read(PAGE_BYTES)
        except OSError:
            return None  # a sector that cannot be read is damage like any other

    def _find_salt(self, key: bytes | bytearray) -> bytes | None:
        claimed = [page[:SALT_BYTES] for log in (False, True) if (page := self._raw(1, in_log=log))]
        step = max(1, self.count // _SAMPLE)
        numbers = range(2, self.count + 1, step)
        for in_log in (False, True):
            sample = {n: page for n in numbers if (page := self._raw(n, in_log=in_log))}
            for salt in claimed:
                found = find_salt(key, salt, sample)
                if found is not None:
                    return found
        return None


def _frames(wal: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield page numbers and offsets of the committed frames of a write-ahead log, in order."""
    head = wal.read(_WAL_HEAD.size)
    if len(head) < _WAL_HEAD.size:
        return
    magic, _, page_bytes, _, *salts = _WAL_HEAD.unpack(head)[:6]
    if magic not in _WAL_MAGIC or page_bytes != PAGE_BYTES:
        return
    offset = _WAL_HEAD.size
    waiting: list[tuple[int, int]] = []
    while len(frame := wal.read(_FRAME_HEAD.size)) == _FRAME_HEAD.size:
        number, size_after_commit, *found, _, _ = _FRAME_HEAD.unpack(frame)
        if found != salts:
            return
        waiting.append((number, offset + _FRAME_HEAD.size))
        offset += _FRAME_HEAD.size + PAGE_BYTES
        wal.seek(offset)
        if size_after_commit:
            yield from waiting
            waiting = []
