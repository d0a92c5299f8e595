"""What macOS tells: the screen was locked, the computer goes to sleep, with the lid or without.

CoreFoundation's distributed notifications and IOKit's power messages, both plain C. Written after
Apple's documents and tested with a recording in place of the libraries; it has not been run on
macOS.
"""

import ctypes
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fielddoc.gui.system_lock import Reason, Tell

_CORE_FOUNDATION = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation"
_IO_KIT = "/System/Library/Frameworks/IOKit.framework/IOKit"
_UTF_8 = 0x08000100  # kCFStringEncodingUTF8
_DELIVER_IMMEDIATELY = 4  # CFNotificationSuspensionBehaviorDeliverImmediately
_CAN_SYSTEM_SLEEP = 0xE0000270  # kIOMessageCanSystemSleep
_SYSTEM_WILL_SLEEP = 0xE0000280  # kIOMessageSystemWillSleep
SCREEN_LOCKED = b"com.apple.screenIsLocked"

NOTIFIED = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p
)
POWER = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p)


class MacWatcher:
    """Listens on the run loop of the main thread, which Qt runs."""

    def __init__(
        self,
        tell: Tell,
        *,
        load: Callable[[str], Any] | None = None,
        constant: Callable[[Any, str], Any] = ctypes.c_void_p.in_dll,
    ) -> None:
        self._tell = tell
        self.is_listening = False
        self._constant = constant
        self._root = 0
        # Kept, because the system calls them as long as the program lives.
        self._on_lock = NOTIFIED(self._screen_locked)
        self._on_power = POWER(self._power)
        load = load or ctypes.CDLL
        with suppress(OSError, AttributeError):
            self._foundation, self._io_kit = load(_CORE_FOUNDATION), load(_IO_KIT)
            self._hear_screen()
            self._hear_power()
            self.is_listening = True

    def stop(self) -> None:
        """Tell nobody any more."""
        self.is_listening = False

    def _hear_screen(self) -> None:
        core = self._foundation
        core.CFStringCreateWithCString.restype = ctypes.c_void_p
        core.CFNotificationCenterGetDistributedCenter.restype = ctypes.c_void_p
        name = ctypes.c_void_p(core.CFStringCreateWithCString(None, SCREEN_LOCKED, _UTF_8))
        center = ctypes.c_void_p(core.CFNotificationCenterGetDistributedCenter())
        core.CFNotificationCenterAddObserver(
            center, None, self._on_lock, name, None, ctypes.c_long(_DELIVER_IMMEDIATELY)
        )

    def _hear_power(self) -> None:
        core, io_kit = self._foundation, self._io_kit
        io_kit.IORegisterForSystemPower.restype = ctypes.c_uint32
        io_kit.IONotificationPortGetRunLoopSource.restype = ctypes.c_void_p
        core.CFRunLoopGetMain.restype = ctypes.c_void_p
        port, notifier = ctypes.c_void_p(), ctypes.c_uint32()
        self._root = io_kit.IORegisterForSystemPower(
            None, ctypes.byref(port), self._on_power, ctypes.byref(notifier)
        )
        source = ctypes.c_void_p(io_kit.IONotificationPortGetRunLoopSource(port))
        main = ctypes.c_void_p(core.CFRunLoopGetMain())
        core.CFRunLoopAddSource(main, source, self._constant(core, "kCFRunLoopCommonModes"))

    def _screen_locked(self, *_: object) -> None:
        if self.is_listening:
            self._tell(Reason.SCREEN_LOCKED)

    def _power(self, _: object, __: int, kind: int, argument: int | None) -> None:
        if kind == _SYSTEM_WILL_SLEEP and self.is_listening:
            self._tell(Reason.SLEEP)  # the process is another one after this, if a vault was open
        if kind in (_CAN_SYSTEM_SLEEP, _SYSTEM_WILL_SLEEP):
            # Without an answer macOS waits for half a minute.
            self._io_kit.IOAllowPowerChange(self._root, ctypes.c_long(argument or 0))
