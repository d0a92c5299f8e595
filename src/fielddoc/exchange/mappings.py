"""Saved descriptions of tables: found by name, or by the columns that a table has."""

import json
from dataclasses import dataclass
from functools import partial

from fielddoc.domain.canonical import Json
from fielddoc.errors import MappingNotFoundError, MappingRefusedError
from fielddoc.exchange.stable_ids import new_secret
from fielddoc.i18n import N_
from fielddoc.interchange.mapping import TableMapping, as_json, check_mapping, read_mapping
from fielddoc.interchange.table import Table, guessed_header, header_of
from fielddoc.vault import imported
from fielddoc.vault.own_fields import full_type
from fielddoc.vault.vault import Vault

_MAXIMUM_NAME = 100


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A description of a table's columns, and the secret from which its records' ids follow."""

    name: str
    mapping: TableMapping
    secret: str


def load(vault: Vault, name: str) -> SavedMapping:
    """Return a saved description.

    Raises:
        MappingNotFoundError: there is none of this name.
        MappingRefusedError: it names a field that this version does not know, or one of your own
            that is not declared any more.
    """
    text = imported.mapping(vault, name)
    if text is None:
        raise MappingNotFoundError(name=name)
    kept: Json = json.loads(text)
    assert isinstance(kept, dict)
    mapping = read_mapping(kept["mapping"], partial(full_type, vault))
    return SavedMapping(name, mapping, str(kept["secret"]))


def everything(vault: Vault) -> list[SavedMapping]:
    """Return all saved descriptions that this version can read."""
    found: list[SavedMapping] = []
    for name in imported.mapping_names(vault):
        try:
            found.append(load(vault, name))
        except MappingRefusedError:
            continue  # a newer version knew its fields, or an own field is not declared any more
    return found


def described(vault: Vault, name: str, mapping: TableMapping) -> SavedMapping:
    """Return a description as `keep` would save it; nothing is written.

    Where one of the same name is saved, its secret stays, and with it the ids of its records.

    Raises:
        MappingRefusedError: the name or the description cannot be used.
    """
    check_mapping(mapping, full_type(vault, mapping.type))
    if not name.strip() or len(name) > _MAXIMUM_NAME or not name.isprintable():
        raise MappingRefusedError(reason=N_("its name is empty or too long"))
    known = imported.mapping(vault, name)
    secret = str(json.loads(known)["secret"]) if known is not None else new_secret()
    return SavedMapping(name, mapping, secret)


def keep(vault: Vault, saved: SavedMapping) -> None:
    """Save a description, in place of one of the same name."""
    value: Json = {"mapping": as_json(saved.mapping), "secret": saved.secret}
    text = json.dumps(value, ensure_ascii=False)
    if imported.mapping(vault, saved.name) != text:
        imported.keep_mapping(vault, saved.name, text)


def fitting(vault: Vault, table: Table, header_row: int = 0) -> SavedMapping | None:
    """Return the saved description all of whose columns a table has; the one with most of them.

    Args:
        vault: where the descriptions are.
        table: the table; each description looks at the row that it names as the header.
        header_row: the header's row for descriptions that name none; 0 for what looks like one.
    """
    best: SavedMapping | None = None
    for saved in everything(vault):
        columns = {rule.column for rule in saved.mapping.rules if rule.column} | {
            *saved.mapping.key
        }
        row = saved.mapping.header_row or header_row or guessed_header(table)
        if not any(each.number == row for each in table.rows):
            continue
        if columns <= {*header_of(table, row)} and (
            best is None or len(best.mapping.rules) < len(saved.mapping.rules)
        ):
            best = saved
    return best
