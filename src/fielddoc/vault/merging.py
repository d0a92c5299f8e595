"""Merging two records of one person: both keep their history, their cases stay apart, and undo.

The record that is kept gets the names, papers and other parts that only the other one has; the
other one says into which it was merged, and stands behind it in lists from then on. Detentions,
incidents and actions are not touched: each goes on pointing at the record that it named, and shows
the person that stands for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fielddoc.domain.canonical import Json, same
from fielddoc.domain.merge import State
from fielddoc.domain.record_types import PERSON
from fielddoc.domain.schema import Field, Kind
from fielddoc.errors import InputRefusedError, RecordNotFoundError
from fielddoc.i18n import N_
from fielddoc.vault import merged, records
from fielddoc.vault.journal import ActionKind, acting, actions
from fielddoc.vault.undo import undo_action
from fielddoc.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two people have different values, of which one can hold."""

    field: Field
    kept: Json
    other: Json


def differences(vault: Vault, kept: str, other: str) -> list[Difference]:
    """Return the fields that hold one value and differ; lists and items are put together.

    Raises:
        RecordNotFoundError, InputRefusedError: one of them is no person, or both are one.
    """
    one, two = _person(vault, kept), _person(vault, other)
    return [
        Difference(field, one.values[field.name], two.values[field.name])
        for field in PERSON.fields
        if _holds_one_value(field)
        and one.values.get(field.name) is not None
        and two.values.get(field.name) is not None
        and not same(one.values[field.name], two.values[field.name])
    ]


def merge_people(
    vault: Vault, kept: str, other: str, *, chosen: Mapping[str, Json] | None = None
) -> None:
    """Let `kept` stand for `other` too; doing it again takes over what `other` has got since.

    Args:
        vault: the vault.
        kept: the person whose record stands for both.
        other: the person who is the same.
        chosen: for fields that differ, the value that is to hold; else that of `kept` does.

    Raises:
        RecordNotFoundError: there is no record of an id.
        InputRefusedError: one of them is no person, both are one, or `kept` was itself merged.
    """
    one, two = _person(vault, kept), _person(vault, other)
    if kept == other:
        raise InputRefusedError(reason=N_("both ids are of the same record"))
    if merged.standing_for(vault.database, kept) not in (kept, other):
        raise InputRefusedError(
            reason=N_("the first of them was itself merged into another person")
        )
    if merged.standing_for(vault.database, kept) == other:
        raise InputRefusedError(
            reason=N_("they are merged already, the other way round; separate them first")
        )
    with acting(vault, ActionKind.MERGE):
        records.revise(vault, kept, _put_together(one, two, chosen or {}))
        distinct = [i for i in _list(two.values.get("distinct_from")) if i != kept]
        values: dict[str, Json] = {merged.FIELD: kept}
        if len(distinct) != len(_list(two.values.get("distinct_from"))):
            values["distinct_from"] = distinct or None
        records.revise(vault, other, values)
    vault.written()


def missing_from(vault: Vault, kept: str, other: str) -> bool:
    """Tell whether a merged person's record has parts that the one standing for it lacks."""
    one, two = records.state_of(vault, kept), records.state_of(vault, other)
    return bool(_put_together(one, two, {}))


def separate(vault: Vault, other: str) -> None:
    """Let a merged person stand for themselves again.

    If this copy of the vault merged them and still remembers it, that merge is taken back. Else
    the parts that came with it and were not changed since are removed from the kept person.

    Raises:
        RecordNotFoundError, InputRefusedError: it was not merged.
    """
    two = _person(vault, other)
    kept = two.values.get(merged.FIELD)
    if not isinstance(kept, str):
        raise InputRefusedError(reason=N_("this person was not merged into another"))
    for action in actions(vault):
        is_it = action.kind is ActionKind.MERGE and other in {
            record for record, _ in action.written
        }
        if is_it and action.undone_by is None:
            undo_action(vault, action)
            if records.state_of(vault, other).values.get(merged.FIELD) is None:
                return
    with acting(vault, ActionKind.UNMERGE):
        records.revise(vault, other, {merged.FIELD: None})
        if records.type_of(vault, kept) == PERSON.name:
            one = records.state_of(vault, kept)
            records.revise(vault, kept, _without_parts_of(one, two))
    vault.written()


def mark_distinct(vault: Vault, one: str, other: str) -> None:
    """Remember that two people with like names are two; they are suggested no more.

    Raises:
        RecordNotFoundError, InputRefusedError.
    """
    state = _person(vault, one)
    _person(vault, other)
    known = _list(state.values.get("distinct_from"))
    if other not in known:
        with acting(vault, ActionKind.NOT_THE_SAME):
            records.revise(vault, one, {"distinct_from": [*known, other]})
    vault.written()


def _person(vault: Vault, record: str) -> State:
    if records.type_of(vault, record) is None:
        raise RecordNotFoundError(name=record)
    state = records.state_of(vault, record)
    if state.type != PERSON.name:
        raise InputRefusedError(reason=N_("the record {name} is no person"), name=record)
    return state


def _holds_one_value(field: Field) -> bool:
    in_many = (Kind.ITEMS, Kind.OWN, Kind.TEXTS, Kind.TERMS, Kind.LINKS)
    return field.kind not in in_many and not field.is_set_elsewhere


def _put_together(one: State, two: State, chosen: Mapping[str, Json]) -> dict[str, Json]:
    """Return the fields of the kept person that change.

    A field in conflict stays as it is: which of its values holds is for a person to settle.
    """
    disputed = {conflict.path.partition("/")[0] for conflict in one.conflicts}
    result: dict[str, Json] = {}
    for field in PERSON.fields:
        mine, theirs = one.values.get(field.name), two.values.get(field.name)
        if field.is_set_elsewhere or theirs is None:
            continue
        if field.kind in (Kind.ITEMS, Kind.OWN):
            new = _new_items(field, mine, theirs, one.record)
            if new:
                result[field.name] = [*_list(mine), *new]
        elif field.kind in (Kind.TEXTS, Kind.TERMS, Kind.LINKS):
            new = [part for part in _list(theirs) if part not in _list(mine)]
            if new and field.name not in disputed and isinstance(theirs, list):
                result[field.name] = [*_list(mine), *new]
        elif field.name in chosen and field.name not in disputed:
            result[field.name] = chosen[field.name]
        elif mine is None and field.name not in disputed and not _is_companion(field.name, one):
            result[field.name] = theirs
    return {name: value for name, value in result.items() if not same(value, one.values.get(name))}


def _is_companion(name: str, one: State) -> bool:
    """Tell whether a field belongs to a date that the kept person has: words of another date."""
    date = name.removesuffix("_words").removesuffix("_inferred")
    return date != name and one.values.get(date) is not None


def _new_items(field: Field, mine: Json, theirs: Json, kept: str) -> list[Json]:
    """Return the items that only the other has, with their ids, so that twice merged is once."""
    known = [item for item in _list(mine) if isinstance(item, dict)]
    ids = {item.get("id") for item in known}
    contents = [_content(item) for item in known]
    return [
        item
        for item in _list(theirs)
        if isinstance(item, dict)
        and item.get("id") not in ids
        and (field.kind is Kind.OWN or _content(item) not in contents)
        and item.get("person") != kept
    ]


def _without_parts_of(one: State, two: State) -> dict[str, Json]:
    result: dict[str, Json] = {}
    for field in PERSON.fields:
        mine, theirs = one.values.get(field.name), two.values.get(field.name)
        if field.kind is Kind.ITEMS and isinstance(mine, list) and isinstance(theirs, list):
            left = [item for item in mine if item not in theirs]
            if len(left) != len(mine):
                result[field.name] = left
    return result


def _content(item: Mapping[str, Json]) -> dict[str, Json]:
    return {part: value for part, value in item.items() if part != "id"}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
