import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from fielddoc.domain.canonical import Json
from fielddoc.domain.merge import NO_POSITION, Conflict, Rival, State, merge
from fielddoc.domain.revision import RECORD_PATH, Revision
from strategies import (
    DEVICES,
    ITEMS,
    Device,
    History,
    devices,
    everything,
    histories,
    revision,
)

A, B, C = DEVICES
ITEM = f"entries/{ITEMS[0]}"
OTHER_ITEM = f"entries/{ITEMS[1]}"
FIFTY_YEARS_MS = 50 * 365 * 24 * 60 * 60 * 1000


def told(state: State) -> str:
    """Return all of a state as text: in Python, true equals 1, here it does not."""
    return as_text(
        record=state.record,
        type=state.type,
        heads=state.heads,
        values=state.values,
        positions=state.positions,
        deleted=state.deleted,
        conflicts=[asdict(conflict) for conflict in state.conflicts],
    )


def as_text(**parts: object) -> str:
    return json.dumps(parts, sort_keys=True, ensure_ascii=False)


def conflict_at(state: State, path: str) -> Conflict:
    (found,) = (conflict for conflict in state.conflicts if conflict.path == path)
    return found


# --- an independent reading of the rules ----------------------------------------------------------


@dataclass(frozen=True)
class Oracle:
    """The rules of merging in the plainest words, by reachability over sets; slow on purpose."""

    by_id: dict[str, Revision]
    own: frozenset[str]

    def seen(self, identity: str) -> set[str]:
        found: set[str] = set()
        ahead = [*self.by_id[identity].parents]
        while ahead:
            parent = ahead.pop()
            if parent in self.by_id and parent not in found:
                found.add(parent)
                ahead.extend(self.by_id[parent].parents)
        return found

    def last(self, ids: Iterable[str]) -> list[str]:
        """Return those that none of the others had seen, the greatest first."""
        among = set(ids)
        unseen = [one for one in among if not any(one in self.seen(other) for other in among)]
        return sorted(unseen, key=self.rank, reverse=True)

    def rank(self, identity: str) -> tuple[int, int, str, str]:
        written = self.by_id[identity]
        return (written.clock.ms, written.clock.counter, written.device, written.id)

    def at(self, path: str) -> set[str]:
        return {identity for identity, each in self.by_id.items() if path in each.changes}

    def value(self, identity: str, path: str) -> Json:
        return self.by_id[identity].changes[path]

    def present(self, path: str) -> tuple[Json, tuple[Rival, ...]]:
        last, mine = self.last(self.at(path)), self.last(self.at(path) & self.own)
        shown = last[0]
        if mine and not same(self.value(shown, path), self.value(mine[0], path)):
            shown = mine[0]
        rivals: list[Rival] = []
        for candidate in sorted({*last, *mine}, key=self.rank, reverse=True):
            value = self.value(candidate, path)
            replaced = [
                e for e in self.at(path) & self.seen(shown) if same(self.value(e, path), value)
            ]
            if self.by_id[candidate].derived and replaced:
                continue
            if any(
                same(value, known)
                for known in (self.value(shown, path), *(r.value for r in rivals))
            ):
                continue
            foreign = bool(mine) and candidate not in self.own
            rivals.append(Rival(value, candidate, foreign=foreign))
        return self.value(shown, path), tuple(rivals)

    def deletion(self, presence: str, paths: Iterable[str]) -> tuple[bool, tuple[Rival, ...]]:
        deletions = {one for one in self.at(presence) if self.value(one, presence) is None}
        edits = {
            one
            for path in paths
            for one in self.at(path)
            if path != presence or self.value(one, path) is not None
        }
        given_up = {e for d in deletions & self.own for e in self.seen(d) | {d}}
        mine = bool((edits & self.own) - given_up)
        disputed: list[Rival] = []
        for one in self.last(deletions):
            unseen = edits - self.seen(one) - {one}
            foreign = mine and one not in self.own
            if any(one in self.seen(edit) for edit in unseen):
                continue
            if not unseen and not foreign:
                return True, ()
            disputed.append(Rival(None, one, foreign=foreign))
        return False, tuple(disputed)

    def place(self, presence: str) -> int:
        placed = {one for one in self.at(presence) if self.value(one, presence) is not None}
        told_places = [self.value(one, presence) for one in self.last(placed)]
        return next((place for place in told_places if isinstance(place, int)), NO_POSITION)

    def told(self) -> str:
        paths = sorted({path for each in self.by_id.values() for path in each.changes})
        shown = {path: self.present(path) for path in paths}
        conflicts = [
            Conflict(path, value, rivals)
            for path, (value, rivals) in shown.items()
            if rivals and path != RECORD_PATH and path.count("/") != 1
        ]
        deleted, disputed = self.deletion(RECORD_PATH, paths)
        if disputed:
            conflicts.append(Conflict(RECORD_PATH, shown=True, rivals=disputed))
        values = {
            p: v for p, (v, _) in shown.items() if "/" not in p and p != "." and v is not None
        }
        groups: dict[str, list[tuple[int, str, Json]]] = {}
        for presence in sorted({"/".join(path.split("/")[:2]) for path in paths if "/" in path}):
            inside = [path for path in paths if path == presence or path.startswith(presence + "/")]
            gone, disputed = self.deletion(presence, inside)
            if gone:
                conflicts = [each for each in conflicts if each.path not in inside]
                continue
            if disputed:
                conflicts.append(Conflict(presence, shown=True, rivals=disputed))
            name, item = presence.split("/")
            parts: dict[str, Json] = {
                path.split("/")[2]: shown[path][0]
                for path in inside
                if path != presence and shown[path][0] is not None
            }
            groups.setdefault(name, []).append((self.place(presence), item, {**parts, "id": item}))
        for name, group in groups.items():
            values[name] = [parts for _, _, parts in sorted(group, key=lambda entry: entry[:2])]
        return as_text(
            record=next(iter(self.by_id.values())).record,
            type=self.by_id[max(self.by_id, key=self.rank)].type,
            heads=sorted(self.last(self.by_id)),
            values=values,
            positions={f"{n}/{item}": place for n, g in groups.items() for place, item, _ in g},
            deleted=deleted,
            conflicts=[asdict(each) for each in sorted(conflicts, key=lambda each: each.path)],
        )


def same(one: Json, other: Json) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def oracle(revisions: Iterable[Revision], own: Iterable[str]) -> str:
    """Return what `told` must give for these revisions."""
    return Oracle({each.id: each for each in revisions}, frozenset(own)).told()


@settings(max_examples=200)
@given(histories(foreign=False))
def test_any_history_of_ones_own_merges_as_the_rules_say(history: History) -> None:
    state = merge(history.revisions)

    event(f"{len(state.conflicts)} conflicts")
    assert told(state) == oracle(history.revisions, history.own)


@settings(max_examples=250)
@given(histories())
def test_any_history_with_foreign_revisions_merges_as_the_rules_say(history: History) -> None:
    state = merge(history.revisions, history.is_own)

    event(f"foreign rivals: {any(r.foreign for c in state.conflicts for r in c.rivals)}")
    assert told(state) == oracle(history.revisions, history.own)


@settings(max_examples=60)
@given(devices(), st.sets(st.sampled_from(DEVICES)))
def test_the_writing_of_several_devices_merges_as_the_rules_say(
    several: tuple[Device, ...], own_devices: set[str]
) -> None:
    known = everything(several)
    own = {each.id for each in known if each.device in own_devices}

    assert told(merge(known, own.__contains__)) == oracle(known, own)
    for device in several:
        assert told(device.state()) == oracle(device.revisions.values(), device.revisions)


# --- any order, any repetition --------------------------------------------------------------------


@settings(max_examples=80)
@given(histories(), st.data())
def test_order_and_repetition_do_not_matter(history: History, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(history.revisions))
    repeated = data.draw(st.lists(st.sampled_from(history.revisions), max_size=5))

    state = merge([*shuffled, *repeated], history.is_own)

    assert told(state) == told(merge(history.revisions, history.is_own))
    assert told(merge(iter([*repeated, *shuffled]), history.is_own)) == told(state)


@settings(max_examples=60)
@given(devices())
def test_the_order_in_which_devices_meet_does_not_matter(several: tuple[Device, ...]) -> None:
    first, second, third = ([*device.revisions.values()] for device in several)
    expected = told(merge(everything(several)))

    for order in (
        (first, second, third),
        (third, first, second),
        (second, third, first),
        (first, second, first, third, third),
        (third[::-1], second[::-1], first[::-1]),
    ):
        assert told(merge([each for part in order for each in part])) == expected


@settings(max_examples=60)
@given(devices())
def test_one_revision_that_has_seen_everything_settles_every_conflict(
    several: tuple[Device, ...],
) -> None:
    device = several[0]
    device.receive(everything(several), 100)
    before = device.state()

    device.write({conflict.path: conflict.shown for conflict in before.conflicts}, 101)

    after = device.state()
    assert after.conflicts == ()
    assert after.values.keys() == before.values.keys()
    if not any("/" in conflict.path for conflict in before.conflicts):
        assert after.values == before.values
    assert len(after.heads) == 1 or not before.conflicts


@settings(max_examples=60)
@given(devices())
def test_no_value_is_lost_without_somebody_having_seen_it(several: tuple[Device, ...]) -> None:
    known = everything(several)
    state = merge(known)
    parents = {parent for each in known for parent in each.parents}

    for each in (one for one in known if one.id not in parents):
        for path, value in each.changes.items():
            if path in ("title", "note"):
                conflicts = [c for c in state.conflicts if c.path == path]
                rivals = [rival.value for c in conflicts for rival in c.rivals]
                assert value in (state.values.get(path), *rivals)


# --- two devices at once --------------------------------------------------------------------------


def test_two_devices_that_each_add_an_entry_have_both_and_no_conflict() -> None:
    one, other = Device(A, 0), Device(B, -FIFTY_YEARS_MS)
    first = one.write({RECORD_PATH: True}, 0)
    assert first is not None
    other.receive([first], 0)

    one.give({"entries": [{"text": "taken away"}]}, 1)
    other.give({"entries": [{"text": "seen in court"}]}, 2)

    state = merge(everything([one, other]))
    entries = state.values["entries"]
    assert isinstance(entries, list)
    assert {str(part["text"]) for part in entries if isinstance(part, dict)} == {
        "taken away",
        "seen in court",
    }
    assert state.conflicts == ()
    assert len(state.heads) == 2


def test_two_devices_that_each_append_to_a_list_keep_its_beginning() -> None:
    start = revision({ITEM: 0, f"{ITEM}/text": "first"})
    one = revision({OTHER_ITEM: 1}, start, device=A, clock=(1, 0))
    other = revision({f"entries/{ITEMS[2]}": 1}, start, device=B, clock=(2, 0))

    state = merge([start, one, other])

    assert state.values["entries"] == [
        {"id": ITEMS[0], "text": "first"},
        {"id": ITEMS[1]},
        {"id": ITEMS[2]},
    ]
    assert state.positions == {ITEM: 0, OTHER_ITEM: 1, f"entries/{ITEMS[2]}": 1}
    assert state.conflicts == ()


@pytest.mark.parametrize(
    ("one", "other", "winner"),
    [
        ({"clock": (1, 0), "device": B}, {"clock": (2, 0), "device": A}, "other"),
        ({"clock": (1, 1), "device": A}, {"clock": (1, 0), "device": B}, "one"),
        ({"clock": (1, 0), "device": B}, {"clock": (1, 0), "device": A}, "one"),
        ({"clock": (1, 9), "device": C}, {"clock": (2, 0), "device": A}, "other"),
    ],
)
def test_among_values_written_at_once_clock_then_device_decides(
    one: dict[str, object], other: dict[str, object], winner: str
) -> None:
    start = revision({"title": "start"})
    first = revision({"title": "one"}, start, **one)  # type: ignore[arg-type]  # rows of a table
    second = revision({"title": "other"}, start, **other)  # type: ignore[arg-type]  # the same

    state = merge([start, first, second])

    loser = second if winner == "one" else first
    rival = Rival(loser.changes["title"], loser.id, foreign=False)
    assert state.values == {"title": winner}
    assert state.conflicts == (Conflict("title", winner, (rival,)),)
    assert state.heads == tuple(sorted((first.id, second.id)))


def test_among_equal_clocks_of_one_device_the_id_decides() -> None:
    one, other = revision({"title": "one"}, salt=1), revision({"title": "other"}, salt=2)

    state = merge([one, other])

    assert state.values["title"] == max((one, other), key=lambda each: each.id).changes["title"]
    assert len(state.conflicts) == 1


def test_a_conflict_is_settled_by_a_revision_that_has_seen_both_sides() -> None:
    start = revision({"title": "start"})
    one = revision({"title": "one"}, start, clock=(9, 0))
    other = revision({"title": "other"}, start, device=B, clock=(8, 0))
    settling = revision({"title": "other"}, one, other, device=C, clock=(1, 0))

    state = merge([start, one, other, settling])

    assert state.values == {"title": "other"}
    assert state.conflicts == ()
    assert state.heads == (settling.id,)


def test_a_conflict_is_not_settled_by_a_revision_that_saw_one_side_only() -> None:
    one = revision({"title": "one"}, clock=(1, 0))
    other = revision({"title": "other"}, device=B, clock=(2, 0))
    later = revision({"title": "later"}, one, clock=(3, 0))

    state = merge([one, other, later])

    assert state.conflicts == (
        Conflict("title", "later", (Rival("other", other.id, foreign=False),)),
    )


def test_a_conflict_is_not_settled_by_a_revision_about_something_else() -> None:
    one, other = revision({"title": "one"}), revision({"title": "other"}, device=B)
    elsewhere = revision({"note": "n"}, one, other, device=C)

    state = merge([one, other, elsewhere])

    assert [conflict.path for conflict in state.conflicts] == ["title"]
    assert state.heads == (elsewhere.id,)


def test_a_value_whose_writer_had_seen_the_other_wins_with_an_older_clock_too() -> None:
    earlier = revision({"title": "earlier"}, clock=(FIFTY_YEARS_MS, 0), device=C)
    later = revision({"title": "later"}, earlier, clock=(0, 0), device=A)

    state = merge([earlier, later])

    assert state.values == {"title": "later"}
    assert state.conflicts == ()


def test_what_was_seen_through_others_counts_as_seen() -> None:
    first = revision({"title": "first"}, clock=(9, 0))
    between = revision({"note": "n"}, first, clock=(8, 0))
    last = revision({"title": "last"}, between, clock=(7, 0))

    state = merge([first, between, last])

    assert state.values["title"] == "last"
    assert state.conflicts == ()


def test_the_same_value_written_at_once_is_no_conflict() -> None:
    one = revision({"title": "same"}, device=A)
    other = revision({"title": "same"}, device=B)

    assert merge([one, other]).conflicts == ()


@pytest.mark.parametrize(("one", "other"), [(True, 1), (False, 0), ([True], [1])])
def test_true_and_one_are_different_values(one: Json, other: Json) -> None:
    first = revision({"title": one}, device=A)
    second = revision({"title": other}, device=B)

    state = merge([first, second])

    (rival,) = conflict_at(state, "title").rivals
    assert rival == Rival(one, first.id, foreign=False)
    assert same(rival.value, one)


def test_clearing_a_field_while_another_writes_it_is_a_conflict() -> None:
    start = revision({"title": "start"})
    cleared = revision({"title": None}, start, device=B, clock=(2, 0))
    written = revision({"title": "new"}, start, device=A, clock=(1, 0))

    state = merge([start, cleared, written])

    assert "title" not in state.values
    assert conflict_at(state, "title") == Conflict(
        "title", None, (Rival("new", written.id, foreign=False),)
    )


def test_different_parts_of_one_item_merge_without_a_conflict() -> None:
    start = revision({ITEM: 0})
    one = revision({f"{ITEM}/text": "t"}, start, device=A)
    other = revision({f"{ITEM}/place": "p"}, start, device=B)

    state = merge([start, one, other])

    assert state.values["entries"] == [{"id": ITEMS[0], "text": "t", "place": "p"}]
    assert state.conflicts == ()


def test_one_part_of_an_item_written_at_once_is_a_conflict() -> None:
    start = revision({ITEM: 0})
    one = revision({f"{ITEM}/text": "one"}, start, device=A)
    other = revision({f"{ITEM}/text": "other"}, start, device=B)

    state = merge([start, one, other])

    assert conflict_at(state, f"{ITEM}/text").shown == "other"


# --- order of items -------------------------------------------------------------------------------


def test_items_stand_by_place_then_by_id_and_those_without_a_place_last() -> None:
    state = merge(
        [
            revision(
                {
                    f"entries/{ITEMS[3]}": 0,
                    f"entries/{ITEMS[2]}": 1,
                    f"entries/{ITEMS[1]}": 1,
                    f"entries/{ITEMS[0]}/text": "no place",
                }
            )
        ]
    )

    entries = state.values["entries"]
    assert isinstance(entries, list)
    assert [part["id"] for part in entries if isinstance(part, dict)] == [
        ITEMS[3],
        ITEMS[1],
        ITEMS[2],
        ITEMS[0],
    ]
    assert state.positions[ITEM] == NO_POSITION


def test_a_later_order_replaces_an_earlier_one() -> None:
    start = revision({ITEM: 0, OTHER_ITEM: 1}, clock=(9, 0))
    turned = revision({ITEM: 1, OTHER_ITEM: 0}, start, clock=(1, 0))

    state = merge([start, turned])

    assert state.values["entries"] == [{"id": ITEMS[1]}, {"id": ITEMS[0]}]


def test_two_orders_told_at_once_are_decided_by_the_clock_without_a_conflict() -> None:
    start = revision({ITEM: 0, OTHER_ITEM: 1})
    one = revision({ITEM: 1, OTHER_ITEM: 0}, start, clock=(2, 0), device=A)
    other = revision({ITEM: 0, OTHER_ITEM: 5}, start, clock=(1, 0), device=B)

    state = merge([start, one, other])

    assert state.positions == {ITEM: 1, OTHER_ITEM: 0}
    assert state.conflicts == ()


def test_no_part_can_take_the_place_of_an_items_own_id() -> None:
    state = merge([revision({ITEM: 0, f"{ITEM}/id": "another", f"{ITEM}/text": "t"})])

    assert state.values["entries"] == [{"id": ITEMS[0], "text": "t"}]


# --- deleting -------------------------------------------------------------------------------------


def test_a_deletion_that_saw_everything_holds() -> None:
    start = revision({RECORD_PATH: True, ITEM: 0, f"{ITEM}/text": "t", "title": "x"})
    item_gone = revision({ITEM: None}, start)
    gone = revision({RECORD_PATH: None}, item_gone)

    assert merge([start, item_gone]).values == {"title": "x"}
    assert merge([start, item_gone]).positions == {}
    assert not merge([start, item_gone]).deleted
    assert merge([start, item_gone, gone]).deleted
    assert merge([start, item_gone, gone]).conflicts == ()


def test_an_edit_at_once_with_the_deletion_of_its_item_keeps_it_and_is_shown() -> None:
    start = revision({ITEM: 0, f"{ITEM}/text": "t"})
    gone = revision({ITEM: None}, start, device=A, clock=(9, 0))
    edited = revision({f"{ITEM}/text": "new"}, start, device=B, clock=(1, 0))

    state = merge([start, gone, edited])

    assert state.values["entries"] == [{"id": ITEMS[0], "text": "new"}]
    assert state.positions == {ITEM: 0}
    assert state.conflicts == (
        Conflict(ITEM, shown=True, rivals=(Rival(None, gone.id, foreign=False),)),
    )


def test_an_edit_at_once_with_the_deletion_of_its_record_keeps_it_and_is_shown() -> None:
    start = revision({RECORD_PATH: True, "title": "t"})
    gone = revision({RECORD_PATH: None}, start, device=A, clock=(9, 0))
    edited = revision({f"{ITEM}/text": "new"}, start, device=B, clock=(1, 0))

    state = merge([start, gone, edited])

    assert not state.deleted
    assert state.conflicts == (
        Conflict(RECORD_PATH, shown=True, rivals=(Rival(None, gone.id, foreign=False),)),
    )


@pytest.mark.parametrize("presence", [ITEM, RECORD_PATH])
def test_a_disputed_deletion_is_settled_either_way_by_who_has_seen_both(presence: str) -> None:
    start = revision({RECORD_PATH: True, ITEM: 0, f"{ITEM}/text": "t"})
    gone = revision({presence: None}, start, device=A)
    edited = revision({f"{ITEM}/text": "new"}, start, device=B)
    kept = revision({f"{ITEM}/text": "kept"}, gone, edited, device=C)
    given_up = revision({presence: None}, gone, edited, device=C)

    keeping = merge([start, gone, edited, kept])
    giving_up = merge([start, gone, edited, given_up])

    assert keeping.values["entries"] == [{"id": ITEMS[0], "text": "kept"}]
    assert not keeping.deleted
    assert keeping.conflicts == giving_up.conflicts == ()
    assert giving_up.deleted or "entries" not in giving_up.values


@pytest.mark.parametrize("presence", [ITEM, RECORD_PATH])
def test_a_deletion_by_somebody_who_saw_everything_holds_beside_one_who_did_not(
    presence: str,
) -> None:
    start = revision({RECORD_PATH: True, ITEM: 0})
    hasty = revision({presence: None}, start, device=A, clock=(9, 0))
    edited = revision({f"{ITEM}/text": "new"}, start, device=B)
    careful = revision({presence: None}, edited, device=C)

    state = merge([start, hasty, edited, careful])

    assert state.deleted or "entries" not in state.values
    assert state.conflicts == ()


def test_what_was_deleted_and_restored_is_there_and_can_be_deleted_again() -> None:
    start = revision({RECORD_PATH: True, ITEM: 0, "title": "t"}, clock=(9, 0))
    gone = revision({RECORD_PATH: None, ITEM: None}, start, clock=(8, 0))
    back = revision({RECORD_PATH: True, ITEM: 3}, gone, clock=(7, 0))
    again = revision({RECORD_PATH: None, ITEM: None}, back, clock=(6, 0))

    restored = merge([start, gone, back])

    assert not restored.deleted
    assert restored.values == {"title": "t", "entries": [{"id": ITEMS[0]}]}
    assert restored.positions == {ITEM: 3}
    assert restored.conflicts == ()
    assert merge([start, gone, back, again]).deleted
    assert "entries" not in merge([start, gone, back, again]).values


def test_conflicts_inside_a_deleted_item_are_no_longer_shown() -> None:
    one = revision({f"{ITEM}/text": "one"}, device=A)
    other = revision({f"{ITEM}/text": "other"}, device=B)
    gone = revision({ITEM: None}, one, other)

    assert merge([one, other, gone]).conflicts == ()


def test_both_deletions_of_an_edited_item_are_shown() -> None:
    start = revision({ITEM: 0})
    one = revision({ITEM: None}, start, device=A)
    other = revision({ITEM: None}, start, device=B)
    edited = revision({f"{ITEM}/text": "new"}, start, device=C)

    state = merge([start, one, other, edited])

    assert [rival.revision for rival in conflict_at(state, ITEM).rivals] == [other.id, one.id]


# --- what has not arrived -------------------------------------------------------------------------


def test_missing_parents_are_allowed_and_fall_into_place_when_they_arrive() -> None:
    first = revision({"title": "first"}, clock=(9, 0))
    second = revision({"title": "second"}, first, clock=(8, 0))
    third = revision({"title": "third"}, second, clock=(7, 0))

    without_the_middle = merge([third, first])
    alone = merge([third])

    assert alone.values == {"title": "third"}
    assert alone.heads == (third.id,)
    assert without_the_middle.values == {"title": "first"}
    assert conflict_at(without_the_middle, "title").rivals[0].value == "third"
    assert merge([third, first, second]).values == {"title": "third"}
    assert merge([third, first, second]).conflicts == ()


def test_unknown_fields_types_and_items_are_kept() -> None:
    state = merge([revision({"newer": {"a": [1]}, f"more/{ITEMS[0]}/x": 1}, type_="newer-type")])

    assert state.type == "newer-type"
    assert state.values == {"newer": {"a": [1]}, "more": [{"id": ITEMS[0], "x": 1}]}


def test_a_long_history_merges() -> None:
    made = [revision({"title": 0})]
    for number in range(1, 3000):
        made.append(revision({"title": number}, made[-1], salt=number))

    state = merge(reversed(made))

    assert state.values == {"title": 2999}
    assert state.heads == (made[-1].id,)


# --- foreign values -------------------------------------------------------------------------------


def own_are(*own: Revision) -> "frozenset[str]":
    return frozenset(each.id for each in own)


def test_what_another_signer_wrote_over_ones_own_value_is_theirs_until_accepted() -> None:
    mine = revision({"title": "mine"}, clock=(1, 0))
    theirs = revision({"title": "theirs"}, mine, device=B, clock=(9, 0))
    accepting = revision({"title": "theirs"}, theirs, clock=(2, 0))
    refusing = revision({"title": "mine"}, theirs, clock=(2, 0))
    own = own_are(mine, accepting, refusing).__contains__

    state = merge([mine, theirs], own)

    assert state.values == {"title": "mine"}
    assert state.conflicts == (
        Conflict("title", "mine", (Rival("theirs", theirs.id, foreign=True),)),
    )
    assert state.heads == (theirs.id,)
    for settled, value in ((accepting, "theirs"), (refusing, "mine")):
        after = merge([mine, theirs, settled], own)
        assert after.values == {"title": value}
        assert after.conflicts == ()


def test_what_another_signer_wrote_at_once_is_theirs_whatever_its_clock() -> None:
    mine = revision({"title": "mine"}, clock=(1, 0))
    theirs = revision({"title": "theirs"}, device=B, clock=(9, 0))

    state = merge([mine, theirs], own_are(mine).__contains__)

    assert state.conflicts == (
        Conflict("title", "mine", (Rival("theirs", theirs.id, foreign=True),)),
    )


def test_own_writing_about_something_else_does_not_accept_what_another_signer_wrote() -> None:
    mine = revision({"title": "mine"})
    theirs = revision({"title": "theirs"}, mine, device=B)
    elsewhere = revision({"note": "n"}, theirs)

    state = merge([mine, theirs, elsewhere], own_are(mine, elsewhere).__contains__)

    assert conflict_at(state, "title").rivals == (Rival("theirs", theirs.id, foreign=True),)


def test_what_another_signer_wrote_where_one_wrote_nothing_is_simply_there() -> None:
    mine = revision({"title": "mine"})
    theirs = revision({"note": "theirs", ITEM: 0, f"{ITEM}/text": "t"}, mine, device=B)
    later = revision({"note": "newer"}, theirs, device=B)

    state = merge([mine, theirs, later], own_are(mine).__contains__)

    assert state.values == {
        "title": "mine",
        "note": "newer",
        "entries": [{"id": ITEMS[0], "text": "t"}],
    }
    assert state.conflicts == ()


def test_another_signer_who_wrote_the_same_agrees() -> None:
    mine = revision({"title": "same"})
    theirs = revision({"title": "same"}, mine, device=B)

    assert merge([mine, theirs], own_are(mine).__contains__).conflicts == ()


def test_another_signer_does_not_settle_a_conflict_of_ones_own() -> None:
    one = revision({"title": "one"}, device=A, clock=(1, 0))
    other = revision({"title": "other"}, device=B, clock=(2, 0))
    theirs = revision({"title": "theirs"}, one, other, device=C, clock=(3, 0))

    state = merge([one, other, theirs], own_are(one, other).__contains__)

    assert conflict_at(state, "title") == Conflict(
        "title",
        "other",
        (Rival("theirs", theirs.id, foreign=True), Rival("one", one.id, foreign=False)),
    )


def test_an_own_value_does_not_vanish_because_another_signer_wrote_over_it() -> None:
    mine = revision({"title": "mine"}, device=A, clock=(5, 0))
    theirs = revision({"title": "theirs"}, mine, device=B, clock=(1, 0))
    mine_elsewhere = revision({"title": "elsewhere"}, device=C, clock=(3, 0))

    state = merge([mine, theirs, mine_elsewhere], own_are(mine, mine_elsewhere).__contains__)

    shown = {state.values["title"], *(rival.value for rival in conflict_at(state, "title").rivals)}
    assert shown == {"mine", "theirs", "elsewhere"}


@pytest.mark.parametrize("presence", [ITEM, RECORD_PATH])
def test_what_another_signer_deletes_of_ones_own_is_shown_as_theirs_until_accepted(
    presence: str,
) -> None:
    mine = revision({RECORD_PATH: True, ITEM: 0, f"{ITEM}/text": "mine"})
    theirs = revision({presence: None}, mine, device=B)
    keeping = revision({f"{ITEM}/text": "mine"}, theirs)
    accepting = revision({presence: None}, theirs)
    own = own_are(mine, keeping, accepting).__contains__

    state = merge([mine, theirs], own)
    kept = merge([mine, theirs, keeping], own)
    accepted = merge([mine, theirs, accepting], own)

    assert state.values["entries"] == [{"id": ITEMS[0], "text": "mine"}]
    assert not state.deleted
    assert state.conflicts == (
        Conflict(presence, shown=True, rivals=(Rival(None, theirs.id, foreign=True),)),
    )
    assert kept.conflicts == accepted.conflicts == ()
    assert kept.values == state.values
    assert not kept.deleted
    assert accepted.deleted or "entries" not in accepted.values


def test_another_signer_may_delete_what_was_never_ones_own() -> None:
    theirs = revision({ITEM: 0, f"{ITEM}/text": "theirs"}, device=B)
    mine = revision({"title": "mine"}, theirs)
    gone = revision({ITEM: None}, mine, device=B)

    state = merge([theirs, mine, gone], own_are(mine).__contains__)

    assert state.values == {"title": "mine"}
    assert state.conflicts == ()


@pytest.mark.parametrize("presence", [ITEM, RECORD_PATH])
def test_what_one_deleted_oneself_stays_deleted_when_another_signer_deletes_it_too(
    presence: str,
) -> None:
    mine = revision({RECORD_PATH: True, ITEM: 0})
    gone = revision({presence: None}, mine)
    theirs = revision({presence: None}, gone, device=B)

    state = merge([mine, gone, theirs], own_are(mine, gone).__contains__)

    assert state.deleted or "entries" not in state.values
    assert state.conflicts == ()


def test_a_derived_value_sent_again_after_it_was_corrected_is_no_conflict() -> None:
    received = revision({"title": "as sent"}, device="", clock=(1, 0))
    corrected = revision({"title": "corrected"}, received, clock=(2, 0))
    again = revision({"title": "as sent"}, device="", clock=(3, 0))

    state = merge([received, corrected, again], own_are(corrected).__contains__)

    assert state.values == {"title": "corrected"}
    assert state.conflicts == ()


def test_a_derived_value_that_is_new_is_shown_as_theirs() -> None:
    received = revision({"title": "as sent"}, device="", clock=(1, 0))
    corrected = revision({"title": "corrected"}, received, clock=(2, 0))
    news = revision({"title": "news"}, device="", clock=(3, 0))

    state = merge([received, corrected, news], own_are(corrected).__contains__)

    assert conflict_at(state, "title") == Conflict(
        "title", "corrected", (Rival("news", news.id, foreign=True),)
    )


def test_a_value_sent_again_that_is_not_derived_stays_a_conflict() -> None:
    received = revision({"title": "as sent"}, device=B, clock=(1, 0))
    corrected = revision({"title": "corrected"}, received, clock=(2, 0))
    again = revision({"title": "as sent"}, device=B, clock=(3, 0))

    state = merge([received, corrected, again], own_are(corrected).__contains__)

    assert conflict_at(state, "title").rivals == (Rival("as sent", again.id, foreign=True),)
