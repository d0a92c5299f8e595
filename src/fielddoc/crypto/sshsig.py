"""Ed25519 signatures in OpenSSH's SSHSIG format, so that `ssh-keygen -Y verify` can check them.

The format is openssh's PROTOCOL.sshsig; keys are encoded as in RFC 8709, section 4, and wire types
as in RFC 4251, section 5. Of the format's freedoms one form is written and read: Ed25519, SHA-512,
empty `reserved`. Its fields have fixed sizes, so a reader needs no parser: it takes key and
signature from their places, encodes them anew, and refuses whatever differs in a single byte.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_BEGIN = b"-----BEGIN SSH SIGNATURE-----\n"
_END = b"-----END SSH SIGNATURE-----\n"
_WRITTEN_WIDTH = 70  # what ssh-keygen writes
_READ_WIDTHS = (_WRITTEN_WIDTH, 76)  # 76 is what PROTOCOL.sshsig recommends

_MAGIC = b"SSHSIG"
_VERSION = 1
_KEY_TYPE = b"ssh-ed25519"
_HASH = b"sha512"
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64

# Names are written into lines where blanks, quotes, commas and wildcards have a meaning; ours need
# none of them (ssh-keygen(1), "ALLOWED SIGNERS").
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._@+")


class SignatureError(Exception):
    """The signature is malformed, made for another namespace, or does not belong to the message."""


class PublicLineError(Exception):
    """The text is not the line of an Ed25519 public key."""


def public_key(seed: bytes | bytearray) -> bytes:
    """Return the 32-byte public key of a 32-byte Ed25519 seed (RFC 8032, section 5.1.5)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes | bytearray, message: bytes, namespace: str) -> bytes:
    """Return the armoured signature of `message`, valid in `namespace` only."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    signature = private.sign(_signed_data(message, namespace))
    return _armour(_blob(private.public_key().public_bytes_raw(), namespace, signature))


def verify(armoured: bytes, message: bytes, namespace: str) -> bytes:
    """Return the 32-byte public key that signed `message` in `namespace`.

    Whose key that is, is for the caller to find out: anybody can make a signature that holds.

    Raises:
        SignatureError: The signature does not hold.
    """
    blob = _unarmour(armoured)
    public, signature = _key_and_signature(blob, namespace)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            signature, _signed_data(message, namespace)
        )
    except (InvalidSignature, ValueError):
        raise SignatureError("the signature does not belong to the message") from None
    return public


def public_line(public: bytes) -> str:
    """Return a public key as OpenSSH writes it, `ssh-ed25519 AAAA…`, without a comment."""
    if len(public) != _KEY_BYTES:
        raise ValueError("an Ed25519 public key has 32 bytes")
    return f"{_KEY_TYPE.decode()} {base64.b64encode(_key_blob(public)).decode()}"


def parse_public_line(line: str) -> bytes:
    """Return the 32-byte public key of exactly such a line as `public_line` returns.

    Raises:
        PublicLineError: The line differs from it in any way; a comment counts as a difference.
    """
    encoded = line.removeprefix(f"{_KEY_TYPE.decode()} ")
    try:
        public = base64.b64decode(encoded, validate=True)[-_KEY_BYTES:]
        canonical = public_line(public)
    except ValueError:
        raise PublicLineError("this is not an Ed25519 public key") from None
    if line != canonical:
        raise PublicLineError("this is not an Ed25519 public key")
    return public


def allowed_signers_line(principal: str, public: bytes, namespaces: Iterable[str]) -> str:
    """Return the line of an allowed-signers file that lets `ssh-keygen -Y verify` trust a key."""
    names = ",".join(_checked(namespace) for namespace in namespaces)
    if not names:
        raise ValueError("without a namespace the key would be trusted in all of them")
    return f'{_checked(principal)} namespaces="{names}" {public_line(public)}'


def _checked(name: str) -> str:
    if not name or not _NAME_CHARACTERS.issuperset(name):
        raise ValueError("principals and namespaces are made of ASCII letters, digits and -._@+")
    return name


def _string(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def _key_blob(public: bytes) -> bytes:
    return _string(_KEY_TYPE) + _string(public)


def _signed_data(message: bytes, namespace: str) -> bytes:
    """Return what is signed in place of the message (PROTOCOL.sshsig, section 3)."""
    return (
        _MAGIC
        + _string(_checked(namespace).encode())
        + _string(b"")
        + _string(_HASH)
        + _string(hashlib.sha512(message).digest())
    )


def _blob(public: bytes, namespace: str, signature: bytes) -> bytes:
    """Return the signature before armouring (PROTOCOL.sshsig, section 2)."""
    return (
        _MAGIC
        + _VERSION.to_bytes(4, "big")
        + _string(_key_blob(public))
        + _string(_checked(namespace).encode())
        + _string(b"")
        + _string(_HASH)
        + _string(_string(_KEY_TYPE) + _string(signature))
    )


def _key_and_signature(blob: bytes, namespace: str) -> tuple[bytes, bytes]:
    signature = blob[-_SIGNATURE_BYTES:]
    key_end = len(_MAGIC) + 4 + 4 + len(_key_blob(bytes(_KEY_BYTES)))
    public = blob[key_end - _KEY_BYTES : key_end]
    if blob != _blob(public, namespace, signature):
        raise SignatureError("this is not an Ed25519 signature for this namespace")
    return public, signature


def _armour(blob: bytes, width: int = _WRITTEN_WIDTH) -> bytes:
    encoded = base64.b64encode(blob)
    lines = (encoded[start : start + width] + b"\n" for start in range(0, len(encoded), width))
    return _BEGIN + b"".join(lines) + _END


def _unarmour(armoured: bytes) -> bytes:
    body = armoured.removeprefix(_BEGIN).removesuffix(_END)
    try:
        blob = binascii.a2b_base64(body)
    except binascii.Error:
        raise SignatureError("this is not an SSH signature") from None
    # Lenient decoding is made strict by encoding again: line lengths, padding, spare bits, and
    # what stands before and after are as they must be, or the two differ.
    if armoured not in (_armour(blob, width) for width in _READ_WIDTHS):
        raise SignatureError("this is not an SSH signature")
    return blob
