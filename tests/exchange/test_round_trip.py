"""Whatever a record may hold comes back from every open format, in a vault that knew nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fielddoc.cli.demo_cases import differing_parts, load, rebuilt, record_cases
from fielddoc.domain.canonical import Json, same
from fielddoc.domain.schema import Kind, RecordType
from fielddoc.errors import InputRefusedError
from fielddoc.exchange.open_export import (
    Flavour,
    OpenFormat,
    OpenSelection,
    OpenWritten,
    export_open,
)
from fielddoc.exchange.open_import import OpenFiles, plan_open, read_files
from fielddoc.exchange.plan import Done, Fate, Plan, carry_out
from fielddoc.interchange.flat import OPEN_TYPES
from fielddoc.vault import journal, records
from fielddoc.vault.journal import ActionKind, actions
from fielddoc.vault.undo import undo
from fielddoc.vault.vault import Vault
from strategies import any_values, right_values

FORMATS = [
    pytest.param(OpenFormat.JSONL, Flavour.MACHINES, id="jsonl"),
    pytest.param(OpenFormat.CSV, Flavour.MACHINES, id="csv for machines"),
    pytest.param(OpenFormat.CSV, Flavour.SPREADSHEETS, id="csv for spreadsheets"),
    pytest.param(OpenFormat.XLSX, Flavour.MACHINES, id="xlsx"),
]
ALL_FORMATS = [*FORMATS, pytest.param(OpenFormat.UWAZI, Flavour.MACHINES, id="uwazi")]
SHARED_VAULTS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=40,
)


def exported(
    vault: Vault, folder: Path, kind: OpenFormat, flavour: Flavour, *ids: str, **more: Any
) -> OpenWritten:
    selection = OpenSelection(records=ids, allow_leaks=True, despite_consent=True, **more)
    return export_open(
        vault,
        folder,
        kind,
        selection,
        flavour=flavour,
        language="en",
        progress=lambda _done, _total: None,
    )


def planned(vault: Vault, folder: Path) -> Plan:
    files = read_files([folder])
    assert isinstance(files, OpenFiles)
    assert files.bad == ()
    return plan_open(vault, files, language="en")


def imported(vault: Vault, folder: Path) -> Done:
    return carry_out(vault, planned(vault, folder))


def values_of(vault: Vault, record: str) -> Mapping[str, Json]:
    return records.state_of(vault, record).values


def without_sealed(declared: RecordType, values: Mapping[str, Json]) -> dict[str, Json]:
    sealed = {part.name for part in declared.fields if part.kind is Kind.SEALED}
    return {name: value for name, value in values.items() if name not in sealed}


def assert_comes_back(
    vault: Vault,
    other: Vault,
    folder: Path,
    *,
    kind: OpenFormat,
    flavour: Flavour,
    declared: RecordType,
    values: Mapping[str, Json],
) -> None:
    try:
        record = records.add(vault, declared.name, without_sealed(declared, values))
    except InputRefusedError:
        assume(False)
        raise AssertionError from None
    out = folder / str(uuid4())
    exported(vault, out, kind, flavour, record)

    done = imported(other, out)

    assert [row.fate for row in done.plan.rows] == [Fate.NEW]
    assert same(dict(values_of(other, record)), dict(values_of(vault, record)))
    assert [row.fate for row in planned(other, out).rows] == [Fate.SAME]


@pytest.mark.parametrize(("kind", "flavour"), FORMATS)
@SHARED_VAULTS
@given(data=st.data())
def test_any_record_comes_back_with_equal_values(
    kind: OpenFormat,
    flavour: Flavour,
    *,
    data: st.DataObject,
    vault: Vault,
    other: Vault,
    tmp_path: Path,
) -> None:
    declared = data.draw(st.sampled_from(OPEN_TYPES))
    values = data.draw(any_values(declared))

    assert_comes_back(
        vault, other, tmp_path, kind=kind, flavour=flavour, declared=declared, values=values
    )


@pytest.mark.parametrize(("kind", "flavour"), ALL_FORMATS)
@settings(SHARED_VAULTS, max_examples=15)
@given(data=st.data())
def test_any_record_of_the_right_kinds_comes_back_from_uwazi_too(
    kind: OpenFormat,
    flavour: Flavour,
    *,
    data: st.DataObject,
    vault: Vault,
    other: Vault,
    tmp_path: Path,
) -> None:
    declared = data.draw(st.sampled_from(OPEN_TYPES))
    values = data.draw(right_values(declared.fields))

    assert_comes_back(
        vault, other, tmp_path, kind=kind, flavour=flavour, declared=declared, values=values
    )


NASTY = (
    "=HYPERLINK(1)",
    "'=quoted",
    "''",
    "+1",
    "-1",
    "@a",
    "\t=a",
    "\r\n=b",
    "＝全角",
    "json:",
    "json:[1]",
    "long:1",
    "a|b",
    "|",
    "_x0041_",
    "\x00\x1f\x7f",
    "￾￿",
    " blanks ",
    "𠀀 བོད་ ئۇيغۇر",
    '"',
    '""\n"',
    "a,b;c\td",
    "x" * 70_000,
    "\ufeffmark",
    "true",
    "1.50",
    "2022-08-15",
)


@pytest.mark.parametrize(("kind", "flavour"), ALL_FORMATS)
def test_texts_that_mean_something_to_a_format_come_back_as_they_were(
    kind: OpenFormat, flavour: Flavour, own: Vault, other: Vault, tmp_path: Path
) -> None:
    ids = [
        records.add(own, "person", {"names": [{"text": text}], "organisations": [text, "b"]})
        for text in NASTY
    ]

    exported(own, tmp_path / "out", kind, flavour, *ids)
    imported(other, tmp_path / "out")

    for record in ids:
        assert values_of(other, record) == values_of(own, record)


@pytest.mark.parametrize(("kind", "flavour"), ALL_FORMATS)
def test_the_published_cases_go_through_every_format(
    kind: OpenFormat, flavour: Flavour, own: Vault, tmp_path: Path
) -> None:
    from fielddoc.vault.opening import make_vault

    cases = load()
    recorded = record_cases(own, cases)
    exported(own, tmp_path / "out", kind, flavour, with_sources=True)

    with make_vault(tmp_path / "second", "another passphrase of six words") as second:
        done = imported(second, tmp_path / "out")

        assert done.plan.count(Fate.REFUSED) == 0
        assert differing_parts(rebuilt(second, recorded), cases) == []
        assert planned(second, tmp_path / "out").count(Fate.SAME) == len(done.plan.rows)


def test_a_line_of_jsonl_has_id_and_the_days_that_a_date_may_mean_beside_the_edtf_text(
    own: Vault, tmp_path: Path
) -> None:
    entry: dict[str, Json] = {"kind": "trial", "date": "2022-21", "known": "2022-08~/.."}
    record = records.add(own, "detention", {"status_as_of": "2022-08-XX", "entries": [entry]})

    exported(own, tmp_path / "out", OpenFormat.JSONL, Flavour.MACHINES)

    line = json.loads((tmp_path / "out" / "records.jsonl").read_text("utf-8"))
    assert (line["v"], line["id"], line["type"]) == (1, record, "detention")
    assert line["values"]["status_as_of_earliest"] == "2022-08-01"
    assert line["values"]["status_as_of_latest"] == "2022-08-31"
    (told,) = line["values"]["entries"]
    assert (told["date_earliest"], told["date_latest"]) == ("2022-03-01", "2022-05-31")
    assert (told["known"], told["known_earliest"]) == ("2022-08~/..", "2022-08-01")
    assert told["known_latest"] is None


def test_the_schema_knows_every_member_of_a_line(own: Vault, tmp_path: Path) -> None:
    record_cases(own, load())
    exported(own, tmp_path / "out", OpenFormat.JSONL, Flavour.MACHINES, with_sources=True)

    schema = json.loads((tmp_path / "out" / "record.schema.json").read_text("utf-8"))
    kinds = {kind["properties"]["type"]["const"]: kind for kind in schema["oneOf"]}
    risks = kinds["risk"]["properties"]["values"]["properties"]["kind"]["oneOf"]
    assert {risk["const"]: risk.get("x-huridocs") for risk in risks}["torture"] == "MT04 02011111"

    for text in (tmp_path / "out" / "records.jsonl").read_text("utf-8").splitlines():
        line = json.loads(text)
        assert_described(line, kinds[line["type"]])


def assert_described(value: Any, schema: dict[str, Any]) -> None:
    """Check what this schema uses: members, types, constants and lists."""
    if "oneOf" in schema:
        assert value in [each["const"] for each in schema["oneOf"]]
    kinds = schema.get("type", [])
    names = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "null": type(None),
    }
    if kinds:
        allowed = [kinds] if isinstance(kinds, str) else kinds
        assert type(value) in [names[kind] for kind in allowed]
    if "const" in schema:
        assert value == schema["const"]
    if isinstance(value, dict):
        assert {*schema.get("required", [])} <= {*value}
        for name, part in value.items():
            if name != "id":
                assert_described(part, schema["properties"][name])
    if isinstance(value, list):
        for part in value:
            assert_described(part, schema["items"])


def test_a_blank_cell_in_a_file_of_ours_clears_the_field_and_a_new_row_is_a_new_record(
    own: Vault, tmp_path: Path
) -> None:
    record = records.add(own, "incident", {"title": "旧", "place": "镇江", "date": "2022-08"})
    exported(own, tmp_path / "out", OpenFormat.CSV, Flavour.MACHINES)
    (path,) = (tmp_path / "out").iterdir()
    text = (
        path.read_text("utf-8")
        .replace("镇江", "")
        .replace("旧", "新")
        .replace("2022-08,", "Aug 2023,")
    )
    width = text.splitlines()[0].count(",")
    path.write_text(text + ",又一件" + "," * (width - 1) + "\r\n", "utf-8")

    done = imported(own, tmp_path / "out")

    assert [row.fate for row in done.plan.rows] == [Fate.CHANGED, Fate.NEW]
    changed = values_of(own, record)
    assert (changed.get("title"), changed.get("place")) == ("新", None)
    assert (changed.get("date"), changed.get("date_words")) == ("2023-08", "Aug 2023")
    assert values_of(own, done.plan.rows[1].record) == {"title": "又一件"}
    assert [row.fate for row in planned(own, tmp_path / "out").rows] == [Fate.SAME, Fate.SAME]


def test_items_that_a_file_does_not_name_stay(own: Vault, tmp_path: Path) -> None:
    record = records.add(own, "person", {"names": [{"text": "徐秦"}, {"text": "Xu Qin"}]})
    exported(own, tmp_path / "out", OpenFormat.CSV, Flavour.MACHINES)
    path = tmp_path / "out" / "person.names for machines.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[1].replace("徐秦", "徐勤")]), "utf-8")

    imported(own, tmp_path / "out")

    names = records.state_of(own, record).values["names"]
    assert isinstance(names, list)
    assert [name["text"] for name in names if isinstance(name, dict)] == ["徐勤", "Xu Qin"]


def test_a_record_in_the_trash_and_a_purged_one_do_not_come_back(
    own: Vault, tmp_path: Path
) -> None:
    from fielddoc.vault.purge import purge

    trashed = records.add(own, "incident", {"title": "a"})
    gone = records.add(own, "incident", {"title": "b"})
    exported(own, tmp_path / "out", OpenFormat.JSONL, Flavour.MACHINES)
    records.revise(own, trashed, {"title": "c"})
    records.delete(own, trashed)
    purge(own, gone)

    done = imported(own, tmp_path / "out")

    assert [row.fate for row in done.plan.rows] == [Fate.REFUSED, Fate.REFUSED]
    assert values_of(own, trashed) == {"title": "c"}
    assert records.type_of(own, gone) is None


def test_bad_lines_and_rows_are_told_and_the_good_ones_taken(own: Vault, tmp_path: Path) -> None:
    good = '{"v":1,"id":null,"type":"incident","values":{"title":"ok"}}'
    lines = [
        good,
        "not json",
        '{"v":2,"id":null,"type":"incident","values":{}}',
        '{"v":1,"id":"x","type":"incident","values":{}}',
        '{"v":1,"id":null,"type":"ghost","values":{}}',
        '{"v":1,"id":null,"type":"incident","values":{"title":1.5}}',
        '{"v":1,"id":null,"type":"incident","values":{"title":"a","title":"b"}}',
        "[" * 100_000,
        '{"v":1,"id":null,"type":"incident","values":{"no_such_field":"x"}}',
    ]
    path = tmp_path / "records.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    files = read_files([path])
    assert isinstance(files, OpenFiles)

    done = carry_out(own, plan_open(own, files, language="en"))

    fates = {row.where[0][1]: row.fate for row in done.plan.rows}
    assert fates.pop(1) is Fate.NEW
    assert fates == dict.fromkeys(range(2, 10), Fate.REFUSED)
    assert all(row.notes[0].sentence() for row in done.plan.rows if row.fate is Fate.REFUSED)
    assert len(records.listing(own)) == 1


def test_a_dry_run_writes_nothing(own: Vault, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"v":1,"id":null,"type":"incident","values":{"title":"x"}}', "utf-8")
    before = own.database.query("SELECT * FROM setting")

    planned_ = plan_open(own, read_files([path]), language="en")  # type: ignore[arg-type]

    assert planned_.count(Fate.NEW) == 1
    assert records.listing(own) == []
    assert own.database.query("SELECT * FROM setting") == before


def test_every_declared_type_has_a_table_in_every_format() -> None:
    from fielddoc.interchange.flat import flat_tables
    from fielddoc.interchange.uwazi import templates

    for tables in (flat_tables(with_labels=True), [t.table for t in templates()]):
        assert {table.name for table in tables if table.items is None} == {
            declared.name for declared in OPEN_TYPES
        }


# --- taking back ----------------------------------------------------------------------------------


def people(vault: Vault, count: int) -> list[str]:
    return [records.add(vault, "person", {"names": [{"text": f"P {n}"}]}) for n in range(count)]


@pytest.mark.parametrize(("kind", "flavour"), FORMATS)
def test_an_import_of_our_own_files_is_taken_back_as_a_whole_and_can_be_done_again(
    kind: OpenFormat, flavour: Flavour, own: Vault, tmp_path: Path
) -> None:
    from fielddoc.vault.opening import make_vault

    ids = people(own, 40)
    with make_vault(tmp_path / "second", "another passphrase of six words") as second:
        one_alone = tmp_path / "one"
        exported(own, one_alone, kind, flavour, ids[0])
        imported(second, one_alone)
        records.revise(second, ids[0], {"occupation": "typed here"})
        before = values_of(second, ids[0])
        records.revise(own, ids[0], {"occupation": "lawyer", "nationality": "CN"})
        exported(own, tmp_path / "out", kind, flavour, *ids)
        count = len(actions(second))
        done = imported(second, tmp_path / "out")
        assert (done.plan.count(Fate.CHANGED), done.plan.count(Fate.NEW)) == (1, 39)
        assert len(actions(second)) == count + 1

        undone = undo(second)

        assert undone.kind is ActionKind.IMPORT
        assert {*undone.records} == {*ids}
        assert [row.id for row in records.listing(second)] == [ids[0]]
        assert values_of(second, ids[0]) == before
        again = imported(second, tmp_path / "out")
        assert (again.plan.count(Fate.CHANGED), again.plan.count(Fate.NEW)) == (1, 39)
        assert len(records.listing(second)) == 40
        for record in ids:
            assert values_of(second, record) == values_of(own, record)
        assert planned(second, tmp_path / "out").count(Fate.SAME) == 40


def test_what_a_person_changed_after_an_import_is_taken_back_before_it_and_alone(
    own: Vault, other: Vault, tmp_path: Path
) -> None:
    ids = people(own, 3)
    exported(own, tmp_path / "out", OpenFormat.JSONL, Flavour.MACHINES, *ids)
    imported(other, tmp_path / "out")
    records.revise(other, ids[1], {"occupation": "typed here"})

    assert undo(other).records == (ids[1],)
    assert values_of(other, ids[1]) == values_of(own, ids[1])
    assert not records.state_of(other, ids[1]).deleted
    assert {*undo(other).records} == {*ids}
    assert all(records.state_of(other, record).deleted for record in ids)


def test_what_a_person_threw_away_after_an_import_was_taken_back_stays_away(
    own: Vault, other: Vault, tmp_path: Path
) -> None:
    ids = people(own, 2)
    exported(own, tmp_path / "out", OpenFormat.JSONL, Flavour.MACHINES, *ids)
    imported(other, tmp_path / "out")
    undo(other)
    records.restore(other, ids[0])
    records.delete(other, ids[0])
    records.revise(own, ids[0], {"occupation": "lawyer"})
    exported(own, tmp_path / "again", OpenFormat.JSONL, Flavour.MACHINES, *ids)

    done = imported(other, tmp_path / "again")

    assert {row.record: row.fate for row in done.plan.rows} == {
        ids[0]: Fate.REFUSED,
        ids[1]: Fate.NEW,
    }


def test_a_record_that_comes_again_holds_only_what_the_file_says_now(
    own: Vault, other: Vault, tmp_path: Path
) -> None:
    record = records.add(own, "incident", {"title": "a", "place": "镇江"})
    exported(own, tmp_path / "out", OpenFormat.JSONL, Flavour.MACHINES, record)
    imported(other, tmp_path / "out")
    undo(other)
    records.revise(own, record, {"place": None, "title": "b"})
    exported(own, tmp_path / "again", OpenFormat.JSONL, Flavour.MACHINES, record)

    imported(other, tmp_path / "again")

    assert values_of(other, record) == {"title": "b"}


def test_an_import_that_is_taken_back_while_it_goes_on_is_another_action_from_there(
    own: Vault,
) -> None:
    numbers: list[int] = []
    with journal.acting_on(own, ActionKind.IMPORT, numbers):
        first = people(own, 1)[0]
    undo(own)
    with journal.acting_on(own, ActionKind.IMPORT, numbers):
        second = people(own, 1)[0]

    assert undo(own).records == (second,)
    assert records.state_of(own, first).deleted
