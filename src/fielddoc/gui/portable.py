"""A program that is carried on a stick: whatever it must write by itself stays in its own folder.

A file named `portable` beside the program says so. Nothing in the window or the vault differs.
"""

import os
import sys
from pathlib import Path

from fielddoc.resources import resource

_MARK = "portable"


def folder() -> Path | None:
    """Return the program's own folder if it is a frozen one with the mark, else None."""
    if not getattr(sys, "frozen", False):
        return None
    own = Path(sys.executable).parent
    return own if (own / _MARK).is_file() else None


def keep_to_own_folder() -> None:
    """Let no library that the window uses write to the home folder of the machine's user.

    One would: fontconfig keeps a list of the machine's fonts, and writes it anew whenever it is
    out of date. Given this configuration it reads the list of the system and writes none.
    """
    if sys.platform == "linux" and folder():
        os.environ["FONTCONFIG_FILE"] = str(resource("fontconfig", "read-only.conf"))
