"""How much memory is free, as the system tells it: what could be used without swapping."""

import ctypes
import os
import re
import sys
from pathlib import Path


def free_kib() -> int | None:
    """Return how many KiB of memory could be used now, or None if the system does not tell."""
    try:
        if sys.platform == "win32":
            return _of_windows()
        if sys.platform == "darwin":
            return _of_macos()
        return parse_meminfo(Path("/proc/meminfo").read_text(encoding="ascii"))
    except (OSError, ValueError, AttributeError):
        return None


def parse_meminfo(text: str) -> int | None:
    """Return what Linux calls MemAvailable in `/proc/meminfo`: free, or held by caches only."""
    found = re.search(r"^MemAvailable: +([0-9]{1,15}) kB$", text, re.MULTILINE)
    return int(found[1]) if found else None


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of Windows."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("total", "available", "page", "page_available")),
        *((name, ctypes.c_uint64) for name in ("virtual", "virtual_available", "extended")),
    )


def _of_windows() -> int | None:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the attribute exists on Windows only
    if not kernel.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.available) // 1024


def _of_macos() -> int | None:
    """Return half of what is built in: macOS gives up caches when memory is asked for."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return pages * page_bytes // 2 // 1024
