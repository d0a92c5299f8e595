"""Somebody's own table becomes records, and the same rows are the same records each time."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import record_type
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.errors import CancelledError, MappingNotFoundError, MappingRefusedError
from fielddoc.exchange import mappings
from fielddoc.exchange.mappings import SavedMapping
from fielddoc.exchange.open_export import Flavour, OpenFormat, OpenSelection, export_open
from fielddoc.exchange.open_import import OpenFiles, plan_open, read_files
from fielddoc.exchange.plan import Done, Fate, Plan, carry_out
from fielddoc.exchange.table_import import plan_table
from fielddoc.interchange.mapping import (
    ColumnRule,
    TableMapping,
    as_json,
    field_meant,
    field_shown,
    fields_of,
    read_mapping,
    suggested,
    suggested_key,
)
from fielddoc.interchange.table import Cell, DateCell, Row, Table
from fielddoc.vault import records
from fielddoc.vault import settings as vault_settings
from fielddoc.vault.journal import ActionKind, actions
from fielddoc.vault.opening import make_vault
from fielddoc.vault.own_fields import declared_in, full_type
from fielddoc.vault.purge import purge
from fielddoc.vault.salvage import salvage
from fielddoc.vault.undo import next_to_undo, undo
from fielddoc.vault.vault import Vault

PEOPLE = TableMapping(
    type="person",
    key=("no",),
    rules=(
        ColumnRule(column="name", field="names.text"),
        ColumnRule(column="", field="names.kind", fixed="characters"),
        ColumnRule(column="born", field="birth_date"),
        ColumnRule(column="work", field="human_rights_work"),
    ),
)
HEADER = ("no", "name", "born", "work")


def table(*rows: tuple[Cell, ...], header: tuple[str, ...] = HEADER) -> Table:
    lines = [header, *rows]
    return Table(name="people", rows=tuple(Row(n, cells) for n, cells in enumerate(lines, 1)))


def planned(vault: Vault, given_: Table, mapping: TableMapping = PEOPLE) -> Plan:
    saved = mappings.described(vault, "people", mapping)
    return plan_table(vault, given_, saved, language="en")


def imported(vault: Vault, given_: Table, mapping: TableMapping = PEOPLE) -> Done:
    return carry_out(vault, planned(vault, given_, mapping))


def fates(done: Done | Plan) -> list[str]:
    plan = done.plan if isinstance(done, Done) else done
    return [row.fate.name for row in plan.rows]


def values(vault: Vault, record: str) -> dict[str, Any]:
    return dict(records.state_of(vault, record).values)


def revisions(vault: Vault) -> object:
    return vault.database.value("SELECT count(*) FROM revision")


ROWS: tuple[tuple[Cell, ...], ...] = (
    ("1", "徐秦", DateCell("1960-05"), "law"),
    ("2", "李例", "Aug 1970", None),
)


def test_rows_become_records_with_dates_understood_and_fixed_texts(own: Vault) -> None:
    done = imported(own, table(*ROWS))

    assert fates(done) == ["NEW", "NEW"]
    assert [row.where for row in done.plan.rows] == [(("people", 2),), (("people", 3),)]
    first, second = (values(own, row.record) for row in done.plan.rows)
    assert [(n["text"], n["kind"]) for n in first["names"]] == [("徐秦", "characters")]
    assert (first["birth_date"], first["human_rights_work"]) == ("1960-05", "law")
    assert (second["birth_date"], second["birth_date_words"]) == ("1970-08", "Aug 1970")
    assert "human_rights_work" not in second


def test_a_second_import_of_an_unchanged_table_writes_nothing(own: Vault) -> None:
    imported(own, table(*ROWS))
    before = own.database.query("SELECT * FROM setting"), revisions(own)

    done = imported(own, table(*ROWS))

    assert fates(done) == ["SAME", "SAME"]
    assert (own.database.query("SELECT * FROM setting"), revisions(own)) == before


def test_of_a_changed_table_only_what_changed_is_written(own: Vault) -> None:
    first = imported(own, table(*ROWS))
    changed = ("1", "徐勤", DateCell("1960-05"), "law")

    done = imported(own, table(("3", "吴例"), ROWS[1], changed))

    assert fates(done) == ["NEW", "SAME", "CHANGED"]
    record = first.plan.rows[0].record
    assert done.plan.rows[2].record == record

    assert [name["text"] for name in values(own, record)["names"]] == ["徐勤"]
    assert len(records.revisions_of(own, record)) == 2
    (path,) = records.revisions_of(own, record)[1].changes
    assert path.startswith("names/")
    assert path.endswith("/text")


def test_what_was_corrected_in_the_vault_stays_unless_the_table_says_something_new(
    own: Vault,
) -> None:
    record = imported(own, table(*ROWS)).plan.rows[0].record
    names = values(own, record)["names"]
    records.revise(
        own,
        record,
        {"human_rights_work": "lawyer", "names": [*names, {"text": "Xu Qin", "kind": "romanised"}]},
    )

    assert fates(imported(own, table(*ROWS))) == ["SAME", "SAME"]
    again = ("1", "徐勤", DateCell("1961"), "law")
    assert fates(imported(own, table(again, ROWS[1]))) == ["CHANGED", "SAME"]

    found = values(own, record)
    assert found["human_rights_work"] == "lawyer"
    assert [name["text"] for name in found["names"]] == ["徐勤", "Xu Qin"]
    assert found["birth_date"] == "1961"


def test_a_cell_that_became_blank_clears_what_the_import_wrote(own: Vault) -> None:
    record = imported(own, table(*ROWS)).plan.rows[0].record
    records.revise(own, record, {"note": "typed here"})

    imported(own, table(("1", None, DateCell("1960-05")), ROWS[1]))

    assert values(own, record) == {"birth_date": "1960-05", "note": "typed here"}


def test_rows_that_are_gone_remove_nothing_and_moved_rows_are_known(own: Vault) -> None:
    imported(own, table(*ROWS))

    assert fates(imported(own, table(ROWS[1]))) == ["SAME"]
    assert len(records.listing(own)) == 2


def test_a_key_that_stands_twice_or_is_empty_refuses_its_row_alone(own: Vault) -> None:
    done = imported(own, table(*ROWS, ("1", "again"), (None, "none"), ("  ", "blank")))

    assert fates(done) == ["NEW", "NEW", "REFUSED", "REFUSED", "REFUSED"]
    assert "row 2" in done.plan.rows[2].notes[0].sentence()
    assert len(records.listing(own)) == 2


def test_without_a_key_equal_rows_are_different_records_and_known_again(own: Vault) -> None:
    mapping = TableMapping(type="person", rules=PEOPLE.rules)
    rows = (("", "某人"), ("", "某人"), ("", "另一人"))

    first = imported(own, table(*rows), mapping)

    assert fates(first) == ["NEW", "NEW", "NEW"]
    assert len({row.record for row in first.plan.rows}) == 3
    assert fates(imported(own, table(*rows), mapping)) == ["SAME", "SAME", "SAME"]
    assert first.plan.notes


def test_several_rows_of_one_key_are_one_record_with_an_item_each(own: Vault) -> None:
    mapping = TableMapping(
        type="detention",
        key=("case",),
        several_rows=True,
        rules=(
            ColumnRule(column="case", field="title"),
            ColumnRule(column="what", field="entries.kind"),
            ColumnRule(column="when", field="entries.date"),
        ),
    )
    header = ("case", "what", "when")
    rows = (("A", "trial", "2022-08"), ("B", "trial", "2023"), ("A", "formal arrest", "2022-06"))
    done = imported(own, table(*rows, header=header), mapping)

    assert fates(done) == ["NEW", "NEW"]
    assert done.plan.rows[0].where == (("people", 2), ("people", 4))
    entries = values(own, done.plan.rows[0].record)["entries"]
    assert [entry["date"] for entry in entries] == ["2022-08", "2022-06"]
    fewer = imported(own, table(*rows[:2], header=header), mapping)
    assert fates(fewer) == ["CHANGED", "SAME"]
    assert len(values(own, done.plan.rows[0].record)["entries"]) == 1


INCIDENTS = TableMapping(
    type="incident",
    key=("id",),
    rules=(
        ColumnRule(column="title", field="title"),
        ColumnRule(column="who", field="persons.person"),
        ColumnRule(column="", field="persons.role", fixed="victim"),
        ColumnRule(column="kinds", field="kinds"),
    ),
)
INCIDENT_HEADER = ("id", "title", "who", "kinds")


def linked(own: Vault, *rows: tuple[Cell, ...], **more: bool) -> Done:
    from dataclasses import replace

    mapping = replace(INCIDENTS, **more)  # type: ignore[arg-type]
    saved = mappings.described(own, "incidents", mapping)
    given_ = table(*rows, header=INCIDENT_HEADER)
    return carry_out(own, plan_table(own, given_, saved, language="en"))


def test_links_are_found_by_id_by_any_name_and_by_the_key_of_another_table(own: Vault) -> None:
    ids = [row.record for row in imported(own, table(*ROWS)).plan.rows]
    other = records.add(own, "person", {"names": [{"text": "王例"}, {"text": "Wang Li"}]})

    done = linked(
        own,
        ("1", "a", "徐秦", None),
        ("2", "b", " wang  LI ", None),
        ("3", "c", other, None),
        ("4", "d", Decimal(2), None),
    )

    found = [values(own, row.record)["persons"][0]["person"] for row in done.plan.rows]
    assert found == [ids[0], other, other, ids[1]]


def test_a_name_of_nobody_or_of_several_refuses_the_row_alone(own: Vault) -> None:
    for _ in range(2):
        records.add(own, "person", {"names": [{"text": "王例"}]})

    done = linked(own, ("1", "a", "王例", None), ("2", "b", "nobody", None), ("3", "c"))

    assert fates(done) == ["REFUSED", "REFUSED", "NEW"]
    assert "王例" in done.plan.rows[0].notes[0].sentence()


def test_people_who_are_not_found_can_be_made_once(own: Vault) -> None:
    rows = (("1", "a", "新人", None), ("2", "b", "新人", None))

    done = linked(own, *rows, make_people=True)

    assert fates(done) == ["NEW", "NEW", "NEW"]
    person = done.plan.rows[0]
    assert (person.type, person.title) == ("person", "新人")
    assert {values(own, r.record)["persons"][0]["person"] for r in done.plan.rows[1:]} == {
        person.record
    }
    assert fates(linked(own, *rows, make_people=True)) == ["SAME", "SAME"]


def test_a_link_may_lead_to_a_row_of_the_same_table(own: Vault) -> None:
    mapping = TableMapping(
        type="person",
        key=("no",),
        rules=(
            ColumnRule(column="name", field="names.text"),
            ColumnRule(column="of", field="relations.person"),
            ColumnRule(column="", field="relations.kind", fixed="wife"),
        ),
    )
    given_ = table(("1", "甲", "乙"), ("2", "乙", None), header=("no", "name", "of"))

    done = imported(own, given_, mapping)

    first, second = done.plan.rows
    assert values(own, first.record)["relations"][0]["person"] == second.record


def test_what_is_not_understood_is_kept_with_a_note(own: Vault) -> None:
    mapping = TableMapping(
        type="incident",
        rules=(
            ColumnRule(column="kinds", field="kinds"),
            ColumnRule(column="date", field="date"),
            ColumnRule(column="n", field="counts.number"),
            ColumnRule(column="inferred", field="date_inferred"),
        ),
    )
    given_ = table(
        ("殴打；no such kind", "sometime", "many", "perhaps"),
        header=("kinds", "date", "n", "inferred"),
    )

    done = imported(own, given_, mapping)

    (row,) = done.plan.rows
    found = values(own, row.record)
    assert found["kinds"][1] == "no such kind"
    assert (found["date"], found["date_inferred"]) == ("sometime", "perhaps")
    assert found["counts"][0]["number"] == "many"
    assert len(row.notes) == 4
    assert len(records.get(own, row.record).problems) >= 3


@pytest.mark.parametrize(
    ("order", "date"), [("day-first", "2022-08-05"), ("month-first", "2022-05-08")]
)
def test_a_date_that_can_be_read_in_two_ways_needs_its_order(
    order: str, date: str, own: Vault
) -> None:
    from dataclasses import replace

    rows = table(("1", "徐秦", "05/08/2022"))

    assert fates(planned(own, rows)) == ["REFUSED"]
    done = imported(own, rows, replace(PEOPLE, day_order=order))

    assert values(own, done.plan.rows[0].record)["birth_date"] == date


def test_purged_records_stay_away_and_those_in_the_trash_stay_as_they_are(own: Vault) -> None:
    first, second = (row.record for row in imported(own, table(*ROWS)).plan.rows)
    purge(own, first)
    records.delete(own, second)

    done = imported(own, table(ROWS[0], ("2", "another", "Aug 1970")))

    assert fates(done) == ["REFUSED", "REFUSED"]
    assert records.type_of(own, first) is None
    assert values(own, second)["names"][0]["text"] == "李例"
    left = [name for name, _ in own.database.query("SELECT name, value FROM setting")]
    assert f"import-row/{first}" not in left
    assert f"import-row/{second}" in left


def test_what_imports_remember_is_no_setting_of_the_window(own: Vault) -> None:
    imported(own, table(*ROWS))
    vault_settings.put(own, "language", "en")

    assert vault_settings.everything(own) == {"language": "en"}


def test_ids_cannot_be_told_from_keys_without_the_vault(own: Vault, other: Vault) -> None:
    first = imported(own, table(*ROWS)).plan.rows[0].record
    second = imported(other, table(*ROWS)).plan.rows[0].record

    assert first != second


def test_a_salvaged_vault_knows_the_rows_again(own: Vault, tmp_path: Path) -> None:
    from exchange.conftest import PASSPHRASE
    from fielddoc.vault.opening import open_vault

    folder = tmp_path / "damaged"
    with make_vault(folder, PASSPHRASE) as damaged:
        carry_out(damaged, planned(damaged, table(*ROWS)))
    salvage(folder, tmp_path / "saved", PASSPHRASE, lambda _done, _total: None)

    with open_vault(tmp_path / "saved", PASSPHRASE) as saved:
        assert fates(imported(saved, table(*ROWS))) == ["SAME", "SAME"]


def test_a_dry_run_writes_nothing_and_the_import_does_what_it_said(own: Vault) -> None:
    plan = planned(own, table(*ROWS))

    assert records.listing(own) == []
    assert own.database.query("SELECT * FROM setting") == []
    done = carry_out(own, plan)
    assert [row.record for row in done.plan.rows] == [row.record for row in plan.rows]
    assert {row.id for row in records.listing(own)} == {row.record for row in plan.rows}


def test_an_import_that_is_stopped_keeps_whole_rows_and_goes_on_later(own: Vault) -> None:
    rows = [(str(n), f"name {n}") for n in range(50)]

    def stop(done: int, _total: int) -> None:
        if done >= 16:
            raise CancelledError

    done = carry_out(own, planned(own, table(*rows)), progress=stop)

    assert (done.was_stopped, done.left) == (True, 34)
    assert len(records.listing(own)) == 16
    assert fates(imported(own, table(*rows))).count("SAME") == 16
    assert len(records.listing(own)) == 50


def test_a_saved_description_is_found_by_the_columns_of_a_table(own: Vault) -> None:
    imported(own, table(*ROWS))
    saved = mappings.fitting(own, table(header=(*HEADER, "more")))

    assert saved == SavedMapping("people", PEOPLE, saved.secret if saved else "")
    assert mappings.load(own, "people") == saved
    assert mappings.fitting(own, table(header=("no", "name"))) is None
    with pytest.raises(MappingNotFoundError):
        mappings.load(own, "others")


def test_a_description_comes_back_from_its_json() -> None:
    for mapping in (PEOPLE, INCIDENTS):
        assert read_mapping(as_json(mapping)) == mapping


RULE: Json = {"column": "a", "field": "title"}
BAD_MAPPINGS: list[Json] = [
    None,
    [],
    {"v": 2, "type": "incident", "columns": [RULE]},
    {"type": "ghost", "columns": [RULE]},
    {"type": "incident", "columns": []},
    {"type": "incident", "columns": [{"column": "a", "field": "ghost"}]},
    {"type": "incident", "columns": [{"field": "title"}]},
    {"type": "incident", "columns": [{"column": "a", "fixed": "b", "field": "title"}]},
    {"type": "incident", "columns": [{"column": "a", "field": "title", "item": -1}]},
    {"type": "incident", "columns": [{"column": 1, "field": "title"}]},
    {"type": "incident", "columns": [RULE], "day_order": "x"},
    {"type": "incident", "columns": [RULE], "strange": 1},
    {"type": "source", "columns": [{"column": "a", "field": "identity.name"}]},
]


@pytest.mark.parametrize("value", BAD_MAPPINGS)
def test_a_description_of_another_form_is_refused(value: Json) -> None:
    with pytest.raises(MappingRefusedError):
        read_mapping(value)


def test_a_column_that_the_table_lacks_is_named(own: Vault) -> None:
    with pytest.raises(MappingRefusedError) as refused:
        planned(own, table(("1",), header=("no",)))

    assert refused.value.fields["name"] == "name"


def test_columns_named_like_fields_need_no_description() -> None:
    header = ("编号", "标题", "When it happened", "place", "unknown")

    found = {rule.column: rule.field for rule in suggested(header, record_type("incident"))}

    assert found == {"标题": "title", "When it happened": "date", "place": "place"}
    assert suggested_key(header) == ("编号",)


def test_who_a_source_is_is_no_target_of_a_column() -> None:
    assert not any(name.startswith("identity") for name in fields_of(record_type("source")))


cell_values = st.none() | st.text(max_size=6) | st.booleans() | st.integers(0, 9).map(Decimal)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cell_values, cell_values, cell_values, cell_values), max_size=5))
def test_any_table_is_imported_once_and_known_the_second_time(
    vault: Vault, rows: list[tuple[Cell, ...]]
) -> None:
    first = imported(vault, table(*rows))
    count = revisions(vault)
    second = imported(vault, table(*rows))

    assert {row.fate for row in second.plan.rows} <= {Fate.SAME, Fate.REFUSED}
    assert len(second.plan.rows) == len(first.plan.rows)
    assert revisions(vault) == count


def test_terms_are_found_whole_and_in_lists(own: Vault) -> None:
    mapping = TableMapping(type="incident", rules=(ColumnRule(column="kinds", field="kinds"),))
    terms = vocabulary("risk-kinds").terms
    cell = "；".join(term.zh_hans for term in terms) + "、" + terms[1].en

    done = imported(own, table((cell,), header=("kinds",)), mapping)

    found = values(own, done.plan.rows[0].record)["kinds"]
    assert found[:-1] == [term.code for term in terms][: len(found) - 1]
    assert found[-1] == terms[1].code


# --- own fields ----------------------------------------------------------------------------------


def own_field(vault: Vault, label: str, kind: str, **more: Json) -> str:
    declared: dict[str, Json] = {"label": label, "kind": kind, "applies_to": ["incident"], **more}
    return records.add(vault, "custom-field", declared)


def of_own(vault: Vault, record: str) -> dict[str, Json]:
    return {item["id"]: item["value"] for item in values(vault, record).get("custom", [])}


OWN_HEADER = ("no", "what", "Village", "seen on", "side", "witnesses", "sure")


def test_columns_go_into_own_fields_of_every_kind_as_cells_of_that_kind(own: Vault) -> None:
    ids = [
        own_field(own, "Village", "text"),
        own_field(own, "Seen", "date"),
        own_field(own, "Side", "choice", vocabulary=["North bank", "South bank"]),
        own_field(own, "Witnesses", "number"),
        own_field(own, "Certain", "flag"),
    ]
    rules = (
        ColumnRule(column="what", field="title"),
        *(
            ColumnRule(column=c, field=f"custom.{i}")
            for c, i in zip(OWN_HEADER[2:], ids, strict=True)
        ),
    )
    mapping = TableMapping(type="incident", rules=rules, key=("no",))
    rows = table(
        ("1", "a", "Shi", "Aug 2022", "NORTH BANK", Decimal(4), "是"),
        ("2", "b", None, "soon", "east", "few", None),
        header=OWN_HEADER,
    )

    done = imported(own, rows, mapping)

    one, two = (row.record for row in done.plan.rows)
    assert of_own(own, one) == dict(
        zip(ids, ["Shi", "2022-08", "North bank", "4", True], strict=True)
    )
    assert of_own(own, two) == dict(zip(ids[1:4], ["soon", "east", "few"], strict=True))
    assert [problem.path for problem in records.get(own, one).problems] == ["date"]
    assert len(done.plan.rows[1].notes) == 3, "what is not of the kind is kept with a note"
    assert fates(imported(own, rows, mapping)) == ["SAME", "SAME"]


def test_an_own_field_that_was_corrected_here_stays_while_another_comes_from_the_table(
    own: Vault,
) -> None:
    village, guide = own_field(own, "Village", "text"), own_field(own, "Guide", "text")
    rules = (
        ColumnRule(column="Village", field=f"custom.{village}"),
        ColumnRule(column="Guide", field=f"custom.{guide}"),
    )
    mapping = TableMapping(type="incident", rules=rules, key=("no",))

    def rows(village_told: str, guide_told: str | None) -> Table:
        return table(("1", village_told, guide_told), header=("no", "Village", "Guide"))

    record = imported(own, rows("Shi", "Mei"), mapping).plan.rows[0].record
    corrected: list[Json] = [{"id": village, "value": "Shih"}, {"id": guide, "value": "Mei"}]
    records.revise(own, record, {"custom": corrected})

    imported(own, rows("Shi", "Bo"), mapping)
    assert of_own(own, record) == {village: "Shih", guide: "Bo"}
    imported(own, rows("Shi", None), mapping)
    assert of_own(own, record) == {village: "Shih"}


def test_a_table_that_was_exported_for_machines_fills_own_fields_where_they_are_declared(
    own: Vault, other: Vault, tmp_path: Path
) -> None:
    """First the declaration comes along alone, then the values with a column that names it."""
    village = own_field(own, "Village", "text")
    record = records.add(
        own, "incident", {"title": "a", "custom": [{"id": village, "value": "Shi|1"}]}
    )
    for out, chosen in (("declared", village), ("all", record)):
        export_open(
            own,
            tmp_path / out,
            OpenFormat.CSV,
            OpenSelection(records=(chosen,), allow_leaks=True),
            flavour=Flavour.MACHINES,
            language="en",
            progress=lambda _done, _total: None,
        )
    files = read_files([tmp_path / "declared"])
    assert isinstance(files, OpenFiles)
    carry_out(other, plan_open(other, files, language="en"))
    assert [one.label for one in declared_in(other)] == ["Village"]

    declared = full_type(other, "incident")
    rules = suggested(("thing", "village"), declared)
    assert [rule.field for rule in rules] == [f"custom.{village}"]
    mapping = TableMapping(type="incident", rules=rules)
    done = imported(other, table(("x", "Zhuang"), header=("thing", "village")), mapping)
    assert of_own(other, done.plan.rows[0].record) == {village: "Zhuang"}

    files = read_files([tmp_path / "all"])
    assert isinstance(files, OpenFiles)
    carry_out(other, plan_open(other, files, language="en"))
    assert values(other, record) == values(own, record)
    assert [problem.path for problem in records.get(other, record).problems] == ["date"]


def test_a_description_that_names_an_own_field_is_passed_over_once_it_is_not_declared(
    own: Vault,
) -> None:
    village = own_field(own, "Village", "text")
    rules = (ColumnRule(column="Village", field=f"custom.{village}"),)
    rows = table(("Shi",), header=("Village",))
    imported(own, rows, TableMapping(type="incident", rules=rules))
    assert mappings.fitting(own, rows) is not None

    records.delete(own, village)

    assert mappings.fitting(own, rows) is None
    with pytest.raises(MappingRefusedError):
        mappings.load(own, "people")


def test_an_own_field_is_meant_by_its_label_unless_two_have_it(own: Vault) -> None:
    village = own_field(own, "Village", "text")
    declared = full_type(own, "incident")
    assert field_meant(declared, "custom.village") == f"custom.{village}"
    assert field_meant(declared, "custom.ghost") == "custom.ghost"
    assert field_shown(declared, f"custom.{village}") == "custom.Village"
    assert field_meant(record_type("person"), "custom.village") == "custom.village"

    own_field(own, "VILLAGE", "text")
    declared = full_type(own, "incident")
    with pytest.raises(MappingRefusedError):
        field_meant(declared, "custom.village")
    assert field_meant(declared, f"custom.{village}") == f"custom.{village}"
    assert field_shown(declared, f"custom.{village}") == f"custom.{village}"


# --- taking back ----------------------------------------------------------------------------------


def test_an_import_is_taken_back_as_a_whole_and_can_be_done_again(own: Vault) -> None:
    before = records.add(own, "incident", {"title": "done before the import"})
    many = tuple((str(n), f"Person {n}", "1970", "") for n in range(250))
    first = imported(own, table(*many))
    kinds = [action.kind for action in actions(own)]
    assert kinds == [ActionKind.IMPORT, ActionKind.MAPPING_SAVED, ActionKind.ADD]

    done = undo(own)

    assert done.kind is ActionKind.IMPORT
    assert len(done.records) == 250
    assert [row.id for row in records.listing(own)] == [before]
    assert next_to_undo(own) == actions(own)[1], "what was done before is not pushed out"
    again = imported(own, table(*many))
    assert fates(again) == ["NEW"] * 250
    assert {row.record for row in again.plan.rows} == {row.record for row in first.plan.rows}
    assert len(records.listing(own)) == 251
    assert values(own, first.plan.rows[3].record)["names"][0]["text"] == "Person 3"
    assert fates(imported(own, table(*many))) == ["SAME"] * 250


def test_a_second_import_that_is_taken_back_leaves_what_the_first_brought(own: Vault) -> None:
    one = imported(own, table(("1", "Plum", "1970", ""))).plan.rows[0].record
    changed = table(("1", "Plum", "1971", ""), ("2", "Bo", "", ""))
    assert fates(imported(own, changed)) == ["CHANGED", "NEW"]

    undo(own)

    assert values(own, one)["birth_date"] == "1970"
    assert [row.id for row in records.listing(own)] == [one]


def test_what_a_person_threw_away_is_not_brought_back_by_the_table(own: Vault) -> None:
    one = imported(own, table(("1", "Plum", "1970", ""))).plan.rows[0].record
    records.delete(own, one)
    assert fates(imported(own, table(("1", "Plum", "1971", "")))) == ["REFUSED"]
    assert records.listing(own) == []
