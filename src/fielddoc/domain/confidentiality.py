"""How confidential a record, an entry or a source is, and what follows when something is to leave."""

from collections.abc import Mapping
from dataclasses import replace

from fielddoc.domain.canonical import Json
from fielddoc.domain.merge import State

SECRET = "secret"  # noqa: S105 - a term, no password
"""Leaves the vault only when named one by one; a code of the list `confidentiality`."""


def is_secret(values: Mapping[str, Json]) -> bool:
    """Tell whether a record or an item is marked as secret."""
    return values.get("confidentiality") == SECRET


def without_secret_items(state: State) -> State:
    """Return a record as it may leave: without the entries and other items that are secret."""
    if not secret_items(state):
        return state
    values = {
        name: [item for item in value if not _is_secret_item(item)]
        if isinstance(value, list)
        else value
        for name, value in state.values.items()
    }
    return replace(state, values=values)


def secret_items(state: State) -> int:
    """Return how many entries and other items of a record are marked as secret."""
    lists = (value for value in state.values.values() if isinstance(value, list))
    return sum(_is_secret_item(item) for value in lists for item in value)


def _is_secret_item(item: Json) -> bool:
    return isinstance(item, dict) and is_secret(item)
