"""Saved searches: a setting of the vault, so that nothing of them lies outside."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from fielddoc.errors import SearchRefusedError
from fielddoc.i18n import N_
from fielddoc.vault import settings
from fielddoc.vault.finding import Order
from fielddoc.vault.journal import ActionKind, acting_on_setting
from fielddoc.vault.vault import Vault

SETTING = "searches"
MAXIMUM_NAME_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that a person gave a name."""

    name: str
    text: str
    """As it is typed; see `fielddoc.domain.query`."""
    order: Order = Order.NEWEST


def saved(vault: Vault) -> tuple[SavedSearch, ...]:
    """Return the saved searches in the order in which they were first saved."""
    kept = settings.get(vault, SETTING)
    return tuple(
        SavedSearch(one["name"], one["search"], Order(one["sort"]))
        for one in (json.loads(kept) if kept else [])
    )


def save(vault: Vault, search: SavedSearch) -> None:
    """Keep a search, in place of one of the same name.

    Raises:
        SearchRefusedError: the name is empty or too long.
    """
    name = " ".join(search.name.split())
    if not name or len(name) > MAXIMUM_NAME_CHARACTERS:
        raise SearchRefusedError(reason=N_("the name of a search has 1 to 80 characters"))
    new = SavedSearch(name, search.text, search.order)
    present = saved(vault)
    if any(one.name == name for one in present):
        kept = [new if one.name == name else one for one in present]
    else:
        kept = [*present, new]
    with acting_on_setting(vault, ActionKind.SEARCH_SAVED, SETTING):
        _keep(vault, kept)


def remove(vault: Vault, name: str) -> None:
    """Forget a saved search; the records stay.

    Raises:
        SearchRefusedError: there is none of this name.
    """
    going = called(vault, name)
    with acting_on_setting(vault, ActionKind.SEARCH_FORGOTTEN, SETTING):
        _keep(vault, [one for one in saved(vault) if one != going])


def called(vault: Vault, name: str) -> SavedSearch:
    """Return the saved search of a name.

    Raises:
        SearchRefusedError: there is none of this name.
    """
    for one in saved(vault):
        if one.name == " ".join(name.split()):
            return one
    raise SearchRefusedError(reason=N_("there is no saved search “{name}”"), name=name)


def _keep(vault: Vault, searches: Sequence[SavedSearch]) -> None:
    kept = [{"name": one.name, "search": one.text, "sort": one.order.value} for one in searches]
    settings.put(vault, SETTING, json.dumps(kept, ensure_ascii=False))
