"""The language of messages: marks for translators, and the catalogue of the person's language.

One gettext catalogue (`resources/locale/<language>/LC_MESSAGES/fielddoc.mo`) serves domain,
terminal and window. A text is marked with `N_` where it is declared and translated with
`translate` where it is shown, so that importing a module never fixes a language.
"""

import gettext as _gettext
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fielddoc.resources import resource

LANGUAGES = ("en", "zh_CN")
"""Languages whose interface texts are complete. The first one needs no catalogue."""


def N_(message: str) -> str:  # noqa: N802 - the name that every gettext extractor knows
    """Mark `message` for translation and return it as it is."""
    return message


def language_of_system() -> str:
    """Return the first language that the environment asks for and that is complete, else `en`.

    Reads LANGUAGE, LC_ALL, LC_MESSAGES and LANG in gettext's order. Any Chinese locale that is
    not a traditional-script one gets `zh_CN`.
    """
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for wish in os.environ.get(variable, "").split(":"):
            name = wish.partition(".")[0].partition("@")[0]
            if name.startswith("zh"):
                return "zh_CN"
            if name.startswith("en") or name in ("C", "POSIX"):
                return "en"
    return "en"


def is_read_from_right() -> bool:
    """Tell whether the first language that the environment asks for is written from the right.

    The window follows the person's language in this also where its words are not translated yet.
    """
    return _first_wish().partition("_")[0] in _FROM_RIGHT


def language_to_hand_on() -> str:
    """Return what another process finds in LANGUAGE so that it speaks and reads as this one does."""
    language = language_of_system()
    return f"{_first_wish()}:{language}" if is_read_from_right() else language


def _first_wish() -> str:
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for wish in os.environ.get(variable, "").split(":"):
            if name := wish.partition(".")[0].partition("@")[0]:
                return name
    return ""


# ISO 639 codes of languages that are written in Arabic, Hebrew, Thaana or Syriac letters.
_FROM_RIGHT = frozenset(("ar", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"))


@cache
def _catalogue(language: str, folder: Path) -> _gettext.NullTranslations:
    return _gettext.translation("fielddoc", folder, languages=[language], fallback=True)


def translate(message: str, language: str | None = None) -> str:
    """Return `message` in `language` (default: the system's); untranslated text stays English."""
    wanted = language or language_of_system()
    if not message or wanted == "en":
        return message
    return _catalogue(wanted, resource("locale")).gettext(message)


def t_(message: str) -> str:
    """Mark `message` for translation and return it in the person's language.

    For sentences that are shown where they are written, as everywhere in the window.
    """
    return translate(message)


def listed(names: Iterable[str], language: str | None = None) -> str:
    """Return names or words one after another, as a list is written in the person's language."""
    return ("、" if _is_chinese(language) else ", ").join(names)


def clauses(parts: Iterable[str], language: str | None = None) -> str:
    """Return parts of one sentence one after another; each may have commas of its own."""
    return ("；" if _is_chinese(language) else "; ").join(parts)


def in_a_row(whole: Iterable[str], language: str | None = None) -> str:
    """Return whole sentences one after another; Chinese has no blank between them.

    One that ends with a name or a reason gets the full stop that it lacks, if another follows.
    """
    is_chinese = _is_chinese(language)
    *before, last = [one for one in whole if one] or [""]
    ended = (one if one[-1] in _ENDS else one + ("。" if is_chinese else ".") for one in before)
    return ("" if is_chinese else " ").join([*ended, last])


_ENDS = ".!?:;…)。！？：；）”"


def size_words(count: int, language: str | None = None) -> str:
    """Return a size in the person's language: "280 bytes", "36.3 kB".

    Args:
        count: in bytes.
        language: the system's if it is not given.
    """
    if count < _UNIT_BYTES:
        words = N_("1 byte") if count == 1 else N_("{count} bytes")
        return translate(words, language).format(count=count)
    number, units = count / _UNIT_BYTES, ["TB", "GB", "MB", "kB"]
    while number >= _UNIT_BYTES and len(units) > 1:
        number /= _UNIT_BYTES
        units.pop()
    return f"{number:.1f} {units[-1]}"


_UNIT_BYTES = 1024


def _is_chinese(language: str | None) -> bool:
    return (language or language_of_system()).startswith("zh")
