"""The one file that fielddoc writes outside a vault by itself, and only if it was asked to.

It holds the folder of one vault and a language, so that the next start goes straight to its lock
screen. A portable program keeps it beside itself. docs/threat-model.md names it.
"""

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from fielddoc.gui import portable
from fielddoc.i18n import LANGUAGES

_NAME = "last-place.json"
_MAXIMUM_BYTES = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Where to start."""

    folder: str
    language: str = ""


def path() -> Path:
    """Return where the file lies or would lie: beside a portable program, else with settings."""
    beside = portable.folder()
    return beside / _NAME if beside else _settings_folder() / "fielddoc" / _NAME


def read() -> Remembered | None:
    """Return what was remembered, or None; what is not of the form is ignored."""
    try:
        with path().open("rb") as file:
            given = json.loads(file.read(_MAXIMUM_BYTES))
    except (OSError, ValueError, RecursionError):  # somebody else may have put it there
        return None
    folder = given.get("folder") if isinstance(given, dict) else None
    if not isinstance(folder, str) or not folder or "\0" in folder:
        return None
    language = given.get("language")
    return Remembered(
        folder=folder,
        language=language if isinstance(language, str) and language in LANGUAGES else "",
    )


def write(remembered: Remembered) -> None:
    """Remember it.

    Raises:
        OSError: the place cannot be written.
    """
    target = path()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(_NAME + ".part")
    part.write_text(json.dumps(asdict(remembered)), encoding="utf-8")
    part.replace(target)


def forget() -> None:
    """Remove the file, and its folder if that is empty then."""
    with suppress(OSError):
        path().unlink(missing_ok=True)
        path().parent.rmdir()  # never the program's own, which is not empty


def _settings_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
