"""What fielddoc puts on the clipboard is marked as sensitive and gone after ten seconds.

Text fields and labels copy by themselves, and selecting text fills the primary selection of X11,
so everything of ours that appears on either is taken and put there again: as plain text, with the
marks by which programs that keep a history know that it is not for them.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QMimeData, QObject, QTimer, Slot
from PySide6.QtGui import QClipboard, QGuiApplication

from fielddoc.gui import objc

KEPT_MS = 10_000

MARKS: dict[str, bytes] = {
    "x-kde-passwordManagerHint": b"secret",  # Klipper, CopyQ, GPaste, wl-clip-persist
    "ExcludeClipboardContentFromMonitorProcessing": b"1",  # Windows, any history
    "CanIncludeInClipboardHistory": bytes(4),  # Windows, a DWORD of 0: not in Win+V
    "CanUploadToCloudClipboard": bytes(4),  # Windows, a DWORD of 0: not to other devices
}
CONCEALED = b"org.nspasteboard.ConcealedType"
"""What clipboard managers for macOS look for (nspasteboard.org)."""

_MARK = "x-kde-passwordManagerHint"
_MODES = (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection)


def marked(text: str) -> QMimeData:
    """Return text as it may lie on a clipboard."""
    data = QMimeData()
    data.setText(text)
    for name, value in MARKS.items():
        data.setData(name, value)
    return data


class ClipboardGuard(QObject):
    """Marks what this program puts on the clipboard, and takes it away again."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        clipboard: QClipboard | None = None,
        kept_ms: int = KEPT_MS,
        owns: Callable[[QClipboard.Mode], bool] | None = None,
        conceal: Callable[[], None] | None = None,
    ) -> None:
        """Begin.

        Args:
            parent: the object that owns this one.
            clipboard: the system's if None.
            kept_ms: how long something stays.
            owns: tells whether what lies there is ours; the clipboard is asked if None.
            conceal: adds the mark of macOS to what lies on its pasteboard now.
        """
        super().__init__(parent)
        self._clipboard = clipboard or QGuiApplication.clipboard()
        self._is_ours = owns or self._owns
        self._conceal = conceal or (conceal_on_macos if sys.platform == "darwin" else None)
        self._timers: dict[QClipboard.Mode, QTimer] = {}
        for mode in _MODES:
            timer = QTimer(self)
            timer.setSingleShot(True)
            timer.setInterval(kept_ms)
            timer.timeout.connect(self._clear_late)
            self._timers[mode] = timer
        self._clipboard.changed.connect(self._changed)

    def clear_now(self) -> None:
        """Take away what is ours; called before a lock and at the end."""
        for mode in _MODES:
            self._timers[mode].stop()
            if self._is_ours(mode):
                self._clipboard.clear(mode)

    @Slot()
    def _clear_late(self) -> None:
        for mode, timer in self._timers.items():
            if not timer.isActive() and self._is_ours(mode):
                self._clipboard.clear(mode)

    @Slot(QClipboard.Mode)
    def _changed(self, mode: QClipboard.Mode) -> None:
        if mode not in self._timers or not self._is_ours(mode):
            return
        data: QMimeData | None = self._clipboard.mimeData(mode)
        if data is None or not data.formats():
            return  # it was cleared
        self._timers[mode].start()
        if not data.hasFormat(_MARK):
            self._clipboard.setMimeData(marked(data.text()), mode)
            if self._conceal is not None and mode is QClipboard.Mode.Clipboard:
                self._conceal()

    def _owns(self, mode: QClipboard.Mode) -> bool:
        if mode is QClipboard.Mode.Selection:
            return self._clipboard.supportsSelection() and self._clipboard.ownsSelection()
        return self._clipboard.ownsClipboard()


def conceal_on_macos(runtime: Any = None) -> None:
    """Add the mark that clipboard managers for macOS look for; Qt has no way to name it."""
    with suppress(OSError, AttributeError):
        mac = objc.Runtime(runtime)
        board = mac.send(mac.class_named(b"NSPasteboard"), b"generalPasteboard")
        kind = mac.text(CONCEALED)
        kinds = mac.send(mac.class_named(b"NSArray"), b"arrayWithObject:", kind)
        mac.send(board, b"addTypes:owner:", kinds, None)
        mac.send(board, b"setString:forType:", mac.text(b""), kind)
