"""Values in the person's words, on one line: for summaries, conflicts and the history."""

import json
from collections.abc import Mapping
from datetime import datetime

from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import PartialDateError, describe, parse_edtf
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import language_of_system, listed, t_

_MOST_PARTS = 4
_MOST_CHARACTERS = 120


def in_words(
    field: Field | None, value: Json, titles: Mapping[str, str], most: int = _MOST_CHARACTERS
) -> str:
    """Return a value as a person reads it.

    Args:
        field: its declaration; None for a field of a newer version.
        value: of any kind.
        titles: titles of linked records by their ids.
        most: a text with more characters is cut.
    """
    if value in (None, "", []):
        return t_("(nothing)")
    if field is not None and field.kind is Kind.SEALED:
        return t_("(sealed)")
    if isinstance(value, list):
        return listed(in_words(field, part, titles, most) for part in value)
    if isinstance(value, dict):
        return summary(field.fields if field else (), value, titles)
    if isinstance(value, bool):
        return t_("yes") if value else t_("no")
    if not isinstance(value, str) or field is None:
        return _short(as_text(value), most)
    if field.kind in (Kind.TERM, Kind.TERMS):
        return visible(vocabulary(field.vocabulary).label(value, language_of_system()))
    if field.kind is Kind.DATE:
        return _short(day_in_words(value), most)
    if field.kind in (Kind.LINK, Kind.LINKS) and is_record_id(value):
        return _short(titles.get(value) or t_("a record that is not in this vault"), most)
    return _short(value, most)


def summary(
    fields: tuple[Field, ...], values: Mapping[str, Json], titles: Mapping[str, str]
) -> str:
    """Return the first filled fields of a part, by which one knows it again; may be empty."""
    parts: list[str] = []
    for field in fields:
        value = values.get(field.name)
        if value in (None, "", []) or field.kind in (Kind.FLAG, Kind.ITEMS, Kind.SEALED):
            continue
        if field.name.endswith("_words"):
            continue
        parts.append(in_words(field, value, titles))
        if len(parts) == _MOST_PARTS:
            break
    return "  ·  ".join(parts)


def linked_ids(fields: tuple[Field, ...], values: Mapping[str, Json]) -> list[str]:
    """Return the ids of the records to which these values link, those of items too."""
    found: list[str] = []
    for field in fields:
        value = values.get(field.name)
        parts = value if isinstance(value, list) else [value]
        if field.kind in (Kind.LINK, Kind.LINKS):
            found += [part for part in parts if isinstance(part, str) and is_record_id(part)]
        elif field.kind is Kind.ITEMS:
            for part in parts:
                if isinstance(part, dict):
                    found += linked_ids(field.fields, part)
    return found


def day_in_words(edtf: str) -> str:
    """Return a date in words; what is no date is returned as it is, not yet fit to be shown."""
    try:
        return describe(parse_edtf(edtf), language_of_system())
    except PartialDateError:
        return edtf


def moment_in_words(moment: datetime) -> str:
    """Return a day in words, with the time behind it, as the clock here showed it."""
    local = moment.astimezone()
    return f"{day_in_words(local.date().isoformat())} {local:%H:%M}"


def as_text(value: Json) -> str:
    """Return how a value of any kind stands in a text field."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def change_in_words(
    field: Field | None, before: Json, after: Json, titles: Mapping[str, str]
) -> tuple[str, str]:
    """Return a value before and after; of long texts the part that begins where they differ.

    Args: see `in_words`.
    """
    texts = [in_words(field, value, titles, _MOST_READ) for value in (before, after)]
    same = 0
    while same < min(map(len, texts)) and texts[0][same] == texts[1][same]:
        same += 1
    longest = max(map(len, texts))
    start = max(0, same - _BEFORE_DIFFERENCE) if longest > _MOST_CHARACTERS else 0
    one, two = (_cut(("…" if start else "") + text[start:]) for text in texts)
    return one, two


_MOST_READ = 100_000
_BEFORE_DIFFERENCE = 40


def _short(text: str, most: int) -> str:
    return visible(_cut(" ".join(text.split()), most))


def _cut(line: str, most: int = _MOST_CHARACTERS) -> str:
    return line if len(line) <= most else line[: most - 1] + "…"
