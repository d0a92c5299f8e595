"""Commands about drafts: what was typed in the window and was not saved before it was closed."""

import argparse
from datetime import datetime
from functools import partial

from fielddoc.cli.record_text import record_lines
from fielddoc.cli.terminal import note, padded, say, say_json
from fielddoc.cli.vault_commands import unlocked
from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import record_type
from fielddoc.domain.revision import is_record_id
from fielddoc.domain.titles import title_of
from fielddoc.domain.visible import visible
from fielddoc.domain.words import moment_in_words
from fielddoc.errors import InputRefusedError
from fielddoc.i18n import N_, language_of_system, listed, translate
from fielddoc.vault import drafts as kept
from fielddoc.vault import own_fields, records, titles
from fielddoc.vault.drafts import Draft
from fielddoc.vault.vault import Vault


def drafts(options: argparse.Namespace) -> None:
    """List drafts, or show, save or discard one."""
    with unlocked(options) as vault:
        if options.show is not None:
            _show(vault, _draft(vault, options.show), is_json=options.json)
        elif options.save is not None:
            _save(vault, _draft(vault, options.save), is_json=options.json)
        elif options.discard is not None:
            _discard(vault, _draft(vault, options.discard), is_json=options.json)
        else:
            _list(vault, is_json=options.json)


def note_drafts(vault: Vault) -> None:
    """Say that there are drafts, beside a list of records."""
    count = len(kept.listing(vault))
    if count:
        words = N_("Typed and not saved yet: {count}. To see it: {command}")
        note(translate(words).format(count=count, command="fielddoc drafts VAULT"))


def _draft(vault: Vault, record: str) -> Draft:
    found = kept.get(vault, record) if is_record_id(record) else None
    if found is None:
        raise InputRefusedError(
            reason=N_("there is no draft of '{name}'; `drafts` lists those that are there"),
            name=record,
        )
    return found


def _list(vault: Vault, *, is_json: bool) -> None:
    found = [draft for row in kept.listing(vault) if (draft := kept.get(vault, row[0]))]
    if is_json:
        say_json([_as_json(vault, draft) for draft in found])
        return
    for draft in found:
        say(f"{draft.record}  {padded(_label(draft), 10)}  {_when(draft)}  {_title(vault, draft)}")
    if not found:
        note(translate(N_("Nothing is typed that was not saved.")))


def _show(vault: Vault, draft: Draft, *, is_json: bool) -> None:
    cleared = kept.cleared_by(vault, draft)
    if is_json:
        values: dict[str, Json] = {"values": draft.values, "cleared": [*cleared]}
        say_json({**_as_json(vault, draft), **values})
        return
    say(f"{_label(draft)}  {draft.record}  {_title(vault, draft)}")
    words = N_("Typed until {time}, and not saved:")
    say(translate(words).format(time=_when(draft)))
    title = partial(titles.title_if_here, vault, language=language_of_system())
    for line in record_lines(draft.type, draft.values, title, own_fields.declared_in(vault)):
        say(line)
    if cleared:
        labels = [_label_of_field(draft.type, name) for name in cleared]
        words = N_("The record has these, and saving the draft empties them: {fields}.")
        say(visible(translate(words).format(fields=listed(labels))))


def _save(vault: Vault, draft: Draft, *, is_json: bool) -> None:
    changed = kept.make_revision(vault, draft)
    if is_json:
        say_json({"id": draft.record, "changed": changed})
        return
    say(draft.record)
    if not changed:
        note(translate(N_("Nothing to change: the record is so already.")))
    for problem in records.get(vault, draft.record).problems:
        note(f"  {problem.path}: {problem.sentence()}")


def _discard(vault: Vault, draft: Draft, *, is_json: bool) -> None:
    kept.discard(vault, draft.record)
    if is_json:
        say_json({"discarded": draft.record})
    else:
        say(translate(N_("The draft is discarded. What was saved of the record stays.")))


def _as_json(vault: Vault, draft: Draft) -> dict[str, Json]:
    return {
        "id": draft.record,
        "type": draft.type,
        "title": _plain_title(vault, draft),
        "new": _is_new(vault, draft),
        "saved_ms": draft.saved_ms,
    }


def _is_new(vault: Vault, draft: Draft) -> bool:
    return records.type_of(vault, draft.record) is None


def _plain_title(vault: Vault, draft: Draft) -> str:
    language = language_of_system()
    if _is_new(vault, draft):
        return title_of(draft.type, draft.values, language)
    return titles.title(vault, draft.record, language)


def _title(vault: Vault, draft: Draft) -> str:
    title = visible(_plain_title(vault, draft))
    if not _is_new(vault, draft):
        return title
    new = translate(N_("new"))
    return f"{new}: {title}" if title else new


def _label(draft: Draft) -> str:
    declared = record_type(draft.type)
    return translate(declared.label) if declared else visible(draft.type)


def _label_of_field(type_name: str, name: str) -> str:
    declared = record_type(type_name)
    field = declared.field(name) if declared else None
    return translate(field.label) if field else name


def _when(draft: Draft) -> str:
    return moment_in_words(datetime.fromtimestamp(draft.saved_ms / 1000).astimezone())
