"""An import as it would go, row by row, and carrying it out.

A plan is made by reading only; it is the dry run and what is carried out afterwards. Every record is
written whole or not at all, some at a time, so that what is typed meanwhile can be saved. Ids are
stable: whatever stopped an import, the next one goes on from there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial

from fielddoc.domain.canonical import Json, same
from fielddoc.domain.record_types import record_type
from fielddoc.errors import CancelledError, InputRefusedError
from fielddoc.i18n import N_, translate
from fielddoc.interchange.flat import has_items
from fielddoc.interchange.mapping import Note
from fielddoc.vault import imported, records
from fielddoc.vault.journal import ActionKind, acting_on
from fielddoc.vault.turns import Turn, directly
from fielddoc.vault.vault import Vault

Progress = Callable[[int, int], None]
_AT_ONCE = 16


def ignore_progress(_done: int, _total: int) -> None:
    """Take progress and do nothing."""


class Fate(Enum):
    """What becomes of a row, as a word for people."""

    NEW = N_("new")
    CHANGED = N_("changed")
    SAME = N_("known already")
    REFUSED = N_("not taken")

    def word(self, language: str | None = None) -> str:
        """Return it in the person's language."""
        return translate(self.value, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One record that an import would write, or a row that it would not take."""

    fate: Fate
    where: tuple[tuple[str, int], ...]
    """Tables or files, and the numbers of their rows; empty for a person named in a link."""
    type: str = ""
    title: str = ""
    record: str = ""
    values: Mapping[str, Json] = field(default_factory=dict)
    """For a new record all of them, for a changed one those that change."""
    notes: tuple[Note, ...] = ()
    remember: str | None = None
    """What is kept of the row, for the next import."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An import as it would go."""

    rows: tuple[Planned, ...]
    notes: tuple[Note, ...] = ()
    """About the table as a whole."""
    prepare: Callable[[Vault], None] | None = None
    """Keeps what the ids in it follow from, before the first row is written."""

    def count(self, fate: Fate) -> int:
        """Return how many rows have this fate."""
        return sum(row.fate is fate for row in self.rows)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a plan: its rows with what really happened, and whether it was stopped."""

    plan: Plan
    was_stopped: bool = False
    left: int = 0
    """Rows that were not reached."""


def carry_out(
    vault: Vault, plan: Plan, *, progress: Progress = ignore_progress, turn: Turn = directly
) -> Done:
    """Write what a plan says, as one action that can be taken back as a whole.

    A row that is refused now, because something was changed or purged meanwhile, is told as such.
    When `progress` raises `CancelledError`, what is written stays, and the result says so.

    Raises:
        DiskFullError, NoPermissionError, VaultDamagedError: rows before stay written.
    """
    rows: list[Planned] = []
    total = len(plan.rows)
    action: list[int] = []
    for start in range(0, total, _AT_ONCE):
        try:
            progress(start, total)
        except CancelledError:
            done = Plan((*rows, *plan.rows[start:]), plan.notes)
            return Done(done, was_stopped=True, left=total - start)
        if not start and plan.prepare is not None:
            turn(partial(plan.prepare, vault))
        some = plan.rows[start : start + _AT_ONCE]
        rows += turn(partial(_write_some, vault, some, action))
    progress(total, total)
    return Done(Plan(tuple(rows), plan.notes))


def _write_some(vault: Vault, some: tuple[Planned, ...], action: list[int]) -> list[Planned]:
    """Write some rows in one transaction, as a part of the action whose number `action` keeps."""
    with acting_on(vault, ActionKind.IMPORT, action):
        written = [_write(vault, one) for one in some]
    vault.written()
    return written


def _write(vault: Vault, one: Planned) -> Planned:
    """Write one record; `records` refuses before it writes anything."""
    try:
        match one.fate:
            case Fate.NEW if records.type_of(vault, one.record) is None:
                records.add(vault, one.type, one.values, record=one.record)
            case Fate.NEW if records.state_of(vault, one.record).deleted:
                records.restore(vault, one.record)
                records.revise(vault, one.record, one.values)
            case Fate.NEW | Fate.CHANGED:
                if not records.revise(vault, one.record, one.values):
                    one = replace(one, fate=Fate.SAME)
            case _:
                return one
    except InputRefusedError as error:
        told = {name: value for name, value in error.fields.items() if name != "reason"}
        note = Note(str(error.fields["reason"]), tuple(told.items()))
        return replace(one, fate=Fate.REFUSED, notes=(*one.notes, note))
    if one.remember is not None:
        imported.keep_row(vault, one.record, one.remember)
    return one


def differing(
    type_name: str, present: Mapping[str, Json], given: Mapping[str, Json]
) -> dict[str, Json]:
    """Return those of the given values that a record does not have yet.

    Items that are not given stay, and parts of items that are not given too: an import adds and
    changes, it takes nothing away that it does not name. None clears a field or a part.
    """
    declared = record_type(type_name)
    changed: dict[str, Json] = {}
    for name, value in given.items():
        part = declared.field(name) if declared else None
        if part is not None and has_items(part) and isinstance(value, list):
            items = overlaid(present.get(name), value)
            if not same(_told(items), _told(present.get(name) or [])):
                changed[name] = items
        elif not same(value, present.get(name)):
            changed[name] = value
    return changed


def overlaid(present: Json, given: list[Json]) -> list[Json]:
    """Return present items with the given ones over them, and those that are new behind them."""
    before = (
        [item for item in present if isinstance(item, dict)] if isinstance(present, list) else []
    )
    by_id = {item.get("id"): item for item in given if isinstance(item, dict) and item.get("id")}
    known = {item.get("id") for item in before}
    kept: list[Json] = [{**item, **by_id.get(item.get("id"), {})} for item in before]
    new = [item for item in given if not (isinstance(item, dict) and item.get("id") in known)]
    return kept + new


def _told(items: Json) -> Json:
    """Return items without parts that are None: such a part and a missing one are the same."""
    if not isinstance(items, list):
        return items
    return [
        {name: part for name, part in item.items() if part is not None}
        if isinstance(item, dict)
        else item
        for item in items
    ]


def without_blanks(type_name: str, values: Mapping[str, Json]) -> dict[str, Json]:
    """Return values without those that are None, in items too."""
    declared = record_type(type_name)
    lists = {part.name for part in (declared.fields if declared else ()) if has_items(part)}
    return {
        name: _told(value) if name in lists else value
        for name, value in values.items()
        if value is not None
    }
