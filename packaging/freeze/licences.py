"""Gathers the words of every licence into one folder."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from freeze.part import Part


def gather(parts: Iterable[Part], folder: Path) -> None:
    """Copy the texts into `folder`, with a list that says what is under which.

    Raises:
        LookupError: a part that has a licence with conditions comes without its words.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lines = ["What is inside, under which licence, and where its words are.\n"]
    for part in parts:
        names = [_copied(part, text, folder) for text in part.texts]
        if not names and part.licence != "blessing":  # SQLite is in the public domain
            raise LookupError(f"the words of the licence of {part.name} are missing")
        where = f", in {part.inside}" if part.inside else ""
        words = ", ".join(names) or "in the public domain"
        lines.append(f"{part.name} {part.version}".strip() + f"{where}: {part.licence}; {words}")
    text = "\n".join(lines) + "\n"
    (folder / "README.txt").write_text(text, encoding="utf-8", newline="\n")


def _copied(part: Part, text: Path, folder: Path) -> str:
    """Copy one text and return the name that it has in `folder`."""
    if text.name == "LICENSE.APACHE":
        name = "Apache-2.0.txt"
    elif text.parent.name in _NAMED:
        name = text.name
    else:
        stem = re.sub(r"[^A-Za-z0-9.+-]+", "-", part.name)
        kind = text.suffix if text.suffix in (".BSD", ".APACHE") else ""
        name = f"{stem}{kind}.txt"
    shutil.copyfile(text, folder / name)
    return name


_NAMED = ("licences", "LICENCES")  # folders of ours, where a file is named after what it is for
