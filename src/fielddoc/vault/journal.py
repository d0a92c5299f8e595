"""What was done here, action by action, so that the last one can be taken back.

An action is everything that one command or one click wrote: one revision, or those of several
records, such as a merge of two people. The journal names revisions and holds nothing of what is in
them; it belongs to this copy of the vault and never travels (the table `meta` in docs/vault-format.md).

Settings have no versions. Of an action that changed one, such as a template that was forgotten, the
journal holds what the setting was before, until a record is purged: what was forgotten may tell of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import cast

from fielddoc.domain.canonical import Json, decode, encode
from fielddoc.domain.revision import Revision
from fielddoc.i18n import N_
from fielddoc.vault import settings
from fielddoc.vault.vault import Vault

KEPT = 200
"""How many actions are remembered."""
_NAME = "action "
_SETTING = "setting "
"""Stands before the name of an action that changed a setting, so that a program that does not know
of such actions passes over them."""


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
    TEMPLATE_KEPT = "template-kept"
    TEMPLATE_FORGOTTEN = "template-forgotten"
    SEARCH_SAVED = "search-saved"
    SEARCH_FORGOTTEN = "search-forgotten"
    MAPPING_SAVED = "mapping-saved"


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
    ActionKind.TEMPLATE_KEPT: N_("template kept"),
    ActionKind.TEMPLATE_FORGOTTEN: N_("template forgotten"),
    ActionKind.SEARCH_SAVED: N_("search saved"),
    ActionKind.SEARCH_FORGOTTEN: N_("saved search forgotten"),
    ActionKind.MAPPING_SAVED: N_("description of columns saved"),
}
"""Each action in a few words, marked for translation."""


@dataclass(frozen=True, slots=True)
class SettingBefore:
    """What a setting was before an action changed it."""

    name: str
    value: str | None
    """None if it was not there."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that was done."""

    number: int
    kind: ActionKind
    written: tuple[tuple[str, str], ...]
    """Record and revision, in the order of writing."""
    undone_by: tuple[tuple[str, str], ...] | None
    """Record and revision of what took it back; None as long as it holds."""
    setting: SettingBefore | None = None
    """Of an action that changed a setting, and no record."""


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
                _drop_old(vault, last + 1)
        finally:
            vault.acting = None


@contextmanager
def acting_on_setting(vault: Vault, kind: ActionKind, name: str) -> Iterator[None]:
    """Run the block, which changes the setting of a name, as one action in one transaction."""
    with vault.database.transaction():
        before = settings.get(vault, name)
        yield
        if settings.get(vault, name) != before:
            number = _last_number(vault) + 1
            _keep(vault, Action(number, kind, (), None, SettingBefore(name, before)))
            _drop_old(vault, number)


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
        "SELECT name, value FROM meta WHERE name >= ? AND name < ? OR name >= ? AND name < ?",
        (_NAME, _END, _SETTING + _NAME, _SETTING + _END),
    )
    found = [_action(str(name), cast("bytes", value)) for name, value in rows]
    return sorted(found, key=lambda action: action.number, reverse=True)


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
    """Take a record out of every remembered action, in the running transaction; for a purge.

    What settings were before is forgotten altogether: a template may have been made from it.
    """
    for action in actions(vault):
        written = _without(action.written, record)
        if not written:
            vault.database.query("DELETE FROM meta WHERE name = ?", (_name_of(action),))
        elif written != action.written:
            undone = None if action.undone_by is None else _without(action.undone_by, record)
            _keep(vault, replace(action, written=written, undone_by=undone))


def _without(written: tuple[tuple[str, str], ...], record: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in written if pair[0] != record)


_END = "action!"  # "!" follows the blank, so that this is behind every action's name


def _name(number: int) -> str:
    return f"{_NAME}{max(0, number):016d}"


def _name_of(action: Action) -> str:
    return _name(action.number) if action.setting is None else _SETTING + _name(action.number)


def _last_number(vault: Vault) -> int:
    last = [
        vault.database.value(
            "SELECT max(name) FROM meta WHERE name >= ? AND name < ?",
            (prefix + _NAME, prefix + _END),
        )
        for prefix in ("", _SETTING)
    ]
    return max((_number(name) for name in last if isinstance(name, str)), default=0)


def _number(name: str) -> int:
    return int(name.removeprefix(_SETTING).removeprefix(_NAME))


def _drop_old(vault: Vault, newest: int) -> None:
    for prefix in ("", _SETTING):
        vault.database.query(
            "DELETE FROM meta WHERE name >= ? AND name <= ?",
            (prefix + _NAME, prefix + _name(newest - KEPT)),
        )


def _keep(vault: Vault, action: Action) -> None:
    body: dict[str, Json] = {
        "v": 1,
        "kind": action.kind.value,
        "written": [list(pair) for pair in action.written],
    }
    if action.setting is not None:
        body["setting"] = action.setting.name
        body["before"] = action.setting.value
    if action.undone_by is not None:
        body["undone"] = [list(pair) for pair in action.undone_by]
    vault.set_meta(_name_of(action), encode(body))


def _action(name: str, value: bytes) -> Action:
    body = cast("dict[str, list[list[str]]]", decode(value))
    undone = body.get("undone")
    setting = cast("str | None", body.get("setting"))
    before = cast("str | None", body.get("before"))
    return Action(
        number=_number(name),
        kind=ActionKind(cast("str", body["kind"])),
        written=_pairs(body["written"]),
        undone_by=None if undone is None else _pairs(undone),
        setting=None if setting is None else SettingBefore(setting, before),
    )


def _pairs(rows: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((record, revision) for record, revision in rows)
