"""The check of pages in slices finds what SQLCipher's own check finds, and lets others between."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from fielddoc.crypto.database_page import PAGE_BYTES
from fielddoc.errors import CancelledError
from fielddoc.vault import page_check, records
from fielddoc.vault.check import check, faults_in_words
from fielddoc.vault.opening import open_to_check, open_vault
from fielddoc.vault.rekey import rekey
from fielddoc.vault.vault import Vault
from vault.folders import PASSPHRASE, flip, raw_connection
from vault.test_rekey import COST, NEW

T = TypeVar("T")


@pytest.fixture
def full(vault_folder: Path) -> Path:
    """A locked vault whose database has more than a hundred pages."""
    with open_vault(vault_folder, PASSPHRASE) as vault:
        for number in range(40):
            records.add(vault, "incident", {"title": f"{number}", "note": "长" * 3000})
    assert pages_of(vault_folder) > 100
    return vault_folder


def pages_of(folder: Path) -> int:
    return (folder / "records.db").stat().st_size // PAGE_BYTES


def found_in(vault: Vault) -> list[str]:
    return [
        fault for some in page_check.slices(vault) for fault in page_check.faults_among(vault, some)
    ]


def found_by_sqlcipher(folder: Path, key: bytearray) -> list[str]:
    connection = raw_connection(folder, key)
    found = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    connection.close()
    return [f"page {row[0].rsplit(' ', 1)[1]}" for row in found]


def test_it_finds_what_sqlciphers_own_check_finds_on_each_page(
    full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_check, "_AT_ONCE", 7)
    with open_vault(full, PASSPHRASE) as vault:
        key = vault.database_key()
        assert found_in(vault) == []
        vault.database.abandon()
    for number in range(1, pages_of(full) + 1):
        place = (number - 1) * PAGE_BYTES + 16 + (37 * number) % (PAGE_BYTES - 16)
        flip(full / "records.db", place)

        ours = page_check.faults_of_file(full, key, range(1, pages_of(full) + 1))

        assert ours == [f"page {number}"]
        if number > 1:  # SQLCipher reads nothing behind a first page that it cannot open
            assert found_by_sqlcipher(full, key) == ours
        flip(full / "records.db", place)


def test_a_file_that_was_cut_or_lengthened_in_the_middle_of_a_page_has_a_last_page_that_is_not_whole(
    full: Path,
) -> None:
    with open_vault(full, PASSPHRASE) as vault:
        key = vault.database_key()
        vault.database.abandon()
    last = pages_of(full)
    data = (full / "records.db").read_bytes()
    for changed, wrong in ((data[:-100], last), (data + bytes(100), last + 1)):
        (full / "records.db").write_bytes(changed)
        assert page_check.faults_of_file(full, key, range(1, last + 2))[:1] == [f"page {wrong}"]


def test_the_check_names_the_page_and_lets_others_have_their_turn_between_slices(
    full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_check, "_AT_ONCE", 10)
    flip(full / "records.db", 50 * PAGE_BYTES + 900)
    opened = open_to_check(full, PASSPHRASE)
    turns = 0

    def turn(step: Callable[[], T]) -> T:
        nonlocal turns
        turns += 1
        return step()

    report = check(opened, turn=turn)
    opened.lock()

    assert "page 51" in report.database_faults
    assert "Damaged in the database: page 51" in faults_in_words(report, "en")
    assert "数据库中有损坏：第51页" in faults_in_words(report, "zh_CN")
    assert turns > pages_of(full) // 10


def test_a_lock_between_two_slices_ends_the_check_and_keeps_what_was_saved(
    full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_check, "_AT_ONCE", 10)
    turns = 0

    def turn(step: Callable[[], T]) -> T:
        nonlocal turns
        turns += 1
        if turns == 6:
            records.add(vault, "incident", {"title": "typed meanwhile"})
        if turns == 9:
            raise CancelledError
        return step()

    with open_vault(full, PASSPHRASE) as vault:
        before = len(records.listing(vault))
        with pytest.raises(CancelledError):
            check(vault, turn=turn)
        assert len(records.listing(vault)) == before + 1
    with open_vault(full, PASSPHRASE) as vault:
        assert check(vault).is_sound
        assert len(records.listing(vault)) == before + 1


def test_pages_are_checked_under_the_new_key_as_soon_as_there_is_one(full: Path) -> None:
    with open_vault(full, PASSPHRASE) as vault:
        rekey(vault, NEW, cost=COST)
        assert found_in(vault) == []
        assert check(vault).is_sound
