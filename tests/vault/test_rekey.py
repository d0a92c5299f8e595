"""New keys: whatever opened the vault before opens nothing, whenever the process ends."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from fielddoc.crypto.kdf import Cost
from fielddoc.crypto.key_slots import SlotKind
from fielddoc.crypto.shares import Share, Sharing
from fielddoc.domain.canonical import Json
from fielddoc.errors import (
    CancelledError,
    DiskFullError,
    FielddocError,
    KeysUnfinishedError,
    MediumLostError,
    PassphraseRefusedError,
    PassphrasesTooAlikeError,
    VaultDamagedError,
    VaultSpaceShortError,
    VaultWipedError,
    WrongPassphraseError,
)
from fielddoc.vault import attachments, files, key_file, records, recovery
from fielddoc.vault import rekey as rekeying
from fielddoc.vault import vault as vaults
from fielddoc.vault.check import check
from fielddoc.vault.database import Database
from fielddoc.vault.key_file import KeyFile, _parse_half
from fielddoc.vault.key_file_layout import HALF_BYTES
from fielddoc.vault.opening import make_vault, open_vault, recover_vault
from fielddoc.vault.rekey import finish, rekey
from fielddoc.vault.salvage import salvage
from fielddoc.vault.vault import Vault, change_passphrase, check_passphrase
from vault.folders import PASSPHRASE, assert_tells, copied, digest, flip, raw_connection
from vault.processes import command, strace

NEW = "seven other words for a new beginning"
WIPE = "nobody will find anything here"
COST = Cost(64, 1, 1)
OTHER_COST = Cost(128, 2, 1)
SOURCE = "22222222-2222-4222-8222-222222222222"
IDENTITY: dict[str, Json] = {"name": "Fictional Name", "contact": "by letter"}


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault with something of everything that hangs on a key."""
    folder = tmp_path_factory.mktemp("held") / "vault"
    with make_vault(folder, PASSPHRASE, wipe_passphrase=WIPE) as vault:
        records.add(
            vault,
            "source",
            {"kind": "person", "code_name": "Heron", "identity": dict(IDENTITY)},
            record=SOURCE,
        )
        records.add(vault, "incident", {"title": "Invited to tea", "note": "n" * 9000})
        attachments.store(vault, [b"a photograph" * 50])
    return folder


@pytest.fixture
def folder(held: Path, tmp_path: Path) -> Path:
    return copied(held, tmp_path / "vault")


def opening(folder: Path) -> set[str]:
    """Return which passphrases open a vault; a copy is tried, so that nothing is finished."""
    found = set()
    for passphrase in (PASSPHRASE, NEW):
        tried = copied(folder, folder.with_name("tried"))
        try:
            open_vault(tried, passphrase).lock()
            found.add(passphrase)
        except WrongPassphraseError:
            pass
        shutil.rmtree(tried)
    return found


def assert_whole(vault: Vault) -> None:
    """Make sure that nothing was lost and everything hangs on the keys of now."""
    assert records.get(vault, SOURCE).values["identity"] == IDENTITY
    assert len(records.listing(vault)) == 2
    report = check(vault)
    assert report.is_sound, report
    assert report.attachments == 1


def assert_finished(folder: Path, passphrase: str) -> None:
    """Make sure that no old key is left anywhere in a locked vault."""
    file = KeyFile.open_to_read(folder, schema=1)
    file.close()
    data = (folder / "vault.key").read_bytes()
    other = 1 - file.half.number
    assert _parse_half(other, data[other * HALF_BYTES : (other + 1) * HALF_BYTES]) is None
    with open_vault(folder, passphrase) as vault:
        assert vault.previous_master is None
        assert not vault.is_database_behind
        assert vault.meta("new keys") is None
        assert_whole(vault)
    assert not (folder / "records.db-wal").exists()


# --- what it is for -------------------------------------------------------------------------------


def test_after_new_keys_only_what_was_newly_set_opens_the_vault(folder: Path) -> None:
    with open_vault(folder, PASSPHRASE) as vault:
        old = vault.master.copy()
        key = vault.master.sub_key("database")
        rekey(vault, NEW, cost=OTHER_COST)
        assert vault.master.copy() != old
        assert_whole(vault)
        records.add(vault, "incident", {"title": "after"})

    for passphrase in (PASSPHRASE, WIPE):
        with pytest.raises(WrongPassphraseError):
            open_vault(folder, passphrase)
    with open_vault(folder, NEW) as vault:
        assert len(records.listing(vault)) == 3
        assert check(vault).is_sound
    with pytest.raises(Exception, match="not a database"):
        raw_connection(folder, key).execute("SELECT 1 FROM record").fetchall()


def test_new_parameters_keep_the_passphrase_and_change_the_cost(folder: Path) -> None:
    before = (folder / "vault.key").read_bytes()
    with open_vault(folder, PASSPHRASE) as vault:
        rekey(vault, PASSPHRASE, cost=OTHER_COST)

    file = KeyFile.open_to_read(folder, schema=1)
    file.close()
    assert (file.half.public.cost, file.half.public.generation) == (OTHER_COST, 2)
    assert file.half.number == 1
    assert file.half.public.vault_id == before[80:96]
    assert file.half.erase_pad not in before
    assert_finished(folder, PASSPHRASE)


def test_no_byte_of_the_old_half_is_left(folder: Path) -> None:
    before = (folder / "vault.key").read_bytes()[:HALF_BYTES]
    with open_vault(folder, PASSPHRASE) as vault:
        rekey(vault, NEW, cost=COST)

    after = (folder / "vault.key").read_bytes()[:HALF_BYTES]
    assert sum(a == b for a, b in zip(before, after, strict=True)) < HALF_BYTES / 256 * 1.3


def test_keys_can_be_made_anew_again_and_again(folder: Path) -> None:
    passphrase = PASSPHRASE
    for number in range(1, 6):
        with open_vault(folder, passphrase) as vault:
            passphrase = f"a new passphrase of number {number}"
            rekey(vault, passphrase, cost=COST, sharing=Sharing(2, 3))
            assert vault.key_file.half.public.generation == number + 1
            assert vault.key_file.half.number == number % 2
    assert_finished(folder, passphrase)


def test_an_earlier_copy_still_opens_with_what_opened_it_then(folder: Path, tmp_path: Path) -> None:
    earlier = copied(folder, tmp_path / "earlier")
    with open_vault(folder, PASSPHRASE) as vault:
        rekey(vault, NEW, cost=COST)

    with open_vault(earlier, PASSPHRASE) as vault:
        assert_whole(vault)


def test_the_new_wipe_passphrase_wipes_and_is_never_overwritten_by_a_change(folder: Path) -> None:
    with open_vault(folder, PASSPHRASE) as vault:
        rekey(vault, NEW, cost=COST, wipe_passphrase="all of this is to go away")
    for number in range(12):
        with open_vault(folder, NEW if number % 2 == 0 else PASSPHRASE) as vault:
            change_passphrase(vault, *((NEW, PASSPHRASE) if number % 2 == 0 else (PASSPHRASE, NEW)))

    with pytest.raises(VaultWipedError):
        open_vault(folder, "all of this is to go away")
    assert not folder.exists()


def test_the_passphrase_that_asks_is_checked_apart(folder: Path) -> None:
    with open_vault(folder, PASSPHRASE) as vault:
        check_passphrase(vault, f"  {PASSPHRASE} ")
        for wrong in ("something else", WIPE):
            with pytest.raises(WrongPassphraseError):
                check_passphrase(vault, wrong)
    assert folder.exists()


# --- refused before anything is changed -----------------------------------------------------------


def _refused(folder: Path, error: type[FielddocError], step: Callable[[Vault], object]) -> None:
    with open_vault(folder, PASSPHRASE) as vault:
        vault.checkpoint()
        before = digest(folder)["vault.key"][2]
        halves = vault.key_file.half.slots
        with pytest.raises(error):
            step(vault)
        assert vault.key_file.half.slots == halves
        if error is not VaultSpaceShortError:
            assert before
    if error is not VaultDamagedError:
        assert_finished(folder, PASSPHRASE)


@pytest.mark.parametrize("passphrase", ["", " \t", "a\x00b", "x" * 1025])
def test_what_cannot_be_a_passphrase_is_refused(folder: Path, passphrase: str) -> None:
    _refused(folder, PassphraseRefusedError, lambda v: rekey(v, passphrase, cost=COST))
    if passphrase:
        _refused(
            folder,
            PassphraseRefusedError,
            lambda v: rekey(v, NEW, cost=COST, wipe_passphrase=passphrase),
        )


@pytest.mark.parametrize(
    "alike",
    [NEW, f"  {NEW.upper()} ", NEW.replace("other", "othre"), NEW + "s", NEW[:-2], "ｓ" + NEW[1:]],
)
def test_a_wipe_passphrase_that_a_slip_could_type_is_refused(folder: Path, alike: str) -> None:
    _refused(
        folder, PassphrasesTooAlikeError, lambda v: rekey(v, NEW, cost=COST, wipe_passphrase=alike)
    )


def test_a_change_to_the_wipe_passphrase_is_refused(folder: Path) -> None:
    _refused(folder, PassphrasesTooAlikeError, lambda v: change_passphrase(v, PASSPHRASE, WIPE))


def test_too_little_room_is_told_before_anything_is_changed(folder: Path) -> None:
    size = (folder / "records.db").stat().st_size

    with open_vault(folder, PASSPHRASE) as vault, pytest.raises(VaultSpaceShortError) as caught:
        rekey(vault, NEW, cost=COST, free_bytes=size)
    assert caught.value.fields["mebibytes"] == -(-(size + size // 50 + 16 * 2**20) // 2**20)
    assert_finished(folder, PASSPHRASE)


def test_a_damaged_database_is_never_rekeyed(folder: Path) -> None:
    flip(folder / "records.db", 8 * 4096 + 100)
    before = (folder / "records.db").read_bytes()

    with pytest.raises(VaultDamagedError), open_vault(folder, PASSPHRASE) as vault:
        rekey(vault, NEW, cost=COST)

    assert (folder / "records.db").read_bytes() == before
    file = KeyFile.open_to_read(folder, schema=1)
    file.close()
    assert file.half.public.generation == 1


def test_progress_goes_up_to_the_end_and_may_stop_it_until_the_new_half_is_written(
    folder: Path,
) -> None:
    told: list[tuple[int, int]] = []

    def stop_at(number: int) -> Callable[[int, int], None]:
        def tell(done: int, total: int) -> None:
            told.append((done, total))
            if len(told) == number:
                raise CancelledError

        return tell

    for number in (1, 2):
        told.clear()
        with open_vault(folder, PASSPHRASE) as vault, pytest.raises(CancelledError):
            rekey(vault, NEW, cost=COST, progress=stop_at(number))
        assert opening(folder) == {PASSPHRASE}
    told.clear()
    with open_vault(folder, PASSPHRASE) as vault:
        rekey(vault, NEW, cost=COST, progress=stop_at(0))
    done = [part for part, _ in told]
    assert done == sorted(done)
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1]


# --- cut off anywhere -----------------------------------------------------------------------------


@dataclass
class Watch:
    """Takes a copy of the folder at every step of the key file and the database."""

    folder: Path
    copies: list[Path]

    def take(self) -> None:
        target = self.folder.with_name(f"cut off {len(self.copies):03d}")
        self.copies.append(copied(self.folder, target))


@pytest.fixture
def watch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Look on from where a process could be killed: before, in and after each write and sync."""
    watching = Watch(folder, [])
    write, sync = files.write_all, os.fsync
    rekey_database, checkpoint = Database.rekey, Database.checkpoint

    def torn(descriptor: int, data: bytes, offset: int) -> None:
        """Write in pieces; in a whole half the second cut lies behind the erase pad."""
        watching.take()
        cuts = (0, len(data) // 3, len(data) * 4 // 5, len(data))
        for start, end in pairwise(cuts):
            write(descriptor, data[start:end], offset + start)
            watching.take()

    def synced(descriptor: int) -> None:
        sync(descriptor)
        watching.take()

    def around(step: Callable[..., None]) -> Callable[..., None]:
        def stepped(*given: Any) -> None:
            watching.take()
            step(*given)
            watching.take()

        return stepped

    monkeypatch.setattr(key_file, "write_all", torn)
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Database, "rekey", around(rekey_database))
    monkeypatch.setattr(Database, "checkpoint", around(checkpoint))
    return watching


def test_cut_off_at_any_step_one_passphrase_opens_it_and_nothing_is_lost(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """First the old passphrase alone, from the moment the new half is whole the new one alone."""
    vault = open_vault(watch.folder, PASSPHRASE)
    start = len(watch.copies)
    shares = rekey(vault, NEW, cost=COST, sharing=Sharing(2, 3), wipe_passphrase="all is to go")
    watch.take()
    vault.lock()
    monkeypatch.undo()

    opened: list[str] = []
    behind = finished = 0
    for number, copy in enumerate(watch.copies[start:]):
        probe = copied(copy, tmp_path / f"probe {number}")
        which = opening(copy)
        assert len(which) == 1, number
        opened += which
        before = vaults.unlock(probe, *which)
        behind += before.is_database_behind
        finished += before.previous_master is not None and not before.is_database_behind
        before.lock()
        with open_vault(copy, *which) as whole:
            assert_whole(whole)
        assert_finished(copy, *which)
        if which == {NEW}:
            with recover_vault(copy, typed(copy, *shares[1:])) as recovered:
                assert recovered.is_recovered
                assert recovered.previous_master is None
            with pytest.raises(VaultWipedError):
                open_vault(copy, "all is to go")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.rmtree(probe, ignore_errors=True)
    assert opened == sorted(opened, key=[PASSPHRASE, NEW].index)
    assert min(opened.count(PASSPHRASE), opened.count(NEW), behind, finished) >= 3


def test_cut_off_twice_what_was_finished_already_is_not_torn(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time, right before the note that says what is to be done would be removed."""
    with monkeypatch.context() as patch:
        patch.setattr(rekeying, "_forget_note", lambda _: cut_off())
        with pytest.raises(MediumLostError), open_vault(watch.folder, PASSPHRASE) as vault:
            rekey(vault, NEW, cost=COST, sharing=Sharing(2, 3))
    start = len(watch.copies)
    open_vault(watch.folder, NEW).lock()
    monkeypatch.undo()

    assert len(watch.copies) - start > 10
    for number, copy in enumerate(watch.copies[start:]):
        assert opening(copy) == {NEW}, number


def cut_off() -> None:
    raise MediumLostError


def typed(folder: Path, *texts: str) -> list[Share]:
    taken: list[Share] = []
    for text in texts:
        taken.append(recovery.take_share(text, taken, recovery.generation_of(folder)))
    return taken


REKEY = f"""
from fielddoc.vault.rekey import rekey
opened = open_vault(folder, passphrase)
say("begin")
rekey(opened, {NEW!r}, cost=kdf.Cost(64, 1, 1))
say("end")
opened.lock()
say("locked")
"""


def struck(folder: Path, call: str, number: int, what: str) -> subprocess.CompletedProcess[str]:
    """Make new keys in a process that is struck at the `number`-th call of a kind."""
    return subprocess.run(
        [
            *(strace(), "-f", "-o", os.devnull, "-e", f"trace={call}"),
            *("-e", f"inject={call}:{what}:when={number}"),
            *command(REKEY, folder, PASSPHRASE),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def calls_of(folder: Path, call: str, tmp_path: Path) -> tuple[int, int]:
    """Return how many calls of a kind precede making new keys, and how many there are up to it."""
    trace = tmp_path / f"trace {call}"
    every = f"trace={call},write"
    start = [strace(), "-f", "-o", str(trace), "-e", every, *command(REKEY, folder, PASSPHRASE)]
    subprocess.run(start, capture_output=True, check=True)
    lines = trace.read_text().splitlines()
    begin, end = (
        next(n for n, x in enumerate(lines) if f'"{w}\\n"' in x) for w in ("begin", "end")
    )
    names = [f" {call}(" in line for line in lines]
    return sum(names[:begin]), sum(names[:end])


@pytest.mark.parametrize("call", ["pwrite64", "fsync", "fdatasync"])
def test_killed_in_the_middle_of_sqlciphers_work_one_passphrase_opens_it(
    held: Path, tmp_path: Path, call: str
) -> None:
    first, last = calls_of(copied(held, tmp_path / "count"), call, tmp_path)
    numbers = range(first + 1, last + 1)
    opened = set()
    for number in numbers[:: max(1, len(numbers) // 10)]:
        folder = copied(held, tmp_path / f"{call} {number}")
        done = struck(folder, call, number, "signal=SIGKILL")
        assert "begin" in done.stdout
        assert "end" not in done.stdout
        which = opening(folder)
        assert len(which) == 1, number
        opened |= which
        assert_finished_by_opening(folder, *which)
    assert opened == {PASSPHRASE, NEW} or len(numbers) < 5


def assert_finished_by_opening(folder: Path, passphrase: str) -> None:
    with open_vault(folder, passphrase) as whole:
        assert_whole(whole)
    assert_finished(folder, passphrase)


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_a_refusal_of_the_medium_in_the_middle_loses_nothing(
    held: Path, tmp_path: Path, error: str
) -> None:
    first, last = calls_of(copied(held, tmp_path / "count"), "pwrite64", tmp_path)
    numbers = range(first + 1, last + 1)
    for number in numbers[:: max(1, len(numbers) // 7)]:
        folder = copied(held, tmp_path / f"{error} {number}")
        done = struck(folder, "pwrite64", number, f"error={error}")
        assert "begin" in done.stdout
        which = opening(folder)
        assert len(which) == 1, number
        assert_finished_by_opening(folder, *which)


class _Refusal:
    """Refuses one write or sync of the key file, whole or in its middle."""

    def __init__(self, number: int, error: int) -> None:
        self.left = number
        self.error = error
        self.write, self.sync = files.write_all, os.fsync

    def due(self) -> bool:
        self.left -= 1
        return self.left == 0

    def write_all(self, descriptor: int, data: bytes, offset: int) -> None:
        if self.due():
            self.write(descriptor, data[: len(data) // 2], offset)
            raise OSError(self.error, os.strerror(self.error))
        self.write(descriptor, data, offset)

    def fsync(self, descriptor: int) -> None:
        if self.due():
            raise OSError(self.error, os.strerror(self.error))
        self.sync(descriptor)


@pytest.mark.parametrize(("error", "raised"), [(28, DiskFullError), (5, MediumLostError)])
def test_a_refused_write_of_the_key_file_is_told_and_loses_nothing(
    held: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, raised: type
) -> None:
    number = 0
    while True:
        number += 1
        folder = copied(held, tmp_path / f"refused {number}")
        refusal = _Refusal(number, error)
        vault = open_vault(folder, PASSPHRASE)
        monkeypatch.setattr(key_file, "write_all", refusal.write_all)
        monkeypatch.setattr(os, "fsync", refusal.fsync)
        try:
            rekey(vault, NEW, cost=COST, sharing=Sharing(2, 3))
            ended = True
        except FielddocError as failure:
            ended = False
            assert type(failure) is raised  # noqa: PT017 - the loop ends when nothing is raised
        monkeypatch.undo()
        vault.lock()
        which = opening(folder)
        assert len(which) == 1, number
        assert_finished_by_opening(folder, *which)
        if ended:
            break
    assert number >= 19  # each write of the key file and each sync was refused once


# --- no room to finish ----------------------------------------------------------------------------


def cut_off_before_the_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a vault whose new half is live and whose database is under the old key."""

    def cut_off(*_: object) -> None:
        raise DiskFullError

    with monkeypatch.context() as patch:
        patch.setattr(rekeying, "_rekey_database", cut_off)
        with pytest.raises(DiskFullError), open_vault(folder, PASSPHRASE) as vault:
            rekey(vault, NEW, cost=COST, sharing=Sharing(2, 3))


def test_without_room_to_finish_the_vault_opens_all_the_same_and_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off_before_the_database(folder, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(rekeying, "_free_bytes", lambda _: 1000)
        for number in range(2):
            with open_vault(folder, NEW) as vault:
                assert vault.notices == [rekeying.UNFINISHED]
                assert vault.is_database_behind
                assert records.get(vault, SOURCE).values["identity"] == IDENTITY
                records.add(vault, "incident", {"title": f"written meanwhile {number}"})
                with pytest.raises(VaultSpaceShortError):
                    rekey(vault, PASSPHRASE, cost=COST)
                before = (folder / "vault.key").read_bytes()
                with pytest.raises(KeysUnfinishedError) as caught:
                    change_passphrase(vault, NEW, "another passphrase of six words")
                assert_tells(caught.value)
                assert (folder / "vault.key").read_bytes() == before

    with open_vault(folder, NEW) as vault:
        assert vault.notices == []
        assert len(records.listing(vault)) == 4
        assert check(vault).is_sound
        assert not vault.is_database_behind


def test_a_vault_between_two_keys_can_be_salvaged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cut_off_before_the_database(folder, monkeypatch)

    report = salvage(folder, tmp_path / "saved", NEW, rekeying.ignore_progress)

    assert (report.revisions, report.attachments, report.lost_revisions) == (2, 1, 0)
    with open_vault(tmp_path / "saved", NEW) as saved:
        assert records.get(saved, SOURCE).values["identity"] == IDENTITY


def test_finishing_what_was_never_begun_changes_nothing(folder: Path) -> None:
    with open_vault(folder, PASSPHRASE) as vault:
        vault.checkpoint()
        before = digest(folder)
        finish(vault)
        assert digest(folder) == before


def test_a_note_that_only_the_old_keys_would_read_helps_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever copies the vault in between and knows the old passphrase learns no new key."""
    cut_off_before_the_database(folder, monkeypatch)
    opened = vaults.unlock(folder, NEW)
    note = opened.meta("new keys")
    assert isinstance(note, bytes)
    new, old = opened.master.copy(), opened.previous_master
    assert old is not None
    assert new not in note
    assert old.copy() not in note
    assert new.hex().encode() not in note
    opened.master, swapped = old, opened.master
    with pytest.raises(VaultDamagedError):
        rekeying._read_note(opened, note)
    opened.master = swapped
    opened.lock()


def test_slots_after_it_hold_no_old_key(folder: Path) -> None:
    with open_vault(folder, PASSPHRASE) as vault:
        shares = rekey(vault, NEW, cost=COST, sharing=Sharing(2, 3))
        half = vault.key_file.half
        from fielddoc.crypto.passphrase import passphrase_bytes
        from fielddoc.vault import slot_table

        texts = (NEW, recovery.secret_of(typed(folder, *shares[:2])))
        found = [slot_table.opened_by(half, passphrase_bytes(text)) for text in texts]
    kinds = [[slot.payload.kind for slot in slots] for slots in found]
    assert kinds == [[SlotKind.OPEN], [SlotKind.RECOVER]]
    assert all(slot.payload.previous_master_key is None for slots in found for slot in slots)
    assert all(slot in (folder / "vault.key").read_bytes() for slot in half.slots)


def test_a_vault_wiped_meanwhile_is_not_written_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fielddoc.vault.wipe import wipe

    original = KeyFile.write_half

    def wiped_before(self: KeyFile, half: key_file.Half) -> None:
        wipe(folder)
        original(self, half)

    monkeypatch.setattr(KeyFile, "write_half", wiped_before)
    with pytest.raises(VaultWipedError), open_vault(folder, PASSPHRASE) as vault:
        rekey(vault, NEW, cost=COST)
    assert not (folder / "vault.key").exists()
