"""From a set of revisions to the present state of a record: merge, conflicts, foreign values.

Merging is set union, so any order and any repetition give one result. For each path, a value
whose writer had seen another supersedes it; among values that did not see each other the greatest
(clock, device, id) is shown, and the others are shown as conflicts until somebody settles them. A
deletion holds only if its writer had seen every write to what it deletes.

Which revisions are one's own decides one thing more: what another signer wrote over one's own
present value stays "theirs" beside one's own until it is accepted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fielddoc.domain.canonical import Json, same
from fielddoc.domain.revision import RECORD_PATH, Revision

NO_POSITION = 2**53 - 1
"""Where an item stands whose place nobody told: last."""


@dataclass(frozen=True, slots=True)
class Rival:
    """A value that is not shown, and the revision that wrote it."""

    value: Json
    revision: str
    foreign: bool
    """Whether another signer wrote it over one's own value, rather than two devices at once."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A path with more than one present value."""

    path: str
    shown: Json
    rivals: tuple[Rival, ...]


@dataclass(frozen=True, slots=True)
class State:
    """The present state of one record."""

    record: str
    type: str
    heads: tuple[str, ...]
    """Revisions that no other known revision has seen; the parents of the next one."""
    values: dict[str, Json]
    """Field name to value; an ITEMS field is a list of objects with `id`, in order."""
    positions: dict[str, int]
    """`field/item` to the place of that item, for items that are present."""
    deleted: bool
    conflicts: tuple[Conflict, ...]
    buried: dict[str, dict[str, Json]]
    """`field/item` to the parts of deleted items, which would show again with the item."""


def everything_is_own(_: str) -> bool:
    """Answer for histories without foreign signers."""
    return True


def merge(
    revisions: Iterable[Revision], is_own: Callable[[str], bool] = everything_is_own
) -> State:
    """Return the state that `revisions` of one record amount to.

    Args:
        revisions: at least one; order and repetition do not matter; parents may be missing.
        is_own: tells by revision id whether this vault, or another with the same identity,
            wrote it.
    """
    history = _History(revisions, is_own)
    shown: dict[str, Json] = {}
    conflicts: list[Conflict] = []
    for path in sorted(history.writes):
        value, rivals = history.present(path)
        shown[path] = value
        if rivals:
            conflicts.append(Conflict(path, value, rivals))
    deleted, disputed = history.deleted(RECORD_PATH, history.writes)
    conflicts.extend(disputed)
    items, gone, item_conflicts, buried = _assemble(history, shown)
    conflicts = [conflict for conflict in conflicts if _item_of(conflict.path) not in gone]
    conflicts.extend(item_conflicts)
    values: dict[str, Json] = {
        path: value for path, value in shown.items() if _is_field(path) and value is not None
    }
    for name, ordered in items.items():
        values[name] = [dict(parts) for _, _, parts in ordered]
    return State(
        record=history.revisions[0].record,
        type=max(history.revisions, key=_rank).type,
        heads=history.heads(),
        values=values,
        positions={
            f"{name}/{item}": place for name, group in items.items() for place, item, _ in group
        },
        deleted=deleted,
        conflicts=tuple(sorted(conflicts, key=lambda conflict: conflict.path)),
        buried=buried,
    )


_Item = tuple[int, str, dict[str, Json]]
"""Place, id, and the parts with the id among them."""


def _assemble(
    history: "_History", shown: dict[str, Json]
) -> tuple[dict[str, list[_Item]], set[str], list[Conflict], dict[str, dict[str, Json]]]:
    """Return the items of each field in order, the deleted ones, who disputes that, their parts."""
    parts_of: dict[str, dict[str, Json]] = defaultdict(dict)
    paths_of: dict[str, list[str]] = defaultdict(list)
    for path, value in shown.items():
        if path == RECORD_PATH or _is_field(path):
            continue
        presence = _item_of(path)
        paths_of[presence].append(path)
        if path != presence and value is not None:
            parts_of[presence][path.removeprefix(presence + "/")] = value
    items: dict[str, list[_Item]] = defaultdict(list)
    deleted: set[str] = set()
    buried: dict[str, dict[str, Json]] = {}
    conflicts: list[Conflict] = []
    for presence, paths in paths_of.items():
        gone, disputed = history.deleted(presence, paths)
        conflicts.extend(disputed)
        if gone:
            deleted.add(presence)
            buried[presence] = parts_of[presence]
            continue
        name, item = presence.split("/")
        parts: dict[str, Json] = {**parts_of[presence], "id": item}
        items[name].append((history.position(presence), item, parts))
    for group in items.values():
        group.sort(key=lambda entry: entry[:2])
    return items, deleted, conflicts, buried


def _is_field(path: str) -> bool:
    return "/" not in path and path != RECORD_PATH


def _item_of(path: str) -> str:
    return "/".join(path.split("/")[:2])


def _rank(revision: Revision) -> tuple[int, int, str, str]:
    return (revision.clock.ms, revision.clock.counter, revision.device, revision.id)


class _History:
    """Revisions with who-had-seen-whom worked out."""

    def __init__(self, revisions: Iterable[Revision], is_own: Callable[[str], bool]) -> None:
        unique = {revision.id: revision for revision in revisions}
        self.revisions = _parents_first(unique)
        self._own = {identity: is_own(identity) for identity in unique}
        bit = {revision.id: 1 << n for n, revision in enumerate(self.revisions)}
        self._bit = bit
        # One integer a revision holds, as bits, every revision that its writer had seen.
        self._seen: dict[str, int] = {}
        for revision in self.revisions:
            seen = 0
            for parent in revision.parents:
                if parent in bit:
                    seen |= bit[parent] | self._seen[parent]
            self._seen[revision.id] = seen
        self.writes: dict[str, list[Revision]] = defaultdict(list)
        for revision in self.revisions:
            for path in revision.changes:
                self.writes[path].append(revision)

    def had_seen(self, writer: Revision, other: Revision) -> bool:
        """Tell whether `writer` was written with `other` in view."""
        return bool(self._seen[writer.id] & self._bit[other.id])

    def heads(self) -> tuple[str, ...]:
        """Return the ids that no other revision names as a parent, directly or not."""
        seen = 0
        for revision in self.revisions:
            seen |= self._seen[revision.id]
        return tuple(sorted(r.id for r in self.revisions if not self._bit[r.id] & seen))

    def latest(self, writes: Sequence[Revision]) -> list[Revision]:
        """Return the writes that no other of them had seen, the winner first."""
        seen = 0
        for write in writes:
            seen |= self._seen[write.id]
        return sorted(
            (write for write in writes if not self._bit[write.id] & seen), key=_rank, reverse=True
        )

    def present(self, path: str) -> tuple[Json, tuple[Rival, ...]]:
        """Return the value to show for `path` and what else claims to be present there."""
        writes = self.writes[path]
        latest = self.latest(writes)
        shown = latest[0]
        own = self.latest([write for write in writes if self._own[write.id]])
        if own and not same(own[0].changes[path], shown.changes[path]):
            shown = own[0]
        value = shown.changes[path]
        if _is_presence(path):
            return value, ()  # deletions and order are judged by `deleted` and `position`
        rivals: list[Rival] = []
        # One's own latest writes stand for election even where another signer had seen them.
        standing = {write.id: write for write in (*latest, *own)}
        for write in sorted(standing.values(), key=_rank, reverse=True):
            rival = write.changes[path]
            if same(rival, value) or any(same(known.value, rival) for known in rivals):
                continue
            if self._is_resent(write, shown, path):
                continue
            rivals.append(Rival(rival, write.id, foreign=bool(own) and not self._own[write.id]))
        return value, tuple(rivals)

    def _is_resent(self, write: Revision, shown: Revision, path: str) -> bool:
        """Tell whether a derived write only repeats what the shown one had already replaced.

        Every selected bundle carries all chosen values, so an unchanged one comes again each
        time; it is no news to somebody who has corrected it since.
        """
        return write.derived and any(
            same(earlier.changes[path], write.changes[path]) and self.had_seen(shown, earlier)
            for earlier in self.writes[path]
        )

    def position(self, presence: str) -> int:
        """Return the place of an item among its siblings."""
        placed = [w for w in self.writes.get(presence, []) if w.changes[presence] is not None]
        for write in self.latest(placed):
            value = write.changes[presence]
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        return NO_POSITION

    def deleted(self, presence: str, paths: Iterable[str]) -> tuple[bool, list[Conflict]]:
        """Tell whether the record or item at `presence` is deleted, and who disputes it.

        Args:
            presence: the path whose null deletes.
            paths: every path that belongs to it, `presence` included.
        """
        deletions = [w for w in self.writes.get(presence, []) if w.changes[presence] is None]
        if not deletions:
            return False, []
        edits = {
            write.id: write
            for path in paths
            for write in self.writes[path]
            if not (path == presence and write.changes[path] is None)
        }
        # What one deleted oneself is no longer one's own to defend.
        given_up = 0
        for deletion in deletions:
            if self._own[deletion.id]:
                given_up |= self._seen[deletion.id] | self._bit[deletion.id]
        any_own_edit = any(self._own[i] and not self._bit[i] & given_up for i in edits)
        open_deletions: list[Revision] = []
        for deletion in self.latest(deletions):
            unseen = [e for e in edits.values() if not self.had_seen(deletion, e)]
            unseen = [e for e in unseen if e.id != deletion.id]
            if any(self.had_seen(edit, deletion) for edit in unseen):
                continue  # somebody saw the deletion and brought it back: that is settled
            if unseen or (any_own_edit and not self._own[deletion.id]):
                open_deletions.append(deletion)
                continue
            return True, []
        if not open_deletions:
            return False, []
        rivals = tuple(
            Rival(None, w.id, foreign=any_own_edit and not self._own[w.id]) for w in open_deletions
        )
        return False, [Conflict(presence, shown=True, rivals=rivals)]


def _is_presence(path: str) -> bool:
    return path == RECORD_PATH or path.count("/") == 1


def _parents_first(unique: dict[str, Revision]) -> list[Revision]:
    """Order revisions so that each stands after its known parents, in one way only."""
    ordered: list[Revision] = []
    children: dict[str, list[str]] = defaultdict(list)
    waiting: dict[str, int] = {}
    for identity, revision in unique.items():
        known = [parent for parent in revision.parents if parent in unique]
        waiting[identity] = len(known)
        for parent in known:
            children[parent].append(identity)
    ready = sorted((i for i, count in waiting.items() if count == 0), reverse=True)
    while ready:
        identity = ready.pop()
        ordered.append(unique[identity])
        for child in children[identity]:
            waiting[child] -= 1
            if waiting[child] == 0:
                ready.append(child)
    return ordered
