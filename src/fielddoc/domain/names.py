"""Names of people: how characters are read, and which spellings are near each other.

A name in Chinese characters is compared by its Hanyu Pinyin without tones, made from Unihan
(resources/pinyin.txt); where a character has several readings, as family names often do, all of
them count. Two spellings are near if one letter was added, left out, changed or swapped with its
neighbour: Li Yuhan and Li Yuhuan, Ding Jiaxi and Ding Jiayi.
"""

import itertools
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

from fielddoc.domain.folding import folded
from fielddoc.resources import resource

MOST_READINGS = 8
"""Of one name; three characters of two readings each make so many."""
SHORTEST_NEAR = 6
"""Letters that a spelling needs before one letter less still points at the same person."""
_LONGEST = 40
_MOST_CHARACTERS = 6
_ORDERED_WORDS = (2, 3)


def pinyin(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the readings of a name in characters, a syllable each; nothing for other names.

    Only a name of at most six characters and nothing else is read, so that sentences are not.
    """
    characters = "".join(folded(name).split()).replace("·", "")
    if not 1 <= len(characters) <= _MOST_CHARACTERS:
        return ()
    syllables = [_readings().get(character, ()) for character in characters]
    if not all(syllables):
        return ()
    return tuple(itertools.islice(itertools.product(*syllables), MOST_READINGS))


def searchable(name: str) -> tuple[str, ...]:
    """Return the ways in which people type a name in characters by its pinyin.

    `徐秦` gives "xu qin" and "xuqin"; longer names also with the given name in one word, after a
    family name of one character or of two.
    """
    found: dict[str, None] = {}
    for syllables in pinyin(name):
        for spelled in _typed(syllables):
            found[" ".join(spelled)] = None
            found["".join(spelled)] = None
            for family in range(1, min(3, len(spelled) - 1)):
                found["".join(spelled[:family]) + " " + "".join(spelled[family:])] = None
    return tuple(found)


def _typed(syllables: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the syllables as a keyboard has them: ü is typed u, v or yu, as on a passport."""
    if not any("ü" in syllable for syllable in syllables):
        yield syllables
        return
    for letter in ("ü", "u", "v", "yu"):
        yield tuple(syllable.replace("ü", letter) for syllable in syllables)


def spellings(name: str) -> frozenset[str]:
    """Return the forms by which a name is compared: its letters alone, without marks or blanks.

    A name of two or three words is also taken with the last word first, because the family name
    stands first in one script and last in another. Other scripts stand for themselves.
    """
    read = pinyin(name)
    if read:
        return frozenset("".join(each).replace("ü", "u") for each in read)
    words = [letters for word in folded(name).split() if (letters := _letters(word))]
    found = {"".join(words)}
    if len(words) in _ORDERED_WORDS:
        found.add("".join([words[-1], *words[:-1]]))
    return frozenset(each[:_LONGEST] for each in found if each)


def keys(spelling: str) -> frozenset[str]:
    """Return what two near spellings have in common: themselves, or one letter less.

    Two spellings that are near share at least one key; that they do is no proof yet.
    """
    if len(spelling) < SHORTEST_NEAR:
        return frozenset((spelling,))
    shorter = (spelling[:at] + spelling[at + 1 :] for at in range(len(spelling)))
    return frozenset((spelling, *shorter))


def are_near(one: str, other: str) -> bool:
    """Tell whether two spellings are equal or differ by one letter or two swapped ones."""
    if one == other:
        return True
    if min(len(one), len(other)) < SHORTEST_NEAR or abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    one, other = one[start:], other[start:]
    return (
        one[1:] == other  # a letter more
        or one == other[1:]  # a letter less
        or one[1:] == other[1:]  # another letter
        or (one[:2] == other[1::-1] and one[2:] == other[2:])  # two swapped
    )


def _letters(word: str) -> str:
    """Return the letters of a word, without the marks above and below Latin ones."""
    parts = unicodedata.normalize("NFD", word)
    plain = (c for c in parts if unicodedata.category(c) != "Mn" or not parts[0].isascii())
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc"))


@cache
def _readings() -> Mapping[str, tuple[str, ...]]:
    """Return the syllables of each character (resources/pinyin.txt)."""
    text = resource("pinyin.txt").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            syllable, characters = line.split("\t")
            for character in characters:
                found[character] = (*found.get(character, ()), syllable)
    return found
