"""The closed lists of the field, each term with a stable code and its words in three scripts.

The lists are data in `resources/vocabularies/<name>.toml`, in our own wording; records store codes
only. `huridocs` names the number of the nearest term in the HURIDOCS micro-thesauri ("MT04 020103"
is list 4, term 020103), as a crosswalk; their texts are not free to copy and are not in here.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache, cached_property
from typing import cast

from fielddoc.resources import resource

_CODE = re.compile(r"[a-z0-9-]+")
_HURIDOCS = re.compile(r"MT[0-9]{2} (?:[0-9]{2})+")


class VocabularyError(ValueError):
    """A vocabulary file is not of the right form: a fault of this program's own data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term. The reverse labels read a relation from its other end ("lawyer of", "client of")."""

    code: str
    en: str
    zh_hans: str
    zh_hant: str
    huridocs: str | None = None
    note: str = ""
    reverse_en: str | None = None
    reverse_zh_hans: str | None = None
    reverse_zh_hant: str | None = None

    def label(self, language: str = "en") -> str:
        """Return the term's words in `language`, a gettext or BCP 47 name; English if unknown."""
        return _choose(language, self.en, self.zh_hans, self.zh_hant)

    def reverse_label(self, language: str = "en") -> str:
        """Return the words that read the relation from its other end, else the plain label."""
        if self.reverse_en is None or self.reverse_zh_hans is None or self.reverse_zh_hant is None:
            return self.label(language)
        return _choose(language, self.reverse_en, self.reverse_zh_hans, self.reverse_zh_hant)


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """A named list of terms, in the order in which a person should see them."""

    name: str
    terms: tuple[Term, ...]

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def term(self, code: str) -> Term | None:
        """Return the term of `code`; None for a code of a newer version or another program."""
        return self._by_code.get(code)

    def label(self, code: str, language: str = "en") -> str:
        """Return the words for `code`; a code that this version does not know stands for itself."""
        term = self.term(code)
        return term.label(language) if term else code

    def code_of(self, text: str) -> str | None:
        """Return the code whose code or label, in any language, is `text`; case does not matter."""
        return self._by_word.get(_folded(text))

    @cached_property
    def _by_code(self) -> dict[str, Term]:
        return {term.code: term for term in self.terms}

    @cached_property
    def _by_word(self) -> dict[str, str]:
        # Codes come last, so that a code always means its own term.
        labels = {
            _folded(word): term.code
            for term in self.terms
            for word in (term.zh_hant, term.zh_hans, term.en)
        }
        return labels | {term.code: term.code for term in self.terms}


@cache
def vocabulary(name: str) -> Vocabulary:
    """Return the vocabulary of resources/vocabularies/`name`.toml; read once.

    Raises:
        FileNotFoundError: There is no vocabulary of this name.
        VocabularyError: The file is not of the right form.
    """
    return parse_vocabulary(
        name, resource("vocabularies", f"{name}.toml").read_text(encoding="utf-8")
    )


def parse_vocabulary(name: str, text: str) -> Vocabulary:
    """Return the vocabulary written in `text`: TOML, a list of tables named `term`.

    Raises:
        VocabularyError: A key is unknown or missing, a text empty, a code ill-formed or used twice.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VocabularyError(f"{name}: {error}") from error
    rows = document.get("term")
    if set(document) != {"term"} or not isinstance(rows, list) or not rows:
        raise VocabularyError(f"{name}: expected a list of [[term]] and nothing else")
    terms = tuple(_term(name, row) for row in rows)
    if len({term.code for term in terms}) != len(terms):
        raise VocabularyError(f"{name}: a code is used twice")
    return Vocabulary(name=name, terms=terms)


_KEYS = {field.name.replace("_", "-"): field.name for field in fields(Term)}
_REQUIRED = {field.name for field in fields(Term) if field.default is MISSING}
_REVERSE = {name for name in _KEYS.values() if name.startswith("reverse_")}


def _term(name: str, row: object) -> Term:
    if not isinstance(row, Mapping) or not set(row) <= set(_KEYS):
        raise VocabularyError(f"{name}: a term has a key that is not known")
    values = {_KEYS[key]: value for key, value in row.items()}
    if not all(isinstance(value, str) and value.strip() for value in values.values()):
        raise VocabularyError(f"{name}: a term has an empty text, or a value that is no text")
    reverse = _REVERSE & set(values)
    if not set(values) >= _REQUIRED or reverse not in (set(), _REVERSE):
        raise VocabularyError(f"{name}: a term lacks a code or a label")
    if not _CODE.fullmatch(values["code"]):
        raise VocabularyError(f"{name}: a code may have small letters, digits and hyphens only")
    if "huridocs" in values and not _HURIDOCS.fullmatch(values["huridocs"]):
        raise VocabularyError(f"{name}: a crosswalk code looks like MT04 020103")
    return Term(**cast("dict[str, str]", values))


def _choose(language: str, en: str, zh_hans: str, zh_hant: str) -> str:
    tag = language.replace("-", "_").lower()
    if not tag.startswith("zh"):
        return en
    return zh_hant if tag.startswith(("zh_hant", "zh_tw", "zh_hk", "zh_mo")) else zh_hans


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
