"""Practising the wipe on a throw-away vault, so that nobody does it for the first time in fear."""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from fielddoc.crypto import kdf
from fielddoc.errors import FielddocError, NotAPlainFileError
from fielddoc.vault.files import explaining
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.panic import ArmedWipe

NAME = ".fielddoc-practice-"


@dataclass(frozen=True, slots=True)
class Practised:
    """What the wipe of a throw-away vault did."""

    seconds_to_key_dead: float
    is_dead: bool
    """Whether the right passphrase was tried afterwards and opened nothing."""


def make(folder: Path) -> Path:
    """Make a throw-away vault inside `folder`, where the real one will lie, and return its folder.

    Raises:
        FielddocError: `folder` is not there or cannot be written; nothing is left in it.
    """
    if not folder.is_dir():
        raise NotAPlainFileError(name=str(folder))
    place = folder / f"{NAME}{secrets.token_hex(4)}"
    try:
        make_vault(place, _PASSPHRASE, name="", cost=kdf.FLOOR).lock()
    except FielddocError:
        remove(place)
        raise
    return place


def wipe(place: Path) -> Practised:
    """Wipe a throw-away vault as a real one is wiped, and try to open what is left.

    Raises:
        NotDestroyedError: the medium refused.
    """
    key_file = place / "vault.key"
    armed = ArmedWipe(place)
    try:
        killed = armed.kill_key()
        with explaining(key_file.name):
            size = key_file.stat().st_size
        try:
            open_vault(place, _PASSPHRASE).lock()
            is_dead = False
        except FielddocError:
            is_dead = size > 0
    finally:
        armed.close()
        remove(place)
    return Practised(killed.seconds, is_dead)


def remove(place: Path) -> None:
    """Remove a throw-away vault, whatever became of it, and nothing that is none."""
    if place.name.startswith(NAME):
        shutil.rmtree(place, ignore_errors=True)


# Nothing is ever written into the throw-away vault, so that it has no secret to keep.
_PASSPHRASE = "practice makes a wipe that is calm"  # noqa: S105
