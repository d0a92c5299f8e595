import dataclasses
import hashlib
import os
import random
import secrets
from pathlib import Path

import pytest

from fielddoc.crypto.kdf import CEILING, Cost, derive
from fielddoc.crypto.key_slots import (
    SLOT_BYTES,
    SlotKind,
    SlotPayload,
    key_encryption_key,
    open_slots,
    seal_slot,
)
from fielddoc.crypto.keys import MasterKey
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.errors import (
    FielddocError,
    KeyFileDamagedError,
    KeySlotsFullError,
    VaultTooNewError,
    VaultWipedError,
    WrongPassphraseError,
)
from fielddoc.vault import key_file, records
from fielddoc.vault.key_file import (
    Half,
    KeyFile,
    VaultState,
    encode_half,
    new_half,
    parse,
    read_state,
)
from fielddoc.vault.key_file_layout import (
    BLOCK_BYTES,
    CELL_BYTES,
    CELLS_AT,
    FILE_BYTES,
    HALF_BYTES,
    MAGIC,
    SLOTS,
    SLOTS_AT,
    WIPED_MARK,
)
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.vault import change_passphrase, check_folder
from vault.folders import OTHER_PASSPHRASE, PASSPHRASE, assert_refused, digest, flip, names
from vault.processes import start

COST = Cost(64, 1, 1)
SEED = secrets.randbits(32)


def half(number: int = 0, *, generation: int = 1, cost: Cost = COST, schema: int = 1) -> Half:
    return new_half(number, cost, generation=generation, vault_id=bytes(16), schema=schema)


def a_file(*halves: Half) -> bytes:
    """Return a key file; a half that is not given is random, as outside a re-make."""
    data = bytearray(secrets.token_bytes(FILE_BYTES))
    for each in halves:
        data[each.number * HALF_BYTES : (each.number + 1) * HALF_BYTES] = encode_half(each)
    return bytes(data)


def changed(data: bytes, offset: int, new: bytes, *, sound: bool = True) -> bytes:
    """Return `data` with other bytes in the block of half 0, its checksum made right again."""
    result = bytearray(data)
    result[offset : offset + len(new)] = new
    if sound:
        block = result[:128] + result[160:BLOCK_BYTES]
        result[128:160] = hashlib.sha256(block + result[BLOCK_BYTES:SLOTS_AT]).digest()
    return bytes(result)


# --- parsing --------------------------------------------------------------------------------------


def test_a_key_file_comes_back_as_it_was_written() -> None:
    written = half()

    assert parse(a_file(written), schema=1) == written
    assert len(a_file(written)) == 352_256


@pytest.mark.parametrize("size", [0, 1, 16, 95, 4096, HALF_BYTES, FILE_BYTES - 1, FILE_BYTES + 1])
def test_any_other_size_is_damage(size: int) -> None:
    data = (a_file(half()) + b"\0")[:size]

    with pytest.raises(KeyFileDamagedError):
        parse(data, schema=1)


@pytest.mark.parametrize(
    "data",
    [bytes(FILE_BYTES), b"\xff" * FILE_BYTES, MAGIC + bytes(FILE_BYTES - 16), b"SQLite format 3\0"],
    ids=["zeros", "ones", "only the magic", "a database"],
)
def test_what_is_no_key_file_is_damage(data: bytes) -> None:
    with pytest.raises(KeyFileDamagedError):
        parse(data, schema=1)


def test_a_copy_treated_as_text_is_damage() -> None:
    data = a_file(half()).replace(b"\r\n", b"\n")

    with pytest.raises(KeyFileDamagedError):
        parse(data, schema=1)


@pytest.mark.parametrize(
    ("offset", "new"),
    [(16, b"\0\2"), (16, b"\xff\xff"), (20, b"\0\0\0\1"), (20, b"\x80\0\0\0"), (32, b"\0\2")],
    ids=["major 2", "major 65535", "feature 1", "feature 2^31", "another key derivation"],
)
def test_a_newer_format_is_told_apart_from_damage(offset: int, new: bytes) -> None:
    with pytest.raises(VaultTooNewError):
        parse(changed(a_file(half()), offset, new), schema=1)


def test_a_newer_major_version_may_have_another_size() -> None:
    data = changed(a_file(half()), 16, b"\0\2")

    for size in (4096, FILE_BYTES * 2):
        with pytest.raises(VaultTooNewError):
            parse((data * 2)[:size], schema=1)


def test_a_newer_schema_is_too_new_and_an_older_program_never_opens_it() -> None:
    data = a_file(half(schema=2))

    with pytest.raises(VaultTooNewError):
        parse(data, schema=1)
    assert parse(data, schema=2).public.schema == 2


@pytest.mark.parametrize(
    "cost",
    [
        Cost(63, 1, 1),
        Cost(1, 1, 1),
        Cost(64, 0, 1),
        Cost(64, 1, 0),
        Cost(CEILING.memory_kib + 1, 3, 1),
        Cost(1 << 30, 3, 1),
        Cost((1 << 32) - 1, 3, 1),
        Cost(64, CEILING.passes + 1, 1),
        Cost(64, 3, 255),
    ],
    ids=str,
)
def test_planted_costs_are_refused(cost: Cost) -> None:
    with pytest.raises(KeyFileDamagedError):
        parse(a_file(half(cost=cost)), schema=1)


def test_the_half_of_the_higher_generation_is_live() -> None:
    first, second = half(0, generation=1), half(1, generation=2)

    assert parse(a_file(first, second), schema=1) == second
    assert parse(a_file(half(0, generation=3), second), schema=1).number == 0


def test_a_half_that_was_not_wholly_written_is_not_live() -> None:
    first, second = half(0, generation=1), half(1, generation=2)
    data = bytearray(a_file(first, second))
    data[HALF_BYTES + SLOTS_AT - 1] ^= 1

    assert parse(bytes(data), schema=1) == first


def test_a_newer_schema_in_a_half_that_is_not_live_does_not_matter() -> None:
    data = a_file(half(0, generation=1, schema=9), half(1, generation=2))

    assert parse(data, schema=1).number == 1


def test_the_wiped_mark_is_told_before_anything_else() -> None:
    for rest in (b"", secrets.token_bytes(100), a_file(half())[BLOCK_BYTES:]):
        with pytest.raises(VaultWipedError):
            parse(WIPED_MARK + rest, schema=1)


def test_a_newer_minor_version_opens() -> None:
    """What is sealed is bound to the block as it lies in the file, minor version included."""
    blank = parse(changed(a_file(half()), 18, b"\0\7"), schema=1)
    parameters = changed(a_file(blank), 18, b"\0\7")[:96]
    kek = key_encryption_key(bytearray(32), blank.erase_pad, parameters)
    payload = SlotPayload(SlotKind.OPEN, master_key=bytearray(32))
    slot = seal_slot(kek, payload, half=0, number=0, parameters=parameters)

    assert blank.public.parameters() == parameters
    assert len(slot) == SLOT_BYTES
    assert open_slots(kek, [slot], half=0, parameters=blank.public.parameters())


# --- every byte -----------------------------------------------------------------------------------


EVERY_BYTE = """
from fielddoc.vault.key_file import parse
from fielddoc.vault.key_file_layout import SLOTS_AT
data = bytearray((folder / "vault.key").read_bytes())
parse(data, schema=1)
for offset in range(int(sys.argv[3]), SLOTS_AT, int(sys.argv[4])):
    data[offset] ^= 0xFF
    try:
        parse(data, schema=1)
    except KeyFileDamagedError:
        pass
    except VaultTooNewError:
        say("too new", offset)
    else:
        say("not noticed", offset)
    data[offset] ^= 0xFF
say("done")
"""


def test_every_changed_byte_of_block_and_pad_is_noticed(vault_folder: Path) -> None:
    """Never a wrong open: the half with a changed byte is not live, and no other half is."""
    parts = os.cpu_count() or 1
    workers = [
        start(EVERY_BYTE, vault_folder, PASSPHRASE, str(first), str(parts))
        for first in range(parts)
    ]
    lines = [line for worker in workers for line in worker.communicate()[0].splitlines()]

    assert lines.count("done") == parts
    assert {line for line in lines if line != "done"} <= {"too new 16", "too new 17"}


def test_every_changed_byte_of_the_slots_closes_the_filled_one_only(vault_folder: Path) -> None:
    live = parse((vault_folder / "vault.key").read_bytes(), schema=1)
    root = derive(passphrase_bytes(PASSPHRASE), live.public.salt, live.public.cost)
    kek = key_encryption_key(root, live.erase_pad, live.public.parameters())
    (filled,) = open_slots(kek, live.slots, half=0, parameters=live.public.parameters())

    for offset in range(SLOT_BYTES):
        slots = list(live.slots)
        slot = bytearray(slots[filled.number])
        slot[offset] ^= 0xFF
        slots[filled.number] = bytes(slot)
        assert not open_slots(kek, slots, half=0, parameters=live.public.parameters())


def test_no_changed_byte_of_the_head_makes_anything_go(vault_folder: Path) -> None:
    before = names(vault_folder)

    for offset in range(BLOCK_BYTES):
        flip(vault_folder / "vault.key", offset)
        check_folder(vault_folder)
        assert names(vault_folder) == before
        flip(vault_folder / "vault.key", offset)

    open_vault(vault_folder, PASSPHRASE).lock()


def test_no_changed_byte_makes_anything_go_or_opens_wrongly(vault_folder: Path) -> None:
    """On disk, with the passphrase, for a sample of the whole file."""
    print("seed", SEED)
    chosen = random.Random(SEED)
    live = parse((vault_folder / "vault.key").read_bytes(), schema=1)
    root = derive(passphrase_bytes(PASSPHRASE), live.public.salt, live.public.cost)
    kek = key_encryption_key(root, live.erase_pad, live.public.parameters())
    (filled,) = open_slots(kek, live.slots, half=0, parameters=live.public.parameters())
    start = SLOTS_AT + filled.number * SLOT_BYTES
    offsets = [0, 15, 18, 95, 96, 127, 128, 159, 4095, BLOCK_BYTES, SLOTS_AT - 1]
    offsets += chosen.sample(range(SLOTS_AT), 60)
    offsets += [start, start + SLOT_BYTES - 1, *chosen.sample(range(start, start + SLOT_BYTES), 60)]

    for offset in offsets:
        flip(vault_folder / "vault.key", offset)
        expected: type[FielddocError] = KeyFileDamagedError
        expected = WrongPassphraseError if offset >= SLOTS_AT else expected
        assert_refused(vault_folder, expected)
        flip(vault_folder / "vault.key", offset)


def test_changed_bytes_elsewhere_change_nothing(vault_folder: Path) -> None:
    live = parse((vault_folder / "vault.key").read_bytes(), schema=1)
    root = derive(passphrase_bytes(PASSPHRASE), live.public.salt, live.public.cost)
    kek = key_encryption_key(root, live.erase_pad, live.public.parameters())
    (filled,) = open_slots(kek, live.slots, half=0, parameters=live.public.parameters())
    print("seed", SEED)
    empty = [SLOTS_AT + n * SLOT_BYTES + 7 for n in range(SLOTS) if n != filled.number]

    for offset in [*empty, *random.Random(SEED).sample(range(HALF_BYTES, FILE_BYTES), 10)]:
        flip(vault_folder / "vault.key", offset)
        with open_vault(vault_folder, PASSPHRASE) as opened:
            assert len(records.listing(opened)) == 2


def test_only_the_exact_wiped_mark_lets_anything_go(vault_folder: Path) -> None:
    path = vault_folder / "vault.key"
    with path.open("r+b") as file:
        file.write(WIPED_MARK)
    before = names(vault_folder)

    for offset in range(BLOCK_BYTES):
        flip(path, offset, 1)
        check_folder(vault_folder)
        assert names(vault_folder) == before
        flip(path, offset, 1)

    with pytest.raises(VaultWipedError):
        check_folder(vault_folder)
    assert not vault_folder.exists()


@pytest.mark.parametrize("size", [0, 15, 4095])
def test_a_cut_wiped_mark_lets_nothing_go(vault_folder: Path, size: int) -> None:
    (vault_folder / "vault.key").write_bytes(WIPED_MARK[:size])

    assert_refused(vault_folder, KeyFileDamagedError)


# --- state cells ----------------------------------------------------------------------------------


def opened_file(folder: Path) -> tuple[KeyFile, MasterKey]:
    file = KeyFile.open(folder, schema=1)
    root = derive(passphrase_bytes(PASSPHRASE), file.half.public.salt, file.half.public.cost)
    parameters = file.half.public.parameters()
    kek = key_encryption_key(root, file.half.erase_pad, parameters)
    (slot,) = open_slots(kek, file.half.slots, half=file.half.number, parameters=parameters)
    assert slot.payload.master_key is not None
    return file, MasterKey(slot.payload.master_key)


def state(generation: int, *, clean: bool = True) -> VaultState:
    return VaultState(
        generation=generation,
        clean=clean,
        log_count=generation * 7,
        log_head=bytes([generation]) * 32,
        record_count=generation,
    )


def test_state_cells_are_written_alternately_and_nothing_else_changes(vault_folder: Path) -> None:
    path = vault_folder / "vault.key"
    file, master = opened_file(vault_folder)

    for generation in range(100, 106):
        before = path.read_bytes()
        file.write_state(state(generation), master)
        after = path.read_bytes()
        start = CELLS_AT + generation % 2 * CELL_BYTES
        assert after[:start] == before[:start]
        assert after[start + CELL_BYTES :] == before[start + CELL_BYTES :]
        assert after[start : start + CELL_BYTES] != before[start : start + CELL_BYTES]
        assert read_state(file.half, master) == state(generation)
        assert read_state(parse(after, schema=1), master) == state(generation)
    file.close()


@pytest.mark.parametrize("offset", [0, 11, 12, 2000, CELL_BYTES - 1])
def test_a_torn_cell_leaves_the_older_one(vault_folder: Path, offset: int) -> None:
    file, master = opened_file(vault_folder)
    file.write_state(state(100), master)
    file.write_state(state(101, clean=False), master)
    file.close()

    flip(vault_folder / "vault.key", CELLS_AT + CELL_BYTES + offset)
    live = parse((vault_folder / "vault.key").read_bytes(), schema=1)

    assert read_state(live, master) == state(100)


def test_a_cell_opens_in_no_other_place_and_with_no_other_key(vault_folder: Path) -> None:
    file, master = opened_file(vault_folder)
    file.write_state(state(100), master)
    file.close()
    live = file.half

    assert read_state(dataclasses.replace(live, cells=live.cells[::-1]), master) is None
    assert read_state(dataclasses.replace(live, number=1), master) is None
    assert read_state(live, MasterKey.new()) is None


def test_a_vault_without_a_readable_state_is_damaged(vault_folder: Path) -> None:
    with (vault_folder / "vault.key").open("r+b") as file:
        file.seek(CELLS_AT)
        file.write(secrets.token_bytes(2 * CELL_BYTES))

    assert_refused(vault_folder, KeyFileDamagedError)


def test_every_write_goes_to_the_live_half(tmp_path: Path) -> None:
    live = half(1, generation=2)
    (tmp_path / "vault.key").write_bytes(a_file(half(0, generation=1), live))
    before = (tmp_path / "vault.key").read_bytes()
    file = KeyFile.open(tmp_path, schema=1)

    file.write_state(state(4), MasterKey.new())
    file.write_slot(5, secrets.token_bytes(SLOT_BYTES))
    file.close()

    after = (tmp_path / "vault.key").read_bytes()
    assert after[:HALF_BYTES] == before[:HALF_BYTES]
    assert after[HALF_BYTES:] != before[HALF_BYTES:]
    assert len(after) == FILE_BYTES


# --- in place -------------------------------------------------------------------------------------


def test_the_key_file_is_only_ever_written_in_place(tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    expected = {"vault.key", "vault.lock", "records.db", "attachments"}

    with make_vault(folder, PASSPHRASE):
        inode = (folder / "vault.key").stat().st_ino
        assert names(folder) == expected | {"records.db-wal"}
    for _ in range(3):
        with open_vault(folder, PASSPHRASE) as opened:
            change_passphrase(opened, PASSPHRASE, PASSPHRASE)
            assert names(folder) == expected | {"records.db-wal"}
    with open_vault(folder, PASSPHRASE) as opened:
        change_passphrase(opened, PASSPHRASE, OTHER_PASSPHRASE)

    assert names(folder) == expected
    assert (folder / "vault.key").stat().st_ino == inode
    assert (folder / "vault.key").stat().st_size == FILE_BYTES
    assert (folder / "vault.key").stat().st_mode & 0o777 == 0o600


def test_a_dead_key_file_is_never_written_again(vault_folder: Path) -> None:
    file, master = opened_file(vault_folder)
    before = digest(vault_folder)
    file.dead = True

    with pytest.raises(VaultWipedError):
        file.write_state(state(100), master)
    with pytest.raises(VaultWipedError):
        file.write_slot(0, bytes(SLOT_BYTES))

    assert digest(vault_folder) == before
    file.close()


def test_a_key_file_that_another_process_wiped_is_never_written_again(vault_folder: Path) -> None:
    file, master = opened_file(vault_folder)
    descriptor = os.open(vault_folder / "vault.key", os.O_WRONLY)
    os.pwrite(descriptor, WIPED_MARK, 0)
    os.close(descriptor)
    before = digest(vault_folder)

    assert file.is_wiped()
    with pytest.raises(VaultWipedError):
        file.write_state(state(100), master)

    assert digest(vault_folder) == before
    file.close()


# --- changing the passphrase ----------------------------------------------------------------------


def test_a_changed_passphrase_opens_and_the_old_one_does_not(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        change_passphrase(opened, PASSPHRASE, OTHER_PASSPHRASE)

    assert_refused(vault_folder, WrongPassphraseError)
    with open_vault(vault_folder, OTHER_PASSPHRASE) as opened:
        assert len(records.listing(opened)) == 2


def test_changing_the_passphrase_needs_the_old_one(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        before = (vault_folder / "vault.key").read_bytes()
        with pytest.raises(WrongPassphraseError):
            change_passphrase(opened, "not it", OTHER_PASSPHRASE)
        assert (vault_folder / "vault.key").read_bytes() == before


def test_changing_the_passphrase_overwrites_the_old_slot(vault_folder: Path) -> None:
    path = vault_folder / "vault.key"
    with open_vault(vault_folder, PASSPHRASE) as opened:
        before = opened.key_file.half
        change_passphrase(opened, PASSPHRASE, OTHER_PASSPHRASE)
        after = opened.key_file.half

    changed_slots = [n for n in range(SLOTS) if before.slots[n] != after.slots[n]]
    assert len(changed_slots) == 2
    assert not any(
        slot in path.read_bytes() for n, slot in enumerate(before.slots) if n in changed_slots
    )
    assert before.erase_pad == after.erase_pad


def test_the_new_slot_is_durable_before_the_old_one_goes(vault_folder: Path) -> None:
    """At every moment one of the two passphrases opens the vault."""
    with open_vault(vault_folder, PASSPHRASE) as opened:
        written: list[bytes] = []
        original = opened.key_file.write_slot

        def noting(number: int, slot: bytes) -> None:
            original(number, slot)
            written.append((vault_folder / "vault.key").read_bytes())

        opened.key_file.write_slot = noting  # type: ignore[method-assign]  # only looks on
        change_passphrase(opened, PASSPHRASE, OTHER_PASSPHRASE)

    assert [opens(data) for data in written] == [
        {PASSPHRASE, OTHER_PASSPHRASE},
        {OTHER_PASSPHRASE},
    ]


def opens(data: bytes) -> set[str]:
    live = parse(data, schema=1)
    found = set()
    for passphrase in (PASSPHRASE, OTHER_PASSPHRASE):
        root = derive(passphrase_bytes(passphrase), live.public.salt, live.public.cost)
        kek = key_encryption_key(root, live.erase_pad, live.public.parameters())
        if open_slots(kek, live.slots, half=live.number, parameters=live.public.parameters()):
            found.add(passphrase)
    return found


def test_slots_noted_as_filled_are_not_taken(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        opened.set_meta("filled slots", bytes(range(SLOTS)))
        with pytest.raises(KeySlotsFullError):
            change_passphrase(opened, PASSPHRASE, OTHER_PASSPHRASE)

    open_vault(vault_folder, PASSPHRASE).lock()


def test_the_layout_is_that_of_the_format() -> None:
    assert (HALF_BYTES, SLOTS_AT, CELLS_AT) == (176_128, 135_168, 167_936)
    assert key_file.PARAMETER_BYTES == 96
