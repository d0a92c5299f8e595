"""The eight slots of a half: what a passphrase opens, and filling those of a half that is built.

Which places are filled is chosen by chance and seen nowhere outside: an empty slot is random
bytes, and so is a filled one to whoever lacks its key (docs/vault-format.md, "Key slots").
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fielddoc.crypto.kdf import derive
from fielddoc.crypto.key_slots import (
    OpenedSlot,
    SlotPayload,
    key_encryption_key,
    open_slot,
    open_slots,
    seal_again,
    slot_secret,
)
from fielddoc.crypto.keys import zero
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.errors import PassphrasesTooAlikeError
from fielddoc.vault.key_file import Half
from fielddoc.vault.key_file_layout import SLOTS

ALIKE = 2
"""How many typing mistakes may not lead from one passphrase of a vault to another."""


@dataclass(frozen=True, slots=True, repr=False)
class Filled:
    """A slot that was filled, or a place that is kept for it. Never printed."""

    number: int
    secret: bytearray
    """What it takes to fill it anew; see `crypto.key_slots.slot_secret`."""
    payload: SlotPayload
    kept: "Filled | None" = None
    """A second, empty place that the same passphrase will open once it is filled."""


def key_of(half: Half, typed: bytearray) -> bytearray:
    """Return the key encryption key that passphrase bytes give with a half; zeroes `typed`."""
    root = derive(typed, half.public.salt, half.public.cost)
    kek = key_encryption_key(root, half.erase_pad, half.public.parameters())
    zero(root)
    return kek


def opened_by(half: Half, typed: bytearray) -> tuple[OpenedSlot, ...]:
    """Return every slot that passphrase bytes open; all are always tried. Zeroes `typed`."""
    kek = key_of(half, typed)
    opened = open_slots(kek, half.slots, half=half.number, parameters=half.public.parameters())
    zero(kek)
    return opened


def fill(
    half: Half, fillings: Sequence[tuple[bytearray, SlotPayload, SlotPayload | None]]
) -> tuple[Half, tuple[Filled, ...]]:
    """Return a half with a slot for each passphrase, in places chosen by chance.

    Args:
        half: its slots are empty.
        fillings: passphrase bytes, which are zeroed; what they are to open; and what they are to
            open later in another place, which is kept for that, or None.
    """
    slots = list(half.slots)
    free = list(range(SLOTS))
    filled: list[Filled] = []
    for typed, payload, later in fillings:
        number = free.pop(secrets.randbelow(len(free)))
        kek = key_of(half, typed)
        kept: Filled | None = None
        if later is not None:
            place = free.pop(secrets.randbelow(len(free)))
            kept = Filled(place, slot_secret(kek, half.number, place), later)
        one = Filled(number, slot_secret(kek, half.number, number), payload, kept)
        zero(kek)
        slots[number] = seal(half, one)
        filled.append(one)
    return replace(half, slots=tuple(slots)), tuple(filled)


def is_filled(half: Half, one: Filled) -> bool:
    """Tell whether a slot holds what it is to hold, so that it need not be written again."""
    found = open_slot(
        one.secret,
        half.slots[one.number],
        half=half.number,
        number=one.number,
        parameters=half.public.parameters(),
    )
    return found == one.payload


def seal(half: Half, one: Filled) -> bytes:
    """Return the bytes of a filled slot of `half`."""
    return seal_again(
        one.secret,
        one.payload,
        half=half.number,
        number=one.number,
        parameters=half.public.parameters(),
    )


def check_apart(passphrase: str, wipe_passphrase: str) -> None:
    """Make sure that nobody wipes a vault by a slip of the finger.

    Raises:
        PassphraseRefusedError: one of them cannot be used at all.
        PassphrasesTooAlikeError: they are the same, or a typing mistake or two from being so.
    """
    one, other = (bytes(passphrase_bytes(p)).decode() for p in (passphrase, wipe_passphrase))
    if _mistakes(one.casefold(), other.casefold()) <= ALIKE:
        raise PassphrasesTooAlikeError


def _mistakes(one: str, other: str) -> int:
    """Return how many characters must be added, taken away or exchanged; at most ALIKE + 1."""
    if abs(len(one) - len(other)) > ALIKE:
        return ALIKE + 1
    row = list(range(len(other) + 1))
    for place, character in enumerate(one, 1):
        above, row = row, [place]
        for column, their in enumerate(other, 1):
            step = above[column - 1] + (character != their)
            row.append(min(step, above[column] + 1, row[column - 1] + 1))
    return min(row[-1], ALIKE + 1)
