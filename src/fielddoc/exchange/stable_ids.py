"""Ids that follow from a secret and from what tells a row from others, so that they come again.

Without the secret, which stays in the vault, nobody can tell from an id which number of a case or
of an identity card it was made of.
"""

import hashlib
import hmac
import secrets
import uuid

from fielddoc.domain.canonical import Json, encode

_DIGEST_CHARACTERS = 16


def new_secret() -> str:
    """Return a fresh secret, as text."""
    return secrets.token_hex(32)


def stable_id(secret: str, *words: str) -> str:
    """Return the id that belongs to these words."""
    return str(uuid.UUID(bytes=_mac(secret, "\0".join(words).encode())[:16], version=4))


def digest(secret: str, value: Json) -> str:
    """Return a short hash of a value, by which a change is noticed."""
    return _mac(secret, encode(value)).hex()[:_DIGEST_CHARACTERS]


def _mac(secret: str, data: bytes) -> bytes:
    return hmac.new(secret.encode(), data, hashlib.sha256).digest()
