"""docs/record-types.md, made from the declarations, so that it cannot say anything else.

    python -m fielddoc.interchange.record_types_page > docs/record-types.md

A test compares the file with what `record_types_page` returns.
"""

import json
import sys
from collections.abc import Iterator
from typing import assert_never

from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import parse_edtf, parse_typed
from fielddoc.domain.record_types import OWN_FIELD, RECORD_TYPES
from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.resources import resource

_INTRODUCTION = """\
# Record types

What a record of each type holds, how to write one as JSON, and which codes the lists have.
This page is made from the declarations in `src/fielddoc/domain/record_types.py` and from `resources/vocabularies/` by `python -m fielddoc.interchange.record_types_page`; a test compares.
How records are stored is in [vault-format.md](vault-format.md), how they travel in [bundle-format.md](bundle-format.md).

## Writing records as JSON

`fielddoc add VAULT FILE` takes one JSON object or a list of them, in UTF-8; `-` as the file reads them from the terminal or a pipe.
`show --json` and `list --json` give the same objects back, with `id`.

- `type` is the name of a record type, such as `person`.
- `values` is an object of field names and values.
- `id` is optional: without it a new record is made and its id printed.
  With the id of a known record that record is changed: fields that are given replace what it has, others stay.
  With a fresh id of your own (a UUID in small letters, version 4) a new record gets that id, so that other records in the same file can link to it.
- `null` clears a field.
- A list of items is given whole: an item with an `id` that `show` printed is changed, an item without one is new, and an item that is missing is removed.
- Numbers with a fraction stand in quotes, so that no digit is lost.
- `deleted`, `conflicts` and `problems`, which `show --json` adds for the reader, are passed over.

A record can always be saved: what is missing or wrong is kept as it was typed and shown as a problem.
Refused are an unknown type, an unknown field name, and JSON that is not well formed; then nothing is added.

### Examples

The people in them are invented.
"""

_DATES = """\
## Dates

A date is written as far as it is known, in a strict subset of EDTF (ISO 8601-2, levels 0 and 1), at most 64 characters.
Beside each date stand two more fields: `…_inferred` says that it follows from the context only, `…_words` keeps the words in which it was told.

| written | what it says | earliest day | latest day |
|---|---|---|---|
"""

_DATE_RULES = """
Seasons are those of the north by months: spring is March to May, and winter runs into the next year.
`~` (about) and `?` (possibly) and `%` (both) do not widen the interval; they are shown beside it.
In an interval, `..` means that it goes on without end, and an empty side means that this end is not known.

`add` also takes dates in plain English or Chinese.
They become EDTF, and the words as typed are kept in `…_words` if that is empty.
A date that cannot be understood, or that could be two, such as 05/08/2022, is kept as typed and shown as a problem.

| typed | kept as |
|---|---|
"""

_KINDS = """\
## Kinds of fields

| kind | JSON value |
|---|---|
"""

_VOCABULARIES = """
## Vocabularies

Records hold the code; the words are for people.
HURIDOCS is the number of the nearest term in its micro-thesauri: `MT04 020103` is list 4, term 020103.
It is blank where no term of theirs fits; their texts are not free to copy and are not in here.
For programs each code has its number as `x-huridocs` in the JSON Schema that lies beside an export as JSONL and inside a bundle.
"""

_PUBLIC_CASES = """\
## The public cases

`resources/examples/cases.json` states what a public report says of 24 people.
`fielddoc demo` records it in typed fields, takes it back out of them and compares; this is where each of its keys goes.
`conventions` and `expected` describe the file itself and are not recorded.
`facts.date` being null stands for the date `XXXX`, because the report says that the day is not known; a fact without `date` has none.
A fact about several people names all of them in one entry, and a fact about nobody in particular is an incident.

| key | recorded in |
|---|---|
"""

_EDTF = (
    ("2022-08-15", "a day"),
    ("2022-08", "some time in a month"),
    ("2022", "some time in a year"),
    ("2022-21", "spring; 22 summer, 23 autumn, 24 winter"),
    ("2022-08-XX", "a day in a month, which one is not known"),
    ("2022-XX-XX", "a day in a year, which one is not known"),
    ("2022-XX", "a month in a year, which one is not known"),
    ("202X", "a decade"),
    ("20XX", "a century"),
    ("XXXX", "not known at all"),
    ("2022-08~", "about"),
    ("2022-08-15?", "possibly"),
    ("2022-08%", "possibly, about"),
    ("2022-11/2022-12", "from one date to another"),
    ("2017-08-13/..", "since, and still so"),
    ("../2022-08", "until, and before that always"),
    ("/2021-11-05", "no later than"),
    ("2021-11-05/", "no earlier than"),
)

_TYPED = (
    "15 August 2022",
    "Aug 2022",
    "15/08/2022",
    "2022年8月15日",
    "二〇二二年八月",
    "mid-August 2022",
    "2022年8月中旬",
    "about August 2022",
    "2022年8月左右",
    "possibly 2022",
    "可能是2022年8月",
    "spring 2022",
    "2022年春",
    "some day in August 2022",
    "2022年8月某日",
    "the 1990s",
    "since 13 August 2017",
    "2022年以来",
    "until 2022",
    "before 5 Nov 2021",
    "2021年11月5日之前",
    "no later than 5 November 2021",
    "after 2022",
    "from Nov 2022 to Dec 2022",
    "2022年11月至2022年12月",
    "unknown",
    "不详",
)

_PERSON = "6f1d2c3b-4a59-4e68-9b77-8c86d5a4b3f2"
_SOURCE = "0a9b8c7d-6e5f-4d4c-8b3a-291817f6e5d4"
_DETENTION = "31e0a7c4-58bf-4b6d-a1f2-93c4d5e6f708"

_EXAMPLES: tuple[tuple[str, Json], ...] = (
    (
        "A person, with consent:",
        {
            "type": "person",
            "values": {
                "names": [
                    {"text": "邓望舒", "kind": "characters"},
                    {"text": "Deng Wangshu", "kind": "romanised"},
                ],
                "sex": "female",
                "human_rights_work": "Keeps a list of evictions in her district.",
                "contacts": ["wangshu@example.org"],
                "consents": [
                    {"purpose": "act", "answer": "yes", "asked_on": "2022-03-02"},
                    {"purpose": "public-report", "answer": "no", "asked_by": "her cousin"},
                ],
                "confidentiality": "partners",
            },
        },
    ),
    (
        "An incident; the date becomes `2022-08~`, and the typed words stay beside it:",
        {
            "type": "incident",
            "values": {
                "title": "Invited to tea",
                "kinds": ["tea", "warning"],
                "date": "mid-August 2022",
                "place": "A teahouse near the station",
                "what_happened": "Two men asked for the list of evictions and named her daughter's school.",
                "persons": [
                    {
                        "described_as": "two men in plain clothes",
                        "role": "alleged-perpetrator",
                        "agency": "domestic security",
                    }
                ],
                "counts": [{"what": "hours", "qualifier": "more-than", "number": "3.5"}],
                "status": "alleged",
            },
        },
    ),
    (
        "A list whose records link to each other by ids of one's own;"
        " `identity` of the source is sealed:",
        [
            {
                "type": "source",
                "id": _SOURCE,
                "values": {
                    "code_name": "Heron",
                    "kind": "person",
                    "connection": "relative",
                    "reliability": "credible",
                    "identity": {"name": "邓秋水", "contact": "by letter only"},
                },
            },
            {
                "type": "person",
                "id": _PERSON,
                "values": {
                    "names": [{"text": "邓远山", "kind": "characters"}],
                    "ages": [{"age": "41", "as_of": "2022-10", "sources": [_SOURCE]}],
                    "sources": [_SOURCE],
                },
            },
            {
                "type": "detention",
                "id": _DETENTION,
                "values": {
                    "persons": [_PERSON],
                    "status": "held",
                    "entries": [
                        {
                            "kind": "taken-away",
                            "persons": [_PERSON],
                            "date": "2022-10-09",
                            "known": "2022-10-11",
                            "authority": "police",
                            "place": "his workshop",
                            "sources": [_SOURCE],
                            "standing": "current",
                        },
                        {
                            "kind": "no-news",
                            "persons": [_PERSON],
                            "as_of": "2023-01~",
                            "told_by": "his family",
                        },
                    ],
                },
            },
            {
                "type": "risk",
                "values": {
                    "kind": "torture",
                    "exposed": [_PERSON],
                    "likelihood": "likely",
                    "since": "2022-10-09",
                    "state": "open",
                },
            },
            {
                "type": "action",
                "values": {
                    "kind": "medical-parole-request",
                    "for_persons": [_PERSON],
                    "about": [_DETENTION],
                    "addressed_to": "the detention centre",
                    "sent_on": "2022-12-01",
                    "channel": "post",
                    "reply_due": "2022-12-04",
                    "outcome": "no-reply",
                },
            },
        ],
    ),
)

CASE_KEYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("about", ("source.description",), ""),
    ("source", (), "one record of type `source`, named in `sources` of everything below"),
    ("source.title", ("source.title",), ""),
    ("source.publisher", ("source.publisher",), ""),
    ("source.kind", ("source.kind",), "by its code"),
    ("source.as_of", ("source.as_of",), ""),
    ("persons", (), "one record of type `person` each"),
    ("persons.id", (), "the record's id; the file's own id is only its way to refer"),
    ("persons.name", ("person.names.text",), "of kind `romanised`; null is a person without one"),
    ("persons.name_zh", ("person.names.text",), "of kind `characters`"),
    ("persons.aliases", ("person.names.text",), "of kind `alias`, one item each"),
    (
        "persons.age",
        ("person.ages.age", "person.ages.as_of", "person.ages.as_of_words"),
        "the words in brackets are the date",
    ),
    ("persons.work", ("person.human_rights_work",), ""),
    ("relations", ("person.relations",), "an item each"),
    ("relations.from", (), "the person whose item it is"),
    ("relations.kind", ("person.relations.kind",), "by its code"),
    ("relations.to", ("person.relations.person",), ""),
    (
        "facts",
        ("detention.entries",),
        "an entry each, one detention for people whom a fact names together",
    ),
    ("facts.person", ("detention.entries.persons",), "none: the fact is an `incident`"),
    ("facts.kind", ("detention.entries.kind",), "by its code; a collective event is an `incident`"),
    ("facts.date", ("detention.entries.date", "incident.date"), ""),
    ("facts.verbatim", ("detention.entries.date_words",), ""),
    (
        "facts.inferred",
        ("detention.entries.date_inferred", "detention.entries.known_inferred"),
        "of the date, or where there is none of when it became known",
    ),
    ("facts.known", ("detention.entries.known",), ""),
    ("facts.as_of", ("detention.entries.as_of",), ""),
    ("facts.place", ("detention.entries.place",), ""),
    ("facts.facility", ("detention.entries.facility",), ""),
    ("facts.by", ("detention.entries.authority",), ""),
    ("facts.court", ("detention.entries.court",), ""),
    ("facts.charges", ("detention.entries.charges",), "by their codes"),
    ("facts.sentence", ("detention.entries.sentence",), ""),
    ("facts.conditions", ("detention.entries.conditions",), ""),
    ("facts.detail", ("detention.entries.text", "incident.what_happened"), ""),
    ("facts.told_by", ("detention.entries.told_by",), ""),
    ("facts.reliability", ("detention.entries.reliability",), "by its code"),
    ("facts.name", ("incident.title",), ""),
    ("facts.counts", ("incident.counts",), "an item each"),
    ("facts.counts.what", ("incident.counts.what",), ""),
    (
        "facts.counts.number",
        ("incident.counts.qualifier", "incident.counts.number"),
        "`at least 50` is `at-least` and `50`",
    ),
    ("facts.counts.source", ("incident.counts.reported_by",), ""),
    ("facts.counts.as_of", ("incident.counts.as_of",), ""),
    ("risks", ("risk.kind",), "one record of type `risk` each, by its code"),
)
"""Each key of the public cases, the fields that take its value, and a remark."""


def record_types_page() -> str:
    """Return the page as Markdown."""
    parts = [
        _INTRODUCTION,
        *_examples(),
        "\n",
        _DATES,
        *(_row(f"`{edtf}`", says, *_span(edtf)) for edtf, says in _EDTF),
        _DATE_RULES,
        *(_row(typed, f"`{parse_typed(typed).edtf}`") for typed in _TYPED),
        "\n",
        _KINDS,
        *(_row(kind.value, _json_value(kind)) for kind in Kind),
        "\n## Types\n",
        *(line for declared in (*RECORD_TYPES, OWN_FIELD) for line in _type(declared)),
        _VOCABULARIES,
        *(line for name in _vocabularies() for line in _vocabulary(name)),
        "\n",
        _PUBLIC_CASES,
        *(_row(f"`{key}`", _case_field(fields, note)) for key, fields, note in CASE_KEYS),
    ]
    return "".join(parts)


def _examples() -> Iterator[str]:
    for words, value in _EXAMPLES:
        text = json.dumps(value, ensure_ascii=False, indent=2)
        yield f"\n{words}\n\n```json\n{text}\n```\n"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _span(edtf: str) -> tuple[str, str]:
    date = parse_edtf(edtf)
    return (
        date.earliest.isoformat() if date.earliest else "–",
        date.latest.isoformat() if date.latest else "–",
    )


def _json_value(kind: Kind) -> str:  # noqa: C901 - one branch a kind
    match kind:
        case Kind.TEXT:
            return "a string of one line, kept exactly as typed"
        case Kind.LONG_TEXT:
            return "a string of any length, kept exactly as typed"
        case Kind.TEXTS:
            return "a list of strings"
        case Kind.DATE:
            return "a string, see [Dates](#dates)"
        case Kind.FLAG:
            return "`true` or `false`"
        case Kind.NUMBER:
            return 'a decimal number as a string: `"65"`, `"3.5"`'
        case Kind.INTEGER:
            return "an integer up to 2^53 − 1"
        case Kind.TERM:
            return "the code of one term of the vocabulary"
        case Kind.TERMS:
            return "a list of codes of the vocabulary"
        case Kind.LINK:
            return "the id of one record"
        case Kind.LINKS:
            return "a list of record ids"
        case Kind.ITEMS:
            return "a list of objects with the fields of the item; each gets an `id` of its own"
        case Kind.OWN:
            return (
                "a list of objects with the `id` of the record that declares the field and its"
                " `value`, see [Own field](#own-field)"
            )
        case Kind.SEALED:
            return "an object with the fields inside; kept encrypted apart from everything else"
        case _:
            assert_never(kind)


def _type(declared: RecordType) -> Iterator[str]:
    yield f"\n### {declared.label}\n\nType `{declared.name}`.\n"
    yield from _fields(declared.fields)
    for field in declared.fields:
        if field.fields:
            yield f"\n#### {declared.label}: {field.label}\n\n"
            parts = "The parts of" if field.kind is Kind.SEALED else "Each item of"
            yield f"{parts} `{declared.name}.{field.name}`.\n"
            yield from _fields(field.fields)


def _fields(fields: tuple[Field, ...]) -> Iterator[str]:
    yield "\n| field | kind | label | help | list or target |\n|---|---|---|---|---|\n"
    for field in fields:
        remarks = [field.help] if field.help else []
        if field.needed:
            remarks.append("Shown as still to be filled in while it is empty.")
        if field.identifies:
            remarks.append("Points at a person: the scan before an export looks for it.")
        yield _row(f"`{field.name}`", field.kind.value, field.label, " ".join(remarks), _to(field))


def _to(field: Field) -> str:
    if field.vocabulary:
        return f"[{field.vocabulary}](#{field.vocabulary})"
    if field.kind in (Kind.LINK, Kind.LINKS):
        return ", ".join(f"`{target}`" for target in field.targets) or "any record"
    return ""


def _vocabularies() -> list[str]:
    return sorted(path.stem for path in resource("vocabularies").glob("*.toml"))


def _vocabulary(name: str) -> Iterator[str]:
    yield f"\n### {name}\n\n| code | English | 简体 | 繁體 | HURIDOCS | note |\n|---|---|---|---|---|---|\n"
    for term in vocabulary(name).terms:
        number = term.huridocs or ""
        yield _row(f"`{term.code}`", term.en, term.zh_hans, term.zh_hant, number, term.note)


def _case_field(fields: tuple[str, ...], note: str) -> str:
    names = ", ".join(f"`{name}`" for name in fields)
    return "; ".join(text for text in (names, note) if text)


if __name__ == "__main__":
    sys.stdout.buffer.write(record_types_page().encode("utf-8"))
