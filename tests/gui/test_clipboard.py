"""What is copied is marked as sensitive, and taken away again."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from fielddoc.gui.clipboard import KEPT_MS, MARKS, ClipboardGuard, conceal_on_macos
from fielddoc.gui.window import Window
from gui.opened import Opened
from gui.windows import shown

COPY = (Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)


@pytest.fixture
def clipboard(qapp: object) -> QClipboard:
    board = QGuiApplication.clipboard()
    board.clear()
    return board


Guarded = Callable[..., ClipboardGuard]


@pytest.fixture
def guarded(clipboard: QClipboard) -> Iterator[Guarded]:
    """Make a guard; the offscreen platform does not know who owns its clipboard."""
    made: list[ClipboardGuard] = []

    def make(*, kept_ms: int, is_ours: bool = True, **more: Any) -> ClipboardGuard:
        def owns(mode: QClipboard.Mode) -> bool:
            return is_ours and mode is QClipboard.Mode.Clipboard

        made.append(ClipboardGuard(kept_ms=kept_ms, owns=owns, **more))
        return made[-1]

    yield make
    for guard in made:
        guard.clear_now()
        shiboken6.delete(guard)
    clipboard.clear()


def marks_on(clipboard: QClipboard) -> dict[str, bytes]:
    data: QMimeData | None = clipboard.mimeData()
    if data is None:
        return {}
    return {name: bytes(data.data(name).data()) for name in MARKS if data.hasFormat(name)}


def test_text_copied_from_a_field_is_marked_for_every_kind_of_history(
    qtbot: QtBot, clipboard: QClipboard, guarded: Guarded
) -> None:
    guarded(kept_ms=60_000)
    line = QLineEdit("徐 in Linyi")
    shown(qtbot, line)
    line.selectAll()
    QTest.keyClick(line, *COPY)

    assert clipboard.text() == "徐 in Linyi"
    assert marks_on(clipboard) == MARKS
    assert MARKS["x-kde-passwordManagerHint"] == b"secret"
    assert MARKS["CanIncludeInClipboardHistory"] == (0).to_bytes(4, "little")


def test_rich_text_is_copied_as_plain_text_only(
    qtbot: QtBot, clipboard: QClipboard, guarded: Guarded
) -> None:
    guarded(kept_ms=60_000)
    text = QPlainTextEdit("first\nsecond")
    shown(qtbot, text)
    text.selectAll()
    text.copy()

    assert clipboard.text() == "first\nsecond"
    assert set(clipboard.mimeData().formats()) == {"text/plain", *MARKS}


def test_it_is_gone_after_the_time(qtbot: QtBot, clipboard: QClipboard, guarded: Guarded) -> None:
    guarded(kept_ms=50)
    clipboard.setText("a number")
    assert clipboard.text() == "a number"

    qtbot.waitUntil(lambda: clipboard.text() == "")
    assert marks_on(clipboard) == {}


def test_copying_again_begins_the_time_again(
    qtbot: QtBot, clipboard: QClipboard, guarded: Guarded
) -> None:
    guard = guarded(kept_ms=60_000)
    clipboard.setText("one")
    (timer,) = [t for t in guard._timers.values() if t.isActive()]
    timer.setInterval(30_000)
    clipboard.setText("two")

    assert clipboard.text() == "two"
    assert timer.isActive()
    assert timer.interval() == 30_000
    assert timer.remainingTime() > 29_000


def test_it_is_gone_at_once_when_the_vault_locks(clipboard: QClipboard, guarded: Guarded) -> None:
    guard = guarded(kept_ms=60_000)
    clipboard.setText("a name")

    guard.clear_now()

    assert clipboard.text() == ""
    assert not [timer for timer in guard._timers.values() if timer.isActive()]


def test_what_another_program_copied_is_left_alone(clipboard: QClipboard, guarded: Guarded) -> None:
    guard = guarded(kept_ms=60_000, is_ours=False)
    data = QMimeData()
    data.setText("from elsewhere")
    clipboard.setMimeData(data)

    guard.clear_now()

    assert clipboard.text() == "from elsewhere"
    assert marks_on(clipboard) == {}
    clipboard.clear()


def test_macos_gets_its_own_mark_with_each_copy(clipboard: QClipboard, guarded: Guarded) -> None:
    concealed: list[str] = []
    guarded(kept_ms=60_000, conceal=lambda: concealed.append(clipboard.text()))
    clipboard.setText("one")

    assert concealed == ["one"]


class ObjectiveC:
    """The runtime of macOS, recorded: objects are numbers, each with the words that made it."""

    def __init__(self) -> None:
        self.objects: list[object] = [None]
        self.sent: list[tuple[object, bytes, list[object]]] = []
        self.objc_getClass = self._function(self._class)
        self.sel_registerName = self._function(self._keep)
        self.objc_msgSend = self._function(self._send)

    @staticmethod
    def _function(step: Any) -> Any:
        def function(*arguments: Any) -> Any:
            return step(*arguments)

        return function

    def _keep(self, thing: object) -> int:
        self.objects.append(thing)
        return len(self.objects) - 1

    def _class(self, name: bytes) -> int:
        return self._keep(name.decode())

    def _send(self, receiver: Any, message: Any, *arguments: Any) -> int:
        words = [a if isinstance(a, bytes) else self.objects[a.value or 0] for a in arguments]
        name = self.objects[message.value]
        assert isinstance(name, bytes)
        self.sent.append((self.objects[receiver.value], name, words))
        return self._keep((self.objects[receiver.value], name.decode(), *words))


def test_the_mark_of_macos_is_added_to_what_lies_there() -> None:
    runtime = ObjectiveC()
    conceal_on_macos(runtime)

    kind = ("NSString", "stringWithUTF8String:", b"org.nspasteboard.ConcealedType")
    board = ("NSPasteboard", "generalPasteboard")
    array = ("NSArray", "arrayWithObject:", kind)
    assert (board, b"addTypes:owner:", [array, None]) in runtime.sent
    assert runtime.sent[-1][1] == b"setString:forType:"
    assert runtime.sent[-1][2][1] == kind


def test_without_the_runtime_of_macos_nothing_breaks() -> None:
    conceal_on_macos(object())


def test_the_program_takes_it_away_after_the_ten_seconds_that_are_promised(
    qtbot: QtBot, clipboard: QClipboard
) -> None:
    window = Window(hold_ms=50)
    qtbot.addWidget(window)

    assert KEPT_MS == 10_000
    assert {timer.interval() for timer in window.clipboard._timers.values()} == {KEPT_MS}
    window.panic.disarm()


@pytest.mark.parametrize("is_open", [True, False], ids=["unlocked", "a passphrase typed"])
def test_every_lock_of_the_window_takes_it_away(
    qtbot: QtBot, clipboard: QClipboard, vault_folder: Path, *, is_open: bool
) -> None:
    hands = Opened(qtbot)
    hands.window.clipboard._is_ours = lambda mode: mode is QClipboard.Mode.Clipboard
    if is_open:
        hands.unlock(vault_folder)
    else:
        hands.window.show_unlock(vault_folder)
        hands.unlock_screen.passphrase.set_text("half of a passphrase")
    clipboard.setText("a name")

    hands.window.lock()

    assert hands.locked_into
    assert clipboard.text() == ""
    hands.close()
