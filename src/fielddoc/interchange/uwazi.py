"""Records as Uwazi takes them: one ZIP a template, with `import.csv` and the files beside it.

What Uwazi does with a column follows from the property's type, and from its name made of the
column's (docs/open-formats.md, "Uwazi"). Each value stands twice where Uwazi would lose something:
once as Uwazi reads it (labels, titles, whole days) and once exactly (codes, ids, EDTF), which is
what comes back when fielddoc reads the ZIP again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import assert_never

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import RECORD_TYPES, record_type
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.titles import title_of
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.interchange.flat import (
    Column,
    FlatTable,
    OpenRecord,
    Role,
    encoded,
    flat_tables,
    has_items,
    inner_fields,
    rows_of,
    span,
)

ID_COLUMN = "fielddoc id"
RECORD_COLUMN = "fielddoc record id"
FILES_COLUMN = "attachments"
_LINKED_FIRST = ("source", "person", "incident", "risk", "detention", "action", "attachment")
_TAKEN = {"title", "id", "file", "attachments", "date_added", "date_published", "language"}
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class Property(Enum):
    """Types of Uwazi's properties, as its template editor calls them."""

    TITLE = "Title"
    TEXT = "Text"
    RICH_TEXT = "Rich text"
    SELECT = "Select"
    MULTISELECT = "Multi select"
    DATE = "Date"
    NUMERIC = "Numeric"
    RELATIONSHIP = "Relationship"
    FILES = "(the entity's files)"


@dataclass(frozen=True, slots=True, kw_only=True)
class UwaziColumn:
    """A column of `import.csv` and the property that it fills."""

    name: str
    property: Property
    part: Field | None = None
    role: Role | None = None
    """What it holds of the part; None where it is for Uwazi only."""
    target: str = ""
    """For a relationship: the record type of the template that it leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template of Uwazi, for a record type or for one of its lists of items."""

    table: FlatTable
    columns: tuple[UwaziColumn, ...]

    @property
    def label(self) -> str:
        """The template's name in Uwazi: `Person`, `Person: Names`."""
        name = self.table.declared.label
        return f"{name}: {self.table.items.label}" if self.table.items else name


@cache
def templates() -> tuple[Template, ...]:
    """Return the templates, those that others link to first."""
    tables = sorted(
        flat_tables(with_labels=False),
        key=lambda table: (
            table.items is not None,
            _LINKED_FIRST.index(table.declared.name)
            if table.declared.name in _LINKED_FIRST
            else len(_LINKED_FIRST),
        ),
    )
    return tuple(Template(table=table, columns=_columns(table)) for table in tables)


def _columns(table: FlatTable) -> tuple[UwaziColumn, ...]:
    columns = [
        UwaziColumn(name="Title", property=Property.TITLE),
        UwaziColumn(name=ID_COLUMN, property=Property.TEXT, role=Role.ID),
    ]
    if table.items is not None:
        columns += [
            UwaziColumn(name=RECORD_COLUMN, property=Property.TEXT, role=Role.RECORD),
            UwaziColumn(
                name=f"Of {table.declared.label.lower()}",
                property=Property.RELATIONSHIP,
                role=Role.RECORD,
                target=table.declared.name,
            ),
        ]
    parts = inner_fields(table.items) if table.items else table.declared.fields
    known = {safe_name(column.name) for column in columns} | _TAKEN
    for part in parts:
        if has_items(part):
            continue
        label = _label(part, parts)
        for column in _of_field(part, label):
            assert safe_name(column.name) not in known, column.name
            known.add(safe_name(column.name))
            columns.append(column)
    if table.name == "attachment":
        columns.append(UwaziColumn(name=FILES_COLUMN, property=Property.FILES))
    return tuple(columns)


def _label(part: Field, parts: Sequence[Field]) -> str:
    """Return an English name that stays apart from the others after Uwazi has simplified it."""
    for ending, words in (("_inferred", "inferred"), ("_words", "in the source's words")):
        base = next((p for p in parts if f"{p.name}{ending}" == part.name), None)
        if base is not None:
            return f"{_label(base, parts)} {words}"
    label = part.label.replace("’", "'")
    twice = sum(safe_name(other.label) == safe_name(label) for other in parts) > 1
    if twice or safe_name(label) in _TAKEN:
        return f"{label} ({part.name.replace('_', ' ')} field)"
    return label


def safe_name(label: str) -> str:
    """Return the property name that Uwazi makes of a label (app/shared/propertyNames.ts)."""
    return re.sub(r"[^a-z0-9]", "_", label.strip().lower())


def _of_field(part: Field, label: str) -> Iterator[UwaziColumn]:
    def column(name: str, kind: Property, role: Role | None = None, to: str = "") -> UwaziColumn:
        return UwaziColumn(name=name, property=kind, part=part, role=role, target=to)

    match part.kind:
        case Kind.TEXT | Kind.TEXTS | Kind.SEALED:
            yield column(label, Property.TEXT, Role.VALUE)
        case Kind.LONG_TEXT:
            yield column(label, Property.RICH_TEXT, Role.VALUE)
        case Kind.DATE:
            yield column(f"{label} EDTF", Property.TEXT, Role.VALUE)
            yield column(f"{label} earliest", Property.DATE, Role.EARLIEST)
            yield column(f"{label} latest", Property.DATE, Role.LATEST)
        case Kind.FLAG:
            yield column(label, Property.SELECT, Role.VALUE)
        case Kind.NUMBER | Kind.INTEGER:
            yield column(f"{label} as written", Property.TEXT, Role.VALUE)
            yield column(label, Property.NUMERIC)
        case Kind.TERM:
            yield column(f"{label} code", Property.TEXT, Role.VALUE)
            yield column(label, Property.SELECT, Role.LABEL)
        case Kind.TERMS:
            yield column(f"{label} codes", Property.TEXT, Role.VALUE)
            yield column(label, Property.MULTISELECT, Role.LABEL)
        case Kind.LINK | Kind.LINKS:
            yield column(f"{label} ids", Property.TEXT, Role.VALUE)
            targets = part.targets or tuple(t.name for t in RECORD_TYPES if t.name != "attachment")
            for target in targets:
                declared = record_type(target)
                assert declared is not None
                name = label if len(targets) == 1 else f"{label} ({declared.label.lower()})"
                yield column(name, Property.RELATIONSHIP, Role.LABEL, target)
        case Kind.ITEMS | Kind.OWN:
            raise AssertionError("lists of items have templates of their own")
        case _:
            assert_never(part.kind)


# --- rows ----------------------------------------------------------------------------------------


class Titles:
    """The titles by which Uwazi links entities: each once, with the beginning of the record's id."""

    def __init__(self, records: Sequence[OpenRecord]) -> None:
        self.types = {record.id: record.type for record in records if record.id}
        self._titles: dict[str, str] = {}
        taken: set[str] = set()
        for record in records:
            identity = record.id or ""
            declared = record_type(record.type)
            words = title_of(record.type, record.values) or (declared.label if declared else "")
            length = 8
            while (title := titled(words, identity[:length])) in taken:
                length += 1
            taken.add(title)
            self._titles[identity] = title

    def of(self, identity: str) -> str:
        """Return the title of a record of this export, or nothing."""
        return self._titles.get(identity, "")


def titled(words: str, code: str) -> str:
    """Return words and a code on one line without `|`, which parts titles from each other."""
    plain = " ".join(words.replace("|", "/").split())[:120].strip()
    return f"{plain} · {code}"


def header(template: Template) -> list[str]:
    """Return the first line of a template's `import.csv`."""
    return [column.name for column in template.columns]


def lines(
    template: Template,
    records: Sequence[OpenRecord],
    titles: Titles,
    file_names: Mapping[str, str],
) -> Iterator[list[str]]:
    """Yield the rows of a template's `import.csv`.

    Args:
        template: the template.
        records: all that are exported.
        titles: of the same records.
        file_names: for an attachment's SHA-256, the name of its file in the ZIP.
    """
    for row_id, record, values in rows_of(template.table, records):
        title = titles.of(record)
        if template.table.items is not None:
            title = f"{title} · {row_id[:8]}"
        yield [
            _cell(
                column,
                row_id,
                record,
                values=values,
                title=title,
                titles=titles,
                file_names=file_names,
            )
            for column in template.columns
        ]


def _cell(
    column: UwaziColumn,
    row_id: str,
    record: str,
    *,
    values: Mapping[str, Json],
    title: str,
    titles: Titles,
    file_names: Mapping[str, str],
) -> str:
    value = values.get(column.part.name) if column.part else None
    match column.property:
        case Property.TITLE:
            return title
        case Property.FILES:
            return file_names.get(str(values.get("sha256")), "")
        case Property.NUMERIC:
            text = str(value) if type(value) is int else value
            return text if isinstance(text, str) and _NUMBER.fullmatch(text) else ""
        case Property.DATE:
            found = span(value)
            day = found and (found.earliest if column.role is Role.EARLIEST else found.latest)
            return day.isoformat() if day else ""
        case Property.RELATIONSHIP:
            links = [record] if column.part is None else _texts(value)
            known = [link for link in links if titles.types.get(link) == column.target]
            return "|".join(titles.of(link) for link in dict.fromkeys(known))
        case Property.SELECT | Property.MULTISELECT if column.role is Role.LABEL:
            assert column.part is not None
            terms = vocabulary(column.part.vocabulary)
            return "|".join(dict.fromkeys(terms.label(t) for t in _texts(value) if t in terms))
        case _:
            if column.role is Role.ID:
                return row_id
            if column.role is Role.RECORD:
                return record
            assert column.part is not None
            if column.part.kind is Kind.FLAG:
                return {True: "Yes", False: "No"}[value] if isinstance(value, bool) else ""
            return encoded(column.part, value)


def _texts(value: Json) -> list[str]:
    pieces = value if isinstance(value, list) else [value]
    return [piece for piece in pieces if isinstance(piece, str)]


def template_of(names: Sequence[str]) -> Template | None:
    """Return the template whose `import.csv` has this first line, or None."""
    for template in templates():
        if [*names] == header(template):
            return template
    return None


def read_columns(template: Template) -> tuple[Column | None, ...]:
    """Return what each column holds of a record; None for what is for Uwazi only."""
    return tuple(
        Column(column.name, column.role, column.part)
        if column.role in (Role.ID, Role.VALUE)
        or (column.role is Role.RECORD and column.property is Property.TEXT)
        else None
        for column in template.columns
    )


def instructions() -> str:
    """Return the page that says which templates to make in Uwazi before anything is imported."""
    text = [
        "Uwazi: templates for these files",
        "",
        "Make each template below with exactly these property names and types, in this order:",
        "templates that others link to come first. A select needs a thesaurus; Uwazi adds its terms",
        "when it reads the file. Then import each ZIP into the template of the same number.",
        'Title, "file" and "attachments" need no property of their own.',
        "",
    ]
    for number, template in enumerate(templates(), 1):
        text.append(f"{number}. {template.label}  ({zip_name(number, template)})")
        for column in template.columns:
            if column.property in (Property.TITLE, Property.FILES):
                continue
            more = ""
            if column.property is Property.RELATIONSHIP:
                declared = record_type(column.target)
                more = f" to {declared.label if declared else column.target}"
            text.append(f"   {column.name}: {column.property.value}{more}")
        text.append("")
    return "\n".join(text)


def zip_name(number: int, template: Template) -> str:
    """Return the name of a template's ZIP."""
    return f"{number:02} {template.table.name}.zip"
