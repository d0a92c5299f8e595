"""What every command needs of the terminal: passphrases, progress, output, errors."""

import getpass
import json
import os
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fielddoc.domain.canonical import Json
from fielddoc.domain.visible import visible
from fielddoc.errors import (
    FielddocError,
    PassphraseMissingError,
    PassphraseRefusedError,
    PassphrasesDifferError,
)
from fielddoc.i18n import N_, translate
from fielddoc.vault.files import explaining

_MAXIMUM_PASSPHRASE_FILE_BYTES = 8192
_PROGRESS_STEP_S = 0.2


def passphrase(file: str | None, *, prompt: str = N_("Passphrase: ")) -> str:
    """Return the vault's passphrase from a file or the terminal, never from an argument.

    Raises:
        PassphraseMissingError: no file is named and there is no terminal.
        PassphraseRefusedError: the file is not UTF-8 text, or too long to be a passphrase.
    """
    name = file or os.environ.get("FIELDDOC_PASSPHRASE_FILE")
    return from_file(name) if name else _asked(prompt)


def ask_once(prompt: str) -> str:
    """Return a passphrase that is typed at the terminal, whatever the environment names.

    Raises:
        PassphraseMissingError: there is no terminal.
    """
    return _asked(prompt)


def new_passphrase(file: str | None, *, prompt: str = N_("New passphrase: ")) -> str:
    """Return a passphrase that is to be set; on a terminal it is asked for twice.

    The environment is not looked at: it names the passphrase that a vault has, and a new one must
    not silently be the same.

    Raises:
        PassphrasesDifferError: the repetition is another one.
    """
    if file:
        return from_file(file)
    first = _asked(prompt)
    if first != _asked(N_("The same passphrase again: ")):
        raise PassphrasesDifferError
    return first


def from_file(name: str) -> str:
    """Return the passphrase in a file (meant for /dev/fd/N), without its line end."""
    with explaining(name), Path(name).open("rb") as file:
        data = file.read(_MAXIMUM_PASSPHRASE_FILE_BYTES + 1)
    if len(data) > _MAXIMUM_PASSPHRASE_FILE_BYTES:
        raise PassphraseRefusedError
    try:
        return data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise PassphraseRefusedError from error


def _asked(prompt: str) -> str:
    try:
        terminal = os.open("/dev/tty" if os.name == "posix" else "CONIN$", os.O_RDWR)
    except OSError as error:
        raise PassphraseMissingError from error
    os.close(terminal)
    return getpass.getpass(translate(prompt))


def cells(text: str) -> int:
    """Return how many columns of a terminal `text` takes: two for a Han character or full stop.

    Characters that Unicode calls ambiguous ("…", "—") count as one, as most terminals draw them.
    """
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def padded(text: str, width: int) -> str:
    """Return `text` with blanks after it up to `width` columns, so that what follows lines up."""
    return text + " " * (width - cells(text))


# A word or one wide character, with the marks that must not stand apart from it at a line's end.
_PIECES = re.compile(r"[“（《]*(?:[!-\u2dff]+|[^!-\u2dff\s])[，。；：、！？》）”…]*\s*")


def wrapped(text: str, width: int) -> list[str]:
    """Return `text` as lines of at most `width` columns; Han text may break at any character."""
    lines = [""]
    for piece in _PIECES.findall(" ".join(text.split())):
        if lines[-1] and cells(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def say(text: str = "") -> None:
    """Print a line."""
    print(text)


def say_json(value: Json) -> None:
    """Print a value as JSON for machines."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def note(text: str) -> None:
    """Print a line beside the output, where it does not disturb machines."""
    print(text, file=sys.stderr)


def note_failure(what: str, what_now: str) -> None:
    """Print what happened and what to do, both already in the person's language."""
    note(translate(N_("error: {text}")).format(text=what))
    note(translate(N_("hint: {text}")).format(text=what_now))


def note_failure_as_json(
    code: str, what: str, what_now: str, details: Mapping[str, Json] | None = None
) -> None:
    """Print the same for machines, as one line of JSON on stderr."""
    body: dict[str, Json] = {
        "code": code,
        "message": what,
        "hint": what_now,
        "details": dict(details or {}),
    }
    print(json.dumps({"error": body}, ensure_ascii=False), file=sys.stderr)


def report(error: FielddocError, *, as_json: bool) -> None:
    """Print what happened and what to do, on stderr."""
    if as_json:
        reason = error.reason()
        details: dict[str, Json] = {**error.fields, **({"reason": reason} if reason else {})}
        note_failure_as_json(error.code, error.sentence(), error.advice(), details)
        return
    note_failure(visible(error.sentence()), visible(error.advice()))


@contextmanager
def waiting(words: str) -> Iterator[None]:
    """Show on a terminal what is under way whose end nobody can tell, and take it away after.

    Args:
        words: a marked sentence, of less than 60 columns.
    """
    if not sys.stderr.isatty():
        yield
        return
    line = translate(words)
    print(line, end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print("\r" + " " * cells(line) + "\r", end="", file=sys.stderr, flush=True)


def progress(label: str) -> Callable[[int, int], None]:
    """Return a function that shows how far long work is, on a terminal only.

    Args:
        label: what is going on, as a marked sentence without a full stop.
    """
    if not sys.stderr.isatty():
        return lambda _done, _total: None
    started = shown = time.monotonic()
    words = translate(label)

    def show(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        finished = done >= total
        if (now - shown < _PROGRESS_STEP_S and not finished) or now - started < _PROGRESS_STEP_S:
            return
        shown = now
        left = round((now - started) / max(done, 1) * (total - done))
        percent = 100 * done // max(total, 1)
        end = "\n" if finished else ""
        line = translate(N_("{words}: {percent}%  {seconds} s left")).format(
            words=words, percent=f"{percent:3d}", seconds=left
        )
        print(f"\r{padded(line, 60)}", end=end, file=sys.stderr, flush=True)

    return show
