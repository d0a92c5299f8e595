"""Two records of one person become one, with both histories, and become two again."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fielddoc.domain.canonical import Json
from fielddoc.errors import InputRefusedError, RecordNotFoundError
from fielddoc.vault import (
    duplicates,
    history,
    journal,
    merged,
    merging,
    purge,
    records,
    related,
    titles,
    transfers,
)
from fielddoc.vault.duplicates import Likeness
from fielddoc.vault.opening import make_vault
from fielddoc.vault.undo import undo
from fielddoc.vault.vault import Vault
from vault.conftest import PERSON
from vault.folders import PASSPHRASE
from vault.test_undo import ITEMS, do, shown, steps


def person(vault: Vault, *names: str, **more: Json) -> str:
    values: dict[str, Json] = {"names": [{"text": name} for name in names], **more}
    return records.add(vault, "person", values)


def names(vault: Vault, record: str) -> list[str]:
    value: Any = records.get(vault, record).values.get("names", [])
    return [name["text"] for name in value]


def listed(vault: Vault) -> set[str]:
    return {row.id for row in records.listing(vault, type_name="person")}


# --- suggestions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("Li Yuhan", "Li Yuhuan", Likeness.NEAR_NAME),
        ("Ding Jiaxi", "Ding Jiayi", Likeness.NEAR_NAME),
        ("李昱函", "Li Yuhan", Likeness.SAME_SOUND),
        ("黃雪琴", "黄雪琴", Likeness.SAME_NAME),
    ],
)
def test_people_with_like_names_are_suggested(
    vault: Vault, one: str, other: str, why: Likeness
) -> None:
    first, second = person(vault, one), person(vault, other)

    assert duplicates.suggestions(vault) == [duplicates.Suggestion(first, second, why)]


def test_people_with_the_same_paper_are_suggested_whatever_they_are_called(vault: Vault) -> None:
    paper: Json = [{"number": "G 123 456"}]
    first = person(vault, "Anna Lind", identity_papers=paper)
    second = person(vault, "Bo Wester", identity_papers=[{"number": "g 123 456"}])

    found = duplicates.suggestions(vault)

    assert found == [duplicates.Suggestion(first, second, Likeness.SAME_PAPER)]


def test_two_people_who_are_marked_as_two_are_suggested_no_more(vault: Vault) -> None:
    first, second = person(vault, "Li Yuhan"), person(vault, "Li Yuhan")

    merging.mark_distinct(vault, second, first)
    assert duplicates.suggestions(vault) == []
    undo(vault)
    assert len(duplicates.suggestions(vault)) == 1


def test_merged_people_and_those_in_the_trash_are_not_suggested(vault: Vault) -> None:
    first, second, third = (person(vault, "Li Yuhan") for _ in range(3))
    merging.merge_people(vault, first, second)
    records.delete(vault, third)

    assert duplicates.suggestions(vault) == []


def test_a_search_for_another_spelling_names_who_may_be_meant(vault: Vault) -> None:
    yuhan = person(vault, "Li Yuhan")
    jiaxi = person(vault, "丁家喜", "Ding Jiaxi")
    person(vault, "Wang Yu")

    assert [row.id for row in duplicates.near_names(vault, "Li Yuhuan")] == [yuhan]
    assert [row.id for row in duplicates.near_names(vault, "ding jiayi")] == [jiaxi]
    assert duplicates.near_names(vault, "Li Yuhan") == []  # the search itself finds her
    assert duplicates.near_names(vault, "!") == []
    assert duplicates.near_spellings(vault, "ding jiayi") == ["丁家喜", "Ding Jiaxi"]
    assert duplicates.near_spellings(vault, "Li Yuhuan") == ["Li Yuhan"]
    assert duplicates.near_spellings(vault, "Li Yuhan") == []


def test_names_are_found_by_pinyin_and_no_longer_once_they_are_gone(vault: Vault) -> None:
    assert [row.id for row in records.listing(vault, text="xu qin")] == [PERSON]
    assert [row.id for row in records.listing(vault, text="xuqin")] == [PERSON]

    records.revise(vault, PERSON, {"names": [{"text": "李昱函"}]})

    assert records.listing(vault, text="xuqin") == []
    assert duplicates.near_names(vault, "xuqinn") == []
    assert [row.id for row in records.listing(vault, text="yuhan")] == [PERSON]


# --- merging -------------------------------------------------------------------------------------


def test_the_kept_person_has_the_names_of_both_and_stands_alone_in_lists(vault: Vault) -> None:
    kept = person(vault, "Li Yuhan", occupation="lawyer")
    other = person(vault, "Li Yuhuan", ethnicity="Han", organisations=["A group"])

    merging.merge_people(vault, kept, other)

    assert names(vault, kept) == ["Li Yuhan", "Li Yuhuan"]
    values = records.get(vault, kept).values
    assert (values["occupation"], values["ethnicity"]) == ("lawyer", "Han")
    assert values["organisations"] == ["A group"]
    assert listed(vault) >= {kept}
    assert other not in listed(vault)
    assert other not in {row.id for row in records.listing(vault, trash=True)}
    assert titles.title(vault, other, "en") == titles.title(vault, kept, "en")


def test_both_histories_are_kept(vault: Vault) -> None:
    kept, other = person(vault, "Li Yuhan"), person(vault, "Li Yuhuan")
    records.revise(vault, other, {"occupation": "lawyer"})
    before = [entry.revision for entry in history.history(vault, other)]

    merging.merge_people(vault, kept, other)

    assert [entry.revision for entry in history.history(vault, other)][:2] == before
    assert len(history.history(vault, kept)) == 2


def test_cases_are_never_merged_and_both_are_seen_from_the_kept_person(vault: Vault) -> None:
    kept, other = person(vault, "Li Yuhan"), person(vault, "Li Yuhuan")
    one = records.add(vault, "detention", {"persons": [kept], "title": "The first"})
    two = records.add(vault, "detention", {"persons": [other], "title": "The second"})
    before = shown(vault, one, two)

    merging.merge_people(vault, kept, other)

    assert shown(vault, one, two) == before
    seen = {r.record for r in related.related(vault, kept, "en") if r.reading == "held in"}
    assert seen == {one, two}


def test_a_field_that_differs_is_asked_about_and_the_kept_value_holds_unless_chosen(
    vault: Vault,
) -> None:
    kept, other = person(vault, "Li Na", sex="female"), person(vault, "Li Na", sex="unknown")

    (difference,) = merging.differences(vault, kept, other)
    assert (difference.field.name, difference.kept, difference.other) == (
        "sex",
        "female",
        "unknown",
    )
    merging.merge_people(vault, kept, other)
    assert records.get(vault, kept).values["sex"] == "female"
    undo(vault)
    merging.merge_people(vault, kept, other, chosen={"sex": "unknown"})
    assert records.get(vault, kept).values["sex"] == "unknown"


def test_merging_again_takes_over_only_what_is_new(vault: Vault) -> None:
    kept, other = person(vault, "Li Yuhan"), person(vault, "Li Yuhuan")
    merging.merge_people(vault, kept, other)
    assert not merging.missing_from(vault, kept, other)
    value: Any = records.get(vault, other).values["names"]
    records.revise(vault, other, {"names": [*value, {"text": "李昱函"}]})

    assert merging.missing_from(vault, kept, other)
    merging.merge_people(vault, kept, other)

    assert names(vault, kept) == ["Li Yuhan", "Li Yuhuan", "李昱函"]


def test_a_relation_between_the_two_does_not_become_one_to_oneself(vault: Vault) -> None:
    kept = person(vault, "Li Yuhan")
    other = person(vault, "Li Yuhuan", relations=[{"kind": "colleague", "person": kept}])

    merging.merge_people(vault, kept, other)

    assert "relations" not in records.get(vault, kept).values


def test_what_is_no_pair_of_people_is_refused(vault: Vault) -> None:
    incident = records.listing(vault, type_name="incident")[0].id
    one, two, three = person(vault, "A"), person(vault, "B"), person(vault, "C")
    for kept, other in ((PERSON, incident), (incident, PERSON), (PERSON, PERSON)):
        with pytest.raises(InputRefusedError):
            merging.merge_people(vault, kept, other)
    with pytest.raises(RecordNotFoundError):
        merging.merge_people(vault, PERSON, str(uuid.uuid4()))
    merging.merge_people(vault, one, two)
    with pytest.raises(InputRefusedError):
        merging.merge_people(vault, two, one)
    with pytest.raises(InputRefusedError):
        merging.merge_people(vault, two, three)
    with pytest.raises(InputRefusedError):
        merging.separate(vault, one)


# --- and back ------------------------------------------------------------------------------------


def test_undo_of_a_merge_gives_back_both_people_as_they_were(vault: Vault) -> None:
    kept = person(vault, "Li Yuhan", sex="female")
    other = person(vault, "Li Yuhuan", sex="unknown", occupation="lawyer")
    before = shown(vault, kept, other)

    merging.merge_people(vault, kept, other, chosen={"sex": "unknown"})
    undo(vault)

    assert shown(vault, kept, other) == before
    assert {kept, other} <= listed(vault)


def test_a_merge_of_long_ago_is_taken_back_and_later_changes_stay(vault: Vault) -> None:
    kept, other = person(vault, "Li Yuhan"), person(vault, "Li Yuhuan", occupation="lawyer")
    merging.merge_people(vault, kept, other)
    records.revise(vault, kept, {"ethnicity": "Han"})

    merging.separate(vault, other)

    values = records.get(vault, kept).values
    assert names(vault, kept) == ["Li Yuhan"]
    assert values["ethnicity"] == "Han"
    assert "occupation" not in values
    assert other in listed(vault)


def test_a_merge_that_the_journal_forgot_is_taken_back_by_its_parts(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "KEPT", 1)
    kept, other = person(vault, "Li Yuhan"), person(vault, "Li Yuhuan", "李昱函")
    merging.merge_people(vault, kept, other)
    value: Any = records.get(vault, kept).values["names"]
    value[2]["note"] = "as she signs"
    records.revise(vault, kept, {"names": value})

    merging.separate(vault, other)

    assert names(vault, kept) == ["Li Yuhan", "李昱函"]  # the changed one is the kept person's now
    assert other in listed(vault)


def test_purging_the_kept_person_brings_the_other_back_into_lists(vault: Vault) -> None:
    kept, other = person(vault, "Li Yuhan"), person(vault, "Li Yuhuan")
    merging.merge_people(vault, kept, other)

    purge.purge(vault, kept)

    assert other in listed(vault)


def test_projections_made_anew_are_the_same_with_merged_people(vault: Vault) -> None:
    kept, other = person(vault, "Li Yuhan"), person(vault, "Li Yuhuan")
    merging.merge_people(vault, kept, other)
    before = shown(vault, kept, other)

    records.rebuild_projections(vault)

    assert shown(vault, kept, other) == before


# --- over any history, on two devices ------------------------------------------------------------


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Vault, Vault]]:
    """Two vaults that take each other's revisions as their own: two devices of one person."""
    folder = tmp_path_factory.mktemp("devices")
    with (
        make_vault(folder / "one", PASSPHRASE) as one,
        make_vault(folder / "two", PASSPHRASE) as other,
    ):
        yield one, other


def carried(source: Vault, target: Vault, *ids: str) -> None:
    """Bring all revisions of records from one vault to the other."""
    own = target.database.value("SELECT signing_key FROM identity")
    assert isinstance(own, bytes)
    with target.database.transaction():
        bundle = transfers.Transfer(
            bundle=b"b" * 16, kind="complete", sequence=1, manifest=uuid.uuid4().bytes * 2
        )
        number = transfers.note_received(target, bundle, signer=own, previous=bytes(32))
        found = [revision for record in ids for revision in records.revisions_of(source, record)]
        records.receive(target, found, received=number)


def a_pair(vault: Vault, story: list[tuple[str, Any]]) -> tuple[str, str]:
    kept = records.add(vault, "person", {"names": [{"id": ITEMS[0], "text": "a"}]})
    other = records.add(vault, "person", {"names": [{"id": ITEMS[1], "text": "b"}]})
    for place, (name, argument) in enumerate(story):
        do(vault, (kept, other)[place % 2], name, argument)
    return kept, other


@settings(max_examples=40)
@given(steps())
def test_merging_people_of_any_history_and_undoing_gives_back_what_was_shown(
    two: tuple[Vault, Vault], story: list[tuple[str, Any]]
) -> None:
    vault = two[0]
    kept, other = a_pair(vault, story)
    before = shown(vault, kept, other)

    merging.merge_people(vault, kept, other, chosen={"sex": "b"})
    undo(vault)

    assert shown(vault, kept, other) == before


@settings(max_examples=25)
@given(steps(), st.booleans(), st.booleans(), st.booleans())
def test_two_devices_that_merge_and_undo_converge(
    two: tuple[Vault, Vault],
    story: list[tuple[str, Any]],
    other_way: bool,
    first_undoes: bool,
    second_undoes: bool,
) -> None:
    one, another = two
    kept, other = a_pair(one, story)
    carried(one, another, kept, other)
    pair = (other, kept) if other_way else (kept, other)

    merging.merge_people(one, kept, other)
    merging.merge_people(another, *pair)
    if first_undoes:
        undo(one)
    if second_undoes:
        undo(another)
    carried(one, another, kept, other)
    carried(another, one, kept, other)

    assert shown(one, kept, other) == shown(another, kept, other)
    hidden = [
        record for record in (kept, other) if merged.standing_for(one.database, record) != record
    ]
    assert len(hidden) <= 1  # never both: one of them stands for the two
