import json
from collections.abc import Mapping, Sequence
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fielddoc.domain.canonical import MAXIMUM_DEPTH, Json, NotCanonicalError
from fielddoc.domain.edit import EditRefusedError, changes, restored
from fielddoc.domain.merge import NO_POSITION, State, merge
from fielddoc.domain.record_types import (
    ATTACHMENT,
    DETENTION,
    INCIDENT,
    PERSON,
    RECORD_TYPES,
)
from fielddoc.domain.revision import (
    RECORD_PATH,
    Clock,
    Revision,
    is_path,
    is_record_id,
    write_revision,
)
from fielddoc.domain.schema import Kind, RecordType
from strategies import (
    DEVICES,
    ITEMS,
    RECORD,
    Device,
    devices,
    everything,
    given_values,
    json_values,
    revision,
    right_values,
)

every_type = pytest.mark.parametrize("declared", RECORD_TYPES, ids=lambda each: each.name)


class Desk:
    """One record on one device, saved again and again."""

    def __init__(self, declared: RecordType) -> None:
        self.declared = declared
        self.revisions: list[Revision] = []
        self.write({RECORD_PATH: True})

    @property
    def state(self) -> State:
        return merge(self.revisions)

    def write(self, set_: Mapping[str, Json]) -> State:
        if set_:
            self.revisions.append(
                write_revision(
                    record=RECORD,
                    type_=self.declared.name,
                    parents=self.state.heads if self.revisions else (),
                    changes=set_,
                    clock=Clock(len(self.revisions), 0),
                    device=DEVICES[0],
                )
            )
        return self.state

    def give(self, values: Mapping[str, Json]) -> State:
        return self.write(changes(self.declared, self.state, values))

    def restore(self, wanted: State) -> State:
        return self.write(restored(self.state, wanted.values))


def entries_of(state: State) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", state.values.get("entries", []))


def kept(
    declared: RecordType, before: Mapping[str, Json], given_: Mapping[str, Json]
) -> dict[str, Json]:
    """Return what a record with the values `before` has after `given_` was saved."""
    after = {**before, **given_}
    for name, value in given_.items():
        field = declared.field(name)
        if field is not None and field.kind is Kind.ITEMS:
            items = cast("Sequence[dict[str, Json]]", value or ())
            after[name] = [
                {part: told for part, told in item.items() if told is not None} for item in items
            ] or None
    return {name: value for name, value in after.items() if value is not None}


def told(values: Mapping[str, Json]) -> str:
    """Return values as text: in Python, true equals 1, here it does not."""
    return json.dumps(values, sort_keys=True, ensure_ascii=False)


def without_ids(values: Mapping[str, Json]) -> dict[str, Json]:
    return {
        name: [
            {part: told for part, told in each.items() if part != "id"}
            if isinstance(each, dict)
            else each
            for each in value
        ]
        if isinstance(value, list)
        else value
        for name, value in values.items()
    }


# --- what is given is what is there ---------------------------------------------------------------


@every_type
@settings(max_examples=20)
@given(st.data())
def test_given_values_come_back_exactly(declared: RecordType, data: st.DataObject) -> None:
    given_ = data.draw(right_values(declared.fields))
    desk = Desk(declared)

    state = desk.give(given_)

    assert told(without_ids(state.values)) == told(without_ids(given_))
    assert changes(declared, state, state.values) == {}
    assert changes(declared, state, {}) == {}


@every_type
@settings(max_examples=20)
@given(st.data())
def test_each_save_leaves_exactly_what_was_given(declared: RecordType, data: st.DataObject) -> None:
    desk = Desk(declared)

    for given_ in data.draw(st.lists(given_values(declared), min_size=1, max_size=4)):
        before = desk.state

        after = desk.give(given_)

        assert told(after.values) == told(kept(declared, before.values, given_))
        assert changes(declared, after, given_) == {}
        assert after.conflicts == ()


@every_type
@settings(max_examples=20)
@given(st.data())
def test_any_earlier_state_can_be_restored_exactly(
    declared: RecordType, data: st.DataObject
) -> None:
    desk = Desk(declared)
    saves = data.draw(st.lists(given_values(declared), min_size=2, max_size=4))
    states = [desk.state, *(desk.give(given_) for given_ in saves)]

    for wanted in (states[0], *data.draw(st.lists(st.sampled_from(states), max_size=3))):
        after = desk.restore(wanted)

        assert told(after.values) == told(wanted.values)
        assert restored(after, wanted.values) == {}


@settings(max_examples=40)
@given(devices(), given_values(DETENTION))
def test_what_is_given_holds_after_any_writing_of_several_devices(
    several: tuple[Device, ...], given_: dict[str, Json]
) -> None:
    device = several[0]
    device.receive(everything(several), 100)
    before = device.state()

    device.give(given_, 101)

    after = device.state()
    assert told(after.values) == told(kept(DETENTION, before.values, given_))


@settings(max_examples=40)
@given(devices(), st.data())
def test_what_any_device_showed_can_be_restored_by_another(
    several: tuple[Device, ...], data: st.DataObject
) -> None:
    wanted = data.draw(st.sampled_from(several)).state().values
    device = data.draw(st.sampled_from(several))
    device.receive(everything(several), 100)

    device.write(restored(device.state(), wanted), 101)

    assert told(device.state().values) == told(wanted)


@every_type
@settings(max_examples=15)
@given(st.data())
def test_every_path_that_is_told_can_stand_in_a_revision(
    declared: RecordType, data: st.DataObject
) -> None:
    desk = Desk(declared)
    desk.give(data.draw(given_values(declared)))

    result = changes(declared, desk.state, data.draw(given_values(declared)))

    assert all(is_path(path) and path != RECORD_PATH for path in result)


@every_type
@settings(max_examples=20)
@given(st.data())
def test_any_value_in_any_field_is_kept_or_refused(
    declared: RecordType, data: st.DataObject
) -> None:
    desk = Desk(declared)
    name = data.draw(st.sampled_from([field.name for field in declared.fields]))

    for value in data.draw(st.lists(json_values(), max_size=3)):
        try:
            result = changes(declared, desk.state, {name: value})
        except EditRefusedError:
            continue
        after = desk.write(result)

        field = declared.field(name)
        assert field is not None
        if field.kind in (Kind.ITEMS, Kind.OWN):
            items = after.values.get(name)
            assert without_ids({name: items}) == without_ids({name: value or None})
        else:
            assert told({name: after.values.get(name)}) == told({name: value})


# --- fields ---------------------------------------------------------------------------------------


def test_only_what_changes_is_told() -> None:
    desk = Desk(PERSON)
    desk.give({"occupation": "lawyer", "nationality": "Chinese"})

    result = changes(PERSON, desk.state, {"occupation": "lawyer", "nationality": "stateless"})

    assert result == {"nationality": "stateless"}


def test_null_clears_a_field_and_what_is_not_given_stays() -> None:
    desk = Desk(PERSON)
    desk.give({"occupation": "lawyer", "nationality": "Chinese"})

    assert changes(PERSON, desk.state, {"occupation": None}) == {"occupation": None}
    assert desk.give({"occupation": None}).values == {"nationality": "Chinese"}
    assert changes(PERSON, desk.state, {"occupation": None}) == {}


@pytest.mark.parametrize("values", [{"title": 7}, {"date": [1]}, {"kinds": {"a": [None]}}])
def test_a_value_of_the_wrong_kind_is_kept_as_given(values: dict[str, Json]) -> None:
    assert Desk(INCIDENT).give(values).values == values


@pytest.mark.parametrize(
    ("wrong", "right"), [(1, True), (0, False), (True, 1), ([1], [True]), ({"a": 0}, {"a": False})]
)
def test_a_number_is_replaced_by_true_or_false(wrong: Json, right: Json) -> None:
    desk = Desk(INCIDENT)
    desk.give({"date_inferred": wrong})
    desk.give({"persons": [{"id": ITEMS[0], "note": wrong}]})
    before = desk.state

    desk.give({"date_inferred": right, "persons": [{"id": ITEMS[0], "note": right}]})

    wanted: dict[str, Json] = {
        "date_inferred": right,
        "persons": [{"id": ITEMS[0], "note": right}],
    }
    assert told(desk.state.values) == told(wanted)
    assert told(desk.restore(before).values) == told(before.values)


@pytest.mark.parametrize("wrong", [[{"id": "x"}], [{"id": 1, "a": 2}], [{"id": ITEMS[0]}]])
@pytest.mark.parametrize("right", ["stateless", None, [], [{"id": "y"}]])
def test_a_wrong_value_that_looks_like_items_can_be_corrected(wrong: Json, right: Json) -> None:
    desk = Desk(PERSON)
    before = desk.give({"nationality": wrong})

    after = desk.give({"nationality": right})

    assert after.values == ({} if right is None else {"nationality": right})
    assert desk.restore(before).values == {"nationality": wrong}


@pytest.mark.parametrize("wrong", ["a text", 7, ["a"], [{"text": "without an id"}], [{"id": "x"}]])
def test_items_can_be_given_where_a_plain_value_has_arrived(wrong: Json) -> None:
    desk = Desk(DETENTION)
    desk.write({"entries": wrong})

    after = desk.give({"entries": [{"id": ITEMS[0], "text": "t"}]})

    assert after.values == {"entries": [{"id": ITEMS[0], "text": "t"}]}


def test_a_wrong_plain_value_in_place_of_items_can_be_cleared() -> None:
    desk = Desk(DETENTION)
    desk.write({"entries": "a text"})

    assert desk.give({"entries": None}).values == {}


@pytest.mark.parametrize("values", [{"titel": "x"}, {"titel": None}, {".": True}, {"A": 1}])
def test_an_unknown_field_is_refused_by_name(values: dict[str, Json]) -> None:
    with pytest.raises(EditRefusedError, match=r"detention has no field .*; it has title, "):
        changes(DETENTION, Desk(DETENTION).state, values)


@pytest.mark.parametrize("path", ["entries/x", "entries.text", f"entries/{ITEMS[0]}", ""])
def test_a_path_is_no_name_of_a_field(path: str) -> None:
    with pytest.raises(EditRefusedError):
        changes(DETENTION, Desk(DETENTION).state, {path: "x"})


def test_a_field_of_a_newer_version_can_be_changed_once_it_is_there() -> None:
    desk = Desk(DETENTION)
    desk.write({"newer": "a", f"more/{ITEMS[0]}": 0, f"more/{ITEMS[0]}/x": 1})

    after = desk.give({"newer": "b", "more": [{"id": ITEMS[0], "x": 2, "y": 3}]})

    assert after.values == {"newer": "b", "more": [{"id": ITEMS[0], "x": 2, "y": 3}]}


@pytest.mark.parametrize("value", [0.5, 2**53, "\ud800", ["a", "\udc00"], {"\ud800": 1}])
def test_a_value_that_json_cannot_carry_is_refused_with_its_field(value: Json) -> None:
    state = Desk(DETENTION).state

    with pytest.raises(EditRefusedError, match="title"):
        changes(DETENTION, state, {"title": value})
    with pytest.raises(EditRefusedError, match="entries"):
        changes(DETENTION, state, {"entries": [{"text": value}]})


@pytest.mark.parametrize("depth", range(MAXIMUM_DEPTH - 4, MAXIMUM_DEPTH + 2))
@pytest.mark.parametrize("in_item", [False, True])
def test_a_value_nested_too_deep_for_a_revision_is_refused_at_once(
    depth: int, in_item: bool
) -> None:
    value: Json = "deep"
    for _ in range(depth):
        value = [value]
    desk = Desk(DETENTION)

    try:
        result = changes(
            DETENTION, desk.state, {"entries": [{"text": value}]} if in_item else {"note": value}
        )
    except EditRefusedError:
        return

    try:
        desk.write(result)
    except NotCanonicalError:
        pytest.fail("changes() let through what no revision can hold")


# --- items ----------------------------------------------------------------------------------------


def test_an_item_without_an_id_gets_a_fresh_one() -> None:
    desk = Desk(DETENTION)

    state = desk.give({"entries": [{"text": "a"}, {"text": "a"}]})

    ids = [str(entry["id"]) for entry in entries_of(state)]
    assert len({*ids}) == 2
    assert all(map(is_record_id, ids))


def test_a_missing_item_is_deleted_and_the_others_are_not_touched() -> None:
    desk = Desk(DETENTION)
    desk.give({"entries": [{"id": each, "text": each} for each in ITEMS]})
    left = [entry for entry in entries_of(desk.state) if entry["id"] != ITEMS[1]]

    result = changes(DETENTION, desk.state, {"entries": cast("Json", left)})

    assert result == {f"entries/{ITEMS[1]}": None}
    assert entries_of(desk.write(result)) == left


@pytest.mark.parametrize("none", [None, []])
def test_no_items_at_all_deletes_every_one(none: Json) -> None:
    desk = Desk(DETENTION)
    desk.give({"entries": [{"id": each} for each in ITEMS[:2]]})

    result = changes(DETENTION, desk.state, {"entries": none})

    assert result == {f"entries/{ITEMS[0]}": None, f"entries/{ITEMS[1]}": None}
    assert "entries" not in desk.write(result).values
    assert changes(DETENTION, desk.state, {"entries": none}) == {}


def test_a_part_that_is_missing_or_null_is_cleared() -> None:
    desk = Desk(DETENTION)
    desk.give({"entries": [{"id": ITEMS[0], "text": "t", "place": "p", "court": "c"}]})

    result = changes(
        DETENTION, desk.state, {"entries": [{"id": ITEMS[0], "court": "c", "place": None}]}
    )

    assert result == {f"entries/{ITEMS[0]}/text": None, f"entries/{ITEMS[0]}/place": None}


def test_appended_items_tell_their_own_places_only() -> None:
    desk = Desk(DETENTION)
    desk.give({"entries": [{"id": each} for each in ITEMS[:2]]})

    result = changes(DETENTION, desk.state, {"entries": [{"id": each} for each in ITEMS]})

    assert result == {f"entries/{ITEMS[2]}": 2, f"entries/{ITEMS[3]}": 3}


def test_appending_and_deleting_at_once_tells_no_place_of_those_that_stay() -> None:
    desk = Desk(DETENTION)
    desk.give({"entries": [{"id": each} for each in ITEMS[:3]]})

    result = changes(
        DETENTION,
        desk.state,
        {"entries": [{"id": each} for each in (ITEMS[1], ITEMS[2], ITEMS[3])]},
    )

    assert result == {f"entries/{ITEMS[0]}": None, f"entries/{ITEMS[3]}": 3}


def test_another_order_tells_every_place() -> None:
    desk = Desk(DETENTION)
    desk.give({"entries": [{"id": each} for each in ITEMS[:3]]})
    turned: Json = [{"id": each} for each in (ITEMS[2], ITEMS[0], ITEMS[1])]

    result = changes(DETENTION, desk.state, {"entries": turned})

    assert result == {
        f"entries/{ITEMS[2]}": 0,
        f"entries/{ITEMS[0]}": 1,
        f"entries/{ITEMS[1]}": 2,
    }
    assert desk.write(result).values["entries"] == turned


def test_appending_behind_an_item_without_a_known_place_keeps_the_order() -> None:
    arrived = revision({f"entries/{ITEMS[3]}/text": "its place never arrived"})
    state = merge([arrived])
    assert state.positions == {f"entries/{ITEMS[3]}": NO_POSITION}
    wanted: Json = [*cast("list[Json]", state.values["entries"]), {"id": ITEMS[0], "text": "new"}]

    result = changes(DETENTION, state, {"entries": wanted})

    assert merge([arrived, revision(result, arrived)]).values["entries"] == wanted


def test_an_item_without_a_known_place_is_no_reason_to_tell_one() -> None:
    state = merge([revision({f"entries/{ITEMS[0]}/text": "its place never arrived"})])

    assert changes(DETENTION, state, {"entries": state.values["entries"]}) == {}


@pytest.mark.parametrize("place", [NO_POSITION - 1, NO_POSITION, -NO_POSITION, -7])
def test_appending_behind_an_item_of_any_place_keeps_the_order(place: int) -> None:
    arrived = revision({f"entries/{ITEMS[3]}": place})
    wanted: Json = [{"id": each} for each in (ITEMS[3], ITEMS[2], ITEMS[0])]

    result = changes(DETENTION, merge([arrived]), {"entries": wanted})

    assert merge([arrived, revision(result, arrived)]).values["entries"] == wanted


def test_an_item_that_comes_back_has_only_the_parts_that_are_given() -> None:
    desk = Desk(DETENTION)
    desk.give({"entries": [{"id": ITEMS[0], "text": "t", "place": "p"}]})
    desk.give({"entries": None})

    state = desk.give({"entries": [{"id": ITEMS[0], "text": "t"}]})

    assert state.values == {"entries": [{"id": ITEMS[0], "text": "t"}]}


def test_restoring_a_deleted_item_does_not_bring_its_later_parts_along() -> None:
    desk = Desk(DETENTION)
    wanted = desk.give({"entries": [{"id": ITEMS[0], "text": "t"}]})
    desk.give({"entries": [{"id": ITEMS[0], "text": "t", "place": "p"}]})
    desk.give({"entries": None})

    assert desk.restore(wanted).values == wanted.values


def test_a_deleted_item_can_be_brought_back_and_edited() -> None:
    desk = Desk(DETENTION)
    wanted = desk.give({"entries": [{"id": each, "text": each} for each in ITEMS[:3]]})
    desk.give({"entries": [{"id": each, "text": each} for each in (ITEMS[0], ITEMS[2])]})

    assert desk.restore(wanted).values == wanted.values
    assert desk.state.conflicts == ()


@pytest.mark.parametrize("wrong", ["a", 1, True, {}, {"text": "t"}, ["a"], [{"text": "t"}, None]])
def test_items_that_are_no_list_of_objects_are_refused(wrong: Json) -> None:
    with pytest.raises(EditRefusedError, match="entries takes a list of objects"):
        changes(DETENTION, Desk(DETENTION).state, {"entries": wrong})


@pytest.mark.parametrize("wrong", ["", "x", 1, True, [], "A" * 36, ITEMS[0] + "\n"])
def test_an_items_id_that_is_none_of_ours_is_refused(wrong: Json) -> None:
    with pytest.raises(EditRefusedError, match="entries: an item's id"):
        changes(DETENTION, Desk(DETENTION).state, {"entries": [{"id": wrong}]})


def test_the_same_item_twice_is_refused() -> None:
    with pytest.raises(EditRefusedError, match="twice"):
        changes(DETENTION, Desk(DETENTION).state, {"entries": [{"id": ITEMS[0]}, {"id": ITEMS[0]}]})


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(EditRefusedError, match="entries has no part 'colour'"):
        changes(DETENTION, Desk(DETENTION).state, {"entries": [{"colour": "red"}]})


def test_a_part_of_a_newer_version_stays_and_can_be_changed() -> None:
    desk = Desk(DETENTION)
    desk.write({f"entries/{ITEMS[0]}": 0, f"entries/{ITEMS[0]}/newer": "a"})

    assert changes(DETENTION, desk.state, {"entries": desk.state.values["entries"]}) == {}
    after = desk.give({"entries": [{"id": ITEMS[0], "newer": "b"}]})
    assert after.values == {"entries": [{"id": ITEMS[0], "newer": "b"}]}


def test_a_record_with_a_hostile_part_can_still_be_edited() -> None:
    desk = Desk(DETENTION)
    desk.write({f"entries/{ITEMS[0]}": 0, f"entries/{ITEMS[0]}/id": "another"})

    after = desk.give({"entries": [{"id": ITEMS[0], "text": "t"}, {"id": ITEMS[1]}]})

    assert after.values == {"entries": [{"id": ITEMS[0], "text": "t"}, {"id": ITEMS[1]}]}


@pytest.mark.parametrize("name", ["size_bytes", "sha256"])
def test_whole_numbers_and_texts_are_kept_exactly(name: str) -> None:
    for value in (0, 2**53 - 1, "007", " x ", "e\u0301", "\u00e9", "a\r\nb\t\u200b"):
        assert Desk(ATTACHMENT).give({name: value}).values == {name: value}


def test_refused_values_leave_everything_as_it_was() -> None:
    desk = Desk(DETENTION)
    before = desk.give({"title": "t", "entries": [{"id": ITEMS[0], "text": "t"}]})

    with pytest.raises(EditRefusedError):
        changes(DETENTION, before, {"title": "new", "entries": [{"id": ITEMS[0]}, {"colour": 1}]})

    assert told(desk.state.values) == told(before.values)
