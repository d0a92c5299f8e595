"""Random input for property tests: JSON values, values of records, histories of revisions."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from hypothesis import strategies as st

from fielddoc.domain.canonical import MAXIMUM_INTEGER, Json, encode
from fielddoc.domain.edit import changes
from fielddoc.domain.merge import State, merge
from fielddoc.domain.record_types import DETENTION
from fielddoc.domain.revision import (
    RECORD_PATH,
    Clock,
    Revision,
    read_revision,
    write_revision,
)
from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.domain.vocabularies import vocabulary

RECORD = "00000000-0000-4000-8000-000000000000"
ITEMS = tuple(f"{n:08x}-0000-4000-8000-000000000000" for n in range(1, 5))
DEVICES = tuple(digit * 32 for digit in "abc")


def json_values(max_leaves: int = 12) -> st.SearchStrategy[Json]:
    """Any value that canonical JSON carries."""
    leaves: st.SearchStrategy[Json] = (
        st.none()
        | st.booleans()
        | st.integers(-MAXIMUM_INTEGER, MAXIMUM_INTEGER)
        | st.text(max_size=12)
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
        ),
        max_leaves=max_leaves,
    )


# --- values of records ----------------------------------------------------------------------------

_DATES = ("2022", "2022-08", "2022-08-15", "2022-21", "2022-08~", "2022-08-15?", "202X", "/2022")
_LATER_DATES = ("2023", "2023-01-01%", "2023/..", "2024-03~")


def right_value(declared: Field) -> st.SearchStrategy[Json]:
    """A value of the field's kind, never empty."""
    text = st.text(min_size=1, max_size=8)
    match declared.kind:
        case Kind.TEXT | Kind.LONG_TEXT:
            return text
        case Kind.TEXTS:
            return st.lists(text, min_size=1, max_size=3)
        case Kind.DATE:
            return st.sampled_from(_LATER_DATES if declared.name == "known" else _DATES)
        case Kind.FLAG:
            return st.booleans()
        case Kind.NUMBER:
            return st.decimals(-1000, 1000, places=2).map(lambda number: format(number, "f"))
        case Kind.INTEGER:
            return st.integers(0, MAXIMUM_INTEGER)
        case Kind.TERM:
            return st.sampled_from([term.code for term in vocabulary(declared.vocabulary).terms])
        case Kind.TERMS:
            codes = [term.code for term in vocabulary(declared.vocabulary).terms]
            return st.lists(st.sampled_from(codes), min_size=1, max_size=3)
        case Kind.LINK:
            return st.uuids(version=4).map(str)
        case Kind.LINKS:
            return st.lists(st.uuids(version=4).map(str), min_size=1, max_size=3)
        case Kind.ITEMS:
            return st.lists(right_values(declared.fields), min_size=1, max_size=3)
        case Kind.OWN:
            values: st.SearchStrategy[Json] = text | st.booleans()
            return st.dictionaries(
                st.uuids(version=4).map(str), values, min_size=1, max_size=3
            ).map(lambda own: [{"id": name, "value": part} for name, part in own.items()])
        case Kind.SEALED:
            return st.just("age-encryption")


def right_values(fields: tuple[Field, ...]) -> st.SearchStrategy[dict[str, Json]]:
    """Values of the right kinds; the needed ones are always there, the others now and then."""
    return st.fixed_dictionaries(
        {each.name: right_value(each) for each in fields if each.needed},
        optional={each.name: right_value(each) for each in fields if not each.needed},
    )


def any_values(declared: RecordType) -> st.SearchStrategy[dict[str, Json]]:
    """Values of any kind in any field, lists of items with parts of any kind among them."""

    def value(each: Field) -> st.SearchStrategy[Json]:
        if each.kind is not Kind.ITEMS:
            return right_value(each) | json_values(6)
        item = st.dictionaries(
            st.sampled_from([part.name for part in each.fields]), json_values(4), max_size=3
        )
        return st.lists(item | json_values(3), max_size=3) | json_values(6)

    names = {each.name: value(each) for each in declared.fields}
    return st.sets(st.sampled_from(sorted(names)), max_size=4).flatmap(
        lambda chosen: st.fixed_dictionaries({name: names[name] for name in sorted(chosen)})
    )


def given_values(declared: RecordType) -> st.SearchStrategy[dict[str, Json]]:
    """What a person may give `changes`: items have ids out of a few, so that they come again."""

    def value(each: Field) -> st.SearchStrategy[Json]:
        if each.kind is not Kind.ITEMS:
            return right_value(each) | json_values(6)
        parts = [part.name for part in each.fields]
        item = st.dictionaries(
            st.sampled_from(parts), st.none() | st.text(max_size=3) | json_values(3), max_size=3
        )
        return st.none() | st.lists(st.sampled_from(ITEMS), max_size=4, unique=True).flatmap(
            lambda ids: st.tuples(*(item for _ in ids)).map(
                lambda items: [
                    {"id": identity, **parts} for identity, parts in zip(ids, items, strict=True)
                ]
            )
        )

    plain = [each for each in declared.fields if each.kind is not Kind.ITEMS]
    listed = [each for each in declared.fields if each.kind is Kind.ITEMS]
    optional = {each.name: value(each) for each in (*plain[:2], plain[-1], *listed[:2])}
    return st.fixed_dictionaries({}, optional=optional)


# --- histories ------------------------------------------------------------------------------------


def revision(
    set_: Mapping[str, Json],
    *parents: Revision | str,
    clock: tuple[int, int] = (0, 0),
    device: str = DEVICES[0],
    type_: str = "detention",
    salt: int = 0,
) -> Revision:
    """Return a revision whose id depends on its content alone; without a device it is derived."""
    ids = {parent if isinstance(parent, str) else parent.id for parent in parents}
    members: dict[str, Json] = {
        "v": 1,
        "record": RECORD,
        "type": type_,
        "parents": cast("list[Json]", sorted(ids)),
        "set": dict(set_),
        "clock": [*clock],
        "salt": f"{salt:032x}",
    }
    if device:
        members["device"] = device
    else:
        members["derived"] = True
    return read_revision(encode(members))


_TEXTS: st.SearchStrategy[Json] = st.sampled_from((None, "a", "b", True, 1))
_SETTINGS: dict[str, st.SearchStrategy[Json]] = {
    RECORD_PATH: st.sampled_from((True, None)),
    "title": _TEXTS,
    "note": _TEXTS,
    **{f"entries/{item}": st.sampled_from((None, None, 0, 1, 2, "x")) for item in ITEMS[:2]},
    **{f"entries/{item}/text": _TEXTS for item in ITEMS[:2]},
    f"entries/{ITEMS[0]}/place": _TEXTS,
}


@dataclass(frozen=True, slots=True)
class History:
    """Revisions of one record, some of them perhaps not one's own, some parents missing."""

    revisions: tuple[Revision, ...]
    own: frozenset[str]

    def is_own(self, identity: str) -> bool:
        """Tell whether the revision is one's own."""
        return identity in self.own


@st.composite
def histories(draw: st.DrawFn, *, foreign: bool = True, most: int = 8) -> History:
    """Any history that the format allows, however unlikely: few paths, few values, equal clocks."""
    made: list[Revision] = []
    own: set[str] = set()
    for number in range(draw(st.integers(1, most))):
        parents: tuple[str, ...] = ()
        if made:
            seen = st.sets(st.sampled_from([each.id for each in made[-4:]]), max_size=3)
            parents = tuple(sorted(draw(seen)))
        if draw(st.integers(0, 9)) == 9:
            parents = (*parents, hashlib.sha256(b"never arrived").hexdigest())
        paths = draw(st.sets(st.sampled_from(sorted(_SETTINGS)), min_size=1, max_size=3))
        made.append(
            revision(
                {path: draw(_SETTINGS[path]) for path in sorted(paths)},
                *parents,
                clock=draw(st.tuples(st.integers(0, 3), st.integers(0, 1))),
                device=draw(st.sampled_from((*DEVICES, ""))),
                type_=draw(st.sampled_from(("detention", "detention", "incident"))),
                salt=number,
            )
        )
        if not foreign or draw(st.booleans()):
            own.add(made[-1].id)
    received = {each.id for each in made}
    if draw(st.booleans()):
        received = draw(st.sets(st.sampled_from(sorted(received)), min_size=1))
    return History(tuple(each for each in made if each.id in received), frozenset(own))


_NOW_MS = 1_660_000_000_000
_YEAR_MS = 365 * 24 * 60 * 60 * 1000


@dataclass(slots=True)
class Device:
    """One computer with a clock of its own and the revisions that have reached it."""

    name: str
    skew_ms: int
    clock: Clock = field(default_factory=lambda: Clock(0, 0))
    revisions: dict[str, Revision] = field(default_factory=dict)

    def state(self) -> State:
        """Return what this device shows."""
        return merge(self.revisions.values())

    def write(self, set_: Mapping[str, Json], step: int) -> Revision | None:
        """Append a revision that has seen all that is here; None if there is nothing to set."""
        if not set_:
            return None
        self.clock = self.clock.next(_NOW_MS + step * 1000 + self.skew_ms)
        written = write_revision(
            record=RECORD,
            type_="detention",
            parents=self.state().heads if self.revisions else (),
            changes=set_,
            clock=self.clock,
            device=self.name,
        )
        self.revisions[written.id] = written
        return written

    def give(self, values: Mapping[str, Json], step: int) -> Revision | None:
        """Save values as a person gives them."""
        return self.write(changes(DETENTION, self.state(), values), step)

    def receive(self, revisions: Iterable[Revision], step: int) -> None:
        """Take in what another device brought."""
        for each in revisions:
            self.revisions[each.id] = each
            self.clock = self.clock.seen(each.clock, _NOW_MS + step * 1000 + self.skew_ms)


_ACTS = ("title", "title", "add", "add", "edit", "drop", "move", "trash", "untrash", "some", "all")
_acts = st.lists(
    st.tuples(st.sampled_from(_ACTS), st.integers(0, 2), st.integers(0, 2), st.integers(0, 7)),
    max_size=14,
)
_skews = st.tuples(*[st.integers(-50, 50).map(lambda years: years * _YEAR_MS)] * 3)


@st.composite
def devices(draw: st.DrawFn) -> tuple[Device, ...]:
    """Three devices that began with one record, then wrote and exchanged at will."""
    skews = draw(_skews)
    made = tuple(Device(name, skew) for name, skew in zip(DEVICES, skews, strict=True))
    first = made[0].write({RECORD_PATH: True, "title": "徐秦"}, 0)
    assert first is not None
    for other in made[1:]:
        other.receive([first], 0)
    for step, (act, who, whom, number) in enumerate(draw(_acts), 1):
        _act(made[who], made[whom], act, number, step)
    return made


def _act(device: Device, other: Device, act: str, number: int, step: int) -> None:
    entries = cast("list[dict[str, Json]]", device.state().values.get("entries", []))
    here = number % len(entries) if entries else 0
    match act:
        case "title":
            device.give({"title": f"title {number}", "note": None if number % 2 else "n"}, step)
        case "add":
            device.give({"entries": [*entries, {"text": f"entry {step}"}]}, step)
        case "edit" if entries:
            entries[here] = {**entries[here], "text": f"edit {number}", "place": "镇江"}
            device.give({"entries": [*entries]}, step)
        case "drop" if entries:
            device.give({"entries": [*entries[:here], *entries[here + 1 :]]}, step)
        case "move" if entries:
            device.give({"entries": [*entries[here:], *entries[:here]]}, step)
        case "trash":
            device.write({RECORD_PATH: None}, step)
        case "untrash":
            device.write({RECORD_PATH: True}, step)
        case "some":
            there = sorted(other.revisions.values(), key=lambda each: each.clock)
            device.receive(
                (each for n, each in enumerate(there) if (number + 1) >> (n % 3) & 1), step
            )
        case "all":
            device.receive([*other.revisions.values()], step)
        case _:
            pass  # there was no entry to change


def everything(of: Iterable[Device]) -> list[Revision]:
    """Return all that any of the devices has."""
    return [*{each.id: each for device in of for each in device.revisions.values()}.values()]
