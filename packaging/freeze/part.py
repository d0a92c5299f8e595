"""One thing that ships with a version and a licence of its own, and reading versions from files."""

import re
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).resolve().parents[1] / "licences"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing with a version and a licence of its own."""

    name: str
    version: str
    """Empty where nothing tells it."""
    licence: str
    """An SPDX expression."""
    texts: tuple[Path, ...] = ()
    """Files with the words of the licence."""
    address: str = ""
    """A package URL; empty for what is in no registry."""
    inside: str = ""
    """The part that brings it; empty for what the program itself asks for."""


def version_in(file: Path, pattern: bytes) -> str:
    """Return what the only group of `pattern` finds in a file.

    Raises:
        LookupError: it is not there.
    """
    found = re.search(pattern, file.read_bytes())
    if found is None:
        raise LookupError(f"{file.name} does not tell its version")
    return found[1].decode()


def version_if_told(file: Path, pattern: bytes) -> str:
    """Return the same for a file of which only some builds tell it; empty where it does not."""
    found = re.search(pattern, file.read_bytes())
    return found[1].decode() if found else ""
