"""No error may be new to the window: each is named in a test of it, or cannot come up there."""

import re
from pathlib import Path

import pytest

from fielddoc import errors
from fielddoc.errors import FielddocError
from gui.test_wording import TERMINAL_ONLY, every_error

NOT_MET: dict[type[FielddocError], str] = {
    errors.WrongUseError: "words of a command",
    errors.PassphraseMissingError: "words of a command",
    errors.SharesTooFewError: "the next share is asked for until there are enough",
    errors.KeySlotsFullError: "changing a passphrase fills the place of the old one again",
    errors.WipeRefusedError: "the wipe is idle where there is no key file, and says so itself",
    errors.InputNotJsonError: "records as JSON are typed at the terminal",
    errors.SheetNeededError: "the sheets are a list to choose from",
    errors.MappingNotFoundError: "descriptions are found by their columns, not by a name",
    errors.EverythingLeavesError: "the check asks before it lets anything be written",
}
"""Errors that somebody at the window cannot meet, each with the reason."""


def window_tests() -> str:
    here = Path(__file__)
    return "\n".join(
        path.read_text("utf-8") for path in here.parent.glob("test_*.py") if path != here
    )


def is_named(error: type[FielddocError], text: str) -> bool:
    return re.search(rf"\b{error.__name__}\b", text) is not None


@pytest.mark.parametrize("error", [error for error in every_error() if error.code])
def test_each_error_is_told_in_a_test_of_the_window_or_cannot_come_up(
    error: type[FielddocError],
) -> None:
    assert is_named(error, window_tests()) or error in NOT_MET, error.code


def test_what_cannot_come_up_says_why() -> None:
    assert all(NOT_MET.values())
    assert set(NOT_MET) >= TERMINAL_ONLY
