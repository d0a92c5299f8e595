"""Copying files out of the vault, in the clear, on a job's thread."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from fielddoc.errors import CancelledError, FielddocError, FileExistsAlreadyError
from fielddoc.gui.session import Progress
from fielddoc.i18n import in_a_row, t_
from fielddoc.vault.attaching import AttachedFile, copy_out, free_name, is_inside
from fielddoc.vault.turns import Turn
from fielddoc.vault.vault import Vault


@dataclass(slots=True)
class Copied:
    """What became of files that were to be copied out."""

    folder: Path
    """The folder into which they were to go."""
    targets: list[Path] = field(default_factory=list)
    """Where they are."""
    problem: str = ""
    """A sentence about what was not copied."""
    error: FielddocError | None = None
    """What ended it early."""


def copy_files(
    vault: Vault,
    files: Sequence[AttachedFile],
    target: Path,
    turn: Turn,
    progress: Progress,
) -> Copied:
    """Copy a file to a new file, or several into a folder under names that are free.

    What was copied before it was stopped stays.
    """
    is_folder = target.is_dir()
    folder = target if is_folder else target.parent
    copied = Copied(folder)
    if is_inside(vault, folder):
        copied.problem = t_("This folder is the vault itself. Choose another one.")
        return copied
    total = max(1, sum(file.size_bytes or 0 for file in files))
    before = 0
    try:
        for number, file in enumerate(files, 1):
            words = t_("Copying {number} of {count}").format(number=number, count=len(files))
            step = partial(_report_bytes, progress, words, before, total)
            path = free_name(folder, file.name) if is_folder else target
            copy_out(vault, file.record, path, progress=step, turn=turn)
            copied.targets.append(path)
            before += file.size_bytes or 0
    except CancelledError as error:
        copied.problem = error.sentence()
    except FileExistsAlreadyError as error:
        copied.problem = in_a_row((error.sentence(), error.advice_in_window()))
    except FielddocError as error:
        copied.error = error
    return copied


def _report_bytes(progress: Progress, words: str, before: int, total: int, done: int) -> None:
    progress(words, before + done, total)
