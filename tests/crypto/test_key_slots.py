import secrets

import pytest

from fielddoc.crypto.key_slots import (
    COMMITMENT_BYTES,
    SLOT_BYTES,
    OpenedSlot,
    SlotKind,
    SlotPayload,
    key_encryption_key,
    open_slots,
    seal_slot,
)
from fielddoc.crypto.keys import NONCE_BYTES, derive_key, seal

KEK = bytearray(range(32))
MASTER = bytearray(range(100, 132))
PARAMETERS = bytes(range(96))
OPEN = SlotPayload(SlotKind.OPEN, master_key=MASTER)


def sealed(payload: SlotPayload = OPEN, *, half: int = 0, number: int = 3) -> bytes:
    return seal_slot(KEK, payload, half=half, number=number, parameters=PARAMETERS)


def table(slot: bytes, number: int = 3) -> list[bytes]:
    """Return eight slots, `slot` among random ones."""
    slots = [secrets.token_bytes(SLOT_BYTES) for _ in range(8)]
    slots[number] = slot
    return slots


def opened(slots: list[bytes], *, half: int = 0, kek: bytearray = KEK) -> tuple[OpenedSlot, ...]:
    return open_slots(kek, slots, half=half, parameters=PARAMETERS)


@pytest.mark.parametrize(
    "payload",
    [
        OPEN,
        SlotPayload(SlotKind.OPEN, master_key=MASTER, previous_master_key=bytearray(b"p" * 32)),
        SlotPayload(SlotKind.RECOVER, master_key=MASTER, share_set=bytes(range(1, 17))),
        SlotPayload(SlotKind.WIPE),
    ],
    ids=["open", "open while re-keyed", "recover", "wipe"],
)
@pytest.mark.parametrize("number", range(8))
def test_each_kind_of_slot_opens_in_its_place(payload: SlotPayload, number: int) -> None:
    found = opened(table(sealed(payload, number=number), number))

    assert found == (OpenedSlot(number, payload),)


def test_every_slot_that_opens_is_given() -> None:
    slots = table(sealed(number=3))
    slots[6] = sealed(SlotPayload(SlotKind.WIPE), number=6)

    assert [(slot.number, slot.payload.kind) for slot in opened(slots)] == [
        (3, SlotKind.OPEN),
        (6, SlotKind.WIPE),
    ]


def test_a_slot_opens_in_no_other_place_half_or_vault() -> None:
    slot = sealed()

    assert not opened(table(slot, number=4))
    assert not opened(table(slot), half=1)
    assert not opened(table(slot), kek=bytearray(32))
    for offset in range(len(PARAMETERS)):
        others = bytearray(PARAMETERS)
        others[offset] ^= 1
        assert not open_slots(KEK, table(slot), half=0, parameters=bytes(others))


def test_every_changed_byte_of_a_filled_slot_closes_it() -> None:
    slot = sealed()

    for offset in range(SLOT_BYTES):
        changed = slot[:offset] + bytes((slot[offset] ^ 0xFF,)) + slot[offset + 1 :]
        assert not open_slots(
            KEK, [b"\0" * SLOT_BYTES] * 3 + [changed], half=0, parameters=PARAMETERS
        )


def test_a_slot_without_the_right_commitment_stays_closed() -> None:
    """ChaCha20-Poly1305 alone can be made to open under two keys; the commitment names one."""
    slot = sealed()
    other = seal_slot(bytearray(32), OPEN, half=0, number=3, parameters=PARAMETERS)

    assert not opened(table(slot[:-COMMITMENT_BYTES] + other[-COMMITMENT_BYTES:]))
    assert not opened(table(slot[:-COMMITMENT_BYTES] + bytes(COMMITMENT_BYTES)))


def test_no_two_places_share_a_key() -> None:
    commitments = {
        sealed(half=half, number=number)[-COMMITMENT_BYTES:]
        for half in range(2)
        for number in range(8)
    }

    assert len(commitments) == 16


def test_the_commitment_says_nothing_of_the_payload() -> None:
    wiping = sealed(SlotPayload(SlotKind.WIPE))

    assert sealed()[-COMMITMENT_BYTES:] == wiping[-COMMITMENT_BYTES:]
    assert sealed()[:NONCE_BYTES] != sealed()[:NONCE_BYTES]


def test_a_kind_of_a_newer_version_is_passed_over() -> None:
    keys = derive_key(KEK, b"fielddoc/v1/slot" + bytes((0, 3)), length=64)
    plain = bytes.fromhex("0001000109") + bytes(SLOT_BYTES - 12 - 16 - 32 - 5)
    body = seal(keys[:32], plain, b"fielddoc/v1/slot" + PARAMETERS + bytes((0, 3)))

    assert not opened(table(body + bytes(keys[32:])))


def test_parts_of_a_newer_version_are_passed_over() -> None:
    keys = derive_key(KEK, b"fielddoc/v1/slot" + bytes((0, 3)), length=64)
    parts = bytes.fromhex("0001000101") + b"\x00\x63\x00\x02??" + b"\x00\x02\x00\x20" + MASTER
    plain = parts + bytes(SLOT_BYTES - 12 - 16 - 32 - len(parts))
    body = seal(keys[:32], plain, b"fielddoc/v1/slot" + PARAMETERS + bytes((0, 3)))

    assert opened(table(body + bytes(keys[32:]))) == (OpenedSlot(3, OPEN),)


def test_filled_and_empty_slots_look_alike() -> None:
    """Chi-square of the byte values, over 300 slots each; both must pass for random bytes."""
    payloads = (OPEN, SlotPayload(SlotKind.WIPE), SlotPayload(SlotKind.RECOVER, master_key=MASTER))
    filled = b"".join(
        seal_slot(
            bytearray(secrets.token_bytes(32)),
            payloads[n % 3],
            half=n % 2,
            number=n % 8,
            parameters=PARAMETERS,
        )
        for n in range(300)
    )
    empty = secrets.token_bytes(len(filled))

    for data in (filled, empty):
        # 255 degrees of freedom: beyond 400 lies one random sample in 10^8.
        assert chi_square(data) < 400
    for start in (0, NONCE_BYTES, SLOT_BYTES - COMMITMENT_BYTES, SLOT_BYTES - 1):
        column = b"".join(
            filled[at + start : at + start + 16] for at in range(0, len(filled), SLOT_BYTES)
        )
        assert chi_square(column) < 400


def chi_square(data: bytes) -> float:
    expected = len(data) / 256
    return sum((data.count(bytes((value,))) - expected) ** 2 / expected for value in range(256))


def test_slots_have_one_size_whatever_they_hold() -> None:
    assert {len(sealed(p)) for p in (OPEN, SlotPayload(SlotKind.WIPE))} == {SLOT_BYTES}


def test_a_payload_never_shows_itself() -> None:
    text = repr(OPEN) + repr(OpenedSlot(1, OPEN)) + str(OPEN)

    assert "bytearray" not in text
    assert "master" not in text


def test_the_key_needs_every_byte_of_the_erase_pad() -> None:
    pad = bytes(64)
    key = key_encryption_key(MASTER, pad, PARAMETERS)

    for offset in range(len(pad)):
        other = bytearray(pad)
        other[offset] ^= 1
        assert key_encryption_key(MASTER, bytes(other), PARAMETERS) != key
    assert key_encryption_key(MASTER, pad, bytes(96)) != key
    assert key_encryption_key(KEK, pad, PARAMETERS) != key
