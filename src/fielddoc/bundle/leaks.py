"""The leak scan: do words that were to stay stand in what is about to leave?"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from fielddoc.domain.canonical import Json
from fielddoc.domain.folding import folded

_SHORTEST_WITHOUT_CASE = 2  # a Chinese name has two characters
_SHORTEST_WITH_CASE = 4  # shorter Latin words stand in every text


def words_to_keep(values: Iterable[str]) -> dict[str, list[str]]:
    """Return normalised words by their first two characters."""
    index: dict[str, list[str]] = defaultdict(list)
    for word in {folded(value) for value in values}:
        if not _is_too_short(word):
            index[word[:2]].append(word)
    return index


def too_short(values: Iterable[str]) -> set[str]:
    """Return those that are not sought, because they would be found in every text."""
    return {value for value in values if (word := folded(value)) and _is_too_short(word)}


def _is_too_short(word: str) -> bool:
    return len(word) < (_SHORTEST_WITH_CASE if word.isascii() else _SHORTEST_WITHOUT_CASE)


def found_in(text: str, index: Mapping[str, list[str]]) -> set[str]:
    """Return the words that stand in `text`.

    A word of Latin letters or digits counts only where it stands by itself: `Anna` is not a leak
    in `Susanna`. Other scripts put no blanks between words.
    """
    plain = folded(text)
    found: set[str] = set()
    for start in range(len(plain) - 1):
        for word in index.get(plain[start : start + 2], ()):
            end = start + len(word)
            if plain.startswith(word, start) and not (
                word.isascii() and (_joins(plain, start - 1) or _joins(plain, end))
            ):
                found.add(word)
    return found


def texts(value: Json) -> Iterator[str]:
    """Yield every text in a value."""
    match value:
        case str():
            yield value
        case list():
            for part in value:
                yield from texts(part)
        case dict():
            for part in value.values():
                yield from texts(part)
        case _:
            pass


def _joins(text: str, place: int) -> bool:
    return 0 <= place < len(text) and text[place].isascii() and text[place].isalnum()
