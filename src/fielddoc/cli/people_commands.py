"""Commands about people: who may be one person, merging and separating, consent."""

import argparse

from fielddoc.cli.terminal import note, say, say_json
from fielddoc.cli.vault_commands import unlocked
from fielddoc.domain.canonical import Json
from fielddoc.domain.consent import consent_words, consents_of
from fielddoc.domain.visible import visible
from fielddoc.errors import InputRefusedError, RecordNotFoundError, WrongUseError
from fielddoc.i18n import N_, language_of_system, listed, translate
from fielddoc.vault import duplicates as finding
from fielddoc.vault import merging, records, titles
from fielddoc.vault.vault import Vault


def duplicates(options: argparse.Namespace) -> None:
    """List people who may be one person, or remember that two are not."""
    with unlocked(options) as vault:
        if options.distinct:
            merging.mark_distinct(vault, *options.distinct)
        found = finding.suggestions(vault)
        if options.json:
            say_json(
                [
                    {
                        "first": one.first,
                        "second": one.second,
                        "why": one.likeness.name.lower().replace("_", "-"),
                    }
                    for one in found
                ]
            )
            return
        for one in found:
            say(translate(one.likeness.value))
            for record in (one.first, one.second):
                say(f"  {record}  {_title(vault, record)}")
        if not found:
            note(translate(N_("Nobody seems to be recorded twice.")))


def merge(options: argparse.Namespace) -> None:
    """Merge two records of one person."""
    with unlocked(options) as vault:
        differing = merging.differences(vault, options.kept, options.other)
        by_name = {one.field.name: one for one in differing}
        strange = [name for name in options.take if name not in by_name]
        if strange:
            known = ", ".join(by_name) or translate(N_("no field"))
            raise WrongUseError(
                reason=N_("they do not differ in '{name}'; they differ in: {known}"),
                name=strange[0],
                known=known,
            )
        chosen = {name: by_name[name].other for name in options.take}
        merging.merge_people(vault, options.kept, options.other, chosen=chosen)
        title = _title(vault, options.kept)
    left = [one for one in differing if one.field.name not in chosen]
    if options.json:
        say_json({"kept": options.kept, "differing": [one.field.name for one in left]})
        return
    say(translate(N_("Merged. {name} stands for both; undo takes it back.")).format(name=title))
    if left:
        labels = listed(translate(one.field.label) for one in left)
        note(
            translate(N_("Where they differ, the kept value holds: {fields}")).format(fields=labels)
        )


def separate(options: argparse.Namespace) -> None:
    """Take a merge back, also one of long ago."""
    with unlocked(options) as vault:
        merging.separate(vault, options.id)
    if options.json:
        say_json({"separated": True})
    else:
        say(translate(N_("They are two people again.")))


def consent(options: argparse.Namespace) -> None:
    """Show what people have agreed to."""
    with unlocked(options) as vault:
        ids = options.ids or [row.id for row in records.listing(vault, type_name="person")]
        people = [(record, _values(vault, record)) for record in ids]
        named = [(record, _title(vault, record), values) for record, values in people]
    if options.json:
        say_json([_consent_json(record, values) for record, _, values in named])
        return
    for record, title, values in named:
        say(f"{record}  {title}")
        for line in consent_words(values, language_of_system()):
            say(f"  {visible(line)}")
    if not named:
        note(translate(N_("No record found.")))


def _consent_json(record: str, values: dict[str, Json]) -> Json:
    answers: dict[str, Json] = {
        one.purpose: {"answer": one.answer.name.lower().replace("_", "-"), "asked_on": one.asked_on}
        for one in consents_of(values)
    }
    return {"record": record, "consent": answers}


def _values(vault: Vault, record: str) -> dict[str, Json]:
    found = records.projected(vault, record)
    if found is None:
        raise RecordNotFoundError(name=record)
    if found[0] != "person":
        raise InputRefusedError(reason=N_("the record {name} is no person"), name=record)
    return found[1]


def _title(vault: Vault, record: str) -> str:
    return visible(titles.title(vault, record, language_of_system()))
