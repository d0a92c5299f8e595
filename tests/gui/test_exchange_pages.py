"""Tables, photos and open formats in the window, on a real vault."""

import codecs
import csv
import html
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from pytestqt.qtbot import QtBot

from fielddoc.domain.canonical import Json
from fielddoc.exchange import mappings
from fielddoc.exchange.open_import import ForeignTables, read_files
from fielddoc.exchange.plan import Fate, carry_out
from fielddoc.exchange.table_import import plan_table
from fielddoc.gui.pages.exchange_page import ExchangePage
from fielddoc.gui.pages.export_open import ExportOpenPage
from fielddoc.gui.pages.import_photos import ImportPhotosPage
from fielddoc.gui.pages.import_table import ImportTablePage
from fielddoc.gui.session import Session
from fielddoc.interchange.mapping import ColumnRule, TableMapping
from fielddoc.vault import records
from gui.windows import RecordingShell, shown
from interchange.test_photo_metadata import jpeg, whole

SHEET = (
    "Case no,Name,Alias,Date of birth\n1,Xu Example,徐例,Aug 1970\n2,Li Example,,1980\n,No key,,\n"
)


def titles(session: Session) -> list[str]:
    return sorted(session.turn(lambda: [row.title for row in records.listing(session.vault)]))


def idle(qtbot: QtBot, page: ExchangePage) -> None:
    qtbot.waitUntil(lambda: page.job is None, timeout=20_000)


@pytest.fixture
def table_page(qtbot: QtBot, session: Session, shell: RecordingShell) -> ImportTablePage:
    page = ImportTablePage(session, shell)
    shown(qtbot, page)
    return page


def opened(qtbot: QtBot, page: ImportTablePage, path: Path) -> None:
    page.open(path)
    qtbot.waitUntil(lambda: not page.columns.isHidden(), timeout=20_000)


def test_a_spreadsheet_is_described_looked_at_and_imported(
    qtbot: QtBot, table_page: ImportTablePage, session: Session, tmp_path: Path
) -> None:
    page = table_page
    path = tmp_path / "cases.csv"
    path.write_text(SHEET, "utf-8")

    opened(qtbot, page, path)

    assert page.choices["Name"].currentData() == "names.text"
    assert page.choices["Date of birth"].currentData() == "birth_date"
    assert page.key.currentData() == "Case no"
    page.choices["Alias"].setCurrentIndex(page.choices["Alias"].findData("names.text"))
    assert [rule.item for rule in page.mapping().rules] == [1, 2, 1]
    page.look_button.click()
    qtbot.waitUntil(lambda: not page.preview.isHidden(), timeout=20_000)
    assert page.plan is not None
    assert [row.fate for row in page.plan.rows] == [Fate.NEW, Fate.NEW, Fate.REFUSED]
    assert "Row 4" in page.rows.item(2).text()
    assert titles(session) == []

    page.import_button.click()
    qtbot.waitUntil(lambda: not page.show_button.isHidden(), timeout=20_000)

    assert titles(session) == ["Li Example", "Xu Example 徐例"]
    assert "Imported" in page.notes.text()
    opened_again = tmp_path / "later.csv"
    opened_again.write_text(SHEET.replace("1980", "1981"), "utf-8")
    opened(qtbot, page, opened_again)
    assert page.choices["Alias"].currentData() == "names.text"
    page.look()
    qtbot.waitUntil(lambda: not page.preview.isHidden(), timeout=20_000)
    assert [row.fate for row in page.plan.rows] == [Fate.SAME, Fate.CHANGED, Fate.REFUSED]


def test_a_description_that_the_page_cannot_show_whole_is_kept_whole(
    qtbot: QtBot, table_page: ImportTablePage, session: Session, tmp_path: Path
) -> None:
    page = table_page
    path = tmp_path / "cases.csv"
    path.write_text(
        "Year,Case no,Name,Pinyin\n(of the office)\nJahr,Nummer,Wer,Wie\n2022,1,徐例,Xu Li\n"
        "2023,1,李例,Li Li\n",
        "utf-8",
    )
    described = TableMapping(
        type="person",
        rules=(
            ColumnRule(column="Wie", field="names.text", item=4),
            ColumnRule(column="Wer", field="names.text", item=2),
            ColumnRule(column="", field="names.kind", fixed="pinyin", item=4),
            ColumnRule(column="", field="occupation", fixed="lawyer"),
            ColumnRule(column="Wer", field="organisations"),
        ),
        key=("Jahr", "Nummer"),
        header_row=3,
    )

    def first_import() -> None:
        vault = session.vault
        saved = mappings.described(vault, "office", described)
        read = read_files([path])
        assert isinstance(read, ForeignTables)
        carry_out(vault, plan_table(vault, read.tables[0], saved, language="en"))

    session.turn(first_import)
    before = titles(session)
    path.write_text(path.read_text("utf-8").replace("李例", "李四"), "utf-8")

    opened(qtbot, page, path)

    assert page.name.text() == "office"
    assert page.mapping() == described
    assert page.key.currentText() == "Jahr + Nummer"
    assert page.kept_words.text().splitlines()[1:] == [
        "Row 3 holds the names of the columns.",
        '"lawyer" goes into Occupation.',
        "Wer goes into Organisations.",
    ]
    page.look_button.click()
    qtbot.waitUntil(lambda: not page.preview.isHidden(), timeout=20_000)
    assert page.plan is not None
    assert [row.fate for row in page.plan.rows] == [Fate.SAME, Fate.CHANGED]
    page.import_button.click()
    qtbot.waitUntil(lambda: not page.show_button.isHidden(), timeout=20_000)
    assert len(titles(session)) == len(before) == 2
    saved_again = session.turn(lambda: mappings.load(session.vault, "office"))
    assert saved_again.mapping == described


def test_a_column_goes_into_an_own_field(
    qtbot: QtBot, table_page: ImportTablePage, session: Session, tmp_path: Path
) -> None:
    page = table_page

    def declare() -> str:
        values: dict[str, Json] = {"label": "Village", "kind": "text", "applies_to": ["incident"]}
        return records.add(session.vault, "custom-field", values)

    own = session.turn(declare)
    path = tmp_path / "cases.csv"
    path.write_text("What,Village,Place\na,Shi,b\n", "utf-8")
    opened(qtbot, page, path)
    assert page.choices["Village"].findData(f"custom.{own}") == -1, "people have no such field"

    page.type.setCurrentIndex(page.type.findData("incident"))

    assert page.choices["Village"].currentText() == "Own fields: Village"
    page.look_button.click()
    qtbot.waitUntil(lambda: not page.preview.isHidden(), timeout=20_000)
    page.import_button.click()
    qtbot.waitUntil(lambda: not page.show_button.isHidden(), timeout=20_000)
    assert page.notes.text() == "Imported."

    def stored() -> Json:
        (row,) = records.listing(session.vault, type_name="incident")
        return records.state_of(session.vault, row.id).values["custom"]

    assert session.turn(stored) == [{"id": own, "value": "Shi"}]
    opened(qtbot, page, path)
    assert page.choices["Village"].currentData() == f"custom.{own}"


def test_an_uncertain_encoding_is_confirmed_by_looking_at_lines(
    qtbot: QtBot, table_page: ImportTablePage, tmp_path: Path
) -> None:
    page = table_page
    path = tmp_path / "chinese.csv"
    path.write_bytes("姓名,职业\n徐例,律师\n".encode("gb18030"))

    page.open(path)
    qtbot.waitUntil(lambda: not page.encoding_box.isHidden(), timeout=20_000)
    assert "徐例,律师" in page.encoding_lines.text()
    page.encoding_button.click()
    qtbot.waitUntil(lambda: not page.columns.isHidden(), timeout=20_000)

    assert page.choices["姓名"].currentData() == "names.text"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("broken.csv", b'a,"b\n'),
        ("broken.xlsx", b"PK\x03\x04nothing"),
        ("locked.xlsx", b"\xd0\xcf\x11\xe0"),
    ],
)
def test_a_bad_file_says_what_is_wrong_and_the_page_can_be_used_on(
    name: str, data: bytes, qtbot: QtBot, table_page: ImportTablePage, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)

    table_page.open(path)
    qtbot.waitUntil(lambda: bool(table_page.problem.text()), timeout=20_000)

    assert "cannot be read" in table_page.problem.text()
    assert table_page.choose_button.isEnabled()


def test_columns_that_go_nowhere_are_told(
    qtbot: QtBot, table_page: ImportTablePage, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    opened(qtbot, table_page, path)

    table_page.look()
    qtbot.waitUntil(lambda: bool(table_page.problem.text()), timeout=20_000)

    assert "no column goes into a field" in table_page.problem.text()


def test_photos_are_shown_and_taken_in(
    qtbot: QtBot, session: Session, shell: RecordingShell, tmp_path: Path
) -> None:
    incident = session.turn(lambda: records.add(session.vault, "incident", {"title": "某事"}))
    page = ImportPhotosPage(session, shell)
    shown(qtbot, page)
    page.enter()
    qtbot.waitUntil(lambda: page.record.count() == 2, timeout=20_000)
    page.record.setCurrentIndex(1)
    camera = tmp_path / "camera"
    camera.mkdir()
    (camera / "a.jpg").write_bytes(jpeg(whole()))

    page.open(camera)
    qtbot.waitUntil(lambda: page.found is not None, timeout=20_000)
    assert "Taken: 2022-08-15 14:03:22 +08:00" in page.photos.item(0).text()
    page.import_button.click()
    qtbot.waitUntil(lambda: not page.show_button.isHidden(), timeout=20_000)

    (row,) = session.turn(lambda: records.listing(session.vault, type_name="attachment"))
    values = session.turn(lambda: records.state_of(session.vault, row.id).values)
    assert values["belongs_to"] == [incident]
    assert values["taken_on_inferred"] is True


def test_records_leave_only_after_what_leaves_was_shown_and_confirmed(
    qtbot: QtBot, session: Session, shell: RecordingShell, tmp_path: Path
) -> None:
    consent = {"purpose": "act", "answer": "no"}
    values = {"names": [{"text": "徐例"}], "consents": [consent]}
    session.turn(lambda: records.add(session.vault, "person", values))  # type: ignore[arg-type]
    page = ExportOpenPage(session, shell)
    shown(qtbot, page)
    out = tmp_path / "out"
    out.mkdir()
    page.look()
    assert page.problem.text()
    page.line.setText(str(out))
    page.format.setCurrentIndex(3)

    page.look_button.click()
    qtbot.waitUntil(lambda: not page.check.isHidden(), timeout=20_000)
    assert "徐例" in page.lines.text()
    assert not page.write_button.isEnabled()
    page.knows.setChecked(True)
    assert not page.write_button.isEnabled()
    page.despite_consent.setChecked(True)
    assert page.write_button.isEnabled()
    assert list(out.iterdir()) == []

    page.write_button.click()
    qtbot.waitUntil(lambda: not page.result.isHidden(), timeout=20_000)

    line = json.loads((out / "records.jsonl").read_text("utf-8"))
    assert line["values"]["names"][0]["text"] == "徐例"
    assert page.files.count() == 2


def test_who_has_not_agreed_is_named_before_unprotected_files_and_keeps_nothing_back(
    qtbot: QtBot, session: Session, shell: RecordingShell, tmp_path: Path
) -> None:
    def prepared() -> str:
        refusing: Json = [
            {"purpose": "media", "answer": "no"},
            {"purpose": "public-report", "answer": "yes"},
        ]
        for name, consents in (("徐例", refusing), ("李例", []), ("王例", refusing)):
            values: dict[str, Json] = {"names": [{"text": name}], "consents": consents}
            ids.append(records.add(session.vault, "person", values))
        risk: dict[str, Json] = {"kind": "tea", "exposed": [ids[0], ids[2]]}
        return records.add(session.vault, "risk", risk)

    ids: list[str] = []
    risk = session.turn(prepared)
    page = ExportOpenPage(session, shell)
    shown(qtbot, page)
    page.restore({"records": [risk, *ids[:2]]})
    page.line.setText(str(tmp_path))

    page.look_button.click()
    qtbot.waitUntil(lambda: not page.check.isHidden(), timeout=20_000)

    lines = page.lines.text().split("\n")
    assert "Consent, “the name may stand in public reports”: not asked (李例)" in lines
    assert "Consent, “the name may be given to the media”: no (徐例); not asked (李例)" in lines
    assert "Consent, “the name may be given to a government”: not asked (徐例, 李例)" in lines
    (linked,) = [line for line in lines if "linked from what leaves" in line]
    assert linked.endswith("though their own record stays: 王例")
    assert page.despite_consent.isHidden()
    page.knows.setChecked(True)
    assert page.write_button.isEnabled()


def test_of_a_workbook_the_second_sheet_with_people_days_and_several_rows_a_case_is_imported(
    qtbot: QtBot, table_page: ImportTablePage, session: Session, tmp_path: Path
) -> None:
    page = table_page
    values: dict[str, Json] = {"names": [{"text": "Li Example"}]}
    person = session.turn(lambda: records.add(session.vault, "person", values))
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover.title = "Cover"
    cover.append(["About", "Author"])
    cover.append(["Cases of the year", "the office"])
    sheet = book.create_sheet("Cases")
    for row in (
        ["Case no", "Who", "On", "What"],
        ["7", "Li Example", "05/08/2022", "criminal detention"],
        ["7", "Li Example", "06/09/2022", "arrest"],
        ["8", "Li Example", "01/02/2023", "arrest"],
    ):
        sheet.append(row)
    path = tmp_path / "cases.xlsx"
    book.save(path)
    opened(qtbot, page, path)
    assert [page.sheet.itemText(row) for row in range(2)] == ["Cover", "Cases"]

    page.sheet.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "Who" in page.choices, timeout=20_000)
    page.type.setCurrentIndex(page.type.findData("detention"))
    fields = {"Who": "persons", "On": "entries.date", "What": "entries.kind"}
    for column, field in fields.items():
        box = page.choices[column]
        box.setCurrentIndex(box.findData(field))
        assert box.currentData() == field
    page.key.setCurrentIndex(page.key.findData("Case no"))
    page.day_order.setCurrentIndex(page.day_order.findText("The day comes first"))
    page.several_rows.setChecked(True)
    page.look_button.click()
    qtbot.waitUntil(lambda: not page.preview.isHidden(), timeout=20_000)
    page.import_button.click()
    qtbot.waitUntil(lambda: not page.show_button.isHidden(), timeout=20_000)

    def detentions() -> list[dict[str, Json]]:
        rows = records.listing(session.vault, type_name="detention")
        return [dict(records.state_of(session.vault, row.id).values) for row in rows]

    found = session.turn(detentions)
    assert [case["persons"] for case in found] == [[person], [person]]
    told = [
        [(entry["kind"], entry["date"]) for entry in case["entries"]]  # type: ignore[union-attr,index,call-overload]
        for case in found
    ]
    assert sorted(told) == [
        [("arrest", "2023-02-01")],
        [("criminal-detention", "2022-08-05"), ("arrest", "2022-09-06")],
    ]


@pytest.fixture
def open_page(qtbot: QtBot, session: Session, shell: RecordingShell) -> ExportOpenPage:
    session.turn(lambda: records.add(session.vault, "incident", {"title": TITLE}))
    page = ExportOpenPage(session, shell)
    shown(qtbot, page)
    return page


TITLE = '=1+1 "Tea", 喝茶'


@pytest.mark.parametrize(
    ("words", "files"),
    [
        ("XLSX, for spreadsheets", {"records.xlsx"}),
        ("CSV for spreadsheets", {"incident for spreadsheets.csv"}),
        ("CSV for machines, exact", {"incident for machines.csv"}),
        ("JSONL with its schema, for databases", {"record.schema.json", "records.jsonl"}),
        ("ZIP files for Uwazi", {"03 incident.zip", "uwazi templates.txt"}),
    ],
)
def test_each_open_format_writes_its_own_files(
    words: str, files: set[str], open_page: ExportOpenPage, qtbot: QtBot, tmp_path: Path
) -> None:
    page = open_page
    out = tmp_path / "out"
    out.mkdir()
    page.line.setText(str(out))
    assert page.format.count() == 5
    page.format.setCurrentIndex(page.format.findText(words))
    page.look_button.click()
    qtbot.waitUntil(lambda: not page.check.isHidden(), timeout=20_000)
    page.knows.setChecked(True)
    page.write_button.click()
    qtbot.waitUntil(lambda: not page.result.isHidden(), timeout=20_000)

    assert {path.name for path in out.iterdir()} == files
    assert page.files.count() == len(files)
    data = b"".join(path.read_bytes() for path in out.iterdir() if path.suffix != ".json")
    match words:
        case "XLSX, for spreadsheets":
            with zipfile.ZipFile(out / "records.xlsx") as archive:
                parts = [html.unescape(archive.read(n).decode()) for n in archive.namelist()]
            assert any(TITLE in part for part in parts)
        case "CSV for spreadsheets":
            assert data.startswith(codecs.BOM_UTF8)
            rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
            assert f"'{TITLE}" in rows[1], "a spreadsheet would compute it"
        case "CSV for machines, exact":
            assert not data.startswith(codecs.BOM_UTF8)
            assert TITLE in list(csv.reader(io.StringIO(data.decode("utf-8"))))[1]
        case "ZIP files for Uwazi":
            with zipfile.ZipFile(out / "03 incident.zip") as archive:
                (inside,) = archive.namelist()
                rows = list(csv.reader(io.StringIO(archive.read(inside).decode())))
            assert TITLE in rows[1]
        case _:
            assert json.loads(data)["values"]["title"] == TITLE


def test_what_fielddoc_wrote_needs_no_description(
    qtbot: QtBot, table_page: ImportTablePage, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"v":1,"id":null,"type":"incident","values":{"title":"某事"}}\n', "utf-8")

    table_page.open(path)
    qtbot.waitUntil(lambda: not table_page.preview.isHidden(), timeout=20_000)
    table_page.take()
    qtbot.waitUntil(lambda: not table_page.show_button.isHidden(), timeout=20_000)

    assert titles(session) == ["某事"]
