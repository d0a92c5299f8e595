"""Text as search sees it, and the way back to the text as it was typed.

Folded text is NFKC, case folded, NFKC again, traditional characters made simplified, and every run
of white space or unprintable characters one blank. Search compares folded text only; what is shown
is the text as typed, so marking a hit needs to know which piece of it each folded character is.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from fielddoc.resources import resource

MAXIMUM_CHARACTERS = 200_000
"""Hits in longer texts are marked up to here; they are found all the same."""


def folded(text: str) -> str:
    """Return `text` as search sees it. Folding twice changes nothing."""
    plain = _plain(text)
    if not plain.isprintable():
        plain = "".join(c if c.isprintable() else " " for c in plain)
    return " ".join(plain.split())


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text as it was typed, in code points; `end` is the first one behind it."""

    start: int
    end: int


def spans(text: str, words: Iterable[str]) -> tuple[Span, ...]:
    """Return where folded `words` stand in `text`, in their order, those that touch joined.

    Every occurrence counts, also those that overlap. Where half of a typed character is a hit
    (the f of the ligature ﬁ), the whole character is.
    """
    wanted = [word for word in words if word]
    if not wanted:
        return ()
    letters = _letters(text[:MAXIMUM_CHARACTERS])
    seen = "".join(letter for letter, _ in letters)
    found: list[Span] = []
    for word in wanted:
        at = seen.find(word)
        while at >= 0:
            last = letters[at + len(word) - 1][1]
            found.append(Span(letters[at][1].start, last.end))
            at = seen.find(word, at + 1)
    return _joined(found)


def _joined(found: Sequence[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in sorted(found, key=lambda one: (one.start, one.end)):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def _letters(text: str) -> list[tuple[str, Span]]:
    """Return the characters of the folded text, each with the piece of `text` it came from."""
    letters: list[tuple[str, Span]] = []
    for start, end in _pieces(text):
        for letter in _plain(text[start:end]):
            shown = letter if letter.isprintable() and not letter.isspace() else " "
            if shown != " ":
                letters.append((shown, Span(start, end)))
            elif letters and letters[-1][0] != " ":
                letters.append((" ", Span(start, end)))
    if letters and letters[-1][0] == " ":
        letters.pop()
    return letters


def _pieces(text: str) -> list[tuple[int, int]]:
    """Return the shortest pieces of `text` that fold by themselves as they do together."""
    pieces: list[tuple[int, int]] = []
    start = 0
    for at in range(1, len(text)):
        if _stands_alone(text[at]) or _is_apart(text[start:at], text[at]):
            pieces.append((start, at))
            start = at
    if text:
        pieces.append((start, len(text)))
    return pieces


def _stands_alone(character: str) -> bool:
    """Tell at once of ASCII and the common Chinese characters that nothing joins them."""
    return character < "\x80" or "\u4e00" <= character <= "\u9fff"


def _is_apart(before: str, character: str) -> bool:
    if unicodedata.combining(character):
        return False
    return _plain(before + character) == _plain(before) + _plain(character)


def _plain(text: str) -> str:
    if text.isascii():
        return text.casefold()
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return once.translate(_simplified())


@cache
def _simplified() -> Mapping[int, str]:
    """Return traditional characters to simplified ones (resources/simplified.txt)."""
    text = resource("simplified.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {ord(traditional): simplified for traditional, simplified in pairs}
