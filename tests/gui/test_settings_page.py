"""Each choice in Settings holds at once, and after a restart where it is meant to; help is found."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from fielddoc.gui import app, remembered, style
from fielddoc.gui.language import use_language
from fielddoc.gui.pages.help import TOPICS, HelpPage, text_of
from fielddoc.gui.pages.settings import SettingsPage
from fielddoc.gui.shortcuts import SHORTCUTS
from fielddoc.gui.start_screen import StartScreen
from fielddoc.i18n import language_of_system, translate
from fielddoc.vault import settings
from fielddoc.vault.opening import open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE

CONTROL = Qt.KeyboardModifier.ControlModifier
CHINESE = "zh_CN"
LOCK_IN_CHINESE = translate("Lock", CHINESE)


@pytest.fixture(autouse=True)
def computer(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An English computer that remembers nothing; returns where it would remember something."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LANGUAGE", "en")
    yield tmp_path / "config"
    start_the_program_anew(qapp)


def start_the_program_anew(qapp: QApplication) -> None:
    """Forget what a process knows of a person's choices."""
    use_language("en")
    style.apply(qapp, dark=False)


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        yield made


def page_of(hands: Opened) -> SettingsPage:
    """Go to the settings, and wait until they show what the vault holds."""
    page = hands.page("settings")
    assert isinstance(page, SettingsPage)
    hands.until(page.where.text)
    return page


def choose(hands: Opened, box: QComboBox, value: object) -> None:
    """Choose something of a list as a person does, and wait until the vault has it."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())
    hands.wait_for_vault()


def rebuilt_by(hands: Opened, name: str, value: object) -> None:
    """Choose something that all pages show, and wait until they show it."""
    before = hands.workspace
    choose(hands, getattr(page_of(hands), name), value)
    hands.until(lambda: hands.workspace is not before)


def kept(folder: Path, name: str) -> str:
    with open_vault(folder, PASSPHRASE) as vault:
        return settings.everything(vault).get(name, "")


# --- language -------------------------------------------------------------------------------------


def test_a_language_holds_at_once_at_the_lock_and_whenever_the_vault_is_open(
    qapp: QApplication, qtbot: QtBot, vault_folder: Path, hands: Opened
) -> None:
    rebuilt_by(hands, "language", CHINESE)
    assert hands.workspace.here()[0] == "settings"
    assert hands.window.lock_button.text() == LOCK_IN_CHINESE
    assert page_of(hands).check_button.text() == translate("Check everything", CHINESE)
    hands.window.lock()
    (resume,) = hands.locked_into
    assert resume.language == CHINESE

    start_the_program_anew(qapp)
    with opened(qtbot) as again:
        again.window.show_unlock(vault_folder)
        assert again.window.lock_button.text() == "Lock"
        again.unlock(vault_folder)
        assert again.window.lock_button.text() == LOCK_IN_CHINESE
        assert page_of(again).language.currentData() == CHINESE


def test_another_choice_leaves_the_language_to_the_computer(
    hands: Opened, vault_folder: Path
) -> None:
    before = hands.workspace
    page = page_of(hands)
    assert page.language.currentData() == "en"
    choose(hands, page.idle, 10)
    hands.until(lambda: hands.window.idle_minutes == 10)
    assert hands.workspace is before, "a lock time alone builds nothing anew"
    hands.close()
    assert kept(vault_folder, "idle-minutes") == "10"
    assert kept(vault_folder, "language") == ""


# --- locking --------------------------------------------------------------------------------------


def is_locked_after(hands: Opened, minutes: float) -> bool:
    hands.window.touch()
    hands.window.last_input_s -= 60 * minutes
    hands.window._check_idle()
    return bool(hands.locked_into)


def test_a_lock_time_holds_at_once_and_whenever_the_vault_is_open(
    qtbot: QtBot, vault_folder: Path, hands: Opened
) -> None:
    choose(hands, page_of(hands).idle, 2)
    hands.until(lambda: hands.window.idle_minutes == 2)
    assert not is_locked_after(hands, 1.9)
    assert is_locked_after(hands, 2.1)
    with opened(qtbot) as again:
        assert again.window.idle_minutes == 5
        again.unlock(vault_folder)
        assert again.window.idle_minutes == 2
        assert page_of(again).idle.currentData() == 2


def test_never_to_lock_warns_and_never_locks(
    qtbot: QtBot, vault_folder: Path, hands: Opened
) -> None:
    page = page_of(hands)
    assert not page.never.isVisible()
    choose(hands, page.idle, 0)
    assert page.never.isVisible()
    assert "Whoever finds the laptop open" in page.never.text()
    hands.until(lambda: hands.window.idle_minutes == 0)
    assert not is_locked_after(hands, 100_000)
    hands.close()
    with opened(qtbot, vault_folder) as again:
        page = page_of(again)
        assert page.never.isVisible()
        choose(again, page.idle, 1)
        assert not page.never.isVisible()
        assert is_locked_after(again, 1.1)


# --- looks ----------------------------------------------------------------------------------------


def test_a_size_of_text_holds_at_once_at_the_lock_and_whenever_the_vault_is_open(
    qapp: QApplication, qtbot: QtBot, vault_folder: Path, hands: Opened
) -> None:
    usual = qapp.font().pixelSize()
    choose(hands, page_of(hands).text, 150)
    hands.until(lambda: style.text_percent_now() == 150)
    assert qapp.font().pixelSize() == pytest.approx(1.5 * usual, abs=1)
    hands.window.lock()
    assert hands.locked_into[0].text_percent == 150

    start_the_program_anew(qapp)
    with opened(qtbot) as again:
        again.window.show_unlock(vault_folder)
        assert qapp.font().pixelSize() == usual
        again.unlock(vault_folder)
        assert style.text_percent_now() == 150
        assert page_of(again).text.currentData() == 150


def is_dark(qapp: QApplication) -> bool:
    return qapp.palette().color(QPalette.ColorRole.Window).lightness() < 128


def test_dark_colours_hold_at_once_at_the_lock_and_whenever_the_vault_is_open(
    qapp: QApplication, qtbot: QtBot, vault_folder: Path, hands: Opened
) -> None:
    choose(hands, page_of(hands).appearance, "dark")
    hands.until(lambda: is_dark(qapp))
    hands.window.lock()
    assert hands.locked_into[0].is_dark

    start_the_program_anew(qapp)
    with opened(qtbot) as again:
        again.window.show_unlock(vault_folder)
        assert not is_dark(qapp)
        again.unlock(vault_folder)
        assert is_dark(qapp)
        choose(again, page_of(again).appearance, "light")
        again.until(lambda: not is_dark(qapp))


# --- where the vault lies -------------------------------------------------------------------------


def test_choices_lie_in_the_vault_and_nowhere_else(
    hands: Opened, vault_folder: Path, computer: Path
) -> None:
    choose(hands, page_of(hands).idle, 30)
    rebuilt_by(hands, "appearance", "dark")
    rebuilt_by(hands, "text", 125)
    rebuilt_by(hands, "language", CHINESE)
    assert not page_of(hands).remember.isChecked()
    hands.close()
    with open_vault(vault_folder, PASSPHRASE) as vault:
        assert settings.everything(vault) == {
            "language": CHINESE,
            "idle-minutes": "30",
            "text-percent": "125",
            "appearance": "dark",
        }
    assert not computer.exists()


def test_a_remembered_place_is_where_the_next_start_goes_until_it_is_forgotten(
    qtbot: QtBot, vault_folder: Path, hands: Opened, computer: Path
) -> None:
    page = page_of(hands)
    assert not page.remember.isChecked()
    page.remember.click()
    start = app._remembered()
    assert (start.folder, start.language) == (str(vault_folder), "en")
    hands.close()
    with opened(qtbot, vault_folder) as again:
        page = page_of(again)
        assert page.remember.isChecked()
        page.remember.click()
        assert not computer.joinpath("fielddoc").exists()
        assert app._remembered().folder == ""


def test_the_next_lock_screen_speaks_the_language_that_was_chosen_after_it_was_remembered(
    hands: Opened, vault_folder: Path
) -> None:
    page_of(hands).remember.click()
    rebuilt_by(hands, "language", CHINESE)
    start = app._remembered()
    assert (start.folder, start.language) == (str(vault_folder), CHINESE)
    assert page_of(hands).remember.isChecked()


def test_it_is_said_that_the_place_could_not_be_remembered(hands: Opened, computer: Path) -> None:
    computer.write_text("a file where the folder would be")
    page = page_of(hands)
    page.remember.click()
    assert not page.remember.isChecked()
    assert hands.window.foot.message.text() == "The file could not be written."
    computer.unlink()
    page.remember.click()
    assert page.remember.isChecked()
    assert remembered.read() is not None


# --- the first page -------------------------------------------------------------------------------


def start_screen(hands: Opened) -> StartScreen:
    screen = hands.window.screens.currentWidget()
    assert isinstance(screen, StartScreen)
    return screen


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Opened]:
    with opened(qtbot) as made:
        made.window.show_start()
        yield made


def chosen_language(hands: Opened) -> list[str]:
    """Return the buttons that are pressed."""
    buttons = start_screen(hands).language_buttons
    return [code for code, button in buttons.items() if button.isChecked()]


def test_the_buttons_of_languages_change_the_window_and_back(start: Opened, computer: Path) -> None:
    assert chosen_language(start) == ["en"]
    for code, lock in ((CHINESE, LOCK_IN_CHINESE), ("en", "Lock"), ("en", "Lock")):
        start_screen(start).language_buttons[code].click()
        assert chosen_language(start) == [code]
        assert language_of_system() == code
        assert start_screen(start).create_button.text() == translate("Make a vault", code)
        assert start.window.lock_button.text() == lock
    assert not computer.exists()


def test_what_was_ticked_stays_ticked_in_the_other_language(start: Opened) -> None:
    start_screen(start).remember.setChecked(True)
    start_screen(start).language_buttons[CHINESE].click()
    assert start_screen(start).remember.isChecked()


def test_the_language_of_the_first_page_holds_unless_the_vault_has_another(
    start: Opened, vault_folder: Path
) -> None:
    start_screen(start).language_buttons[CHINESE].click()
    screen = start_screen(start)
    screen.open_folder(vault_folder)
    start.until(lambda: start.window.screens.currentWidget() is not screen)
    start.unlock(vault_folder)
    assert start.window.lock_button.text() == LOCK_IN_CHINESE
    assert page_of(start).language.currentData() == CHINESE
    rebuilt_by(start, "language", "en")
    start.close()
    use_language(CHINESE)
    start.unlock(vault_folder)
    assert start.window.lock_button.text() == "Lock"


# --- help -----------------------------------------------------------------------------------------


def help_of(hands: Opened) -> HelpPage:
    page = hands.workspace.pages.currentWidget()
    assert isinstance(page, HelpPage)
    return page


def listed(page: HelpPage) -> list[str]:
    return [page.list.item(row).text() for row in range(page.list.count())]


def test_control_and_slash_lists_every_shortcut(hands: Opened) -> None:
    hands.page("partners")
    hands.key(Qt.Key.Key_Slash, CONTROL)
    text = help_of(hands).page.toPlainText()
    for shortcut in SHORTCUTS:
        assert shortcut.words in text, shortcut
    assert "Ctrl+/" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "STICK"), ("en", "Stick  passphrase"), (CHINESE, "口令 输入法"), (CHINESE, "份额")],
)
def test_the_search_in_the_help_lists_the_pages_that_hold_all_words(
    qtbot: QtBot, language: str, words: str
) -> None:
    use_language(language)
    page = HelpPage()
    qtbot.addWidget(page)
    everything = page.list.count()
    page.search.setText(words)
    wanted = [
        text_of(name, language).lstrip("# ").split("\n", 1)[0]
        for name in TOPICS
        if all(word in text_of(name, language).casefold() for word in words.casefold().split())
    ]
    assert 0 < len(wanted) < everything
    assert [title for title in listed(page) if title in wanted] == wanted
    assert len(listed(page)) - len(wanted) <= 1, "the shortcuts may hold them too"
    assert page.list.currentRow() == 0
    assert all(word in page.page.toPlainText().casefold() for word in words.casefold().split())
    page.search.clear()
    assert page.list.count() == everything


def test_the_search_in_the_help_says_when_nothing_is_found(hands: Opened) -> None:
    hands.key(Qt.Key.Key_F1)
    page = help_of(hands)
    before = listed(page)
    assert not page.nothing.isVisible()
    page.search.setFocus()
    hands.type("zhwqexi")
    assert listed(page) == []
    assert page.nothing.isVisible()
    assert page.nothing.text() == "No page of the help holds all these words."
    page.search.clear()
    assert not page.nothing.isVisible()
    assert listed(page) == before
