"""How long work reaches the vault, whose database belongs to one thread.

Exporting, importing and attaching stream for minutes on a thread of their own. Whatever they need
of the database they do in short steps, each handed to the thread that owns it, so that what is
typed meanwhile can be saved between two of them. In the terminal the steps run where they stand.
"""

import itertools
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol, TypeVar

T = TypeVar("T")


class Turn(Protocol):
    """Runs a step on the thread that owns the vault and returns what it returns."""

    def __call__(self, step: Callable[[], T], /) -> T:
        """Run `step` and wait for it; what it raises is raised here."""
        ...


Item = TypeVar("Item")


def directly(step: Callable[[], T], /) -> T:
    """Run `step` here: this thread owns the vault."""
    return step()


def for_each(
    turn: Turn, items: Iterable[Item], step: Callable[[Item], T], *, at_once: int = 64
) -> list[T]:
    """Return what `step` gives for each item, in turns of a few items each."""
    results: list[T] = []
    rest = iter(items)
    while some := tuple(itertools.islice(rest, at_once)):
        results += turn(partial(_each, some, step))
    return results


def _each(items: tuple[Item, ...], step: Callable[[Item], T]) -> list[T]:
    return [step(item) for item in items]
