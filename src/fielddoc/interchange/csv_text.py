"""CSV (RFC 4180): encodings found out, rows read strictly, and two flavours written.

*For machines* is exact. *For spreadsheets* begins with a byte order mark, by which Excel knows
UTF-8, and puts an apostrophe before every cell that a spreadsheet would take for a formula (CWE-1236)
or that begins with an apostrophe itself, so that taking one away gives exactly what was there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fielddoc.errors import EncodingUncertainError, TableRefusedError
from fielddoc.i18n import N_
from fielddoc.interchange.table import (
    MAXIMUM_CELL_CHARACTERS,
    MAXIMUM_CELLS,
    MAXIMUM_COLUMNS,
    MAXIMUM_FILE_BYTES,
    MAXIMUM_ROWS,
    Row,
    Table,
    check_bounds,
)

ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5")
"""What somebody may name; the first two are recognised by themselves."""

BYTE_ORDER_MARK = "\ufeff"
_GUARD = "'"
# What makes a spreadsheet take a cell for a formula, in full width too, since Chinese input
# methods type these and some spreadsheets accept them.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "\0", _GUARD)
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Guess:
    """The encoding that a file seems to have."""

    encoding: str
    is_certain: bool


def guess_encoding(data: bytes) -> Guess:
    """Return the encoding of `data`: by its mark, else UTF-8 if it is valid, else a guess.

    Every second pair of bytes is a character in GB18030, so that one is never certain.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        return Guess("utf-8", is_certain=True)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Guess("utf-16", is_certain=True)
    head = data[:4096]
    if head[1::2].count(0) > len(head) // 8:
        return Guess("utf-16-le", is_certain=False)
    if head[0::2].count(0) > len(head) // 8:
        return Guess("utf-16-be", is_certain=False)
    if _decodes(data, "utf-8"):
        return Guess("utf-8", is_certain=True)
    return Guess("gb18030" if _decodes(data, "gb18030") else "big5", is_certain=False)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def read_csv(data: bytes, *, name: str = "", encoding: str | None = None) -> Table:
    """Return the table that a CSV file holds.

    The separator is the comma, semicolon or tab that parts the first row into most cells; a first
    line `sep=;`, which Excel writes, decides.

    Args:
        data: the whole file.
        name: how the table is to be called.
        encoding: one of `ENCODINGS`, as somebody confirmed it; None for what is certain.

    Raises:
        EncodingUncertainError: it must be confirmed first.
        TableRefusedError: it is no CSV, or too large.
    """
    if len(data) > MAXIMUM_FILE_BYTES:
        raise TableRefusedError(
            reason=N_("it is larger than {count} MiB; import it in parts"),
            count=MAXIMUM_FILE_BYTES // 2**20,
        )
    text = _decoded(data, encoding)
    delimiter = ""
    offset = 0
    first, _, rest = text.partition("\n")
    if len(first.strip()) == 5 and first.lower().startswith("sep="):
        delimiter, text, offset = first.strip()[4], rest, 1
    delimiter = delimiter or _guessed_delimiter(text)
    rows: list[Row] = []
    cells = 0
    for number, record in enumerate(parse(text, delimiter), 1 + offset):
        if any(record):
            cells += len(record)
            rows.append(Row(number, tuple(cell or None for cell in record)))
        if len(rows) > MAXIMUM_ROWS or cells > MAXIMUM_CELLS:
            raise TableRefusedError(
                reason=N_("it has more than {count} rows; import it in parts"), count=MAXIMUM_ROWS
            )
    check_bounds(rows)
    return Table(name=name, rows=tuple(rows))


def _decoded(data: bytes, encoding: str | None) -> str:
    if encoding is None:
        guess = guess_encoding(data)
        if not guess.is_certain:
            raise EncodingUncertainError(name=guess.encoding)
        encoding = guess.encoding
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise TableRefusedError(
            reason=N_("it is not text in the encoding {name}"), name=encoding
        ) from error
    return text.removeprefix(BYTE_ORDER_MARK)


def _guessed_delimiter(text: str) -> str:
    best, most = ",", 1
    for delimiter in _DELIMITERS:
        try:
            width = len(next(parse(text, delimiter), []))
        except TableRefusedError:
            continue
        if width > most:
            best, most = delimiter, width
    return best


def parse(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the records of a CSV text.

    A quotation mark stands at the beginning of a cell and doubled within one, nowhere else.

    Raises:
        TableRefusedError: anything else, with the row's number.
    """
    position, end, number = 0, len(text), 1
    record: list[str] = []
    while position < end or record:
        if position < end and text[position] == '"':
            cell, position = _quoted(text, position, number)
        else:
            cell, position = _unquoted(text, position, delimiter, number)
        if len(cell) > MAXIMUM_CELL_CHARACTERS:
            raise TableRefusedError(reason=N_("row {number} has a cell too long"), number=number)
        record.append(cell)
        if len(record) > MAXIMUM_COLUMNS:
            raise TableRefusedError(
                reason=N_("it has more than {count} columns"), count=MAXIMUM_COLUMNS
            )
        if position < end and text[position] == delimiter:
            position += 1
            if position < end:
                continue
            record.append("")
        elif position < end and text[position] not in "\r\n":
            raise TableRefusedError(
                reason=N_("in row {number} something stands behind a closing quotation mark"),
                number=number,
            )
        position += 2 if text.startswith("\r\n", position) else 1
        yield record
        record = []
        number += 1


def _quoted(text: str, position: int, number: int) -> tuple[str, int]:
    start = position + 1
    search = start
    while True:
        close = text.find('"', search)
        if close < 0:
            raise TableRefusedError(
                reason=N_("a quotation mark in row {number} is never closed"), number=number
            )
        if not text.startswith('"', close + 1):
            return text[start:close].replace('""', '"'), close + 1
        search = close + 2


def _unquoted(text: str, position: int, delimiter: str, number: int) -> tuple[str, int]:
    ends = [at for stop in (delimiter, "\r", "\n") if (at := _find(text, stop, position)) >= 0]
    close = min(ends, default=len(text))
    cell = text[position:close]
    if '"' in cell:
        raise TableRefusedError(
            reason=N_("in row {number} a quotation mark stands within a cell that has none around"),
            number=number,
        )
    return cell, close


def _find(text: str, stop: str, position: int) -> int:
    # A cell has no more characters than this; without the bound, a text without line ends would be
    # searched whole for every one of its cells.
    return text.find(stop, position, position + MAXIMUM_CELL_CHARACTERS + 2)


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return _GUARD + cell if cell.startswith(_DANGEROUS) else cell


def unguarded(cell: str) -> str:
    """Return what `guarded` was given."""
    return cell.removeprefix(_GUARD)


def csv_line(cells: Iterable[str]) -> bytes:
    """Return a record with its line end; cells are quoted where RFC 4180 asks for it."""
    return (",".join(map(_written, cells)) + "\r\n").encode("utf-8")


def spreadsheet_line(cells: Sequence[str]) -> bytes:
    """Return a record of the flavour for spreadsheets."""
    return csv_line(map(guarded, cells))


def _written(cell: str) -> str:
    if any(sign in cell for sign in ',"\r\n;\t') or cell != cell.strip():
        return '"' + cell.replace('"', '""') + '"'
    return cell
