"""A selected bundle: what was chosen arrives, and nothing else can be learned from it."""

import datetime
import json
import time
import uuid
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from bundle.bundles import (
    A_PERSON,
    attach,
    card_of,
    complete,
    content,
    dump,
    files_of,
    info_of,
    items,
    opened,
    person,
    plaintext,
    revision,
    selected,
    values,
    written,
)
from bundle.rich import LONG_AGO_MS, PHOTO, Rich, clock_at
from fielddoc.bundle import bag
from fielddoc.bundle.bag import BundleKind
from fielddoc.bundle.export import (
    Selection,
    attachments_of,
    export_selected,
    for_cards,
    held_back,
)
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.domain.revision import new_id, read_revision
from fielddoc.errors import NothingToExportError, RecordNotFoundError, SpaceShortError
from fielddoc.vault import attachments, records
from fielddoc.vault.attaching import attach_file
from fielddoc.vault.vault import Vault

LEFT_OUT = frozenset(
    {
        "person.health",
        "person.contacts",
        "person.identity_papers.number",
        "person.consents",
        "incident.date_words",
        "incident.persons.note",
        "detention.entries.text",
    }
)
KEPT_WORDS = (
    "秦徐-characters",
    "Pseudonym Kept",
    "later-address-words",
    "occupation-words-kept",
    "incident-title-kept",
    "what-happened-kept",
    "detention-title-kept",
    "entry-place-kept",
    "second-place-kept",
    "passport",
)
HIDDEN_WORDS = (
    # left out
    "health-words-left-out",
    "telephone-555-0123",
    "G-5550-111-222",
    "consent-note-words",
    "mid-August-words",
    "role-note-left-out",
    "entry-text-left-out",
    # what stood there before
    "earlier-name-words",
    "earlier-address-words",
    "earlier-occupation-words",
    "note-taken-back-words",
    "entry-of-a-deleted-item",
    # not chosen
    "Relativename",
    "relative-address-words",
    "feared-words-unchosen",
    "action-title-unchosen",
    "photo-name-unchosen",
    "Trashedname",
    "Purgedname",
    # sources
    "Heron-code-name",
    "Sourcename",
    "+86 555 0199",
    "source-note-words",
    # the people at the two ends
    "Alice",
    "Bob",
    "Carol",
)


def derived(path: Path, receiver: Vault) -> list[dict[str, Any]]:
    """Return the lines of records.jsonl."""
    return [json.loads(line) for line in opened(path, receiver)[bag.RECORDS].splitlines()]


def alias_of(path: Path, receiver: Vault, type_: str) -> str:
    (found,) = {line["record"] for line in derived(path, receiver) if line["type"] == type_}
    return str(found)


def only(vault: Vault, type_: str) -> str:
    (row,) = records.listing(vault, type_name=type_)
    return row.id


# --- nothing else can be learned ------------------------------------------------------------------


def everything_that_identifies(vault: Vault) -> dict[str, set[bytes]]:
    """Return what a selected bundle must not hold, by what it is; raw bytes and as text."""

    def column(sql: str) -> set[bytes]:
        return {value for (value,) in vault.database.query(sql) if isinstance(value, bytes)}

    raw: dict[str, set[bytes]] = {
        "vault id": {vault.key_file.half.public.vault_id},
        "device": {bytes.fromhex(vault.device)},
        "compartment": column("SELECT id FROM compartment"),
        "records": column("SELECT DISTINCT record FROM revision"),
        "revisions": column("SELECT id FROM revision"),
        "items": set(),
        "salts": set(),
        "clocks": set(),
        "log": column("SELECT head FROM log"),
        "attachment keys": column("SELECT key FROM attachment"),
    }
    texts: dict[str, set[bytes]] = {name: set() for name in raw}
    for body in column("SELECT body FROM revision"):
        one = json.loads(body)
        raw["salts"].add(bytes.fromhex(one["salt"]))
        texts["clocks"].add(str(one["clock"][0]).encode())
        raw["clocks"].add(one["clock"][0].to_bytes(8, "big"))
        paths = [path.split("/") for path in one["set"]]
        raw["items"] |= {uuid.UUID(path[1]).bytes for path in paths if len(path) > 1}
    for name, found in raw.items():
        for value in found:
            texts[name] |= {value.hex().encode(), value.hex().upper().encode()}
            if len(value) == 16:
                texts[name].add(str(uuid.UUID(bytes=value)).encode())
    return {name: raw[name] | texts[name] for name in raw}


@pytest.fixture
def narrow(alice: Vault, rich: Rich, bob: Vault, stick: Path) -> Path:
    """A bundle of three records with some fields left out."""
    return selected(
        alice, bob, stick, rich.chosen, rich.incident, rich.detention, left_out=LEFT_OUT
    )


def test_chosen_values_are_in_the_bundle(narrow: Path, bob: Vault) -> None:
    plain = plaintext(narrow.read_bytes(), bob)

    for words in KEPT_WORDS:
        assert plain.count(words.encode()) >= 2  # for a program and for a person


def test_words_that_stay_are_nowhere_in_the_bundle(narrow: Path, bob: Vault) -> None:
    plain = plaintext(narrow.read_bytes(), bob)

    for words in HIDDEN_WORDS:
        assert words.casefold().encode() not in plain.lower(), words
        assert words.encode("utf-16-le") not in plain, words


def test_nothing_that_identifies_the_vault_is_in_the_bundle(
    alice: Vault, narrow: Path, bob: Vault
) -> None:
    plain = plaintext(narrow.read_bytes(), bob)
    sought = everything_that_identifies(alice)
    assert all(sought.values())
    assert len(sought["items"]) >= 20
    assert len(sought["revisions"]) >= 20

    found = {name for name, marks in sought.items() if any(mark in plain for mark in marks)}

    assert found == set()


def test_the_same_search_finds_all_of_it_in_a_complete_bundle(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    """So that the search above is known to be able to find something."""
    plain = plaintext(complete(alice, bob, stick).read_bytes(), bob)
    sought = everything_that_identifies(alice)

    found = {name for name, marks in sought.items() if any(mark in plain for mark in marks)}

    assert found == {"device", "compartment", "records", "items", "salts", "clocks", "revisions"}
    assert b"earlier-name-words" in plain


def test_file_outside_its_encryption_says_nothing(alice: Vault, narrow: Path, bob: Vault) -> None:
    sought = everything_that_identifies(alice)
    marks = set(chain.from_iterable(sought.values()))
    header = narrow.read_bytes().split(b"\n---")[0]

    assert not any(mark in narrow.read_bytes() for mark in marks if len(mark) > 8)
    assert card_of(bob).code.encode() not in narrow.read_bytes()
    assert str(card_of(bob).post_quantum).encode() not in header
    assert narrow.name[:8] not in plaintext(narrow.read_bytes(), bob).decode("latin-1")


def test_revisions_have_no_device_no_history_and_no_time_of_day(narrow: Path, bob: Vault) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    midnight = datetime.datetime.combine(today, datetime.time(), datetime.UTC)

    lines = derived(narrow, bob)

    assert len(lines) == 3
    for line in lines:
        assert set(line) == {"v", "record", "type", "parents", "set", "clock", "salt", "derived"}
        assert line["derived"] is True
        assert line["parents"] == []
        assert line["clock"] == [int(midnight.timestamp()) * 1000, 0]
        assert None not in line["set"].values()


def test_day_is_that_of_the_export_and_not_of_the_typing(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    with clock_at(LONG_AGO_MS + 86_400_000 * 40):
        path = selected(alice, bob, stick, rich.incident)

    (line,) = derived(path, bob)
    day, rest = divmod(line["clock"][0], 86_400_000)
    assert rest == 0
    assert day == LONG_AGO_MS // 86_400_000 + 40


def test_ids_are_random_ones(narrow: Path, bob: Vault) -> None:
    for line in derived(narrow, bob):
        ids = {line["record"], *(p.split("/")[1] for p in line["set"] if "/" in p)}
        assert {uuid.UUID(one).version for one in ids} == {4}


def test_source_left_unnamed_is_not_even_referred_to(
    alice: Vault, narrow: Path, bob: Vault
) -> None:
    """Not by an alias either: that there is a source, or the same one twice, says something."""
    for line in derived(narrow, bob):
        assert not any(path.endswith("sources") for path in line["set"])
    kept = {row[0] for row in alice.database.query("SELECT original FROM alias")}
    for row in records.listing(alice, type_name="source"):
        assert uuid.UUID(row.id).bytes not in kept


def test_source_in_the_trash_is_not_referred_to_either(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    records.delete(alice, rich.source)

    path = selected(alice, bob, stick, rich.incident)

    assert not any(p.endswith("sources") for line in derived(path, bob) for p in line["set"])


def test_source_is_not_referred_to_in_another_spelling_of_its_id(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    odd = [rich.source.upper(), "{" + rich.source + "}", f"urn:uuid:{rich.source}"]
    who = records.add(alice, "person", {"names": [{"text": "Somebody"}], "sources": list(odd)})

    path = selected(alice, bob, stick, who)

    assert "sources" not in derived(path, bob)[0]["set"]


def test_named_source_goes_without_its_identity(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    path = selected(alice, bob, stick, rich.incident, rich.source)

    plain = plaintext(path.read_bytes(), bob)
    assert b"Heron-code-name" in plain
    assert b"Sourcename" not in plain
    assert b"sealed" not in opened(path, bob)[bag.RECORDS]
    import_bundle(bob, path)
    assert values(bob, only(bob, "incident"))["sources"] == [only(bob, "source")]


def test_bundle_of_an_odd_record_keeps_out_what_nobody_knows(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    """Links that are none, values of another kind, fields of a newer version: they stay."""
    record = records.add(alice, "incident", {"title": "odd"})
    other = person(alice, "Somebody Else")
    odd = {
        "persons": "not a list " + other,
        "sources": [other + "x", {"id": other}, 5, None],
        "later_field": "written by a newer version",
        f"counts/{new_id()}/later_part": "written by a newer version",
    }
    insert(alice, record, "incident", odd)
    insert(alice, A_PERSON, "later-type", {"name": "written by a newer version"})

    path = selected(alice, bob, stick, record, A_PERSON)

    plain = plaintext(path.read_bytes(), bob)
    assert b"newer version" not in plain
    assert other.encode() not in plain
    assert verify_bundle(bob, path).records == 2


def insert(vault: Vault, record: str, type_: str, changes: dict[str, Any]) -> None:
    """Append a revision as another version of the program would have written it."""
    known = records.revisions_of(vault, record)
    written_there = revision(changes, record=record, type_=type_, parents=[r.id for r in known])
    with vault.database.transaction():
        records.insert_revision(vault, written_there)
        records.project(vault, record)


# --- what arrives ---------------------------------------------------------------------------------


def test_chosen_records_arrive_with_their_links(
    alice: Vault, rich: Rich, bob: Vault, narrow: Path
) -> None:
    imported = import_bundle(bob, narrow)

    assert imported.report.info.kind is BundleKind.SELECTED
    assert len(imported.records) == 3
    who, what, held = (only(bob, kind) for kind in ("person", "incident", "detention"))
    assert {who, what, held}.isdisjoint(rich.living())
    assert [n["text"] for n in items(bob, who, "names")] == ["秦徐-characters", "Pseudonym Kept"]
    assert items(bob, what, "persons")[0]["person"] == who
    assert values(bob, held)["persons"] == [who]
    assert [(e["place"], e.get("text")) for e in items(bob, held, "entries")] == [
        ("entry-place-kept", None),
        ("second-place-kept", None),
    ]
    assert values(bob, what)["date"] == "2022-08"
    assert not any(records.get(bob, record).conflicts for record in imported.records)


def test_reference_to_a_record_that_did_not_come_dangles_and_is_taken(
    bob: Vault, narrow: Path
) -> None:
    import_bundle(bob, narrow)

    (relation,) = items(bob, only(bob, "person"), "relations")
    witness = items(bob, only(bob, "incident"), "persons")[1]
    assert relation["person"] == witness["person"]
    with pytest.raises(RecordNotFoundError):
        records.get(bob, relation["person"])
    assert records.get(bob, only(bob, "person")).problems is not None


def test_record_that_was_missing_falls_into_its_place_when_it_comes(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    import_bundle(bob, selected(alice, bob, stick, rich.incident))
    dangling = [p["person"] for p in items(bob, only(bob, "incident"), "persons")]

    imported = import_bundle(bob, selected(alice, bob, stick, rich.chosen, rich.relative))

    assert sorted(imported.records) == sorted(dangling)


def test_importing_a_selected_bundle_twice_adds_nothing(bob: Vault, narrow: Path) -> None:
    import_bundle(bob, narrow)
    before = dump(bob)

    assert import_bundle(bob, narrow).added == 0
    assert dump(bob) == before


def test_each_record_goes_once_however_often_it_is_named(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    told = written(alice, bob, stick, rich.incident, rich.incident)

    assert told.records == 1
    assert len(derived(told.files[0], bob)) == 1


def test_unknown_record_is_refused(alice: Vault, bob: Vault, stick: Path) -> None:
    with pytest.raises(RecordNotFoundError):
        selected(alice, bob, stick, A_PERSON)
    assert not list(stick.iterdir())


def test_empty_selection_is_refused(alice: Vault, rich: Rich, bob: Vault, stick: Path) -> None:
    with pytest.raises(NothingToExportError):
        selected(alice, bob, stick)
    assert not list(stick.iterdir())


def test_leaving_out_a_field_of_items_leaves_out_all_of_it(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    path = selected(alice, bob, stick, rich.detention, left_out=frozenset({"detention.entries"}))

    assert not any("entries" in p for line in derived(path, bob) for p in line["set"])
    assert b"entry-place-kept" not in plaintext(path.read_bytes(), bob)


def test_field_left_out_of_one_type_goes_with_another(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    path = selected(
        alice, bob, stick, rich.incident, rich.detention, left_out=frozenset({"incident.title"})
    )

    plain = plaintext(path.read_bytes(), bob)
    assert b"incident-title-kept" not in plain
    assert b"detention-title-kept" in plain


# --- a second bundle to the same partner ----------------------------------------------------------


def test_second_bundle_updates_what_the_partner_has(
    alice: Vault, rich: Rich, bob: Vault, stick: Path, narrow: Path
) -> None:
    import_bundle(bob, narrow)
    who = only(bob, "person")
    records.revise(alice, rich.chosen, {"occupation": "teacher", "address": None})

    second = selected(alice, bob, stick, rich.chosen, left_out=LEFT_OUT)
    imported = import_bundle(bob, second)

    assert imported.records == (who,)
    assert only(bob, "person") == who
    assert values(bob, who)["occupation"] == "teacher"
    assert "address" not in values(bob, who)
    assert records.get(bob, who).conflicts == ()


def test_field_that_is_no_longer_chosen_disappears_at_the_partner(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    import_bundle(bob, selected(alice, bob, stick, rich.chosen))
    who = only(bob, "person")
    assert values(bob, who)["health"] == "health-words-left-out"

    second = selected(alice, bob, stick, rich.chosen, left_out=LEFT_OUT)
    import_bundle(bob, second)

    assert not {"health", "contacts", "consents"} & set(values(bob, who))
    assert [sorted(p) for p in items(bob, who, "identity_papers")] == [["id", "kind"]]
    assert records.get(bob, who).conflicts == ()
    assert b"health-words-left-out" not in plaintext(second.read_bytes(), bob)


def test_removed_item_disappears_and_a_kept_one_keeps_its_id(
    alice: Vault, rich: Rich, bob: Vault, stick: Path, narrow: Path
) -> None:
    import_bundle(bob, narrow)
    held = only(bob, "detention")
    before = items(bob, held, "entries")
    mine = items(alice, rich.detention, "entries")
    new: dict[str, Any] = {"kind": "health", "place": "third-place"}
    records.revise(alice, rich.detention, {"entries": [new, mine[1]]})

    import_bundle(bob, selected(alice, bob, stick, rich.detention, left_out=LEFT_OUT))

    after = items(bob, held, "entries")
    assert [entry["place"] for entry in after] == ["third-place", "second-place-kept"]
    assert after[1] == before[1]
    assert after[0]["id"] not in {entry["id"] for entry in before}
    assert records.get(bob, held).conflicts == ()


def test_item_that_comes_back_has_the_id_that_it_had(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    names = items(alice, rich.chosen, "names")
    import_bundle(bob, selected(alice, bob, stick, rich.chosen))
    who = only(bob, "person")
    first = items(bob, who, "names")

    for present in (names[:1], names):
        records.revise(alice, rich.chosen, {"names": list(present)})
        import_bundle(bob, selected(alice, bob, stick, rich.chosen))

    assert items(bob, who, "names") == first
    assert records.get(bob, who).conflicts == ()


def test_unchanged_value_that_comes_again_is_no_conflict_with_a_correction(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    import_bundle(bob, selected(alice, bob, stick, rich.chosen))
    who = only(bob, "person")
    records.revise(bob, who, {"occupation": "corrected by Bob"})

    for _ in range(2):
        import_bundle(bob, selected(alice, bob, stick, rich.chosen))

        assert values(bob, who)["occupation"] == "corrected by Bob"
        assert records.get(bob, who).conflicts == ()


def test_changed_value_that_comes_over_a_correction_is_shown_beside_it(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    import_bundle(bob, selected(alice, bob, stick, rich.chosen))
    who = only(bob, "person")
    records.revise(bob, who, {"occupation": "corrected by Bob"})
    records.revise(alice, rich.chosen, {"occupation": "teacher"})

    import_bundle(bob, selected(alice, bob, stick, rich.chosen))

    found = records.get(bob, who)
    assert found.values["occupation"] == "corrected by Bob"
    (conflict,) = found.conflicts
    assert [(r.value, r.foreign) for r in conflict.rivals] == [("teacher", True)]


def test_partner_who_missed_the_first_bundle_still_gets_everything(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    first = selected(alice, bob, stick, rich.chosen, rich.detention)
    second = selected(alice, bob, stick, rich.chosen, rich.detention)

    imported = import_bundle(bob, second)

    assert imported.report.is_previous_missing
    assert next(n["text"] for n in items(bob, only(bob, "person"), "names")) == "秦徐-characters"
    assert len(items(bob, only(bob, "detention"), "entries")) == 2
    before = {r: values(bob, r) for r in imported.records}
    import_bundle(bob, first)
    assert {r: values(bob, r) for r in imported.records} == before
    assert not any(records.get(bob, record).conflicts for record in imported.records)


def test_bundles_that_come_in_the_wrong_order_end_in_the_newest_state(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    paths: list[Path] = []
    for number in range(3):
        records.revise(alice, rich.chosen, {"occupation": f"occupation {number}"})
        paths.append(selected(alice, bob, stick, rich.chosen))

    for path in reversed(paths):
        import_bundle(bob, path)

    who = only(bob, "person")
    assert values(bob, who)["occupation"] == "occupation 2"
    assert records.get(bob, who).conflicts == ()


def test_second_bundle_names_no_original_either(
    alice: Vault, rich: Rich, bob: Vault, stick: Path, narrow: Path
) -> None:
    records.revise(alice, rich.chosen, {"note": "a new note"})
    second = selected(alice, bob, stick, rich.chosen, left_out=LEFT_OUT)

    plain = plaintext(second.read_bytes(), bob)
    sought = everything_that_identifies(alice)
    assert {n for n, marks in sought.items() if any(mark in plain for mark in marks)} == set()
    (line,) = derived(second, bob)
    first = read_revision(opened(narrow, bob)[bag.RECORDS].splitlines()[0])
    assert line["parents"] == [first.id]


def test_one_off_bundle_uses_ids_that_are_never_seen_again(
    alice: Vault, rich: Rich, bob: Vault, stick: Path, narrow: Path
) -> None:
    bookkeeping = {t: dump(alice)[t] for t in ("alias", "derived")}

    paths = [
        selected(alice, bob, stick, rich.chosen, left_out=LEFT_OUT, one_off=True) for _ in range(2)
    ]

    ids = [set(all_uuids(path, bob)) for path in (narrow, *paths)]
    assert ids[0].isdisjoint(ids[1])
    assert ids[1].isdisjoint(ids[2])
    assert ids[0].isdisjoint(ids[2])
    assert all(line["parents"] == [] for path in paths for line in derived(path, bob))
    assert {t: dump(alice)[t] for t in ("alias", "derived")} == bookkeeping
    third = selected(alice, bob, stick, rich.chosen)
    assert alias_of(third, bob, "person") == alias_of(narrow, bob, "person")


def all_uuids(path: Path, receiver: Vault) -> set[str]:
    text = opened(path, receiver)[bag.RECORDS].decode()
    return {
        text[at : at + 36]
        for at in range(len(text) - 36)
        if text[at + 8] == text[at + 13] == text[at + 18] == text[at + 23] == "-"
        and is_uuid(text[at : at + 36])
    }


def is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def test_two_partners_get_nothing_by_which_they_could_compare(
    alice: Vault, rich: Rich, bob: Vault, carol: Vault, stick: Path
) -> None:
    chosen = (rich.chosen, rich.incident, rich.detention)
    for_bob, for_carol = (selected(alice, to, stick, *chosen) for to in (bob, carol))

    assert all_uuids(for_bob, bob)
    assert all_uuids(for_bob, bob).isdisjoint(all_uuids(for_carol, carol))
    salts = [{line["salt"] for line in derived(*b)} for b in ((for_bob, bob), (for_carol, carol))]
    assert salts[0].isdisjoint(salts[1])
    assert info_of(for_bob, bob).bundle != info_of(for_carol, carol).bundle
    assert info_of(for_bob, bob).sequence == info_of(for_carol, carol).sequence == 1


def test_partner_who_sends_a_record_back_sends_it_under_another_id(
    alice: Vault, rich: Rich, bob: Vault, stick: Path, narrow: Path
) -> None:
    before = {row.id for row in records.listing(alice)}
    import_bundle(bob, narrow)

    imported = import_bundle(alice, selected(bob, alice, stick, only(bob, "incident")))

    assert set(imported.records).isdisjoint(before)


def test_complete_bundle_of_the_partner_gives_back_ones_own_derived_record_only(
    alice: Vault, rich: Rich, bob: Vault, stick: Path, narrow: Path
) -> None:
    """What Alice gets back under aliases is not merged into her originals."""
    before = {record: values(alice, record) for record in rich.living()}
    import_bundle(bob, narrow)

    import_bundle(alice, complete(bob, alice, stick))

    assert {record: values(alice, record) for record in rich.living()} == before


def test_failed_export_keeps_no_ids(alice: Vault, rich: Rich, bob: Vault, stick: Path) -> None:
    before = dump(alice)

    def full(*_: object) -> None:
        raise SpaceShortError(mebibytes=1)

    with pytest.raises(SpaceShortError):
        export_selected(
            alice,
            for_cards([card_of(bob)]),
            stick,
            Selection(records=(rich.chosen,)),
            progress=full,
        )

    assert dump(alice) == before
    assert not list(stick.iterdir())


def test_many_bundles_name_a_bounded_number_of_earlier_ones(
    alice: Vault, bob: Vault, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fielddoc.bundle.derive._MAXIMUM_EARLIER", 3)
    who = person(alice)
    paths = []
    for number in range(6):
        records.revise(alice, who, {"occupation": f"occupation {number}"})
        paths.append(selected(alice, bob, stick, who))

    for path in (paths[5], *paths[:5]):
        import_bundle(bob, path)

    assert max(len(line["parents"]) for p in paths for line in derived(p, bob)) == 3
    assert values(bob, only(bob, "person"))["occupation"] == "occupation 5"
    assert records.get(bob, only(bob, "person")).conflicts == ()


# --- attachments ----------------------------------------------------------------------------------


def test_file_of_a_chosen_record_stays_unless_it_is_asked_for(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    told = written(alice, bob, stick, rich.chosen)

    assert attachments_of(alice, [rich.chosen]) == [rich.photo]
    assert (told.attachments, told.records) == (0, 1)
    assert not any(bag.ATTACHMENT_FOLDER in name for name in opened(told.files[0], bob))


def test_files_go_with_the_chosen_records(
    alice: Vault, rich: Rich, bob: Vault, stick: Path
) -> None:
    other = attach(alice, b"of another record", belongs_to=[rich.relative])

    told = written(alice, bob, stick, rich.chosen, with_attachments=True)
    imported = import_bundle(bob, told.files[0])

    assert (told.attachments, told.records) == (1, 2)
    assert imported.attachments_added == 1
    described = values(bob, only(bob, "attachment"))
    assert described["belongs_to"] == [only(bob, "person")]
    assert content(bob, described["sha256"]) == PHOTO
    assert attachments.find(bob, values(alice, other)["sha256"]) is None
    assert len(files_of(bob)) == 1


def test_file_in_the_trash_stays(alice: Vault, rich: Rich, bob: Vault, stick: Path) -> None:
    records.delete(alice, rich.photo)

    assert written(alice, bob, stick, rich.chosen, with_attachments=True).attachments == 0


def test_content_of_two_records_goes_once(alice: Vault, bob: Vault, stick: Path) -> None:
    who = person(alice)
    for _ in range(2):
        attach(alice, b"the same content", belongs_to=[who])

    told = written(alice, bob, stick, who, with_attachments=True)

    assert (told.attachments, told.records) == (1, 3)
    assert import_bundle(bob, told.files[0]).attachments_added == 1


@pytest.mark.parametrize("sha256", ["no hash", "ab", "ab" * 32, 5, ["ab" * 32]])
def test_attachment_record_without_a_right_hash_goes_without_a_file(
    sha256: Any, alice: Vault, bob: Vault, stick: Path
) -> None:
    """A wrong value is kept as it was typed, so it can stand in any record."""
    who = person(alice)
    records.add(alice, "attachment", {"name": "x", "sha256": sha256, "belongs_to": [who]})

    told = written(alice, bob, stick, who, with_attachments=True)

    assert (told.attachments, told.records) == (0, 2)


def test_export_costs_no_time_stamp(alice: Vault, rich: Rich, bob: Vault, stick: Path) -> None:
    """The bag says the day; tar says no time at all."""
    path = selected(alice, bob, stick, rich.incident)

    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    assert info_of(path, bob).date == today
    now = str(int(time.time()))[:6].encode()
    lines = opened(path, bob)
    assert now not in lines[bag.BAG_INFO]


def test_file_that_is_marked_secret_goes_only_when_it_is_named(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    what = records.add(alice, "incident", {"title": "told"})
    attach(alice, b"for all to see", belongs_to=[what])
    secret = attach(
        alice, b"for us alone", name="us.jpg", belongs_to=[what], confidentiality="secret"
    )
    known = Selection(records=(what,), with_attachments=True)

    along = opened(selected(alice, bob, stick, what, with_attachments=True), bob)
    even_so = opened(
        selected(alice, bob, stick, what, with_attachments=True, with_secret=True), bob
    )
    named = opened(selected(alice, bob, stick, what, secret, with_attachments=True), bob)

    for told in (along, even_so):
        everything = b"".join(told.values())
        assert b"for all to see" in everything
        assert b"for us alone" not in everything
        assert b"us.jpg" not in everything
    assert b"for us alone" in b"".join(named.values())
    assert held_back(alice, known) == 1
    assert held_back(alice, replace(known, records=(what, secret))) == 0


def test_no_day_of_typing_leaves_with_a_file(
    alice: Vault, bob: Vault, stick: Path, tmp_path: Path
) -> None:
    what = records.add(alice, "incident", {"title": "told"})
    photo = tmp_path / "seen.txt"
    photo.write_bytes(b"seen")
    added = attach_file(alice, what, photo)
    records.revise(alice, added, {"added_on_words": "typed on that evening", "taken_on": "2022"})
    today = str(values(alice, added)["added_on"]).encode()

    told = opened(selected(alice, bob, stick, what, with_attachments=True), bob)

    lines, page = told["data/records.jsonl"], told["data/readable/index.html"]
    assert b'"taken_on"' in lines
    for data in (lines, page):
        assert today not in data
        assert b"added_on" not in data
        assert b"typed on that evening" not in data
