"""A model of a disk that loses power: what was not synced may be there, be missing, or be torn.

A trace (shim.py) is replayed up to a call. What POSIX promises is kept: data of a file that was
synced, names in a folder that was synced. Of everything else, any part may have reached the disk:
each write alone, in pieces of 512 bytes, and each change of a name alone. That is harsher than any
file system with a journal.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from faults.shim import Call, Event

SECTOR = 512
NEVER_SYNCED = "nothing ever synced"
"""A disk that lies about every sync: what the harness itself is tested with."""
WAYS = (
    "nothing unsynced",
    "all of it",
    "torn",
    "data only",
    "names only",
    "any part",
    "any part of it",
)


@dataclass(slots=True)
class _File:
    """A file's durable bytes, and what was written since its last sync."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes] | int] = field(default_factory=list)
    """Writes (offset, bytes) and new sizes, in order."""
    is_folder: bool = False

    def sync(self) -> None:
        self.keep(self.pending)
        self.pending = []

    def keep(self, changes: Iterable[tuple[int, bytes] | int]) -> None:
        for change in changes:
            if isinstance(change, int):
                del self.durable[change:]
                self.durable.extend(bytes(change - len(self.durable)))
            else:
                offset, data = change
                self.durable.extend(bytes(max(0, offset - len(self.durable))))
                self.durable[offset : offset + len(data)] = data


@dataclass(frozen=True, slots=True)
class _Named:
    """One change of names in a folder: these go, these come."""

    gone: str
    come: str
    file: int


class Disk:
    """The files of a place, as they are and as they may be found."""

    def __init__(self, base: Path, place: str) -> None:
        self._place = place
        self._files: list[_File] = [_File(is_folder=True)]
        self._live: dict[str, int] = {"": 0}
        for path in sorted(base.rglob("*")):
            made = _File(is_folder=path.is_dir())
            if path.is_file():
                made.durable = bytearray(path.read_bytes())
            self._live["/" + str(path.relative_to(base))] = len(self._files)
            self._files.append(made)
        self._durable = dict(self._live)
        self._names: dict[str, list[_Named]] = {}

    def run(self, events: Iterable[Event], until: int) -> list[str]:
        """Replay the first `until` calls; return what was acknowledged by then."""
        said: list[str] = []
        done = 0
        for event in events:
            if event.call is Call.MARK:
                said.append(event.path)
                continue
            if done == until:
                break
            done += 1
            self._apply(event)
        return said

    def _apply(self, event: Event) -> None:
        path = event.path.removeprefix(self._place)
        second = event.second.removeprefix(self._place)
        match event.call:
            case Call.MAKE | Call.MKDIR:
                self._files.append(_File(is_folder=event.call is Call.MKDIR))
                self._change("", path, len(self._files) - 1)
            case Call.WRITE:
                if path in self._live:
                    self._files[self._live[path]].pending.append((event.offset, event.data))
            case Call.TRUNCATE:
                if path in self._live:
                    self._files[self._live[path]].pending.append(event.size)
            case Call.SYNC:
                if path in self._live:
                    self._files[self._live[path]].sync()
            case Call.SYNC_FOLDER:
                for change in self._names.pop(path, []):
                    _rename(self._durable, change)
            case Call.RENAME:
                self._change(path, second, self._live[path])
            case Call.LINK:
                self._change("", second, self._live[path])
            case Call.UNLINK | Call.RMDIR:
                if path in self._live:
                    self._change(path, "", self._live[path])
            case Call.OPEN | Call.MARK:
                pass

    def _change(self, gone: str, come: str, file: int) -> None:
        change = _Named(gone, come, file)
        _rename(self._live, change)
        folder = (come or gone).rpartition("/")[0]
        self._names.setdefault(folder, []).append(change)

    def lose(self, way: str, seed: int) -> None:
        """Lose power: keep of what was not synced what `way` and `seed` choose."""
        chance = random.Random(seed)
        for file in self._files:
            file.keep(list(_kept(file.pending, way, chance)))
            file.pending = []
        for changes in self._names.values():
            for change in changes:
                if way in ("all of it", "names only", "torn") or (
                    way.startswith("any part") and chance.random() < 0.5
                ):
                    _rename(self._durable, change)
        self._names = {}

    def write(self, target: Path) -> None:
        """Write what was found after the loss into a folder."""
        target.mkdir()
        for name in sorted(self._durable):
            file = self._files[self._durable[name]]
            path = target / name.removeprefix("/")
            if not path.parent.is_dir():
                continue  # its folder did not reach the disk
            if file.is_folder:
                path.mkdir(exist_ok=True)
            else:
                path.write_bytes(file.durable)


def _rename(names: dict[str, int], change: _Named) -> None:
    if change.gone:
        inside = change.gone + "/"
        for name in [n for n in names if n == change.gone or n.startswith(inside)]:
            moved = names.pop(name)
            if change.come:
                names[change.come + name.removeprefix(change.gone)] = moved
    if change.come:
        names[change.come] = change.file


def _kept(
    pending: list[tuple[int, bytes] | int], way: str, chance: random.Random
) -> Iterable[tuple[int, bytes] | int]:
    """Yield what reaches the disk of a file's unsynced changes."""
    match way:
        case "nothing unsynced" | "names only":
            return
        case "all of it" | "data only":
            yield from pending
        case "torn":  # everything but the end of the last write
            yield from pending[:-1]
            if pending and not isinstance(pending[-1], int):
                offset, data = pending[-1]
                yield (
                    offset,
                    data[: chance.randrange(0, len(data), SECTOR) if len(data) > SECTOR else 0],
                )
        case _:
            for change in pending:
                if isinstance(change, int):
                    if chance.random() < 0.5:
                        yield change
                    continue
                offset, data = change
                if way == "any part":
                    if chance.random() < 0.5:
                        yield change
                    continue
                for start in range(0, len(data), SECTOR):
                    if chance.random() < 0.5:
                        yield offset + start, data[start : start + SECTOR]
