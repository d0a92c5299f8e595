"""Every control of every screen has a name, can be reached by key, and nothing is cut off."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from fielddoc.gui import style
from fielddoc.gui.fields.fold_button import FoldButton
from fielddoc.gui.language import use_language
from fielddoc.gui.preferences import Preferences
from fielddoc.gui.tab_order import group_of
from fielddoc.gui.viewer import Viewer
from fielddoc.gui.window import Window
from gui.every_screen import screens
from gui.waiting import wait
from gui.windows import shown

CONTROLS = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit)
MOST_ON_TAB = 400
_LAYOUT_STEPS = 50


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(hold_ms=30)
    made.relaunch = lambda _: None
    made.resize(1366, 768)
    shown(qtbot, made)
    yield made
    if made.session is not None:
        made.session.close(10)
        made.session = None
    made.panic.disarm()


def visible_controls(window: QWidget) -> list[QWidget]:
    """Return what can be seen and used; a viewer keeps the keys while it covers a record."""
    viewers = [viewer for viewer in window.findChildren(Viewer) if viewer.isVisible()]
    return [
        widget
        for widget in (viewers[0] if viewers else window).findChildren(QWidget)
        if isinstance(widget, CONTROLS)
        and widget.isVisible()
        and not widget.objectName().startswith("qt_")
        and widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
    ]


def name_of(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return str(interface.text(QAccessible.Text.Name))


def reached_by_tab(window: QWidget) -> set[QWidget]:
    """Press Tab until it has come round, and return what had the focus on the way."""
    before = QApplication.focusWidget()
    reached: set[QWidget] = set()
    for _ in range(MOST_ON_TAB):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        if focused is None or focused in reached:
            break
        reached.add(focused)
    if before is not None:
        before.setFocus()
    return reached


def is_reached_by_arrows(widget: QWidget, reached: set[QWidget]) -> bool:
    return isinstance(widget, QRadioButton) and any(
        isinstance(other, QRadioButton) and group_of(other) is group_of(widget) for other in reached
    )


def without_a_name(window: QWidget) -> list[str]:
    return [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in visible_controls(window)
        if not name_of(widget)
    ]


def not_reached_by_tab(window: QWidget) -> list[str]:
    reached = reached_by_tab(window)
    return [
        f"{type(widget).__name__} {name_of(widget)!r}"
        for widget in visible_controls(window)
        if widget not in reached
        and widget.isEnabled()
        and not is_reached_by_arrows(widget, reached)
    ]


def test_every_control_of_every_screen_has_a_name_and_is_reached_by_tab(
    window: Window, tmp_path: Path
) -> None:
    nameless: list[str] = []
    unreached: list[str] = []
    for screen in screens(window, tmp_path):
        nameless += [f"{screen}: {control}" for control in without_a_name(window)]
        unreached += [f"{screen}: {control}" for control in not_reached_by_tab(window)]
    assert nameless == []
    assert sorted(set(unreached)) == []


@dataclass(frozen=True)
class _Look:
    language: str
    text_percent: int
    size: tuple[int, int]


@pytest.mark.parametrize(
    "look",
    [
        _Look("en", 100, (1000, 640)),
        _Look("en", 150, (1366, 768)),
        _Look("zh_CN", 150, (1366, 768)),
    ],
    ids=str,
)
def test_no_words_are_cut_off(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: _Look
) -> None:
    monkeypatch.setenv("LANGUAGE", look.language)
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    style.apply(application, dark=False, text_percent=look.text_percent)
    window.resize(*look.size)
    cut: list[str] = []
    preferences = Preferences(
        language=look.language, text_percent=look.text_percent, appearance="light"
    )
    for screen in screens(window, tmp_path, preferences):
        assert (window.width(), window.height()) == look.size, f"{screen} made the window larger"
        cut += [f"{screen}: {words}" for words in after_settling(lambda: cut_off(window))]
    assert not cut, "\n".join(cut)
    assert os.environ["LANGUAGE"] == look.language


def after_settling(complaints: Callable[[], list[str]]) -> list[str]:
    """Return what is still wrong once the layout has had time: parts are placed one after another."""
    for _ in range(_LAYOUT_STEPS):
        if not complaints():
            break
        wait()
    return complaints()


def cut_off(window: QWidget) -> list[str]:
    """Return the words that have less room than they need, and what reaches beyond its area."""
    return [
        complaint
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        for complaint in (_words_cut(widget), _beyond_the_edge(widget))
        if complaint
    ]


def _words_cut(widget: QWidget) -> str:
    if not isinstance(widget, QAbstractButton | QLabel):
        return ""
    if isinstance(widget, FoldButton) and widget.is_wide:
        return ""  # it sums up what opening it shows, and ends in an ellipsis
    text = widget.text()
    if not text or (isinstance(widget, QLabel) and widget.hasSelectedText()):
        return ""
    needed = widget.minimumSizeHint() if isinstance(widget, QLabel) else widget.sizeHint()
    if isinstance(widget, QLabel) and widget.wordWrap():
        needed.setHeight(max(needed.height(), widget.heightForWidth(widget.width())))
    room = widget.size()
    if room.width() + 1 < needed.width() or room.height() + 1 < needed.height():
        return f"{text[:50]!r} has {room} and needs {needed}"
    return ""


def _beyond_the_edge(widget: QWidget) -> str:
    """Return by how much a form is wider than what is seen of it."""
    if not isinstance(widget, QScrollArea):
        return ""
    beyond = widget.horizontalScrollBar().maximum()
    inside = widget.widget()
    return f"{type(inside).__name__} reaches {beyond} px beyond the edge" if beyond > 0 else ""


def labels_astray(window: QWidget) -> list[str]:
    """Return the words of labels that are set to neither the reading side nor the middle."""
    leading = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute
    return [
        label.text()
        for label in window.findChildren(QLabel)
        if label.isVisible()
        and label.text()
        and label.isRightToLeft()
        and not label.alignment() & Qt.AlignmentFlag.AlignHCenter
        and label.alignment() & leading != leading
    ]


def test_the_window_is_mirrored_where_one_reads_from_the_right(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "ug")
    use_language("")
    astray: list[str] = []
    try:
        for screen in screens(window, tmp_path):
            wipe = window.wipe_button.mapTo(window, window.wipe_button.rect().center())
            assert wipe.x() < window.width() / 4, screen
            workspace = window.workspace()
            if workspace is not None:
                side = workspace.navigation.mapTo(window, workspace.navigation.rect().center())
                assert side.x() > window.width() / 2, screen
            astray += [f"{screen}: {words!r}" for words in labels_astray(window)]
        assert sorted(set(astray)) == []
    finally:
        monkeypatch.setenv("LANGUAGE", "en")
        use_language("")
