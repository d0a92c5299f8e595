"""Records as flat tables, exactly: one table a type, one for each of its lists of items, and back.

The columns are made from the declarations; docs/open-formats.md describes them. A cell holds a
value in its plain form, or `json:` and its JSON where the plain form would not come back the same,
so that nothing that a record may hold is lost.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import assert_never

from fielddoc.domain.canonical import MAXIMUM_INTEGER, Json, NotCanonicalError, check_value, same
from fielddoc.domain.own_fields import VALUE
from fielddoc.domain.partial_date import PartialDate, PartialDateError, parse_edtf, parse_typed
from fielddoc.domain.record_types import OWN_FIELD, RECORD_TYPES
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_

BAD_JSON = N_("a cell begins with json: and goes on with something else")
BAD_ID = N_("an id has another form than fielddoc's; leave the cell empty for a new record")
NO_RECORD = N_("the id of the record that it belongs to is missing")
JSON_MARK = "json:"
LONG_MARK = "long:"
LIST_MARK = "|"
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,15}")
_MARKER = re.compile(r"fielddoc-1 ([a-z_.-]+)( spreadsheets)?")


class Role(Enum):
    """What a column of a table is for."""

    ID = "id"
    """The id of the record, or of the item."""
    RECORD = "record"
    """Of an item: the id of the record that it belongs to."""
    VALUE = "value"
    """A field's value, exactly."""
    EARLIEST = "earliest"
    """The first day that a date may mean; passed over when it is read."""
    LATEST = "latest"
    """The last day that a date may mean; passed over when it is read."""
    LABEL = "label"
    """Terms and links in words, for people; passed over when it is read."""
    MARKER = "marker"
    """No value: its name says what the table is."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    role: Role
    part: Field | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatTable:
    """One table: a record type, or one list of items of it."""

    declared: RecordType
    items: Field | None
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        """`person`, or `person.names` for a list of items."""
        return f"{self.declared.name}.{self.items.name}" if self.items else self.declared.name


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A record as it stands in an open format."""

    id: str | None
    type: str
    values: dict[str, Json]
    rows: tuple[tuple[str, int], ...] = ()
    """Where it was read: names of tables or files, and row numbers."""


OPEN_TYPES = (*RECORD_TYPES, OWN_FIELD)
"""Every type that leaves: declarations of own fields too, without which their values say little."""


def has_items(part: Field) -> bool:
    """Tell whether a field holds a list of items, which has a table of its own."""
    return part.kind in (Kind.ITEMS, Kind.OWN)


def inner_fields(part: Field) -> tuple[Field, ...]:
    """Return the fields of an item; the id of an own field's value is that of its declaration."""
    return _OWN_PARTS if part.kind is Kind.OWN else part.fields


_OWN_PARTS = (Field(name=VALUE, kind=Kind.TEXT, label=N_("Value")),)


@cache
def flat_tables(*, with_labels: bool) -> tuple[FlatTable, ...]:
    """Return every table, in the order of the declarations."""
    made: list[FlatTable] = []
    for declared in OPEN_TYPES:
        plain = tuple(part for part in declared.fields if not has_items(part))
        columns = (Column("id", Role.ID), *_columns(plain, with_labels=with_labels))
        made.append(FlatTable(declared=declared, items=None, columns=columns))
        for part in declared.fields:
            if has_items(part):
                inner = _columns(inner_fields(part), with_labels=with_labels)
                columns = (Column("id", Role.ID), Column("of_record", Role.RECORD), *inner)
                made.append(FlatTable(declared=declared, items=part, columns=columns))
    return tuple(made)


def _columns(parts: tuple[Field, ...], *, with_labels: bool) -> tuple[Column, ...]:
    columns: list[Column] = []
    for part in parts:
        columns.append(Column(part.name, Role.VALUE, part))
        if part.kind is Kind.DATE:
            columns.append(Column(f"{part.name}_earliest", Role.EARLIEST, part))
            columns.append(Column(f"{part.name}_latest", Role.LATEST, part))
        elif with_labels and part.kind in (Kind.TERM, Kind.TERMS, Kind.LINK, Kind.LINKS):
            columns.append(Column(f"{part.name}_label", Role.LABEL, part))
    return tuple(columns)


def marker(table: FlatTable, *, for_spreadsheets: bool = False) -> Column:
    """Return the last column, which holds nothing: its name says which table this is."""
    flavour = " spreadsheets" if for_spreadsheets else ""
    return Column(f"fielddoc-1 {table.name}{flavour}", Role.MARKER)


def marked(header: Iterable[str]) -> tuple[str, bool] | None:
    """Return which table a header says it is, and whether cells are guarded; None if it does not."""
    for name in header:
        match = _MARKER.fullmatch(name.removeprefix("'"))
        if match is not None:
            return match[1], match[2] is not None
    return None


# --- cells ---------------------------------------------------------------------------------------


def encoded(part: Field, value: Json) -> str:
    """Return a value as a cell; `decoded` gives exactly this value back. None is a blank cell."""
    if value is None:
        return ""
    text = _natural(part, value)
    is_plain = text is not None and not text.startswith(JSON_MARK)
    if text is not None and is_plain and same(decoded(part, text), value):
        return text
    return JSON_MARK + json.dumps(value, ensure_ascii=False, sort_keys=True)


def _natural(part: Field, value: Json) -> str | None:
    """Return the plain form of a value of the field's kind, or None."""
    match part.kind:
        case Kind.TEXT | Kind.LONG_TEXT | Kind.NUMBER | Kind.TERM | Kind.LINK:
            return value if isinstance(value, str) else None
        case Kind.DATE:
            return value if isinstance(value, str) and span(value) is not None else None
        case Kind.FLAG:
            return {True: "true", False: "false"}[value] if isinstance(value, bool) else None
        case Kind.INTEGER:
            return str(value) if type(value) is int else None
        case Kind.TEXTS | Kind.TERMS | Kind.LINKS:
            texts = value if isinstance(value, list) else []
            if not texts or not all(isinstance(text, str) and text for text in texts):
                return None
            return LIST_MARK.join(str(text) for text in texts)
        case Kind.ITEMS | Kind.OWN | Kind.SEALED:
            return None
        case _:
            assert_never(part.kind)


def decoded(part: Field, text: str) -> Json:
    """Return the value that a cell holds; what is not of the field's kind stays text.

    Raises:
        ValueError: `json:` is not followed by JSON of the allowed kind.
    """
    if not text:
        return None
    if text.startswith(JSON_MARK):
        return _from_json(text.removeprefix(JSON_MARK))
    match part.kind:
        case Kind.FLAG:
            return _FLAGS.get(text.lower(), text)
        case Kind.INTEGER:
            whole = int(text) if _INTEGER.fullmatch(text) else None
            return text if whole is None or abs(whole) > MAXIMUM_INTEGER else whole
        case Kind.TEXTS | Kind.TERMS | Kind.LINKS:
            return [piece.strip() for piece in text.split(LIST_MARK) if piece.strip()]
        case _:
            return text


def _from_json(text: str) -> Json:
    def refuse(_: str) -> Json:
        raise ValueError

    try:
        value: Json = json.loads(text, parse_float=refuse, parse_constant=refuse)
        check_value(value, 3)
    except (RecursionError, NotCanonicalError) as error:
        raise ValueError("not of the allowed kind") from error
    return value


def understood(part: Field, value: Json) -> tuple[Json, str]:
    """Return a date that somebody typed into a cell as EDTF, with the typed words beside it."""
    if part.kind is not Kind.DATE or not isinstance(value, str) or span(value) is not None:
        return value, ""
    try:
        return parse_typed(value).edtf, value
    except PartialDateError:
        return value, ""


def span(value: Json) -> PartialDate | None:
    """Return the date that a value is, or None if it is none."""
    if not isinstance(value, str):
        return None
    try:
        return parse_edtf(value)
    except PartialDateError:
        return None


TitleOf = Callable[[str], str]
"""Answers with the words for a linked record, or nothing if it is not to be named."""


def cell_text(
    column: Column, values: Mapping[str, Json], *, title_of: TitleOf, language: str
) -> str:
    """Return what stands in a column of a field, as text."""
    part = column.part
    assert part is not None
    value = values.get(part.name)
    match column.role:
        case Role.EARLIEST | Role.LATEST:
            found = span(value)
            day = found and (found.earliest if column.role is Role.EARLIEST else found.latest)
            return day.isoformat() if day else ""
        case Role.LABEL:
            return label_text(part, value, title_of=title_of, language=language)
        case _:
            return encoded(part, value)


def label_text(part: Field, value: Json, *, title_of: TitleOf, language: str) -> str:
    """Return terms and links in words, several parted by ` | `."""
    pieces = value if isinstance(value, list) else [value]
    texts = [piece for piece in pieces if isinstance(piece, str) and piece]
    if part.kind in (Kind.TERM, Kind.TERMS):
        words = [vocabulary(part.vocabulary).label(text, language) for text in texts]
    else:
        words = [title_of(text) for text in texts]
    return f" {LIST_MARK} ".join(word for word in words if word)


def rows_of(
    table: FlatTable, records: Iterable[OpenRecord]
) -> Iterator[tuple[str, str, Mapping[str, Json]]]:
    """Yield the rows of a table: the row's id, the record's id, and the values by field."""
    for record in records:
        if record.type != table.declared.name:
            continue
        identity = record.id or ""
        if table.items is None:
            yield identity, identity, record.values
            continue
        items = record.values.get(table.items.name)
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict):
                yield str(item.get("id", "")), identity, item


# --- and back ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTable:
    """A table of ours as it was read: every cell already as text, guards taken away."""

    table: FlatTable
    file: str
    columns: tuple[Column | None, ...]
    """For each column of the file; None for one that holds nothing of a record."""
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not taken, and why."""

    file: str
    row: int
    reason: str
    """A marked sentence without a full stop."""
    fields: tuple[tuple[str, str | int], ...] = ()


@dataclass(slots=True)
class _Building:
    type: str
    values: dict[str, Json] = field(default_factory=dict)
    rows: list[tuple[str, int]] = field(default_factory=list)


def assembled(tables: Sequence[ReadTable]) -> tuple[list[OpenRecord], list[BadRow]]:
    """Return the records that tables of ours hold, and the rows that could not be taken.

    A blank cell is a field that the record is not to have: None. A row without an id is a new
    record or item.
    """
    building: dict[str, _Building] = {}
    fresh: list[OpenRecord] = []
    bad: list[BadRow] = []
    for read in sorted(tables, key=lambda one: one.table.items is not None):
        for number, cells in read.rows:
            try:
                row_id, record, values = _row_values(read, cells)
            except ValueError:
                bad.append(BadRow(read.file, number, BAD_JSON))
                continue
            if any(one and not is_record_id(one) for one in (row_id, record)):
                bad.append(BadRow(read.file, number, BAD_ID))
            elif read.table.items is None and not row_id:
                kept: dict[str, Json] = {
                    n: value for n, value in values.items() if value is not None
                }
                fresh.append(OpenRecord(None, read.table.name, kept, ((read.file, number),)))
            elif read.table.items is not None and not record:
                bad.append(BadRow(read.file, number, NO_RECORD))
            else:
                type_name = read.table.declared.name
                one = building.setdefault(record or row_id, _Building(type_name))
                one.rows.append((read.file, number))
                if read.table.items is None:
                    one.values.update(values)
                else:
                    items = one.values.setdefault(read.table.items.name, [])
                    assert isinstance(items, list)
                    items.append({"id": row_id, **values} if row_id else values)
    known = [
        OpenRecord(identity, one.type, one.values, tuple(one.rows))
        for identity, one in building.items()
    ]
    return known + fresh, bad


def _row_values(read: ReadTable, cells: Sequence[str]) -> tuple[str, str, dict[str, Json]]:
    row_id = record = ""
    values: dict[str, Json] = {}
    words: dict[str, str] = {}
    for column, cell in zip(read.columns, cells, strict=False):
        if column is None:
            continue
        match column.role:
            case Role.ID:
                row_id = cell.strip()
            case Role.RECORD:
                record = cell.strip()
            case Role.VALUE:
                assert column.part is not None
                value = decoded(column.part, cell)
                if cell and not cell.startswith(JSON_MARK):
                    value, typed = understood(column.part, value)
                    if typed:
                        words[f"{column.part.name}_words"] = typed
                if value is not None or column.part.kind is not Kind.SEALED:
                    values[column.part.name] = value  # who a source is seldom leaves the vault
            case _:
                pass  # made from the others
    for name, typed in words.items():
        if values.get(name) is None:
            values[name] = typed
    return row_id, record, values
