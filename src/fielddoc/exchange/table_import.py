"""Somebody's own table into the vault: planned row by row, the same rows each time the same records.

A record's id follows from its row's key, and what the row said is remembered. So an unchanged table
writes nothing, a changed row changes only what changed in it, and what was corrected in the vault
meanwhile stays unless the table itself says something new there.
"""

import json
from collections.abc import Callable, Mapping
from typing import cast

from fielddoc.domain.canonical import Json, same
from fielddoc.domain.record_types import OWN_FIELDS
from fielddoc.domain.titles import title_of
from fielddoc.exchange import mappings
from fielddoc.exchange.mappings import SavedMapping
from fielddoc.exchange.plan import Fate, Plan, Planned, Progress, ignore_progress, overlaid
from fielddoc.exchange.resolving import Resolver
from fielddoc.exchange.stable_ids import digest, stable_id
from fielddoc.i18n import N_
from fielddoc.interchange.mapping import MappedRecord, Note, mapped_records
from fielddoc.interchange.table import Table
from fielddoc.vault import imported, records
from fielddoc.vault.own_fields import full_type
from fielddoc.vault.purge import is_purged
from fielddoc.vault.turns import Turn, directly
from fielddoc.vault.vault import Vault


def plan_table(
    vault: Vault,
    table: Table,
    saved: SavedMapping,
    *,
    language: str,
    progress: Progress = ignore_progress,
    turn: Turn = directly,
) -> Plan:
    """Return what importing a table would do; nothing is written.

    Raises:
        MappingRefusedError: the table has not the columns that the description names.
    """
    declared = turn(lambda: full_type(vault, saved.mapping.type))
    others = [one for one in turn(lambda: mappings.everything(vault)) if one.name != saved.name]
    resolver = Resolver(vault, saved, others, turn)
    first = list(mapped_records(table, saved.mapping, declared, lambda _, text: text))
    for one in first:
        if one.refusal is None:
            values = _values(saved, _record_of(saved, one), one)
            resolver.expect(_record_of(saved, one), saved.mapping.type, values)
    planned: list[Planned] = []
    total = len(first)
    rows = mapped_records(table, saved.mapping, declared, resolver.resolve)
    for number, one in enumerate(rows):
        progress(number, total)
        planned.append(turn(_judging(vault, table, saved, one, language)))
    people = [
        Planned(
            fate=Fate.NEW,
            where=(),
            type="person",
            title=name,
            record=identity,
            values={"names": [{"text": name}]},
            notes=(Note(N_("named in a link, and not found")),),
        )
        for identity, name in resolver.people.items()
    ]
    notes: list[Note] = []
    if table.filled_cells:
        words = N_("Merged cells that were filled with what they show: {count}")
        notes.append(Note(words, (("count", table.filled_cells),)))
    if not saved.mapping.key:
        notes.append(
            Note(N_("No column tells the rows apart: a row that is changed later is a new record."))
        )
    return Plan((*people, *planned), tuple(notes), lambda vault: mappings.keep(vault, saved))


def _record_of(saved: SavedMapping, one: MappedRecord) -> str:
    return stable_id(saved.secret, saved.mapping.type, one.key)


def _values(saved: SavedMapping, record: str, one: MappedRecord) -> dict[str, Json]:
    """Return the values of a row, each item with the id that belongs to its place."""
    values: dict[str, Json] = dict(one.values)
    for name, items in one.items.items():
        is_own = name == OWN_FIELDS.name  # whose place is the id of the declaration
        values[name] = [
            {"id": place if is_own else stable_id(saved.secret, record, name, place), **parts}
            for place, parts in items.items()
        ]
    return values


def _judging(
    vault: Vault, table: Table, saved: SavedMapping, one: MappedRecord, language: str
) -> Callable[[], Planned]:
    return lambda: _judged(vault, table, saved, one, language)


def _judged(
    vault: Vault, table: Table, saved: SavedMapping, one: MappedRecord, language: str
) -> Planned:
    type_name = saved.mapping.type
    where = tuple((table.name, row) for row in one.rows)
    record = _record_of(saved, one)
    values = _values(saved, record, one)
    title = title_of(type_name, values, language)

    def planned(
        fate: Fate,
        given: Mapping[str, Json] | None = None,
        note: Note | None = None,
        remember: str | None = None,
    ) -> Planned:
        return Planned(
            fate=fate,
            where=where,
            type=type_name,
            title=title,
            record=record,
            values=given or {},
            notes=(*one.notes, note) if note else tuple(one.notes),
            remember=remember,
        )

    if one.refusal is not None:
        return planned(Fate.REFUSED, note=one.refusal)
    remember = _memory(saved, values)
    if records.type_of(vault, record) is None:
        if is_purged(vault.database, record):
            return planned(Fate.REFUSED, note=Note(N_("it was removed from this vault for good")))
        return planned(Fate.NEW, values, remember=json.dumps(remember))
    before = _remembered(vault, record)
    state = records.state_of(vault, record)
    if state.deleted and not before:  # an import was taken back; this one brings it again
        return planned(Fate.NEW, values, remember=json.dumps(remember))
    given = _changed(state.values, values, remember, before)
    if not given:
        return planned(Fate.SAME)
    if state.deleted:
        return planned(Fate.REFUSED, note=Note(N_("it is in the trash; restore it first")))
    return planned(Fate.CHANGED, given, remember=json.dumps(remember))


Memory = dict[str, list[str]]
"""Field to the hash of what the row said, and behind it the ids of the items that it made; each
own field stands for itself, as `custom/` and its id."""


def _memory(saved: SavedMapping, values: Mapping[str, Json]) -> Memory:
    return {
        name: [digest(saved.secret, value), *_item_ids(value)]
        for name, value in _told_apart(values).items()
    }


def _told_apart(values: Mapping[str, Json]) -> dict[str, Json]:
    """Return values with a list of one item for each own field, under the names of `Memory`."""
    own = values.get(OWN_FIELDS.name)
    apart: dict[str, Json] = {
        f"{OWN_FIELDS.name}/{item['id']}": [item]
        for item in (own if isinstance(own, list) else [])
        if isinstance(item, dict)
    }
    return {name: value for name, value in values.items() if name != OWN_FIELDS.name} | apart


def _item_ids(value: Json) -> list[str]:
    items = value if isinstance(value, list) else []
    return [str(item["id"]) for item in items if isinstance(item, dict)]


def _remembered(vault: Vault, record: str) -> Memory:
    text = imported.row_of(vault, record)
    return cast("Memory", json.loads(text)) if text else {}


def _changed(
    present: Mapping[str, Json], values: Mapping[str, Json], now: Memory, before: Memory
) -> dict[str, Json]:
    """Return the fields of which the table says something else than it said last time."""
    given: dict[str, Json] = {}
    apart = _told_apart(values)
    for told in dict.fromkeys([*apart, *before]):
        if now.get(told) == before.get(told):
            continue
        name, value = told.partition("/")[0], apart.get(told)
        gone = {*before.get(told, [])[1:]} - {*now.get(told, [])[1:]}
        if (isinstance(value, list) and _item_ids(value)) or gone:
            standing = given.get(name, present.get(name))
            items = overlaid(standing, value if isinstance(value, list) else [])
            value = [one for one in items if not (isinstance(one, dict) and one.get("id") in gone)]
        if not same(value, present.get(name)):
            given[name] = value
    return given
