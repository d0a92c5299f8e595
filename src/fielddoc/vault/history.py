"""What changed in a record, when, and where it came from."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from fielddoc.domain.canonical import Json
from fielddoc.domain.merge import State, merge
from fielddoc.domain.revision import Revision
from fielddoc.errors import RecordNotFoundError
from fielddoc.vault import records
from fielddoc.vault.vault import Vault

_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that a datetime can hold


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One revision as a person reads it."""

    revision: str
    written_at: str
    """UTC, ISO 8601 to the second; only the day in what a partner sent."""
    device: str
    is_brought: bool
    """Whether a bundle brought it: a partner's, or one of another copy of this vault."""
    signer: bytes | None
    """The key that signed the bundle that brought it; None if it was written on one of our copies."""
    changes: Mapping[str, Json]


def history(vault: Vault, record: str) -> list[HistoryEntry]:
    """Return the revisions of a record in the order in which they were written.

    What a revision has seen stands before it, whatever the clocks say: those of a partner tell the
    day only.

    Raises:
        RecordNotFoundError: there is none of this id.
    """
    revisions = records.revisions_of(vault, record)
    if not revisions:
        raise RecordNotFoundError(name=record)
    brought = records.brought_revisions(vault, record)
    signers = records.foreign_signers(vault, record)
    return [
        HistoryEntry(
            revision=revision.id,
            written_at=_time(revision.clock.ms, day_only=revision.derived),
            device=revision.device,
            is_brought=revision.id in brought,
            signer=signers.get(revision.id),
            changes=revision.changes,
        )
        for revision in _in_order(revisions)
    ]


def _in_order(revisions: Sequence[Revision]) -> Iterator[Revision]:
    """Yield revisions by their clocks, each behind those of the given ones that it has seen."""
    known = {revision.id: revision for revision in revisions}
    waiting = {one.id: {*one.parents} & known.keys() for one in revisions}
    followers: dict[str, list[str]] = {}
    for identity, parents in waiting.items():
        for parent in parents:
            followers.setdefault(parent, []).append(identity)
    ready = [(known[one].clock, one) for one, parents in waiting.items() if not parents]
    heapify(ready)
    while ready:
        _, identity = heappop(ready)
        yield known[identity]
        for follower in followers.get(identity, ()):
            waiting[follower].discard(identity)
            if not waiting[follower]:
                heappush(ready, (known[follower].clock, follower))


def state_at(vault: Vault, record: str, revision: str) -> State:
    """Return the record as its writer had it before them when they wrote a revision.

    That is the merge of the revision and of everything it had seen; what others wrote meanwhile
    without being seen is not part of it.

    Raises:
        RecordNotFoundError: there is no such record, or no such revision of it.
    """
    known = {one.id: one for one in records.revisions_of(vault, record)}
    if revision not in known:
        raise RecordNotFoundError(name=record)
    seen: dict[str, Revision] = {}
    waiting = [revision]
    while waiting:
        identity = waiting.pop()
        if identity in known and identity not in seen:
            seen[identity] = known[identity]
            waiting += known[identity].parents
    foreign = records.foreign_revisions(vault, record)
    return merge(seen.values(), lambda identity: identity not in foreign)


def restore_to(vault: Vault, record: str, revision: str) -> bool:
    """Write a new revision that makes the record what it was at an earlier one; nothing is lost.

    Returns whether anything changed.

    Raises:
        RecordNotFoundError: there is no such record, or no such revision of it.
    """
    wanted = state_at(vault, record, revision)
    with vault.database.transaction():
        changed = records.set_state(vault, record, wanted.values)
    vault.written()
    return changed


def _time(ms: int, *, day_only: bool) -> str:
    moment = datetime.datetime.fromtimestamp(min(ms // 1000, _LAST_SECOND), datetime.UTC)
    return moment.date().isoformat() if day_only else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
