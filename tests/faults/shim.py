"""The shim between a process and the C library (shim.c): building it, and driving it."""

import ctypes
import enum
import hashlib
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

SOURCE = Path(__file__).with_name("shim.c")
COMPILERS = ("cc", "gcc", "clang")
_HEADER = struct.Struct("=4I3q")
_PYTHON_SITE = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_char), ctypes.c_int)
_DEPTH = 6


class Mode(enum.IntEnum):
    """What happens at the chosen call; the numbers are those of shim.c."""

    COUNT = 0
    KILL_BEFORE = 1
    KILL_AFTER = 2
    TEAR = 3
    """Half of a write happens, then the process is killed."""
    FAIL_ONCE = 4
    FAIL_ON = 5
    """It and every later one is refused: the medium is gone, or became read-only."""
    FULL = 6
    """A short write, and no room for anything from then on, while removing still works."""


class Call(enum.IntEnum):
    """What a call does; the numbers are those of shim.c."""

    MAKE = 1
    OPEN = 2
    TRUNCATE = 3
    WRITE = 4
    SYNC = 5
    SYNC_FOLDER = 6
    RENAME = 7
    LINK = 8
    UNLINK = 9
    RMDIR = 10
    MKDIR = 11
    MARK = 12


@dataclass(frozen=True, slots=True)
class Event:
    """One call that changed something, or a mark that the process set."""

    call: Call
    path: str
    second: str
    """The new name of a rename or link."""
    site: str
    """Where it came from: offsets in the calling library, then places in Python."""
    offset: int
    size: int
    data: bytes


def compiler() -> str | None:
    """Return a C compiler of this machine, or None."""
    return next((path for name in COMPILERS if (path := shutil.which(name))), None)


def build(folder: Path) -> Path:
    """Compile the shim, unless it is there already, and return the library's path."""
    source = SOURCE.read_bytes()
    library = folder / f"shim-{hashlib.sha256(source).hexdigest()[:16]}.so"
    if not library.exists():
        command = compiler()
        assert command is not None, "no C compiler"
        folder.mkdir(parents=True, exist_ok=True)
        part = library.with_suffix(".part")
        flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
        subprocess.run([command, *flags, "-o", part, SOURCE, "-ldl", "-lpthread"], check=True)
        part.rename(library)
    return library


def _python_site(text: "ctypes._Pointer[ctypes.c_char]", room: int) -> None:
    """Say where in our own code the call comes from."""
    frame = sys._getframe(1) if hasattr(sys, "_getframe") else None
    places: list[str] = []
    while frame is not None and len(places) < _DEPTH:
        _, found, name = frame.f_code.co_filename.rpartition("/fielddoc/")
        if found:
            places.append(f"{name}:{frame.f_lineno}")
        frame = frame.f_back
    said = " ".join(places).encode()[: room - 1] + b"\0"
    ctypes.memmove(text, said, len(said))


class Shim:
    """The shim in this process, which was started with it preloaded."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)
        self._library.faults_hit.restype = ctypes.c_char_p
        self._library.faults_count.restype = ctypes.c_long
        self._site = _PYTHON_SITE(_python_site)

    def arm(
        self, folder: Path, mode: Mode, *, at: int = 0, error: int = 0, trace: int = -1
    ) -> None:
        """Count calls below `folder` from now on, and let the one numbered `at` go wrong."""
        self._library.faults_arm(
            str(folder).encode(), int(mode), ctypes.c_long(at), error, trace, self._site
        )

    def disarm(self) -> None:
        """Let everything pass again."""
        self._library.faults_disarm()

    @property
    def count(self) -> int:
        """How many calls were counted."""
        return int(self._library.faults_count())

    @property
    def hit(self) -> str:
        """The call that went wrong: kind, path and site; empty if none was reached."""
        return bytes(self._library.faults_hit()).decode(errors="replace")

    def mark(self, text: str) -> None:
        """Put a word into the trace, between the calls before and after it."""
        self._library.faults_mark(text.encode())


def read_trace(file: BinaryIO) -> Iterator[Event]:
    """Yield the events of a recorded trace."""
    while head := file.read(_HEADER.size):
        call, path, second, site, offset, size, data = _HEADER.unpack(head)
        yield Event(
            Call(call),
            file.read(path).decode(),
            file.read(second).decode(),
            file.read(site).decode(errors="replace"),
            offset,
            size,
            file.read(data),
        )
