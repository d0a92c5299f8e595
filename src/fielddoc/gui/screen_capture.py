"""Keeps windows out of screenshots and recordings, where the system can.

Windows can, and says itself that it is no security feature; macOS 15 and later ignore the request
when a program records the whole screen; Linux has no way to ask. docs/threat-model.md says so.
"""

import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QWidget

from fielddoc.gui import objc

Hide = Callable[[int], bool]
"""Takes the system's number of a window; tells whether it is kept out of pictures now."""

_EXCLUDE_FROM_CAPTURE = 0x11  # WDA_EXCLUDEFROMCAPTURE, Windows 10 2004 and later: nothing is seen
_MONITOR = 0x01  # WDA_MONITOR, before: a black rectangle
_SHARING_NONE = 0  # NSWindowSharingNone


def hide_of(platform: str) -> Hide:
    """Return what keeps a window out of pictures on a system."""
    match platform:
        case "win32":
            return hide_on_windows
        case "darwin":
            return hide_on_macos
        case _:
            return cannot_hide


def cannot_hide(_: int) -> bool:
    """Do nothing: X11 and Wayland give a program no way to ask for it."""
    return False


def hide_on_windows(window: int, user32: Any = None) -> bool:
    """Ask Windows to leave a window out."""
    with suppress(OSError, AttributeError):
        library = user32 or ctypes.CDLL("user32")
        handle = ctypes.c_void_p(window)
        return bool(
            library.SetWindowDisplayAffinity(handle, _EXCLUDE_FROM_CAPTURE)
            or library.SetWindowDisplayAffinity(handle, _MONITOR)
        )
    return False


def hide_on_macos(view: int, library: Any = None) -> bool:
    """Ask macOS to leave out the window of a view, which is what Qt knows."""
    with suppress(OSError, AttributeError):
        mac = objc.Runtime(library)
        window = mac.send(view, b"window")
        if window:
            mac.send(window, b"setSharingType:", _SHARING_NONE)
            return True
    return False


class CaptureGuard(QObject):
    """Asks it for every window of the program when it is shown: dialogs, menus, tooltips too."""

    def __init__(self, parent: QObject | None = None, *, hide: Hide | None = None) -> None:
        super().__init__(parent)
        self._hide = hide or hide_of(sys.platform)
        application = QCoreApplication.instance()
        if application is not None and self._hide is not cannot_hide:
            application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See what is shown."""
        kind = event.type()
        if (
            kind in (QEvent.Type.Show, QEvent.Type.WinIdChange)
            and isinstance(watched, QWidget)
            and watched.isWindow()
            and watched.internalWinId()
        ):
            self._hide(int(watched.internalWinId()))
        return False
