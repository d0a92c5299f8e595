"""Records in the vault: every change is one revision, durable when the call returns."""

import time
import uuid
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from fielddoc.domain import edit
from fielddoc.domain.canonical import Json
from fielddoc.domain.matches import Excerpt, excerpts
from fielddoc.domain.merge import Conflict, State, merge
from fielddoc.domain.query import Query, plain
from fielddoc.domain.record_types import record_type
from fielddoc.domain.revision import (
    MAXIMUM_PARENTS,
    RECORD_PATH,
    Clock,
    Revision,
    RevisionFormError,
    is_record_id,
    new_id,
    read_stored_revision,
    write_revision,
)
from fielddoc.domain.schema import Kind, RecordType
from fielddoc.domain.validation import Problem, check
from fielddoc.errors import InputRefusedError, RecordNotFoundError, VaultDamagedError
from fielddoc.i18n import N_
from fielddoc.vault import compartment, log, merged, projections, search
from fielddoc.vault.database import Row
from fielddoc.vault.finding import Wanted, find
from fielddoc.vault.journal import ActionKind, acting, note_revision
from fielddoc.vault.own_fields import full_type
from fielddoc.vault.purge import is_purged
from fielddoc.vault.standing import IN_TRASH
from fielddoc.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands now."""

    id: str
    type: str
    values: Mapping[str, Json]
    deleted: bool
    conflicts: tuple[Conflict, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A row of a list."""

    id: str
    type: str
    title: str
    earliest: str | None
    """ISO date of the earliest day that the record's dates may mean."""
    latest: str | None
    deleted: bool
    conflicts: int
    number: int = 0
    """Of its row, by which lists ask for it; greater for newer ones."""
    has_draft: bool = False
    """Whether something was typed for it that is not saved as a revision yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """What a list says of a record's dates as they were written; each may be empty."""

    date: str
    """When it happened, has lasted since, or was sent, in EDTF: it knows "about"."""
    status: str
    status_as_of: str


@dataclass(slots=True)
class Taken:
    """What became of received revisions."""

    added: int = 0
    known: int = 0
    purged: int = 0
    """Revisions of records that were purged here; they do not come back."""
    records: set[str] = field(default_factory=set)
    """Ids of the records that changed."""


def now_ms() -> int:
    """Return Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


# --- writing -------------------------------------------------------------------------------------


def add(
    vault: Vault, type_name: str, values: Mapping[str, Json], *, record: str | None = None
) -> str:
    """Write a new record and return its id.

    Args:
        vault: the vault.
        type_name: one of `fielddoc.domain.record_types`.
        values: field name to value; items without an id get one.
        record: an id to use, for a record that was made elsewhere.

    Raises:
        InputRefusedError: an unknown type or field, or a value that cannot be kept.
    """
    declared = _declared(type_name)
    identity = new_id() if record is None else record
    if not is_record_id(identity):
        raise InputRefusedError(
            reason=N_("an id is a UUID in small letters, as fielddoc prints it")
        )
    if is_purged(vault.database, identity):
        raise InputRefusedError(reason=N_("a record of this id was purged from this vault"))
    empty = State(identity, type_name, (), {}, {}, deleted=False, conflicts=(), buried={})
    with acting(vault, ActionKind.ADD):
        changes = _changes(vault, declared, empty, values)
        _append(vault, empty, {RECORD_PATH: True, **changes})
        project(vault, identity)
    vault.written()
    return identity


def revise(vault: Vault, record: str, values: Mapping[str, Json]) -> bool:
    """Change fields of a record; return whether anything changed.

    Raises:
        RecordNotFoundError, InputRefusedError.
    """
    with acting(vault, ActionKind.CHANGE):
        state = state_of(vault, record)
        changes = _changes(vault, _declared(state.type), state, values)
        if changes:
            _append(vault, state, changes)
            project(vault, record)
    vault.written()
    return bool(changes)


def set_state(vault: Vault, record: str, wanted: Mapping[str, Json]) -> bool:
    """Make the values of a record exactly `wanted`; return whether anything changed."""
    state = state_of(vault, record)
    return _write(vault, state, edit.restored(state, wanted), ActionKind.EARLIER_VERSION)


def delete(vault: Vault, record: str) -> bool:
    """Move a record to the trash; return whether it was not there already."""
    state = state_of(vault, record)
    return _write(vault, state, {} if state.deleted else {RECORD_PATH: None}, ActionKind.DELETE)


def restore(vault: Vault, record: str) -> bool:
    """Take a record out of the trash; return whether it was there."""
    state = state_of(vault, record)
    return _write(vault, state, {RECORD_PATH: True} if state.deleted else {}, ActionKind.RESTORE)


def settle(vault: Vault, record: str, path: str, value: Json) -> bool:
    """Settle a conflict: write `value` as the one that holds, having seen all others.

    Raises:
        RecordNotFoundError: no such record.
        InputRefusedError: nothing is in conflict at `path`.
    """
    state = state_of(vault, record)
    if not any(conflict.path == path for conflict in state.conflicts):
        raise InputRefusedError(reason=N_("nothing is in conflict at '{path}'"), path=path)
    return _write(vault, state, {path: value}, ActionKind.SETTLE)


def receive(vault: Vault, revisions: Iterable[Revision], *, received: int) -> Taken:
    """Add revisions that came in a bundle, in the running transaction; nothing is overwritten.

    Args:
        vault: the vault.
        revisions: parsed and checked.
        received: number of the row in `received` that says which bundle brought them.
    """
    database = vault.database
    taken = Taken()
    clock, device = _clock(vault), vault.device
    is_copied = False
    for revision in revisions:
        identity = bytes.fromhex(revision.id)
        if is_purged(database, revision.record):
            taken.purged += 1
            continue
        known = database.value("SELECT 1 FROM revision WHERE id = ?", (identity,))
        if known:
            taken.known += 1
            # What was written here stays one's own, even when a partner sends it back.
            database.query(
                "INSERT OR IGNORE INTO revision_origin SELECT ?1, ?2 WHERE EXISTS"
                " (SELECT 1 FROM revision_origin WHERE revision = ?1)",
                (identity, received),
            )
            continue
        insert_revision(vault, revision)
        database.query("INSERT INTO revision_origin VALUES (?, ?)", (identity, received))
        clock = clock.seen(revision.clock, now_ms())
        is_copied = is_copied or revision.device == device
        taken.added += 1
        taken.records.add(revision.record)
    _keep_clock(vault, clock)
    if is_copied:  # somebody writes under this copy's id what this copy never wrote
        vault.renew_device()
    for record in sorted(taken.records):
        project(vault, record)
    return taken


def _write(vault: Vault, state: State, changes: Mapping[str, Json], kind: ActionKind) -> bool:
    if not changes:
        return False
    with acting(vault, kind):
        _append(vault, state, changes)
        project(vault, state.record)
    vault.written()
    return True


def append(vault: Vault, state: State, changes: Mapping[str, Json]) -> Revision:
    """Write a revision of a record that has seen `state`, in the running transaction.

    `project` makes it visible. A draft of the record stays.
    """
    clock = _clock(vault).next(now_ms())
    revision = write_revision(
        record=state.record,
        type_=state.type,
        parents=state.heads[:MAXIMUM_PARENTS],
        changes=changes,
        clock=clock,
        device=vault.device,
    )
    insert_revision(vault, revision)
    _keep_clock(vault, clock)
    note_revision(vault, revision)
    return revision


def _append(vault: Vault, state: State, changes: Mapping[str, Json]) -> None:
    append(vault, state, changes)
    vault.database.query("DELETE FROM draft WHERE record = ?", (_raw(state.record),))


def insert_revision(vault: Vault, revision: Revision) -> None:
    """Keep a revision and log it, in the running transaction; `project` makes it visible."""
    identity = bytes.fromhex(revision.id)
    vault.database.query(
        "INSERT INTO revision (id, record, body) VALUES (?, ?, ?)",
        (identity, _raw(revision.record), revision.body),
    )
    log.append(vault.database, "revision", identity, identity)


def _clock(vault: Vault) -> Clock:
    value = vault.meta("clock")
    if not isinstance(value, bytes):
        return Clock(0, 0)
    ms, _, counter = value.partition(b" ")
    return Clock(int(ms), int(counter))


def _keep_clock(vault: Vault, clock: Clock) -> None:
    vault.set_meta("clock", b"%d %d" % (clock.ms, clock.counter))


def _declared(type_name: str) -> RecordType:
    declared = record_type(type_name)
    if declared is None:
        raise InputRefusedError(reason=N_("there is no record type '{name}'"), name=type_name)
    return declared


def _changes(
    vault: Vault, declared: RecordType, state: State, values: Mapping[str, Json]
) -> dict[str, Json]:
    """Return the paths to set, with identities of sources sealed."""
    given = dict(values)
    for sealed in (part for part in declared.fields if part.kind is Kind.SEALED):
        wanted = given.get(sealed.name)
        if wanted is None or compartment.is_sealed(wanted):
            continue
        present = state.values.get(sealed.name)
        if compartment.open_value(vault, state.record, sealed.name, present) == wanted:
            given[sealed.name] = present
        else:
            given[sealed.name] = compartment.seal_value(vault, state.record, sealed.name, wanted)
    try:
        return edit.changes(declared, state, given)
    except edit.EditRefusedError as error:
        raise InputRefusedError(reason=error.reason, **error.fields) from error


# --- reading -------------------------------------------------------------------------------------


def revisions_of(vault: Vault, record: str, *, until: int | None = None) -> list[Revision]:
    """Return all revisions of a record, in the order in which they came, each hash verified.

    Args:
        vault: the vault.
        record: its id.
        until: leave out those whose number is greater; see `last_revision`.

    Raises:
        VaultDamagedError: a revision is not what was written.
    """
    rows = vault.database.query(
        "SELECT id, body FROM revision WHERE record = ? AND number <= ? ORDER BY number",
        (_raw(record), _NO_LIMIT if until is None else until),
    )
    return [_verified(row) for row in rows]


_NO_LIMIT = 2**63 - 1


def last_revision(vault: Vault) -> int:
    """Return the number of the newest revision; later ones have greater numbers."""
    value = vault.database.value("SELECT max(number) FROM revision")
    return value if isinstance(value, int) else 0


def _verified(row: Row) -> Revision:
    identity, body = cast("tuple[bytes, bytes]", row)
    try:
        revision = read_stored_revision(body)
    except RevisionFormError as error:
        raise VaultDamagedError from error
    if revision.id != identity.hex():
        raise VaultDamagedError
    return revision


def state_of(vault: Vault, record: str, *, until: int | None = None) -> State:
    """Return the merged state of a record, or what it was at an earlier revision's number.

    Raises:
        RecordNotFoundError: there is none of this id.
    """
    revisions = revisions_of(vault, record, until=until)
    if not revisions:
        raise RecordNotFoundError(name=record)
    foreign = foreign_revisions(vault, record)
    return merge(revisions, lambda identity: identity not in foreign)


def foreign_revisions(vault: Vault, record: str) -> frozenset[str]:
    """Return the ids of a record's revisions that only other signers' bundles brought."""
    return frozenset(foreign_signers(vault, record))


def foreign_signers(vault: Vault, record: str) -> dict[str, bytes]:
    """Return for each such revision the key that signed the bundle that was the first to bring it."""
    # The signer is that of the row with the least number: so SQLite defines it beside one min().
    rows = vault.database.query(
        "SELECT revision.id, received.signer, min(received.number) FROM revision"
        " JOIN revision_origin ON revision_origin.revision = revision.id"
        " JOIN received ON received.number = revision_origin.received"
        " WHERE revision.record = ? GROUP BY revision.id"
        " HAVING sum(received.signer IN (SELECT signing_key FROM identity)) = 0",
        (_raw(record),),
    )
    found = (cast("tuple[bytes, bytes, int]", row) for row in rows)
    return {identity.hex(): signer for identity, signer, _ in found}


def brought_revisions(vault: Vault, record: str) -> frozenset[str]:
    """Return the ids of a record's revisions that were not written in this copy of the vault."""
    rows = vault.database.query(
        "SELECT DISTINCT revision.id FROM revision"
        " JOIN revision_origin ON revision_origin.revision = revision.id WHERE revision.record = ?",
        (_raw(record),),
    )
    return frozenset(row[0].hex() for row in rows if isinstance(row[0], bytes))


def get(vault: Vault, record: str) -> Record:
    """Return a record with its problems and conflicts; identities of sources opened if possible.

    Raises:
        RecordNotFoundError: there is none of this id.
    """
    state = state_of(vault, record)
    declared = full_type(vault, state.type)
    values = dict(state.values)
    problems: tuple[Problem, ...] = ()
    if declared is not None:
        problems = check(declared, values, lambda other: type_of(vault, other))
        for sealed in (part for part in declared.fields if part.kind is Kind.SEALED):
            if sealed.name in values:
                opened = compartment.open_value(vault, record, sealed.name, values[sealed.name])
                values[sealed.name] = values[sealed.name] if opened is None else opened
    return Record(record, state.type, values, state.deleted, state.conflicts, problems)


def has_revision(vault: Vault, identity: str) -> bool:
    """Tell whether a revision of this id is in the vault."""
    known = vault.database.value("SELECT 1 FROM revision WHERE id = ?", (bytes.fromhex(identity),))
    return known is not None


def type_of(vault: Vault, record: str) -> str | None:
    """Return the type of a record, or None if there is none of this id."""
    value = vault.database.value("SELECT type FROM record WHERE id = ?", (_raw(record),))
    return value if isinstance(value, str) else None


def is_in_trash(vault: Vault, record: str) -> bool:
    """Tell whether a record is in the trash."""
    return bool(
        vault.database.value(
            "SELECT 1 FROM record WHERE id = ? AND deleted = ?",
            (_raw(record), IN_TRASH),
        )
    )


def listing(
    vault: Vault,
    *,
    type_name: str | None = None,
    text: str = "",
    trash: bool = False,
    limit: int = 1_000_000,
) -> list[ListedRecord]:
    """Return records, newest first.

    Args:
        vault: the vault.
        type_name: only this type.
        text: only records that hold each of these words; what stands in quotes is one.
        trash: records in the trash instead of those outside.
        limit: at most so many.
    """
    return rows(vault, numbers(vault, type_name=type_name, text=text, trash=trash, limit=limit))


def counts(vault: Vault) -> dict[tuple[str, bool], int]:
    """Return how many records there are of each type, outside and inside the trash."""
    rows = vault.database.query(
        "SELECT type, deleted, count(*) FROM record WHERE deleted IN (0, 1) GROUP BY deleted, type"
    )
    return {(str(name), bool(deleted)): cast("int", count) for name, deleted, count in rows}


def numbers(
    vault: Vault,
    *,
    type_name: str | None = None,
    text: str = "",
    trash: bool = False,
    limit: int | None = None,
) -> "array[int]":
    """Return the row numbers of records, newest first, for `rows` to bring page by page.

    Args: see `listing`.
    """
    if text.strip() and not (query := plain(text)).clauses:
        return array("q")
    wanted = Wanted(query if text.strip() else Query(), type_name=type_name, trash=trash)
    return find(vault, wanted, limit=limit)


def rows(vault: Vault, wanted: Sequence[int]) -> list[ListedRecord]:
    """Return the list rows of these numbers, in this order, without those that are gone."""
    found: dict[int, ListedRecord] = {}
    for start in range(0, len(wanted), _ROWS_AT_ONCE):
        some = wanted[start : start + _ROWS_AT_ONCE]
        places = ", ".join("?" * len(some))
        for row in vault.database.query(
            f"SELECT {_LISTED} FROM record WHERE number IN ({places})",  # noqa: S608
            tuple(some),
        ):
            listed = _listed(row)
            found[listed.number] = listed
    return [found[number] for number in wanted if number in found]


def stood_of(vault: Vault, wanted: Sequence[int]) -> dict[int, Stood]:
    """Return for these numbers what a list says of their dates beyond the days of its row."""
    found: dict[int, Stood] = {}
    for start in range(0, len(wanted), _ROWS_AT_ONCE):
        some = wanted[start : start + _ROWS_AT_ONCE]
        places = ", ".join("?" * len(some))
        for number, *texts in vault.database.query(
            f"SELECT number, {_STOOD} FROM record WHERE number IN ({places})",  # noqa: S608
            tuple(some),
        ):
            date, status, as_of = (text if isinstance(text, str) else "" for text in texts)
            found[cast("int", number)] = Stood(date=date, status=status, status_as_of=as_of)
    return found


# The database looks into the values itself: a chronology may be long, and three texts are wanted.
_STOOD = (
    "coalesce(json_extract(CAST(state AS TEXT), '$.date'),"
    " json_extract(CAST(state AS TEXT), '$.since'),"
    " json_extract(CAST(state AS TEXT), '$.sent_on')),"
    " json_extract(CAST(state AS TEXT), '$.status'),"
    " json_extract(CAST(state AS TEXT), '$.status_as_of')"
)


def excerpts_of(vault: Vault, wanted: Sequence[int], query: Query) -> dict[int, Excerpt]:
    """Return for these numbers the piece of text that holds what was sought, where there is one.

    Names and titles are left out: a list shows them anyway.
    """
    found: dict[int, Excerpt] = {}
    for start in range(0, len(wanted), _ROWS_AT_ONCE):
        some = wanted[start : start + _ROWS_AT_ONCE]
        places = ", ".join("?" * len(some))
        for number, type_name, body in vault.database.query(
            f"SELECT number, type, state FROM record WHERE number IN ({places})",  # noqa: S608
            tuple(some),
        ):
            values = projections.stored_values(cast("bytes", body))
            for excerpt in excerpts(cast("str", type_name), values, query, most=1):
                found[cast("int", number)] = excerpt
    return found


def number_of(vault: Vault, record: str) -> int | None:
    """Return the row number of a record, or None if there is none of this id."""
    value = vault.database.value("SELECT number FROM record WHERE id = ?", (_raw(record),))
    return value if isinstance(value, int) else None


_ROWS_AT_ONCE = 2000
_LISTED = (
    "record.id, record.type, title, earliest, latest, deleted, conflicts, record.number,"
    " EXISTS (SELECT 1 FROM draft WHERE draft.record = record.id)"
)


def _listed(row: Row) -> ListedRecord:
    identity, type_name, title, earliest, latest, deleted, conflicts, number, has_draft = row
    return ListedRecord(
        id=str(uuid.UUID(bytes=cast("bytes", identity))),
        type=cast("str", type_name),
        title=cast("str", title),
        earliest=cast("str | None", earliest),
        latest=cast("str | None", latest),
        deleted=deleted == IN_TRASH,
        conflicts=cast("int", conflicts),
        number=cast("int", number),
        has_draft=bool(has_draft),
    )


def projected(vault: Vault, record: str) -> tuple[str, dict[str, Json]] | None:
    """Return type and present values of a record as its list row keeps them, or None.

    That is one read instead of a merge of all its revisions; nothing sealed is in it.
    """
    found = vault.database.query("SELECT type, state FROM record WHERE id = ?", (_raw(record),))
    if not found:
        return None
    type_name, body = cast("tuple[str, bytes]", found[0])
    return type_name, projections.stored_values(body)


def linking_to(vault: Vault, record: str) -> list[str]:
    """Return the ids of records that link to this one."""
    rows = vault.database.query(
        "SELECT DISTINCT source FROM link WHERE target = ? ORDER BY source", (_raw(record),)
    )
    return [str(uuid.UUID(bytes=row[0])) for row in rows if isinstance(row[0], bytes)]


# --- projections ---------------------------------------------------------------------------------


def project(vault: Vault, record: str) -> None:
    """Make the list row, links and search text of a record anew from its revisions."""
    state = state_of(vault, record)
    if state.type != "person":
        projections.project(vault.database, state)
        return
    group = merged.group_of(vault.database, record)
    projections.project(vault.database, state)
    merged.place(vault.database, group | merged.group_of(vault.database, record))


def rebuild_projections(
    vault: Vault, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> int:
    """Make every projection anew, in one transaction; return how many records there are.

    `progress` is told records done and in all.
    """
    database = vault.database
    with database.transaction():
        rows = database.query("SELECT record FROM revision GROUP BY record ORDER BY min(number)")
        projections.clear(database)
        for done, row in enumerate(rows, 1):
            project(vault, str(uuid.UUID(bytes=cast("bytes", row[0]))))
            progress(done, len(rows))
        vault.set_meta("search version", search.version().encode())
    return len(rows)


def renew_search_if_old(
    vault: Vault, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> bool:
    """Rebuild projections if this program would index otherwise than the one that wrote them."""
    if vault.meta("search version") == search.version().encode():
        return False
    rebuild_projections(vault, progress)
    return True


def _raw(record: str) -> bytes:
    try:
        return uuid.UUID(record).bytes
    except ValueError as error:
        raise RecordNotFoundError(name=record) from error
