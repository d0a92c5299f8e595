"""The public cases go through vault, bundle and a second vault, each value in a field of its own."""

import dataclasses
import json
import os
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest

from bundle.bundles import PASSPHRASE, complete, introduce, selected
from fielddoc.bundle.receive import import_bundle
from fielddoc.cli import demo_cases
from fielddoc.cli.demo_cases import Case, Recorded, differing_parts, rebuilt, record_cases, some_of
from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import RECORD_TYPES, record_type
from fielddoc.domain.schema import Field, Kind, walk
from fielddoc.resources import resource
from fielddoc.vault import records
from fielddoc.vault.opening import make_vault
from fielddoc.vault.vault import Vault
from not_run import not_run

ABOUT_THE_FILE = ("conventions", "expected")
ENTRY = "detention.entries"

# Each key of the cases and the fields that may hold its value. Nothing but these fields is needed
# to get it back. A key without fields is a record, an item, a link, or the ids of the file.
TARGETS: dict[str, tuple[str, ...]] = {
    "about": ("source.description",),
    "source": (),
    "source.title": ("source.title",),
    "source.publisher": ("source.publisher",),
    "source.kind": ("source.kind",),
    "source.as_of": ("source.as_of",),
    "persons": (),
    "persons.id": (),
    "persons.name": ("person.names.text",),
    "persons.name_zh": ("person.names.text",),
    "persons.aliases": ("person.names.text",),
    "persons.age": ("person.ages.age", "person.ages.as_of", "person.ages.as_of_words"),
    "persons.work": ("person.human_rights_work",),
    "relations": (),
    "relations.from": (),
    "relations.kind": ("person.relations.kind",),
    "relations.to": ("person.relations.person",),
    "facts": (),
    "facts.person": (f"{ENTRY}.persons",),
    "facts.kind": (f"{ENTRY}.kind",),
    "facts.date": (f"{ENTRY}.date", "incident.date"),
    "facts.verbatim": (f"{ENTRY}.date_words",),
    "facts.inferred": (f"{ENTRY}.date_inferred", f"{ENTRY}.known_inferred"),
    "facts.known": (f"{ENTRY}.known",),
    "facts.as_of": (f"{ENTRY}.as_of",),
    "facts.place": (f"{ENTRY}.place",),
    "facts.facility": (f"{ENTRY}.facility",),
    "facts.by": (f"{ENTRY}.authority",),
    "facts.court": (f"{ENTRY}.court",),
    "facts.charges": (f"{ENTRY}.charges",),
    "facts.sentence": (f"{ENTRY}.sentence",),
    "facts.conditions": (f"{ENTRY}.conditions",),
    "facts.detail": (f"{ENTRY}.text", "incident.what_happened"),
    "facts.told_by": (f"{ENTRY}.told_by",),
    "facts.reliability": (f"{ENTRY}.reliability",),
    "facts.name": ("incident.title",),
    "facts.counts": (),
    "facts.counts.what": ("incident.counts.what",),
    "facts.counts.number": ("incident.counts.qualifier", "incident.counts.number"),
    "facts.counts.source": ("incident.counts.reported_by",),
    "facts.counts.as_of": ("incident.counts.as_of",),
    "risks": ("risk.kind",),
}
FIELDS = {f"{t.name}.{dotted}": part for t in RECORD_TYPES for dotted, part in walk(t.fields)}
WRITTEN_IN_WORDS = frozenset(
    name for name, part in FIELDS.items() if part.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.TEXTS)
)


def values_by_key(cases: Case) -> dict[str, list[str]]:
    """Return every value of the cases as JSON, by its key, sorted."""
    found: dict[str, list[str]] = defaultdict(list)

    def go(key: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, part in value.items():
                go(f"{key}.{name}" if key else name, part)
        elif isinstance(value, list) and all(isinstance(part, dict) for part in value) and value:
            for part in value:
                go(key, part)
        else:
            found[key].append(json.dumps(value, ensure_ascii=False))

    go("", {name: part for name, part in cases.items() if name not in ABOUT_THE_FILE})
    return {key: sorted(values) for key, values in found.items()}


def assert_same(back: Case, cases: Case) -> None:
    assert differing_parts(back, cases) == []
    ours, theirs = values_by_key(back), values_by_key(cases)
    assert sorted(ours) == sorted(theirs)
    for key, values in theirs.items():
        assert ours[key] == values, key


@pytest.fixture(scope="module")
def cases() -> Case:
    return demo_cases.load()


@pytest.fixture(scope="module")
def recorded(
    cases: Case, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Vault, Recorded]]:
    """A vault with all cases in it."""
    with make_vault(tmp_path_factory.mktemp("cases") / "vault", PASSPHRASE, name="Cases") as vault:
        yield vault, record_cases(vault, cases)


# --- there and back -------------------------------------------------------------------------------


def test_cases_are_those_of_the_report(cases: Case) -> None:
    counts = [len(cases[part]) for part in ("persons", "relations", "facts", "risks")]
    assert counts == [24, 7, 58, 17]


def test_cases_come_back_from_the_vault(recorded: tuple[Vault, Recorded], cases: Case) -> None:
    assert_same(rebuilt(*recorded), cases)


def test_cases_come_back_from_a_second_vault(
    recorded: tuple[Vault, Recorded], cases: Case, bob: Vault, stick: Path
) -> None:
    vault, done = recorded
    introduce(bob, vault)

    imported = import_bundle(bob, complete(vault, bob, stick))

    assert_same(rebuilt(bob, done), cases)
    for row in records.listing(vault):
        assert records.get(bob, row.id) == records.get(vault, row.id)
    assert len(imported.records) == len(records.listing(vault))


def test_cases_come_back_from_a_partners_vault_though_the_ids_are_others(
    recorded: tuple[Vault, Recorded], cases: Case, carol: Vault, stick: Path
) -> None:
    vault, done = recorded
    introduce(carol, vault)
    chosen = [row.id for row in records.listing(vault)]

    import_bundle(carol, selected(vault, carol, stick, *chosen))

    assert_same(rebuilt(carol, under_aliases(vault, done)), cases)


def under_aliases(vault: Vault, done: Recorded) -> Recorded:
    """Return the places of the cases as the partner knows them."""
    rows = vault.database.query("SELECT original, alias FROM alias")
    alias = {
        str(uuid.UUID(bytes=cast("bytes", one))): str(uuid.UUID(bytes=cast("bytes", other)))
        for one, other in rows
    }
    return Recorded(
        source=alias[done.source],
        persons={name: alias[record] for name, record in done.persons.items()},
        facts=[(alias[record], item and alias[item]) for record, item in done.facts],
        risks=[alias[record] for record in done.risks],
    )


@pytest.mark.parametrize(
    "persons",
    [
        {"xu-qin", "ji-xiaolong"},
        {"xu-zhiyong", "ding-jiaxi", "luo-shengchun"},
        {"unnamed-tibetan"},
    ],
    ids=["two cases", "a joint case", "a person without a name"],
)
def test_a_few_of_the_cases_come_back_too(
    persons: set[str], cases: Case, alice: Vault, bob: Vault, stick: Path
) -> None:
    some = some_of(cases, persons)
    assert {person["id"] for person in some["persons"]} == persons
    assert some["facts"]

    done = record_cases(alice, some)
    import_bundle(bob, complete(alice, bob, stick))

    assert_same(rebuilt(alice, done), some)
    assert_same(rebuilt(bob, done), some)


def test_comparison_notices_every_change(cases: Case) -> None:
    """So that "equal" above says something."""
    for part in ("about", "source", "persons", "relations", "facts", "risks"):
        changed = json.loads(json.dumps(cases))
        match changed[part]:
            case str():
                changed[part] += "."
            case dict():
                changed[part]["title"] += "."
            case _:
                changed[part].pop()
        assert differing_parts(changed, cases) == [part]
    for number, fact in enumerate(cases["facts"]):
        for key in fact:
            changed = json.loads(json.dumps(cases))
            del changed["facts"][number][key]
            assert differing_parts(changed, cases) == ["facts"]


# --- each value in a field of its own -------------------------------------------------------------


def test_table_of_this_test_has_every_key_and_only_fields_that_exist(cases: Case) -> None:
    keys = {
        key[: place or None]
        for key in values_by_key(cases)
        for place in [0, *(n for n, c in enumerate(key) if c == ".")]
    }
    assert sorted(TARGETS) == sorted(keys)
    assert {name for names in TARGETS.values() for name in names} <= set(FIELDS)


def test_every_key_of_the_cases_is_named_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "record-types.md").read_text("utf-8")

    assert [key for key in TARGETS if f"`{key}`" not in page] == []
    for names in TARGETS.values():
        assert [name for name in names if f"`{name}`" not in page] == []


def blanked(declared: tuple[Field, ...], prefix: str, values: Any, kept: frozenset[str]) -> Any:
    """Return values with every field that is written in words made empty of meaning."""
    by_name = {part.name: part for part in declared}
    result: dict[str, Json] = {}
    for name, value in values.items():
        part = by_name.get(name)
        dotted = f"{prefix}.{name}"
        if part is not None and part.kind is Kind.ITEMS:
            result[name] = [blanked(part.fields, dotted, item, kept) for item in value]
        elif dotted in WRITTEN_IN_WORDS and dotted not in kept:
            result[name] = ["(blank)"] * len(value) if isinstance(value, list) else "(blank)"
        else:
            result[name] = value
    return result


BY_WORDS_KEPT: dict[frozenset[str], list[str]] = defaultdict(list)
for _key, _names in TARGETS.items():
    BY_WORDS_KEPT[frozenset(_names) & WRITTEN_IN_WORDS].append(_key)


@pytest.fixture(scope="module", params=["first vault", "second vault, through a bundle"])
def either(
    request: pytest.FixtureRequest,
    recorded: tuple[Vault, Recorded],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Vault, Recorded]]:
    """The vault that the cases were recorded in, or a partner's that got them in a bundle."""
    if request.param == "first vault":
        yield recorded
        return
    first, done = recorded
    folder = tmp_path_factory.mktemp("partner")
    with make_vault(folder / "vault", PASSPHRASE, name="Partner") as second:
        introduce(second, first)
        import_bundle(second, complete(first, second, folder))
        yield second, done


@pytest.fixture(scope="module")
def originals(either: tuple[Vault, Recorded]) -> dict[str, Any]:
    vault, _ = either
    return {row.id: dict(records.get(vault, row.id).values) for row in records.listing(vault)}


@pytest.fixture
def back_with_words_blanked(
    either: tuple[Vault, Recorded], originals: dict[str, Any], request: pytest.FixtureRequest
) -> Case:
    """The cases out of a vault where only the fields of one key still have words in them."""
    vault, done = either
    kept: frozenset[str] = request.param
    back: list[Case] = []
    with suppress(TakenBackError), vault.database.transaction():
        for record, values in originals.items():
            type_name = cast("str", records.type_of(vault, record))
            declared = record_type(type_name)
            assert declared is not None
            records.revise(vault, record, blanked(declared.fields, type_name, values, kept))
        back.append(rebuilt(vault, done))
        raise TakenBackError
    return back[0]


class TakenBackError(Exception):
    """Ends a transaction so that the vault is as it was."""


@pytest.mark.parametrize(
    ("back_with_words_blanked", "keys"),
    list(BY_WORDS_KEPT.items()),
    indirect=["back_with_words_blanked"],
    ids=[", ".join(sorted(kept)) or "no words at all" for kept in BY_WORDS_KEPT],
)
def test_value_comes_back_when_all_other_words_are_gone(
    back_with_words_blanked: Case, keys: list[str], cases: Case
) -> None:
    """A value that stands only in a note or a description is lost here."""
    ours, theirs = values_by_key(back_with_words_blanked), values_by_key(cases)
    for key in keys:
        assert ours.get(key) == theirs.get(key), key
    words = {key for key, names in TARGETS.items() if set(names) & WRITTEN_IN_WORDS}
    blank = {key for key, values in ours.items() if any("(blank)" in value for value in values)}
    shared = {key for key in words if set(TARGETS[key]) & {n for k in keys for n in TARGETS[k]}}
    assert blank == words - shared - set(keys)


def test_nothing_of_the_cases_is_kept_beside_the_vault(cases: Case) -> None:
    """What is remembered is where each part went: ids, and nothing of the content."""
    assert [field.name for field in dataclasses.fields(Recorded)] == [
        "source", "persons", "facts", "risks",
    ]  # fmt: skip
    hints = {field.name: str(field.type) for field in dataclasses.fields(Recorded)}
    assert all("Any" not in hint for hint in hints.values())


def test_the_cases_that_go_along_are_the_published_file_byte_for_byte() -> None:
    usual = Path(__file__).parents[2].parent / "shared" / "data" / "cases" / "cases.json"
    published = Path(os.environ.get("FIELDDOC_CASES", usual))
    if not published.exists():
        not_run("cases.json is neither beside the checkout nor named by FIELDDOC_CASES")
    assert resource("examples", "cases.json").read_bytes() == published.read_bytes()
