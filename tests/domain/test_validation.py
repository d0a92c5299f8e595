import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import (
    ACTION,
    ATTACHMENT,
    DETENTION,
    INCIDENT,
    PERSON,
    RECORD_TYPES,
    RISK,
    SOURCE,
)
from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.domain.validation import Fault, Problem, check
from strategies import ITEMS, any_values, json_values, right_values

every_type = pytest.mark.parametrize("declared", RECORD_TYPES, ids=lambda each: each.name)
every_field = pytest.mark.parametrize(
    ("declared", "field"),
    [
        pytest.param(declared, field, id=f"{declared.name}.{field.name}")
        for declared in RECORD_TYPES
        for field in declared.fields
    ],
)
every_part = pytest.mark.parametrize(
    ("declared", "field", "part"),
    [
        pytest.param(declared, field, part, id=f"{declared.name}.{field.name}.{part.name}")
        for declared in RECORD_TYPES
        for field in declared.fields
        if field.kind is Kind.ITEMS
        for part in field.fields
    ],
)

_LISTS = (Kind.TEXTS, Kind.TERMS, Kind.LINKS)
_FAULT = {
    Kind.TEXT: Fault.NOT_TEXT,
    Kind.LONG_TEXT: Fault.NOT_TEXT,
    Kind.TEXTS: Fault.NOT_TEXT,
    Kind.DATE: Fault.NOT_A_DATE,
    Kind.FLAG: Fault.NOT_A_FLAG,
    Kind.NUMBER: Fault.NOT_A_NUMBER,
    Kind.INTEGER: Fault.NOT_A_NUMBER,
    Kind.TERM: Fault.NOT_A_TERM,
    Kind.TERMS: Fault.NOT_A_TERM,
    Kind.LINK: Fault.NOT_A_RECORD_ID,
    Kind.LINKS: Fault.NOT_A_RECORD_ID,
}


def faults(declared: RecordType, values: dict[str, Json]) -> dict[str, Fault]:
    """Return the faults by path, those of what is merely missing aside."""
    found = check(declared, values)
    assert len({problem.path for problem in found}) == len(found)
    return {problem.path: problem.fault for problem in found if problem.fault is not Fault.MISSING}


def needed(declared: RecordType) -> set[str]:
    return {field.name for field in declared.fields if field.needed}


# --- never raises, never forgets ------------------------------------------------------------------


@every_type
@settings(max_examples=25)
@given(st.data())
def test_whatever_the_values_are_problems_are_returned(
    declared: RecordType, data: st.DataObject
) -> None:
    values = data.draw(any_values(declared))

    for problem in check(declared, values, lambda _: None):
        name = problem.path.split(".")[0]
        assert declared.field(name) is not None
        assert problem.sentence("en")
        assert problem.sentence("zh_CN")


# fmt: off
ODD_VALUES: tuple[Json, ...] = (
    True, False, 0, 1, -1, "a", " ", [None], [[]], [{}], {}, {"id": []}, ["a", 1], [True], [0],
    "2022-99-99", "9" * 5000, "/", "X" * 64, "\u0661", [[["a"]]], "\x00",
)
# fmt: on


@every_field
def test_no_odd_value_of_any_field_makes_the_check_stop(declared: RecordType, field: Field) -> None:
    for value in ODD_VALUES:
        found = check(declared, {field.name: value}, lambda _: "person")

        assert {problem.path for problem in found} >= needed(declared) - {field.name}


@every_part
def test_no_odd_value_of_any_part_makes_the_check_stop(
    declared: RecordType, field: Field, part: Field
) -> None:
    for value in ODD_VALUES:
        check(declared, {field.name: [{"id": ITEMS[0], part.name: value}]}, lambda _: None)


@given(json_values())
def test_unknown_fields_are_nobodys_problem(value: Json) -> None:
    assert faults(RISK, {"newer": value}) == {}


# --- right values ---------------------------------------------------------------------------------


@every_type
@settings(max_examples=25)
@given(st.data())
def test_right_values_have_no_problem(declared: RecordType, data: st.DataObject) -> None:
    values = data.draw(right_values(declared.fields))

    assert check(declared, values) == ()


# --- missing values -------------------------------------------------------------------------------


@every_type
def test_an_empty_record_lacks_exactly_what_is_needed(declared: RecordType) -> None:
    found = check(declared, {})

    assert {problem.fault for problem in found} <= {Fault.MISSING}
    assert [problem.path for problem in found] == [
        field.name for field in declared.fields if field.needed
    ]


@every_type
@pytest.mark.parametrize("empty", [None, "", []])
def test_empty_values_are_missing_if_needed_and_else_no_problem(
    declared: RecordType, empty: Json
) -> None:
    values = {field.name: empty for field in declared.fields}

    assert check(declared, values) == check(declared, {})


def test_a_needed_part_that_is_missing_is_told_by_the_number_of_its_item() -> None:
    values: dict[str, Json] = {
        "names": [{"id": ITEMS[0], "text": "徐秦"}, {"id": ITEMS[1]}, {"text": ""}],
        "relations": [{"kind": None}],
    }

    assert check(PERSON, values) == (
        Problem("names.2.text", Fault.MISSING),
        Problem("names.3.text", Fault.MISSING),
        Problem("relations.1.kind", Fault.MISSING),
        Problem("relations.1.person", Fault.MISSING),
    )


@pytest.mark.parametrize("value", [False, 0])
def test_false_and_nought_are_not_missing(value: Json) -> None:
    found = {problem.path: problem.fault for problem in check(ATTACHMENT, {"name": value})}

    assert found["name"] is Fault.NOT_TEXT


# --- wrong values ---------------------------------------------------------------------------------


@every_field
def test_an_object_in_a_field_is_reported_there(declared: RecordType, field: Field) -> None:
    found = faults(declared, {field.name: {"x": 1}})

    if field.kind in (*_LISTS, Kind.ITEMS, Kind.OWN):
        assert found == {field.name: Fault.NOT_A_LIST}
    elif field.kind is Kind.SEALED:
        assert found == {}
    else:
        assert found == {field.name: _FAULT[field.kind]}


@every_field
def test_a_list_of_an_object_in_a_field_is_reported_there(
    declared: RecordType, field: Field
) -> None:
    found = faults(declared, {field.name: [{"x": 1}]})

    if field.kind in _LISTS:
        assert found == {f"{field.name}.1": _FAULT[field.kind]}
    elif field.kind in (Kind.ITEMS, Kind.SEALED, Kind.OWN):
        assert found == {}
    else:
        assert found == {field.name: _FAULT[field.kind]}


@every_part
def test_a_wrong_part_is_reported_with_the_number_of_its_item(
    declared: RecordType, field: Field, part: Field
) -> None:
    wrong: Json = [{"x": 1}] if part.kind in _LISTS else {"x": 1}
    items: list[Json] = [{"id": ITEMS[0]}, {"id": ITEMS[1], part.name: wrong}]

    found = faults(declared, {field.name: items})

    path = f"{field.name}.2.{part.name}" + (".1" if part.kind in _LISTS else "")
    assert found == {path: _FAULT[part.kind]}


@pytest.mark.parametrize("name", ["names", "ages", "identity_papers"])
@pytest.mark.parametrize("wrong", ["a", 1, True, None, ["a"]])
def test_an_item_that_is_no_object_has_a_problem(name: str, wrong: Json) -> None:
    found = check(PERSON, {name: [{"text": "x", "age": "1"}, wrong]})

    assert [problem for problem in found if problem.path.startswith(f"{name}.2")]


@pytest.mark.parametrize(
    ("declared", "values", "path", "fault"),
    [
        (INCIDENT, {"title": 7}, "title", Fault.NOT_TEXT),
        (INCIDENT, {"date": "last spring"}, "date", Fault.NOT_A_DATE),
        (INCIDENT, {"date": "2022-13"}, "date", Fault.NOT_A_DATE),
        (INCIDENT, {"date": "2022-02-30"}, "date", Fault.NOT_A_DATE),
        (INCIDENT, {"date": 2022}, "date", Fault.NOT_A_DATE),
        (INCIDENT, {"date_inferred": "yes"}, "date_inferred", Fault.NOT_A_FLAG),
        (INCIDENT, {"date_inferred": 1}, "date_inferred", Fault.NOT_A_FLAG),
        (INCIDENT, {"kinds": "arrest"}, "kinds", Fault.NOT_A_LIST),
        (INCIDENT, {"kinds": ["no such kind"]}, "kinds.1", Fault.NOT_A_TERM),
        (INCIDENT, {"sources": [ITEMS[0], "x"]}, "sources.2", Fault.NOT_A_RECORD_ID),
        (INCIDENT, {"counts": [{"number": "many"}]}, "counts.1.number", Fault.NOT_A_NUMBER),
        (INCIDENT, {"counts": [{"number": 7}]}, "counts.1.number", Fault.NOT_A_NUMBER),
        (INCIDENT, {"counts": [{"number": "1e3"}]}, "counts.1.number", Fault.NOT_A_NUMBER),
        (INCIDENT, {"counts": [{"number": "7\n"}]}, "counts.1.number", Fault.NOT_A_NUMBER),
        (INCIDENT, {"counts": [{"number": "٧"}]}, "counts.1.number", Fault.NOT_A_NUMBER),
        (INCIDENT, {"status": "No Such"}, "status", Fault.NOT_A_TERM),
        (INCIDENT, {"status": ["alleged"]}, "status", Fault.NOT_A_TERM),
        (RISK, {"incident": ITEMS[0].upper() + "x"}, "incident", Fault.NOT_A_RECORD_ID),
        (RISK, {"incident": [ITEMS[0]]}, "incident", Fault.NOT_A_RECORD_ID),
        (PERSON, {"organisations": ["a", None]}, "organisations.2", Fault.NOT_TEXT),
        (PERSON, {"names": "徐秦"}, "names", Fault.NOT_A_LIST),
        (PERSON, {"sex": {"a": 1}}, "sex", Fault.NOT_A_TERM),
        (DETENTION, {"persons": ITEMS[0]}, "persons", Fault.NOT_A_LIST),
        (SOURCE, {"as_of": "2022-W01"}, "as_of", Fault.NOT_A_DATE),
        (ACTION, {"about": [[]]}, "about.1", Fault.NOT_A_RECORD_ID),
        (ATTACHMENT, {"size_bytes": "12"}, "size_bytes", Fault.NOT_A_NUMBER),
        (ATTACHMENT, {"size_bytes": True}, "size_bytes", Fault.NOT_A_NUMBER),
        (ATTACHMENT, {"size_bytes": -1}, None, None),
        (INCIDENT, {"counts": [{"number": "-0.50"}]}, None, None),
        (INCIDENT, {"date": "2017-08-13/.."}, None, None),
        (INCIDENT, {"date_inferred": False}, None, None),
    ],
)
def test_a_wrong_value_is_reported_with_its_path(
    declared: RecordType, values: dict[str, Json], path: str | None, fault: Fault | None
) -> None:
    assert faults(declared, values) == ({path: fault} if path else {})


def test_problems_stand_in_form_order() -> None:
    values: dict[str, Json] = {"note": 1, "status": "x", "kinds": 1, "title": 2}

    assert [problem.path for problem in check(INCIDENT, values)] == [
        "title",
        "kinds",
        "date",
        "status",
        "note",
    ]


# --- dates that contradict each other -------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "known", "too_early"),
    [
        ("2022-08-15", "2022-08-14", True),
        ("2022-08-15", "2022-07", True),
        ("2022", "2021-12-31", True),
        ("2022-08-15/..", "../2022-08-14", True),
        ("2022-08-15", "2022-08-15", False),
        ("2022-08-15", "2022-08", False),
        ("2022-08-15", "2022", False),
        ("2022", "2022-01-01", False),
        ("../2022", "2020", False),
        ("2022-08-15", "2021/..", False),
        ("XXXX", "1950", False),
        ("2022-08-15", "nonsense", False),
        ("nonsense", "2021", False),
    ],
)
def test_what_became_known_for_certain_before_it_happened_is_reported(
    date: str, known: str, too_early: bool
) -> None:
    alone = faults(INCIDENT, {"date": date, "known": known})
    in_entry = faults(DETENTION, {"entries": [{}, {"date": date, "known": known}]})

    assert (alone.get("known") is Fault.KNOWN_TOO_EARLY) == too_early
    assert (in_entry.get("entries.2.known") is Fault.KNOWN_TOO_EARLY) == too_early


# --- links ----------------------------------------------------------------------------------------


def test_links_are_followed_where_the_records_are_known() -> None:
    types = {ITEMS[0]: "person", ITEMS[1]: "incident"}
    values: dict[str, Json] = {
        "kind": "killing",
        "exposed": [ITEMS[0], ITEMS[1], ITEMS[2], "x"],
        "incident": ITEMS[0],
    }

    found = check(RISK, values, types.get)

    assert [problem for problem in found if problem.path != "kind"] == [
        Problem("exposed.2", Fault.WRONG_TYPE_OF_RECORD),
        Problem("exposed.3", Fault.LINKS_NOWHERE),
        Problem("exposed.4", Fault.NOT_A_RECORD_ID),
        Problem("incident", Fault.WRONG_TYPE_OF_RECORD),
    ]


def test_links_inside_items_are_followed() -> None:
    values: dict[str, Json] = {"persons": [{"role": None, "person": ITEMS[0]}]}

    found = {problem.path: problem.fault for problem in check(INCIDENT, values, lambda _: None)}

    assert found["persons.1.person"] is Fault.LINKS_NOWHERE


def test_a_link_to_any_type_takes_every_type() -> None:
    values: dict[str, Json] = {"name": "n", "sha256": "0", "belongs_to": [ITEMS[0]]}

    for declared in RECORD_TYPES:
        assert check(ATTACHMENT, values, {ITEMS[0]: declared.name}.get) == ()


# --- sentences ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_a_whole_sentence(fault: Fault) -> None:
    sentence = Problem("title", fault).sentence("en")

    assert sentence[0].isupper()
    assert sentence.endswith(".")
