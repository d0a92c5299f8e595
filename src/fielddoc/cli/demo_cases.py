"""The cases of the public report as records, and records back as the cases.

`resources/examples/cases.json` holds what the report "Persisting in Resisting" (Chinese Human
Rights Defenders, 2023) states of 24 people. Every key of it has a field or item of its own here;
docs/record-types.md names them. Nothing is added to what the report says.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import parse_typed
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.resources import resource
from fielddoc.vault import records
from fielddoc.vault.vault import Vault

Case = dict[str, Any]

UNKNOWN_DATE = "XXXX"

# The case's key and the entry's field, where one value goes into one field as it is.
_ENTRY_FIELDS = {
    "place": "place",
    "facility": "facility",
    "by": "authority",
    "court": "court",
    "sentence": "sentence",
    "conditions": "conditions",
    "detail": "text",
    "told_by": "told_by",
    "as_of": "as_of",
    "known": "known",
    "date": "date",
    "verbatim": "date_words",
}
_AGE = re.compile(r"([0-9]+) \((.+)\)")
_NUMBER = re.compile(r"(.+) ([0-9]+)")


@dataclass(slots=True)
class Recorded:
    """Where each part of the cases went."""

    source: str = ""
    persons: dict[str, str] = field(default_factory=dict)
    """Id in the cases to id in the vault."""
    facts: list[tuple[str, str]] = field(default_factory=list)
    """Record id and item id of each fact; the item is empty where the record is the fact."""
    risks: list[str] = field(default_factory=list)


def load() -> Case:
    """Return the cases as the file has them."""
    text = resource("examples", "cases.json").read_text(encoding="utf-8")
    return cast("Case", json.loads(text))


def some_of(cases: Case, persons: set[str]) -> Case:
    """Return the cases of a few people only."""
    return {
        **cases,
        "persons": [p for p in cases["persons"] if p["id"] in persons],
        "relations": [r for r in cases["relations"] if {r["from"], r["to"]} <= persons],
        "facts": [f for f in cases["facts"] if f["person"] and set(f["person"]) <= persons],
        "risks": [],
    }


# --- into the vault ------------------------------------------------------------------------------


def record_cases(vault: Vault, cases: Case) -> Recorded:
    """Write the cases into a vault, each person, joint case, event and kind of risk a record."""
    done = Recorded()
    done.source = records.add(vault, "source", _source_values(cases))
    for person in cases["persons"]:
        values = _person_values(person, done.source)
        done.persons[person["id"]] = records.add(vault, "person", values)
    for name, identity in done.persons.items():
        relations: list[Json] = [
            {
                "kind": _code("relation-kinds", relation["kind"]),
                "person": done.persons[relation["to"]],
                "sources": [done.source],
            }
            for relation in cases["relations"]
            if relation["from"] == name
        ]
        if relations:
            records.revise(vault, identity, {"relations": relations})
    _record_facts(vault, cases, done)
    done.risks = [
        records.add(vault, "risk", {"kind": _code("risk-kinds", r), "sources": [done.source]})
        for r in cases["risks"]
    ]
    return done


def _record_facts(vault: Vault, cases: Case, done: Recorded) -> None:
    """Write each joint case as one detention with its chronology, other facts as incidents."""
    groups = joint_cases(cases)
    places: dict[int, tuple[str, str]] = {}
    for people in groups:
        facts = [n for n, fact in enumerate(cases["facts"]) if set(fact["person"]) & people]
        if not facts:
            continue
        entries: list[Json] = [_entry(cases["facts"][n], done) for n in facts]
        ids: list[Json] = [done.persons[p["id"]] for p in cases["persons"] if p["id"] in people]
        values: dict[str, Json] = {"persons": ids, "entries": entries, "sources": [done.source]}
        detention = records.add(vault, "detention", values)
        written = records.state_of(vault, detention).values["entries"]
        assert isinstance(written, list)
        for number, entry in zip(facts, written, strict=True):
            assert isinstance(entry, dict)
            places[number] = (detention, str(entry["id"]))
    for number, fact in enumerate(cases["facts"]):
        if not fact["person"]:
            places[number] = (records.add(vault, "incident", _incident(fact, done)), "")
    done.facts = [places[number] for number in range(len(cases["facts"]))]


def joint_cases(cases: Case) -> list[set[str]]:
    """Return the people of each case: those whom a fact names together are in one case."""
    groups: list[set[str]] = [{person["id"]} for person in cases["persons"]]
    for fact in cases["facts"]:
        named = set(fact["person"])
        together = [group for group in groups if group & named]
        if len(together) > 1:
            groups = [g for g in groups if g not in together] + [set().union(*together)]
    return groups


def _source_values(cases: Case) -> dict[str, Json]:
    source = cases["source"]
    return {
        "title": source["title"],
        "publisher": source["publisher"],
        "kind": _code("source-kinds", source["kind"]),
        "as_of": source["as_of"],
        "description": cases["about"],
    }


def _person_values(person: Case, source: str) -> dict[str, Json]:
    names: list[Json] = []
    if person["name"] is not None:
        names.append({"text": person["name"], "kind": "romanised"})
    if "name_zh" in person:
        names.append({"text": person["name_zh"], "kind": "characters"})
    names += [{"text": alias, "kind": "alias"} for alias in person.get("aliases", [])]
    values: dict[str, Json] = {"names": names, "sources": [source]}
    if "work" in person:
        values["human_rights_work"] = person["work"]
    if "age" in person:
        age, words = _AGE.fullmatch(person["age"]).groups()  # type: ignore[union-attr]
        values["ages"] = [
            {
                "age": age,
                "as_of": parse_typed(words).edtf,
                "as_of_words": words,
                "sources": [source],
            }
        ]
    return values


def _entry(fact: Case, done: Recorded) -> dict[str, Json]:
    entry: dict[str, Json] = {
        "kind": _code("entry-kinds", fact["kind"]),
        "persons": [done.persons[name] for name in fact["person"]],
        "sources": [done.source],
    }
    for key, name in _ENTRY_FIELDS.items():
        if key in fact:
            entry[name] = UNKNOWN_DATE if fact[key] is None else fact[key]
    if "charges" in fact:
        entry["charges"] = [_code("charges", charge) for charge in fact["charges"]]
    if "reliability" in fact:
        entry["reliability"] = _code("reliability", fact["reliability"])
    if "inferred" in fact:
        entry["date_inferred" if "date" in fact else "known_inferred"] = fact["inferred"]
    return entry


def _incident(fact: Case, done: Recorded) -> dict[str, Json]:
    return {
        "title": fact["name"],
        "date": fact["date"],
        "what_happened": fact["detail"],
        "counts": [_count(count) for count in fact["counts"]],
        "sources": [done.source],
    }


def _count(count: Case) -> dict[str, Json]:
    qualifier, number = _NUMBER.fullmatch(count["number"]).groups()  # type: ignore[union-attr]
    item: dict[str, Json] = {
        "what": count["what"],
        "qualifier": _code("count-qualifiers", qualifier),
        "number": number,
    }
    if "source" in count:
        item["reported_by"] = count["source"]
    if "as_of" in count:
        item["as_of"] = count["as_of"]
    return item


def _code(name: str, words: str) -> str:
    code = vocabulary(name).code_of(words)
    assert code is not None, f"{name} has no term for what the report says"
    return code


def differing_parts(one: Case, other: Case) -> list[str]:
    """Return the names of the parts in which two sets of cases differ.

    The order of relations between different people means nothing, and is not compared.
    """
    parts = ("about", "source", "persons", "relations", "facts", "risks")
    return [part for part in parts if _comparable(part, one) != _comparable(part, other)]


def _comparable(part: str, cases: Case) -> Any:
    if part != "relations":
        return cases[part]
    return sorted(cases[part], key=lambda r: (r["from"], r["kind"], r["to"]))


# --- and back ------------------------------------------------------------------------------------


def rebuilt(vault: Vault, done: Recorded) -> Case:
    """Return the cases as the vault has them, from typed fields and items alone."""
    names = {identity: name for name, identity in done.persons.items()}
    source = records.get(vault, done.source).values
    people = {name: records.get(vault, i).values for name, i in done.persons.items()}
    return {
        "about": source["description"],
        "source": {
            "title": source["title"],
            "publisher": source["publisher"],
            "kind": _words("source-kinds", source["kind"]),
            "as_of": source["as_of"],
        },
        "persons": [_person(name, values) for name, values in people.items()],
        "relations": [
            {
                "from": name,
                "kind": _words("relation-kinds", relation["kind"]),
                "to": names[relation["person"]],
            }
            for name, values in people.items()
            for relation in _objects(values.get("relations"))
        ],
        "facts": [_fact(vault, record, item, names) for record, item in done.facts],
        "risks": [
            _words("risk-kinds", records.get(vault, risk).values["kind"]) for risk in done.risks
        ],
    }


def _person(name: str, values: Mapping[str, Json]) -> Case:
    texts: dict[str, list[Any]] = {"romanised": [], "characters": [], "alias": []}
    for item in _objects(values.get("names")):
        texts[item["kind"]].append(item["text"])
    person: Case = {"id": name, "name": texts["romanised"][0] if texts["romanised"] else None}
    if texts["characters"]:
        person["name_zh"] = texts["characters"][0]
    if texts["alias"]:
        person["aliases"] = texts["alias"]
    for age in _objects(values.get("ages")):
        person["age"] = f"{age['age']} ({age['as_of_words']})"
    if "human_rights_work" in values:
        person["work"] = values["human_rights_work"]
    return person


def _fact(vault: Vault, record: str, item: str, names: Mapping[str, str]) -> Case:
    values = records.get(vault, record).values
    if not item:
        return {
            "person": [],
            "kind": "collective event",
            "date": values["date"],
            "name": values["title"],
            "detail": values["what_happened"],
            "counts": [_count_back(count) for count in _objects(values["counts"])],
        }
    entry = next(e for e in _objects(values["entries"]) if e["id"] == item)
    fact: Case = {
        "person": [names[identity] for identity in entry["persons"]],
        "kind": _words("entry-kinds", entry["kind"]),
    }
    for key, name in _ENTRY_FIELDS.items():
        if name in entry:
            fact[key] = None if entry[name] == UNKNOWN_DATE else entry[name]
    if "charges" in entry:
        fact["charges"] = [_words("charges", charge) for charge in entry["charges"]]
    if "reliability" in entry:
        fact["reliability"] = _words("reliability", entry["reliability"])
    for name in ("date_inferred", "known_inferred"):
        if name in entry:
            fact["inferred"] = entry[name]
    return fact


def _count_back(item: Case) -> Case:
    count: Case = {
        "what": item["what"],
        "number": f"{_words('count-qualifiers', item['qualifier'])} {item['number']}",
    }
    if "reported_by" in item:
        count["source"] = item["reported_by"]
    if "as_of" in item:
        count["as_of"] = item["as_of"]
    return count


def _objects(value: Json) -> list[Case]:
    return cast("list[Case]", value if isinstance(value, list) else [])


def _words(name: str, code: Json) -> str:
    return vocabulary(name).label(str(code))
