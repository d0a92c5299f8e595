"""Our own open formats back into a vault: JSONL, CSV, XLSX and the ZIPs for Uwazi."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import record_type
from fielddoc.domain.schema import Kind
from fielddoc.domain.titles import title_of
from fielddoc.errors import NotAPlainFileError, TableRefusedError
from fielddoc.exchange.plan import (
    Fate,
    Plan,
    Planned,
    Progress,
    differing,
    ignore_progress,
    without_blanks,
)
from fielddoc.exchange.stable_ids import digest, new_secret, stable_id
from fielddoc.i18n import N_
from fielddoc.interchange import csv_text, jsonl, uwazi
from fielddoc.interchange.flat import (
    LONG_MARK,
    BadRow,
    OpenRecord,
    ReadTable,
    assembled,
    flat_tables,
    marked,
    marker,
)
from fielddoc.interchange.mapping import Note
from fielddoc.interchange.table import MAXIMUM_FILE_BYTES, Table, plain
from fielddoc.interchange.xlsx_read import is_workbook, open_archive, read_xlsx
from fielddoc.vault import imported, records
from fielddoc.vault.files import explaining
from fielddoc.vault.journal import taken_back_imports
from fielddoc.vault.purge import is_purged
from fielddoc.vault.turns import Turn, directly
from fielddoc.vault.vault import Vault

LONG_TEXTS = "long texts"
"""The sheet with what is too long for a cell."""


@dataclass(frozen=True, slots=True)
class OpenFiles:
    """What files of our own formats hold."""

    records: tuple[OpenRecord, ...]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class ForeignTables:
    """Tables that somebody else made; they need a description of their columns."""

    tables: tuple[Table, ...]


def read_files(paths: Sequence[Path], *, encoding: str | None = None) -> OpenFiles | ForeignTables:
    """Return what files hold: records in one of our formats, or tables of somebody's own.

    Args:
        paths: `.jsonl`, `.csv`, `.xlsx` or `.zip` files; a folder stands for such files in it.
        encoding: of CSV files, as somebody confirmed it.

    Raises:
        NotAPlainFileError: a file is not there.
        TableRefusedError, EncodingUncertainError: a file cannot be read.
        NoPermissionError, MediumLostError: the system refused.
    """
    ours: list[ReadTable] = []
    found: list[OpenRecord] = []
    bad: list[BadRow] = []
    foreign: list[Table] = []
    for path in _files(paths):
        if path.suffix.lower() in (".jsonl", ".ndjson"):
            for one in _read_jsonl(path):
                if isinstance(one, BadRow):
                    bad.append(one)
                else:
                    found.append(one)
            continue
        for table in _tables(path, encoding):
            read = _as_ours(table)
            if isinstance(read, ReadTable):
                ours.append(read)
            elif table.name != LONG_TEXTS or not ours:
                foreign.append(table)
    if foreign and (ours or found):
        raise TableRefusedError(
            reason=N_("files that fielddoc wrote and other tables are imported one by one")
        )
    if foreign:
        return ForeignTables(tuple(foreign))
    together, more_bad = assembled(ours)
    return OpenFiles((*found, *together), (*bad, *more_bad))


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            with explaining(path.name):
                inside = sorted(path.iterdir())
            kinds = (".jsonl", ".csv", ".xlsx", ".zip")
            found += [one for one in inside if one.suffix.lower() in kinds and one.is_file()]
        elif path.is_file():
            found.append(path)
        else:
            raise NotAPlainFileError(name=path.name)
    if not found:
        raise TableRefusedError(reason=N_("there is no table in this folder"))
    return found


def _read_jsonl(path: Path) -> Iterator[OpenRecord | BadRow]:
    with explaining(path.name), path.open("rb") as file:
        if file.seek(0, io.SEEK_END) > jsonl.MAXIMUM_FILE_BYTES:
            raise TableRefusedError(
                reason=N_("it is larger than {count} MiB; import it in parts"),
                count=jsonl.MAXIMUM_FILE_BYTES // 2**20,
            )
        file.seek(0)
        lines = iter(lambda: file.readline(jsonl.MAXIMUM_LINE_BYTES + 1), b"")
        yield from jsonl.read_jsonl(lines, path.name)


def _tables(path: Path, encoding: str | None) -> list[Table]:
    with explaining(path.name), path.open("rb") as file:
        data = file.read(MAXIMUM_FILE_BYTES + 1)
    name = path.stem
    if not is_workbook(data):
        return [csv_text.read_csv(data, name=name, encoding=encoding)]
    if path.suffix.lower() == ".zip":
        parts = open_archive(data)
        if "import.csv" not in parts:
            raise TableRefusedError(reason=N_("the archive holds no import.csv"))
        text = b"".join(parts["import.csv"].blocks())
        return [csv_text.read_csv(text, name=name, encoding=encoding)]
    return _long_texts_joined(read_xlsx(data))


def _long_texts_joined(tables: list[Table]) -> list[Table]:
    """Put long texts back into the cells that they were too long for."""
    long = next((table for table in tables if table.name == LONG_TEXTS), None)
    if long is None:
        return tables
    texts: dict[str, str] = {}
    for row in long.rows[1:]:
        number, piece = (plain(cell) for cell in (*row.cells, None, None)[:2])
        texts[number] = texts.get(number, "") + piece
    joined: list[Table] = []
    for table in tables:
        rows = tuple(
            type(row)(
                row.number,
                tuple(
                    texts.get(cell.removeprefix(LONG_MARK), cell)
                    if isinstance(cell, str) and cell.startswith(LONG_MARK)
                    else cell
                    for cell in row.cells
                ),
            )
            for row in table.rows
        )
        joined.append(Table(name=table.name, rows=rows, filled_cells=table.filled_cells))
    return joined


def _as_ours(table: Table) -> ReadTable | None:
    """Return a table as one that fielddoc wrote, or None if somebody else made it."""
    if not table.rows:
        return None
    header = [plain(cell) for cell in table.rows[0].cells]
    found = marked(header)
    if found is not None:
        name, is_guarded = found
        flat = next((one for one in flat_tables(with_labels=True) if one.name == name), None)
        if flat is None:
            raise TableRefusedError(reason=N_("a newer fielddoc wrote this table"))
        known = {column.name: column for column in (*flat.columns, marker(flat))}
        columns = tuple(
            known.get(csv_text.unguarded(cell) if is_guarded else cell) for cell in header
        )
    else:
        template = uwazi.template_of(header)
        if template is None:
            return None
        flat, is_guarded = template.table, False
        columns = uwazi.read_columns(template)
    rows = tuple(
        (
            row.number,
            tuple(csv_text.unguarded(plain(c)) if is_guarded else plain(c) for c in row.cells)
            + ("",) * (len(columns) - len(row.cells)),
        )
        for row in table.rows[1:]
    )
    return ReadTable(table=flat, file=table.name, columns=columns, rows=rows)


# --- planned -------------------------------------------------------------------------------------


def plan_open(
    vault: Vault,
    files: OpenFiles,
    *,
    language: str,
    progress: Progress = ignore_progress,
    turn: Turn = directly,
) -> Plan:
    """Return what importing files of our own formats would do; nothing is written."""
    secret = turn(lambda: imported.secret(vault)) or new_secret()
    taken_back = turn(lambda: taken_back_imports(vault))
    planned: list[Planned] = [
        Planned(
            fate=Fate.REFUSED,
            where=((one.file, one.row),),
            notes=(Note(one.reason, one.fields),),
        )
        for one in files.bad
    ]
    total = len(files.records)
    for number, one in enumerate(files.records):
        progress(number, total)
        planned.append(turn(partial(_judged, vault, one, secret, taken_back, language)))
    return Plan(tuple(planned), (), lambda vault: imported.keep_secret(vault, secret))


def _judged(
    vault: Vault, one: OpenRecord, secret: str, taken_back: frozenset[str], language: str
) -> Planned:
    record = one.id or stable_id(secret, one.type, json.dumps(one.values, sort_keys=True))
    values = _with_item_ids(one, record, secret)
    known = records.type_of(vault, record)
    title = title_of(one.type, values, language)

    def refused(words: str) -> Planned:
        return Planned(
            fate=Fate.REFUSED,
            where=one.rows,
            type=one.type,
            title=title,
            record=record,
            notes=(Note(words),),
        )

    if known is None:
        if is_purged(vault.database, record):
            return refused(N_("it was removed from this vault for good"))
        given = without_blanks(one.type, values)
        fate = Fate.NEW
    else:
        present = records.get(vault, record)
        title = title or title_of(known, present.values, language)
        if known != one.type:
            return refused(N_("a record of another type has this id"))
        if present.deleted and taken_back.issuperset(records.state_of(vault, record).heads):
            # Nobody threw it away: it went with an import, and is to be what the file says now.
            given = {**dict.fromkeys(present.values), **without_blanks(one.type, values)}
            fate = Fate.NEW
        else:
            given = differing(one.type, present.values, values)
            fate = Fate.CHANGED if given else Fate.SAME
        if fate is Fate.CHANGED and present.deleted:
            return refused(N_("it is in the trash; restore it first"))
    return Planned(
        fate=fate, where=one.rows, type=one.type, title=title, record=record, values=given
    )


def _with_item_ids(one: OpenRecord, record: str, secret: str) -> dict[str, Json]:
    """Return values whose items all have ids: a row without one gets the same each time."""
    declared = record_type(one.type)
    values = dict(one.values)
    for part in declared.fields if declared else ():
        items = values.get(part.name)
        if part.kind is Kind.ITEMS and isinstance(items, list):
            values[part.name] = [
                {**item, "id": stable_id(secret, record, part.name, digest(secret, item))}
                if isinstance(item, dict) and not item.get("id")
                else item
                for item in items
            ]
    return values
