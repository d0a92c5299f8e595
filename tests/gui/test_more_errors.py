"""After each thing that went wrong one can go on: nothing is lost, and the next try works."""

import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from bundle import bundles
from fielddoc import errors
from fielddoc.bundle.export import Selection, export_selected, for_passphrase
from fielddoc.crypto.kdf import Cost
from fielddoc.errors import FielddocError
from fielddoc.gui.pages.export import RESULT, WHERE, ExportPage
from fielddoc.vault import contacts, records
from fielddoc.vault.opening import make_vault, open_vault
from gui.exporting import ready_to_write
from gui.opened import Opened, opened
from gui.test_errors import Harm, card_file, partner, sentence
from gui.test_whole_job import add_partner
from gui.windows import PASSPHRASE
from small_disk import fill, small_disk_at
from vault.folders import copied, digest, given_a_foreign_log, made_newer, unchangeable

MEBIBYTE = 1 << 20


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        yield made


def add_incident(folder: Path, title: str = "Followed") -> str:
    with open_vault(folder, PASSPHRASE) as vault:
        return records.add(vault, "incident", {"title": title})


def titles(folder: Path) -> list[object]:
    with open_vault(folder, PASSPHRASE) as vault:
        return [records.get(vault, row.id).values["title"] for row in records.listing(vault)]


# --- the lock screen ------------------------------------------------------------------------------


def refused_on_the_lock_screen(made: Opened, error: type[FielddocError]) -> None:
    """Try the right passphrase, and see that the screen tells what it is and what to do now."""
    screen = made.unlock_screen
    screen.passphrase.set_text(PASSPHRASE)
    screen.unlock()
    made.until(screen.problem.text)
    assert sentence(error) in screen.problem.text()
    assert screen.problem.isVisible()
    assert screen.advice.isVisible()
    assert screen.advice.text()
    assert made.window.workspace() is None


def opened_by_the_next_try(made: Opened, *, count: int) -> None:
    """Press Unlock once more, with the passphrase that still stands there."""
    screen = made.unlock_screen
    assert screen.passphrase.text() == PASSPHRASE
    screen.unlock_button.click()
    made.until(made.window.workspace)
    made.until(lambda: made.records.model.rowCount() == count)


KEPT_SHUT: dict[str, tuple[Harm, type[FielddocError]]] = {
    "newer version": (made_newer, errors.VaultTooNewError),
    "foreign log": (partial(given_a_foreign_log, passphrase=PASSPHRASE), errors.ForeignWalError),
    "half copied": (lambda v: (v / "records.db").unlink(), errors.VaultIncompleteError),
    "no attachments": (lambda v: (v / "attachments").rmdir(), errors.VaultIncompleteError),
}


@pytest.mark.parametrize("name", KEPT_SHUT)
def test_what_keeps_a_vault_shut_is_told_and_the_whole_folder_copied_again_opens(
    qtbot: QtBot, vault_folder: Path, tmp_path: Path, name: str
) -> None:
    harm, error = KEPT_SHUT[name]
    add_incident(vault_folder)
    whole = copied(vault_folder, tmp_path / "whole")
    harm(vault_folder)
    before = digest(vault_folder)
    with opened(qtbot) as made:
        made.window.show_unlock(vault_folder)
        refused_on_the_lock_screen(made, error)
        assert digest(vault_folder) == before
        copy_again(whole, vault_folder)
        opened_by_the_next_try(made, count=1)


def copy_again(whole: Path, folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    for path in sorted(whole.rglob("*")):
        target = folder / path.relative_to(whole)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.write_bytes(path.read_bytes())


def test_a_vault_that_needs_more_memory_than_there_is_opens_once_there_is(
    qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "vault"
    make_vault(folder, PASSPHRASE, cost=Cost(memory_kib=512 * 1024, passes=1, lanes=1)).lock()
    add_incident(folder)
    with opened(qtbot) as made:
        made.window.show_unlock(folder)
        with no_more_memory_than(256 * MEBIBYTE):
            refused_on_the_lock_screen(made, errors.MemoryShortError)
        assert "512 MiB" in made.unlock_screen.problem.text()
        opened_by_the_next_try(made, count=1)


@contextmanager
def no_more_memory_than(more_bytes: int) -> Iterator[None]:
    """Let the system refuse to give this process much more memory than it has now."""
    status = Path("/proc/self/status").read_text()
    now = next(line for line in status.splitlines() if line.startswith("VmSize"))
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (1024 * int(now.split()[1]) + more_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.parametrize("name", ["vault.key", "records.db"])
def test_a_vault_that_may_not_be_written_opens_once_it_may(
    qtbot: QtBot, vault_folder: Path, name: str
) -> None:
    add_incident(vault_folder)
    before = digest(vault_folder)
    with opened(qtbot) as made:
        with unchangeable(vault_folder / name):
            made.window.show_unlock(vault_folder)
            refused_on_the_lock_screen(made, errors.NoPermissionError)
            assert digest(vault_folder) == before
        opened_by_the_next_try(made, count=1)


# --- partners -------------------------------------------------------------------------------------


def partners_of(folder: Path) -> list[str]:
    with open_vault(folder, PASSPHRASE) as vault:
        return [contact.name for contact in contacts.listing(vault)]


def offer(hands: Opened, card: Path, code: str, *, name: str = "") -> None:
    """Choose a card, type its code and a name, and press Add."""
    adding = hands.partners.adding
    adding.read(card)
    hands.until(lambda: adding.card is not None)
    adding.code.setText(code)
    if name:
        adding.name.setText(name)
    adding.add_button.click()


def refused_as_known(hands: Opened, code: str) -> None:
    """See that it is told, and that what was typed still stands there."""
    adding = hands.partners.adding
    hands.until(adding.problem.text)
    assert sentence(errors.ContactExistsError) in adding.problem.text()
    assert errors.ContactExistsError().advice_in_window() in adding.problem.text()
    assert adding.problem.isVisible()
    assert adding.card is not None
    assert adding.code.text() == code


def test_the_same_card_a_second_time_adds_nobody_under_any_name(
    hands: Opened, tmp_path: Path, vault_folder: Path
) -> None:
    with partner(tmp_path) as vault:
        path, code = card_file(tmp_path, vault)
    add_partner(hands, path, code)
    offer(hands, path, code)
    refused_as_known(hands, code)
    hands.partners.adding.clear()
    offer(hands, path, code, name="Somebody else")
    refused_as_known(hands, code)
    hands.close()
    assert partners_of(vault_folder) == ["Bo"]


def test_another_card_of_the_same_name_is_added_under_another_one(
    hands: Opened, tmp_path: Path, vault_folder: Path
) -> None:
    with partner(tmp_path) as vault:
        path, code = card_file(tmp_path, vault)
    add_partner(hands, path, code)
    with make_vault(tmp_path / "third", PASSPHRASE, name="Bo") as third:
        path, code = card_file(tmp_path, third)
    offer(hands, path, code)
    refused_as_known(hands, code)
    adding = hands.partners.adding
    adding.name.setText("Bo the younger")
    adding.add_button.click()
    hands.until(lambda: adding.card is None)
    assert not adding.problem.isVisible()
    hands.close()
    assert partners_of(vault_folder) == ["Bo", "Bo the younger"]


def test_after_the_digits_of_another_card_the_right_ones_add_the_partner(
    hands: Opened, tmp_path: Path, vault_folder: Path
) -> None:
    with partner(tmp_path) as vault:
        path, code = card_file(tmp_path, vault)
    with make_vault(tmp_path / "third", PASSPHRASE) as third:
        other = bundles.card_of(third).code
    offer(hands, path, other)
    adding = hands.partners.adding
    assert errors.CodeWrongError().advice_in_window() in adding.problem.text()
    adding.code.setText(code)
    adding.add_button.click()
    hands.until(lambda: adding.card is None)
    assert not adding.problem.isVisible()
    hands.close()
    assert partners_of(vault_folder) == ["Bo"]


# --- importing ------------------------------------------------------------------------------------

BUNDLE_PASSPHRASE = "plum lantern gravel otter seven bridge"


@pytest.fixture
def passphrase_bundle(vault_folder: Path, tmp_path: Path) -> Path:
    """Return what a partner wrote for whoever knows a passphrase."""
    with partner(tmp_path) as other, open_vault(vault_folder, PASSPHRASE) as own:
        bundles.introduce(own, other)
        record = records.add(other, "incident", {"title": "Seen at the school"})
        audience = for_passphrase(BUNDLE_PASSPHRASE)
        written = export_selected(other, audience, tmp_path, Selection(records=(record,)))
    return written.files[0]


def test_after_a_wrong_passphrase_the_right_one_opens_the_bundle(
    passphrase_bundle: Path, hands: Opened
) -> None:
    page = hands.import_
    page.open(passphrase_bundle)
    hands.until(page.passphrase.line.hasFocus)
    hands.type("plum lantern gravel otter seven fridge")
    hands.key(Qt.Key.Key_Return)
    hands.until(page.problem.text)
    assert sentence(errors.BundlePassphraseWrongError) in page.problem.text()
    assert errors.BundlePassphraseWrongError().advice_in_window() in page.problem.text()
    assert page.preview is None
    hands.until(page.passphrase.line.hasFocus)
    hands.type(BUNDLE_PASSPHRASE)  # what stood there is marked, so this takes its place
    page.verify_button.click()
    hands.until(lambda: page.preview is not None)
    assert not page.problem.isVisible()
    assert not page.passphrase_box.isVisible()
    page.import_button.click()
    hands.until(page.result.isVisible)
    hands.until(lambda: hands.records.model.rowCount() == 1)
    assert not page.passphrase.text()


# --- exporting ------------------------------------------------------------------------------------


def write(hands: Opened, page: ExportPage, at_first_word: Callable[[], object]) -> str:
    """Write the bundle and return what is told of it.

    Args:
        hands: of the window.
        page: shows the last step.
        at_first_word: is done on the thread that writes, when it first tells how far it is.
    """
    session = hands.window.session
    assert session is not None
    may_begin = threading.Event()
    session.ask(page, lambda _: may_begin.wait(30))
    page.go_on()
    assert page.job is not None
    calls = iter([at_first_word])
    page.job.progressed.connect(
        lambda *_: next(calls, _nothing)(), Qt.ConnectionType.DirectConnection
    )
    may_begin.set()
    hands.until(lambda: page.step == RESULT)
    return " ".join(label.text() for label in page.result.findChildren(QLabel))


def _nothing() -> None:
    """Let the work go on."""


def assert_told(told: str, error: FielddocError) -> None:
    assert error.sentence() in told, told
    assert error.advice_in_window() in told, told
    assert "read back and verified" not in told


def written_by_the_next_try(hands: Opened, stick: Path) -> None:
    """Try again from the result, with all that was chosen; it is written and can be opened."""
    before = set(stick.iterdir())
    page = hands.export
    assert page.back_button.text() == "Try again"
    page.back_button.click()
    assert page.step == WHERE
    page.where.line.setText(str(stick))
    told = write(hands, page, _nothing)
    assert "Written, read back and verified." in told, told
    (bundle,) = set(stick.iterdir()) - before
    hands.import_.open(bundle)
    hands.until(lambda: hands.import_.preview is not None)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def test_a_stick_that_vanishes_while_writing_is_told_and_it_is_written_once_it_is_back(
    vault_folder: Path, stick: Path, qtbot: QtBot
) -> None:
    add_incident(vault_folder)
    with opened(qtbot, vault_folder) as hands:
        page = ready_to_write(hands, stick, is_complete=False)
        gone = stick.with_name("pulled out")
        told = write(hands, page, lambda: stick.rename(gone))
        assert_told(told, errors.MediumLostError())
        assert [path.suffix for path in gone.iterdir()] == [".part"]
        gone.rename(stick)
        written_by_the_next_try(hands, stick)
    assert titles(vault_folder) == ["Followed"]


def test_a_stick_that_keeps_other_bytes_is_told_and_nothing_is_left_on_it(
    vault_folder: Path, stick: Path, qtbot: QtBot
) -> None:
    add_incident(vault_folder)
    with opened(qtbot, vault_folder) as hands:
        page = ready_to_write(hands, stick, is_complete=False)
        told = write(hands, page, lambda: alter(next(stick.iterdir())))
        assert_told(told, errors.ReadBackDiffersError())
        assert list(stick.iterdir()) == []
        written_by_the_next_try(hands, stick)


def alter(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2000)
        byte = file.read(1)[0]
        file.seek(2000)
        file.write(bytes((byte ^ 1,)))


def test_a_stick_without_the_room_is_told_before_anything_is_written(
    vault_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    attach_much(vault_folder, 4 * MEBIBYTE)
    with small_disk_at(tmp_path / "disk") as disk, opened(qtbot, vault_folder) as hands:
        page = ready_to_write(hands, disk, is_complete=False)
        hands.until(lambda: "3.0 MB free" in page.where.space.text())
        told = write(hands, page, _nothing)
        assert errors.SpaceShortError(mebibytes=5).sentence() in told, told
        assert errors.SpaceShortError(mebibytes=5).advice_in_window() in told, told
        assert list(disk.iterdir()) == []
        larger = tmp_path / "larger"
        larger.mkdir()
        written_by_the_next_try(hands, larger)


def test_a_stick_that_fills_up_while_writing_is_told_and_nothing_is_left_on_it(
    vault_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    attach_much(vault_folder, 20 * MEBIBYTE)
    with (
        small_disk_at(tmp_path / "disk", size="30m") as disk,
        opened(qtbot, vault_folder) as hands,
    ):
        page = ready_to_write(hands, disk, is_complete=False)
        told = write(hands, page, lambda: fill(disk))
        assert_told(told, errors.DiskFullError())
        assert [path.name for path in disk.iterdir()] == ["ballast"]
        (disk / "ballast").unlink()
        written_by_the_next_try(hands, disk)


def attach_much(folder: Path, size_bytes: int) -> None:
    with open_vault(folder, PASSPHRASE) as vault:
        bundles.attach(vault, os.urandom(size_bytes))


# --- attaching ------------------------------------------------------------------------------------


def test_a_file_that_the_disk_has_no_room_for_is_attached_once_there_is(
    qtbot: QtBot, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom(3 * MEBIBYTE))
    with small_disk_at(tmp_path / "disk", size="8m") as disk:
        make_vault(disk / "vault", PASSPHRASE).lock()
        record = add_incident(disk / "vault")
        with opened(qtbot, disk / "vault") as hands:
            hands.window.open_record(record)
            files = hands.records.editor.files
            hands.until(lambda: files.record == record)
            ballast = fill(disk)
            files.add_files([film])
            banner = hands.window.banner
            hands.until(lambda: errors.DiskFullError().sentence() in banner.what.text())
            assert banner.isVisible()
            assert banner.what_now.text() == errors.DiskFullError().advice_in_window()
            hands.until(lambda: files.adding is None)
            assert files.model.files == []
            ballast.unlink()
            files.add_files([film])
            hands.until(lambda: len(files.model.files) == 1)
        with open_vault(disk / "vault", PASSPHRASE) as vault:
            (row,) = records.listing(vault, type_name="attachment")
            sha256 = str(records.get(vault, row.id).values["sha256"])
            assert bundles.content(vault, sha256) == film.read_bytes()
            assert records.listing(vault, type_name="incident")
