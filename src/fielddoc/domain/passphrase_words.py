"""Passphrases of generated words, and a warning for those that people make themselves.

A passphrase of six words out of 7,776 holds 77.5 bits, whoever chose the words, as long as chance
did (EFF, "EFF's New Wordlists for Random Passphrases", 2016).
"""

import re
import secrets
from functools import cache

from fielddoc.i18n import N_
from fielddoc.resources import resource

WORDS = 6
LIST_SIZE = 7776


@cache
def word_list() -> tuple[str, ...]:
    """Return the words to draw from."""
    text = resource("wordlists", "eff-large.txt").read_text(encoding="ascii")
    words = tuple(text.split())
    assert len(words) == LIST_SIZE
    return words


def generated(count: int = WORDS) -> str:
    """Return `count` words drawn by chance, apart by blanks."""
    words = word_list()
    return " ".join(secrets.choice(words) for _ in range(count))


_BIRTHDAY = re.compile(r"(19|20)\d{2}[-./ 年]?(0?[1-9]|1[0-2])[-./ 月]?([0-2]?\d|3[01])?")
_TELEPHONE = re.compile(r"(?:\+?86)?1[3-9]\d{9}|\d{7,}")
_PINYIN = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui"
    r"|un|uo|a|e|i|o|u|v))+",
    re.IGNORECASE,
)
_SHORT = 16
_FEW_WORDS = 5


def warning(passphrase: str) -> str:
    """Return, as a marked sentence, why a passphrase may be too easy to guess; empty if it is not.

    It only warns: no rule can tell a good passphrase, and meters made for English call any pinyin
    strong (zxcvbn gives "zhongguo renmin wansui 1949" its best mark).
    """
    plain = " ".join(passphrase.split())
    words = plain.split(" ")
    letters = re.sub(r"[\d\W_]", "", plain)
    if not plain:
        return ""
    if plain.replace(" ", "").isdigit():
        return N_("Only digits: a computer tries all of them quickly.")
    if len(set(plain)) <= 4:
        return N_("The same few characters again and again are tried first.")
    if _TELEPHONE.search(plain):
        return N_("It looks like a telephone or identity number. Those are known to the police.")
    if len(plain) < _SHORT and not _is_han(plain):
        return N_("It is short. Six words that have nothing to do with each other are better.")
    if _BIRTHDAY.search(plain) and len(words) < _FEW_WORDS:
        return N_("A year or a date in it is tried early. Leave it out, or add more words.")
    if len(words) < _FEW_WORDS and letters and _PINYIN.fullmatch(letters):
        return N_("Pinyin of a saying or a name is tried early. Take words that do not belong.")
    if _is_han(plain) and len(plain.replace(" ", "")) < 8:
        return N_("It is short. Eight characters of no saying and no name are a beginning.")
    if len(words) < _FEW_WORDS and not _is_han(plain) and len(plain) < 24:
        return N_("It has few words. Six that have nothing to do with each other are better.")
    return ""


def _is_han(text: str) -> bool:
    return sum("\u3400" <= character <= "\u9fff" for character in text) * 2 >= len(text)
