"""Choosing a file: nothing behind the dialog can be changed meanwhile, but Hide, Lock and Wipe work.

Keys and presses go to the windows here, as the system sends them: whoever sends them to a widget
passes by what keeps a window behind a dialog from being used.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QInputMethodEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from fielddoc.gui.choose import open_dialog
from fielddoc.gui.salvage_screen import SalvageScreen
from gui.opened import Opened, opened

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path) -> Iterator[Opened]:
    with opened(qtbot, vault_folder) as made:
        made.records.new_record("incident")
        made.type("Followed home")
        yield made


def window_of(widget: QWidget) -> QWindow:
    handle = widget.window().windowHandle()
    assert handle is not None
    return handle


def form_values(hands: Opened) -> object:
    form = hands.records.editor.form
    assert form is not None
    return form.values()


def press(widget: QWidget) -> None:
    """Press with the mouse where a widget lies, on its window."""
    place = widget.mapTo(widget.window(), widget.rect().center())
    QTest.mouseClick(window_of(widget), Qt.MouseButton.LeftButton, pos=place)


def asking_for_files(hands: Opened) -> QFileDialog:
    hands.records.editor.files.choose_files()
    hands.until(open_dialog)
    dialog = open_dialog()
    assert dialog is not None
    hands.until(dialog.isActiveWindow)
    return dialog


@pytest.mark.parametrize("key", ["lock", "hide"])
def test_a_key_locks_beside_a_dialog(hands: Opened, key: str) -> None:
    dialog = asking_for_files(hands)

    if key == "lock":
        QTest.keyClick(window_of(dialog), Qt.Key.Key_L, CONTROL)
    else:
        QTest.keyClick(window_of(dialog), Qt.Key.Key_H, CONTROL | SHIFT)

    hands.until(lambda: hands.locked_into)
    assert open_dialog() is None
    assert hands.window.isMinimized() == (key == "hide")


@pytest.mark.parametrize("button", ["hide_button", "lock_button"])
def test_the_buttons_of_the_bar_work_beside_a_dialog(hands: Opened, button: str) -> None:
    asking_for_files(hands)

    press(getattr(hands.window, button))

    hands.until(lambda: hands.locked_into)


def test_the_wipe_can_be_held_beside_a_dialog(hands: Opened, vault_folder: Path) -> None:
    ended: list[int] = []
    hands.window.panic.end_process = ended.append
    asking_for_files(hands)
    button = hands.window.wipe_button
    place = button.mapTo(hands.window, button.rect().center())

    QTest.mousePress(window_of(button), Qt.MouseButton.LeftButton, pos=place)
    hands.until(lambda: ended)

    assert not vault_folder.exists()


def test_nothing_behind_a_dialog_is_changed(hands: Opened) -> None:
    """Else files would be added to another record than the one that they were asked for."""
    line = hands.focused
    dialog = asking_for_files(hands)
    before, (page, place) = form_values(hands), hands.workspace.here()

    press(hands.records.new_button)
    hands.window.activateWindow()
    for key, modifiers in (
        (Qt.Key.Key_N, CONTROL),
        (Qt.Key.Key_F, CONTROL),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_2, CONTROL),
        (Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier),
    ):
        QTest.keyClick(window_of(hands.window), key, modifiers)
    event = QInputMethodEvent("", [])
    event.setCommitString("法院")
    QCoreApplication.sendEvent(line, event)
    QTest.qWait(50)

    assert form_values(hands) == before
    here, there = hands.workspace.here()
    assert (here, there["record"]) == (page, place["record"])
    assert QApplication.activePopupWidget() is None
    assert dialog.isVisible()


def test_whoever_presses_behind_a_dialog_is_led_back_to_it(hands: Opened) -> None:
    dialog = asking_for_files(hands)
    hands.window.activateWindow()
    hands.until(hands.window.isActiveWindow)

    QTest.mouseClick(window_of(hands.window), Qt.MouseButton.LeftButton, pos=QPoint(300, 300))

    hands.until(dialog.isActiveWindow)


def test_after_a_dialog_everything_can_be_used_again(hands: Opened) -> None:
    dialog = asking_for_files(hands)
    dialog.reject()
    hands.until(lambda: open_dialog() is None)

    press(hands.records.new_button)

    hands.until(lambda: QApplication.activePopupWidget() is not None or not form_values(hands))


def test_a_second_dialog_takes_the_place_of_the_first(hands: Opened) -> None:
    first = asking_for_files(hands)
    hands.records.editor.files.choose_files()

    hands.until(lambda: open_dialog() is not None and open_dialog() is not first)
    assert (
        sum(
            isinstance(one, QFileDialog) and one.isVisible()
            for one in QApplication.topLevelWidgets()
        )
        == 1
    )


def test_the_wipe_can_be_held_beside_a_dialog_before_unlocking(
    qtbot: QtBot, vault_folder: Path
) -> None:
    with opened(qtbot) as hands:
        ended: list[int] = []
        hands.window.panic.end_process = ended.append
        hands.window.show_salvage(vault_folder)
        screen = hands.window.screens.currentWidget()
        assert isinstance(screen, SalvageScreen)
        press(screen.elsewhere_button)
        hands.until(open_dialog)
        button = hands.window.wipe_button
        hands.until(button.isEnabled)
        place = button.mapTo(hands.window, button.rect().center())
        QTest.mousePress(window_of(button), Qt.MouseButton.LeftButton, pos=place)
        hands.until(lambda: ended)
        assert not vault_folder.exists()
