"""Who can open an age file: recipients wrap its file key, identities unwrap it.

C2SP age.md, "Native recipient types": X25519, MLKEM768-X25519 ("post-quantum") and scrypt
("passphrase"). The tagged types and ssh keys are left out on purpose, for their stanzas name the
recipient; plug-ins are left out because a file could choose which program runs.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from fielddoc.crypto import bech32
from fielddoc.crypto.age_header import (
    FILE_KEY_BYTES,
    SCRYPT,
    HeaderError,
    KeyTextError,
    Stanza,
    decode64,
    derive_key,
    encode64,
)

WRITTEN_WORK_FACTOR = 18  # 2^18: 256 MiB and about a second, as the age program itself writes
# What a file may make us spend on reading: 2^20 needs 1 GiB, as much as the most expensive vault.
MAX_WORK_FACTOR = 20

_X25519 = "X25519"
_X25519_BYTES = 32
_POST_QUANTUM = "mlkem768x25519"
_MLKEM768_PUBLIC_BYTES = 1184  # FIPS 203, table 3
_MLKEM768_SEED_BYTES = 64
_ENCAPSULATED_BYTES = 1088 + _X25519_BYTES
_SECRET_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12
_BODY_BYTES = FILE_KEY_BYTES + 16

_RECIPIENT_PREFIX = "age"
_IDENTITY_PREFIX = "age-secret-key-"
_PQ_RECIPIENT_PREFIX = "age1pq"
_PQ_IDENTITY_PREFIX = "age-secret-key-pq-"

_HPKE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
_HPKE_INFO = b"age-encryption.org/mlkem768x25519"


@dataclass(frozen=True, slots=True)
class X25519Recipient:
    """Somebody's public key, `age1…`, that every age program can write to.

    Raises:
        KeyTextError: `public` is not 32 bytes, or a point that would make the secret guessable.
    """

    public: bytes

    def __post_init__(self) -> None:
        _refuse_weak_x25519(self.public)

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT_PREFIX, self.public)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the recipient that `text` stands for; raises `KeyTextError`."""
        return cls(_parse_recipient_text(text, _RECIPIENT_PREFIX))

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the file key as only this recipient can unwrap it."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(self.public))
        wrap_key = _x25519_wrap_key(shared, share, self.public)
        return Stanza((_X25519, encode64(share)), _seal(wrap_key, file_key))


class X25519Identity:
    """The secret to an `X25519Recipient`."""

    __slots__ = ("_private", "_public")

    def __init__(self, secret: bytes | bytearray) -> None:
        self._private = X25519PrivateKey.from_private_bytes(secret)
        self._public = self._private.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return "X25519Identity(…)"

    @classmethod
    def generate(cls) -> Self:
        """Return a new random identity."""
        return cls(os.urandom(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the identity that `text` stands for; raises `KeyTextError`."""
        return cls(_parse_identity_text(text, _IDENTITY_PREFIX))

    def secret_text(self) -> str:
        """Return `AGE-SECRET-KEY-1…`: whoever has it can open everything sent to the recipient."""
        return bech32.encode(_IDENTITY_PREFIX, self._private.private_bytes_raw()).upper()

    def recipient(self) -> X25519Recipient:
        """Return what others need to write to this identity."""
        return X25519Recipient(self._public)

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None if the stanza is for somebody else.

        Raises:
            HeaderError: It is an X25519 stanza that no honest writer makes.
        """
        if stanza.type != _X25519:
            return None
        share = _checked_argument(stanza, arguments=2, size=_X25519_BYTES)
        shared = _exchange(self._private, share)
        return _open(_x25519_wrap_key(shared, share, self._public), stanza.body)


@dataclass(frozen=True, slots=True)
class PostQuantumRecipient:
    """Somebody's public key, `age1pq1…`, that also holds against a future quantum computer.

    It is an ML-KEM-768 key and an X25519 key one after the other; both would have to be broken.

    Raises:
        KeyTextError: `public` is not such a pair.
    """

    public: bytes

    def __post_init__(self) -> None:
        _refuse_weak_x25519(self.public[_MLKEM768_PUBLIC_BYTES:])
        try:
            self._key()
        except ValueError:
            raise KeyTextError("this is not an ML-KEM-768 key") from None

    def __str__(self) -> str:
        return bech32.encode(_PQ_RECIPIENT_PREFIX, self.public)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the recipient that `text` stands for; raises `KeyTextError`."""
        return cls(_parse_recipient_text(text, _PQ_RECIPIENT_PREFIX))

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the file key as only this recipient can unwrap it."""
        sealed = _HPKE.encrypt(file_key, self._key(), _HPKE_INFO)
        encapsulated, body = sealed[:_ENCAPSULATED_BYTES], sealed[_ENCAPSULATED_BYTES:]
        return Stanza((_POST_QUANTUM, encode64(encapsulated)), body)

    def _key(self) -> hpke.MLKEM768X25519PublicKey:
        return hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.public[:_MLKEM768_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(self.public[_MLKEM768_PUBLIC_BYTES:]),
        )


class PostQuantumIdentity:
    """The secret to a `PostQuantumRecipient`."""

    __slots__ = ("_mlkem", "_secret", "_x25519")

    def __init__(self, secret: bytes | bytearray) -> None:
        if len(secret) != _SECRET_BYTES:
            raise ValueError("a post-quantum identity has 32 bytes")
        self._secret = bytes(secret)
        # draft-ietf-hpke-pq-03, key derivation of MLKEM768-X25519: both keys grow from one seed.
        seeds = hashlib.shake_256(secret).digest(_MLKEM768_SEED_BYTES + _X25519_BYTES)
        self._mlkem = MLKEM768PrivateKey.from_seed_bytes(seeds[:_MLKEM768_SEED_BYTES])
        self._x25519 = X25519PrivateKey.from_private_bytes(seeds[_MLKEM768_SEED_BYTES:])

    def __repr__(self) -> str:
        return "PostQuantumIdentity(…)"

    @classmethod
    def generate(cls) -> Self:
        """Return a new random identity."""
        return cls(os.urandom(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the identity that `text` stands for; raises `KeyTextError`."""
        return cls(_parse_identity_text(text, _PQ_IDENTITY_PREFIX))

    def secret_text(self) -> str:
        """Return `AGE-SECRET-KEY-PQ-1…`: whoever has it can open all that the recipient gets."""
        return bech32.encode(_PQ_IDENTITY_PREFIX, self._secret).upper()

    def recipient(self) -> PostQuantumRecipient:
        """Return what others need to write to this identity."""
        return PostQuantumRecipient(
            self._mlkem.public_key().public_bytes_raw()
            + self._x25519.public_key().public_bytes_raw()
        )

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None if the stanza is for somebody else.

        Raises:
            HeaderError: It is a post-quantum stanza that no honest writer makes.
        """
        if stanza.type != _POST_QUANTUM:
            return None
        encapsulated = _checked_argument(stanza, arguments=2, size=_ENCAPSULATED_BYTES)
        # HPKE would answer a low-order point as it does a foreign key. The specification wants it
        # refused (RFC 9180, section 7.1.4), so the exchange is tried on its own first.
        _exchange(self._x25519, encapsulated[-_X25519_BYTES:])
        private = hpke.MLKEM768X25519PrivateKey(self._mlkem, self._x25519)
        try:
            return _HPKE.decrypt(encapsulated + stanza.body, private, _HPKE_INFO)
        except InvalidTag:
            return None


class PassphraseRecipient:
    """Whoever knows the passphrase; always the only recipient of a file."""

    __slots__ = ("_passphrase",)

    def __init__(self, passphrase: bytes | bytearray) -> None:
        self._passphrase = passphrase

    def __repr__(self) -> str:
        return "PassphraseRecipient(…)"

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the file key as only the passphrase can unwrap it; takes about a second."""
        salt = os.urandom(_SALT_BYTES)
        wrap_key = _scrypt(self._passphrase, salt, WRITTEN_WORK_FACTOR)
        return Stanza((SCRYPT, encode64(salt), str(WRITTEN_WORK_FACTOR)), _seal(wrap_key, file_key))


class PassphraseIdentity:
    """A passphrase that may open a file."""

    __slots__ = ("_passphrase",)

    def __init__(self, passphrase: bytes | bytearray) -> None:
        self._passphrase = passphrase

    def __repr__(self) -> str:
        return "PassphraseIdentity(…)"

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None if this is another passphrase or no passphrase's stanza.

        Raises:
            HeaderError: It is a scrypt stanza that is malformed or asks for too much work.
            MemoryError: The machine has not the memory that the stanza asks for, at most 1 GiB.
        """
        if stanza.type != SCRYPT:
            return None
        salt = _checked_argument(stanza, arguments=3, size=_SALT_BYTES)
        claimed_factor = stanza.arguments[2]
        if not re.fullmatch("[1-9][0-9]?", claimed_factor) or int(claimed_factor) > MAX_WORK_FACTOR:
            raise HeaderError("the work factor is malformed or too high")
        return _open(_scrypt(self._passphrase, salt, int(claimed_factor)), stanza.body)


Recipient = X25519Recipient | PostQuantumRecipient | PassphraseRecipient
Identity = X25519Identity | PostQuantumIdentity | PassphraseIdentity


def parse_recipient(text: str) -> X25519Recipient | PostQuantumRecipient:
    """Return the recipient of either kind that `text` stands for; raises `KeyTextError`."""
    if text.startswith(_PQ_RECIPIENT_PREFIX):
        return PostQuantumRecipient.parse(text)
    return X25519Recipient.parse(text)


def parse_identity(text: str) -> X25519Identity | PostQuantumIdentity:
    """Return the identity of either kind that `text` stands for; raises `KeyTextError`."""
    if text.startswith(_PQ_IDENTITY_PREFIX.upper()):
        return PostQuantumIdentity.parse(text)
    return X25519Identity.parse(text)


def _parse_recipient_text(text: str, expected_prefix: str) -> bytes:
    prefix, data = _parse_key_text(text)
    if prefix != expected_prefix or text != text.lower():
        raise KeyTextError("this is not an age recipient of this kind")
    return data


def _parse_identity_text(text: str, expected_prefix: str) -> bytes:
    prefix, data = _parse_key_text(text)
    if prefix != expected_prefix or text != text.upper() or len(data) != _SECRET_BYTES:
        raise KeyTextError("this is not an age identity of this kind")
    return data


def _parse_key_text(text: str) -> tuple[str, bytes]:
    try:
        return bech32.decode(text)
    except bech32.Bech32Error:
        raise KeyTextError("the key has a typing mistake") from None


def _refuse_weak_x25519(public: bytes) -> None:
    """Refuse the points of low order, with which every shared secret is zero (RFC 7748, 6.1)."""
    try:
        _exchange(X25519PrivateKey.generate(), public)
    except (HeaderError, ValueError):
        raise KeyTextError("this is not a usable X25519 key") from None


def _exchange(private: X25519PrivateKey, share: bytes) -> bytes:
    point = X25519PublicKey.from_public_bytes(share)
    try:
        return private.exchange(point)
    except ValueError:
        # That is how the library answers a shared secret of zeros (RFC 7748, section 6.1).
        raise HeaderError("the share is a point of low order") from None


def _x25519_wrap_key(shared: bytes, share: bytes, recipient: bytes) -> bytes:
    return derive_key(shared, salt=share + recipient, info=b"age-encryption.org/v1/X25519")


def _scrypt(passphrase: bytes | bytearray, salt: bytes, work_factor: int) -> bytes:
    label = b"age-encryption.org/v1/scrypt"
    return Scrypt(salt=label + salt, length=32, n=1 << work_factor, r=8, p=1).derive(passphrase)


def _checked_argument(stanza: Stanza, *, arguments: int, size: int) -> bytes:
    """Return the second argument of a stanza of known type after checking its form.

    The body's size is checked too, before anything is decrypted: a longer one could be made to open
    under several keys at once (age.md, "partitioning oracle attacks").
    """
    if len(stanza.arguments) != arguments or len(stanza.body) != _BODY_BYTES:
        raise HeaderError("a stanza has the wrong form")
    argument = decode64(stanza.arguments[1])
    if len(argument) != size:
        raise HeaderError("a stanza has an argument of the wrong size")
    return argument


def _seal(wrap_key: bytes, file_key: bytes) -> bytes:
    # The nonce may be fixed, for each wrap key seals one file key only.
    return ChaCha20Poly1305(wrap_key).encrypt(bytes(_NONCE_BYTES), file_key, None)


def _open(wrap_key: bytes, body: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(wrap_key).decrypt(bytes(_NONCE_BYTES), body, None)
    except InvalidTag:
        return None
