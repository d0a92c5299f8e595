"""The few messages that are sent to Objective-C objects of macOS, through its C runtime."""

import ctypes
from typing import Any

_RUNTIME = "/usr/lib/libobjc.A.dylib"


class Runtime:
    """Sends messages whose arguments are objects or whole numbers."""

    def __init__(self, library: Any = None) -> None:
        """Load the runtime.

        Args:
            library: in place of the system's.

        Raises:
            OSError: there is none.
        """
        self._library = library or ctypes.CDLL(_RUNTIME)
        self._library.objc_getClass.restype = ctypes.c_void_p
        self._library.sel_registerName.restype = ctypes.c_void_p
        self._library.objc_msgSend.restype = ctypes.c_void_p

    def class_named(self, name: bytes) -> int:
        """Return a class."""
        return int(self._library.objc_getClass(name) or 0)

    def send(self, receiver: int, message: bytes, *arguments: int | bytes | None) -> int:
        """Send a message and return the object that answers it, 0 for none."""
        chosen = ctypes.c_void_p(self._library.sel_registerName(message))
        passed = [each if isinstance(each, bytes) else ctypes.c_void_p(each) for each in arguments]
        return int(self._library.objc_msgSend(ctypes.c_void_p(receiver), chosen, *passed) or 0)

    def text(self, words: bytes) -> int:
        """Return an NSString."""
        return self.send(self.class_named(b"NSString"), b"stringWithUTF8String:", words)
