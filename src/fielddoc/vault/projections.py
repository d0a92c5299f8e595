"""What lists, links and search read of a record: rows that can be made anew from its revisions."""

import dataclasses
import json
import uuid
from typing import TypeAlias, cast

from fielddoc.domain.canonical import Json, encode
from fielddoc.domain.facets import days_of
from fielddoc.domain.merge import State
from fielddoc.domain.record_types import record_type
from fielddoc.domain.schema import Kind
from fielddoc.vault import search
from fielddoc.vault.database import Database, Value
from fielddoc.vault.standing import IN_TRASH, LISTED

COLUMNS = "type, title, earliest, latest, deleted, conflicts, state"
Row: TypeAlias = "tuple[str, str, str | None, str | None, int, int, bytes]"
"""Values of `COLUMNS`, in their order."""


def projected(state: State) -> tuple[Row, search.Indexed, list[tuple[str, str]]]:
    """Return the list row of a record, what the index takes in, and path and target of its links."""
    searchable = _without_sealed(state)
    earliest, latest = _span(state)
    row = (
        state.type,
        _title(state),
        earliest,
        latest,
        int(state.deleted),
        len(state.conflicts),
        encode(dict(searchable)),
    )
    standing = IN_TRASH if state.deleted else LISTED
    indexed = search.Indexed(state.type, searchable, standing, bool(state.conflicts))
    return row, indexed, sorted(_links(state))


def project(database: Database, state: State) -> None:
    """Write the list row, links and search text of a record, in the running transaction."""
    raw = uuid.UUID(state.record).bytes
    old = database.query(f"SELECT number, {_WAS_INDEXED} FROM record WHERE id = ?", (raw,))  # noqa: S608
    row, after, links = projected(state)
    match old:
        case [(int() as number, *was)]:
            search.replace(database, number, _indexed(*was), after)
            database.query(
                f"UPDATE record SET ({COLUMNS}) = (?, ?, ?, ?, ?, ?, ?) WHERE number = ?",  # noqa: S608
                (*row, number),
            )
        case _:
            number = cast(
                "int",
                database.value(
                    f"INSERT INTO record ({COLUMNS}, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
                    " RETURNING number",
                    (*row, raw),
                ),
            )
            search.add(database, number, after)
    database.query("DELETE FROM link WHERE source = ?", (raw,))
    for path, target in links:
        database.query(
            "INSERT OR IGNORE INTO link VALUES (?, ?, ?)", (raw, path, uuid.UUID(target).bytes)
        )


def unindex(database: Database, raw: bytes) -> None:
    """Take a record, named by its raw id, out of the index; its row must still be there."""
    for number, *was in database.query(
        f"SELECT number, {_WAS_INDEXED} FROM record WHERE id = ?",  # noqa: S608
        (raw,),
    ):
        search.remove(database, cast("int", number), _indexed(*was))


_WAS_INDEXED = "type, state, deleted, conflicts"


def _indexed(type_name: Value, body: Value, deleted: Value, conflicts: Value) -> search.Indexed:
    values = stored_values(cast("bytes", body))
    return search.Indexed(cast("str", type_name), values, cast("int", deleted), bool(conflicts))


def stored_values(body: bytes) -> dict[str, Json]:
    """Return the values that a record's row holds.

    They are of our own making, so neither form nor size is judged again: a record that many
    revisions made large must still be readable.
    """
    return cast("dict[str, Json]", json.loads(body))


def clear(database: Database) -> None:
    """Remove all projections, in the running transaction."""
    database.query("DELETE FROM record")
    database.query("DELETE FROM link")
    database.query("INSERT INTO search (search) VALUES ('delete-all')")


def _without_sealed(state: State) -> dict[str, Json]:
    declared = record_type(state.type)
    sealed = {part.name for part in declared.fields if part.kind is Kind.SEALED} if declared else ()
    return {name: value for name, value in state.values.items() if name not in sealed}


def _title(state: State) -> str:
    """Return what a list shows for the record; empty if it has nothing of the kind."""
    names = state.values.get("names")
    if isinstance(names, list):
        texts = [n.get("text") for n in names if isinstance(n, dict) and n.get("kind") != "alias"]
        return " ".join(text for text in texts if isinstance(text, str))
    for name in ("title", "code_name", "name"):
        value = state.values.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _span(state: State) -> tuple[str | None, str | None]:
    """Return the earliest and latest day of what the record says happened, as ISO dates."""
    days = days_of(state.values)
    earliest = [one.first.isoformat() for one in days if one.first is not None]
    latest = [one.last.isoformat() for one in days if one.last is not None]
    return min(earliest, default=None), max(latest, default=None)


def _links(state: State) -> set[tuple[str, str]]:
    """Return path and target of every link in the record."""
    declared = record_type(state.type)
    if declared is None:
        return set()
    found: set[tuple[str, str]] = set()
    for part in declared.fields:
        value = state.values.get(part.name)
        if part.kind in (Kind.LINK, Kind.LINKS):
            found |= {(part.name, target) for target in _targets(value)}
        elif part.kind is Kind.ITEMS and isinstance(value, list):
            for inner in (i for i in part.fields if i.kind in (Kind.LINK, Kind.LINKS)):
                for item in value:
                    if isinstance(item, dict):
                        path = f"{part.name}/{inner.name}"
                        found |= {(path, target) for target in _targets(item.get(inner.name))}
    return found


def _targets(value: Json) -> list[str]:
    candidates = value if isinstance(value, list) else [value]
    return [text for text in candidates if isinstance(text, str) and _is_uuid(text)]


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def set_standing(database: Database, record: str, standing: int) -> None:
    """Let a record that is not in the trash be listed, or stand behind another one."""
    raw = uuid.UUID(record).bytes
    for number, *was in database.query(
        f"SELECT number, {_WAS_INDEXED} FROM record WHERE id = ?",  # noqa: S608
        (raw,),
    ):
        before = _indexed(*was)
        if before.standing not in (IN_TRASH, standing):
            after = dataclasses.replace(before, standing=standing)
            search.replace(database, cast("int", number), before, after)
            database.query("UPDATE record SET deleted = ? WHERE number = ?", (standing, number))
