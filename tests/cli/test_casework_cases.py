"""The published cases as acceptance: relations from both ends, names, collective events, persons."""

from collections.abc import Iterator
from typing import Any

import pytest

from fielddoc.cli.demo_cases import Case, Recorded, load, record_cases
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.vault import duplicates, records, related
from fielddoc.vault.opening import make_vault
from fielddoc.vault.vault import Vault


@pytest.fixture(scope="module")
def cases() -> Case:
    return load()


@pytest.fixture(scope="module")
def recorded(
    tmp_path_factory: pytest.TempPathFactory, cases: Case
) -> Iterator[tuple[Vault, Recorded]]:
    """A vault with all of them."""
    folder = tmp_path_factory.mktemp("cases") / "vault"
    with make_vault(folder, "six fictional words for the cases") as vault:
        yield vault, record_cases(vault, cases)


def test_every_relation_of_the_report_is_read_from_both_ends(
    recorded: tuple[Vault, Recorded], cases: Case
) -> None:
    vault, done = recorded
    kinds = vocabulary("relation-kinds")
    assert cases["relations"]
    for relation in cases["relations"]:
        code = kinds.code_of(relation["kind"])
        assert code is not None
        term = kinds.term(code)
        assert term is not None
        one, other = done.persons[relation["from"]], done.persons[relation["to"]]

        here = [(o.record, o.reading) for o in related.related(vault, one, "en")]
        there = [(o.record, o.reading) for o in related.related(vault, other, "en")]

        assert (other, term.label("en")) in here
        assert (one, term.reverse_label("en")) in there


def test_every_case_is_seen_from_each_of_its_people(
    recorded: tuple[Vault, Recorded], cases: Case
) -> None:
    vault, done = recorded
    for fact, (record, _) in zip(cases["facts"], done.facts, strict=True):
        for person in fact["person"]:
            seen = related.related(vault, done.persons[person], "en")
            assert (record, "held in") in [(one.record, one.reading) for one in seen]


def test_each_number_of_a_collective_event_says_who_says_so(
    recorded: tuple[Vault, Recorded], cases: Case
) -> None:
    vault, done = recorded
    events = [
        (fact, record)
        for fact, (record, _) in zip(cases["facts"], done.facts, strict=True)
        if not fact["person"]
    ]
    assert events
    for fact, record in events:
        found: Any = records.get(vault, record)
        assert found.problems == ()
        assert len(found.values["counts"]) == len(fact["counts"])
        for count, told in zip(found.values["counts"], fact["counts"], strict=True):
            assert count.get("reported_by") == told.get("source")
        assert (done.source, "Sources") in [
            (one.record, one.reading) for one in related.related(vault, record, "en")
        ]


@pytest.mark.parametrize(
    ("typed", "person"),
    [("Li Yuhuan", "Li Yuhan"), ("Ding Jiayi", "Ding Jiaxi"), ("xu qin", "Xu Qin")],
)
def test_each_spelling_of_the_report_leads_to_the_person(
    recorded: tuple[Vault, Recorded], cases: Case, typed: str, person: str
) -> None:
    vault, done = recorded
    wanted = next(done.persons[p["id"]] for p in cases["persons"] if p["name"] == person)

    exact = {row.id for row in records.listing(vault, type_name="person", text=typed)}
    near = {row.id for row in duplicates.near_names(vault, typed)}

    assert wanted in exact | near


def test_nobody_of_the_report_is_taken_for_somebody_else(
    recorded: tuple[Vault, Recorded],
) -> None:
    vault, _ = recorded

    assert duplicates.suggestions(vault) == []
