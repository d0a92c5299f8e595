"""XLSX workbooks written straight into the file that somebody asked for, without a temporary one.

Texts are cells of type text, which no spreadsheet computes. The archive tells nothing of who made
it, when or with what.
"""

import datetime
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from types import TracebackType
from typing import BinaryIO, Self, TypeAlias

from fielddoc.errors import TableRefusedError
from fielddoc.i18n import N_
from fielddoc.interchange.table import column_letters

MAXIMUM_ROWS = 1_048_576
MAXIMUM_CELL_CHARACTERS = 32_767
"""What a spreadsheet holds in one cell."""

WrittenCell: TypeAlias = "str | bool | int | Decimal | datetime.date | None"

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_FIRST_DAY = datetime.date(1900, 3, 1)
"""Before it, spreadsheets count a day that never was."""
_HEADER_STYLE, _DATE_STYLE = 1, 2
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    "</cellXfs></styleSheet>"
)
# XML 1.0 cannot carry these, and would turn a carriage return into a line feed.
_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class WorkbookWriter:
    """Writes one sheet after the other; leaving the block makes them a workbook."""

    def __init__(self, file: BinaryIO) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._names: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._finish()
        self._archive.close()

    def add_sheet(self, name: str, rows: Iterable[Sequence[WrittenCell]]) -> None:
        r"""Write a sheet; the first row is its header and stays in sight.

        Args:
            name: at most 31 characters, without `[]:*?/\`.
            rows: of cells; a date before March 1900 is written as text.

        Raises:
            TableRefusedError: there are more rows than a sheet can hold.
        """
        self._names.append(name)
        place = f"xl/worksheets/sheet{len(self._names)}.xml"
        with self._archive.open(_entry(place), "w", force_zip64=False) as file:
            file.write(
                f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
                '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
                "</sheetView></sheetViews><sheetData>".encode()
            )
            for number, row in enumerate(rows, 1):
                if number > MAXIMUM_ROWS:
                    raise TableRefusedError(
                        reason=N_("a sheet cannot hold more than {count} rows"), count=MAXIMUM_ROWS
                    )
                file.write("".join(_row(number, row)).encode("utf-8"))
            file.write(b"</sheetData></worksheet>")

    def _finish(self) -> None:
        """Write what holds the sheets together."""
        numbers = range(1, len(self._names) + 1)
        sheets = "".join(
            f'<sheet name="{escaped(name)}" sheetId="{number}" r:id="rId{number}"/>'
            for number, name in zip(numbers, self._names, strict=True)
        )
        self._put(
            "xl/workbook.xml",
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>',
        )
        relations = "".join(
            f'<Relationship Id="rId{number}" Type="{_RELATIONS}/worksheet"'
            f' Target="worksheets/sheet{number}.xml"/>'
            for number in numbers
        )
        self._put(
            "xl/_rels/workbook.xml.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
            f'<Relationship Id="rId0" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        )
        self._put("xl/styles.xml", _STYLES)
        self._put(
            "_rels/.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
            f' Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml"'
            f' ContentType="{_TYPES}.worksheet+xml"/>'
            for number in numbers
        )
        self._put(
            "[Content_Types].xml",
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
            f"{overrides}</Types>",
        )

    def _put(self, name: str, text: str) -> None:
        self._archive.writestr(_entry(name), text.encode("utf-8"))


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _LONG_AGO)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    info.create_system = 0
    return info


def _row(number: int, row: Sequence[WrittenCell]) -> Iterator[str]:
    yield f'<row r="{number}">'
    for place, cell in enumerate(row, 1):
        if cell is not None:
            yield _cell(f"{column_letters(place)}{number}", cell, is_header=number == 1)
    yield "</row>"


def _cell(reference: str, cell: WrittenCell, *, is_header: bool) -> str:
    match cell:
        case bool():
            return f'<c r="{reference}" t="b"><v>{int(cell)}</v></c>'
        case int() | Decimal():
            return f'<c r="{reference}"><v>{cell}</v></c>'
        case datetime.date() if cell >= _FIRST_DAY:
            serial = (cell - datetime.date(1899, 12, 30)).days
            return f'<c r="{reference}" s="{_DATE_STYLE}"><v>{serial}</v></c>'
        case _:
            style = f' s="{_HEADER_STYLE}"' if is_header else ""
            text = escaped(str(cell))
            return (
                f'<c r="{reference}"{style} t="inlineStr"><is><t xml:space="preserve">'
                f"{text}</t></is></c>"
            )


def escaped(text: str) -> str:
    """Return text as XML; what XML cannot carry is written as ST_Xstring has it: `_x0007_`."""
    plain = _NOT_XML.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    return (
        plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )
