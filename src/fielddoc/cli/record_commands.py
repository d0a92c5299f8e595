"""Commands about records."""

import argparse
import datetime
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

from fielddoc.bundle.history_in_words import steps_of
from fielddoc.cli.clock_commands import day_of, say_as_known, today
from fielddoc.cli.record_text import record_lines
from fielddoc.cli.terminal import note, progress, say, say_json
from fielddoc.cli.vault_commands import unlocked
from fielddoc.domain.canonical import Json
from fielddoc.domain.chronology import Told
from fielddoc.domain.claims import date_of
from fielddoc.domain.merge import Conflict
from fielddoc.domain.record_types import record_type
from fielddoc.domain.schema import Kind
from fielddoc.domain.visible import visible
from fielddoc.errors import (
    InputNotJsonError,
    InputRefusedError,
    NotAPlainFileError,
    RecordNotFoundError,
    WrongUseError,
)
from fielddoc.i18n import N_, language_of_system, translate
from fielddoc.interchange.record_json import MAXIMUM_BYTES, GivenRecord, read_records
from fielddoc.vault import cases, own_fields, records, titles, trash
from fielddoc.vault import purge as purging
from fielddoc.vault.attaching import attach_file, copy_out
from fielddoc.vault.consents import HEADING, consents_for
from fielddoc.vault.files import explaining
from fielddoc.vault.journal import ActionKind, acting
from fielddoc.vault.records import Record
from fielddoc.vault.vault import Vault


def add(options: argparse.Namespace) -> None:
    """Add records or change known ones: all of them or none."""
    given = read_records(_text_of(options.file))
    shown: list[Json] = []
    with unlocked(options) as vault:
        is_known = all(one.id and records.type_of(vault, one.id) for one in given)
        kind = ActionKind.CHANGE if given and is_known else ActionKind.ADD
        with acting(vault, kind):
            ids = [_add_one(vault, one, append=options.append) for one in given]
        vault.written()
        for identity in ids:
            record = records.get(vault, identity)
            shown.append(as_json(record))
            if not options.json:
                say(identity)
                _note_problems(record)
    if options.json:
        say_json(shown)


def _add_one(vault: Vault, given: GivenRecord, *, append: bool) -> str:
    identity = given.id
    known = records.type_of(vault, identity) if identity else None
    if identity is None or known is None:
        return records.add(vault, given.type, given.values, record=identity)
    if known != given.type:
        raise InputRefusedError(
            reason=N_("the record {name} is of the type {known}, not {type_name}"),
            name=identity,
            known=known,
            type_name=given.type,
        )
    values = _appended(vault, identity, given.values) if append else given.values
    records.revise(vault, identity, values)
    return identity


def _appended(vault: Vault, record: str, given: dict[str, Json]) -> dict[str, Json]:
    """Return `given` with its lists of items put behind those that the record has."""
    present = records.state_of(vault, record).values
    declared = record_type(records.type_of(vault, record) or "")
    result = dict(given)
    for field in declared.fields if declared else ():
        new, old = given.get(field.name), present.get(field.name)
        if field.kind is Kind.ITEMS and isinstance(new, list) and isinstance(old, list):
            named = {item["id"] for item in new if isinstance(item, dict) and "id" in item}
            kept = [item for item in old if isinstance(item, dict) and item["id"] not in named]
            result[field.name] = [*kept, *new]
    return result


def _text_of(name: str) -> str:
    if name == "-":
        data = sys.stdin.buffer.read(MAXIMUM_BYTES + 1)
    else:
        with explaining(name), _existing(name).open("rb") as file:
            data = file.read(MAXIMUM_BYTES + 1)
    if len(data) > MAXIMUM_BYTES:
        raise InputRefusedError(reason=N_("it is larger than 256 MiB; add it in parts"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputNotJsonError(line=1, column=error.start + 1) from error


def _existing(name: str) -> Path:
    path = Path(name)
    if not path.is_file() and not path.is_fifo() and not path.is_char_device():
        raise NotAPlainFileError(name=name)
    return path


def _note_problems(record: Record) -> None:
    for problem in record.problems:
        note(f"  {problem.path}: {problem.sentence()}")


def _title(vault: Vault, record: str) -> str:
    return visible(titles.title(vault, record, language_of_system()))


def show(options: argparse.Namespace) -> None:
    """Show a record, now or as it could be told on an earlier day."""
    asked = day_of(options.as_known_on)
    with unlocked(options) as vault:
        record = records.get(vault, options.id)
        told = None
        if asked is not None:
            record, told = _as_known_on(vault, record, asked)
        if options.json:
            known = {"as_known_on": asked.isoformat()} if asked else {}
            say_json({**as_json(record), **known})
            return
        declared = record_type(record.type)
        say(f"{translate(declared.label) if declared else record.type}  {record.id}")
        if record.deleted:
            say(translate(N_("This record is in the trash.")))
        if told is not None:
            say_as_known(told, asked)
        consents = consents_for(vault, record.type, record.values, language_of_system())
        if consents:
            say(translate(HEADING))
        for line in consents:
            say(f"  {visible(line)}")
        for line in record_lines(
            record.type,
            record.values,
            partial(_title_if_here, vault),
            own_fields.declared_in(vault),
        ):
            say(line)
        if record.problems:
            say(translate(N_("Still to do:")))
            for problem in record.problems:
                say(f"  {problem.path}: {problem.sentence()}")
        _say_conflicts(record.conflicts)


def _as_known_on(vault: Vault, record: Record, day: datetime.date) -> tuple[Record, Told]:
    """Return a detention with the entries that were known on a day, and its state as of then.

    Raises:
        WrongUseError: the record is no detention; only their claims say when they became known.
    """
    if record.type != "detention":
        raise WrongUseError(
            reason=N_("only the chronology of a detention says when something became known")
        )
    told, _ = cases.told_on(vault, record.values, day if day < today() else None)
    values: dict[str, Json] = dict(record.values)
    values["entries"] = [dict(entry) for entry in told.entries]
    as_of = date_of(values.get("status_as_of"))
    if as_of is not None and as_of.earliest is not None and as_of.earliest > day:
        for name in ("status", "status_as_of", "status_as_of_inferred", "status_as_of_words"):
            values.pop(name, None)
    return replace(record, values=values, problems=()), told


def _title_if_here(vault: Vault, record: str) -> str:
    return visible(titles.title_if_here(vault, record, language_of_system()))


def attach(options: argparse.Namespace) -> None:
    """Attach files to a record: seal each into the vault and describe it."""
    paths = [_existing(name) for name in options.files]
    shown: list[Json] = []
    with unlocked(options) as vault:
        for path in paths:
            tell = partial(_tell, progress(N_("Attaching")), path.stat().st_size)
            identity = attach_file(vault, options.id, path, tell)
            values = records.state_of(vault, identity).values
            shown.append(
                {"id": identity, **{name: values.get(name) for name in ("sha256", "size_bytes")}}
            )
            if not options.json:
                say(identity)
    if options.json:
        say_json(shown)


def _tell(show: Callable[[int, int], None], total: int, done: int) -> None:
    show(done, total)


def extract(options: argparse.Namespace) -> None:
    """Copy an attached file out of the vault, verified, to a new file."""
    with unlocked(options) as vault:
        copy_out(vault, options.id, Path(options.out))
    note(translate(N_("This copy is not protected. Whoever finds it can read it.")))


def history(options: argparse.Namespace) -> None:
    """Show the revisions of a record, oldest first."""
    with unlocked(options) as vault:
        steps = steps_of(vault, options.id, language_of_system())[::-1]
    if options.json:
        say_json(
            [
                {
                    "revision": step.entry.revision,
                    "written_at": step.entry.written_at,
                    "device": step.entry.device,
                    "foreign": step.entry.signer is not None,
                    "brought_by": step.brought_by,
                    "changes": dict(step.entry.changes),
                }
                for step in steps
            ]
        )
        return
    for step in steps:
        say(f"{step.entry.written_at}  {step.entry.revision[:16]}  {step.who}")
        for change in step.changes:
            before = f"{change.before} → " if change.before else ""
            words = translate(N_("{name}: {value}"))
            say("    " + words.format(name=change.label, value=f"{before}{change.after}"))


def delete(options: argparse.Namespace) -> None:
    """Move records to the trash."""
    _each(options, records.delete, N_("Moved to the trash: {count}."), ActionKind.DELETE)


def restore(options: argparse.Namespace) -> None:
    """Take records out of the trash."""
    _each(options, records.restore, N_("Restored: {count}."), ActionKind.RESTORE)


def purge(options: argparse.Namespace) -> None:
    """Remove records for good, with the contents that only they describe."""
    if options.old == bool(options.ids):
        raise WrongUseError(reason=N_("name ids, or say --old for what has been there for 30 days"))
    _each(
        options, purging.purge_with_content, N_("Purged: {count}. They do not come back by import.")
    )


def _each(
    options: argparse.Namespace,
    step: Callable[[Vault, str], bool],
    words: str,
    kind: ActionKind | None = None,
) -> None:
    with unlocked(options) as vault:
        if getattr(options, "old", False):
            options.ids = [one.record for one in trash.overdue(vault, records.now_ms())]
        for identity in options.ids:
            if records.type_of(vault, identity) is None:
                raise RecordNotFoundError(name=identity)
        with acting(vault, kind) if kind else nullcontext():
            count = sum(step(vault, identity) for identity in options.ids)
    if options.json:
        say_json({"count": count})
    else:
        say(translate(words).format(count=count))


def conflicts(options: argparse.Namespace) -> None:
    """List what is in conflict, in all records."""
    found: list[Json] = []
    with unlocked(options) as vault:
        rows = records.listing(vault) + records.listing(vault, trash=True)
        for row in (row for row in rows if row.conflicts):
            record = records.get(vault, row.id)
            found.append(as_json(record))
            if not options.json:
                say(f"{row.id}  {visible(row.title) or _title(vault, row.id)}")
                _say_conflicts(record.conflicts)
    if options.json:
        say_json(found)
    elif not found:
        note(translate(N_("No value is in conflict.")))


def _say_conflicts(found: tuple[Conflict, ...]) -> None:
    for conflict in found:
        say(f"  {conflict.path}")
        say(f"    0  {visible(json.dumps(conflict.shown, ensure_ascii=False))}")
        for number, rival in enumerate(conflict.rivals, 1):
            whose = (
                translate(N_("from another sender"))
                if rival.foreign
                else translate(N_("at the same time"))
            )
            say(f"    {number}  {visible(json.dumps(rival.value, ensure_ascii=False))}  ({whose})")


def settle(options: argparse.Namespace) -> None:
    """Settle a conflict."""
    with unlocked(options) as vault:
        record = records.get(vault, options.id)
        value = _settled_value(options, record)
        records.settle(vault, options.id, options.path, value)
        record = records.get(vault, options.id)
    if options.json:
        say_json(as_json(record))
    else:
        say(translate(N_("Settled.")))


def _settled_value(options: argparse.Namespace, record: Record) -> Json:
    if options.value is not None:
        try:
            typed: Json = json.loads(options.value)
        except json.JSONDecodeError as error:
            raise InputNotJsonError(line=error.lineno, column=error.colno) from error
        except RecursionError as error:
            raise InputNotJsonError(line=1, column=1) from error
        return typed
    for conflict in record.conflicts:
        if conflict.path == options.path:
            choices = [conflict.shown, *(rival.value for rival in conflict.rivals)]
            number: int = options.take
            if 0 <= number < len(choices):
                return choices[number]
    raise InputRefusedError(
        reason=N_("there is no value {number} at '{path}'"), number=options.take, path=options.path
    )


def as_json(record: Record) -> dict[str, Json]:
    """Return a record as `show --json` prints it."""
    result: dict[str, Json] = {"id": record.id, "type": record.type, "values": dict(record.values)}
    if record.deleted:
        result["deleted"] = True
    if record.problems:
        result["problems"] = [
            {"path": problem.path, "fault": problem.fault.name.lower().replace("_", "-")}
            for problem in record.problems
        ]
    if record.conflicts:
        result["conflicts"] = [
            {
                "path": conflict.path,
                "shown": conflict.shown,
                "rivals": [
                    {"value": rival.value, "revision": rival.revision, "foreign": rival.foreign}
                    for rival in conflict.rivals
                ],
            }
            for conflict in record.conflicts
        ]
    return result
