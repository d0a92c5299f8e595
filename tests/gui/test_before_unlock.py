"""What can be done where no vault is open: help, and remembering where a vault lies."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fielddoc.gui import remembered
from fielddoc.gui.create_screen import CreateScreen
from fielddoc.gui.help_screen import HelpScreen
from fielddoc.gui.salvage_screen import SalvageScreen
from fielddoc.gui.start_screen import StartScreen
from fielddoc.gui.window import Window
from gui.opened import Opened, opened
from gui.test_whole_job import fill_in_a_new_vault, make_a_vault

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def hands(qtbot: QtBot) -> Iterator[Opened]:
    with opened(qtbot) as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "config"


def show(window: Window, screen: str, folder: Path) -> None:
    match screen:
        case "start":
            window.show_start()
        case "create":
            window.show_create()
        case "recover":
            window.choose_folder(folder)
            window.show_recover()
        case "salvage":
            window.show_salvage(folder)
        case _:
            window.show_unlock(folder)


SCREENS = ("start", "create", "unlock", "recover", "salvage")


@pytest.mark.parametrize("screen", SCREENS)
def test_f1_shows_help_and_back_leads_to_the_same_screen(
    hands: Opened, vault_folder: Path, screen: str
) -> None:
    window = hands.window
    show(window, screen, vault_folder)
    before = window.screens.currentWidget()
    for leave in ("button", "escape"):
        hands.key(Qt.Key.Key_F1)
        shown = window.screens.currentWidget()
        assert isinstance(shown, HelpScreen)
        assert shown.help.page.toPlainText().strip()
        hands.key(Qt.Key.Key_F1)
        assert window.screens.currentWidget() is shown
        if leave == "button":
            shown.back_button.click()
        else:
            QTest.keyClick(shown, Qt.Key.Key_Escape)
        assert window.screens.currentWidget() is before
        assert window.screens.count() == 1


def test_the_list_of_shortcuts_is_there_before_unlocking(hands: Opened, vault_folder: Path) -> None:
    hands.window.show_unlock(vault_folder)
    hands.key(Qt.Key.Key_Slash, CONTROL)
    shown = hands.window.screens.currentWidget()
    assert isinstance(shown, HelpScreen)
    assert "Hold for three seconds" in shown.help.page.toPlainText()


def test_what_was_typed_stands_there_after_the_help(hands: Opened, vault_folder: Path) -> None:
    hands.window.show_unlock(vault_folder)
    hands.type("half of it")
    hands.key(Qt.Key.Key_F1)
    shown = hands.window.screens.currentWidget()
    assert isinstance(shown, HelpScreen)
    shown.back_button.click()
    assert hands.unlock_screen.passphrase.text() == "half of it"
    hands.type(" and more")
    assert hands.unlock_screen.passphrase.text() == "half of it and more"


def test_another_screen_takes_the_place_of_the_help_too(hands: Opened, vault_folder: Path) -> None:
    hands.window.show_start()
    hands.key(Qt.Key.Key_F1)
    hands.window.show_unlock(vault_folder)
    assert hands.unlock_screen.folder == vault_folder
    assert hands.window.screens.count() == 1


@pytest.mark.parametrize("is_wanted", [True, False], ids=["asked", "not asked"])
def test_a_new_vault_is_remembered_only_if_that_was_asked(
    hands: Opened, tmp_path: Path, settings: Path, *, is_wanted: bool
) -> None:
    hands.window.show_start()
    screen = hands.window.screens.currentWidget()
    assert isinstance(screen, StartScreen)
    screen.remember.setChecked(is_wanted)
    screen.create_button.click()
    assert not settings.exists()
    fill_in_a_new_vault(hands, tmp_path / "notes", "Mina")
    hands.until(lambda: remembered.read() is not None or not is_wanted)
    found = remembered.read()
    assert (found is not None and found.folder == str(tmp_path / "notes")) == is_wanted


def test_a_vault_made_without_the_first_page_is_not_remembered(
    hands: Opened, tmp_path: Path, settings: Path
) -> None:
    make_a_vault(hands, tmp_path / "notes", "Mina")
    hands.wait_for_vault()
    assert not settings.exists()


def test_it_is_said_when_it_cannot_be_remembered(
    hands: Opened, vault_folder: Path, settings: Path
) -> None:
    settings.write_text("a file where the folder would be")
    hands.window.show_start()
    screen = hands.window.screens.currentWidget()
    assert isinstance(screen, StartScreen)
    screen.remember.setChecked(True)
    screen.open_folder(vault_folder)
    hands.until(lambda: "could not be remembered" in hands.window.banner.what.text())
    assert hands.unlock_screen.folder == vault_folder


# --- a stick that takes its time ------------------------------------------------------------------


class SleepingDisk:
    """A disk that answers no question about a folder before it is woken, as a stick may that sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_awake = threading.Event()
        self.asked = 0
        for name in ("is_dir", "exists"):
            monkeypatch.setattr(Path, name, self._late(getattr(Path, name)))

    def _late(self, question: Callable[[Path], bool]) -> Callable[[Path], bool]:
        def answer(path: Path) -> bool:
            if threading.current_thread() is threading.main_thread():
                raise AssertionError(f"the window asks the disk about {path.name}")
            self.asked += 1
            assert self.is_awake.wait(30)
            return question(path)

        return answer


def test_the_first_page_waits_for_no_disk(
    qtbot: QtBot, vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = StartScreen()
    qtbot.addWidget(screen)
    chosen: list[Path] = []
    screen.folder_chosen.connect(chosen.append)
    disk = SleepingDisk(monkeypatch)

    screen.open_folder(vault_folder)
    qtbot.waitUntil(lambda: disk.asked > 0)
    assert not chosen
    disk.is_awake.set()

    qtbot.waitUntil(lambda: chosen == [vault_folder])


def test_making_a_vault_waits_for_no_disk(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = CreateScreen()
    qtbot.addWidget(screen)
    screen.place.parent_line.setText(str(tmp_path))
    disk = SleepingDisk(monkeypatch)

    screen.go_on()
    screen.go_on()  # an impatient second press asks no second time
    qtbot.waitUntil(lambda: disk.asked > 0)
    assert screen.steps.current == 0
    disk.is_awake.set()

    qtbot.waitUntil(lambda: screen.steps.current == 1)
    qtbot.wait(50)
    assert screen.steps.current == 1
    screen.leave()


def test_the_screen_of_salvage_waits_for_no_disk(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vault-saved").mkdir()
    disk = SleepingDisk(monkeypatch)

    screen = SalvageScreen(tmp_path / "vault")
    qtbot.addWidget(screen)
    qtbot.waitUntil(lambda: disk.asked > 0)
    disk.is_awake.set()

    qtbot.waitUntil(lambda: screen.target == tmp_path / "vault-saved-2")
    assert "vault-saved-2" in screen.where.text()
    screen.leave()
