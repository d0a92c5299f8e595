import hashlib
from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fielddoc.domain.canonical import MAXIMUM_INTEGER, Json, NotCanonicalError, decode, encode
from fielddoc.domain.revision import (
    A_DAY_MS,
    MAXIMUM_PARENTS,
    Clock,
    RevisionFormError,
    RevisionTooNewError,
    is_path,
    is_record_id,
    new_id,
    read_revision,
    write_revision,
)
from strategies import DEVICES, ITEMS, RECORD, json_values

_PARENTS = tuple(digit * 64 for digit in "0af")


def _members() -> dict[str, Json]:
    return {
        "v": 1,
        "record": RECORD,
        "type": "person",
        "parents": [*_PARENTS],
        "set": {".": True, "note": "徐秦", f"names/{ITEMS[0]}": 0, f"names/{ITEMS[0]}/text": "徐"},
        "clock": [1_660_000_000_000, 3],
        "device": DEVICES[0],
        "salt": "00112233445566778899aabbccddeeff",
    }


def test_a_revision_reads_as_it_was_written() -> None:
    set_: dict[str, Json] = {".": True, "note": "徐秦", f"names/{ITEMS[0]}/text": "徐"}

    written = write_revision(
        record=RECORD,
        type_="person",
        parents=[_PARENTS[2], _PARENTS[0], _PARENTS[2]],
        changes=set_,
        clock=Clock(5, 7),
        device=DEVICES[1],
    )

    assert read_revision(written.body) == written
    assert written.id == hashlib.sha256(written.body).hexdigest()
    assert written.record == RECORD
    assert written.type == "person"
    assert written.parents == (_PARENTS[0], _PARENTS[2])
    assert written.changes == set_
    assert written.clock == Clock(5, 7)
    assert written.device == DEVICES[1]
    assert not written.derived
    assert decode(written.body) == {
        "v": 1,
        "record": RECORD,
        "type": "person",
        "parents": [_PARENTS[0], _PARENTS[2]],
        "set": set_,
        "clock": [5, 7],
        "device": DEVICES[1],
        "salt": cast("dict[str, Json]", decode(written.body))["salt"],
    }


def test_a_derived_revision_names_no_device() -> None:
    written = write_revision(
        record=RECORD, type_="person", parents=(), changes={"note": 1}, clock=Clock(0, 0), device=""
    )

    assert written.derived
    assert written.device == ""
    assert "device" not in cast("dict[str, Json]", decode(written.body))


@given(json_values())
def test_values_come_back_as_they_were_set(value: Json) -> None:
    written = write_revision(
        record=RECORD,
        type_="person",
        parents=(),
        changes={"note": value},
        clock=Clock(0, 0),
        device=DEVICES[0],
    )

    assert encode(written.changes["note"]) == encode(value)


def test_the_salt_keeps_equal_contents_from_having_equal_ids() -> None:
    ids = {
        write_revision(
            record=RECORD,
            type_="person",
            parents=(),
            changes={"note": "徐秦"},
            clock=Clock(5, 0),
            device=DEVICES[0],
        ).id
        for _ in range(50)
    }

    assert len(ids) == 50


def _each(name: str, *wrong: Json) -> Iterator[tuple[str, Json]]:
    return ((name, value) for value in wrong)


def _wrong_members() -> Iterator[tuple[str, Json]]:
    hex_32, hex_64 = "a" * 32, "a" * 64
    for name in ("v", "parents", "set", "clock"):
        yield name, None
    yield from _each("v", 0, -1, True, "1", [1])
    for name in ("record", "type", "device", "salt"):
        yield from _each(name, None, 1, True, [], {}, "", [hex_32])
    yield from _each("record", RECORD + "\n", RECORD[:-1], hex_32, "A" + RECORD[1:])
    yield from _each("type", "Person", "1a", "a b", "a" * 65, "a/b", "é", "a\n")
    for name in ("device", "salt"):
        yield from _each(name, "A" * 32, "a" * 31, "a" * 33, "g" * 32, hex_32 + "\n", "１" * 32)
    yield from _each("parents", True, "", {}, hex_64, [None], [1], [[hex_64]])
    for parent in ("", "a" * 63, "A" * 64, "g" * 64, hex_64 + "\n"):
        yield "parents", [parent]
    yield "parents", ["b" * 64, "a" * 64]
    yield "parents", ["a" * 64, "a" * 64]
    yield "parents", [f"{n:064x}" for n in range(MAXIMUM_PARENTS + 1)]
    yield from _each("set", [], {}, "", True, 1, ["note"])
    for path in _WRONG_PATHS:
        yield "set", {path: "a"}
    yield "set", {"note": 1, "Note": 1}
    neither_true_nor_null: tuple[Json, ...] = (False, 0, 1, "", "true", [], {}, [True])
    for value in neither_true_nor_null:
        yield "set", {".": value}
    yield from _each("clock", [], [1], [1, 2, 3], "12", 1, {"ms": 1}, True)
    no_numbers: tuple[Json, ...] = (-1, True, False, None, "1", [1])
    for value in no_numbers:
        yield "clock", [value, 0]
        yield "clock", [0, value]
    yield from _each("derived", False, None, 1, "true", [])


_WRONG_PATHS = (
    "",
    "..",
    "./a",
    "/",
    "a/",
    "/a",
    "a/b",
    "a.b",
    "A",
    "1",
    "_a",
    "a" * 65,
    "é",
    "a\n",
    f"a/{ITEMS[0]}/",
    f"a/{ITEMS[0]}/B",
    f"a/{ITEMS[0]}/b/c",
    f"a/{ITEMS[0].replace('-', '')}",
    f"a/{ITEMS[0]}\n",
    f"a//{ITEMS[0]}",
    ITEMS[0],
)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        pytest.param(name, wrong, id=f"{name}-{number}")
        for number, (name, wrong) in enumerate(_wrong_members())
    ],
)
def test_a_member_of_the_wrong_form_is_refused(name: str, wrong: Json) -> None:
    with pytest.raises(RevisionFormError):
        read_revision(encode({**_members(), name: wrong}))


@pytest.mark.parametrize("name", sorted(_members()))
def test_a_missing_member_is_refused(name: str) -> None:
    members = _members()
    del members[name]

    with pytest.raises(RevisionFormError):
        read_revision(encode(members))


def test_a_derived_revision_with_a_device_is_refused() -> None:
    with pytest.raises(RevisionFormError):
        read_revision(encode({**_members(), "derived": True}))


@pytest.mark.parametrize("value", [None, 1, "a", [], [_members()]])
def test_what_is_no_object_is_refused(value: Json) -> None:
    with pytest.raises(RevisionFormError):
        read_revision(encode(value))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        encode(_members()) + b"\n",
        encode(_members()).replace(b":", b": ", 1),
        encode(_members()).replace("徐".encode(), b"\\u5f90"),
        encode(_members()).replace(b'"v":1', b'"v":1,"v":1'),
    ],
)
def test_a_revision_that_is_not_canonical_is_refused(body: bytes) -> None:
    with pytest.raises(RevisionFormError):
        read_revision(body)


@given(st.binary(max_size=80) | json_values().map(encode))
def test_arbitrary_bytes_are_refused_as_a_wrong_form(body: bytes) -> None:
    with pytest.raises(RevisionFormError):
        read_revision(body)


@given(st.sampled_from(sorted(_members())), json_values())
def test_a_revision_with_any_value_in_any_member_is_read_or_refused(name: str, value: Json) -> None:
    try:
        body = encode({**_members(), name: value})
    except NotCanonicalError:
        return
    try:
        read = read_revision(body)
    except RevisionFormError:
        return

    assert read.body == body


def test_unknown_members_are_kept_and_otherwise_ignored() -> None:
    known = read_revision(encode(_members()))
    body = encode({**_members(), "x-newer": {"a": [1]}, "zz": None})

    read = read_revision(body)

    assert read.body == body
    assert read.id != known.id
    assert (read.changes, read.clock, read.parents) == (known.changes, known.clock, known.parents)


@pytest.mark.parametrize("version", [2, 3, MAXIMUM_INTEGER])
def test_a_newer_version_is_reported_as_newer_whatever_else_it_holds(version: int) -> None:
    whole: dict[str, Json] = {**_members(), "v": version}
    bare: dict[str, Json] = {"v": version, "anything": [1]}

    for members in (whole, bare):
        with pytest.raises(RevisionTooNewError):
            read_revision(encode(members))


def test_fresh_ids_are_random_and_do_not_tell_the_time() -> None:
    ids = {new_id() for _ in range(100)}

    assert len(ids) == 100
    assert all(is_record_id(each) and each[14] == "4" and each[19] in "89ab" for each in ids)
    assert len({each[:8] for each in ids}) > 90


@pytest.mark.parametrize(
    "path", [".", "a", "what_happened", "a-1", f"a/{ITEMS[0]}", f"a/{ITEMS[0]}/b_c"]
)
def test_right_paths_are_paths(path: str) -> None:
    assert is_path(path)


@pytest.mark.parametrize("path", _WRONG_PATHS)
def test_wrong_paths_are_no_paths(path: str) -> None:
    assert not is_path(path)


_numbers = st.integers(0, MAXIMUM_INTEGER) | st.integers(0, 3)
_clocks = st.builds(Clock, _numbers, _numbers)


@given(_clocks, st.integers(-(2**60), MAXIMUM_INTEGER))
def test_the_clock_never_goes_back_and_never_stands_still(clock: Clock, now_ms: int) -> None:
    later = clock.next(now_ms)

    assert later > clock
    assert later.ms >= now_ms


def test_the_clock_counts_within_one_millisecond() -> None:
    assert Clock(5, 0).next(5) == Clock(5, 1)
    assert Clock(5, 3).next(4) == Clock(5, 4)
    assert Clock(5, 3).next(6) == Clock(6, 0)


@given(_clocks, _clocks, _numbers)
def test_a_foreign_clock_advances_the_own_one_by_at_most_a_day_beyond_now(
    own: Clock, foreign: Clock, now_ms: int
) -> None:
    after = own.seen(foreign, now_ms)

    assert after >= own
    assert after.ms <= max(own.ms, now_ms + A_DAY_MS)
    if foreign.ms <= now_ms + A_DAY_MS:
        assert after == max(own, foreign)


@example(Clock(10, MAXIMUM_INTEGER), 0)
@given(st.builds(Clock, st.integers(0, A_DAY_MS), _numbers), st.integers(0, 3))
def test_after_any_foreign_clock_the_next_revision_can_be_written(
    foreign: Clock, now_ms: int
) -> None:
    after = Clock(0, 0).seen(foreign, now_ms).next(now_ms)

    written = write_revision(
        record=RECORD, type_="person", parents=(), changes={".": True}, clock=after, device="a" * 32
    )

    assert written.clock > foreign
