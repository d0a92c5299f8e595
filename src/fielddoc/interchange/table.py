"""Tables as spreadsheets hold them, after they were read: rows of cells, with bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from fielddoc.errors import TableRefusedError
from fielddoc.i18n import N_

MAXIMUM_FILE_BYTES = 64 * 1024 * 1024
MAXIMUM_ROWS = 200_000
MAXIMUM_COLUMNS = 512
MAXIMUM_CELLS = 4_000_000
MAXIMUM_CELL_CHARACTERS = 1_000_000

_KEPT_DIGITS = 15
"""A spreadsheet keeps no more digits of a number; the last ones of a longer one became zeros."""


@dataclass(frozen=True, slots=True)
class DateCell:
    """A date that the spreadsheet holds as a date: `2022-08-15`, or as far as its format shows it.

    A cell that is shown as "2022年8月" holds the first day of that month; only the month was meant.
    """

    edtf: str
    time: str = ""
    """The time of day, `14:03:22`, if there is one."""


Cell: TypeAlias = "str | bool | Decimal | DateCell | None"


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with the number that the spreadsheet shows beside it."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet, or one CSV file. Rows without any content are left out."""

    name: str
    rows: tuple[Row, ...]
    filled_cells: int = 0
    """How many cells of merged ranges were filled with the content of the first one."""


def plain(cell: Cell) -> str:
    """Return a cell as text; empty for a blank one."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            text = format(cell, "f")
            return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
        case DateCell():
            return f"{cell.edtf} {cell.time}" if cell.time else cell.edtf
        case _:
            return cell


def was_cut(cell: Cell) -> bool:
    """Tell whether a number has more digits than a spreadsheet keeps, so that its end is lost."""
    return isinstance(cell, Decimal) and len(plain(abs(cell)).replace(".", "")) > _KEPT_DIGITS


def is_blank(cell: Cell) -> bool:
    """Tell whether there is nothing in a cell but blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def guessed_header(table: Table) -> int:
    """Return the number of the row that looks like the header: the first that is well filled.

    Lists often have a title above their header, in one cell or two.
    """
    head = table.rows[:20]
    widest = max((_filled(row) for row in head), default=0)
    for row in head:
        if 2 * _filled(row) > widest:
            return row.number
    return 1


def _filled(row: Row) -> int:
    return sum(not is_blank(cell) for cell in row.cells)


def header_of(table: Table, number: int) -> tuple[str, ...]:
    """Return the names of the columns from a header row; a name that comes twice gets a number.

    Raises:
        TableRefusedError: there is no such row.
    """
    row = next((row for row in table.rows if row.number == number), None)
    if row is None:
        raise TableRefusedError(
            reason=N_("row {number} was to be the header and is empty"), number=number
        )
    names: list[str] = []
    for place, cell in enumerate(row.cells, 1):
        name = " ".join(plain(cell).split()) or column_letters(place)
        count = 1
        unique = name
        while unique in names:
            count += 1
            unique = f"{name} ({count})"
        names.append(unique)
    return tuple(names)


def column_letters(place: int) -> str:
    """Return the letters of a column as spreadsheets show them: 1 is A, 27 is AA."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def check_bounds(rows: Sequence[Row]) -> None:
    """Refuse a table with more rows, columns or cells than can be held.

    Raises:
        TableRefusedError.
    """
    if len(rows) > MAXIMUM_ROWS:
        raise TableRefusedError(
            reason=N_("it has more than {count} rows; import it in parts"), count=MAXIMUM_ROWS
        )
    if any(len(row.cells) > MAXIMUM_COLUMNS for row in rows):
        raise TableRefusedError(
            reason=N_("it has more than {count} columns"), count=MAXIMUM_COLUMNS
        )
