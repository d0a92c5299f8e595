"""Recovery shares in the terminal: shown one by one, and typed one by one."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fielddoc.cli.terminal import note, note_failure, say
from fielddoc.crypto.shares import CHECK_WORDS, SHARE_WORDS, Share
from fielddoc.errors import ShareError, SharesTooFewError, WrongUseError
from fielddoc.i18n import N_, translate
from fielddoc.vault.files import explaining, new_file
from fielddoc.vault.recovery import take_share

_ROW = 5
_MAXIMUM_FILE_BYTES = 16 * 1024
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"  # also the lines that could be scrolled back to


def sheet(words: str, *, number: int, count: int, threshold: int, generation: int) -> str:
    """Return one share as it is written down: numbered words, five in a row."""
    given = words.split()
    head = translate(
        N_(
            "Share {number} of {count}, generation {generation}. {threshold} of them open the vault."
        )
    ).format(number=number, count=count, threshold=threshold, generation=generation)
    width = max(len(word) for word in given) + 2
    rows = [
        "  ".join(f"{at + 1:2d} {given[at]:{width}}" for at in range(start, start + _ROW)).rstrip()
        for start in range(0, len(given), _ROW)
    ]
    foot = translate(N_("The last {count} words check the others.")).format(count=CHECK_WORDS)
    return "\n".join([head, "", *rows, "", foot])


def show_one_by_one(sheets: Sequence[str]) -> None:
    """Show each sheet by itself on a terminal until Enter is pressed; all at once elsewhere."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say("\n\n".join(sheets))
        return
    for text in sheets:
        say(_CLEAR + text + "\n")
        input(translate(N_("Write it down by hand. Then press Enter: ")))
    say(_CLEAR)


def write_files(sheets: Sequence[str], folder: Path) -> None:
    """Write each sheet to a file of its own.

    Raises:
        FileExistsAlreadyError, NotAPlainFileError, NoPermissionError, DiskFullError.
    """
    for number, text in enumerate(sheets, 1):
        new_file(folder / f"share-{number}.txt", f"{text}\n".encode())
    note(
        translate(
            N_(
                "The shares lie in files now, readable for everybody. Give them away on sticks of"
                " their own, and know that a deleted file can often be brought back."
            )
        )
    )


def from_file(name: str, generation: int) -> list[Share]:
    """Return the shares in a file, one a line.

    Raises:
        ShareError: the first one that is wrong, and why.
    """
    with explaining(name), Path(name).open("rb") as file:
        text = file.read(_MAXIMUM_FILE_BYTES).decode("utf-8", errors="replace")
    taken: list[Share] = []
    for line in text.splitlines():
        if line.strip():
            taken.append(take_share(line, taken, generation))
    return taken


def asked(generation: int) -> list[Share]:
    """Ask for shares on the terminal until there are enough; one that is wrong is asked again.

    Raises:
        WrongUseError: there is no terminal.
    """
    if not sys.stdin.isatty():
        raise WrongUseError(reason=N_("without a terminal, name a file with --shares-file"))
    taken: list[Share] = []
    while not taken or len(taken) < taken[0].threshold:
        prompt = translate(N_("Share {number}, its {count} words: "))
        typed = input(prompt.format(number=len(taken) + 1, count=SHARE_WORDS))
        try:
            taken.append(take_share(typed, taken, generation))
        except ShareError as error:
            note_failure(error.sentence(), error.advice())
        else:
            note(translate(N_("Its check words fit.")))
    return taken


def shares(file: str | None, generation: int) -> list[Share]:
    """Return shares from a file or from the terminal.

    Raises:
        ShareError, WrongUseError.
    """
    return from_file(file, generation) if file else asked(generation)


def repeated(step: Callable[[], None]) -> None:
    """Do a step that asks on the terminal again until the shares that are typed are right."""
    while True:
        try:
            step()
        except SharesTooFewError:
            raise
        except ShareError as error:
            note_failure(error.sentence(), error.advice())
        else:
            return
