"""Commands about cases: undo, earlier versions, links, risks, replies that are awaited."""

import argparse
import datetime
from collections.abc import Sequence

from fielddoc.cli.terminal import note, padded, say, say_json
from fielddoc.cli.vault_commands import unlocked
from fielddoc.domain.canonical import Json
from fielddoc.domain.partial_date import PartialDateError, describe, parse_edtf, parse_typed
from fielddoc.domain.record_types import record_type
from fielddoc.domain.reply_due import lateness_words
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.errors import RecordNotFoundError, WrongUseError
from fielddoc.i18n import N_, language_of_system, listed, translate
from fielddoc.vault import history as histories
from fielddoc.vault import overdue, records, templates, titles
from fielddoc.vault import related as relations
from fielddoc.vault import risks as all_risks
from fielddoc.vault import undo as undoing
from fielddoc.vault.journal import WORDS
from fielddoc.vault.overdue import AwaitedReply
from fielddoc.vault.risks import Grouping, ListedRisk
from fielddoc.vault.vault import Vault


def undo(options: argparse.Namespace) -> None:
    """Take the last action back."""
    with unlocked(options) as vault:
        undone = undoing.undo(vault)
        named = [(record, _title(vault, record)) for record in undone.records]
    if options.json:
        say_json({"undone": undone.kind.value, "records": list(undone.records)})
        return
    say(translate(N_("Taken back: {what}.")).format(what=translate(WORDS[undone.kind])))
    for record, title in named:
        say(f"{record}  {title}")


def revert(options: argparse.Namespace) -> None:
    """Make an earlier version hold again, as a new version."""
    with unlocked(options) as vault:
        known = [entry.revision for entry in histories.history(vault, options.id)]
        meant = [one for one in known if one.startswith(options.revision.lower())]
        if len(meant) != 1:
            raise WrongUseError(
                reason=N_("'{name}' begins no version of this record, or several"),
                name=options.revision,
            )
        changed = histories.restore_to(vault, options.id, meant[0])
    if options.json:
        say_json({"changed": changed})
    elif changed:
        say(translate(N_("The earlier version holds again. No version is lost.")))
    else:
        say(translate(N_("Nothing to change: the record is so already.")))


def copy_record(options: argparse.Namespace) -> None:
    """Write a new record with the values of one, and print its id."""
    with unlocked(options) as vault:
        if records.type_of(vault, options.id) is None:
            raise RecordNotFoundError(name=options.id)
        made = templates.new_from(vault, options.id)
    say_json({"id": made}) if options.json else say(made)


def related(options: argparse.Namespace) -> None:
    """Show what a record is linked with, from both ends."""
    with unlocked(options) as vault:
        found = relations.related(vault, options.id, language_of_system())
    if options.json:
        say_json(
            [
                {
                    "record": one.record,
                    "type": one.type,
                    "title": one.title,
                    "reading": one.reading,
                    "path": one.path,
                    "stated_there": one.is_stated_there,
                }
                for one in found
            ]
        )
        return
    for one in found:
        declared = record_type(one.type)
        label = translate(declared.label) if declared else translate(N_("not in this vault"))
        end = "  " + translate(N_("(in the trash)")) if one.in_trash else ""
        say(f"{one.record}  {padded(label, 10)}  {one.reading}: {visible(one.title)}{end}")
    if not found:
        note(translate(N_("It is linked with nothing.")))


def link(options: argparse.Namespace) -> None:
    """Link a record to another."""
    with unlocked(options) as vault:
        relations.add_link(vault, options.id, options.role, options.other, note=options.note)
    if options.json:
        say_json({"linked": True})
    else:
        say(translate(N_("Linked. The other record shows it too.")))


def risks(options: argparse.Namespace) -> None:
    """Show all risks, by person or by kind."""
    on, language = _day(options.on), language_of_system()
    grouping = Grouping(options.by)
    with unlocked(options) as vault:
        groups = all_risks.overview(vault, grouping, on)
        if options.json:
            say_json(
                [
                    {"key": group.key, "risks": [_risk_json(risk) for risk in group.risks]}
                    for group in groups
                ]
            )
            return
        for group in groups:
            say(_group_words(vault, grouping, group.key, language))
            for risk in group.risks:
                say(f"  {risk.record}  {_risk_words(vault, risk, language)}")
        if not groups:
            note(translate(N_("No risk is recorded.")))


def _group_words(vault: Vault, grouping: Grouping, key: str, language: str) -> str:
    if grouping is Grouping.PERSON:
        return _title(vault, key) if key else translate(N_("Nobody in particular"))
    return visible(vocabulary("risk-kinds").label(key, language)) or translate(N_("No kind given"))


def _risk_words(vault: Vault, risk: ListedRisk, language: str) -> str:
    parts = [_title(vault, risk.record)]
    for name, code in (("likelihood", risk.likelihood), ("severity", risk.severity)):
        if code:
            parts.append(vocabulary(name).label(code, language))
    if not risk.is_open:
        parts.append(vocabulary("risk-state").label(risk.state, language))
    if risk.is_review_due:
        parts.append(translate(N_("to be looked at again")))
    return listed(visible(part) for part in parts)


def _risk_json(risk: ListedRisk) -> Json:
    return {
        "record": risk.record,
        "kind": risk.kind,
        "title": risk.title,
        "exposed": list(risk.exposed),
        "likelihood": risk.likelihood,
        "severity": risk.severity,
        "state": risk.state,
        "incident": risk.incident,
        "review_date": risk.review,
        "review_due": risk.is_review_due,
    }


def happened(options: argparse.Namespace) -> None:
    """Turn a risk into an incident, and print the incident's id."""
    values: dict[str, Json] = {}
    if options.date:
        try:
            values = {"date": parse_typed(options.date).edtf, "date_words": options.date}
        except PartialDateError:
            values = {"date": options.date}
    with unlocked(options) as vault:
        incident = all_risks.turn_into_incident(vault, options.id, values)
    say_json({"incident": incident}) if options.json else say(incident)


def replies(options: argparse.Namespace) -> None:
    """List actions that wait for a reply."""
    on, language = _day(options.on), language_of_system()
    with unlocked(options) as vault:
        find = overdue.overdue_actions if options.late else overdue.awaited_replies
        found = find(vault, on, language)
        undated = [] if options.late else overdue.without_due_date(vault)
        no_figure = [] if options.late else overdue.without_figure(vault, language)
        no_limit = [] if options.late else overdue.without_limit(vault)
        if options.json:
            say_json(
                [
                    *map(_reply_json, found),
                    *(_undated_json(record, "undated") for record in undated),
                    *(_undated_json(record, "no-figure", words) for record, words in no_figure),
                    *(_undated_json(record, "no-limit") for record in no_limit),
                ]
            )
            return
        for one in found:
            _say_reply(vault, one, language)
        _note_actions(
            vault, N_("Actions that get a reply by law but say not by when: {count}."), undated
        )
        for record, words in no_figure:
            note(f"{record}  {_title(vault, record)}")
            note(f"    {words}")
        _note_actions(
            vault,
            N_("Actions that wait for a reply that no law gives a time for: {count}."),
            no_limit,
        )
    if options.late and not found:
        note(translate(N_("No reply is late.")))
    elif not (found or undated or no_figure or no_limit):
        note(translate(N_("No reply is awaited.")))


def _say_reply(vault: Vault, one: AwaitedReply, language: str) -> None:
    day, words = describe(one.due.due, language), lateness_words(one.due)
    say(f"{one.record}  {day}  {words}  {_title(vault, one.record)}")
    if one.due.basis:
        say(f"    {visible(one.due.basis)}")


def _note_actions(vault: Vault, what: str, ids: Sequence[str]) -> None:
    if ids:
        note(translate(what).format(count=len(ids)))
    for record in ids:
        note(f"{record}  {_title(vault, record)}")


def _reply_json(one: AwaitedReply) -> Json:
    return {
        "record": one.record,
        "due": one.due.due.edtf,
        "lateness": one.due.lateness.name.lower().replace("_", "-"),
        "days": one.due.days,
        "basis": one.due.basis,
        "computed": one.due.is_computed,
    }


def _undated_json(record: str, why: str, basis: str = "") -> Json:
    """Return an action that waits for a reply, without the day, and why there is none."""
    return {
        "record": record,
        "due": None,
        "lateness": why,
        "days": None,
        "basis": basis,
        "computed": False,
    }


def _title(vault: Vault, record: str) -> str:
    return visible(titles.title(vault, record, language_of_system()))


def _day(typed: str | None) -> datetime.date:
    if typed is None:
        return datetime.datetime.now().astimezone().date()
    try:
        date = parse_edtf(typed)
    except PartialDateError:
        date = None
    if date is None or date.earliest is None or date.earliest != date.latest:
        raise WrongUseError(reason=N_("'{name}' is no day; write 2024-03-15"), name=typed)
    return date.earliest
