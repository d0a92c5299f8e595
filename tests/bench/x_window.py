"""Looks at a virtual screen from outside, quickly enough to time a program's start.

The programs that tests use for that take longer to start than what is measured here, so this asks
the X server by itself, through libX11.
"""

import ctypes
import ctypes.util
import time
from types import TracebackType
from typing import Any, Self

_VIEWABLE = 2
_ALL_PLANES = ctypes.c_ulong(-1)
_Z_PIXMAP = 2
_STRIP_ROWS = 160
_COLOURS_OF_TEXT = 12  # a window that is not painted yet has one; text has many


class _Attributes(ctypes.Structure):
    """XWindowAttributes of X11/Xlib.h."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("x", "y", "width", "height", "border", "depth")),
        ("visual", ctypes.c_void_p),
        ("root", ctypes.c_ulong),
        *((name, ctypes.c_int) for name in ("kind", "bit_gravity", "gravity", "backing_store")),
        ("backing_planes", ctypes.c_ulong),
        ("backing_pixel", ctypes.c_ulong),
        ("save_under", ctypes.c_int),
        ("colormap", ctypes.c_ulong),
        ("map_installed", ctypes.c_int),
        ("map_state", ctypes.c_int),
        *((name, ctypes.c_long) for name in ("all_masks", "your_mask", "no_propagate")),
        ("override", ctypes.c_int),
        ("screen", ctypes.c_void_p),
    )


class _Image(ctypes.Structure):
    """The first fields of XImage."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("width", "height", "xoffset", "format")),
        ("data", ctypes.c_void_p),
        *((name, ctypes.c_int) for name in ("byte_order", "unit", "bit_order", "pad", "depth")),
        ("bytes_per_line", ctypes.c_int),
    )


class Watcher:
    """A connection to an X server. Leaving the block closes it."""

    def __init__(self, display: str) -> None:
        self._x = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x.XGetImage.restype = ctypes.POINTER(_Image)
        # A window may be gone before it is looked at: that is no reason to end.
        handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
        self._ignore = handler(lambda *_: 0)
        self._x.XSetErrorHandler(self._ignore)
        opened = self._x.XOpenDisplay(display.encode())
        if not opened:
            raise OSError(f"no X server at {display}")
        self._display = ctypes.c_void_p(opened)
        self._root = ctypes.c_ulong(self._x.XDefaultRootWindow(self._display))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._x.XCloseDisplay(self._display)

    def wait_until_usable(self, name: str, *, patience_s: float = 30) -> float:
        """Return the moment at which a window of this title is painted and has the focus.

        Raises:
            TimeoutError: none came up.
        """
        deadline = time.perf_counter() + patience_s
        while time.perf_counter() < deadline:
            if self._is_usable(name):
                return time.perf_counter()
            time.sleep(0.001)
        raise TimeoutError(f"no usable window named {name!r}")

    def _is_usable(self, name: str) -> bool:
        focus, revert = ctypes.c_ulong(), ctypes.c_int()
        self._x.XGetInputFocus(self._display, ctypes.byref(focus), ctypes.byref(revert))
        # 0 and 1 stand for no window and for whatever is under the pointer.
        return focus.value > 1 and self._title(focus) == name and self._is_painted(focus)

    def _title(self, window: ctypes.c_ulong) -> str:
        found = ctypes.c_char_p()
        self._x.XFetchName(self._display, window, ctypes.byref(found))
        title = (found.value or b"").decode("utf-8", "replace")
        if found.value is not None:
            self._x.XFree(found)
        return title

    def _is_painted(self, window: ctypes.c_ulong) -> bool:
        """Tell whether a strip across the middle holds more than plain ground."""
        seen = _Attributes()
        if not self._x.XGetWindowAttributes(self._display, window, ctypes.byref(seen)):
            return False
        if seen.map_state != _VIEWABLE or seen.height < _STRIP_ROWS:
            return False
        top = (seen.height - _STRIP_ROWS) // 2
        image: Any = self._x.XGetImage(
            self._display, window, 0, top, seen.width, _STRIP_ROWS, _ALL_PLANES, _Z_PIXMAP
        )
        if not image:
            return False
        content = image.contents
        data = ctypes.string_at(content.data, content.bytes_per_line * content.height)
        self._x.XDestroyImage(image)
        colours = {data[at : at + 4] for at in range(0, len(data), 4)}
        return len(colours) >= _COLOURS_OF_TEXT
