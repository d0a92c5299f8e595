"""Tab goes through what is seen, in the order in which it is seen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QRadioButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from fielddoc.gui import tab_order
from gui.windows import shown


class _Window(QMainWindow):
    def focusNextPrevChild(self, is_next: bool) -> bool:  # noqa: N802 - Qt's signature
        return tab_order.step(self, self.focusWidget(), is_forward=is_next)


def line(name: str) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    return made


def names(root: QWidget) -> list[str]:
    return [widget.objectName() for widget in tab_order.stops(root)]


def window_of(qtbot: QtBot, *widgets: QWidget) -> tuple[_Window, QVBoxLayout]:
    window = _Window()
    middle = QWidget()
    column = QVBoxLayout(middle)
    for widget in widgets:
        column.addWidget(widget)
    window.setCentralWidget(middle)
    shown(qtbot, window)
    return window, column


def test_what_was_put_in_between_later_is_reached_in_between(qtbot: QtBot) -> None:
    window, column = window_of(qtbot, line("a"), line("c"))
    column.insertWidget(1, line("b"))
    QApplication.processEvents()
    assert names(window) == ["a", "b", "c"]


def test_going_on_and_back_by_the_keys_goes_round(qtbot: QtBot) -> None:
    window, column = window_of(qtbot, line("c"))
    column.insertWidget(0, line("b"))
    column.insertWidget(0, line("a"))
    QApplication.processEvents()
    went: list[str] = []
    window.setFocus()
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
        QTest.keyClick(QApplication.focusWidget() or window, key)
        went.append(window.focusWidget().objectName())
    assert went == ["a", "b", "c", "a", "c"]


def test_hidden_and_disabled_widgets_are_passed_over(qtbot: QtBot) -> None:
    hidden, disabled = line("hidden"), line("disabled")
    window, _ = window_of(qtbot, line("a"), hidden, disabled, line("b"))
    hidden.hide()
    disabled.setEnabled(False)
    assert names(window) == ["a", "b"]


@pytest.mark.parametrize("step", ["hide", "disable"])
def test_when_it_is_taken_away_the_focus_goes_to_what_follows(qtbot: QtBot, step: str) -> None:
    last = line("b")
    window, _ = window_of(qtbot, line("a"), last, line("c"))
    last.setFocus()
    qtbot.waitUntil(last.hasFocus)
    if step == "hide":
        last.hide()
    else:
        last.setEnabled(False)
    assert window.focusWidget().objectName() == "c"


def test_of_radio_buttons_the_chosen_one_is_a_stop(qtbot: QtBot) -> None:
    buttons = [QRadioButton(name) for name in ("one", "two", "three")]
    for button in buttons:
        button.setObjectName(button.text())
    window, _ = window_of(qtbot, line("a"), *buttons, line("b"))
    assert names(window) == ["a", "one", "b"]
    buttons[1].setChecked(True)
    assert names(window) == ["a", "two", "b"]


def test_of_two_groups_of_radio_buttons_side_by_side_each_has_its_stop(qtbot: QtBot) -> None:
    buttons = [QRadioButton(name) for name in ("one", "two", "three", "four")]
    groups = [QButtonGroup(), QButtonGroup()]
    for number, button in enumerate(buttons):
        button.setObjectName(button.text())
        groups[number // 2].addButton(button)
    window, _ = window_of(qtbot, line("a"), *buttons, line("b"))
    buttons[1].setChecked(True)
    assert names(window) == ["a", "two", "three", "b"]


@pytest.mark.parametrize(
    "direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft]
)
def test_what_scrolls_and_what_is_split_is_walked_from_where_lines_begin(
    qtbot: QtBot, direction: Qt.LayoutDirection
) -> None:
    inner = QWidget()
    row = QHBoxLayout(inner)
    row.addWidget(line("first"))
    row.addWidget(line("second"))
    scroll = QScrollArea()
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidgetResizable(True)
    scroll.setWidget(inner)
    splitter = QSplitter()
    splitter.setLayoutDirection(direction)
    splitter.addWidget(scroll)
    splitter.addWidget(line("third"))
    window, _ = window_of(qtbot, splitter)
    assert names(window) == ["first", "second", "third"]


def test_what_takes_away_the_focus_never_puts_it_on_what_only_a_key_leads_to(qtbot: QtBot) -> None:
    leaving, last = line("leaving"), line("a")
    window, _ = window_of(qtbot, line("hide"), last, leaving)
    hide = window.findChild(QLineEdit, "hide")
    assert hide is not None
    leaving.setFocus()
    qtbot.waitUntil(leaving.hasFocus)
    assert tab_order.step(window, leaving, is_forward=True, only_by_key=(hide,))
    assert window.focusWidget() is hide  # somebody pressed Tab
    leaving.setVisible(False)
    assert tab_order.step(window, leaving, is_forward=True, only_by_key=(hide,))
    assert window.focusWidget() is last
