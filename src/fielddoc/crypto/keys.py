"""Key bytes in buffers that can be zeroed, and keys derived from keys (HKDF-SHA256, RFC 5869).

Python copies what it likes: these buffers are zeroed, but docs/threat-model.md says plainly that
only the end of the process is a promise.
"""

import secrets
from types import TracebackType
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


class SealBrokenError(Exception):
    """The sealed bytes were not made under this key, or were changed since."""


def zero(buffer: bytearray) -> None:
    """Overwrite `buffer` with zero bytes."""
    buffer[:] = bytes(len(buffer))


def derive_key(
    key: bytes | bytearray, info: bytes, *, salt: bytes = b"", length: int = KEY_BYTES
) -> bytearray:
    """Return HKDF-SHA256 of `key` for the one purpose that `info` names."""
    result = bytearray(length)
    HKDF(SHA256(), length, salt or None, info).derive_into(key, result)
    return result


def seal(key: bytes | bytearray, plaintext: bytes | bytearray, associated: bytes) -> bytes:
    """Return `nonce (12 random bytes) || ChaCha20-Poly1305 ciphertext || tag (16)`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plaintext, associated)


def open_seal(key: bytes | bytearray, sealed: bytes, associated: bytes) -> bytearray:
    """Return the plaintext of `seal` in a buffer that the caller may zero.

    Raises:
        SealBrokenError: wrong key, other associated data, or changed bytes.
    """
    size = len(sealed) - NONCE_BYTES - TAG_BYTES
    if size < 0:
        raise SealBrokenError
    result = bytearray(size)
    try:
        ChaCha20Poly1305(key).decrypt_into(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated, result
        )
    except InvalidTag as error:
        raise SealBrokenError from error
    return result


class MasterKey:
    """The vault's 32 random bytes, from which every other key follows; zeroed on exit."""

    __slots__ = ("_bytes",)

    def __init__(self, key: bytearray) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a master key has 32 bytes")
        self._bytes = key

    @classmethod
    def new(cls) -> Self:
        """Return a fresh random master key."""
        return cls(bytearray(secrets.token_bytes(KEY_BYTES)))

    def sub_key(self, purpose: str) -> bytearray:
        """Return the key of one purpose: HKDF-SHA256 with info `fielddoc/v1/<purpose>`."""
        return derive_key(self._bytes, f"fielddoc/v1/{purpose}".encode("ascii"))

    def copy(self) -> bytearray:
        """Return the bytes, to be sealed into a key slot; the caller zeroes them."""
        return bytearray(self._bytes)

    def wipe(self) -> None:
        """Zero the key. It opens nothing afterwards."""
        zero(self._bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return "MasterKey(…)"
