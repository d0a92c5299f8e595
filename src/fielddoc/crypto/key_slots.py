"""Key slots: the master key sealed under a key that follows from a passphrase.

Byte for byte in docs/vault-format.md, "Key slots". A slot is 4,096 bytes that look random whether
filled or empty: nonce (12), ciphertext (4,036), tag (16), key commitment (32). The commitment
binds the ciphertext to one key, which ChaCha20-Poly1305 alone does not.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from fielddoc.crypto.keys import (
    KEY_BYTES,
    NONCE_BYTES,
    TAG_BYTES,
    SealBrokenError,
    derive_key,
    open_seal,
    seal,
    zero,
)

SLOT_BYTES = 4096
COMMITMENT_BYTES = 32
PAYLOAD_BYTES = SLOT_BYTES - NONCE_BYTES - TAG_BYTES - COMMITMENT_BYTES


class SlotKind(IntEnum):
    """What a passphrase that opens the slot does."""

    OPEN = 1
    RECOVER = 2
    WIPE = 3


class _Tag(IntEnum):
    END = 0
    KIND = 1
    MASTER_KEY = 2
    PREVIOUS_MASTER_KEY = 3
    SHARE_SET = 4


@dataclass(frozen=True, slots=True, repr=False)
class SlotPayload:
    """What a slot holds. Never printed."""

    kind: SlotKind
    master_key: bytearray | None = None
    """None in a wipe slot."""
    previous_master_key: bytearray | None = None
    """Only while the database is being re-keyed."""
    share_set: bytes = b""
    """Which set of recovery shares belongs to a recovery slot (16 bytes), else empty."""


@dataclass(frozen=True, slots=True)
class OpenedSlot:
    """A slot that the passphrase opened."""

    number: int
    payload: SlotPayload


def key_encryption_key(root: bytearray, erase_pad: bytes, parameters: bytes) -> bytearray:
    """Return the key from which slot keys follow; it needs every byte of the erase pad.

    Args:
        root: what Argon2id gave.
        erase_pad: 128 KiB; losing any part of it loses the vault.
        parameters: bytes 0 to 95 of the half's public block.
    """
    salt = hashlib.sha256(erase_pad).digest()
    return derive_key(root, b"fielddoc/v1/kek" + parameters, salt=salt)


def seal_slot(
    kek: bytearray, payload: SlotPayload, *, half: int, number: int, parameters: bytes
) -> bytes:
    """Return the 4,096 bytes of a filled slot."""
    secret = slot_secret(kek, half, number)
    slot = seal_again(secret, payload, half=half, number=number, parameters=parameters)
    zero(secret)
    return slot


def slot_secret(kek: bytearray, half: int, number: int) -> bytearray:
    """Return the key of one slot and its commitment, 64 bytes; the caller zeroes them.

    Whoever has them can fill this slot anew without the passphrase.
    """
    return derive_key(kek, b"fielddoc/v1/slot" + bytes((half, number)), length=2 * KEY_BYTES)


def seal_again(
    secret: bytearray, payload: SlotPayload, *, half: int, number: int, parameters: bytes
) -> bytes:
    """Return the 4,096 bytes of a filled slot, from what `slot_secret` gave for its place."""
    plaintext = _encode(payload)
    key = secret[:KEY_BYTES]
    sealed = seal(key, plaintext, _associated(parameters, half, number))
    zero(plaintext)
    zero(key)
    return sealed + bytes(secret[KEY_BYTES:])


def open_slots(
    kek: bytearray, slots: Sequence[bytes], *, half: int, parameters: bytes
) -> tuple[OpenedSlot, ...]:
    """Return every slot that opens. All are always tried, so that no time tells which one did."""
    opened: list[OpenedSlot] = []
    for number, slot in enumerate(slots):
        secret = slot_secret(kek, half, number)
        payload = open_slot(secret, slot, half=half, number=number, parameters=parameters)
        zero(secret)
        if payload:
            opened.append(OpenedSlot(number, payload))
    return tuple(opened)


def open_slot(
    secret: bytearray, slot: bytes, *, half: int, number: int, parameters: bytes
) -> SlotPayload | None:
    """Return what one slot holds if `secret`, from `slot_secret`, is that of its filling."""
    key = secret[:KEY_BYTES]
    committed = hmac.compare_digest(slot[-COMMITMENT_BYTES:], secret[KEY_BYTES:])
    try:
        plaintext = open_seal(key, slot[:-COMMITMENT_BYTES], _associated(parameters, half, number))
    except SealBrokenError:
        plaintext = bytearray()
    zero(key)
    payload = _decode(plaintext) if committed and plaintext else None
    zero(plaintext)
    return payload


def _associated(parameters: bytes, half: int, number: int) -> bytes:
    return b"fielddoc/v1/slot" + parameters + bytes((half, number))


def _encode(payload: SlotPayload) -> bytearray:
    """Write type (2 bytes), length (2 bytes), value for each part; zeros fill the rest."""
    result = bytearray()
    parts = (
        (_Tag.KIND, bytes((payload.kind,))),
        (_Tag.MASTER_KEY, payload.master_key or b""),
        (_Tag.PREVIOUS_MASTER_KEY, payload.previous_master_key or b""),
        (_Tag.SHARE_SET, payload.share_set),
    )
    for tag, value in parts:
        if value:
            result += tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value
    return result + bytes(PAYLOAD_BYTES - len(result))


def _decode(plaintext: bytearray) -> SlotPayload | None:
    """Read a payload whose seal held; parts and kinds of a newer version are passed over."""
    values: dict[int, bytearray] = {}
    at = 0
    while at + 4 <= len(plaintext):
        tag = int.from_bytes(plaintext[at : at + 2], "big")
        if tag == _Tag.END:
            break
        size = int.from_bytes(plaintext[at + 2 : at + 4], "big")
        values[tag] = plaintext[at + 4 : at + 4 + size]
        at += 4 + size
    kind = values.get(_Tag.KIND, bytearray(1))[0]
    if kind not in set(SlotKind):
        return None
    return SlotPayload(
        kind=SlotKind(kind),
        master_key=values.get(_Tag.MASTER_KEY),
        previous_master_key=values.get(_Tag.PREVIOUS_MASTER_KEY),
        share_set=bytes(values.get(_Tag.SHARE_SET, b"")),
    )
