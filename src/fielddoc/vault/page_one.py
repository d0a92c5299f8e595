"""Which of two keys a database is under, told from its first page and without opening it.

Asked only after the making of new keys was cut off. SQLCipher cannot be asked: a connection with
the wrong key can be neither used with the right one nor closed, since closing would copy the
write-ahead log into the database before anybody has checked that log.

The page's form is SQLCipher 4's, the log's is SQLite's (sqlite.org/fileformat2.html, section 4).
"""

import hashlib
import hmac
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fielddoc.vault.layout import DATABASE, WAL

PAGE_BYTES = 4096
SALT_BYTES = 16
MAC_BYTES = 64
_MAC_SALT_MASK = 0x3A
_MAC_ROUNDS = 2
_KEY_BYTES = 32

_LOG_HEAD = struct.Struct(">IIIIIIII")
_FRAME_HEAD = struct.Struct(">IIIIII")
_LOG_MAGIC = 0x377F0682
_ALL_BITS = 0xFFFFFFFF


def key_that_fits(folder: Path, keys: Sequence[bytearray]) -> int | None:
    """Return the place among `keys` of the raw key that the database is under, or None.

    A key that the log brought with a whole transaction counts, as it will for SQLite; the first
    page in the database file may then still be under the key before.

    Raises:
        OSError: a file cannot be read.
    """
    with (folder / DATABASE).open("rb") as file:
        page = file.read(PAGE_BYTES)
    fitting = _fitting(page, keys)
    log = folder / WAL
    if fitting == 0 or not log.exists() or not _has_other_first_page(log, keys):
        return fitting
    committed = _committed_first_page(log)
    return fitting if committed is None else _fitting(committed, keys)


def _fitting(page: bytes, keys: Sequence[bytearray]) -> int | None:
    for place, key in enumerate(keys):
        if is_under(page, key):
            return place
    return None


def is_under(page: bytes, key: bytearray) -> bool:
    """Tell whether the authentication code of a first page was made with a raw key."""
    if len(page) != PAGE_BYTES:
        return False
    salt = bytes(byte ^ _MAC_SALT_MASK for byte in page[:SALT_BYTES])
    mac_key = hashlib.pbkdf2_hmac("sha512", key, salt, _MAC_ROUNDS, _KEY_BYTES)
    body = page[SALT_BYTES:-MAC_BYTES] + (1).to_bytes(4, "little")
    return hmac.compare_digest(hmac.digest(mac_key, body, "sha512"), page[-MAC_BYTES:])


@dataclass(frozen=True, slots=True)
class _Frame:
    page_number: int
    is_commit: bool
    head: bytes
    page: bytes


def _frames(log: Path) -> Iterator[_Frame]:
    """Yield the frames that belong to the log's present round, whole or not."""
    with log.open("rb") as file:
        head = file.read(_LOG_HEAD.size)
        if len(head) < _LOG_HEAD.size:
            return
        magic, _, page_bytes, _, *salts, _, _ = _LOG_HEAD.unpack(head)
        if magic & ~1 != _LOG_MAGIC or page_bytes != PAGE_BYTES:
            return
        while True:
            frame = file.read(_FRAME_HEAD.size)
            page = file.read(PAGE_BYTES)
            if len(page) < PAGE_BYTES:
                return
            number, size_after, *frame_salts, _, _ = _FRAME_HEAD.unpack(frame)
            if frame_salts != salts:
                return
            yield _Frame(number, size_after > 0, frame, page)


def _has_other_first_page(log: Path, keys: Sequence[bytearray]) -> bool:
    """Tell, quickly, whether it is worth adding up the whole log."""
    return any(frame.page_number == 1 and is_under(frame.page, keys[0]) for frame in _frames(log))


def _committed_first_page(log: Path) -> bytes | None:
    """Return the first page as the log's whole transactions leave it, None if they do not."""
    with log.open("rb") as file:
        head = file.read(_LOG_HEAD.size)
    order = "big" if head[3] & 1 else "little"
    total = _added(head[:24], (0, 0), order)
    if total != _LOG_HEAD.unpack(head)[6:]:
        return None
    written: bytes | None = None
    committed: bytes | None = None
    for frame in _frames(log):
        total = _added(frame.head[:8] + frame.page, total, order)
        if total != _FRAME_HEAD.unpack(frame.head)[4:]:
            break
        if frame.page_number == 1:
            written = frame.page
        if frame.is_commit:
            committed = written
    return committed


def _added(data: bytes, total: tuple[int, int], order: str) -> tuple[int, int]:
    """Return SQLite's checksum of the log, gone on with `data`."""
    first, second = total
    pairs = struct.Struct(">II" if order == "big" else "<II")
    for one, other in pairs.iter_unpack(data):
        first = (first + one + second) & _ALL_BITS
        second = (second + other + first) & _ALL_BITS
    return first, second
