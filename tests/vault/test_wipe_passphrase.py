"""The wipe passphrase: what it does, and that nothing tells it from any other before it does it."""

import bisect
import math
import re
import secrets
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from fielddoc.crypto import key_slots, keys
from fielddoc.crypto.kdf import Cost
from fielddoc.crypto.key_slots import SlotKind, SlotPayload
from fielddoc.crypto.shares import Sharing
from fielddoc.errors import (
    NotDestroyedError,
    PassphrasesTooAlikeError,
    VaultNotFoundError,
    VaultWipedError,
    WrongPassphraseError,
)
from fielddoc.vault import attaching, records, slot_table
from fielddoc.vault import vault as vaults
from fielddoc.vault.key_file import Half, new_half
from fielddoc.vault.key_file_layout import (
    CELL_BYTES,
    CELLS,
    CELLS_AT,
    FILE_BYTES,
    HALF_BYTES,
    SLOTS,
    WIPED_MARK,
)
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.purge import purge
from fielddoc.vault.rekey import rekey
from vault.folders import PASSPHRASE, copied, digest
from vault.processes import command, strace

WIPE = "nobody will ever find anything in here"
COST = Cost(64, 1, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_vault(tmp_path / "vault", PASSPHRASE, wipe_passphrase=WIPE).lock()
    return tmp_path / "vault"


# --- what it does ---------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [WIPE, f"  {WIPE}\u3000", WIPE.replace("here", "ｈｅｒｅ")])
def test_typed_instead_of_the_passphrase_it_destroys_the_vault(folder: Path, typed: str) -> None:
    told: list[bool] = []

    with pytest.raises(VaultWipedError):
        vaults.unlock(folder, typed, on_wipe=lambda: told.append(folder.exists()))

    assert told == [True]
    with pytest.raises(VaultNotFoundError):
        open_vault(folder, PASSPHRASE)
    assert not folder.exists()


def test_the_passphrase_opens_the_vault_as_ever(folder: Path) -> None:
    open_vault(folder, PASSPHRASE).lock()
    with pytest.raises(WrongPassphraseError):
        open_vault(folder, "neither the one nor the other")
    open_vault(folder, PASSPHRASE).lock()


def test_on_a_medium_that_refuses_it_says_not_destroyed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    before = digest(folder)
    monkeypatch.setattr("fielddoc.vault.panic.write_all", refuse)
    with pytest.raises(NotDestroyedError):
        open_vault(folder, WIPE)
    monkeypatch.undo()
    assert digest(folder) == before
    open_vault(folder, PASSPHRASE).lock()


def test_it_must_not_be_like_the_passphrase(tmp_path: Path) -> None:
    for alike in (PASSPHRASE, PASSPHRASE.upper(), PASSPHRASE[1:], PASSPHRASE + " x"):
        with pytest.raises(PassphrasesTooAlikeError):
            make_vault(tmp_path / "vault", PASSPHRASE, wipe_passphrase=alike)
    assert not (tmp_path / "vault").exists()


def test_a_copy_made_earlier_is_not_reached(folder: Path, tmp_path: Path) -> None:
    """Said where it is offered: it reaches no copy, and a copy can be asked what it was."""
    copy = copied(folder, tmp_path / "copy")
    with pytest.raises(VaultWipedError):
        open_vault(folder, WIPE)
    open_vault(copy, PASSPHRASE).lock()


# --- nothing tells it apart before ----------------------------------------------------------------


def test_all_eight_slots_are_tried_whichever_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    opened = keys.open_seal

    def counting(key: bytearray, sealed: bytes, associated: bytes) -> bytearray:
        tried.append(associated[-1])
        return opened(key, sealed, associated)

    monkeypatch.setattr(key_slots, "open_seal", counting)
    kek = bytearray(secrets.token_bytes(32))
    for kind in (None, *SlotKind):
        for number in range(SLOTS):
            slots = [secrets.token_bytes(4096) for _ in range(SLOTS)]
            if kind is not None:
                payload = SlotPayload(kind, master_key=bytearray(32))
                slots[number] = key_slots.seal_slot(
                    kek, payload, half=0, number=number, parameters=bytes(96)
                )
            tried.clear()
            found = key_slots.open_slots(kek, slots, half=0, parameters=bytes(96))
            assert tried == list(range(SLOTS))
            assert [slot.number for slot in found] == ([] if kind is None else [number])


UNTIL_THE_SLOT = """
from fielddoc.vault import attaching, records, slot_table
tried = slot_table.open_slots
def looking(*given, **named):
    found = tried(*given, **named)
    say("slots were tried")
    return found
slot_table.open_slots = looking
say("begin")
try:
    opened = open_vault(folder, passphrase)
    say("open")
    opened.lock()
except FielddocError as error:
    say(error.code)
"""


def calls_until_the_slot(folder: Path, passphrase: str, trace: Path) -> tuple[list[str], str]:
    """Return every system call from `begin` until all slots were tried, and how it ended."""
    start = [strace(), "-o", str(trace), *command(UNTIL_THE_SLOT, folder, passphrase)]
    done = subprocess.run(start, capture_output=True, text=True, check=True)
    lines = trace.read_text().splitlines()
    begin = next(n for n, line in enumerate(lines) if '"begin\\n"' in line)
    end = next(n for n, line in enumerate(lines) if '"slots were tried\\n"' in line)
    assert end - begin > 5
    return [plain(line) for line in lines[begin + 1 : end]], done.stdout.split()[-1]


def plain(line: str) -> str:
    """Return a call without what differs from run to run: addresses, random bytes, times."""
    line = re.sub(r"0x[0-9a-f]+", "ADDRESS", line)
    line = re.sub(r'"(?:\\\\.|[^"\\\\])*"\.*', "BYTES", line) if "vault" not in line else line
    return re.sub(r"\b(?:st_[a-z]+|tv_[a-z]+)=[^,}]+|\d{9,}", "NUMBER", line)


def test_the_calls_of_wrong_open_and_wipe_are_the_same_until_the_slots_were_tried(
    folder: Path, tmp_path: Path
) -> None:
    """Passphrases of one length; the memory that Python and Argon2 take is compared as well."""
    passphrases = {
        "vault.wrong-passphrase": "x" * len(WIPE),
        "open": PASSPHRASE,
        "vault.wiped": WIPE,
    }
    traces: dict[str, list[str]] = {}
    for number, (ending, passphrase) in enumerate(passphrases.items()):
        place = tmp_path / f"run{number}" / "vault"
        place.parent.mkdir()
        copied(folder, place)
        calls, ended = calls_until_the_slot(place, passphrase, tmp_path / f"trace {number}")
        assert ended == ending
        traces[ending] = [call.replace(f"run{number}", "run") for call in calls]

    names = {ending: [c.split("(")[0] for c in calls] for ending, calls in traces.items()}
    heap = {"brk", "mmap", "munmap", "madvise", "mremap"}  # Python's own housekeeping
    ordered = {e: [c for c in calls if c.split("(")[0] not in heap] for e, calls in traces.items()}
    assert ordered["open"] == ordered["vault.wiped"] == ordered["vault.wrong-passphrase"]
    assert {"openat", "read", "flock"} <= set(names["open"])
    assert not [call for call in ordered["open"] if "records.db" in call and "openat" in call]


# --- nothing tells it apart in the file -----------------------------------------------------------


def key_files(count: int, *, is_wiping: bool) -> list[Half]:
    """Return halves as `create` lays them out, with and without a wipe slot."""
    made = []
    for _ in range(count):
        half = new_half(0, COST, generation=1, vault_id=secrets.token_bytes(16), schema=1)
        opening = SlotPayload(SlotKind.OPEN, master_key=bytearray(secrets.token_bytes(32)))
        fillings = [(bytearray(b"one"), opening, None)]
        if is_wiping:
            fillings.append((bytearray(b"two"), SlotPayload(SlotKind.WIPE), None))
        made.append(slot_table.fill(half, fillings)[0])
    return made


def chi_square(counts: Counter[int], size: int) -> float:
    expected = size / 256
    return sum((counts[value] - expected) ** 2 / expected for value in range(256))


def furthest(one: list[float], other: list[float]) -> float:
    """Return the largest distance between the two distributions (Kolmogorov and Smirnov)."""
    at = sorted([*one, *other])
    one, other = sorted(one), sorted(other)
    return max(abs(share(one, value) - share(other, value)) for value in at)


def share(values: list[float], limit: float) -> float:

    return bisect.bisect_right(values, limit) / len(values)


STATISTICS: tuple[Callable[[bytes], float], ...] = (
    lambda slot: chi_square(Counter(slot), len(slot)),
    lambda slot: float(int.from_bytes(slot, "big").bit_count()),
    lambda slot: float(slot[0] ^ slot[12]),
    lambda slot: float(int.from_bytes(slot[-32:], "big").bit_count()),
)
OF_EIGHT: tuple[Callable[[list[float]], float], ...] = (min, max, sum)


def test_a_thousand_key_files_do_not_tell_whether_a_wipe_slot_is_in_them() -> None:
    """No statistic of a file's slots is distributed differently; limits are passed once in 10^6."""
    without, with_wipe = key_files(500, is_wiping=False), key_files(500, is_wiping=True)
    limit = math.sqrt(-math.log(1e-6 / 2) / 2) * math.sqrt(2 / 500)
    for statistic in STATISTICS:
        one = [[statistic(slot) for slot in half.slots] for half in without]
        other = [[statistic(slot) for slot in half.slots] for half in with_wipe]
        for of_eight in OF_EIGHT:
            assert furthest([*map(of_eight, one)], [*map(of_eight, other)]) < limit
    every = b"".join(slot for half in with_wipe for slot in half.slots)
    assert chi_square(Counter(every), len(every)) < 255 + 6 * math.sqrt(2 * 255)


CELLS_IN_HALF = range(CELLS_AT, CELLS_AT + CELLS * CELL_BYTES)


def used(folder: Path, file: Path) -> None:
    """Do what is done on a day: unlock, save, attach, purge, lock."""
    with open_vault(folder, PASSPHRASE) as vault:
        kept = records.add(vault, "incident", {"title": "kept"})
        purged = records.add(vault, "incident", {"title": "purged"})
        attaching.attach_file(vault, kept, file)
        purge(vault, purged)


def test_what_use_changes_in_the_key_file_does_not_tell_a_wipe_passphrase_or_shares(
    tmp_path: Path,
) -> None:
    """Whoever copies the folder twice sees the same places change: state cells and nothing else."""
    (tmp_path / "photo.jpg").write_bytes(b"a photograph" * 1000)
    changed: dict[tuple[str, bool], list[set[int]]] = {}
    for wipe in ("", WIPE):
        for is_shared in (False, True):
            folder = tmp_path / f"vault {bool(wipe)} {is_shared}"
            with make_vault(folder, PASSPHRASE, cost=COST, wipe_passphrase=wipe) as vault:
                sharing = Sharing(2, 3) if is_shared else None
                rekey(vault, PASSPHRASE, cost=COST, wipe_passphrase=wipe, sharing=sharing)
                live = vault.key_file.half.number
            uses = changed[wipe, is_shared] = []
            for _ in range(3):
                before = (folder / "vault.key").read_bytes()
                used(folder, tmp_path / "photo.jpg")
                after = (folder / "vault.key").read_bytes()
                assert len(before) == len(after) == FILE_BYTES
                places = [at for at in range(FILE_BYTES) if before[at] != after[at]]
                assert {at // HALF_BYTES for at in places} == {live}
                assert {at % HALF_BYTES for at in places} <= {*CELLS_IN_HALF}
                uses.append({(at % HALF_BYTES - CELLS_AT) // CELL_BYTES for at in places})

    assert len({str(uses) for uses in changed.values()}) == 1, changed
    assert all(uses != set() for uses in changed["", False])


def test_filled_places_are_spread_evenly() -> None:
    half = new_half(0, COST, generation=1, vault_id=bytes(16), schema=1)
    pairs: Counter[tuple[int, ...]] = Counter()
    for _ in range(1120):
        fillings = [(bytearray(b"a"), SlotPayload(SlotKind.WIPE), None) for _ in range(2)]
        pairs[tuple(one.number for one in slot_table.fill(half, fillings)[1])] += 1

    assert len(pairs) == 56
    chi = sum((pairs[p] - 20) ** 2 / 20 for p in pairs)
    assert chi < 55 + 6 * math.sqrt(2 * 55)


def test_the_size_of_nothing_tells_it(folder: Path, tmp_path: Path) -> None:
    make_vault(tmp_path / "other", PASSPHRASE).lock()

    def sizes(place: Path) -> dict[str, int]:
        return {path.name: path.stat().st_size for path in place.iterdir() if path.is_file()}

    assert sizes(folder) == sizes(tmp_path / "other")
    assert not (folder / "vault.key").read_bytes().startswith(WIPED_MARK)
