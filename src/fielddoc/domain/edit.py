"""From values as a person gives them to the paths that a revision sets, and back.

A field that is given replaces what the record has; one that is not given stays. A list of items is
given whole: an item with a known `id` is changed, one without gets a fresh id, one that is missing
is deleted. null clears a field.
"""

from collections.abc import Container, Mapping, Sequence

from fielddoc.domain.canonical import Json, NotCanonicalError, check_value, same
from fielddoc.domain.merge import NO_POSITION, State
from fielddoc.domain.own_fields import VALUE
from fielddoc.domain.revision import is_path, is_record_id, new_id
from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.i18n import N_


class EditRefusedError(ValueError):
    """The values are not of a form that can be kept; `reason`, filled with `fields`, says why."""

    def __init__(self, reason: str, **fields: str) -> None:
        super().__init__(reason.format(**fields))
        self.reason = reason
        self.fields = fields


def changes(declared: RecordType, present: State, given: Mapping[str, Json]) -> dict[str, Json]:
    """Return the paths to set so that `given` holds; empty when it holds already.

    Values of a wrong kind are kept as given: `fielddoc.domain.validation` shows their problems.

    Raises:
        EditRefusedError: an unknown field, a list of items that is not one, or a value that
            canonical JSON cannot carry.
    """
    result: dict[str, Json] = {}
    for name, value in given.items():
        field = declared.field(name)
        before = present.values.get(name)
        if field is None and before is None:
            known = ", ".join(known.name for known in declared.fields)
            raise EditRefusedError(
                N_("{type_name} has no field '{name}'; it has {known}"),
                type_name=declared.name,
                name=name,
                known=known,
            )
        _check(name, value)
        if (field is not None and field.kind in _OF_ITEMS) or _is_items(present, name):
            parts = None if field is None else _part_names(field)
            result.update(_item_changes(name, parts, present, value))
        elif not same(value, before):
            result[name] = value
    return result


_OF_ITEMS = (Kind.ITEMS, Kind.OWN)


def _part_names(field: Field) -> set[str]:
    return {VALUE} if field.kind is Kind.OWN else {part.name for part in field.fields}


def restored(present: State, wanted: Mapping[str, Json]) -> dict[str, Json]:
    """Return the paths to set so that the values of `present` become `wanted`, field for field."""
    result: dict[str, Json] = {}
    for name in {*present.values, *wanted}:
        before, after = present.values.get(name), wanted.get(name)
        if _is_items(present, name) or _was_items(present, name, after):
            result.update(_item_changes(name, None, present, after))
        elif not same(before, after):
            result[name] = after
    return result


def _check(name: str, value: Json) -> None:
    if not is_path(name) or name == ".":
        raise EditRefusedError(N_("'{name}' cannot be the name of a field"), name=name)
    try:
        check_value(value, 3)  # it will stand inside a revision and its `set`
    except NotCanonicalError as error:
        raise EditRefusedError(N_("{name}: {why}"), name=name, why=str(error)) from error


def _is_items(present: State, name: str) -> bool:
    """Tell whether a field holds items now; the shape of a value does not say so."""
    return any(path.startswith(name + "/") for path in present.positions)


def _was_items(present: State, name: str, wanted: Json) -> bool:
    """Tell whether `wanted` names items that were deleted since."""
    return isinstance(wanted, list) and any(
        isinstance(part, dict) and f"{name}/{part.get('id')}" in present.buried for part in wanted
    )


def _item_changes(
    name: str, parts: Container[str] | None, present: State, given: Json
) -> dict[str, Json]:
    """Return the changes that make the items of `name` those of `given`.

    Args:
        name: the field.
        parts: names that an item may have; None if the field is of a newer version.
        present: the state of the record.
        given: a list of objects, or null for none.
    """
    known = (
        {str(item["id"]): item for item in _objects(name, present.values.get(name))}
        if _is_items(present, name)
        else {}
    )
    result: dict[str, Json] = {}
    if not known and present.values.get(name) is not None:
        result[name] = None  # a plain value that somebody wrote where items belong
    kept: list[str] = []
    for item in _objects(name, given):
        identity = _item_id(name, item)
        if identity in kept:
            raise EditRefusedError(
                N_("{name}: the item id {identity} stands twice"), name=name, identity=identity
            )
        kept.append(identity)
        before = known.get(identity, present.buried.get(f"{name}/{identity}", {}))
        for part, value in {**dict.fromkeys(before), **item}.items():
            if part == "id" or same(value, before.get(part)):
                continue
            if parts is not None and part not in parts and part not in before:
                raise EditRefusedError(N_("{name} has no part '{part}'"), name=name, part=part)
            _check(part, value)
            result[f"{name}/{identity}/{part}"] = value
    result.update(_places(name, list(known), kept, present.positions))
    result.update({f"{name}/{identity}": None for identity in known if identity not in kept})
    return result


def _places(
    name: str, known: list[str], kept: list[str], positions: Mapping[str, int]
) -> dict[str, Json]:
    """Return the places to tell.

    Appending tells only the new ones, so that two devices which both append do not disturb each
    other; any other order tells all places again.
    """
    staying = [identity for identity in known if identity in kept]
    if kept == staying:
        return {}
    last = max((positions[f"{name}/{identity}"] for identity in staying), default=-1)
    if kept[: len(staying)] == staying and last < NO_POSITION - len(kept):
        new = kept[len(staying) :]
        return {f"{name}/{identity}": last + n for n, identity in enumerate(new, 1)}
    return {f"{name}/{identity}": place for place, identity in enumerate(kept)}


def _objects(name: str, value: Json) -> Sequence[dict[str, Json]]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise EditRefusedError(N_("{name} takes a list of objects"), name=name)
    objects = [part for part in value if isinstance(part, dict)]
    if len(objects) != len(value):
        raise EditRefusedError(N_("{name} takes a list of objects"), name=name)
    return objects


def _item_id(name: str, item: Mapping[str, Json]) -> str:
    identity = item.get("id")
    if identity is None:
        return new_id()
    if not isinstance(identity, str) or not is_record_id(identity):
        raise EditRefusedError(
            N_("{name}: an item's id is made by fielddoc; leave it out for a new one"), name=name
        )
    return identity
