"""Links between records, read from either end: "lawyer of" here is "represented by" there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fielddoc.domain.canonical import Json
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_, translate


@dataclass(frozen=True, slots=True)
class Link:
    """One link as a record states it."""

    target: str
    path: str
    """Field, or field and part: `exposed`, `persons/person`."""
    item: str
    """Id of the item that it stands in; empty for a plain field."""
    field: Field
    role: Field | None
    """The part of the item that says in which role."""
    code: str
    """The code of that role; empty if none is given."""

    def reading(self, language: str) -> str:
        """Return how it reads from the record that states it."""
        if self.role is not None and self.code:
            return vocabulary(self.role.vocabulary).label(self.code, language)
        return translate(self.field.label, language)

    def reverse_reading(self, language: str) -> str:
        """Return how it reads from the record that it points to."""
        if self.role is not None and self.code:
            term = vocabulary(self.role.vocabulary).term(self.code)
            if term is not None and term.reverse_en is not None:
                return term.reverse_label(language)
            words = translate(N_("{role} in"), language)
            return words.format(role=term.label(language) if term else self.code)
        words = translate(N_("named there as: {label}"), language)
        return translate(self.field.reverse, language) or words.format(
            label=translate(self.field.label, language)
        )


def links_of(declared: RecordType, values: Mapping[str, Json]) -> Iterator[Link]:
    """Yield every link that a record states, in the order of its form."""
    for field in declared.fields:
        value = values.get(field.name)
        if field.kind in (Kind.LINK, Kind.LINKS):
            for target in _targets(value):
                yield Link(target, field.name, "", field, None, "")
        elif field.kind is Kind.ITEMS and isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from _links_of_item(field, item)


def _links_of_item(field: Field, item: Mapping[str, Json]) -> Iterator[Link]:
    role = next((part for part in field.fields if part.kind is Kind.TERM), None)
    for part in (p for p in field.fields if p.kind in (Kind.LINK, Kind.LINKS)):
        for target in _targets(item.get(part.name)):
            # The role is that of the record linked to; a source of the item has none.
            has_role = role is not None and part.kind is Kind.LINK
            code = item.get(role.name) if has_role and role is not None else None
            yield Link(
                target,
                f"{field.name}/{part.name}",
                str(item.get("id", "")),
                part,
                role if has_role else None,
                code if isinstance(code, str) else "",
            )


def _targets(value: Json) -> list[str]:
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, str) and is_record_id(part)]


_OF_PEOPLE = ("represents", "witness-of", "responsible-for", "member-of")
_OF_WHAT_HAPPENS = ("led-to", "retaliation-for", "earlier")
_HAPPENING = ("incident", "risk", "detention", "action")


def roles_of(type_name: str) -> list[str]:
    """Return the codes of `link-roles` that make sense said of a record of this type.

    Only people represent or witness something; only what happens leads to something. What was
    linked otherwise elsewhere stays and is read as it is.
    """
    found: list[str] = []
    for term in vocabulary("link-roles").terms:
        is_odd = (term.code in _OF_PEOPLE and type_name != "person") or (
            term.code in _OF_WHAT_HAPPENS and type_name not in _HAPPENING
        )
        if not is_odd:
            found.append(term.code)
    return found
