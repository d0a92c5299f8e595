"""What the program says of a mistake of its own: its kind and place, and no value.

A traceback ends in the error's words, and those quote what was worked on: a name, a line of a
record. What is written to the standard error of a window lands in the desktop's log, where nobody
looks and everybody can.
"""

import sys
import threading
import traceback
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs


def install() -> None:
    """Let no failure of this process quote anything: in the window, its threads, or while ending."""
    sys.excepthook = _window_failed
    threading.excepthook = _thread_failed
    sys.unraisablehook = _ending_failed


def in_words(error: BaseException | None) -> str:
    """Return the kinds of an error and of what led to it, and the lines of ours that it passed."""
    parts: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        places = ", ".join(_places(error.__traceback__)) or "no line of fielddoc"
        parts.append(f"{type(error).__name__} ({places})")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "; after ".join(parts) or "no error"


def _places(trace: TracebackType | None) -> list[str]:
    """Return the modules and lines of our own code; a path elsewhere may name the person."""
    found = []
    for frame, line in traceback.walk_tb(trace):
        module = str(frame.f_globals.get("__name__"))
        if module.partition(".")[0] == "fielddoc":
            found.append(f"{module}:{line}")
    return found


def _say(error: BaseException | None) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"fielddoc: {in_words(error)}\n")


def _window_failed(
    _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    _say(error)


def _thread_failed(given: threading.ExceptHookArgs) -> None:
    if given.exc_type is not SystemExit:
        _say(given.exc_value)


def _ending_failed(given: "UnraisableHookArgs") -> None:
    _say(given.exc_value)
