"""Passphrases of generated words, and a warning for those that people make themselves.

A passphrase of six words out of 7,776 holds 77.5 bits, whoever chose the words, as long as chance
did (EFF, "EFF's New Wordlists for Random Passphrases", 2016). Chinese words are typed in pinyin
without tones, so that no input method sees them; there are fewer of them that sound like no other,
and one more is drawn.
"""

import math
import re
import secrets
from enum import StrEnum
from functools import cache

from fielddoc.i18n import N_
from fielddoc.resources import resource

LEAST_BITS = 6 * math.log2(7776)
"""What six words of the English list hold; no passphrase that is offered holds less."""


class WordList(StrEnum):
    """Which words a passphrase is drawn from."""

    ENGLISH = "english"
    PINYIN = "pinyin"


_FILES = {WordList.ENGLISH: "eff-large.txt", WordList.PINYIN: "pinyin-4096.txt"}


@cache
def _lines(which: WordList) -> tuple[str, ...]:
    return tuple(resource("wordlists", _FILES[which]).read_text(encoding="utf-8").splitlines())


@cache
def words_of(which: WordList) -> tuple[str, ...]:
    """Return the words to draw from, as they are typed."""
    return tuple(line.split()[0] for line in _lines(which))


def count_for(which: WordList) -> int:
    """Return how many words reach `LEAST_BITS`."""
    return math.ceil(LEAST_BITS / math.log2(len(_lines(which))) - 1e-9)


def generated(which: WordList = WordList.ENGLISH) -> str:
    """Return words drawn by chance, apart by blanks."""
    words = words_of(which)
    return " ".join(secrets.choice(words) for _ in range(count_for(which)))


def in_characters(passphrase: str) -> str:
    """Return pinyin words of the list in characters, to be remembered; empty if one is unknown."""
    characters = _characters()
    found = [characters.get(word, "") for word in passphrase.split()]
    return " ".join(found) if all(found) else ""


@cache
def _characters() -> dict[str, str]:
    return dict(line.split() for line in _lines(WordList.PINYIN))


# --- a warning ------------------------------------------------------------------------------------

_DATES = re.compile(
    r"(?:19|20)\d\d[-./ 年]?(?:1[0-2]|0?[1-9])(?:[-./ 月]?(?:3[01]|[12]\d|0?[1-9]))?"  # 1989-06-04
    r"|(?<!\d)(?:19|20)\d\d(?!\d)"  # a year
    r"|(?<!\d)\d\d(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])(?!\d)"  # 890604
    r"|(?<!\d)(?:3[01]|[12]\d|0?[1-9])[-./ ](?:1[0-2]|0?[1-9])[-./ ](?:19|20)?\d\d(?!\d)"  # 4.6.89
    r"|\d{1,2}\s?月\s?\d{1,2}"
)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[-./ ()]+(?=\d)")
_TELEPHONE = re.compile(r"1[3-9]\d{9}|\d{9,}|(?<!\d)0\d{2,3}\d{7,8}")
_DIGITS = re.compile(r"\d{7,}")
# Every syllable of standard Chinese in pinyin without tones, v for ü.
_SYLLABLE = re.compile(
    r"(?:zh|ch|sh)(?:uang|ang|eng|ong|uai|uan|ai|an|ao|ei|en|ou|ua|ui|un|uo|a|e|i|u)"
    r"|[jqx](?:iang|iong|ian|iao|ing|uan|ia|ie|in|iu|ue|un|i|u)"
    r"|[bpmf](?:iang|ang|eng|ian|iao|ing|ai|an|ao|ei|en|ie|in|iu|ou|a|i|o|u)"
    r"|[dtnl](?:iang|ang|eng|ian|iao|ing|ong|uan|ai|an|ao|ei|en|ia|ie|in|iu|ou|ue|ui|un|uo|ve"
    r"|a|e|i|u|v)"
    r"|[gkh](?:uang|ang|eng|ong|uai|uan|ai|an|ao|ei|en|ou|ua|ui|un|uo|a|e|u)"
    r"|[rzcs](?:ang|eng|ong|uan|ai|an|ao|ei|en|ou|ui|un|uo|a|e|i|u)"
    r"|y(?:ang|ing|ong|uan|an|ao|in|ou|ue|un|a|e|i|o|u)|w(?:ang|eng|ai|an|ei|en|a|o|u)"
    r"|ang|eng|ai|an|ao|ei|en|er|ou|a|e|o",
    re.IGNORECASE,
)
_LONGEST_SYLLABLE = 6
_LOOKED_AT = 1024
_SHORT = 16
_FEW_WORDS = 5
_FEW_SYLLABLES = 12
_FEW_CHARACTERS = 8


def warning(passphrase: str) -> str:
    """Return, as a marked sentence, why a passphrase may be too easy to guess; empty if it is not.

    It only warns: no rule can tell a good passphrase, and meters made for English call any pinyin
    strong (zxcvbn gives "zhongguo renmin wansui 1949" its best mark).
    """
    plain = " ".join(passphrase[:_LOOKED_AT].split())
    words = plain.split(" ")
    letters = re.sub(r"[\d\W_]", "", plain)
    together = _BETWEEN_DIGITS.sub("", plain)
    is_few = len(words) < _FEW_WORDS
    if not plain:
        return ""
    if plain.replace(" ", "").isdigit():
        return N_("Only digits: a computer tries all of them quickly.")
    if len(set(plain)) <= 4 < len(plain):
        return N_("The same few characters again and again are tried first.")
    if _TELEPHONE.search(together) or (is_few and _DIGITS.search(together) and not _dated(plain)):
        return N_("It looks like a telephone or identity number. Those are known to the police.")
    if _dated(plain) and is_few:
        return N_("A year or a date in it is tried early. Leave it out, or add more words.")
    if 0 < syllables(letters) < _FEW_SYLLABLES:
        return N_("Pinyin of a saying or a name is tried early. Take words that do not belong.")
    if len(plain) < _SHORT and not _is_han(plain):
        return N_("It is short. Six words that have nothing to do with each other are better.")
    if _is_han(plain) and len(plain.replace(" ", "")) < _FEW_CHARACTERS:
        return N_("It is short. Eight characters of no saying and no name are a beginning.")
    if is_few and not _is_han(plain) and len(plain) < 24:
        return N_("It has few words. Six that have nothing to do with each other are better.")
    return ""


def _dated(plain: str) -> bool:
    return _DATES.search(plain) is not None


def syllables(letters: str) -> int:
    """Return of how few syllables of pinyin these letters can consist; 0 if they are no pinyin."""
    fewest: list[int | None] = [0]
    for end in range(1, len(letters) + 1):
        ways = [
            before + 1
            for start in range(max(0, end - _LONGEST_SYLLABLE), end)
            if (before := fewest[start]) is not None and _SYLLABLE.fullmatch(letters, start, end)
        ]
        fewest.append(min(ways, default=None))
    return fewest[-1] or 0


def _is_han(text: str) -> bool:
    return sum("\u3400" <= character <= "\u9fff" for character in text) * 2 >= len(text)
