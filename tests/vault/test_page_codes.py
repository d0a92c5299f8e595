"""What is known of the pages while a vault is open is what the file holds once it is closed."""

import random
from pathlib import Path

import pytest

from fielddoc.crypto.kdf import FLOOR
from fielddoc.crypto.keys import MasterKey
from fielddoc.errors import VaultDamagedError
from fielddoc.vault import records
from fielddoc.vault.check import check
from fielddoc.vault.database import SCHEMA
from fielddoc.vault.key_file import KeyFile, VaultState, read_state
from fielddoc.vault.layout import WAL
from fielddoc.vault.opening import open_vault
from fielddoc.vault.page_codes import PageCodes
from fielddoc.vault.rekey import rekey
from fielddoc.vault.vault import Vault
from vault.folders import PASSPHRASE, copied

PAGE_BYTES = 4096


def closed_state(folder: Path, master: MasterKey) -> VaultState:
    file = KeyFile.open(folder, schema=SCHEMA)
    state = read_state(file.half, master)
    file.close()
    assert state is not None
    return state


def assert_known(folder: Path, master: MasterKey) -> None:
    """The state of a closed vault says what the pages in the file are."""
    state = closed_state(folder, master)
    assert state.clean
    assert state.pages == PageCodes.read(folder).digest()


def begin_and_give_up(vault: Vault, value: bytes) -> None:
    with vault.database.transaction():
        vault.set_meta("never", value)
        raise ZeroDivisionError


def work(vault: Vault, chance: random.Random) -> None:
    """Let the database grow, shrink, be copied into, and take back what it began."""
    made = records.add(vault, "incident", {"title": "begins"})
    for _ in range(40):
        match chance.randrange(8):
            case 0:
                vault.checkpoint()
            case 1:
                vault.seal_state()
            case 2:
                vault.set_meta(f"large {chance.randrange(4)}", chance.randbytes(200_000))
            case 3:
                vault.database.query("DELETE FROM meta WHERE name LIKE 'large %'")
            case 4:
                vault.database.query("VACUUM")
            case 5:
                with pytest.raises(ZeroDivisionError):
                    begin_and_give_up(vault, chance.randbytes(300_000))
            case 6:
                made = records.add(vault, "incident", {"title": "x" * chance.randrange(5000)})
            case _:
                records.revise(vault, made, {"title": f"again {chance.random()}"})


@pytest.mark.parametrize("seed", range(6))
def test_after_any_work_the_pages_that_are_known_are_those_in_the_file(
    vault_folder: Path, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(2):
        with open_vault(vault_folder, PASSPHRASE) as opened:
            master = MasterKey(opened.master.copy())
            work(opened, chance)
            assert opened.database.codes is not None
        assert_known(vault_folder, master)


def test_after_a_crash_with_a_log_left_they_are_too(vault_folder: Path) -> None:
    crashed = vault_folder.with_name("crashed")
    with open_vault(vault_folder, PASSPHRASE) as opened:
        master = MasterKey(opened.master.copy())
        work(opened, random.Random(7))
        opened.checkpoint()
        records.add(opened, "incident", {"title": "x" * 50_000})
        copied(vault_folder, crashed)
    assert (crashed / WAL).stat().st_size

    with open_vault(crashed, PASSPHRASE) as opened:
        records.add(opened, "incident", {"title": "after"})

    assert_known(crashed, master)


def test_after_new_keys_they_are_too(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        rekey(opened, PASSPHRASE, cost=FLOOR)
        master = MasterKey(opened.master.copy())
    assert_known(vault_folder, master)


def test_a_page_exchanged_while_the_vault_was_open_is_told_at_the_next_opening(
    vault_folder: Path,
) -> None:
    """Closing vouches for what was read on opening and for what it wrote, and for nothing else."""
    with open_vault(vault_folder, PASSPHRASE) as opened:
        record = records.add(opened, "incident", {"title": "older"})
    database = vault_folder / "records.db"
    older = database.read_bytes()
    with open_vault(vault_folder, PASSPHRASE) as opened:
        records.revise(opened, record, {"title": "newer"})
    newer = database.read_bytes()
    changed = [
        page
        for page in range(1, len(older) // PAGE_BYTES)
        if older[page * PAGE_BYTES :][:PAGE_BYTES] != newer[page * PAGE_BYTES :][:PAGE_BYTES]
    ]
    told = 0
    for page in changed:
        folder = copied(vault_folder, vault_folder.with_name(f"exchanged {page}"))
        with open_vault(folder, PASSPHRASE), (folder / "records.db").open("r+b") as file:
            file.seek(page * PAGE_BYTES)
            file.write(older[page * PAGE_BYTES :][:PAGE_BYTES])
        try:
            with open_vault(folder, PASSPHRASE) as opened:
                assert check(opened).is_sound  # closing had written this page itself
                assert records.get(opened, record).values["title"] == "newer"
        except VaultDamagedError:
            told += 1
    assert told >= 2
