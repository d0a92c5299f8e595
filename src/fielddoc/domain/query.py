"""What a person types to find records, read strictly into a closed form.

    徐秦 tea                         both words, anywhere
    "north gate"                     these words together
    -tea                             without this word
    charge:寻衅滋事 date:2022-09..2022-11 -type:source
    place:"Stone Bridge",石桥        one of several values

Conditions are apart by blanks and must all hold; of several values of one field, apart by commas,
one must. Nothing is an error: what is not understood is searched as plain text, and a `Problem`
says so, with the place where it stands.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeAlias, assert_never

from fielddoc.domain.facets import Days, TermFacet, TextFacet, vocabularies_of
from fielddoc.domain.folding import folded
from fielddoc.domain.partial_date import PartialDate, PartialDateError, parse_typed
from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.domain.vocabularies import Term, vocabulary
from fielddoc.i18n import N_, language_of_system, listed, translate


class FieldName(StrEnum):
    """What can stand before a colon."""

    TYPE = "type"
    PERSON = "person"
    KIND = "kind"
    PLACE = "place"
    DATE = "date"
    WITHIN = "within"
    STAGE = "stage"
    CHARGE = "charge"
    SOURCE = "source"
    CONFIDENTIALITY = "confidentiality"
    STATUS = "status"
    NAME = "name"
    OVERDUE = "overdue"


OTHER_NAMES: Mapping[FieldName, tuple[str, ...]] = {
    FieldName.TYPE: ("类型",),
    FieldName.PERSON: ("人员", "人物", "人"),
    FieldName.KIND: ("类别", "种类"),
    FieldName.PLACE: ("地点",),
    FieldName.DATE: ("日期", "时间"),
    FieldName.WITHIN: ("certainly", "确在"),
    FieldName.STAGE: ("阶段",),
    FieldName.CHARGE: ("罪名",),
    FieldName.SOURCE: ("消息来源", "来源"),
    FieldName.CONFIDENTIALITY: ("保密程度", "保密"),
    FieldName.STATUS: ("state", "outcome", "状态", "结果"),
    FieldName.NAME: ("title", "姓名", "标题"),
    FieldName.OVERDUE: ("逾期", "过期"),
}
"""Names besides the English ones; traditional characters are understood like simplified ones."""


# --- conditions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """A folded text that stands anywhere in the record."""

    text: str


@dataclass(frozen=True, slots=True)
class InText:
    """One of these folded texts stands in a name or place of the record."""

    facet: TextFacet
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfTerm:
    """The record has one of these codes in a facet."""

    facet: TermFacet
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkedTo:
    """The record is, or links to, a person or source whose name holds one of these texts."""

    type: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnDays:
    """Something that the record tells of may have happened on one of these days."""

    days: tuple[Days, ...]


@dataclass(frozen=True, slots=True)
class WithinDays:
    """Everything that the record tells of certainly happened on these days."""

    days: tuple[Days, ...]


@dataclass(frozen=True, slots=True)
class Overdue:
    """Something was to be done before this day and is not; or nothing was."""

    today: datetime.date
    is_overdue: bool


Condition: TypeAlias = Words | InText | OfTerm | LinkedTo | OnDays | WithinDays | Overdue


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition, and where it stands in what was typed."""

    condition: Condition
    is_negated: bool
    start: int
    end: int


class Fault(StrEnum):
    """Why something was not taken as it was meant. Stable: machines look at these."""

    UNKNOWN_FIELD = "unknown-field"
    NO_VALUE = "no-value"
    NOT_A_TERM = "not-a-term"
    NOT_A_DATE = "not-a-date"
    NOT_YES_OR_NO = "not-yes-or-no"


_SENTENCES = {
    Fault.UNKNOWN_FIELD: (
        N_("There is no field “{text}”, so it is searched as plain text."),
        N_("Fields are: {fields}. Quotation marks around the whole say that text is meant."),
    ),
    Fault.NO_VALUE: (
        N_("Nothing stands after “{text}:”, so it is left out."),
        N_("Write what to look for right after the colon, without a blank."),
    ),
    Fault.NOT_A_TERM: (
        N_("No term of this field is called “{text}”."),
        N_("Choose the term under Filter, which also shows all that there are."),
    ),
    Fault.NOT_A_DATE: (
        N_("“{text}” is not understood as a date, so it is searched as plain text."),
        N_('Write for example 2022-09..2022-11, 2022, or "since August 2022".'),
    ),
    Fault.NOT_YES_OR_NO: (
        N_("“{text}” is neither yes nor no, so it is searched as plain text."),
        N_("Write overdue:yes or overdue:no."),
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not taken as it was meant, and where it stands."""

    fault: Fault
    text: str
    start: int
    end: int
    facet: TermFacet | None = None
    """Whose terms were meant, if any were."""

    def sentence(self, language: str | None = None) -> str:
        """Return what was made of it."""
        return translate(_SENTENCES[self.fault][0], language).format(text=self.text)

    def advice(self, language: str | None = None) -> str:
        """Return what to write instead."""
        return translate(_SENTENCES[self.fault][1], language).format(fields=field_names(language))

    def terms(self, language: str | None = None) -> str:
        """Return the terms that could have been meant, as one types them; empty if none were."""
        return terms_of_field(self.facet, language) if self.facet is not None else ""


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that must all hold; none holds for every record."""

    clauses: tuple[Clause, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The folded texts that are looked for and may be marked where they stand."""
        found: list[str] = []
        for clause in self.clauses:
            if clause.is_negated:
                continue
            match clause.condition:
                case Words(text):
                    found.append(text)
                case InText(_, texts) | LinkedTo(_, texts):
                    found.extend(texts)
                case OfTerm() | OnDays() | WithinDays() | Overdue():
                    pass
                case _:
                    assert_never(clause.condition)
        return tuple(dict.fromkeys(found))


def field_names(language: str | None = None) -> str:
    """Return the names of the fields, one a field, in the person's language."""
    if not (language or language_of_system()).startswith("zh"):
        return listed(FieldName)
    return "、".join(name_in_chinese(field) for field in FieldName)


def terms_of_field(facet: TermFacet, language: str | None = None) -> str:
    """Return every term of a facet as a person of the language would type it."""
    wanted = language or language_of_system()
    if not wanted.startswith("zh"):
        return listed(_words_of(facet))
    return "、".join(label_of(facet, code, wanted) for code in _words_of(facet))


def name_in_chinese(field: FieldName) -> str:
    """Return the first Chinese name of a field."""
    return next(name for name in OTHER_NAMES[field] if not name.isascii())


def typed(field: FieldName, values: Iterable[str], language: str = "en") -> str:
    """Return what a person of a language would type to ask for one of `values` in a field."""
    name = name_in_chinese(field) if language.startswith("zh") else field.value
    return f"{name}:{','.join(map(_quoted, values))}"


def typed_name(name: str) -> str:
    """Return what a person would type to search for a name, whatever stands in it."""
    is_plain = all(character.isalnum() or character.isspace() for character in name)
    plain_ = "".join(c for c in name if c not in _OPENING)
    return " ".join(name.split()) if is_plain else f'"{plain_}"'


def field_of(condition: Condition) -> FieldName | None:
    """Return the field that a condition was typed with; None for words."""
    match condition:
        case Words():
            return None
        case InText(facet, _):
            return FieldName(facet.value)
        case OfTerm(term, _):
            return FieldName(term.value)
        case LinkedTo(type_name, _):
            return FieldName(type_name)
        case OnDays():
            return FieldName.DATE
        case WithinDays():
            return FieldName.WITHIN
        case Overdue():
            return FieldName.OVERDUE
        case _:
            assert_never(condition)


def label_of(facet: TermFacet, code: str, language: str) -> str:
    """Return the words for a code of a facet; a code that is not known stands for itself."""
    if facet is TermFacet.TYPE:
        labels = [known.label for known in RECORD_TYPES if known.name == code]
        return translate(labels[0], language) if labels else code
    for name in vocabularies_of(facet):
        if code in vocabulary(name):
            return vocabulary(name).label(code, language)
    return code


def _quoted(value: str) -> str:
    plain_ = "".join(c for c in value if c not in _OPENING)
    is_word = plain_ and not any(c.isspace() or c in _COMMAS for c in plain_)
    return plain_ if is_word else f'"{plain_}"'


# --- reading -------------------------------------------------------------------------------------


def parse(text: str, today: datetime.date) -> Query:
    """Return what `text` asks for. Every text is a query.

    Args:
        text: as typed.
        today: what "today" and "overdue" mean.
    """
    clauses: list[Clause] = []
    problems: list[Problem] = []
    for piece in _pieces(text):
        condition = _condition(piece, today, problems)
        if condition is not None:
            clauses.append(Clause(condition, piece.is_negated, piece.start, piece.end))
    return Query(tuple(clauses), tuple(problems))


def plain(text: str) -> Query:
    """Return the query for words alone: no fields, nothing left out."""
    pieces = [value for piece in _pieces(text, fields=False) for value in piece.values]
    found = ((folded(value.text), value) for value in pieces)
    return Query(
        tuple(Clause(Words(t), is_negated=False, start=v.start, end=v.end) for t, v in found if t)
    )


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two blanks: perhaps a hyphen and a field name, then values."""

    raw: str
    is_negated: bool
    field: str
    values: tuple[_Value, ...]
    start: int
    end: int


_OPENING = '"“＂”'
_CLOSING = '"”＂“'
_COLONS = ":："
_COMMAS = ",，"


def _pieces(text: str, *, fields: bool = True) -> list[_Piece]:
    pieces: list[_Piece] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        piece = _piece(text, at, fields=fields)
        pieces.append(piece)
        at = piece.end
    return pieces


def _piece(text: str, start: int, *, fields: bool) -> _Piece:
    at = start
    is_negated = fields and text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
    at += is_negated
    name_end = _name_end(text, at) if fields else at
    name, at = (text[at:name_end], name_end + 1) if name_end > at else ("", at)
    values: list[_Value] = []
    while True:
        value, at = _value(text, at, stops_at_comma=bool(name))
        values.append(value)
        if name and at < len(text) and text[at] in _COMMAS:
            at += 1
            continue
        break
    end = max(at, start + 1)
    return _Piece(text[start:end], is_negated, name, tuple(values), start, end)


def _name_end(text: str, start: int) -> int:
    """Return where the colon behind a field name stands, or `start` if there is none."""
    at = start
    while at < len(text) and (text[at].isalnum() or text[at] == "_"):
        at += 1
    is_name = start < at < len(text) and text[at] in _COLONS and not text[start:at].isdigit()
    return at if is_name else start


def _value(text: str, start: int, *, stops_at_comma: bool) -> tuple[_Value, int]:
    """Return a value and where what follows it begins: a word, or what stands in quotes."""
    if start < len(text) and text[start] in _OPENING:
        end = start + 1
        while end < len(text) and text[end] not in _CLOSING:
            end += 1
        return _Value(text[start + 1 : end], start, end), min(end + 1, len(text))
    end = start
    while end < len(text) and not text[end].isspace() and text[end] not in _OPENING:
        if stops_at_comma and text[end] in _COMMAS:
            break
        end += 1
    return _Value(text[start:end], start, end), end


def _condition(piece: _Piece, today: datetime.date, problems: list[Problem]) -> Condition | None:
    """Return what a piece asks for, or None if it asks for nothing."""
    if not piece.field:
        words = folded(piece.values[0].text)
        return Words(words) if words else None
    field = _field(piece.field)
    if field is None:
        problems.append(Problem(Fault.UNKNOWN_FIELD, piece.field, piece.start, piece.end))
        return _as_text(piece)
    values = [value for value in piece.values if folded(value.text)]
    if not values:
        problems.append(Problem(Fault.NO_VALUE, piece.field, piece.start, piece.end))
        return None
    texts = tuple(dict.fromkeys(folded(value.text) for value in values))
    match field:
        case FieldName.NAME:
            return InText(TextFacet.NAME, texts)
        case FieldName.PLACE:
            return InText(TextFacet.PLACE, texts)
        case FieldName.PERSON | FieldName.SOURCE:
            return LinkedTo(field.value, texts)
        case FieldName.DATE | FieldName.WITHIN:
            days = _days(values, today, problems)
            if days is None:
                return _as_text(piece)
            return OnDays(days) if field is FieldName.DATE else WithinDays(days)
        case FieldName.OVERDUE:
            return _overdue(piece, values, today, problems)
        case (
            FieldName.TYPE
            | FieldName.KIND
            | FieldName.STAGE
            | FieldName.CHARGE
            | FieldName.CONFIDENTIALITY
            | FieldName.STATUS
        ):
            return _of_term(TermFacet(field.value), values, problems)
        case _:
            assert_never(field)


def _field(name: str) -> FieldName | None:
    return _fields().get(folded(name))


@cache
def _fields() -> Mapping[str, FieldName]:
    return {folded(n): field for field in FieldName for n in (field.value, *OTHER_NAMES[field])}


def _as_text(piece: _Piece) -> Condition | None:
    """Return the whole piece as text, as it stands but for its hyphen and quotation marks."""
    text = piece.raw[piece.is_negated :]
    words = folded("".join(c for c in text if c not in _OPENING))
    return Words(words) if words else None


def _overdue(
    piece: _Piece, values: list[_Value], today: datetime.date, problems: list[Problem]
) -> Condition | None:
    answers = {_YES_NO.get(folded(value.text)) for value in values}
    if answers in ({True}, {False}):
        return Overdue(today, is_overdue=answers == {True})
    problems.append(Problem(Fault.NOT_YES_OR_NO, values[0].text, values[0].start, values[0].end))
    return _as_text(piece)


_YES_NO = {"yes": True, "是": True, "no": False, "否": False}


# --- terms ---------------------------------------------------------------------------------------


def _of_term(facet: TermFacet, values: list[_Value], problems: list[Problem]) -> OfTerm:
    codes: dict[str, None] = {}
    for value in values:
        found = codes_called(facet, value.text)
        if not found:
            fault = Problem(Fault.NOT_A_TERM, value.text, value.start, value.end, facet)
            problems.append(fault)
        # A record of a newer version may have a code that this one does not know.
        codes |= dict.fromkeys(found or (value.text.strip(),))
    return OfTerm(facet, tuple(codes))


def codes_called(facet: TermFacet, text: str) -> tuple[str, ...]:
    """Return the codes that a person means by `text`.

    Those whose code or words, in any language, are just that; if there are none, those whose
    words hold it.
    """
    wanted = folded(text)
    words = _words_of(facet)
    exact = tuple(code for code, names in words.items() if wanted in names)
    return exact or tuple(code for code, names in words.items() if any(wanted in n for n in names))


@cache
def _words_of(facet: TermFacet) -> Mapping[str, tuple[str, ...]]:
    """Return code to folded words of each term of a facet; one code may have several terms."""
    found: dict[str, tuple[str, ...]] = {}
    if facet is TermFacet.TYPE:
        for declared in RECORD_TYPES:
            labels = [(declared.label, declared.plural)]
            names = [translate(n, language) for n in labels[0] for language in ("en", "zh_CN")]
            found[declared.name] = (declared.name, *map(folded, names))
        return found
    for name in vocabularies_of(facet):
        for term in vocabulary(name).terms:
            found[term.code] = (*found.get(term.code, ()), *_words(term))
    return found


def _words(term: Term) -> tuple[str, ...]:
    return tuple(map(folded, (term.code, term.en, term.zh_hans, term.zh_hant)))


# --- days ----------------------------------------------------------------------------------------


def _days(
    values: list[_Value], today: datetime.date, problems: list[Problem]
) -> tuple[Days, ...] | None:
    found: list[Days] = []
    for value in values:
        days = days_meant(value.text, today)
        if days is None:
            problems.append(Problem(Fault.NOT_A_DATE, value.text, value.start, value.end))
        else:
            found.append(days)
    return tuple(found) if len(found) == len(values) else None


def days_meant(text: str, today: datetime.date) -> Days | None:
    """Return the days of `2022-09..2022-11`, `2022..`, `..2022` or any date; None if it is none."""
    first, dots, last = text.strip().partition("..")
    if dots and "/" not in text:
        begins = _typed(first, today) if first.strip() else None
        ends = _typed(last, today) if last.strip() else None
        is_half = not (first.strip() and begins is None) and not (last.strip() and ends is None)
        if not is_half or (begins is None and ends is None):
            return None
        days = Days(begins.earliest if begins else None, ends.latest if ends else None)
    else:
        date = _typed(text, today)
        days = Days(date.earliest, date.latest) if date is not None else Days(None, None)
    if days.first is None and days.last is None:
        return None
    if days.first is not None and days.last is not None and days.first > days.last:
        return None
    return days


def _typed(text: str, today: datetime.date) -> PartialDate | None:
    try:
        return parse_typed(text, today)
    except PartialDateError:
        return None
