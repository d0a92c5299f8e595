"""What Windows tells a window: session lock, suspend and lid.

Written after Microsoft's documents and tested on messages of the documented form; it has not been
run on Windows.
"""

import ctypes
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication
from PySide6.QtGui import QWindow

from fielddoc.gui.system_lock import Reason, Tell

_NOTIFY_FOR_THIS_SESSION = 0
_DEVICE_NOTIFY_WINDOW_HANDLE = 0
LID_SWITCH = UUID("BA3E0F4D-B817-4094-A2D1-D56379E6A0F3").bytes_le
"""GUID_LIDSWITCH_STATE_CHANGE; its value is 0 when the lid was closed."""


class Message(ctypes.Structure):
    """MSG, as far as it is read here."""

    _fields_ = (
        ("window", ctypes.c_void_p),
        ("number", ctypes.c_uint32),
        ("word", ctypes.c_size_t),
        ("long", ctypes.c_size_t),
    )


class PowerSetting(ctypes.Structure):
    """POWERBROADCAST_SETTING with one byte of data, which is what the lid switch has at least."""

    _fields_ = (
        ("setting", ctypes.c_ubyte * 16),
        ("size", ctypes.c_uint32),
        ("value", ctypes.c_ubyte),
    )


def reason_of(message: Message) -> Reason | None:
    """Return why to lock if the message says so."""
    match (message.number, message.word):
        case (0x0218, 0x0004):  # WM_POWERBROADCAST, PBT_APMSUSPEND
            return Reason.SLEEP
        case (0x0218, 0x8013) if message.long:  # WM_POWERBROADCAST, PBT_POWERSETTINGCHANGE
            setting = PowerSetting.from_address(message.long)
            is_lid = bytes(setting.setting) == LID_SWITCH and setting.size >= 1
            return Reason.LID_CLOSED if is_lid and setting.value == 0 else None
        case (0x02B1, 0x2 | 0x4 | 0x6 | 0x7):  # WM_WTSSESSION_CHANGE: away, remote, log off, lock
            return Reason.SESSION_LOCKED
        case _:
            return None


class WindowsWatcher(QAbstractNativeEventFilter):
    """A window of its own that nobody sees, to which Windows tells what was asked for."""

    def __init__(
        self,
        tell: Tell,
        *,
        load: Callable[[str], Any] | None = None,
        window_id: int | None = None,
    ) -> None:
        super().__init__()
        self._tell = tell
        self._window = QWindow()
        handle = ctypes.c_void_p(int(self._window.winId()) if window_id is None else window_id)
        self.is_listening = False
        load = load or ctypes.CDLL
        with suppress(OSError, AttributeError):
            told = load("wtsapi32").WTSRegisterSessionNotification(handle, _NOTIFY_FOR_THIS_SESSION)
            guid = ctypes.create_string_buffer(LID_SWITCH, 16)
            load("user32").RegisterPowerSettingNotification(
                handle, guid, _DEVICE_NOTIFY_WINDOW_HANDLE
            )
            # PBT_APMSUSPEND comes to every top-level window without being asked for.
            self.is_listening = bool(told)
        application = QCoreApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self)

    def stop(self) -> None:
        """Hear nothing any more."""
        application = QCoreApplication.instance()
        if application is not None:
            application.removeNativeEventFilter(self)
        self.is_listening = False

    def nativeEventFilter(  # noqa: N802 - Qt's name
        self, kind: QByteArray | bytes | bytearray | memoryview, message: int
    ) -> object:
        """See every message that Windows sends to this program."""
        # A message is only read where Windows sent one: anywhere else the number leads nowhere.
        if kind == b"windows_generic_MSG":
            reason = reason_of(Message.from_address(int(message)))
            if reason is not None:
                self._tell(reason)
        return False, 0
