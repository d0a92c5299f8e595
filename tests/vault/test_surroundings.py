"""What happens around a vault: wrong clocks, other processes, media that refuse or go away."""

import itertools
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fielddoc.errors import (
    MediumLostError,
    NoPermissionError,
    VaultInUseError,
    VaultNotFoundError,
    VaultWipedError,
)
from fielddoc.vault import attaching, attachments, contacts, drafts, history, records, wipe
from fielddoc.vault.check import check
from fielddoc.vault.open_files import OpenFiles
from fielddoc.vault.opening import open_vault
from vault.folders import OTHER_PASSPHRASE, PASSPHRASE, assert_tells, digest
from vault.processes import run, start

FIFTY_YEARS_NS = 50 * 365 * 24 * 3600 * 10**9
NOW_NS = 1_790_000_000 * 10**9


@pytest.mark.parametrize("jumps", [*itertools.permutations((-1, 0, 1))])
def test_whatever_the_clock_does_what_was_written_last_holds(
    vault_folder: Path, monkeypatch: pytest.MonkeyPatch, jumps: tuple[int, ...]
) -> None:
    """The clock jumps by fifty years, forward and back, between two openings and within one."""
    titles: list[str] = []
    record = ""
    for number, jump in enumerate(jumps):
        monkeypatch.setattr(time, "time_ns", lambda jump=jump: NOW_NS + jump * FIFTY_YEARS_NS)
        monkeypatch.setattr(time, "time", lambda jump=jump: (NOW_NS + jump * FIFTY_YEARS_NS) / 1e9)
        with open_vault(vault_folder, PASSPHRASE) as vault:
            for step in range(2):
                titles.append(f"{number} {step}")
                if len(titles) == 1:
                    record = records.add(vault, "incident", {"title": titles[-1]})
                else:
                    record = records.listing(vault, type_name="incident")[0].id
                    records.revise(vault, record, {"title": titles[-1]})
                shown = records.get(vault, record)
                assert shown.values["title"] == titles[-1]
                assert not shown.conflicts
                listed = records.listing(vault, type_name="incident")
                assert listed[0].title == titles[-1]
            drafts.save(vault, record, "incident", {"title": "typed"})
            attaching.attach_bytes(vault, record, f"{number}.jpg", "image/jpeg", [b"%d" % number])
            contacts.add(vault, name=f"c{number}", code=str(number) * 40, card=b"card")
            assert check(vault).is_sound
    with open_vault(vault_folder, PASSPHRASE) as vault:
        (found,) = [r for r in records.listing(vault, type_name="incident") if r.has_draft]
        revisions = records.revisions_of(vault, found.id)
        assert [r.changes["title"] for r in revisions] == titles
        clocks = [(r.clock.ms, r.clock.counter) for r in revisions]
        assert clocks == sorted(clocks)
        assert len(history.history(vault, found.id)) == len(titles)


FIRST_S = 0
LAST_OF_FAT_S = int(datetime(2107, 12, 31, 23, 59, 58, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("seconds", [FIRST_S, LAST_OF_FAT_S], ids=["1970", "2107"])
def test_whatever_times_the_files_bear_the_vault_opens_and_is_sound(
    vault_folder: Path, seconds: int
) -> None:
    """A copy, a stick or a dead battery may give files any time; nothing is read out of it."""
    with open_vault(vault_folder, PASSPHRASE) as vault:
        before = [(row.id, row.title) for row in records.listing(vault)]
        revisions = {each: records.revisions_of(vault, each) for each, _ in before}
    for path in [*vault_folder.rglob("*"), vault_folder]:
        os.utime(path, (seconds, seconds))

    with open_vault(vault_folder, PASSPHRASE) as vault:
        assert [(row.id, row.title) for row in records.listing(vault)] == before
        assert {each: records.revisions_of(vault, each) for each, _ in before} == revisions
        for content in attachments.contents(vault):
            assert b"".join(attachments.read(vault, content))
        record = records.add(vault, "incident", {"title": "written afterwards"})
        assert records.listing(vault)[0].title == "written afterwards"
        assert check(vault).is_sound
    with open_vault(vault_folder, PASSPHRASE) as vault:
        assert records.get(vault, record).values["title"] == "written afterwards"


# 2026-10-25 in Berlin: at 01:00 UTC the clocks go from 03:00 back to 02:00. The system's clock,
# which knows no zones, goes on; whatever is shown or compared as local time comes twice.
TWICE = """
import time
now = [1_792_886_400_000_000_000]  # 02:00 in summer time, for the first time
time.time_ns = lambda: now[0]
time.time = lambda: now[0] / 1e9
from datetime import datetime
with open_vault(folder, passphrase) as opened:
    record = records.add(opened, "incident", {"title": "0"})
for step in range(1, 9):
    now[0] += 15 * 60 * 10**9
    with open_vault(folder, passphrase) as opened:
        records.revise(opened, record, {"title": str(step)})
        assert not records.get(opened, record).conflicts
        say(datetime.now().strftime("%H:%M"), time.strftime("%Z", time.localtime(now[0] / 1e9)))
"""


def test_in_the_hour_that_comes_twice_the_order_of_revisions_holds(
    vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")

    result = run(TWICE, vault_folder, PASSPHRASE)

    assert result.returncode == 0, result.stderr
    zones = [line.split()[-1] for line in result.stdout.splitlines()]
    assert zones == ["CEST"] * 3 + ["CET"] * 5, "the hour did not come twice"
    with open_vault(vault_folder, PASSPHRASE) as vault:
        found = records.listing(vault, type_name="incident")[0]
        revisions = records.revisions_of(vault, found.id)
        assert [r.changes["title"] for r in revisions] == [str(step) for step in range(9)]
        clocks = [(r.clock.ms, r.clock.counter) for r in revisions]
        assert clocks == sorted(clocks)
        assert found.title == "8"
        assert check(vault).is_sound


def test_a_second_process_is_refused_and_the_first_goes_on(vault_folder: Path) -> None:
    first = start(
        "opened = open_vault(folder, passphrase); say('open'); sys.stdin.readline()\n"
        "records.add(opened, 'incident', {'title': 'by the first'}); say('saved')\n"
        "sys.stdin.readline(); opened.lock(); say('locked')",
        vault_folder,
        PASSPHRASE,
    )
    assert first.stdin is not None
    assert first.stdout is not None
    assert first.stdout.readline() == "open\n"
    for passphrase in (PASSPHRASE, OTHER_PASSPHRASE):
        with pytest.raises(VaultInUseError) as caught:
            open_vault(vault_folder, passphrase)
        assert_tells(caught.value)
    first.stdin.write("\n")
    first.stdin.flush()
    assert first.stdout.readline() == "saved\n"
    with pytest.raises(VaultInUseError):
        open_vault(vault_folder, PASSPHRASE)
    out, _ = first.communicate("\n", timeout=60)

    assert out == "locked\n"
    with open_vault(vault_folder, PASSPHRASE) as vault:
        assert records.listing(vault)[0].title == "by the first"
        assert check(vault).is_sound


def test_two_processes_that_open_at_once_do_not_both_get_in(vault_folder: Path) -> None:
    code = (
        "sys.stdin.readline()\n"
        "try: opened = open_vault(folder, passphrase)\n"
        "except VaultInUseError: say('refused')\n"
        "else: say('open'); sys.stdin.readline(); opened.lock()"
    )
    both = [start(code, vault_folder, PASSPHRASE) for _ in range(2)]
    for each in both:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    said = [each.stdout.readline() for each in both if each.stdout]
    for each in both:
        each.communicate("\n", timeout=60)

    assert sorted(said) == ["open\n", "refused\n"]


def test_on_a_read_only_medium_a_vault_does_not_open_and_says_why(
    read_only: Path,
) -> None:
    before = digest(read_only)

    with pytest.raises(NoPermissionError) as caught:
        open_vault(read_only, PASSPHRASE)

    assert_tells(caught.value)
    assert digest(read_only) == before


WORK_WHILE_IT_IS_AWAY = """
import shutil, uuid
from fielddoc.vault import attachments, settings
from fielddoc.vault.vault import change_passphrase
away, other = Path(sys.argv[3]), sys.argv[4:5]
opened = open_vault(folder, passphrase)
records.add(opened, "incident", {"title": "before"})
content = attachments.contents(opened)[0]
folder.rename(away)
if other:
    shutil.copytree(away, folder)
for work in (
    lambda: records.add(opened, "incident", {"title": "while it was away"}),
    lambda: drafts.save(opened, str(uuid.uuid4()), "incident", {"title": "typed meanwhile"}),
    lambda: settings.put(opened, "language", "zh_CN"),
    lambda: opened.set_meta("clock", b"1"),
    lambda: attachments.store(opened, [b"new"]),
    lambda: change_passphrase(opened, passphrase, "another passphrase of six words"),
    opened.seal_state,
    opened.lock,
):
    try:
        work()
        say("taken")
    except FielddocError as error:
        say(error.code)
"""


def test_a_folder_that_vanishes_takes_nothing_and_loses_nothing_that_came_back_with_it(
    vault_folder: Path,
) -> None:
    """A stick that is pulled out while the vault is open, and put in again after the lock."""
    away = vault_folder.with_name("pulled out")

    told = run(WORK_WHILE_IT_IS_AWAY, vault_folder, PASSPHRASE, str(away))

    assert told.stdout.split() == ["file.medium-lost"] * 8, told.stderr
    with pytest.raises(VaultNotFoundError):
        open_vault(vault_folder, PASSPHRASE)
    away.rename(vault_folder)
    with open_vault(vault_folder, PASSPHRASE) as again:
        assert not again.notices
        titles = [row.title for row in records.listing(again, type_name="incident")]
        assert sorted(titles) == ["Invited to tea", "before"]
        assert drafts.listing(again) == []
        report = check(again)
        assert report.is_sound
        assert not report.unknown_files


def test_another_vault_in_the_place_of_the_one_that_is_open_is_left_alone(
    vault_folder: Path,
) -> None:
    """Closing would remove the log of its name, which is the one of the copy by then."""
    away = vault_folder.with_name("moved")

    told = run(WORK_WHILE_IT_IS_AWAY, vault_folder, PASSPHRASE, str(away), "copy it back")

    assert set(told.stdout.split()) == {"file.medium-lost"}, told.stderr
    for folder in (away, vault_folder):
        assert (folder / "records.db-wal").stat().st_size > 0
        with open_vault(folder, PASSPHRASE) as again:
            titles = [row.title for row in records.listing(again, type_name="incident")]
            assert sorted(titles) == ["Invited to tea", "before"]
            assert check(again).is_sound


@pytest.mark.parametrize("name", ["vault.key", "records.db"])
def test_a_file_of_the_vault_that_is_gone_refuses_every_write_until_it_is_back(
    vault_folder: Path, name: str
) -> None:
    file, aside = vault_folder / name, vault_folder / "aside"
    with open_vault(vault_folder, PASSPHRASE) as vault:
        file.rename(aside)
        for put_there in (lambda: None, lambda: shutil.copy(aside, file)):
            put_there()
            assert not vault.open_files.are_there()
            with pytest.raises(MediumLostError) as caught:
                records.add(vault, "incident", {"title": "meanwhile"})
            assert_tells(caught.value)
        aside.replace(file)
        assert vault.open_files.are_there()
        records.add(vault, "incident", {"title": "afterwards"})

    with open_vault(vault_folder, PASSPHRASE) as vault:
        titles = {row.title for row in records.listing(vault)}
        assert titles == {"徐秦", "Invited to tea", "afterwards"}


def test_a_folder_that_goes_in_the_middle_of_a_transaction_keeps_nothing_of_it(
    vault_folder: Path,
) -> None:
    away = vault_folder.with_name("pulled out")
    with open_vault(vault_folder, PASSPHRASE) as vault:

        def write_while_it_goes() -> None:
            with vault.database.transaction():
                records.add(vault, "incident", {"title": "meanwhile"})
                vault_folder.rename(away)

        with pytest.raises(MediumLostError):
            write_while_it_goes()
        away.rename(vault_folder)
        assert {row.title for row in records.listing(vault)} == {"徐秦", "Invited to tea"}


def test_a_vault_that_was_wiped_from_elsewhere_says_so_to_who_writes(vault_folder: Path) -> None:
    vault = open_vault(vault_folder, PASSPHRASE)
    wipe.wipe(vault_folder)

    for work in (lambda: records.add(vault, "incident", {"title": "late"}), vault.lock):
        with pytest.raises(VaultWipedError):
            work()


def test_where_the_system_cannot_say_which_file_is_open_nothing_is_refused(
    vault_folder: Path,
) -> None:
    """Some file systems have other numbers for a file that is open than for its name."""
    other = os.open(vault_folder / "records.db", os.O_RDONLY)
    try:
        files = OpenFiles(vault_folder, other)
    finally:
        os.close(other)
    (vault_folder / "vault.key").rename(vault_folder / "aside")

    assert files.are_there()
