"""The words by which a person knows a record."""

from collections.abc import Mapping

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import record_type
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_

NO_TITLE = N_("(no title)")


def title_of(type_name: str, values: Mapping[str, Json], language: str = "en") -> str:
    """Return the words by which a person knows the record; empty if it has none of its own.

    `language` is that of the kind, which stands for a title where there is none.
    """
    names = values.get("names")
    if isinstance(names, list):
        texts = [name.get("text") for name in names if isinstance(name, dict)]
        return " · ".join(text for text in texts if isinstance(text, str))
    for name in ("title", "code_name", "name"):
        value = values.get(name)
        if isinstance(value, str) and value.strip():
            return value
    kind = values.get("kind")
    declared = record_type(type_name)
    part = declared.field("kind") if declared else None
    if isinstance(kind, str) and part is not None and part.vocabulary:
        return vocabulary(part.vocabulary).label(kind, language)
    return ""


def people_of(values: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the ids of the people that a record is about, for a title that it lacks."""
    people = values.get("persons") or values.get("exposed") or values.get("for_persons")
    parts = people if isinstance(people, list) else []
    links = [part.get("person") if isinstance(part, dict) else part for part in parts]
    return tuple(link for link in links if isinstance(link, str))
