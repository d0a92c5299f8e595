"""Taking back the last action: a new revision that makes the records what they were without it.

Nothing is removed from the history. What an import or another device brought meanwhile stays,
because the state to go back to is the merge of everything but the action. Conflicts that the
action had settled are in conflict again: their values are written side by side, as two devices
would. A setting, which has no history, becomes what it was before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from fielddoc.domain.canonical import Json, same
from fielddoc.domain.merge import Conflict, State, merge
from fielddoc.domain.revision import RECORD_PATH, Revision
from fielddoc.errors import NothingToUndoError
from fielddoc.vault import imported, records, settings
from fielddoc.vault.journal import Action, ActionKind, SettingBefore, actions, mark_undone
from fielddoc.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back."""

    kind: ActionKind
    records: tuple[str, ...]


def next_to_undo(vault: Vault) -> Action | None:
    """Return the action that `undo` would take back, or None."""
    return next((action for action in actions(vault) if action.undone_by is None), None)


def undo(vault: Vault) -> Undone:
    """Take back the last action that still holds; another call takes back the one before.

    Raises:
        NothingToUndoError: nothing was done here, or all of it is undone.
    """
    last = next_to_undo(vault)
    if last is None:
        raise NothingToUndoError
    return undo_action(vault, last)


def undo_action(vault: Vault, action: Action) -> Undone:
    """Take back one action; what was done after it and still holds stays."""
    if action.setting is not None:
        return _undo_setting(vault, action, action.setting)
    without = set(action.written)
    for later in actions(vault):
        if later.number > action.number and later.undone_by is not None:
            without |= {*later.written, *later.undone_by}
    touched = tuple(dict.fromkeys(record for record, _ in action.written))
    written: list[tuple[str, str]] = []
    with vault.database.transaction():
        for record in touched:
            if records.type_of(vault, record) is not None:
                left_out = {revision for other, revision in without if other == record}
                written += _take_back(vault, record, left_out, action)
            if action.kind is ActionKind.IMPORT and _is_in_trash(vault, record):
                # Else the same table would be told that nothing in it is new. What the table said
                # of records that stay is kept: it is what tells corrections made here apart.
                imported.forget_row(vault, record)
        mark_undone(vault, action, written)
    vault.written()
    return Undone(action.kind, touched)


def _undo_setting(vault: Vault, action: Action, setting: SettingBefore) -> Undone:
    with vault.database.transaction():
        if setting.value is None:
            settings.remove(vault, setting.name)
        else:
            settings.put(vault, setting.name, setting.value)
        mark_undone(vault, action, ())
    return Undone(action.kind, ())


def _is_in_trash(vault: Vault, record: str) -> bool:
    return records.type_of(vault, record) is not None and records.state_of(vault, record).deleted


def _take_back(
    vault: Vault, record: str, without: Collection[str], action: Action
) -> list[tuple[str, str]]:
    known = records.revisions_of(vault, record)
    foreign = records.foreign_revisions(vault, record)
    now = records.state_of(vault, record)
    mine = {revision for other, revision in action.written if other == record}
    is_new = any(r.id in mine and not r.parents and r.changes.get(RECORD_PATH) for r in known)
    rest = [] if is_new else _history_without(known, without)
    before = merge(rest, lambda one: one not in foreign) if rest else None
    steps = _steps(before, now) if before is not None else []
    if before is not None and now.deleted and not before.deleted:
        steps = [{**(steps[0] if steps else {}), RECORD_PATH: True}, *steps[1:]]
    # The first step has the greatest clock in the end, so that its values are the shown ones.
    written = [records.append(vault, now, step) for step in reversed(steps)]
    if (before is None or before.deleted) and not (now.deleted and not written):
        # A deletion holds only if it has seen everything else, so it is written last.
        written.append(records.append(vault, records.state_of(vault, record), {RECORD_PATH: None}))
    if written:
        records.project(vault, record)
    return [(record, revision.id) for revision in written]


def _history_without(known: Sequence[Revision], without: Collection[str]) -> list[Revision]:
    """Return the revisions but some, each later one with what these had seen in its view."""
    parents_of = {revision.id: revision.parents for revision in known}

    def seen_instead(parents: Sequence[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(parents)
        while waiting:
            parent = waiting.pop()
            if parent in without:
                waiting += parents_of.get(parent, ())
            else:
                found.add(parent)
        return found

    return [
        replace(revision, parents=tuple(sorted(seen_instead(revision.parents))))
        for revision in known
        if revision.id not in without
    ]


def _steps(before: State, now: State) -> list[dict[str, Json]]:
    """Return what to write, as revisions side by side, to make `now` into `before`.

    The first holds the values that are to be shown, the others what is in conflict with them.
    """
    wanted, present = _paths(before), {**_paths(now), **_buried(now)}
    shown: dict[str, Json] = {}
    for path in sorted({*wanted, *present}):
        # Parts of an item that is not to be there stay as they are: writing one would revive it.
        presence, _, part = path.rpartition("/")
        if "/" in presence and part and presence not in wanted:
            continue
        if not same(wanted.get(path), present.get(path)):
            shown[path] = wanted.get(path)
    rivals: list[dict[str, Json]] = []
    theirs = {conflict.path: conflict for conflict in before.conflicts}
    ours = {conflict.path: conflict for conflict in now.conflicts}
    for path in sorted({*theirs, *ours}):
        if _in_conflict(theirs.get(path)) == _in_conflict(ours.get(path)):
            continue
        shown[path] = wanted.get(path)
        conflict = theirs.get(path)
        for place, rival in enumerate(conflict.rivals if conflict else ()):
            if place == len(rivals):
                rivals.append({})
            rivals[place][path] = rival.value
    return [shown, *rivals] if shown else []


def _in_conflict(conflict: Conflict | None) -> tuple[Json, ...]:
    if conflict is None:
        return ()
    return (conflict.shown, *(rival.value for rival in conflict.rivals))


def _paths(state: State) -> Mapping[str, Json]:
    """Return every path of what is shown, with its value."""
    found: dict[str, Json] = {RECORD_PATH: True}
    listed = {path.partition("/")[0] for path in state.positions}
    for name, value in state.values.items():
        if name not in listed:
            found[name] = value
            continue
        for item in value if isinstance(value, list) else []:
            if isinstance(item, dict):
                _add_item(found, f"{name}/{item['id']}", item, state.positions)
    return found


def _buried(state: State) -> Mapping[str, Json]:
    """Return the parts of deleted items, which come back with the item."""
    return {
        f"{presence}/{part}": value
        for presence, parts in state.buried.items()
        for part, value in parts.items()
    }


def _add_item(
    found: dict[str, Json],
    presence: str,
    item: Mapping[str, Json],
    positions: Mapping[str, int],
) -> None:
    found[presence] = positions[presence]
    for part, value in item.items():
        if part != "id":
            found[f"{presence}/{part}"] = value
