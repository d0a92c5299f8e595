"""Tables, photos and open formats from the terminal, as a person or a script uses them."""

import json
from pathlib import Path

import pytest

from cli.conftest import Terminal
from interchange.test_photo_metadata import jpeg, whole
from interchange.test_xlsx import written

SHEET = "Case no,Name,姓名,Born\n1,Xu Example,徐例,Aug 1970\n2,Li Example,李例,1980\n"
COLUMNS = (
    *("--type", "person", "--mapping", "people", "--key", "Case no"),
    *(
        "--column",
        "Name=names.text",
        "--column",
        "姓名=names.text#2",
        "--column",
        "Born=birth_date",
    ),
)


@pytest.fixture
def sheet() -> str:
    Path("cases.csv").write_text(SHEET, "utf-8")
    return "cases.csv"


def test_a_table_is_looked_at_imported_and_imported_again(
    terminal: Terminal, vault: str, sheet: str
) -> None:
    looked = terminal("import-table", vault, sheet, *COLUMNS, "--dry-run")
    assert looked.status == 0, looked.err
    assert "New: 2. Changed: 0." in looked.out
    assert "Nothing was written" in looked.out
    assert terminal("list", vault, "--json").json == []

    ran = terminal("import-table", vault, sheet, *COLUMNS)
    assert ran.status == 0, ran.err
    assert "cases: 2" in ran.out
    assert "people" in ran.out
    listed = terminal("list", vault, "--json").json
    assert {tuple(n["text"] for n in one["values"]["names"]) for one in listed} == {
        ("Xu Example", "徐例"),
        ("Li Example", "李例"),
    }

    Path("later.csv").write_text(SHEET.replace("1980", "1981") + "3,Wu,吴例,\n", "utf-8")
    again = terminal("import-table", vault, "later.csv", "--json").json
    assert (again["new"], again["changed"], again["same"], again["refused"]) == (1, 1, 1, 0)
    assert again["mapping"] == "people"
    changed = next(row for row in again["rows"] if row["fate"] == "changed")
    assert (changed["rows"], changed["fields"]) == ([3], ["birth_date"])
    assert len(terminal("history", vault, changed["id"], "--json").json) == 2


def test_saved_descriptions_are_listed_and_json_describes_too(
    terminal: Terminal, vault: str, sheet: str
) -> None:
    Path("people.json").write_text(
        json.dumps(
            {
                "type": "person",
                "key": ["Case no"],
                "columns": [{"column": "Name", "field": "names.text"}],
            }
        ),
        "utf-8",
    )

    assert terminal("import-table", vault, sheet, "--mapping-file", "people.json").status == 0

    shown = terminal("import-table", vault, "--list-mappings")
    assert shown.out == "people  (Person)\n    Name = names.text\n"
    assert terminal("import-table", vault, "--list-mappings", "--json").json == [
        {"name": "people", "type": "person"}
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "usage"),
        (("nowhere.csv",), "file.not-found"),
        (("cases.csv",), "mapping.refused"),
        (("cases.csv", "--mapping", "ghost"), "mapping.not-found"),
        (("cases.csv", "--type", "incident"), "mapping.refused"),
        (("cases.csv", "--column", "Name=names.text"), "usage"),
        (("cases.csv", "--type", "person", "--column", "Name"), "usage"),
        (("cases.csv", "--type", "person", "--column", "Name=ghost"), "mapping.refused"),
        (("cases.csv", "--type", "person", "--column", "Ghost=names.text"), "mapping.refused"),
        (("cases.csv", "--type", "person", "--column", "Name=names.text#x"), "usage"),
        (("cases.csv", "--type", "person", "--fixed", "sex"), "usage"),
        (("cases.csv", "--type", "person", "--header-row", "99"), "table.refused"),
        (("cases.csv", "--mapping-file", "cases.csv"), "mapping.refused"),
        (("chinese.csv", "--type", "person"), "table.encoding"),
        (("broken.csv", "--type", "person"), "table.refused"),
        (("broken.xlsx", "--type", "person"), "table.refused"),
        (("two.xlsx", "--type", "person"), "table.sheet"),
        (("two.xlsx", "--type", "person", "--sheet", "three"), "table.sheet"),
    ],
)
def test_every_bad_input_has_an_error_of_its_own_and_imports_nothing(
    words: tuple[str, ...], code: str, terminal: Terminal, vault: str, sheet: str
) -> None:
    Path("chinese.csv").write_bytes(SHEET.encode("gb18030"))
    Path("broken.csv").write_text('a,"b\n', "utf-8")
    Path("broken.xlsx").write_bytes(b"PK\x03\x04 and then nothing")
    Path("two.xlsx").write_bytes(_two_sheets())
    assert sheet == "cases.csv"

    ran = terminal("import-table", vault, *words, "--json")

    assert ran.status in (1, 2)
    assert ran.error["code"] == code
    assert ran.error["hint"]
    assert terminal("list", vault, "--json").json == []


def _two_sheets() -> bytes:
    import io

    from fielddoc.interchange.xlsx_write import WorkbookWriter

    file = io.BytesIO()
    with WorkbookWriter(file) as book:
        book.add_sheet("one", [["Name"], ["甲"]])
        book.add_sheet("two", [["Name"], ["乙"]])
    return file.getvalue()


def test_a_sheet_is_chosen_and_an_encoding_confirmed(terminal: Terminal, vault: str) -> None:
    Path("two.xlsx").write_bytes(_two_sheets())
    Path("chinese.csv").write_bytes("姓名\n丙\n".encode("gb18030"))

    for words in (("two.xlsx", "--sheet", "two"), ("chinese.csv", "--encoding", "gb18030")):
        ran = terminal("import-table", vault, *words, "--type", "person")
        assert ran.status == 0, ran.err

    found = {one["values"]["names"][0]["text"] for one in terminal("list", vault, "--json").json}
    assert found == {"乙", "丙"}


def test_hidden_characters_of_a_table_cannot_command_the_terminal(
    terminal: Terminal, vault: str
) -> None:
    Path("x.csv").write_text("Name,Title\n\x1b[2J,a\n", "utf-8")

    ran = terminal(
        "import-table", vault, "x.csv", "--type", "person", "--column", "Name=names.text"
    )

    assert "\x1b" not in ran.out + ran.err


def test_columns_go_into_own_fields_by_their_labels(terminal: Terminal, vault: str) -> None:
    words = ("--label", "Village", "--type", "incident", "--json")
    (own,) = terminal("fields", vault, *words).json
    Path("x.csv").write_text("What,Where\na,Shi\nb,Zhuang\n", "utf-8")
    columns = ("--column", "What=title", "--column", "Where=custom.village")

    ran = terminal("import-table", vault, "x.csv", "--type", "incident", *columns)

    assert ran.status == 0, ran.err
    found = {
        one["values"]["title"]: one["values"]["custom"]
        for one in terminal("list", vault, "--type", "incident", "--json").json
    }
    assert found == {
        "a": [{"id": own["id"], "value": "Shi"}],
        "b": [{"id": own["id"], "value": "Zhuang"}],
    }
    described = terminal("import-table", vault, "--list-mappings").out
    assert "    Where = custom.Village\n" in described
    Path("y.csv").write_text("zzz,yyy\n1,2\n", "utf-8")
    refused = terminal("import-table", vault, "y.csv", "--type", "incident")
    assert "custom.Village" in refused.err


def test_photos_are_shown_taken_in_and_known_again(terminal: Terminal, vault: str) -> None:
    Path("camera").mkdir()
    Path("camera/a.jpg").write_bytes(jpeg(whole()))
    Path("camera/notes.txt").write_text("x", "utf-8")

    looked = terminal("import-photos", vault, "camera", "--dry-run")
    assert "Taken: 2022-08-15 14:03:22 +08:00" in looked.out
    assert "Camera: ACME One" in looked.out
    assert "notes.txt is not a photo" in looked.err
    assert terminal("list", vault, "--json").json == []

    taken = terminal("import-photos", vault, "camera", "--json").json
    (photo,) = taken["photos"]
    assert (photo["fate"], photo["says"]["place"]) == ("new", "32.205083, 119.416667")
    assert terminal("show", vault, photo["id"], "--json").json["values"]["taken_on_inferred"]
    again = terminal("import-photos", vault, "camera")
    assert "New: 0. Known already: 1. Not taken: 0." in again.out
    assert terminal("import-photos", vault, "nowhere", "--json").error["code"] == "file.not-found"


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx", "uwazi"])
def test_records_leave_in_an_open_format_and_come_back(
    kind: str, terminal: Terminal, vault: str, *, partner: str, partner_file: Path, sheet: str
) -> None:
    terminal("import-table", vault, sheet, *COLUMNS)
    theirs = ("--passphrase-file", str(partner_file))

    ran = terminal("export-open", vault, "--format", kind, "--out", "open", "--yes")

    assert ran.status == 0, ran.err
    assert "not encrypted" in ran.err
    assert "People: 2" in ran.err
    assert "Unprotected" in ran.out
    back = terminal("import-table", partner, "open", *theirs, "--json")
    assert (back.json["new"], back.json["refused"]) == (2, 0)
    ours = terminal("list", vault, "--json").json
    assert terminal("list", partner, "--json", *theirs).json == ours


def test_without_a_terminal_nothing_leaves_unless_it_is_confirmed(
    terminal: Terminal, vault: str, sheet: str
) -> None:
    terminal("import-table", vault, sheet, *COLUMNS)

    refused = terminal("export-open", vault, "--format", "csv", "--out", "open", "--json")
    looked = terminal("export-open", vault, "--format", "csv", "--out", "open", "--dry-run")

    assert (refused.status, refused.error["code"]) == (2, "usage")
    assert looked.status == 0
    assert not Path("open").exists()


def test_ids_and_fields_choose_what_leaves(terminal: Terminal, vault: str, sheet: str) -> None:
    terminal("import-table", vault, sheet, *COLUMNS)
    first = terminal("list", vault, "--json").json[0]["id"]

    ran = terminal(
        *("export-open", vault, "--format", "jsonl", "--out", "open", "--yes", "--json"),
        *("--leave-out", "person.birth_date", "--allow-leaks", first),
    )

    assert ran.status == 0, ran.err
    (line,) = Path("open/records.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["id"] == first
    assert "birth_date" not in line
    assert ran.json["preview"]["records"] == {"person": 1}


def test_a_workbook_from_elsewhere_is_a_table(terminal: Terminal, vault: str) -> None:
    Path("list.xlsx").write_bytes(written([["标题", "日期"], ["某事", "2022年8月"]], "表"))

    ran = terminal("import-table", vault, "list.xlsx", "--type", "incident", "--json")

    assert ran.json["new"] == 1
    assert terminal("list", vault, "--json").json[0]["values"]["title"] == "某事"
