"""Templates: values to begin a record with, and a new record from one that is there.

They lie in this vault's settings and never travel. What points at a source, and what is true of
one record only, is no part of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import record_type
from fielddoc.domain.schema import Kind
from fielddoc.errors import InputRefusedError
from fielddoc.i18n import N_
from fielddoc.vault import records, settings
from fielddoc.vault.journal import ActionKind, acting_on_setting
from fielddoc.vault.vault import Vault

_PREFIX = "template "
_OF_ONE_RECORD = ("merged_into", "distinct_from", "incident", "sha256", "size_bytes")


@dataclass(frozen=True, slots=True)
class Template:
    """A named set of values for new records of one type."""

    name: str
    type: str
    values: Mapping[str, Json]


def templates(vault: Vault, type_name: str | None = None) -> list[Template]:
    """Return the templates of a type, or all, by name."""
    found = [
        _template(name, value)
        for name, value in settings.everything(vault).items()
        if name.startswith(_PREFIX)
    ]
    return [one for one in found if type_name in (None, one.type)]


def template(vault: Vault, name: str) -> Template:
    """Return the template of a name.

    Raises:
        InputRefusedError: there is none.
    """
    value = settings.get(vault, _PREFIX + name)
    if value is None:
        raise InputRefusedError(reason=N_("there is no template '{name}'"), name=name)
    return _template(_PREFIX + name, value)


def keep_template(vault: Vault, name: str, record: str) -> Template:
    """Keep the values of a record as a template; one of the same name is replaced.

    Raises:
        InputRefusedError: the name is empty.
        RecordNotFoundError: there is no such record.
    """
    plain = plain_name(name)
    if not plain:
        raise InputRefusedError(reason=N_("a template needs a name"))
    state = records.state_of(vault, record)
    values = values_for_another(state.type, state.values)
    body = json.dumps({"type": state.type, "values": values}, ensure_ascii=False)
    with acting_on_setting(vault, ActionKind.TEMPLATE_KEPT, _PREFIX + plain):
        settings.put(vault, _PREFIX + plain, body)
    return Template(plain, state.type, values)


def put_back(vault: Vault, kept: Template) -> None:
    """Keep a template as it was, in the place of one of its name."""
    body = json.dumps({"type": kept.type, "values": dict(kept.values)}, ensure_ascii=False)
    settings.put(vault, _PREFIX + kept.name, body)


def plain_name(name: str) -> str:
    """Return the name under which a template is kept; empty if it is none."""
    return " ".join(name.split())


def remove_template(vault: Vault, name: str) -> None:
    """Forget a template.

    Raises:
        InputRefusedError: there is none of this name.
    """
    template(vault, name)
    with acting_on_setting(vault, ActionKind.TEMPLATE_FORGOTTEN, _PREFIX + name):
        settings.remove(vault, _PREFIX + name)


def values_for_another(type_name: str, values: Mapping[str, Json]) -> dict[str, Json]:
    """Return values to begin another record with: items are new ones, nothing sealed comes along."""
    declared = record_type(type_name)
    sealed = {f.name for f in declared.fields if f.kind is Kind.SEALED} if declared else set()
    own = {f.name for f in declared.fields if f.kind is Kind.OWN} if declared else set()
    result: dict[str, Json] = {}
    for name, value in values.items():
        if name in sealed or name in _OF_ONE_RECORD:
            continue
        if isinstance(value, list) and name not in own:
            result[name] = [_without_id(item) if isinstance(item, dict) else item for item in value]
        else:
            result[name] = value
    return result


def new_from(vault: Vault, record: str) -> str:
    """Write a new record with the values of one that is there, and return its id.

    Raises:
        RecordNotFoundError: there is none of this id.
    """
    state = records.state_of(vault, record)
    return records.add(vault, state.type, values_for_another(state.type, state.values))


def new_from_template(vault: Vault, name: str) -> str:
    """Write a new record with the values of a template, and return its id.

    Raises:
        InputRefusedError: there is no such template.
    """
    found = template(vault, name)
    return records.add(vault, found.type, found.values)


def _without_id(item: Mapping[str, Json]) -> dict[str, Json]:
    return {part: value for part, value in item.items() if part != "id"}


def _template(name: str, value: str) -> Template:
    body = cast("dict[str, Json]", json.loads(value))
    return Template(
        name.removeprefix(_PREFIX), str(body["type"]), cast("dict[str, Json]", body["values"])
    )
