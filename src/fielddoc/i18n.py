"""The language of messages: marks for translators, and the catalogue of the person's language.

One gettext catalogue (`resources/locale/<language>/LC_MESSAGES/fielddoc.mo`) serves domain,
terminal and window. A text is marked with `N_` where it is declared and translated with
`translate` where it is shown, so that importing a module never fixes a language.
"""

import gettext as _gettext
import os
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
