"""What was done here, action by action, so that the last one can be taken back.

An action is everything that one command or one click wrote: one revision, or those of several
records, such as a merge of two people. The journal names revisions and holds nothing of what is in
them; it belongs to this copy of the vault and never travels (the table `meta` in docs/vault-format.md).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import cast

from fielddoc.domain.canonical import Json, decode, encode
from fielddoc.domain.revision import Revision
from fielddoc.i18n import N_
from fielddoc.vault.vault import Vault

KEPT = 200
"""How many actions are remembered."""
_NAME = "action "


class ActionKind(Enum):
    """What was done; the values are stored."""

    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"
    RESTORE = "restore"
    EARLIER_VERSION = "earlier-version"
    SETTLE = "settle"
    MERGE = "merge"
    UNMERGE = "unmerge"
    NOT_THE_SAME = "not-the-same"
    HAPPENED = "happened"
    ATTACH = "attach"
    LINK = "link"
    IMPORT = "import"
    PHOTOS = "photos"


WORDS = {
    ActionKind.ADD: N_("record added"),
    ActionKind.CHANGE: N_("record changed"),
    ActionKind.DELETE: N_("moved to the trash"),
    ActionKind.RESTORE: N_("taken out of the trash"),
    ActionKind.EARLIER_VERSION: N_("earlier version made to hold"),
    ActionKind.SETTLE: N_("conflict settled"),
    ActionKind.MERGE: N_("people merged"),
    ActionKind.UNMERGE: N_("people separated"),
    ActionKind.NOT_THE_SAME: N_("people marked as not the same"),
    ActionKind.HAPPENED: N_("risk turned into an incident"),
    ActionKind.ATTACH: N_("file attached"),
    ActionKind.LINK: N_("link added"),
    ActionKind.IMPORT: N_("rows imported"),
    ActionKind.PHOTOS: N_("photos imported"),
}
"""Each action in a few words, marked for translation."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that was done."""

    number: int
    kind: ActionKind
    written: tuple[tuple[str, str], ...]
    """Record and revision, in the order of writing."""
    undone_by: tuple[tuple[str, str], ...] | None
    """Record and revision of what took it back; None as long as it holds."""


@contextmanager
def acting(vault: Vault, kind: ActionKind) -> Iterator[None]:
    """Run the block as one action, in one transaction; inside another action it is part of that."""
    if vault.acting is not None:
        yield
        return
    with vault.database.transaction():
        vault.acting = []
        try:
            yield
            if vault.acting:
                last = _last_number(vault)
                _keep(vault, Action(last + 1, kind, tuple(vault.acting), None))
                vault.database.query(
                    "DELETE FROM meta WHERE name >= ? AND name <= ?",
                    (_NAME, _name(last + 1 - KEPT)),
                )
        finally:
            vault.acting = None


@contextmanager
def acting_on(vault: Vault, kind: ActionKind, begun: list[int]) -> Iterator[None]:
    """Run the block as a part of an action that takes several transactions, such as an import.

    Args:
        vault: the vault.
        kind: of the action.
        begun: empty for the first part, and given to every later one; once something has been
            written it holds the number of the action.
    """
    number: int | None = None
    with vault.database.transaction():
        vault.acting = []
        try:
            yield
            if vault.acting:
                before = _numbered(vault, begun[-1]) if begun else None
                if before is None or before.undone_by is not None:  # taken back meanwhile
                    before = Action(_last_number(vault) + 1, kind, (), None)
                number = before.number
                _keep(vault, replace(before, written=(*before.written, *vault.acting)))
        finally:
            vault.acting = None
    if number is not None:
        begun[:] = [number]


def _numbered(vault: Vault, number: int) -> Action | None:
    value = vault.meta(_name(number))
    return _action(_name(number), value) if isinstance(value, bytes) else None


def note_revision(vault: Vault, revision: Revision) -> None:
    """Remember a revision as part of the running action, if there is one."""
    if vault.acting is not None:
        vault.acting.append((revision.record, revision.id))


def actions(vault: Vault) -> list[Action]:
    """Return the remembered actions, newest first."""
    rows = vault.database.query(
        "SELECT name, value FROM meta WHERE name >= ? AND name < ? ORDER BY name DESC",
        (_NAME, _END),
    )
    return [_action(str(name), cast("bytes", value)) for name, value in rows]


def taken_back_imports(vault: Vault) -> frozenset[str]:
    """Return the ids of the revisions by which remembered imports were taken back."""
    return frozenset(
        revision
        for action in actions(vault)
        if action.kind is ActionKind.IMPORT
        for _, revision in action.undone_by or ()
    )


def mark_undone(vault: Vault, action: Action, written: Sequence[tuple[str, str]]) -> None:
    """Remember what took an action back, in the running transaction."""
    _keep(vault, replace(action, undone_by=tuple(written)))


def forget(vault: Vault, record: str) -> None:
    """Take a record out of every remembered action, in the running transaction; for a purge."""
    for action in actions(vault):
        written = _without(action.written, record)
        if not written:
            vault.database.query("DELETE FROM meta WHERE name = ?", (_name(action.number),))
        elif written != action.written:
            undone = None if action.undone_by is None else _without(action.undone_by, record)
            _keep(vault, replace(action, written=written, undone_by=undone))


def _without(written: tuple[tuple[str, str], ...], record: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in written if pair[0] != record)


_END = "action!"  # "!" follows the blank, so that this is behind every action's name


def _name(number: int) -> str:
    return f"{_NAME}{max(0, number):016d}"


def _last_number(vault: Vault) -> int:
    last = vault.database.value(
        "SELECT max(name) FROM meta WHERE name >= ? AND name < ?", (_NAME, _END)
    )
    return int(last.removeprefix(_NAME)) if isinstance(last, str) else 0


def _keep(vault: Vault, action: Action) -> None:
    body: dict[str, Json] = {
        "v": 1,
        "kind": action.kind.value,
        "written": [list(pair) for pair in action.written],
    }
    if action.undone_by is not None:
        body["undone"] = [list(pair) for pair in action.undone_by]
    vault.set_meta(_name(action.number), encode(body))


def _action(name: str, value: bytes) -> Action:
    body = cast("dict[str, list[list[str]]]", decode(value))
    undone = body.get("undone")
    return Action(
        number=int(name.removeprefix(_NAME)),
        kind=ActionKind(cast("str", body["kind"])),
        written=_pairs(body["written"]),
        undone_by=None if undone is None else _pairs(undone),
    )


def _pairs(rows: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((record, revision) for record, revision in rows)
