"""Records in open formats, outside the vault's protection: looked at first, then written."""

import datetime
import json
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import partial
from pathlib import Path
from typing import assert_never

from fielddoc.bundle.consents import (
    IN_PUBLIC,
    WITH_PARTNERS,
    NotAgreed,
    not_agreed,
    refused_in_links,
)
from fielddoc.bundle.export import (
    Selection,
    attachments_of,
    consent_refusals,
    contents_of,
    leaks_in,
    not_sought,
)
from fielddoc.domain.canonical import Json
from fielddoc.domain.confidentiality import SECRET, is_secret
from fielddoc.domain.merge import State
from fielddoc.domain.record_types import OWN_FIELD, OWN_FIELDS, record_type
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.titles import title_of
from fielddoc.errors import (
    ConsentRefusedError,
    InsideTheVaultError,
    LeakFoundError,
    NothingToExportError,
)
from fielddoc.exchange.open_import import LONG_TEXTS
from fielddoc.exchange.plain_files import PlainFiles
from fielddoc.interchange import csv_text, jsonl, uwazi
from fielddoc.interchange.flat import (
    LONG_MARK,
    Column,
    FlatTable,
    OpenRecord,
    Role,
    cell_text,
    flat_tables,
    has_items,
    inner_fields,
    marker,
    rows_of,
)
from fielddoc.interchange.table import plain
from fielddoc.interchange.xlsx_write import MAXIMUM_CELL_CHARACTERS, WorkbookWriter, WrittenCell
from fielddoc.vault import attachments, records, titles
from fielddoc.vault.attaching import is_inside
from fielddoc.vault.attachments import Content
from fielddoc.vault.turns import Turn, directly, for_each
from fielddoc.vault.vault import Vault

_NOT_FOR_ALL = ("restricted", SECRET)

Progress = Callable[[int, int], None]


class OpenFormat(Enum):
    """The formats, as the command line names them."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    UWAZI = "uwazi"


class Flavour(Enum):
    """What a CSV file is for."""

    SPREADSHEETS = "spreadsheets"
    MACHINES = "machines"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSelection:
    """What leaves."""

    records: tuple[str, ...] = ()
    """Ids; none means all but sources, attachments and what is secret."""
    left_out: frozenset[str] = frozenset()
    """Dotted names of fields that stay: `person.address`."""
    with_sources: bool = False
    """Whether sources go too where no ids are given; never who they are."""
    with_attachments: bool = False
    """Whether attached files and their descriptions go too."""
    identities: frozenset[str] = frozenset()
    """Ids of the sources whose sealed identity leaves as well."""
    despite_consent: bool = False
    allow_leaks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPreview:
    """What would leave unprotected, and what speaks against it."""

    types: tuple[tuple[str, int], ...]
    """Record types and how many records of each."""
    confidential: tuple[tuple[str, int], ...]
    """Levels of confidentiality that are not for everybody, and how many records or entries."""
    kept_back: int
    """Secret records and entries that stay, because they were not named one by one."""
    refusals: tuple[str, ...]
    """Titles of people who said no to being acted for or shared with partners."""
    not_agreed: tuple[NotAgreed, ...]
    """Who has not agreed to stand in reports, in the media, or before a government; a note only."""
    linked_refusals: tuple[str, ...]
    """Titles of people who said no to something and do not leave, but are linked from what does."""
    leaks: tuple[str, ...]
    """Words that were to stay and stand in what would leave."""
    not_sought: tuple[str, ...]
    """Recorded words that were to stay and are too short to be sought."""
    identities: tuple[str, ...]
    """Titles of the sources whose identity would leave."""
    attachments: int
    attachment_bytes: int

    @property
    def records(self) -> int:
        """How many records there are in all."""
        return sum(count for _, count in self.types)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWritten:
    """What was written in the clear."""

    files: tuple[Path, ...]
    size_bytes: int
    records: int
    attachments: int


@dataclass(frozen=True, slots=True)
class _Chosen:
    states: tuple[State, ...]
    records: tuple[OpenRecord, ...]
    contents: tuple[Content, ...]
    kept_back: int


def preview_open(
    vault: Vault, selection: OpenSelection, *, language: str, turn: Turn = directly
) -> OpenPreview:
    """Return what `export_open` would write; nothing is written.

    Raises:
        NothingToExportError, RecordNotFoundError.
    """
    chosen = _chosen(vault, selection, turn)
    types: dict[str, int] = {}
    levels: dict[str, int] = {}
    for record in chosen.records:
        types[record.type] = types.get(record.type, 0) + 1
        for level in _levels(record.values):
            levels[level] = levels.get(level, 0) + 1
    refused = for_each(
        turn, consent_refusals(chosen.states), lambda record: titles.title(vault, record, language)
    )
    people = [state for state in chosen.states if state.type == "person"]
    names = for_each(turn, people, lambda state: titles.title(vault, state.record, language))
    linked = refused_in_links(
        vault,
        [(record.type, record.values) for record in chosen.records],
        {state.record for state in chosen.states},
        purposes=(*WITH_PARTNERS, *IN_PUBLIC),
        turn=turn,
    )
    named = for_each(
        turn, sorted(selection.identities), lambda record: titles.title(vault, record, language)
    )
    return OpenPreview(
        types=tuple(types.items()),
        confidential=tuple((level, levels[level]) for level in _NOT_FOR_ALL if level in levels),
        kept_back=chosen.kept_back,
        refusals=tuple(refused),
        not_agreed=not_agreed(
            [(name, state.values) for name, state in zip(names, people, strict=True)], IN_PUBLIC
        ),
        linked_refusals=tuple(
            for_each(turn, linked, lambda record: titles.title(vault, record, language))
        ),
        leaks=tuple(sorted(_leaks(vault, chosen, selection, turn))),
        not_sought=tuple(
            sorted(
                not_sought(vault, chosen.states, _as_bundles_know_it(chosen, selection), turn=turn)
            )
        ),
        identities=tuple(named),
        attachments=len(chosen.contents),
        attachment_bytes=sum(content.size_bytes for content in chosen.contents),
    )


def _levels(values: Mapping[str, Json]) -> Iterator[str]:
    for name, value in values.items():
        if name == "confidentiality" and isinstance(value, str):
            yield value
        for item in value if isinstance(value, list) else []:
            if isinstance(item, dict):
                yield from _levels(item)


def export_open(
    vault: Vault,
    folder: Path,
    kind: OpenFormat,
    selection: OpenSelection,
    *,
    flavour: Flavour = Flavour.SPREADSHEETS,
    language: str,
    progress: Progress,
    turn: Turn = directly,
) -> OpenWritten:
    """Write chosen records in an open format; whoever finds the files can read them.

    Raises:
        InsideTheVaultError: the folder is the vault's own.
        NothingToExportError, RecordNotFoundError, ConsentRefusedError, LeakFoundError,
        FileExistsAlreadyError, DiskFullError, NoPermissionError, MediumLostError,
        VaultDamagedError: nothing is left behind.
    """
    if is_inside(vault, folder):
        raise InsideTheVaultError
    chosen = _chosen(vault, selection, turn)
    if not selection.despite_consent:
        refused = len(consent_refusals(chosen.states))
        if refused:
            raise ConsentRefusedError(count=refused)
    if not selection.allow_leaks:
        found = _leaks(vault, chosen, selection, turn)
        if found:
            raise LeakFoundError(count=len(found), words=", ".join(sorted(found)))
    writing = _Writing(chosen, flavour, language, progress)
    with PlainFiles(folder) as files:
        match kind:
            case OpenFormat.JSONL:
                writing.jsonl(files)
            case OpenFormat.CSV:
                writing.csv(files)
            case OpenFormat.XLSX:
                writing.xlsx(files)
            case OpenFormat.UWAZI:
                writing.uwazi(files, vault, turn)
            case _:
                assert_never(kind)
        if kind is not OpenFormat.UWAZI:
            writing.contents(files, vault, turn)
        written = files.keep()
    writing.tell_done()
    return OpenWritten(
        files=written,
        size_bytes=sum(path.stat().st_size for path in written),
        records=len(chosen.records),
        attachments=len(chosen.contents),
    )


# --- chosen --------------------------------------------------------------------------------------


def _chosen(vault: Vault, selection: OpenSelection, turn: Turn) -> _Chosen:
    named = {*selection.records}
    wanted = list(dict.fromkeys(selection.records)) or turn(partial(_all_but, vault, selection))
    wanted += [one for one in sorted(selection.identities) if one not in wanted]
    if selection.with_attachments and selection.records:
        more = for_each(turn, wanted, lambda record: attachments_of(vault, [record]))
        wanted += sorted({one for some in more for one in some} - {*wanted})
    states = for_each(turn, wanted, lambda record: records.state_of(vault, record))
    states = [state for state in states if not state.deleted or state.record in named]
    # Whatever is secret and was not named itself stays, also the files of a record that was named.
    chosen_one_by_one = named | selection.identities
    staying = {s.record for s in states if is_secret(s.values)} - chosen_one_by_one
    kept_back = len(staying)
    states = [state for state in states if state.record not in staying]
    if not states:
        raise NothingToExportError
    going = {state.record for state in states}
    hidden = {
        row.id
        for trash in (False, True)
        for row in turn(partial(records.listing, vault, type_name="source", trash=trash))
    } - going
    found: list[OpenRecord] = []
    for state in states:
        values = dict(state.values)
        if state.record in selection.identities:
            values = dict(turn(partial(records.get, vault, state.record)).values)
        kept, dropped = _leaving(state, values, selection, hidden, is_named=state.record in named)
        kept_back += dropped
        found.append(OpenRecord(state.record, state.type, kept))
    for state in turn(partial(_declarations, vault, found)):
        states.append(state)
        found.append(OpenRecord(state.record, state.type, dict(state.values)))
    contents = turn(lambda: contents_of(vault, states)) if selection.with_attachments else []
    return _Chosen(tuple(states), tuple(found), tuple(contents), kept_back)


def _declarations(vault: Vault, chosen: Sequence[OpenRecord]) -> list[State]:
    """Return what declares the own fields that have values in the chosen records."""
    here = {record.id for record in chosen}
    used: set[str] = set()
    for record in chosen:
        items = record.values.get(OWN_FIELDS.name)
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict) and isinstance(identity := item.get("id"), str):
                used.add(identity)
    known = [one for one in sorted(used - here) if records.type_of(vault, one) == OWN_FIELD.name]
    states = [records.state_of(vault, one) for one in known]
    return [state for state in states if not state.deleted]


def _all_but(vault: Vault, selection: OpenSelection) -> list[str]:
    hidden = set[str]()
    if not selection.with_sources:
        hidden.add("source")
    if not selection.with_attachments:
        hidden.add("attachment")
    return [row.id for row in reversed(records.listing(vault)) if row.type not in hidden]


def _leaving(
    state: State,
    values: Mapping[str, Json],
    selection: OpenSelection,
    hidden: Collection[str],
    *,
    is_named: bool,
) -> tuple[dict[str, Json], int]:
    """Return the values that leave, and how many secret entries stay."""
    declared = record_type(state.type)
    fields = {part.name: part for part in declared.fields} if declared else {}
    kept: dict[str, Json] = {}
    dropped = 0
    for name, value in values.items():
        part = fields.get(name)
        dotted = f"{state.type}.{name}"
        if _stays(dotted, selection.left_out):
            continue
        if part is None:
            kept[name] = value  # of a newer version; JSONL carries it
        elif part.kind is Kind.SEALED:
            if state.record in selection.identities:
                kept[name] = value
        elif has_items(part) and isinstance(value, list):
            items: list[Json] = []
            for item in value:
                if not isinstance(item, dict):
                    continue
                if is_secret(item) and not is_named:
                    dropped += 1
                    continue
                items.append(_item(part, item, dotted, selection, hidden))
            if items or not value:
                kept[name] = items
        elif (leaving := _linked(part, value, hidden)) is not None:
            kept[name] = leaving
    return kept, dropped


def _item(
    part: Field,
    item: Mapping[str, Json],
    dotted: str,
    selection: OpenSelection,
    hidden: Collection[str],
) -> dict[str, Json]:
    inner = {one.name: one for one in inner_fields(part)}
    kept: dict[str, Json] = {}
    for name, value in item.items():
        if _stays(f"{dotted}.{name}", selection.left_out):
            continue
        leaving = _linked(inner[name], value, hidden) if name in inner else value
        if leaving is not None:
            kept[name] = leaving
    return kept


def _linked(part: Field, value: Json, hidden: Collection[str]) -> Json:
    """Return a value without links to sources that stay."""
    if part.kind is Kind.LINK:
        return None if isinstance(value, str) and value in hidden else value
    if part.kind is Kind.LINKS and isinstance(value, list):
        staying = [link for link in value if isinstance(link, str) and link in hidden]
        return [link for link in value if link not in staying] or None if staying else value
    return value


def _stays(dotted: str, left_out: Collection[str]) -> bool:
    """Tell whether a field stays; the words of a date and its mark stay with the date."""
    date = dotted.removesuffix("_words").removesuffix("_inferred")
    return dotted in left_out or date in left_out


@dataclass(frozen=True, slots=True)
class _Values:
    """What would leave of a record, for the leak scan."""

    values: Mapping[str, Json]


def _leaks(vault: Vault, chosen: _Chosen, selection: OpenSelection, turn: Turn) -> set[str]:
    # An identity that leaves because it was named is no leak of itself.
    leaving = [
        _Values({name: value for name, value in record.values.items() if name != "identity"})
        for record in chosen.records
    ]
    as_bundles_know_it = _as_bundles_know_it(chosen, selection)
    return leaks_in(vault, chosen.states, leaving, as_bundles_know_it, turn=turn)


def _as_bundles_know_it(chosen: _Chosen, selection: OpenSelection) -> Selection:
    return Selection(
        records=tuple(state.record for state in chosen.states), left_out=selection.left_out
    )


# --- written -------------------------------------------------------------------------------------


class _Writing:
    """Writes the chosen records, and tells how far it is."""

    def __init__(
        self, chosen: _Chosen, flavour: Flavour, language: str, progress: Progress
    ) -> None:
        self._chosen = chosen
        self._flavour = flavour
        self._language = language
        self._progress = progress
        self._done = 0
        self._titles = {
            record.id: title_of(record.type, record.values, language) for record in chosen.records
        }

    def _step(self, count: int = 1) -> None:
        self._done += count
        self._progress(self._done, self._total)

    @property
    def _total(self) -> int:
        # A record counts as one in each table; contents by their kibibytes.
        rows = len(self._chosen.records) * len(flat_tables(with_labels=False))
        return 1 + rows + sum(c.size_bytes // 1024 + 1 for c in self._chosen.contents)

    def tell_done(self) -> None:
        """Tell that all is written."""
        self._progress(self._total, self._total)

    def _title(self, record: str) -> str:
        return self._titles.get(record, "")

    def _records(self) -> Iterator[OpenRecord]:
        for record in self._chosen.records:
            yield record
            self._step()

    def jsonl(self, files: PlainFiles) -> None:
        file = files.open("records.jsonl")
        for record in self._records():
            file.write(jsonl.json_line(record))
        schema = files.open("record.schema.json")
        schema.write(_json_text(jsonl.line_schema()))

    def csv(self, files: PlainFiles) -> None:
        for_spreadsheets = self._flavour is Flavour.SPREADSHEETS
        line = csv_text.spreadsheet_line if for_spreadsheets else csv_text.csv_line
        for table in self._tables(with_labels=for_spreadsheets):
            file = files.open(f"{table.name} for {self._flavour.value}.csv")
            if for_spreadsheets:
                file.write(csv_text.BYTE_ORDER_MARK.encode())
            last = marker(table, for_spreadsheets=for_spreadsheets)
            file.write(line([column.name for column in (*table.columns, last)]))
            for row_id, record, values in rows_of(table, self._records()):
                cells = [self._text(column, row_id, record, values) for column in table.columns]
                file.write(line([*cells, ""]))

    def _tables(self, *, with_labels: bool) -> list[FlatTable]:
        """Return the tables that have a row, and those of the types that are exported."""
        types = {record.type for record in self._chosen.records}
        return [
            table
            for table in flat_tables(with_labels=with_labels)
            if table.declared.name in types
            and (
                table.items is None or any(True for _ in rows_of(table, iter(self._chosen.records)))
            )
        ]

    def _text(self, column: Column, row_id: str, record: str, values: Mapping[str, Json]) -> str:
        match column.role:
            case Role.ID:
                return row_id
            case Role.RECORD:
                return record
            case _:
                return cell_text(column, values, title_of=self._title, language=self._language)

    def xlsx(self, files: PlainFiles) -> None:
        long: list[str] = []
        with WorkbookWriter(files.open("records.xlsx")) as book:
            for table in self._tables(with_labels=True):
                book.add_sheet(table.name, self._sheet(table, long))
            if long:
                book.add_sheet(LONG_TEXTS, _long_rows(long))

    def _sheet(self, table: FlatTable, long: list[str]) -> Iterator[Sequence[WrittenCell]]:
        yield [column.name for column in (*table.columns, marker(table))]
        for row_id, record, values in rows_of(table, self._records()):
            yield [
                _typed_cell(column, self._text(column, row_id, record, values), long)
                for column in table.columns
            ]

    def uwazi(self, files: PlainFiles, vault: Vault, turn: Turn) -> None:
        found = uwazi.Titles(self._chosen.records)
        names = _file_names(self._chosen)
        types = {record.type for record in self._chosen.records}
        for number, template in enumerate(uwazi.templates(), 1):
            if template.table.declared.name not in types:
                continue
            lines = uwazi.lines(template, list(self._records()), found, names)
            text = [csv_text.csv_line(uwazi.header(template))]
            text += [csv_text.csv_line(line) for line in lines]
            if len(text) == 1:
                continue
            file = files.open(uwazi.zip_name(number, template))
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(_entry("import.csv"), b"".join(text))
                if template.table.name == "attachment":
                    for content in self._chosen.contents:
                        if content.sha256 in names:
                            with archive.open(_entry(names[content.sha256]), "w") as entry:
                                self._copy(vault, content, entry.write, turn)
        page = files.open("uwazi templates.txt")
        page.write(uwazi.instructions().encode("utf-8"))

    def contents(self, files: PlainFiles, vault: Vault, turn: Turn) -> None:
        """Write the attached files beside the tables, named by their SHA-256."""
        names = _file_names(self._chosen)
        for content in self._chosen.contents:
            if content.sha256 in names:
                file = files.open(names[content.sha256])
                self._copy(vault, content, file.write, turn)

    def _copy(
        self, vault: Vault, content: Content, write: Callable[[bytes], object], turn: Turn
    ) -> None:
        path, key = turn(lambda: attachments.name_and_key(vault, content))
        unsaid = 0
        for block in attachments.read_sealed(path, key, content):
            write(block)
            unsaid += len(block)
            if unsaid >= 1024 * 1024:
                self._step(unsaid // 1024)
                unsaid %= 1024


def _typed_cell(column: Column, text: str, long: list[str]) -> WrittenCell:
    """Return a cell of the field's type where the same text comes back from it, else text."""
    if not text:
        return None
    if column.role in (Role.EARLIEST, Role.LATEST):
        return datetime.date.fromisoformat(text)
    kind = column.part.kind if column.part and column.role is Role.VALUE else None
    if kind is Kind.FLAG and text in ("true", "false"):
        return text == "true"
    if kind in (Kind.NUMBER, Kind.INTEGER):
        number = _exact_number(text)
        if number is not None:
            return number
    if len(text) > MAXIMUM_CELL_CHARACTERS or text.startswith(LONG_MARK):
        long.append(text)
        return f"{LONG_MARK}{len(long)}"
    return text


def _exact_number(text: str) -> Decimal | None:
    """Return a number that a spreadsheet keeps digit for digit, or None."""
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
        return None
    number = Decimal(text)
    same = f"{float(text):.15g}"
    return number if plain(Decimal(same)) == text and plain(number) == text else None


def _long_rows(long: Sequence[str]) -> Iterator[Sequence[WrittenCell]]:
    yield ["number", "text"]
    for number, text in enumerate(long, 1):
        for start in range(0, len(text), MAXIMUM_CELL_CHARACTERS):
            yield [str(number), text[start : start + MAXIMUM_CELL_CHARACTERS]]


_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    "image/avif": ".avif",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "audio/mpeg": ".mp3",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
}


def _file_names(chosen: _Chosen) -> dict[str, str]:
    """Return for each content's hash the name of its file; nothing that was typed stands in it."""
    here = {content.sha256 for content in chosen.contents}
    return {
        sha256: sha256 + _ENDINGS.get(str(record.values.get("media_type")), "")
        for record in chosen.records
        if record.type == "attachment"
        and isinstance(sha256 := record.values.get("sha256"), str)
        and sha256 in here
    }


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    info.create_system = 0
    return info


def _json_text(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"
