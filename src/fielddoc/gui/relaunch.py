"""Locking by ending: the process that held the keys is replaced by a fresh one.

No lock inside a process can be kept: after clearing, deleting and collecting, a typed passphrase
still had two copies in Qt's heap. On POSIX the process becomes the fresh one by exec, which gives
its memory back to the system; on Windows a fresh one is started and this one ends.

What the fresh one must know (folder, place, window) goes to it by a pipe on its standard input,
never by an argument that every user of the machine could read.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NoReturn

from fielddoc.gui.shell import Place

RESUME = "--resume"
_MAXIMUM_BYTES = 32 * 1024  # a pipe takes this much without a reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """What a fresh lock screen goes on from. Nothing of any record but an id."""

    folder: str = ""
    language: str = ""
    page: str = ""
    place: Place = field(default_factory=dict)
    geometry: tuple[int, int, int, int] | None = None
    is_maximized: bool = False
    is_minimized: bool = False
    is_dark: bool | None = None
    text_percent: int = 100
    reason: str = ""
    """Why it locked and what that ended, as marked sentences, one a line; empty if the person asked
    for it and nothing was ended."""
    note: str = ""
    """What became of what was going on, in the person's language."""
    notices: tuple[str, ...] = ()
    """What was found when the vault was opened and nobody has closed yet, as marked sentences."""


def relaunch(resume: Resume) -> NoReturn:
    """Replace this process by a fresh one that shows the lock screen. Does not return."""
    data = json.dumps(asdict(resume)).encode()
    if len(data) > _MAXIMUM_BYTES:
        data = json.dumps(asdict(Resume(folder=resume.folder))).encode()
    command = _command()
    if os.name == "posix":
        read, write = os.pipe()
        os.write(write, data)
        os.close(write)
        os.dup2(read, 0)
        os.execv(command[0], command)  # noqa: S606 - our own program
    process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own program
    assert process.stdin is not None
    process.stdin.write(data)
    process.stdin.close()
    os._exit(0)


def _command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, RESUME]
    return [sys.executable, "-m", "fielddoc", RESUME]


def read_resume() -> Resume:
    """Return what the process before left on standard input; nothing of it is trusted."""
    try:
        given = json.loads(os.read(0, _MAXIMUM_BYTES + 1))
        geometry = given.get("geometry")
        place = given.get("place")
        dark = given.get("is_dark")
        notices = given.get("notices")
        return Resume(
            folder=str(given.get("folder", "")),
            language=str(given.get("language", "")),
            page=str(given.get("page", "")),
            place=place if isinstance(place, dict) else {},
            geometry=_four(geometry),
            is_maximized=given.get("is_maximized") is True,
            is_minimized=given.get("is_minimized") is True,
            is_dark=dark if isinstance(dark, bool) else None,
            text_percent=int(given.get("text_percent", 100)),
            reason=str(given.get("reason", "")),
            note=str(given.get("note", "")),
            notices=_sentences(notices),
        )
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return Resume()


def _four(value: object) -> tuple[int, int, int, int] | None:
    if isinstance(value, list) and len(value) == 4 and all(isinstance(n, int) for n in value):
        return (value[0], value[1], value[2], value[3])
    return None


def _sentences(value: object) -> tuple[str, ...]:
    found = value if isinstance(value, list) else []
    return tuple(each for each in found if isinstance(each, str))


def folder_of(resume: Resume) -> Path | None:
    """Return the vault's folder, or None if none was chosen."""
    return Path(resume.folder) if resume.folder else None
