"""Workbooks: what others write is read, what we write others read, what is hostile is refused."""

import contextlib
import datetime
import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.errors import TableRefusedError
from fielddoc.interchange import xlsx_read
from fielddoc.interchange.table import Cell, DateCell, guessed_header, header_of, plain, was_cut
from fielddoc.interchange.xlsx_read import read_xlsx
from fielddoc.interchange.xlsx_write import WorkbookWriter, WrittenCell

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def written(rows: list[list[WrittenCell]], name: str = "sheet") -> bytes:
    file = io.BytesIO()
    with WorkbookWriter(file) as book:
        book.add_sheet(name, rows)
    return file.getvalue()


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def with_sheet(xml: str, **more: bytes) -> bytes:
    files = parts(written([["a"]]))
    files["xl/worksheets/sheet1.xml"] = xml.encode()
    return packed(files | more)


def sheet(cells: str, after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData>{after}</worksheet>'


def only_row(data: bytes) -> tuple[Cell, ...]:
    (table,) = read_xlsx(data)
    (row,) = table.rows
    return row.cells


# --- others and we --------------------------------------------------------------------------------

texts = st.text(max_size=12)
written_cells = (
    texts.filter(bool)
    | st.booleans()
    | st.integers(-(10**14), 10**14)
    | st.dates(min_value=datetime.date(1900, 3, 1))
)


@given(st.lists(st.lists(written_cells, min_size=1, max_size=4), min_size=1, max_size=4))
def test_what_we_write_we_read_back_with_its_types(rows: list[list[WrittenCell]]) -> None:
    (table,) = read_xlsx(written([["header"], *rows]))

    expected: list[tuple[Cell, ...]] = [
        tuple(
            DateCell(cell.isoformat())
            if isinstance(cell, datetime.date)
            else Decimal(cell)
            if type(cell) is int
            else cell  # type: ignore[misc]
            for cell in row
        )
        for row in rows
    ]
    assert [row.cells for row in table.rows[1:]] == expected


def test_what_we_write_another_library_reads_with_its_types() -> None:
    rows: list[list[WrittenCell]] = [
        ["id", "徐秦", "=1+1"],
        ["=HYPERLINK(1)", True, Decimal("10.5")],
        [None, datetime.date(2022, 8, 15), 12],
    ]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(written(rows, "person.names")))

    found = book["person.names"]
    assert list(found.iter_rows(values_only=True)) == [
        ("id", "徐秦", "=1+1"),
        ("=HYPERLINK(1)", True, 10.5),
        (None, datetime.datetime(2022, 8, 15), 12),  # noqa: DTZ001
    ]
    assert {cell.data_type for row in found.iter_rows(max_row=2) for cell in row[:1]} == {"s"}
    assert found.freeze_panes == "A2"


def test_what_another_library_writes_we_read() -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "人员"
    first.append(["姓名", "人数", "确认", None, "日期"])
    first.append(["徐秦", 3, True, None, datetime.date(2022, 8, 15)])
    first.append(["李例", 1.25, False, None, datetime.datetime(2022, 8, 15, 14, 3, 22)])  # noqa: DTZ001
    second = book.create_sheet("空")
    hidden = book.create_sheet("hidden")
    hidden.append(["no"])
    hidden.sheet_state = "hidden"
    assert second.max_row == 1

    (table,) = read_xlsx(saved(book))

    assert table.name == "人员"
    assert [row.cells for row in table.rows] == [
        ("姓名", "人数", "确认", None, "日期"),
        ("徐秦", Decimal(3), True, None, DateCell("2022-08-15")),
        ("李例", Decimal("1.25"), False, None, DateCell("2022-08-15", "14:03:22")),
    ]


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [
        ("mmm-yy", "2022-08"),
        ('yyyy"年"m"月"', "2022-08"),
        ("yyyy", "2022"),
        ('[$-804]yyyy"年"m"月"d"日"', "2022-08-01"),
        ("dd/mm/yyyy", "2022-08-01"),
        ("General", "44774"),
        ("0.00", "44774"),
        ("[Red]#,##0", "44774"),
        ('"day "0', "44774"),
    ],
)
def test_of_a_date_only_so_much_counts_as_the_sheet_shows(number_format: str, shown: str) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    cell = book.active["A1"]
    cell.value = 44774
    cell.number_format = number_format

    assert plain(only_row(saved(book))[0]) == shown


def test_dates_of_old_macintosh_workbooks_begin_in_1904() -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    assert book.active is not None
    book.active["A1"] = datetime.date(2022, 8, 15)

    assert only_row(saved(book)) == (DateCell("2022-08-15"),)


def test_the_last_value_of_a_formula_counts_and_the_formula_does_not() -> None:
    xml = sheet('<row><c t="str"><f>A1&amp;"x"</f><v>徐秦</v></c><c><f>1+1</f><v>2</v></c></row>')

    assert only_row(with_sheet(xml)) == ("徐秦", Decimal(2))


def test_how_a_word_is_pronounced_is_not_a_part_of_it() -> None:
    xml = sheet(
        '<row><c t="inlineStr"><is><r><t>徐</t></r><r><t>秦</t></r>'
        '<rPh sb="0" eb="1"><t>xu</t></rPh></is></c></row>'
    )

    assert only_row(with_sheet(xml)) == ("徐秦",)


def test_the_strict_form_of_the_standard_is_read_too() -> None:
    files = parts(written([["徐秦", True]]))
    files = {name: text.replace(MAIN.encode(), STRICT.encode()) for name, text in files.items()}
    transitional = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    strict = b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    files["xl/workbook.xml"] = files["xl/workbook.xml"].replace(transitional, strict)

    assert only_row(packed(files)) == ("徐秦", True)


def test_merged_cells_hold_what_they_show_and_are_counted() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (["name", "place"], ["a", "镇江"], ["b", None], ["c", None]):
        page.append(row)
    page.merge_cells("B2:B4")

    (table,) = read_xlsx(saved(book))

    assert [row.cells for row in table.rows[1:]] == [("a", "镇江"), ("b", "镇江"), ("c", "镇江")]
    assert table.filled_cells == 2


def test_a_header_below_a_title_is_found_and_equal_names_get_a_number() -> None:
    (table,) = read_xlsx(written([["Our list 2022"], ["Name", "Name", None, "Place"], ["a", "b"]]))

    assert guessed_header(table) == 2
    assert header_of(table, 2) == ("Name", "Name (2)", "C", "Place")


def test_a_number_longer_than_a_spreadsheet_keeps_is_noticed() -> None:
    xml = sheet("<row><c><v>110101199001011234</v></c><c><v>1.10101199001011E+17</v></c></row>")

    first, second = only_row(with_sheet(xml))

    assert plain(first) == "110101199001011234"
    assert was_cut(first)
    assert was_cut(second)
    assert not was_cut(Decimal(123456789012345))


def test_several_sheets_are_several_tables() -> None:
    file = io.BytesIO()
    with WorkbookWriter(file) as book:
        book.add_sheet("one", [["a"]])
        book.add_sheet("two", [["b"]])

    assert [table.name for table in read_xlsx(file.getvalue())] == ["one", "two"]


def test_an_archive_tells_nothing_of_who_made_it_or_when() -> None:
    data = written([["a"]])

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any("docProps" in name for name in archive.namelist())


# --- hostile --------------------------------------------------------------------------------------


def bomb() -> bytes:
    files = parts(written([["a"]]))
    files["xl/worksheets/sheet1.xml"] = b" " * 40_000_000
    return packed(files)


def many_entries() -> bytes:
    return packed({f"{number}": b"" for number in range(5000)}, zipfile.ZIP_STORED)


def twice() -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a", b"1")
            archive.writestr("a", b"2")
    return file.getvalue()


def lying_size() -> bytes:
    """An entry that unpacks to more than its directory says."""
    data = bytearray(written([["a" * 5000]]))
    place = data.find(b"PK\x01\x02")
    while data[place + 46 : place + 46 + 23] != b"xl/worksheets/sheet1.xm":
        place = data.find(b"PK\x01\x02", place + 4)
    struct.pack_into("<I", data, place + 24, 20)
    return bytes(data)


def encrypted() -> bytes:
    data = bytearray(written([["a"]]))
    for sign, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(sign)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(sign, place + 4)
    return bytes(data)


ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + sheet(
    "<row><c><v>&b;</v></c></row>"
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + sheet(
    '<row><c t="str"><v>&e;</v></c></row>'
)


def pointing_outside() -> bytes:
    """The end of the directory says that it is longer than the archive."""
    data = bytearray(written([["a"]]))
    end = data.rfind(b"PK\x05\x06")
    (offset,) = struct.unpack_from("<I", data, end + 16)
    struct.pack_into("<I", data, end + 16, offset + 1_000_000)
    return bytes(data)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "bomb": bomb,
    "many entries": many_entries,
    "an entry twice": twice,
    "lying size": lying_size,
    "encrypted": encrypted,
    "old or locked": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024),
    "cut short": lambda: written([["a"]])[:-30],
    "directory that points before the file": pointing_outside,
    "no workbook": lambda: packed({"x": b"y"}),
    "entities": lambda: with_sheet(ENTITIES),
    "external entity": lambda: with_sheet(EXTERNAL),
    "not xml": lambda: with_sheet("<worksheet"),
    "deep": lambda: with_sheet("<a>" * 200 + "</a>" * 200),
    "string that is not there": lambda: with_sheet(sheet('<row><c t="s"><v>7</v></c></row>')),
    "place that is none": lambda: with_sheet(sheet('<row><c r="A0"><v>1</v></c></row>')),
    "row that is none": lambda: with_sheet(sheet('<row r="-1"><c><v>1</v></c></row>')),
    "number that is none": lambda: with_sheet(sheet("<row><c><v>1e999</v></c></row>")),
    "word for a number": lambda: with_sheet(sheet("<row><c><v>x</v></c></row>")),
    "kind that is none": lambda: with_sheet(sheet('<row><c t="zz"><v>x</v></c></row>')),
    "column far out": lambda: with_sheet(sheet('<row><c r="XFD1"><v>1</v></c></row>')),
    "lone surrogate": lambda: with_sheet(sheet('<row><c t="str"><v>_xD800_</v></c></row>')),
    "way out of the archive": lambda: packed(
        parts(written([["a"]]))
        | {
            "_rels/.rels": (
                b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                b'<Relationship Id="r" Type="x/officeDocument" Target="../../../etc/passwd"/>'
                b"</Relationships>"
            )
        }
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused(name: str) -> None:
    with pytest.raises(TableRefusedError):
        read_xlsx(HOSTILE[name]())


@pytest.mark.parametrize("bound", ["MAXIMUM_ROWS", "MAXIMUM_COLUMNS", "MAXIMUM_CELL_CHARACTERS"])
def test_more_than_can_be_held_is_refused(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = written([["abc", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]])
    assert read_xlsx(data)
    monkeypatch.setattr(xlsx_read, bound, 2)

    with pytest.raises(TableRefusedError):
        read_xlsx(data)


def test_unpacked_sizes_and_cells_are_counted_over_all_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = written([["a", "b"]])
    for bound, value in (("left_bytes", 500), ("left_cells", 1)):
        budget = xlsx_read._Budget

        def tight(bound: str = bound, value: int = value, budget: Any = budget) -> Any:
            return budget(**{bound: value})

        with monkeypatch.context() as patch:
            patch.setattr(xlsx_read, "_Budget", tight)
            with pytest.raises(TableRefusedError):
                read_xlsx(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(TableRefusedError):
        read_xlsx(b"PK\x03\x04" + data)


@given(st.data())
def test_a_workbook_changed_in_a_few_bytes_is_read_or_refused(data: st.DataObject) -> None:
    book = bytearray(written([["徐秦", True, Decimal("1.5"), datetime.date(2022, 8, 15)]]))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(book) - 1))
        book[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(TableRefusedError):
        read_xlsx(bytes(book))


def test_reading_and_writing_open_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins
    import os
    import tempfile

    def refuse(*args: object, **_: object) -> Any:
        raise AssertionError(f"a file was opened: {args[:1]}")

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "open", refuse)
        patch.setattr(os, "open", refuse)
        patch.setattr(tempfile, "_mkstemp_inner", refuse)
        data = written([["x" * 30_000] * 10] * 5)
        assert len(read_xlsx(data)[0].rows) == 5
    assert list(tmp_path.iterdir()) == []
