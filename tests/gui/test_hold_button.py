"""The button that acts only when it is held, on keyboards that repeat."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from fielddoc.gui.hold_button import LET_GO_MS, HoldButton
from gui.opened import opened
from gui.windows import shown

HOLD_MS = 400


class Heard:
    def __init__(self, button: HoldButton) -> None:
        self.held = 0
        self.cancelled = 0
        self.finished = 0
        button.held.connect(self._held)
        button.cancelled.connect(self._cancelled)
        button.finished.connect(self._finished)

    def _held(self) -> None:
        self.held += 1

    def _cancelled(self) -> None:
        self.cancelled += 1

    def _finished(self) -> None:
        self.finished += 1


@pytest.fixture
def button(qtbot: QtBot) -> Iterator[HoldButton]:
    made = HoldButton("Hold", hold_ms=HOLD_MS)
    shown(qtbot, made)
    made.setFocus()
    yield made
    made.release()


@pytest.fixture
def heard(button: HoldButton) -> Heard:
    return Heard(button)


def send(button: HoldButton, kind: QEvent.Type, *, is_repeat: bool = False) -> None:
    event = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ", is_repeat)
    QCoreApplication.sendEvent(button, event)


def test_holding_a_key_acts_once(qtbot: QtBot, button: HoldButton, heard: Heard) -> None:
    QTest.keyPress(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: heard.held == 1)
    assert heard.finished == 0
    QTest.keyRelease(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: heard.finished == 1)
    assert (heard.held, heard.cancelled) == (1, 0)


def test_letting_go_in_time_does_nothing(button: HoldButton, heard: Heard) -> None:
    QTest.keyPress(button, Qt.Key.Key_Space)
    QTest.qWait(HOLD_MS // 4)
    QTest.keyRelease(button, Qt.Key.Key_Space)
    QTest.qWait(2 * HOLD_MS)
    assert (heard.held, heard.cancelled) == (0, 1)


def test_letting_go_just_before_the_end_does_nothing(button: HoldButton, heard: Heard) -> None:
    QTest.keyPress(button, Qt.Key.Key_Space)
    QTest.qWait(HOLD_MS - LET_GO_MS // 2)
    QTest.keyRelease(button, Qt.Key.Key_Space)
    QTest.qWait(2 * HOLD_MS)
    assert (heard.held, heard.cancelled) == (0, 1)


@pytest.mark.parametrize("is_told", [True, False], ids=["told apart", "not told apart"])
def test_the_repetitions_of_a_held_key_are_holding(
    qtbot: QtBot, button: HoldButton, heard: Heard, *, is_told: bool
) -> None:
    """A busy X server's repetitions come as releases and presses that do not say what they are."""
    send(button, QEvent.Type.KeyPress)
    for _ in range(HOLD_MS // 20):
        send(button, QEvent.Type.KeyRelease, is_repeat=is_told)
        QTest.qWait(5)
        send(button, QEvent.Type.KeyPress, is_repeat=is_told)
        QTest.qWait(15)
    qtbot.waitUntil(lambda: heard.held == 1)
    assert heard.cancelled == 0


def test_it_lets_go_when_the_focus_leaves(button: HoldButton, heard: Heard) -> None:
    QTest.keyPress(button, Qt.Key.Key_Space)
    button.clearFocus()
    QTest.qWait(2 * HOLD_MS)
    assert (heard.held, heard.cancelled) == (0, 1)


def test_it_lets_go_when_the_pointer_leaves(button: HoldButton, heard: Heard) -> None:
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    QTest.mouseMove(button, button.rect().bottomRight() * 3)
    QTest.qWait(2 * HOLD_MS)
    assert (heard.held, heard.cancelled) == (0, 1)


def test_a_click_alone_does_nothing(button: HoldButton, heard: Heard) -> None:
    button.click()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.qWait(2 * HOLD_MS)
    assert heard.held == 0


def test_the_wipe_chord_lets_go_when_another_window_takes_the_keyboard(qtbot: QtBot) -> None:
    """No release arrives from a key that is let go in another program or the screen locker."""
    with opened(qtbot) as hands:
        wipe = hands.window.wipe_button
        heard = Heard(wipe)
        chord = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        QTest.keyPress(hands.focused, Qt.Key.Key_F12, chord)
        assert wipe.is_held
        other = QWidget()
        shown(qtbot, other)
        QTest.qWait(3 * wipe.hold_ms)
        assert (heard.held, heard.cancelled) == (0, 1)
        assert "Let go in time" in hands.window.foot.message.text()

        hands.come_to_front()
        QTest.keyPress(hands.focused, Qt.Key.Key_F12, chord)
        qtbot.waitUntil(lambda: heard.held == 1)


def test_the_wipe_chord_lets_go_when_the_program_is_left(qtbot: QtBot) -> None:
    with opened(qtbot) as hands:
        wipe = hands.window.wipe_button
        heard = Heard(wipe)
        chord = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        QTest.keyPress(hands.focused, Qt.Key.Key_F12, chord)
        application = QApplication.instance()
        assert application is not None
        QCoreApplication.sendEvent(application, QEvent(QEvent.Type.ApplicationStateChange))
        QTest.qWait(3 * wipe.hold_ms)
        assert (heard.held, heard.cancelled) == (0, 1)
