"""Pages of a SQLCipher 4 database, opened one by one without SQLCipher, for salvage and check.

SQLCipher opens nothing of a file whose first page is damaged. A page is AES-256-CBC ciphertext, a
nonce of 16 bytes, and HMAC-SHA512 over both and the page's number (little-endian); the first page
begins with the salt in the clear. The HMAC's key is PBKDF2-HMAC-SHA512 of the raw key, salted with
the salt in which every byte is exclusive-ored with 0x3a, two rounds
(https://www.zetetic.net/sqlcipher/design/).
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE_BYTES = 4096
SALT_BYTES = 16
USABLE_BYTES = PAGE_BYTES - 80
"""What SQLite may use of a page; nonce and HMAC take the rest."""
LOCK_PAGE = 2**30 // PAGE_BYTES + 1
"""SQLite never uses the page at 1 GiB, where its locks lie; it is zeros and authenticates nothing."""
HEAD = b"SQLite format 3\0"
"""What stands in the place of the salt once the first page is open."""

_NONCE_BYTES = 16
_MASK = 0x3A
_ROUNDS = 2


class PageKeys:
    """The two keys of a database, for reading its pages."""

    def __init__(self, key: bytes | bytearray, salt: bytes | None) -> None:
        """Keep the raw key; without the salt, pages can be read but not authenticated."""
        self._key = key
        self._hmac_key = None if salt is None else _hmac_key(key, salt)

    @property
    def is_authenticating(self) -> bool:
        """Whether a page that was not written under this key is refused."""
        return self._hmac_key is not None

    def holds(self, number: int, page: bytes) -> bool:
        """Tell whether a page, as it lies in the file, was written under this key and number."""
        if len(page) != PAGE_BYTES or self._hmac_key is None:
            return False
        return _holds(self._hmac_key, number, page)

    def open(self, number: int, page: bytes) -> bytes | None:
        """Return what SQLite sees of a page, or None if it is not what was written.

        Args:
            number: of the page, from 1.
            page: its 4,096 bytes as they lie in the file.
        """
        if len(page) != PAGE_BYTES:
            return None
        if self._hmac_key is not None and not _holds(self._hmac_key, number, page):
            return None
        start = SALT_BYTES if number == 1 else 0
        nonce = page[USABLE_BYTES : USABLE_BYTES + _NONCE_BYTES]
        opening = Cipher(algorithms.AES(self._key), modes.CBC(nonce)).decryptor()
        plain = opening.update(page[start:USABLE_BYTES]) + opening.finalize()
        return HEAD + plain if number == 1 else plain


def find_salt(key: bytes | bytearray, claimed: bytes, pages: Mapping[int, bytes]) -> bytes | None:
    """Return the salt under which one of some pages holds, or None.

    Args:
        key: the raw key.
        claimed: the salt as it lies in the file; one changed byte in it is mended.
        pages: some pages by number, the first one apart.
    """
    if len(claimed) != SALT_BYTES:
        return None
    for salt in _near(claimed):
        hmac_key = _hmac_key(key, salt)
        if any(_holds(hmac_key, number, page) for number, page in pages.items()):
            return salt
    return None


def _near(claimed: bytes) -> Iterator[bytes]:
    yield claimed
    for place in range(SALT_BYTES):
        for change in range(1, 256):
            yield claimed[:place] + bytes((claimed[place] ^ change,)) + claimed[place + 1 :]


def _hmac_key(key: bytes | bytearray, salt: bytes) -> bytes:
    masked = bytes(byte ^ _MASK for byte in salt)
    return hashlib.pbkdf2_hmac("sha512", key, masked, _ROUNDS, 32)


def _holds(hmac_key: bytes, number: int, page: bytes) -> bool:
    start = SALT_BYTES if number == 1 else 0
    end = USABLE_BYTES + _NONCE_BYTES
    expected = hmac.digest(hmac_key, page[start:end] + number.to_bytes(4, "little"), "sha512")
    return hmac.compare_digest(expected, page[end:])
