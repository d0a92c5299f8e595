"""What the columns of somebody's own table mean, and the records that follow from its rows."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from fielddoc.domain.canonical import Json
from fielddoc.domain.own_fields import VALUE
from fielddoc.domain.partial_date import PartialDateError, Reason, parse_edtf, parse_typed
from fielddoc.domain.record_types import OWN_FIELDS, record_type
from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.errors import MappingRefusedError
from fielddoc.i18n import LANGUAGES, N_, translate
from fielddoc.interchange.table import (
    Cell,
    DateCell,
    Row,
    Table,
    guessed_header,
    header_of,
    is_blank,
    plain,
    was_cut,
)

MAXIMUM_RULES = 512
DAY_ORDERS = ("", "day-first", "month-first")
_SEVERAL = re.compile(r"[|;；、\n]+")
_BETWEEN_TERMS = re.compile(r"[|;；\n]+")
_NUMERIC_DATE = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_DECIMAL = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_WORDS_FOR_FLAGS = dict.fromkeys(
    ("true", "yes", "y", "1", "x", "是", "有", "对", "✓"), True
) | dict.fromkeys(("false", "no", "n", "0", "否", "无", "不是", "没有"), False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule:
    """Where the cells of one column go."""

    column: str
    """Its name in the header; empty for a fixed text."""
    field: str
    """`title`, `names.text` for a part of an item, `custom.` and an id for an own field."""
    fixed: str = ""
    """The text for every row, where no column is named."""
    item: int = 1
    """Which item: columns with the same number make one item together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """What a person said about a table, so that the next one of its kind is read alike."""

    type: str
    rules: tuple[ColumnRule, ...]
    key: tuple[str, ...] = ()
    """Columns that tell one record from every other; none means the whole row."""
    sheet: str = ""
    """The sheet of a workbook; empty where there is only one."""
    header_row: int = 0
    """The number of the header's row; 0 for the one that looks like it."""
    day_order: str = ""
    """`day-first` or `month-first` for dates like 05/08/2022; empty refuses them."""
    several_rows: bool = False
    """Whether rows with the same key are one record."""
    make_people: bool = False
    """Whether a person whose name is not found becomes a new record."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell about a row: a marked sentence, and what fills it."""

    words: str
    fields: tuple[tuple[str, str | int], ...] = ()

    def sentence(self, language: str | None = None) -> str:
        """Return it in the person's language."""
        return translate(self.words, language).format(**dict(self.fields))


class RowRefusedError(Exception):
    """A row cannot be taken; `note` says why."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.words)
        self.note = note


@dataclass(slots=True)
class MappedRecord:
    """A record as the rows of a table have it. Items carry no id yet, but their place."""

    key: str
    rows: list[int]
    values: dict[str, Json] = field(default_factory=dict)
    items: dict[str, dict[str, dict[str, Json]]] = field(default_factory=dict)
    """Field to place of the item in this record to its parts."""
    notes: list[Note] = field(default_factory=list)
    refusal: Note | None = None


Resolve = Callable[[Field, str], str]
"""Answers with the id of the record that a text in a link's column means, or raises
`RowRefusedError`."""


# --- kept and read -------------------------------------------------------------------------------


def as_json(mapping: TableMapping) -> dict[str, Json]:
    """Return a mapping as JSON, to be kept; `read_mapping` reads it."""
    return {
        "v": 1,
        "type": mapping.type,
        "columns": [
            {
                name: value
                for name, value in (
                    ("column", rule.column),
                    ("field", rule.field),
                    ("fixed", rule.fixed),
                    ("item", rule.item),
                )
                if value not in ("", 1)
            }
            for rule in mapping.rules
        ],
        "key": list(mapping.key),
        "sheet": mapping.sheet,
        "header_row": mapping.header_row,
        "day_order": mapping.day_order,
        "several_rows": mapping.several_rows,
        "make_people": mapping.make_people,
    }


Types = Callable[[str], RecordType | None]
"""Answers with a record type by its name; a vault's knows the own fields that are declared there."""


def read_mapping(value: Json, types: Types = record_type) -> TableMapping:
    """Return the mapping that JSON describes, as `as_json` writes it; most members may be missing.

    Raises:
        MappingRefusedError: it is of another form, or names a field that there is not.
    """
    if not isinstance(value, dict) or value.get("v", 1) != 1:
        raise MappingRefusedError(reason=N_("it is not an object of version 1"))
    known = {*as_json(TableMapping(type="", rules=()))}
    strange = next((name for name in value if name not in known), None)
    if strange is not None:
        raise MappingRefusedError(reason=N_("'{name}' is not known"), name=strange)
    columns, key = value.get("columns"), value.get("key", [])
    if not isinstance(columns, list) or len(columns) > MAXIMUM_RULES or not isinstance(key, list):
        raise MappingRefusedError(reason=N_('"columns" and "key" are lists'))
    declared = types(_text(value, "type"))
    mapping = TableMapping(
        type=_text(value, "type"),
        rules=tuple(_rule(column, declared) for column in columns),
        key=tuple(one for one in key if isinstance(one, str)),
        sheet=_text(value, "sheet"),
        header_row=_whole(value, "header_row", 0),
        day_order=_text(value, "day_order"),
        several_rows=value.get("several_rows") is True,
        make_people=value.get("make_people") is True,
    )
    check_mapping(mapping, declared)
    return mapping


def _rule(value: Json, declared: RecordType | None) -> ColumnRule:
    if not isinstance(value, dict) or not {*value} <= {"column", "field", "fixed", "item"}:
        raise MappingRefusedError(
            reason=N_("a column is an object with column, field, fixed and item")
        )
    return ColumnRule(
        column=_text(value, "column"),
        field=field_meant(declared, _text(value, "field")),
        fixed=_text(value, "fixed"),
        item=_whole(value, "item", 1),
    )


def _text(value: Mapping[str, Json], name: str) -> str:
    found = value.get(name, "")
    if not isinstance(found, str):
        raise MappingRefusedError(reason=N_("'{name}' is a text"), name=name)
    return found


def _whole(value: Mapping[str, Json], name: str, otherwise: int) -> int:
    found = value.get(name, otherwise)
    if type(found) is not int or not 0 <= found <= 1_048_576:
        raise MappingRefusedError(reason=N_("'{name}' is a whole number"), name=name)
    return found


def check_mapping(mapping: TableMapping, declared: RecordType | None) -> None:
    """Refuse a mapping that names a type, a field or an order that there is not.

    Args:
        mapping: the mapping.
        declared: its type with the own fields that a column may go into; None for an unknown one.

    Raises:
        MappingRefusedError.
    """
    if declared is None:
        raise MappingRefusedError(reason=N_("there is no record type '{name}'"), name=mapping.type)
    if mapping.day_order not in DAY_ORDERS:
        raise MappingRefusedError(reason=N_("the order of dates is day-first or month-first"))
    if not mapping.rules:
        raise MappingRefusedError(reason=N_("no column goes into a field"))
    known = fields_of(declared)
    for rule in mapping.rules:
        if rule.field not in known:
            raise MappingRefusedError(
                reason=N_("there is no field '{name}' to put a column into"), name=rule.field
            )
        if bool(rule.column) == bool(rule.fixed):
            raise MappingRefusedError(
                reason=N_("'{name}' needs either a column or a fixed text"), name=rule.field
            )


def fields_of(declared: RecordType | None) -> dict[str, Field]:
    """Return the fields that a column can go into, by their dotted names, in form order.

    Who a source is cannot come from a table: it is sealed apart where it is typed.
    """
    found: dict[str, Field] = {}
    for part in declared.fields if declared else ():
        if part.kind in (Kind.ITEMS, Kind.OWN):
            found |= {f"{part.name}.{inner.name}": inner for inner in part.fields}
        elif part.kind is not Kind.SEALED:
            found[part.name] = part
    return found


def field_meant(declared: RecordType | None, text: str) -> str:
    """Return the dotted name that a person means: an own field may stand as `custom.` and its label.

    Raises:
        MappingRefusedError: several own fields are called so.
    """
    outer, dot, label = text.partition(".")
    own = declared.field(outer) if declared is not None and dot else None
    if own is None or own.kind is not Kind.OWN or text in fields_of(declared):
        return text
    meant = [part.name for part in own.fields if folded(part.label) == folded(label)]
    if len(meant) > 1:
        raise MappingRefusedError(
            reason=N_("several fields of your own are called '{name}'; write custom. and an id"),
            name=label,
        )
    return f"{outer}.{meant[0]}" if meant else text


def field_shown(declared: RecordType | None, dotted: str) -> str:
    """Return a dotted name as a person writes it: an own field by its label, if that is enough."""
    outer, dot, name = dotted.partition(".")
    own = declared.field(outer) if declared is not None and dot else None
    if own is None or own.kind is not Kind.OWN:
        return dotted
    labels = {part.name: part.label for part in own.fields}
    same = [label for label in labels.values() if folded(label) == folded(labels.get(name, ""))]
    return f"{outer}.{labels[name]}" if len(same) == 1 else dotted


def label_of(declared: RecordType, dotted: str, language: str | None = None) -> str:
    """Return a field's label, with that of its list of items: "Names: Name"."""
    outer, dot, inner = dotted.partition(".")
    part = declared.field(outer)
    if part is None:
        return dotted
    found = next((one for one in part.fields if one.name == inner), None) if dot else None
    words = translate(part.label, language)
    if found is None:
        return words
    inner_words = translate(found.label, language)
    return translate(N_("{list}: {part}"), language).format(list=words, part=inner_words)


# --- suggested -----------------------------------------------------------------------------------


def suggested(header: Sequence[str], declared: RecordType | None) -> tuple[ColumnRule, ...]:
    """Return rules for the columns whose names are those of fields, in any of our languages."""
    if declared is None:
        return ()
    words: dict[str, str] = {}
    for dotted, part in reversed(fields_of(declared).items()):
        names = {dotted, part.name, dotted.replace(".", " ")}
        for language in ("en", *LANGUAGES):
            names |= {translate(part.label, language), label_of(declared, dotted, language)}
        outer = declared.field(dotted.partition(".")[0])
        if outer is not None and outer.kind is Kind.ITEMS and part is outer.fields[0]:
            names |= {outer.name, *(translate(outer.label, one) for one in ("en", *LANGUAGES))}
        words |= dict.fromkeys(map(folded, names), dotted)
    if declared.name == "person":
        words |= dict.fromkeys(("name", "姓名", "名字", "full name"), "names.text")
    rules: list[ColumnRule] = []
    taken: set[str] = set()
    for column in header:
        dotted = words.get(folded(column), "")
        if dotted and dotted not in taken:
            taken.add(dotted)
            rules.append(ColumnRule(column=column, field=dotted))
    return tuple(rules)


def suggested_key(header: Sequence[str]) -> tuple[str, ...]:
    """Return the column that looks like a number or code of the case, if there is one."""
    words = {"id", "no", "no.", "number", "case", "case no", "case id", "case number", "code"}
    words |= {"编号", "序号", "案号", "案件编号", "代码"}
    return next(((column,) for column in header if folded(column) in words), ())


def folded(text: str) -> str:
    """Return text for comparing names: one width, one case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


# --- applied -------------------------------------------------------------------------------------


def header_row_of(mapping: TableMapping, table: Table) -> int:
    """Return the number of the row that holds the names of the columns."""
    return mapping.header_row or guessed_header(table)


def mapped_records(
    table: Table, mapping: TableMapping, declared: RecordType | None, resolve: Resolve
) -> Iterator[MappedRecord]:
    """Yield a record for each row below the header, or for the rows that belong together.

    Args:
        table: the table.
        mapping: what its columns mean.
        declared: the mapping's type with the own fields that a column may go into.
        resolve: finds the records that links mean.

    Raises:
        MappingRefusedError: the table lacks a column that the mapping names.
    """
    check_mapping(mapping, declared)
    target = _Target(mapping, fields_of(declared), resolve)
    header_row = header_row_of(mapping, table)
    places = {name: place for place, name in enumerate(header_of(table, header_row))}
    for name in (*(rule.column for rule in mapping.rules if rule.column), *mapping.key):
        if name not in places:
            raise MappingRefusedError(
                reason=N_("the table has no column '{name}'; it has {known}"),
                name=name,
                known=", ".join(places),
            )
    rows = [row for row in table.rows if row.number > header_row and any_content(row)]
    if mapping.several_rows and mapping.key:
        groups: dict[str, list[Row]] = {}
        for row in rows:
            groups.setdefault(_key_of(row, mapping, places) or f"\0{row.number}", []).append(row)
        for some in groups.values():
            yield _mapped(some, target, places)
        return
    seen: dict[str, int] = {}
    for row in rows:
        one = _mapped([row], target, places)
        before = seen.setdefault(one.key, row.number)
        if before != row.number and one.key and mapping.key:
            words = N_("the key stands in row {row} already")
            one.refusal = Note(words, (("row", before),))
        elif before != row.number:
            # Equal rows without a key are different records, told apart by their order.
            one.key = f"{one.key} {sum(key.startswith(one.key) for key in seen)}"
            seen[one.key] = row.number
        yield one


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the cells of a table go."""

    mapping: TableMapping
    fields: Mapping[str, Field]
    resolve: Resolve


def any_content(row: Row) -> bool:
    """Tell whether a row holds anything."""
    return any(not is_blank(cell) for cell in row.cells)


def _key_of(row: Row, mapping: TableMapping, places: Mapping[str, int]) -> str:
    parts = [_identity_text(_cell(row, places[name])) for name in mapping.key]
    return "\x1f".join(parts) if any(parts) else ""


def _identity_text(cell: Cell) -> str:
    return " ".join(unicodedata.normalize("NFC", plain(cell)).split())


def _cell(row: Row, place: int) -> Cell:
    return row.cells[place] if place < len(row.cells) else None


def _mapped(rows: list[Row], target: _Target, places: Mapping[str, int]) -> MappedRecord:
    mapping, first = target.mapping, rows[0]
    key = _key_of(first, mapping, places)
    one = MappedRecord(key, [row.number for row in rows])
    if mapping.key and not key:
        one.refusal = Note(N_("the columns of the key are empty"))
        return one
    if not mapping.key:
        content = "\x1f".join(
            _identity_text(_cell(first, places[rule.column]))
            for rule in mapping.rules
            if rule.column
        )
        one.key = hashlib.sha256(content.encode()).hexdigest()
    try:
        for turn, row in enumerate(rows, 1):
            for rule in mapping.rules:
                cell: Cell = _cell(row, places[rule.column]) if rule.column else rule.fixed
                if not is_blank(cell):
                    _take(one, rule, cell, turn=turn, target=target)
    except RowRefusedError as error:
        one.refusal = error.note
    _drop_fixed_only(one, mapping)
    if one.refusal is None and not one.values and not one.items:
        one.refusal = Note(N_("none of its columns holds anything"))
    return one


def _drop_fixed_only(one: MappedRecord, mapping: TableMapping) -> None:
    """Leave out items that hold nothing but fixed texts: their columns were empty."""
    fixed = {rule.field for rule in mapping.rules if rule.fixed}
    for name, items in list(one.items.items()):
        told = {
            place: parts
            for place, parts in items.items()
            if any(f"{name}.{part}" not in fixed for part in parts)
        }
        one.items[name] = told
        if not told:
            del one.items[name]


def _take(
    one: MappedRecord,
    rule: ColumnRule,
    cell: Cell,
    *,
    turn: int,
    target: _Target,
) -> None:
    part = target.fields[rule.field]
    name = rule.column or rule.field
    if was_cut(cell) and rule.column:
        words = N_("{name}: the spreadsheet kept only 15 digits of this number")
        one.notes.append(Note(words, (("name", name),)))
    value, words = _value(part, cell, target=target, one=one, name=name)
    if value is None:
        return
    outer, dot, inner = rule.field.partition(".")
    if dot and outer == OWN_FIELDS.name:
        # The place of an own field's value is its declaration: one in a record, whatever the row.
        parts, part_name = one.items.setdefault(outer, {}).setdefault(inner, {}), VALUE
    elif dot:
        place = f"{turn}.{rule.item}"
        parts, part_name = one.items.setdefault(outer, {}).setdefault(place, {}), inner
    else:
        parts, part_name = one.values, outer
    before = parts.get(part_name)
    if before is not None and before != value:
        note = N_("{name}: another value stands in an earlier row or column, which was kept")
        one.notes.append(Note(note, (("name", name),)))
        return
    parts[part_name] = value
    if words and f"{rule.field}_words" in target.fields:
        parts.setdefault(f"{part_name}_words", words)


def _value(
    part: Field,
    cell: Cell,
    *,
    target: _Target,
    one: MappedRecord,
    name: str,
) -> tuple[Json, str]:
    """Return the value of a cell, and the words of a date beside it."""
    text = plain(cell).strip() if part.kind is not Kind.LONG_TEXT else plain(cell)

    def as_typed(words: str) -> Json:
        one.notes.append(Note(words, (("name", name),)))
        return text

    match part.kind:
        case Kind.TEXT if part.choices:
            return _choice(part, text, as_typed), ""
        case Kind.TEXT | Kind.LONG_TEXT:
            return text, ""
        case Kind.TEXTS:
            return [*_pieces(text)], ""
        case Kind.DATE:
            return _date(cell, text, target.mapping.day_order, name, as_typed)
        case Kind.FLAG:
            flag = cell if isinstance(cell, bool) else _WORDS_FOR_FLAGS.get(folded(text))
            words = N_("{name}: neither yes nor no; kept as it was written")
            return (as_typed(words) if flag is None else flag), ""
        case Kind.NUMBER | Kind.INTEGER:
            return _number(part, text, as_typed), ""
        case Kind.TERM:
            return _term(part, text, as_typed), ""
        case Kind.TERMS:
            return [_term(part, piece, as_typed, piece) for piece in _terms(part, text)], ""
        case Kind.LINK:
            return target.resolve(part, text), ""
        case Kind.LINKS:
            return [target.resolve(part, piece) for piece in _pieces(text)], ""
        case Kind.ITEMS | Kind.OWN | Kind.SEALED:
            raise AssertionError("no column goes there")
        case _:
            assert_never(part.kind)


def _pieces(text: str) -> list[str]:
    return [piece.strip() for piece in _SEVERAL.split(text) if piece.strip()]


def _terms(part: Field, text: str) -> list[str]:
    """Return the pieces of a list of terms; `、` may stand within the words of one."""
    known = vocabulary(part.vocabulary)
    pieces: list[str] = []
    for piece in _BETWEEN_TERMS.split(text):
        pieces += [piece.strip()] if known.code_of(piece) else _pieces(piece)
    return pieces


def _term(
    part: Field, text: str, as_typed: Callable[[str], Json], otherwise: str | None = None
) -> Json:
    code = vocabulary(part.vocabulary).code_of(text)
    if code is not None:
        return code
    kept = as_typed(N_("{name}: not a term of the list; kept as it was written"))
    return kept if otherwise is None else otherwise


def _choice(part: Field, text: str, as_typed: Callable[[str], Json]) -> Json:
    chosen = next((one for one in part.choices if folded(one) == folded(text)), None)
    if chosen is not None:
        return chosen
    return as_typed(N_("{name}: not one of the choices; kept as it was written"))


def _number(part: Field, text: str, as_typed: Callable[[str], Json]) -> Json:
    plain_text = unicodedata.normalize("NFKC", text).strip()
    if not _DECIMAL.fullmatch(plain_text):
        return as_typed(N_("{name}: not a number in digits; kept as it was written"))
    if part.kind is Kind.NUMBER:
        return plain_text
    if "." in plain_text or len(plain_text) > 15:
        return as_typed(N_("{name}: not a number in digits; kept as it was written"))
    return int(plain_text)


def _date(
    cell: Cell, text: str, day_order: str, name: str, as_typed: Callable[[str], Json]
) -> tuple[Json, str]:
    if isinstance(cell, DateCell):
        return cell.edtf, (text if cell.time else "")
    try:
        return parse_edtf(text).edtf, ""
    except PartialDateError:
        pass
    match = _NUMERIC_DATE.fullmatch(unicodedata.normalize("NFKC", text))
    if match and day_order:
        day, month = (match[1], match[2]) if day_order == "day-first" else (match[2], match[1])
        text_in_order = f"{match[3]}-{int(month):02}-{int(day):02}"
        try:
            return parse_edtf(text_in_order).edtf, text
        except PartialDateError:
            return as_typed(N_("{name}: no date in the chosen order; kept as it was written")), ""
    try:
        return parse_typed(text).edtf, text
    except PartialDateError as error:
        if error.reason is Reason.AMBIGUOUS:
            words = N_("{name}: day and month can be confused; say which comes first")
            raise RowRefusedError(Note(words, (("name", name),))) from error
        return as_typed(N_("{name}: not understood as a date; kept as it was written")), ""
