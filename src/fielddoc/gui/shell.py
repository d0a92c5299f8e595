"""What a page may ask of the window around it."""

from collections.abc import Callable
from typing import Protocol

from fielddoc.domain.canonical import Json

Place = dict[str, Json]
"""Where somebody was on a page, as plain JSON: it crosses a lock by a pipe, so nothing that was
typed and nothing of a record but its id may stand in it."""


class Shell(Protocol):
    """The window, as its pages know it."""

    def say(self, text: str, undo: Callable[[], None] | None = None) -> None:
        """Show a sentence at the foot of the window for a while, with Undo if there is a way."""

    def show_error(self, error: BaseException) -> None:
        """Show what happened and what to do, until it is closed."""

    def show_saved(self, text: str) -> None:
        """Show when something was saved, for example "Saved 14:02"."""

    def open_record(self, record: str) -> None:
        """Go to a record."""

    def go(self, page: str, place: Place | None = None) -> None:
        """Go to a page by its name; see `fielddoc.gui.workspace`."""

    def lock(self) -> None:
        """Lock the vault; see `fielddoc.gui.relaunch`."""

    def lock_for(self, reason: str) -> None:
        """Lock the vault and say why on the lock screen, as a marked sentence."""

    def wiped(self) -> None:
        """End, because the vault was found wiped."""


class Page(Protocol):
    """What the window asks of every page of the workspace."""

    def enter(self) -> None:
        """The page is shown: bring what it shows up to date."""

    def begin(self) -> None:
        """Put the focus where one begins."""

    def save_now(self) -> None:
        """Hand everything typed to the vault's thread now, as drafts: a lock or an end follows."""

    def leave(self) -> None:
        """Another page follows: what was typed becomes a revision."""

    def place(self) -> Place:
        """Return where the person is."""

    def restore(self, place: Place) -> None:
        """Go where the person was before a lock."""
