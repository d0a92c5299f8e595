"""XLSX workbooks (ECMA-376, part 1) read from memory: cells and their values, nothing else.

Formulas are not computed; the value that the spreadsheet last saw is taken. Macros, links, pictures
and comments are never looked at. Sizes are checked before anything is unpacked, document type
declarations and with them all entities are refused, and names in the archive are only compared,
never used as paths.
"""

import datetime
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from xml.parsers import expat

from fielddoc.errors import TableRefusedError
from fielddoc.i18n import N_
from fielddoc.interchange.table import (
    MAXIMUM_CELL_CHARACTERS,
    MAXIMUM_CELLS,
    MAXIMUM_COLUMNS,
    MAXIMUM_FILE_BYTES,
    MAXIMUM_ROWS,
    Cell,
    DateCell,
    Row,
    Table,
)

MAXIMUM_ENTRIES = 4096
MAXIMUM_DIRECTORY_BYTES = 1024 * 1024
MAXIMUM_UNPACKED_BYTES = 256 * 1024 * 1024
MAXIMUM_RATIO = 400
"""Sheets of equal rows reach about 100; a bomb of deflate reaches 1,032."""
_RATIO_FROM_BYTES = 4 * 1024 * 1024
_MAXIMUM_DEPTH = 64
_MAXIMUM_STRINGS_CHARACTERS = 64 * 1024 * 1024
_MAXIMUM_STYLES = 65_536
_MAXIMUM_FILLED_CELLS = 200_000
_BLOCK_BYTES = 64 * 1024

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"
_END = b"PK\x05\x06"
_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_DOCUMENT_RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_PACKAGE_RELATIONS = ("http://schemas.openxmlformats.org/package/2006/relationships",)

_DAMAGE = (
    *(expat.ExpatError, zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, NotImplementedError, UnicodeDecodeError),
)
"""What the standard library raises for archives and XML that are not of their form."""
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def is_workbook(data: bytes) -> bool:
    """Tell whether a file may be an XLSX workbook, or one that a password or age hides."""
    return data.startswith((b"PK\x03\x04", _COMPOUND_FILE))


def read_xlsx(data: bytes) -> list[Table]:
    """Return the visible sheets of a workbook that hold something, in their order.

    Raises:
        TableRefusedError: it is no workbook, locked with a password, damaged, hostile or too large.
    """
    try:
        return list(_Workbook(data).tables())
    except _DAMAGE as error:
        raise _damaged() from error


def _damaged() -> TableRefusedError:
    return TableRefusedError(reason=N_("the workbook is damaged or not of the XLSX format"))


def _too_large() -> TableRefusedError:
    return TableRefusedError(reason=N_("unpacked, the workbook would be larger than can be held"))


# --- the archive ---------------------------------------------------------------------------------


def open_archive(data: bytes) -> dict[str, "Part"]:
    """Return the parts of a ZIP archive by name, after its directory was checked.

    Raises:
        TableRefusedError.
    """
    if len(data) > MAXIMUM_FILE_BYTES:
        raise TableRefusedError(
            reason=N_("it is larger than {count} MiB; import it in parts"),
            count=MAXIMUM_FILE_BYTES // 2**20,
        )
    if data.startswith(_COMPOUND_FILE):
        raise TableRefusedError(
            reason=N_(
                "it is locked with a password or in the old XLS format; save it as plain XLSX"
            )
        )
    end = data.rfind(_END, max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 22:
        raise _damaged()
    entries, size = struct.unpack_from("<HI", data, end + 10)
    if entries > MAXIMUM_ENTRIES or size > MAXIMUM_DIRECTORY_BYTES:
        raise TableRefusedError(reason=N_("the archive has too many entries"))
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OverflowError) as error:
        raise _damaged() from error
    parts: dict[str, Part] = {}
    total = 0
    for info in archive.infolist():
        if info.filename in parts:
            raise TableRefusedError(reason=N_("the archive has an entry twice"))
        total += info.file_size
        if info.file_size > max(_RATIO_FROM_BYTES, MAXIMUM_RATIO * info.compress_size):
            raise _too_large()
        parts[info.filename] = Part(archive, info)
    if len(parts) > MAXIMUM_ENTRIES:
        raise TableRefusedError(reason=N_("the archive has too many entries"))
    return parts


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of an archive."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def blocks(self) -> Iterator[bytes]:
        """Yield the content; no more of it is unpacked than the directory says.

        Raises:
            TableRefusedError: it is encrypted, or packed in a way that no spreadsheet uses.
        """
        packed = self.info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if self.info.flag_bits & 1 or not packed:
            raise _damaged()
        try:
            with self.archive.open(self.info) as file:
                while block := file.read(_BLOCK_BYTES):
                    yield block
        except (ValueError, OverflowError) as error:  # a directory that points outside the file
            raise _damaged() from error


# --- XML -----------------------------------------------------------------------------------------

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def _parse(part: Part, budget: "_Budget", start: Start, end: End, text: Text) -> None:
    """Read a part; only elements of the spreadsheet's own names are told, without their prefix."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0

    def started(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAXIMUM_DEPTH:
            raise _damaged()
        space, _, local = name.rpartition(" ")
        start(local if space in _MAIN or space in _PACKAGE_RELATIONS else "", attributes)

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        space, _, local = name.rpartition(" ")
        end(local if space in _MAIN or space in _PACKAGE_RELATIONS else "")

    def refuse(*_: object) -> None:
        raise TableRefusedError(reason=N_("the workbook declares entities, which none needs"))

    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    for block in part.blocks():
        budget.take(len(block))
        parser.Parse(block, False)  # noqa: FBT003 - expat's signature
    parser.Parse(b"", True)  # noqa: FBT003


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked of one workbook."""

    left_bytes: int = MAXIMUM_UNPACKED_BYTES
    left_cells: int = MAXIMUM_CELLS

    def take(self, size: int) -> None:
        self.left_bytes -= size
        if self.left_bytes < 0:
            raise _too_large()

    def take_cell(self) -> None:
        self.left_cells -= 1
        if self.left_cells < 0:
            raise _too_large()


def _unescaped(text: str) -> str:
    """Undo ST_Xstring: characters that XML cannot carry are written `_x000D_`."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


@dataclass(slots=True)
class _Texts:
    """Collects the text of `si` and `is` elements; how a word is pronounced (`rPh`) is left out."""

    pieces: list[str] = field(default_factory=list)
    is_in_text: bool = False
    is_in_phonetic: bool = False

    def start(self, name: str) -> None:
        if name == "rPh":
            self.is_in_phonetic = True
        self.is_in_text = name == "t" and not self.is_in_phonetic

    def end(self, name: str) -> None:
        if name == "rPh":
            self.is_in_phonetic = False
        self.is_in_text = False

    def text(self, text: str) -> None:
        if self.is_in_text:
            self.pieces.append(text)

    def taken(self) -> str:
        text = _unescaped("".join(self.pieces))
        self.pieces.clear()
        if len(text) > MAXIMUM_CELL_CHARACTERS:
            raise TableRefusedError(reason=N_("a cell is too long"))
        return _without_surrogates(text)


def _without_surrogates(text: str) -> str:
    """Join surrogate pairs that were escaped one by one; refuse lone ones, which are no text."""
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise _damaged() from error


# --- the workbook --------------------------------------------------------------------------------


class _Shown(Enum):
    """What a number format shows of a date."""

    NUMBER = 0
    DAY = 1
    MONTH = 2
    YEAR = 3
    MOMENT = 4
    TIME = 5


# ECMA-376 part 1, 18.8.30. Those from 27 on mean what the Chinese edition of Excel means by them.
_BUILT_IN = (
    dict.fromkeys((14, 15, 16, 28, 29, 30, 31, 51, 53, 54, 58), _Shown.DAY)
    | dict.fromkeys((17, 27, 36, 50, 52, 57), _Shown.MONTH)
    | dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56), _Shown.TIME)
    | {22: _Shown.MOMENT}
)
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def _shown_by(format_code: str) -> _Shown:
    """Return what a format shows, by its letters outside of literal text."""
    code = _LITERAL.sub("", format_code.split(";", maxsplit=1)[0]).lower()
    if code == "general" or not re.search(r"[ymdhs]", code):
        return _Shown.NUMBER
    has_time = "h" in code or "s" in code
    if "d" in code:
        return _Shown.MOMENT if has_time else _Shown.DAY
    if "y" in code or ("m" in code and not has_time):
        return _Shown.MONTH if "m" in code else _Shown.YEAR
    return _Shown.TIME


class _Workbook:
    """What belongs to all sheets of a workbook."""

    def __init__(self, data: bytes) -> None:
        self._parts = open_archive(data)
        self._budget = _Budget()
        self._strings: list[str] = []
        self._shown: list[_Shown] = []
        self._begins_1904 = False
        self._sheets: list[tuple[str, str]] = []
        workbook = self._main_part()
        self._folder = workbook.rpartition("/")[0]
        self._read_workbook(workbook)

    def _part(self, name: str) -> Part:
        found = self._parts.get(name)
        if found is None:
            raise _damaged()
        return found

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the relations of a part: id to type (its last word) and target's name."""
        folder, _, name = part.rpartition("/")
        found: dict[str, tuple[str, str]] = {}

        def start(element: str, given: Mapping[str, str]) -> None:
            if element == "Relationship" and given.get("TargetMode", "Internal") == "Internal":
                kind = given.get("Type", "").rpartition("/")[2]
                found[given.get("Id", "")] = (kind, _resolved(folder, given.get("Target", "")))

        path = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        _parse(self._part(path), self._budget, start, _nothing, _nothing)
        return found

    def _main_part(self) -> str:
        for kind, target in self._relations("").values():
            if kind == "officeDocument":
                return target
        raise _damaged()

    def _read_workbook(self, name: str) -> None:
        relations = self._relations(name)
        for kind, target in relations.values():
            if kind == "sharedStrings":
                self._read_strings(target)
            elif kind == "styles":
                self._read_styles(target)

        def start(element: str, given: Mapping[str, str]) -> None:
            if element == "workbookPr":
                self._begins_1904 = given.get("date1904") in ("1", "true")
            elif element == "sheet" and given.get("state", "visible") == "visible":
                ids = (given.get(f"{space} id") for space in _DOCUMENT_RELATIONS)
                relation = next((one for one in ids if one is not None), "")
                kind, target = relations.get(relation, ("", ""))
                if kind == "worksheet":
                    self._sheets.append((given.get("name", ""), target))

        _parse(self._part(name), self._budget, start, _nothing, _nothing)

    def _read_strings(self, name: str) -> None:
        texts = _Texts()
        left = _MAXIMUM_STRINGS_CHARACTERS

        def start(element: str, _: Mapping[str, str]) -> None:
            texts.start(element)

        def end(element: str) -> None:
            nonlocal left
            texts.end(element)
            if element == "si":
                text = texts.taken()
                left -= len(text) + 8
                if left < 0:
                    raise _too_large()
                self._strings.append(text)

        _parse(self._part(name), self._budget, start, end, texts.text)

    def _read_styles(self, name: str) -> None:
        own: dict[int, _Shown] = {}
        is_in_formats = False

        def start(element: str, given: Mapping[str, str]) -> None:
            nonlocal is_in_formats
            if element == "numFmt":
                own[_integer(given.get("numFmtId", ""))] = _shown_by(given.get("formatCode", ""))
            elif element == "cellXfs":
                is_in_formats = True
            elif element == "xf" and is_in_formats:
                number = _integer(given.get("numFmtId", "0"))
                self._shown.append(own.get(number) or _BUILT_IN.get(number, _Shown.NUMBER))
            if len(self._shown) > _MAXIMUM_STYLES or len(own) > _MAXIMUM_STYLES:
                raise _too_large()

        def end(element: str) -> None:
            nonlocal is_in_formats
            if element == "cellXfs":
                is_in_formats = False

        _parse(self._part(name), self._budget, start, end, _nothing)

    def tables(self) -> Iterator[Table]:
        """Yield the sheets that hold something."""
        for name, target in self._sheets:
            table = self._sheet(name, target)
            if table.rows:
                yield table

    def _sheet(self, name: str, target: str) -> Table:
        reading = _Sheet(self)
        _parse(self._part(target), self._budget, reading.start, reading.end, reading.text)
        return reading.table(name)

    def value(self, kind: str, style: int, text: str) -> Cell:
        """Return the value of a cell that is written as `text`."""
        match kind:
            case "s":
                place = _integer(text)
                if not 0 <= place < len(self._strings):
                    raise _damaged()
                return self._strings[place] or None
            case "str" | "e":
                return _without_surrogates(_unescaped(text)) or None
            case "b":
                return text.strip() == "1" if text.strip() else None
            case "d":
                return _iso_date(text)
            case "n" | "":
                return self._number(style, text.strip()) if text.strip() else None
            case _:
                raise _damaged()

    def take_cell(self) -> None:
        """Count a cell against what can be held."""
        self._budget.take_cell()

    def _number(self, style: int, text: str) -> Cell:
        try:
            number = float(text)
        except ValueError as error:
            raise _damaged() from error
        shown = self._shown[style] if 0 <= style < len(self._shown) else _Shown.NUMBER
        if shown is not _Shown.NUMBER:
            found = _as_date(number, shown, begins_1904=self._begins_1904)
            if found is not None:
                return found
        if not abs(number) < 1e300:
            raise _damaged()
        return Decimal(text) if len(text) <= 400 and _is_whole(text) else Decimal(f"{number:.15g}")


def _is_whole(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,300}", text) is not None


def _nothing(*_: object) -> None:
    """Pass over."""


def _resolved(folder: str, target: str) -> str:
    """Return the name of a part as a relation of another in `folder` gives it."""
    if target.startswith("/"):
        return target[1:]
    parts = folder.split("/") if folder else []
    for step in target.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step != ".":
            parts.append(step)
    return "/".join(parts)


def _integer(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()):
        raise _damaged()
    return int(text)


_DAY_S = 86_400


def _as_date(number: float, shown: _Shown, *, begins_1904: bool) -> DateCell | None:
    """Return the date of a serial number, or None if the calendar has none."""
    if not 0 <= number < 2_958_466:
        return None
    days, seconds = divmod(round(number * _DAY_S), _DAY_S)
    clock = str(datetime.timedelta(seconds=seconds)).rjust(8, "0")
    if shown is _Shown.TIME:
        return DateCell(clock) if not days else None
    if begins_1904:
        day = datetime.date(1904, 1, 1) + datetime.timedelta(days=days)
    else:
        # Excel counts a 29 February 1900 that never was.
        shift = 1 if days < 60 else 0
        day = datetime.date(1899, 12, 30) + datetime.timedelta(days=days + shift)
    text = day.isoformat()
    if shown is _Shown.YEAR:
        return DateCell(text[:4])
    if shown is _Shown.MONTH:
        return DateCell(text[:7])
    return DateCell(text, clock if seconds else "")


def _iso_date(text: str) -> Cell:
    day, _, clock = text.strip().partition("T")
    try:
        datetime.date.fromisoformat(day)
    except ValueError:
        return text or None
    return DateCell(day, clock[:8] if clock[:8] != "00:00:00" else "")


# --- one sheet -----------------------------------------------------------------------------------


class _Sheet:
    """Takes what the parser tells of one sheet."""

    def __init__(self, workbook: _Workbook) -> None:
        self._workbook = workbook
        self._rows: dict[int, dict[int, Cell]] = {}
        self._merged: list[tuple[int, int, int, int]] = []
        self._row = self._column = 0
        self._kind = ""
        self._style = 0
        self._pieces: list[str] = []
        self._is_in_value = self._is_in_cell = False
        self._inline = _Texts()

    def start(self, name: str, given: Mapping[str, str]) -> None:
        if name == "row":
            self._row = _integer(given["r"]) if "r" in given else self._row + 1
            self._column = 0
        elif name == "c":
            self._begin_cell(given)
        elif name == "v":
            self._is_in_value = self._is_in_cell
        elif name == "mergeCell":
            self._merge(given.get("ref", ""))
        elif self._is_in_cell:
            self._inline.start(name)

    def _begin_cell(self, given: Mapping[str, str]) -> None:
        if "r" in given:
            self._column, self._row = _place(given["r"])
        else:
            self._column += 1
        self._kind = given.get("t", "n")
        self._style = _integer(given.get("s", "0"))
        self._pieces.clear()
        self._inline.pieces.clear()
        self._is_in_cell = True

    def end(self, name: str) -> None:
        if name == "v":
            self._is_in_value = False
        elif name == "c":
            self._is_in_cell = False
            self._keep()
        elif self._is_in_cell:
            self._inline.end(name)

    def text(self, text: str) -> None:
        if self._is_in_value:
            self._pieces.append(text)
        elif self._is_in_cell:
            self._inline.text(text)

    def _keep(self) -> None:
        if self._kind == "inlineStr":
            cell: Cell = self._inline.taken() or None
        else:
            cell = self._workbook.value(self._kind, self._style, "".join(self._pieces))
        if cell is None:
            return
        self._workbook.take_cell()
        if self._column > MAXIMUM_COLUMNS:
            raise TableRefusedError(
                reason=N_("it has more than {count} columns"), count=MAXIMUM_COLUMNS
            )
        self._rows.setdefault(self._row, {})[self._column] = cell
        if len(self._rows) > MAXIMUM_ROWS:
            raise TableRefusedError(
                reason=N_("it has more than {count} rows; import it in parts"), count=MAXIMUM_ROWS
            )

    def _merge(self, reference: str) -> None:
        first, colon, last = reference.partition(":")
        if colon:
            left, top = _place(first)
            right, bottom = _place(last)
            self._merged.append((top, left, bottom, right))

    def table(self, name: str) -> Table:
        """Return what was read; each cell of a merged range holds what the range shows."""
        filled = self._fill_merged()
        rows = []
        for number in sorted(self._rows):
            cells = self._rows[number]
            width = max(cells)
            rows.append(Row(number, tuple(cells.get(place) for place in range(1, width + 1))))
        return Table(name=name, rows=tuple(rows), filled_cells=filled)

    def _fill_merged(self) -> int:
        filled = 0
        for top, left, bottom, right in self._merged:
            cell = self._rows.get(top, {}).get(left)
            if cell is None or right > MAXIMUM_COLUMNS:
                continue
            if (bottom - top + 1) * (right - left + 1) > _MAXIMUM_FILLED_CELLS:
                continue  # a whole column or row: nobody means all its cells
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    # Only rows that hold something else: a merged title has no rows of its own.
                    if (row, column) != (top, left) and row in self._rows:
                        self._rows[row][column] = cell
                        self._workbook.take_cell()
                        filled += 1
        return filled


def _place(reference: str) -> tuple[int, int]:
    match = _REFERENCE.fullmatch(reference.replace("$", ""))
    if match is None:
        raise _damaged()
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - 64
    row = int(match[2])
    if not 1 <= row <= 1_048_576 or column > 16_384:
        raise _damaged()
    return column, row
