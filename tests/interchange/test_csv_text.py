"""CSV is read strictly, its encoding is never guessed silently, and no cell is computed."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.errors import EncodingUncertainError, TableRefusedError
from fielddoc.interchange import csv_text, table
from fielddoc.interchange.csv_text import (
    csv_line,
    guarded,
    guess_encoding,
    parse,
    read_csv,
    spreadsheet_line,
    unguarded,
)
from fielddoc.interchange.table import Row

CHINESE = "姓名,地点\r\n徐秦,镇江\r\n李例,沈阳市第一看守所\r\n"


def cells(data: bytes, **more: str) -> list[tuple[str, ...]]:
    return [tuple(str(cell or "") for cell in row.cells) for row in read_csv(data, **more).rows]


@pytest.mark.parametrize(
    "data",
    [
        CHINESE.encode("utf-8"),
        CHINESE.encode("utf-8-sig"),
        CHINESE.encode("utf-16"),
        b"\xfe\xff" + CHINESE.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16 big"],
)
def test_an_encoding_that_is_certain_is_read_at_once(data: bytes) -> None:
    assert cells(data)[1] == ("徐秦", "镇江")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "utf-16-be"])
def test_an_encoding_that_is_guessed_must_be_confirmed(encoding: str) -> None:
    data = CHINESE.encode(encoding)

    with pytest.raises(EncodingUncertainError) as refused:
        read_csv(data)

    assert refused.value.fields["name"] == encoding
    assert cells(data, encoding=encoding)[1] == ("徐秦", "镇江")


def test_a_confirmed_encoding_that_does_not_fit_is_refused() -> None:
    with pytest.raises(TableRefusedError):
        read_csv(CHINESE.encode("gb18030"), encoding="utf-8")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_separator_is_found_out(delimiter: str) -> None:
    text = f"a{delimiter}b{delimiter}c\n1{delimiter}x, y{delimiter}3\n".replace("x, y", '"x, y"')

    assert cells(text.encode()) == [("a", "b", "c"), ("1", "x, y", "3")]


def test_a_first_line_that_names_the_separator_decides_and_counts_as_a_row() -> None:
    found = read_csv(b"sep=;\r\na;b,c\r\n1;2\r\n")

    assert [row.number for row in found.rows] == [2, 3]
    assert found.rows[0].cells == ("a", "b,c")


def test_blank_rows_are_left_out_and_the_others_keep_their_numbers() -> None:
    assert read_csv(b"a,b\n\n,\n1,2").rows == (Row(1, ("a", "b")), Row(4, ("1", "2")))


@pytest.mark.parametrize(
    ("text", "row"),
    [('a,b\n"1,2\n', 2), ('a,b\n1,2\n"3" x,4\n', 3), ('a,b\n1,2"3\n', 2)],
)
def test_what_is_no_csv_is_refused_with_its_row(text: str, row: int) -> None:
    with pytest.raises(TableRefusedError) as refused:
        read_csv(text.encode())

    assert refused.value.fields["number"] == row


def test_more_rows_columns_or_characters_than_can_be_held_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (csv_text, table):
        monkeypatch.setattr(module, "MAXIMUM_ROWS", 3, raising=False)
        monkeypatch.setattr(module, "MAXIMUM_COLUMNS", 3, raising=False)
    monkeypatch.setattr(csv_text, "MAXIMUM_CELL_CHARACTERS", 5)
    monkeypatch.setattr(csv_text, "MAXIMUM_FILE_BYTES", 100)

    for data in (b"a\n" * 4, b"a,b,c,d\n", b"abcdef\n", b'"abcdef"\n', b"a" * 101):
        with pytest.raises(TableRefusedError):
            read_csv(data)
    assert len(read_csv(b"a\n" * 3).rows) == 3


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=4), min_size=1, max_size=5))
def test_what_is_written_is_read_back_exactly(rows: list[list[str]]) -> None:
    text = b"".join(map(csv_line, rows)).decode()

    assert list(parse(text, ",")) == rows


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8), min_size=2
        ),
        min_size=1,
        max_size=5,
    )
)
def test_another_reader_of_csv_reads_the_same(rows: list[list[str]]) -> None:
    text = b"".join(map(csv_line, rows)).decode()

    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == rows


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        rows = list(parse(text, ","))
    except TableRefusedError:
        return
    assert all(isinstance(cell, str) for row in rows for cell in row)


@given(st.text(max_size=8))
def test_a_guard_goes_before_what_a_spreadsheet_computes_and_comes_off_exactly(cell: str) -> None:
    written = guarded(cell)

    assert unguarded(written) == cell
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


def test_a_line_for_spreadsheets_holds_no_formula() -> None:
    line = spreadsheet_line(["=1+1", "'a", "+49 30", "plain", "@cmd"]).decode()

    assert line == "'=1+1,''a,'+49 30,plain,'@cmd\r\n"


def test_text_with_a_zero_character_is_still_utf_8() -> None:
    assert guess_encoding("a,b\0c,徐".encode()).is_certain
