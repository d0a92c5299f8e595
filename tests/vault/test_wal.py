"""The write-ahead log beside the database: one's own is replayed, any other never."""

import os
import shutil
import signal
import struct
from pathlib import Path

from fielddoc.errors import ForeignWalError, NoPermissionError, VaultDamagedError
from fielddoc.vault import purge, records
from fielddoc.vault.check import check
from fielddoc.vault.opening import open_vault
from fielddoc.vault.vault import JOURNAL_MOVED_ASIDE, LOG_MISSING, MOVED_ASIDE, Vault
from vault.folders import (
    OTHER_PASSPHRASE,
    PASSPHRASE,
    abandon,
    assert_refused,
    copied,
    digest,
    names,
    unchangeable,
)
from vault.processes import run, start

SAVE_FOR_EVER = """
opened = open_vault(folder, passphrase)
number = 0
while True:
    number += 1
    say(records.add(opened, "incident", {"title": f"saved {number}", "note": "x" * 2000}))
"""

SAVE_AND_DIE = """
opened = open_vault(folder, passphrase)
for number in range(int(sys.argv[3])):
    records.add(opened, "incident", {"title": f"saved {number}", "note": "x" * 2000})
kill()
"""


def titles(vault: Vault) -> set[str]:
    return {row.title for row in records.listing(vault)}


def crashed(folder: Path, passphrase: str, saves: int) -> Path:
    run(SAVE_AND_DIE, folder, passphrase, str(saves))
    assert (folder / "records.db-wal").stat().st_size > 0
    return folder


def test_every_acknowledged_save_survives_a_kill(vault_folder: Path) -> None:
    for round_ in range(3):
        worker = start(SAVE_FOR_EVER, vault_folder, PASSPHRASE)
        assert worker.stdout
        acknowledged = [worker.stdout.readline().strip() for _ in range(20 + round_)]
        worker.send_signal(signal.SIGKILL)
        acknowledged += worker.communicate()[0].split("\n")[:-1]

        with open_vault(vault_folder, PASSPHRASE) as opened:
            for record in acknowledged:
                assert records.get(opened, record).values["note"] == "x" * 2000
            assert check(opened).is_sound
            assert not opened.notices


def test_locking_leaves_no_log_and_everything_in_the_database(vault_folder: Path) -> None:
    crashed(vault_folder, PASSPHRASE, 5)

    open_vault(vault_folder, PASSPHRASE).lock()

    assert "records.db-wal" not in names(vault_folder)
    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert titles(opened) >= {f"saved {number}" for number in range(5)}


def test_a_foreign_log_beside_a_locked_vault_is_moved_aside(
    vault_folder: Path, other_folder: Path
) -> None:
    foreign = crashed(other_folder, OTHER_PASSPHRASE, 30) / "records.db-wal"
    shutil.copy(foreign, vault_folder / "records.db-wal")

    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert opened.notices == [MOVED_ASIDE]
        assert titles(opened) == {"徐秦", "Invited to tea"}
        assert check(opened).is_sound

    aside = vault_folder / "records.db-wal.aside-1"
    assert aside.read_bytes() == foreign.read_bytes()
    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert not opened.notices
        assert check(opened).is_sound


def test_a_second_foreign_log_does_not_overwrite_the_first(vault_folder: Path) -> None:
    for content in (b"first" * 1000, b"second" * 1000):
        (vault_folder / "records.db-wal").write_bytes(content)
        open_vault(vault_folder, PASSPHRASE).lock()

    assert (vault_folder / "records.db-wal.aside-1").read_bytes() == b"first" * 1000
    assert (vault_folder / "records.db-wal.aside-2").read_bytes() == b"second" * 1000


def test_an_own_older_log_beside_a_locked_vault_is_not_replayed(vault_folder: Path) -> None:
    crashed(vault_folder, PASSPHRASE, 5)
    older = (vault_folder / "records.db-wal").read_bytes()
    with open_vault(vault_folder, PASSPHRASE) as opened:
        for number in range(50):
            records.add(opened, "incident", {"title": f"later {number}"})
    (vault_folder / "records.db-wal").write_bytes(older)

    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert opened.notices == [MOVED_ASIDE]
        assert titles(opened) >= {f"later {number}" for number in range(50)}
        assert check(opened).is_sound


def test_a_foreign_log_beside_a_crashed_vault_is_told_and_nothing_changed(
    vault_folder: Path, other_folder: Path
) -> None:
    crashed(vault_folder, PASSPHRASE, 5)
    own = (vault_folder / "records.db-wal").read_bytes()
    crashed(other_folder, OTHER_PASSPHRASE, 30)
    shutil.copy(other_folder / "records.db-wal", vault_folder / "records.db-wal")

    assert_refused(vault_folder, ForeignWalError)

    # With the right one back in its place nothing is lost.
    again = copied(vault_folder, vault_folder.parent / "again")
    (again / "records.db-wal").write_bytes(own)
    with open_vault(again, PASSPHRASE) as opened:
        assert titles(opened) >= {f"saved {number}" for number in range(5)}


def test_a_refused_log_stays_unread_until_the_process_has_ended(
    vault_folder: Path, other_folder: Path
) -> None:
    """Even the end of the interpreter must not copy it into the database."""
    crashed(vault_folder, PASSPHRASE, 5)
    crashed(other_folder, OTHER_PASSPHRASE, 30)
    shutil.copy(other_folder / "records.db-wal", vault_folder / "records.db-wal")
    before = digest(vault_folder)
    code = "try: open_vault(folder, passphrase)\nexcept ForeignWalError: say('told')"

    result = run(code, vault_folder, PASSPHRASE)

    assert (result.stdout, result.stderr, result.returncode) == ("told\n", "", 0)
    assert digest(vault_folder) == before


def test_an_own_log_from_before_the_last_locking_is_told(vault_folder: Path) -> None:
    """Its frames would take the database back; the sealed log head shows it."""
    crashed(vault_folder, PASSPHRASE, 5)
    older = (vault_folder / "records.db-wal").read_bytes()
    with open_vault(vault_folder, PASSPHRASE) as opened:
        for number in range(10):
            records.add(opened, "incident", {"title": f"later {number}"})
    crashed(vault_folder, PASSPHRASE, 1)
    (vault_folder / "records.db-wal").write_bytes(older)

    assert_refused(vault_folder, ForeignWalError)


def test_an_own_log_from_before_a_checkpoint_is_told(vault_folder: Path) -> None:
    """Purging empties the log: an older one put back would bring back what was purged."""
    opened = open_vault(vault_folder, PASSPHRASE)
    for number in range(10):
        records.add(opened, "incident", {"title": f"early {number}"})
    record = records.add(opened, "incident", {"title": "to be purged"})
    older = (vault_folder / "records.db-wal").read_bytes()
    purge.purge(opened, record)
    records.add(opened, "incident", {"title": "after"})
    abandon(opened)
    folder = copied(vault_folder, vault_folder.parent / "seized")
    (folder / "records.db-wal").write_bytes(older)

    assert_refused(folder, ForeignWalError)


def test_a_missing_log_of_a_crashed_vault_opens_what_the_database_has(vault_folder: Path) -> None:
    """Nothing says how much it held; what the sealed head names is there."""
    crashed(vault_folder, PASSPHRASE, 5)
    (vault_folder / "records.db-wal").unlink()

    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert titles(opened) == {"徐秦", "Invited to tea"}
        assert check(opened).is_sound


def test_a_cut_log_gives_a_whole_number_of_saves(vault_folder: Path) -> None:
    crashed(vault_folder, PASSPHRASE, 8)
    size = (vault_folder / "records.db-wal").stat().st_size

    for part in range(1, 8):
        folder = copied(vault_folder, vault_folder.parent / f"cut {part}")
        os.truncate(folder / "records.db-wal", size * part // 8 + part)
        with open_vault(folder, PASSPHRASE) as opened:
            found = {title for title in titles(opened) if title.startswith("saved")}
            assert found == {f"saved {number}" for number in range(len(found))}
            assert check(opened).is_sound


def test_a_log_aside_comes_back_when_the_database_is_refused(vault_folder: Path) -> None:
    """An older key file says *closed*; the log is nevertheless the one of this database."""
    older = (vault_folder / "vault.key").read_bytes()
    crashed(vault_folder, PASSPHRASE, 3)
    with open_vault(vault_folder, PASSPHRASE):
        pass
    crashed(vault_folder, PASSPHRASE, 5)
    (vault_folder / "vault.key").write_bytes(older)

    assert_refused(vault_folder, VaultDamagedError)


def test_a_planted_rollback_journal_is_never_played_back(vault_folder: Path) -> None:
    """Whoever copied the disk twice could put older pages back by SQLite's own hand."""
    with open_vault(vault_folder, PASSPHRASE) as opened:
        record = records.add(opened, "incident", {"title": "first"})
    database = vault_folder / "records.db"
    old = database.read_bytes()
    with open_vault(vault_folder, PASSPHRASE) as opened:
        records.revise(opened, record, {"title": "second"})
    journal = vault_folder / "records.db-journal"
    planted = rollback_journal(old, database.read_bytes())
    journal.write_bytes(planted)

    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert JOURNAL_MOVED_ASIDE in opened.notices
        assert records.get(opened, record).values["title"] == "second"
        assert check(opened).is_sound

    assert not journal.exists()
    assert (vault_folder / "records.db-journal.aside-1").read_bytes() == planted


def test_a_journal_aside_comes_back_when_the_log_cannot_be_moved(vault_folder: Path) -> None:
    wal = vault_folder / "records.db-wal"
    wal.write_bytes(b"foreign" * 1000)
    (vault_folder / "records.db-journal").write_bytes(b"planted")
    with unchangeable(wal):
        assert_refused(vault_folder, NoPermissionError)


def test_a_log_that_is_gone_after_a_crash_is_told(vault_folder: Path) -> None:
    crashed(vault_folder, PASSPHRASE, 3)
    (vault_folder / "records.db-wal").unlink()
    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert opened.notices == [LOG_MISSING]
        assert check(opened).is_sound
    with open_vault(vault_folder, PASSPHRASE) as opened:
        assert not opened.notices


def rollback_journal(old: bytes, new: bytes) -> bytes:
    """Return a journal that would turn a database back, as SQLite's file format describes it."""
    page_bytes, sector_bytes, nonce = 4096, 512, 7
    changed = [
        number
        for number in range(len(old) // page_bytes)
        if old[number * page_bytes :][:page_bytes] != new[number * page_bytes :][:page_bytes]
    ]
    header = bytes.fromhex("d9d505f920a163d7") + struct.pack(
        ">IIIII", len(changed), nonce, len(old) // page_bytes, sector_bytes, page_bytes
    )
    pages = b""
    for number in changed:
        page = old[number * page_bytes :][:page_bytes]
        checksum = nonce + sum(page[place] for place in range(page_bytes - 200, 0, -200))
        pages += struct.pack(">I", number + 1) + page + struct.pack(">I", checksum & 0xFFFFFFFF)
    return header.ljust(sector_bytes, b"\0") + pages
