"""Passphrases: how long each kind of answer takes, changing one, and refusing a poisoned key file."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench import vaults
from bench.measure import Bench, milliseconds
from bench.table import Row, latency, percentile
from fielddoc.crypto import kdf
from fielddoc.crypto.key_slots import SlotKind, SlotPayload
from fielddoc.crypto.passphrase import passphrase_bytes
from fielddoc.errors import FielddocError
from fielddoc.vault import slot_table
from fielddoc.vault.database import SCHEMA
from fielddoc.vault.key_file import KeyFile, encode_half, new_half
from fielddoc.vault.key_file_layout import HALF_BYTES
from fielddoc.vault.layout import KEY_FILE
from fielddoc.vault.vault import Vault, change_passphrase

_TRIALS = 21
_CHANGES = 40
_RIGHT, _WIPE, _WRONG = "right lantern orchard", "wipe copper garden", "wrong velvet ninety"
_ALIKE = 0.10
_CHANGE_MS = 10
_REFUSE_MS = 10


def rows(bench: Bench) -> Iterator[Row]:
    """Measure at the least cost that a derivation may have."""
    folder = bench.folder / "passphrase"
    folder.mkdir()
    yield _answers()
    with vaults.made(folder / "vault") as vault:
        yield _changes(bench, vault)
    yield _refusals(folder)
    shutil.rmtree(folder)


def _answers() -> Row:
    """Whoever stands beside must not tell a wipe passphrase from a wrong one by the time it takes."""
    half = new_half(0, kdf.FLOOR, generation=1, vault_id=bytes(16), schema=SCHEMA)
    opening = SlotPayload(SlotKind.OPEN, master_key=bytearray(secrets.token_bytes(32)))
    fillings = [
        (passphrase_bytes(_RIGHT), opening, None),
        (passphrase_bytes(_WIPE), SlotPayload(SlotKind.WIPE), None),
    ]
    half, _ = slot_table.fill(half, fillings)
    times: dict[str, list[float]] = {_RIGHT: [], _WIPE: [], _WRONG: []}
    for _ in range(_TRIALS):
        for typed, found in times.items():
            step = partial(slot_table.opened_by, half, passphrase_bytes(typed))
            found.extend(milliseconds([step]))
    right, wipe, wrong = (percentile(found, 50) for found in times.values())
    apart = max(abs(right / wrong - 1), abs(wipe / wrong - 1))
    return Row(
        key="passphrase-alike",
        what="time to know what a passphrase opens: right, wipe passphrase, wrong",
        ours=f"p50 {right:.1f}, {wipe:.1f}, {wrong:.1f} ms",
        peer="–",
        ratio=f"{100 * apart:.1f} % apart",
        limit="one derivation",
        budget=f"at most {100 * _ALIKE:.0f} % apart",
        is_met=apart <= _ALIKE,
    )


def _changes(bench: Bench, vault: Vault) -> Row:
    """Change the passphrase back and forth; the derivations are taken off."""
    spent: list[float] = []
    derive = kdf.derive

    def timed(typed: bytearray, salt: bytes, cost: kdf.Cost) -> bytearray:
        found: list[bytearray] = []
        spent.extend(milliseconds([lambda: found.append(derive(typed, salt, cost))]))
        return found[0]

    vars(slot_table)["derive"] = timed
    try:
        passphrases = ["seven lanterns by a slow river 灯", _RIGHT]
        times: list[float] = []
        for number in range(_CHANGES):
            spent.clear()
            old, new = passphrases[number % 2], passphrases[1 - number % 2]
            times += [
                ms - sum(spent)
                for ms in milliseconds([partial(change_passphrase, vault, old, new)])
            ]
    finally:
        vars(slot_table)["derive"] = derive
    return latency(
        "passphrase-change",
        "change the passphrase, durable, besides the key derivations",
        times_ms=times,
        peer="write and sync 64 KiB",
        peer_times_ms=list(bench.limits.sync_ms),
        limit="two slots and a state cell, each synced",
        at_most_ms=_CHANGE_MS,
    )


def _refusals(folder: Path) -> Row:
    """Open key files that ask for a terabyte, or for nothing; both are refused unread."""
    times: list[float] = []
    for number, cost in enumerate(
        (kdf.Cost(2**30, 3, 1), kdf.Cost(1, 3, 1), kdf.Cost(2**18, 2**31, 1)) * 5
    ):
        half = new_half(0, kdf.FLOOR, generation=1, vault_id=bytes(16), schema=SCHEMA)
        poisoned = replace(half, public=replace(half.public, cost=cost))
        place = folder / str(number)
        place.mkdir()
        (place / KEY_FILE).write_bytes(encode_half(poisoned) + bytes(HALF_BYTES))
        times += milliseconds([partial(_open, place)])
    return Row(
        key="passphrase-refused",
        what="refuse a key file whose cost is beyond all bounds",
        ours=f"p50 {percentile(times, 50):.2f} ms, worst {max(times):.2f} ms",
        peer="–",
        ratio="–",
        limit="reading 344 KiB",
        budget=f"worst ≤ {_REFUSE_MS} ms",
        is_met=max(times) <= _REFUSE_MS,
    )


def _open(folder: Path) -> None:
    with suppress(FielddocError):
        KeyFile.open(folder, schema=SCHEMA).close()
        raise AssertionError("the key file was taken")
