"""The lock screen: typing a passphrase, waiting for the key, why it is locked, and the wipe."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from fielddoc.crypto.kdf import Cost
from fielddoc.errors import WrongPassphraseError
from fielddoc.gui import passphrase_edit
from fielddoc.gui.language import use_language
from fielddoc.gui.relaunch import Resume
from fielddoc.gui.start_screen import StartScreen
from fielddoc.gui.typed import UNWRITTEN
from fielddoc.gui.unlock_screen import UnlockScreen
from fielddoc.i18n import in_a_row, translate
from fielddoc.vault.opening import make_vault, open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE

HIDDEN, SHOWN = QLineEdit.EchoMode.Password, QLineEdit.EchoMode.Normal
IDLE = "Locked because nobody typed or moved the pointer for a while."


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot) as made:
        made.window.show_unlock(vault_folder)
        yield made


@pytest.fixture
def screen(hands: Opened) -> UnlockScreen:
    return hands.unlock_screen


# --- typing ---------------------------------------------------------------------------------------


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_what_is_typed_is_seen_only_while_it_is_shown(hands: Opened, screen: UnlockScreen) -> None:
    line, eye = screen.passphrase.line, screen.passphrase.eye
    hands.type("lantern")
    assert line.echoMode() is HIDDEN
    assert "lantern" not in line.displayText()
    assert eye.text() == "Show"
    click(eye)
    assert line.echoMode() is SHOWN
    assert line.displayText() == "lantern"
    assert eye.text() == "Hide it"
    hands.type(" orchard")
    click(eye)
    assert line.echoMode() is HIDDEN
    assert "lantern" not in line.displayText()
    assert eye.text() == "Show"
    assert screen.passphrase.text() == "lantern orchard"


def test_by_keys_alone_it_is_shown_and_hidden(hands: Opened, screen: UnlockScreen) -> None:
    hands.key(Qt.Key.Key_Tab)
    assert screen.passphrase.eye.hasFocus()
    for mode in (SHOWN, HIDDEN):
        hands.key(Qt.Key.Key_Space)
        assert screen.passphrase.line.echoMode() is mode


def test_the_next_lock_screen_hides_what_is_typed_again(
    hands: Opened, screen: UnlockScreen, vault_folder: Path
) -> None:
    click(screen.passphrase.eye)
    hands.window.show_unlock(vault_folder)
    assert hands.unlock_screen.passphrase.line.echoMode() is HIDDEN


def test_the_input_method_is_asked_to_keep_and_to_guess_nothing(screen: UnlockScreen) -> None:
    line = screen.passphrase.line
    asked = (
        Qt.InputMethodHint.ImhSensitiveData
        | Qt.InputMethodHint.ImhNoPredictiveText
        | Qt.InputMethodHint.ImhNoAutoUppercase
    )
    assert line.inputMethodHints() & asked == asked
    assert line.inputMethodHints() & Qt.InputMethodHint.ImhHiddenText
    click(screen.passphrase.eye)
    assert line.inputMethodHints() & asked == asked
    assert not line.inputMethodHints() & Qt.InputMethodHint.ImhHiddenText


def press(screen: UnlockScreen, key: Qt.Key, text: str = "", *, has_shift: bool = False) -> None:
    """Let the keyboard say that a key was pressed, and which letter that gives."""
    held = Qt.KeyboardModifier.ShiftModifier if has_shift else Qt.KeyboardModifier.NoModifier
    event = QKeyEvent(QKeyEvent.Type.KeyPress, key, held, text)
    QApplication.sendEvent(screen.passphrase.line, event)


def is_told_of_caps_lock(screen: UnlockScreen) -> bool:
    hint = screen.passphrase.hint
    return hint.isVisible() and hint.text() == "Caps Lock is on."


def test_letters_tell_that_caps_lock_is_on_and_that_it_is_off_again(screen: UnlockScreen) -> None:
    press(screen, Qt.Key.Key_A, "a")
    assert not is_told_of_caps_lock(screen)
    press(screen, Qt.Key.Key_B, "B", has_shift=True)
    assert not is_told_of_caps_lock(screen)
    press(screen, Qt.Key.Key_C, "C")
    assert is_told_of_caps_lock(screen)
    press(screen, Qt.Key.Key_4, "4")
    assert is_told_of_caps_lock(screen)
    press(screen, Qt.Key.Key_D, "d", has_shift=True)
    assert is_told_of_caps_lock(screen)
    press(screen, Qt.Key.Key_E, "e")
    assert not is_told_of_caps_lock(screen)
    assert screen.passphrase.text() == "aBC4de"


def test_the_caps_lock_key_itself_takes_the_note_away(screen: UnlockScreen) -> None:
    press(screen, Qt.Key.Key_A, "A")
    assert is_told_of_caps_lock(screen)
    press(screen, Qt.Key.Key_CapsLock)
    assert not is_told_of_caps_lock(screen)


class Keyboard:
    """A keyboard that is set to a language; Qt's offscreen platform has none to set."""

    language = QLocale.Language.Chinese

    @classmethod
    def inputMethod(cls) -> type["Keyboard"]:  # noqa: N802 - Qt's name
        return cls

    @classmethod
    def locale(cls) -> QLocale:
        return QLocale(cls.language)


def test_with_a_chinese_keyboard_it_is_said_that_chinese_is_typed_only_while_it_is_shown(
    hands: Opened, screen: UnlockScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint, eye = screen.passphrase.hint, screen.passphrase.eye
    assert not hint.isVisible()
    monkeypatch.setattr(passphrase_edit, "QGuiApplication", Keyboard)
    hands.type("a")
    assert "show it to type Chinese" in hint.text()
    assert hint.isVisible()
    click(eye)
    assert not hint.isVisible()
    click(eye)
    assert hint.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_unlocks(hands: Opened, screen: UnlockScreen, key: Qt.Key) -> None:
    assert screen.passphrase.line.hasFocus()
    hands.type(PASSPHRASE)
    hands.key(key)
    hands.until(hands.window.workspace)


def test_after_a_wrong_one_what_is_typed_next_takes_its_place(
    hands: Opened, screen: UnlockScreen
) -> None:
    hands.type("not this one")
    hands.key(Qt.Key.Key_Return)
    hands.until(screen.problem.isVisible)
    assert screen.problem.text() == WrongPassphraseError().sentence()
    hands.until(screen.passphrase.line.hasFocus)
    hands.type(PASSPHRASE)
    hands.key(Qt.Key.Key_Return)
    assert not screen.problem.isVisible()
    hands.until(hands.window.workspace)


# --- waiting --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def slow_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault whose key takes a while to derive."""
    folder = tmp_path_factory.mktemp("slow") / "vault"
    make_vault(folder, PASSPHRASE, cost=Cost(memory_kib=64 * 1024, passes=48, lanes=1)).lock()
    return folder


@pytest.fixture
def waiting(qtbot: QtBot, slow_folder: Path) -> Iterator[Opened]:
    with opened(qtbot) as made:
        made.window.show_unlock(slow_folder)
        yield made


def is_waiting(screen: UnlockScreen) -> bool:
    """Tell whether it waits and says so; it is never half of that."""
    entries = (
        screen.passphrase.line,
        screen.passphrase.eye,
        screen.unlock_button,
        screen.another_button,
        screen.shares_button,
    )
    (can_be_used,) = {entry.isEnabled() for entry in entries}
    (is_said,) = {screen.bar.isVisible(), screen.waiting.isVisible(), screen.is_trying}
    assert can_be_used != is_said
    return is_said


@pytest.mark.parametrize("typed", [PASSPHRASE, "not this one"], ids=["right", "wrong"])
def test_while_the_key_is_derived_nothing_can_be_pressed_but_what_protects(
    waiting: Opened, typed: str
) -> None:
    screen, window = waiting.unlock_screen, waiting.window
    assert not is_waiting(screen)
    waiting.type(typed)
    waiting.key(Qt.Key.Key_Return)
    assert is_waiting(screen)
    assert screen.bar.minimum() == screen.bar.maximum() == 0, "nobody knows how long it takes"
    assert "about a second" in screen.waiting.text()
    for button in (window.hide_button, window.lock_button, window.wipe_button):
        assert button.isEnabled()
    waiting.until(lambda: window.workspace() or screen.problem.text())
    if typed != PASSPHRASE:
        assert not is_waiting(screen)


class Clock:
    """A clock that stands at a time."""

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def elapsed(self) -> int:
        return self.milliseconds


def test_after_five_seconds_it_says_how_long_it_has_taken(waiting: Opened) -> None:
    screen = waiting.unlock_screen
    waiting.type(PASSPHRASE)
    waiting.key(Qt.Key.Key_Return)
    clock = Clock(4_999)
    screen._clock = clock  # type: ignore[assignment]
    screen._tell_waiting()
    assert "about a second" in screen.waiting.text()
    clock.milliseconds = 5_000
    waiting.until(lambda: screen.waiting.text() == "Still opening: 5 s.")
    clock.milliseconds = 61_200
    screen._tell_waiting()
    assert screen.waiting.text() == "Still opening: 61 s."
    waiting.until(waiting.window.workspace)


def test_a_second_enter_while_waiting_tries_nothing_else(waiting: Opened) -> None:
    screen = waiting.unlock_screen
    tries: list[bool] = []
    screen.trying.connect(lambda: tries.append(True))
    waiting.type(PASSPHRASE)
    line = screen.passphrase.line
    waiting.key(Qt.Key.Key_Return)
    session = screen.session
    for widget in (line, screen.unlock_button, waiting.focused):
        QTest.keyClick(widget, Qt.Key.Key_Return)
    click(screen.unlock_button)
    screen.unlock()
    assert screen.session is session
    waiting.until(waiting.window.workspace)
    assert waiting.window.session is session
    assert len(tries) == 1


# --- why it is locked, and other ways on ----------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("reason", [IDLE, f"{IDLE}\n{UNWRITTEN}"], ids=["one", "two"])
def test_why_it_was_locked_is_told_in_the_language_of_the_window(
    qtbot: QtBot,
    vault_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    language: str,
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    try:
        use_language(language)
        with opened(qtbot, resume=Resume(reason=reason)) as made:
            made.window.show_unlock(vault_folder)
            why = made.unlock_screen.why
            assert why.isVisible()
            assert why.text() == in_a_row(translate(line, language) for line in reason.split("\n"))
            assert (IDLE in why.text()) == (language == "en")
    finally:
        use_language("en")


def test_telling_why_it_was_locked_opens_no_other_window(qtbot: QtBot, vault_folder: Path) -> None:
    """A window that comes for a moment takes the keyboard with it."""
    with opened(qtbot, resume=Resume(reason=IDLE)) as made:
        made.window.show_unlock(vault_folder)
        assert made.unlock_screen.passphrase.line.hasFocus()
        qtbot.wait(50)
        assert made.window.isActiveWindow()
        assert made.unlock_screen.passphrase.line.hasFocus()


def test_locked_by_hand_it_gives_no_reason(screen: UnlockScreen) -> None:
    assert not screen.why.isVisible()


def test_another_vault_can_be_chosen_and_nothing_typed_stays(
    hands: Opened, screen: UnlockScreen
) -> None:
    hands.type("half of it")
    line = screen.passphrase.line
    screen.another_button.click()
    assert isinstance(hands.window.screens.currentWidget(), StartScreen)
    assert line.text() == ""
    assert hands.window.folder is None


# --- the wipe -------------------------------------------------------------------------------------


@pytest.fixture
def ended(hands: Opened) -> list[int]:
    """What the process would have ended with."""
    found: list[int] = []
    hands.window.panic.end_process = found.append
    return found


def test_without_unlocking_the_button_held_with_the_pointer_destroys_the_vault(
    hands: Opened, vault_folder: Path, ended: list[int]
) -> None:
    hands.type("half of it")
    QTest.mousePress(hands.window.wipe_button, Qt.MouseButton.LeftButton)
    hands.until(lambda: ended)
    assert not vault_folder.exists()
    assert not hands.window.isVisible()


def test_without_unlocking_letting_the_button_go_in_time_destroys_nothing(
    hands: Opened, vault_folder: Path, ended: list[int]
) -> None:
    button = hands.window.wipe_button
    button.hold_ms = 60_000
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    assert button.is_held
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert not button.is_held
    assert "Let go in time" in hands.window.foot.message.text()
    assert not ended
    hands.close()
    open_vault(vault_folder, PASSPHRASE).lock()
