"""Windows are kept out of pictures where the system can, dialogs and menus too."""

from typing import Any

import pytest
from PySide6.QtWidgets import QDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from fielddoc.gui.screen_capture import (
    CaptureGuard,
    cannot_hide,
    hide_of,
    hide_on_macos,
    hide_on_windows,
)
from gui.test_clipboard import ObjectiveC
from gui.windows import shown


def test_every_window_is_asked_for_when_it_is_shown(qtbot: QtBot) -> None:
    asked: list[int] = []

    def hide(window: int) -> bool:
        asked.append(window)
        return True

    guard = CaptureGuard(hide=hide)
    window = QWidget()
    shown(qtbot, window)
    dialog = QDialog(window)
    shown(qtbot, dialog)
    menu = QMenu(window)
    menu.addAction("x")
    menu.popup(window.pos())
    qtbot.waitUntil(menu.isVisible)

    assert {int(window.winId()), int(dialog.winId()), int(menu.winId())} <= set(asked)
    menu.close()
    guard.deleteLater()


class User32:
    """Windows' library, which may be too old for the newer request."""

    def __init__(self, *known: int) -> None:
        self.known = known
        self.asked: list[tuple[int, int]] = []

    def SetWindowDisplayAffinity(self, window: Any, how: int) -> int:  # noqa: N802
        self.asked.append((window.value, how))
        return int(how in self.known)


def test_windows_is_asked_to_leave_the_window_out_or_to_blacken_it() -> None:
    new, old, oldest = User32(0x11, 0x01), User32(0x01), User32()

    assert hide_on_windows(42, new)
    assert new.asked == [(42, 0x11)]
    assert hide_on_windows(42, old)
    assert old.asked == [(42, 0x11), (42, 0x01)]
    assert not hide_on_windows(42, oldest)
    assert not hide_on_windows(42, object())


def test_macos_is_asked_not_to_share_the_window() -> None:
    runtime = ObjectiveC()
    view = runtime._keep("view")

    assert hide_on_macos(view, runtime)

    assert runtime.sent == [
        ("view", b"window", []),
        (("view", "window"), b"setSharingType:", [None]),
    ]
    assert not hide_on_macos(view, object())


@pytest.mark.parametrize(
    ("platform", "hide"),
    [("win32", hide_on_windows), ("darwin", hide_on_macos), ("linux", cannot_hide)],
)
def test_each_system_has_its_own_way_and_linux_none(platform: str, hide: object) -> None:
    assert hide_of(platform) is hide
    assert not cannot_hide(1)
