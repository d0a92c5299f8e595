"""Whoever copied a vault twice puts parts of the older copy back: nothing old is ever shown."""

from pathlib import Path

import pytest

from fielddoc.crypto.keys import MasterKey
from fielddoc.errors import VaultDamagedError
from fielddoc.vault import records
from fielddoc.vault.check import check
from fielddoc.vault.database import SCHEMA
from fielddoc.vault.key_file import KeyFile, read_state, read_states
from fielddoc.vault.key_file_layout import CELL_BYTES, CELLS, CELLS_AT, HALF_BYTES
from fielddoc.vault.opening import open_vault
from fielddoc.vault.vault import Vault, change_passphrase
from vault.folders import OTHER_PASSPHRASE, PASSPHRASE, copied, flip, raw_connection

PAGE_BYTES = 4096
RECORD = "22222222-0000-4000-8000-000000000001"


def newest_cell(folder: Path, master: MasterKey) -> int:
    """Return where the newest state cell begins in the key file."""
    file = KeyFile.open(folder, schema=SCHEMA)
    state = read_state(file.half, master)
    file.close()
    assert state is not None
    start = file.half.number * HALF_BYTES + CELLS_AT
    return start + state.generation % CELLS * CELL_BYTES


def shown(vault: Vault) -> tuple[str, object]:
    """Return what the list shows of the record, and what the record itself says."""
    (row,) = [one for one in records.listing(vault) if one.id == RECORD]
    return row.title, records.get(vault, RECORD).values["title"]


@pytest.fixture
def two_copies(vault_folder: Path) -> tuple[Path, bytes, MasterKey]:
    """A vault, what its database was before the last change, and its master key."""
    with open_vault(vault_folder, PASSPHRASE) as opened:
        records.add(opened, "incident", {"title": "older"}, record=RECORD)
    older = (vault_folder / "records.db").read_bytes()
    with open_vault(vault_folder, PASSPHRASE) as opened:
        records.revise(opened, RECORD, {"title": "newer"})
        master = MasterKey(opened.master.copy())
    return vault_folder, older, master


def test_one_changed_byte_of_the_state_lets_no_older_page_pass(
    two_copies: tuple[Path, bytes, MasterKey],
) -> None:
    """Without its newest state the key file says *crashed*, and not what the pages must be."""
    vault_folder, older, master = two_copies
    newer = (vault_folder / "records.db").read_bytes()
    cell = newest_cell(vault_folder, master)
    refused, shown_right = 0, 0

    for page in range(1, min(len(older), len(newer)) // PAGE_BYTES):
        place = slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
        if older[place] == newer[place]:
            continue
        folder = copied(vault_folder, vault_folder.parent / f"replayed {page}")
        data = bytearray(newer)
        data[place] = older[place]
        (folder / "records.db").write_bytes(data)
        flip(folder / "vault.key", cell + 100)
        try:
            with open_vault(folder, PASSPHRASE) as opened:
                assert shown(opened) == ("newer", "newer"), page
                assert check(opened).is_sound
            shown_right += 1
        except VaultDamagedError:
            refused += 1

    assert refused >= 1
    assert shown_right >= 1


def test_a_changed_byte_of_the_state_alone_costs_nothing(
    two_copies: tuple[Path, bytes, MasterKey],
) -> None:
    vault_folder, _, master = two_copies
    flip(vault_folder / "vault.key", newest_cell(vault_folder, master) + 100)
    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert opened.is_unproven
        assert shown(opened) == ("newer", "newer")
    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert not opened.is_unproven
        assert check(opened).is_sound


def test_every_byte_of_the_state_cells_is_bound(
    two_copies: tuple[Path, bytes, MasterKey],
) -> None:
    """Whatever is changed, a cell says what was written or nothing."""
    vault_folder, _, master = two_copies
    file = KeyFile.open(vault_folder, schema=SCHEMA)
    half = file.half
    file.close()
    whole = read_states(half, master)
    assert len(whole) == CELLS
    for number in range(CELLS):
        left = [state for state in whole if state.generation % CELLS != number]
        for offset in range(CELL_BYTES):
            cell = bytearray(half.cells[number])
            cell[offset] ^= 0x01
            cells = [*half.cells]
            cells[number] = bytes(cell)
            changed = type(half)(
                number=half.number,
                public=half.public,
                erase_pad=half.erase_pad,
                slots=half.slots,
                cells=tuple(cells),
            )
            assert read_states(changed, master) == left, (number, offset)


def test_a_list_row_changed_behind_the_programs_back_is_found(vault_folder: Path) -> None:
    with open_vault(vault_folder, PASSPHRASE) as opened:
        records.add(opened, "incident", {"title": "as written"}, record=RECORD)
        other = records.add(opened, "person", {"names": [{"text": "徐秦"}]})
        records.add(opened, "detention", {"persons": [other]})
        assert check(opened).is_sound
        for change in (
            "UPDATE record SET title = 'another' WHERE title = 'as written'",
            "UPDATE record SET latest = '2022-01-01' WHERE title = 'as written'",
            "UPDATE record SET deleted = 1 WHERE title = 'as written'",
            "UPDATE record SET state = CAST('{}' AS BLOB) WHERE title = 'as written'",
            "DELETE FROM record WHERE title = 'as written'",
            "DELETE FROM link",
            "UPDATE link SET path = 'around/person'",
            "INSERT INTO link VALUES (zeroblob(16), 'persons', zeroblob(16))",
        ):
            opened.database.query("BEGIN")
            opened.database.query(change)
            report = check_inside(opened)
            opened.database.query("ROLLBACK")
            assert report, change
        assert check(opened).is_sound


def check_inside(vault: Vault) -> list[str]:
    """Look at rows within a transaction, which a whole check ends."""
    from fielddoc.vault import projection_check

    found = list(projection_check.faults_of_the_whole(vault))
    for some in projection_check.slices(vault):
        found += projection_check.faults_among(vault, some)
    return found


def test_a_key_file_copied_while_the_vault_was_open_is_told(vault_folder: Path) -> None:
    """It would open the vault with the passphrase of that time."""
    with open_vault(vault_folder, PASSPHRASE) as opened:
        older = (vault_folder / "vault.key").read_bytes()
        change_passphrase(opened, PASSPHRASE, OTHER_PASSPHRASE)
    folder = copied(vault_folder, vault_folder.parent / "with the older key file")
    (folder / "vault.key").write_bytes(older)

    with pytest.raises(VaultDamagedError):
        open_vault(folder, PASSPHRASE)

    with open_vault(vault_folder, OTHER_PASSPHRASE) as opened:
        assert check(opened).is_sound


def test_a_key_file_from_an_earlier_sitting_hides_nothing(vault_folder: Path) -> None:
    """It opens with the same passphrase, and all rows are compared with the log."""
    with open_vault(vault_folder, PASSPHRASE) as opened:
        records.add(opened, "incident", {"title": "older"}, record=RECORD)
        older = (vault_folder / "vault.key").read_bytes()
    with open_vault(vault_folder, PASSPHRASE) as opened:
        records.revise(opened, RECORD, {"title": "newer"})
    (vault_folder / "vault.key").write_bytes(older)
    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert opened.is_unproven
        assert shown(opened) == ("newer", "newer")


def test_a_crash_leaves_proof_of_the_pages(vault_folder: Path) -> None:
    """After a crash the pages in the file are those of the opening, and are known."""
    with open_vault(vault_folder, PASSPHRASE) as opened:
        records.add(opened, "incident", {"title": "first"}, record=RECORD)
        folder = copied(vault_folder, vault_folder.parent / "as after a crash")
    with open_vault(folder, PASSPHRASE) as opened:
        assert not opened.is_unproven
        assert shown(opened) == ("first", "first")

    with open_vault(vault_folder, PASSPHRASE) as opened:
        key = opened.master.sub_key("database")
        records.revise(opened, RECORD, {"title": "second"})
        opened.checkpoint()
        folder = copied(vault_folder, vault_folder.parent / "after a checkpoint")
    connection = raw_connection(folder, key)
    connection.execute("UPDATE record SET title = 'first'")
    connection.close()
    with open_vault(folder, PASSPHRASE) as opened:
        assert opened.is_unproven
        assert shown(opened) == ("second", "second")
