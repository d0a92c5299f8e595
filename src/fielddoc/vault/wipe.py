"""Destroying a vault: the key file first, in one write; then whatever time allows."""

import time
from dataclasses import dataclass
from pathlib import Path

from fielddoc.vault.panic import DELETION_SECONDS, ArmedWipe, is_wiped, remove_rest


@dataclass(frozen=True, slots=True)
class Wiped:
    """What a wipe did."""

    seconds_to_key_dead: float
    files_left: int
    """Files that could not be removed in time. Without the key they are noise."""
    was_open_elsewhere: bool


def wipe(folder: Path) -> Wiped:
    """Make the vault in `folder` unopenable for ever, then remove its files.

    Ignores the vault's lock; follows no link; touches only names of the format.

    Raises:
        WipeRefusedError: the folder has no key file of a vault, and no wiped mark.
        NotDestroyedError: the medium refused to overwrite the key file. Nothing was removed.
    """
    start = time.monotonic()
    armed = ArmedWipe(folder)
    armed_after = time.monotonic() - start
    try:
        killed = armed.kill_key()
        left = armed.remove_rest(DELETION_SECONDS)
    finally:
        armed.close()
    return Wiped(armed_after + killed.seconds, left, killed.was_in_use)


def finish_if_wiped(folder: Path) -> bool:
    """Remove what a wipe left behind, if and only if the key file is exactly a wiped one.

    Any other key file, damaged or half copied, is left alone with everything beside it.
    """
    if not is_wiped(folder):
        return False
    remove_rest(folder, DELETION_SECONDS)
    return True
