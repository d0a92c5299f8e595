"""Finding against a naive search in memory: exactly the same records, in the same order."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fielddoc.domain import query as queries
from fielddoc.domain.agenda import Section, agenda
from fielddoc.domain.canonical import Json
from fielddoc.domain.folding import folded
from fielddoc.domain.names import searchable
from fielddoc.domain.partial_date import parse_edtf
from fielddoc.domain.query import Clause, Query, parse
from fielddoc.domain.record_types import record_type
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.vault import cases, overdue, records
from fielddoc.vault.finding import START, Order, Place, Wanted, find, slice_of
from fielddoc.vault.vault import Vault

TODAY = datetime.date(2022, 11, 15)
SCRIPTS = ("徐秦劉刘南坡镇鎮", "abTea g", "ئۇيغۇر ت", "བོད་ཡིག ")
DATES = (
    *("2022", "2022-09", "2022-09-30", "2022-10-01", "2022-11-XX", "2022-23", "202X", "XXXX"),
    *("2021-12-31", "2022-08-10/2022-09-20", "2017-08-13/..", "../2022-09", "2022/", "/2021-11"),
    *("2022-10~", "0001", "9999-12", "19XX"),
)
DATE_QUERIES = (
    *("2022-09..2022-11", "2022", "2022-10-01", "..2021", "2022-10..", "2022-09-15..2022-09-25"),
    *('"since August 2022"', "2022年9月", "1990..2030", "2021,2022-10", "0001..9999", "19XX"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as the oracle knows it; later ones are newer."""

    number: int
    id: str
    type: str
    values: Mapping[str, Json]
    is_deleted: bool


# --- the oracle ----------------------------------------------------------------------------------


def texts(fields: Sequence[Field], values: Mapping[str, Json], prefix: str = "") -> Iterator[Any]:
    """Yield path, declaration and value of everything that a record says."""
    for field in fields:
        value = values.get(field.name)
        if field.kind is Kind.ITEMS:
            for item in value if isinstance(value, list) else []:
                assert isinstance(item, dict)
                yield from texts(field.fields, item, f"{field.name}.")
        elif value is not None:
            for one in value if isinstance(value, list) else [value]:
                yield prefix + field.name, field, one


def said(kept: Kept) -> list[Any]:
    declared = record_type(kept.type)
    assert declared is not None
    return [*texts(declared.fields, kept.values)]


def read(field: Field, value: str) -> tuple[str, ...]:
    """What a text is found by: itself, and if it names a person, its pinyin too."""
    return (value, *searchable(value)) if field.identifies else (value,)


def holds(kept: Kept, word: str) -> bool:
    names: tuple[str, ...]
    for _, field, value in said(kept):
        if field.kind in (Kind.TERM, Kind.TERMS):
            term = vocabulary(field.vocabulary).term(value)
            names = (term.code, term.en, term.zh_hans, term.zh_hant) if term else (value,)
        elif field.kind in (Kind.LINK, Kind.LINKS, Kind.FLAG):
            continue
        else:
            names = read(field, value) if field.kind is Kind.TEXT else (value,)
        if any(word in folded(name) for name in names):
            return True
    return False


NAMES = ("names.text", "title", "code_name")
PLACES = ("place", "entries.place", "entries.facility")
TERMS = {
    "kind": ("kind", "kinds"),
    "stage": ("entries.kind",),
    "charge": ("entries.charges",),
    "status": ("status", "state", "outcome"),
    "confidentiality": ("confidentiality", "entries.confidentiality"),
}


def has_name(kept: Kept, word: str) -> bool:
    return any(
        path in NAMES and any(word in folded(name) for name in read(field, value))
        for path, field, value in said(kept)
    )


def spans(kept: Kept) -> list[tuple[datetime.date, datetime.date, bool, bool]]:
    """First and last day of each date, and whether each end is known."""
    found = []
    for path, _, value in said(kept):
        if path in ("date", "since", "sent_on", "entries.date"):
            date = parse_edtf(value)
            if date.earliest or date.latest:
                first, last = date.earliest, date.latest
                found.append(
                    (
                        first or datetime.date.min,
                        last or datetime.date.max,
                        first is not None,
                        last is not None,
                    )
                )
    return found


def is_overdue(kept: Kept, today: datetime.date) -> bool:
    values = kept.values
    if kept.type == "risk" and values.get("state") not in ("has-happened", "closed"):
        due = values.get("review_date")
    elif kept.type == "action" and not values.get("reply_on"):
        due = values.get("reply_due") if values.get("outcome") in (None, "awaited") else None
    else:
        due = None
    latest = parse_edtf(due).latest if isinstance(due, str) else None
    return latest is not None and latest < today


def matches(kept: Kept, everything: Sequence[Kept], clause: Clause) -> bool:
    match clause.condition:
        case queries.Words(text):
            found = holds(kept, text)
        case queries.InText(facet, words):
            paths = NAMES if facet.value == "name" else PLACES
            found = any(
                path in paths and any(w in folded(v) for v in read(field, value) for w in words)
                for path, field, value in said(kept)
            )
        case queries.OfTerm(facet, codes):
            if facet.value == "type":
                found = kept.type in codes
            else:
                found = any(p in TERMS[facet.value] and v in codes for p, _, v in said(kept))
        case queries.LinkedTo(type_name, words):
            named = {
                one.id
                for one in everything
                if one.type == type_name and any(has_name(one, word) for word in words)
            }
            linked = {
                value for _, field, value in said(kept) if field.kind in (Kind.LINK, Kind.LINKS)
            }
            found = kept.id in named or bool(linked & named)
        case queries.OnDays(days):
            found = any(
                first <= (d.last or datetime.date.max) and last >= (d.first or datetime.date.min)
                for d in days
                for first, last, _, _ in spans(kept)
            )
        case queries.WithinDays(days):
            found = any(
                spans(kept)
                and all(
                    (d.first is None or (has_first and first >= d.first))
                    and (d.last is None or (has_last and last <= d.last))
                    for first, last, has_first, has_last in spans(kept)
                )
                for d in days
            )
        case queries.Overdue(today, wanted):
            found = is_overdue(kept, today) is wanted
        case _:
            assert_never(clause.condition)
    return bool(found) is not clause.is_negated


def expected(everything: Sequence[Kept], wanted: Wanted) -> list[int]:
    found = [
        kept
        for kept in everything
        if kept.is_deleted is wanted.trash
        and wanted.type_name in (None, kept.type)
        and all(matches(kept, everything, clause) for clause in wanted.query.clauses)
    ]
    words = wanted.query.words

    def rank(kept: Kept) -> int:
        if wanted.order is Order.NEWEST or not words:
            return 0
        named = [has_name(kept, word) for word in words]
        return 0 if all(named) else 1 if any(named) else 2

    return [kept.number for kept in sorted(found, key=lambda kept: (rank(kept), -kept.number))]


# --- random records and queries ------------------------------------------------------------------

words = st.sampled_from(SCRIPTS).flatmap(lambda script: st.text(script, min_size=1, max_size=5))
dates = st.sampled_from(DATES)


def term(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([term.code for term in vocabulary(name).terms][:4])


entries = st.fixed_dictionaries(
    {"kind": term("entry-kinds")},
    optional={
        "date": dates,
        "place": words,
        "facility": words,
        "charges": st.lists(term("charges"), min_size=1, max_size=2, unique=True),
        "text": words,
        "confidentiality": term("confidentiality"),
    },
)
PLAIN: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "person": st.fixed_dictionaries(
        {"names": st.lists(words.map(lambda w: {"text": w}), max_size=2)}
    ),
    "source": st.fixed_dictionaries({"kind": term("source-kinds"), "code_name": words}),
    "incident": st.fixed_dictionaries(
        {"title": words, "date": dates},
        optional={
            "kinds": st.lists(term("risk-kinds"), min_size=1, max_size=2, unique=True),
            "place": words,
            "what_happened": words,
            "status": term("incident-status"),
            "confidentiality": term("confidentiality"),
        },
    ),
    "risk": st.fixed_dictionaries(
        {"kind": term("risk-kinds")},
        optional={"since": dates, "review_date": dates, "state": term("risk-state")},
    ),
    "action": st.fixed_dictionaries(
        {"kind": term("action-kinds")},
        optional={
            "sent_on": dates,
            "reply_due": dates,
            "reply_on": st.just("2022-10-01"),
            "outcome": st.sampled_from(("awaited", "granted")),
        },
    ),
    "detention": st.fixed_dictionaries(
        {"entries": st.lists(entries, max_size=3)},
        optional={"title": words, "status": term("detention-status")},
    ),
}
LINKS = {"incident": "persons", "risk": "exposed", "action": "for_persons", "detention": "persons"}


@st.composite
def plain_records(draw: st.DrawFn) -> list[tuple[str, dict[str, Any], list[int], bool]]:
    """Types, values, which earlier ones each links to, and whether it is in the trash."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(sorted(PLAIN)))
        links = draw(st.lists(st.integers(0, max(0, number - 1)), max_size=2, unique=True))
        made.append((kind, draw(PLAIN[kind]), links, draw(st.integers(0, 5)) == 5))
    return made


def keep(vault: Vault, made: Sequence[tuple[str, dict[str, Any], list[int], bool]]) -> list[Kept]:
    kept: list[Kept] = []
    for type_name, given_, links, is_deleted in made:
        values = dict(given_)
        people = [kept[n].id for n in links if n < len(kept) and kept[n].type == "person"]
        sources = [kept[n].id for n in links if n < len(kept) and kept[n].type == "source"]
        if people and type_name in LINKS:
            values[LINKS[type_name]] = (
                [{"person": p, "role": "victim"} for p in people]
                if type_name == "incident"
                else people
            )
        if sources and type_name != "source":
            values["sources"] = sources
        identity = records.add(vault, type_name, values)
        if is_deleted:
            records.delete(vault, identity)
        number = records.number_of(vault, identity)
        assert number is not None
        kept.append(Kept(number, identity, type_name, values, is_deleted))
    return kept


def pieces(made: Sequence[tuple[str, dict[str, Any], list[int], bool]]) -> list[str]:
    found = []
    for type_name, values, _, _ in made:
        declared = record_type(type_name)
        assert declared is not None
        found += [
            v for _, f, v in texts(declared.fields, values) if f.kind in (Kind.TEXT, Kind.LONG_TEXT)
        ]
    return found or ["徐"]


@st.composite
def typed(draw: st.DrawFn, said_: Sequence[str]) -> str:
    """What somebody might type who knows the records."""
    parts: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        text = draw(st.sampled_from(said_))
        start = draw(st.integers(0, len(text) - 1))
        piece = text[start : draw(st.integers(start + 1, len(text)))]
        part = draw(
            st.one_of(
                st.just(f'"{piece}"'),
                st.just(f'"{piece}"'),
                words,
                st.sampled_from(("person", "source", "place", "name", "人员", "地点")).map(
                    f'{{}}:"{piece}"'.format
                ),
                st.sampled_from(DATE_QUERIES).map(lambda d: f"date:{d}"),
                st.sampled_from(DATE_QUERIES).map(lambda d: f"within:{d}"),
                st.sampled_from(
                    (
                        *(
                            "overdue:yes",
                            "overdue:no",
                            "type:person,risk",
                            "类型:拘押",
                            "kind:other",
                        ),
                        *(
                            "charge:subversion",
                            "罪名:颠覆",
                            "stage:传唤,taken-away",
                            "status:held,open",
                            "outcome:awaited",
                        ),
                        *(
                            "confidentiality:public",
                            "保密:严格保密",
                            "charge:nosuchcharge",
                            "nofield:x",
                        ),
                    )
                ),
            )
        )
        parts.append(draw(st.sampled_from(("", "", "", "-"))) + part)
    return " ".join(parts)


@pytest.fixture
def empty(vault: Vault) -> Vault:
    """A vault whose records are put aside."""
    for table in ("record", "link", "revision"):
        vault.database.query(f"DELETE FROM {table}")
    vault.database.query("INSERT INTO search (search) VALUES ('delete-all')")
    return vault


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"a"', [1]),
        ("nan", [1]),
        ("name:nan", [1]),
        ('person:"a"', [2, 1]),
        ("source:nan", []),
        ("place:nan", []),
    ],
)
def test_a_persons_name_is_found_by_its_pinyin_and_nothing_else_is(
    empty: Vault, text: str, found: list[int]
) -> None:
    made: list[tuple[str, dict[str, Any], list[int], bool]] = [
        ("person", {"names": [{"text": "南"}]}, [], False),
        ("incident", {"title": "x"}, [0], False),
        ("source", {"kind": "person", "code_name": "南"}, [], False),
        ("incident", {"title": "南", "place": "南"}, [], False),
    ]
    everything = keep(empty, made)
    first = everything[0].number - 1
    wanted = Wanted(parse(text, TODAY), order=Order.NEWEST)

    assert [number - first for number in find(empty, wanted)] == found
    assert expected(everything, wanted) == [*find(empty, wanted)]


@settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(made=plain_records(), data=st.data())
def test_a_query_finds_what_a_naive_search_finds_in_both_orders(
    empty: Vault, made: Any, data: Any
) -> None:
    empty.database.query("BEGIN")
    try:
        everything = keep(empty, made)
        for _ in range(6):
            text = data.draw(typed(pieces(made)))
            for order in Order:
                wanted = Wanted(
                    parse(text, TODAY),
                    order=order,
                    trash=data.draw(st.booleans()) and data.draw(st.booleans()),
                    type_name=data.draw(st.sampled_from((None, None, "incident", "detention"))),
                )
                assert list(find(empty, wanted)) == expected(everything, wanted), text
    finally:
        empty.database.query("ROLLBACK")


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(made=plain_records(), first=st.sampled_from(DATES), last=st.sampled_from(DATES))
def test_days_are_found_exactly(empty: Vault, made: Any, first: str, last: str) -> None:
    empty.database.query("BEGIN")
    try:
        everything = keep(empty, made)
        for name in ("date", "within"):
            wanted = Wanted(parse(f"{name}:{first}..{last}", TODAY))
            assert list(find(empty, wanted)) == expected(everything, wanted)
    finally:
        empty.database.query("ROLLBACK")


# --- single behaviours ---------------------------------------------------------------------------


def ids(vault: Vault, text: str, **more: Any) -> list[str]:
    found = find(vault, Wanted(parse(text, TODAY), **more))
    return [row.id for row in records.rows(vault, found)]


def test_a_list_comes_in_slices_without_gap_or_repetition(empty: Vault) -> None:
    made = [records.add(empty, "incident", {"title": f"tea {n}", "place": "x"}) for n in range(11)]
    records.add(empty, "incident", {"title": "x", "what_happened": "tea"})
    for order in Order:
        wanted = Wanted(parse("tea", TODAY), order=order)
        whole = list(find(empty, wanted))
        slices: list[int] = []
        place: Place | None = START
        while place is not None:
            some, place = slice_of(empty, wanted, place, limit=4)
            slices.extend(some)
        assert slices == whole
        assert len(whole) == len(made) + 1


def test_best_puts_names_before_texts(empty: Vault) -> None:
    named = records.add(empty, "person", {"names": [{"text": "徐秦"}]})
    half = records.add(empty, "incident", {"title": "徐", "what_happened": "秦"})
    told = records.add(empty, "incident", {"title": "x", "what_happened": "徐 秦"})

    assert ids(empty, "徐 秦") == [told, half, named]
    assert ids(empty, "徐 秦", order=Order.BEST) == [named, half, told]


def test_a_person_is_found_with_all_that_names_them(empty: Vault) -> None:
    source = records.add(empty, "source", {"kind": "witness", "code_name": "Heron"})
    person = records.add(empty, "person", {"names": [{"text": "徐秦"}], "sources": [source]})
    held = records.add(empty, "detention", {"persons": [person]})
    records.add(empty, "incident", {"title": "徐秦 is only written of"})

    assert ids(empty, "person:徐秦") == [held, person]
    assert ids(empty, "人员:徐秦 type:detention") == [held]
    assert ids(empty, "source:heron") == [person, source]
    records.revise(empty, person, {"names": [{"text": "Lan"}]})
    assert ids(empty, "person:徐秦") == []
    assert ids(empty, "person:lan type:detention") == [held]


def test_what_leaves_the_trash_or_changes_is_found_as_it_is_now(empty: Vault) -> None:
    record = records.add(empty, "incident", {"title": "tea", "date": "2022-08", "place": "南坡镇"})
    records.delete(empty, record)
    assert (ids(empty, "tea"), ids(empty, "tea", trash=True)) == ([], [record])
    records.restore(empty, record)
    assert (ids(empty, "tea"), ids(empty, "tea", trash=True)) == ([record], [])
    records.revise(empty, record, {"date": "2023", "place": "石桥"})
    assert ids(empty, "date:2022") == ids(empty, "place:南坡镇") == []
    assert ids(empty, "date:2023 place:石桥") == [record]


def test_only_conflicts_narrows_any_search(vault: Vault) -> None:
    assert list(find(vault, Wanted(Query(), only_conflicts=True))) == []
    assert list(find(vault, Wanted(parse("徐", TODAY), only_conflicts=True))) == []


def test_nothing_that_is_typed_reaches_sql_or_the_index_as_a_command(empty: Vault) -> None:
    record = records.add(empty, "incident", {"title": "x"})
    for text in ("'; DROP TABLE record; --", 'place:"x" OR "y"', 'charge:")', "name:* ^x", "-"):
        find(empty, Wanted(parse(text, TODAY)))

    assert ids(empty, "x") == [record]


def test_very_many_conditions_are_answered(empty: Vault) -> None:
    record = records.add(empty, "incident", {"title": "x"})

    assert ids(empty, " ".join(f"-w{n}" for n in range(600))) == [record]
    assert ids(empty, " ".join(f"-person:w{n}" for n in range(40))) == [record]


def test_overdue_is_what_the_agenda_and_the_list_of_replies_call_so(empty: Vault) -> None:
    silent: dict[str, Json] = {"kind": "no-news", "as_of": "2022-09-01", "next_check": "2022-10"}
    asked = records.add(empty, "detention", {"entries": [silent]})
    late = records.add(empty, "action", {"kind": "petition", "reply_due": "2022-10-01"})
    received: dict[str, Json] = {"kind": "information-request", "received_on": "2022-08-01"}
    computed = [
        records.add(empty, "action", {**received, "outcome": outcome})
        for outcome in ("", "awaited", "no-reply", "acknowledged", "accepted")
    ]
    records.add(empty, "action", {**received, "outcome": "refused"})
    records.add(empty, "action", {**received, "reply_on": "2022-10-30"})
    records.add(empty, "action", {**received, "received_on": "2022-11-01"})
    risk = records.add(empty, "risk", {"kind": "torture", "review_date": "2022-11-14"})
    records.add(empty, "risk", {"kind": "torture", "review_date": "2022-11-15"})
    records.add(empty, "detention", {"entries": [{**silent, "next_check": "2022-12"}]})
    heard: dict[str, Json] = {"kind": "no-news", "as_of": "2022-09-01", "next_check": "2022-12-01"}
    records.add(empty, "detention", {"entries": [heard]})

    found = ids(empty, "overdue:yes")

    assert set(found) == {risk, late, asked, *computed}
    late_replies = [one.record for one in overdue.overdue_actions(empty, TODAY)]
    assert sorted(late_replies) == sorted([late, *computed])
    looked_at = list(cases.cases(empty, cases.agenda_ids(empty), TODAY, today=TODAY))
    listed = {item.record for item in agenda(looked_at, TODAY) if item.section is Section.OVERDUE}
    assert listed == set(found)


def test_a_name_finds_the_records_of_that_person_behind_those_that_hold_it(empty: Vault) -> None:
    person = records.add(empty, "person", {"names": [{"text": "徐秦"}, {"text": "Xu Qin"}]})
    other = records.add(empty, "person", {"names": [{"text": "王五"}]})
    detention = records.add(empty, "detention", {"persons": [person]})
    risk = records.add(empty, "risk", {"kind": "tea", "exposed": [person]})
    told = records.add(empty, "incident", {"title": "徐秦 was followed", "place": "Nanpo"})
    records.add(empty, "detention", {"persons": [other]})
    gone = records.add(empty, "detention", {"persons": [person], "title": "gone"})
    records.delete(empty, gone)
    both = {"with_those_of_people": True}

    for order in Order:
        assert ids(empty, "徐秦", order=order)[-1:] != [detention]
        assert ids(empty, "徐秦", order=order, **both)[2:] == [risk, detention]
        assert set(ids(empty, "徐秦", order=order, **both)[:2]) == {person, told}
    assert ids(empty, "xu qin", **both) == [person, risk, detention]
    assert ids(empty, "徐秦", type_name="detention", **both) == [detention]
    assert ids(empty, "徐秦", type_name="detention") == []
    assert ids(empty, "徐秦 place:Nanpo", **both) == [told]
    assert ids(empty, "徐秦 -type:risk", **both)[2:] == [detention]
    assert ids(empty, "徐", **both) == ids(empty, "徐"), "one character is too little"
    assert ids(empty, "徐秦", trash=True, **both) == [gone]
    records.delete(empty, person)
    assert ids(empty, "徐秦", **both) == [told]
