"""Vaults with very many records, made fast and once.

A record takes about five milliseconds through `records.add`, so a million would take an hour and a
half. Here the same rows are written by the same functions (revision, log, projection, tokens), but
in large transactions, by one statement for many rows, and the slow part, cutting texts, on all
cores. `fielddoc check` finds nothing amiss, and a test compares such a vault with one that was
written record by record.

What was made is kept in the user's cache folder, under a name that follows from all that it
depends on, and copied from there.
"""

import hashlib
import itertools
import multiprocessing
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import generate, vaults
from bench.generate import SEED, Fictional, fictional_records
from fielddoc.domain.edit import changes
from fielddoc.domain.merge import State, merge
from fielddoc.domain.record_types import record_type
from fielddoc.domain.revision import RECORD_PATH, Clock, write_revision
from fielddoc.vault import database as databases
from fielddoc.vault import log, projections, search
from fielddoc.vault.database import schema_statements
from fielddoc.vault.vault import Vault

_AT_ONCE = 500
_TRANSACTION = 20_000
_START_MS = 1_700_000_000_000
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fielddoc-bench"


@dataclass(frozen=True, slots=True)
class _Written:
    """All rows of one record, ready to be inserted."""

    identity: bytes
    record: bytes
    body: bytes
    row: projections.Row
    links: tuple[tuple[str, bytes], ...]
    tokens: str


def vault_of(count: int, target: Path) -> Path:
    """Return `target`, made a copy of a vault with `count` fictional records."""
    kept = _CACHE / _name(count)
    if not kept.is_dir():
        _CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
        making = _CACHE / f"making-{os.getpid()}"
        shutil.rmtree(making, ignore_errors=True)
        # In a process of its own: memory security, once on, stays on in a process.
        subprocess.run([sys.executable, __file__, str(count), str(making)], check=True)
        making.rename(kept)
    return Path(shutil.copytree(kept, target))


def build(folder: Path, made: Iterable[Fictional], count: int) -> None:
    """Make a vault and write all records into it."""
    with vaults.made(folder, "Sender") as vault:
        vault.database.query("PRAGMA synchronous = OFF")
        vault.database.query("PRAGMA cache_size = -400000")
        vault.database.query("INSERT INTO search (search, rank) VALUES ('automerge', 0)")
        written = _written(made, vault.device)
        for first in range(0, count, _TRANSACTION):
            with vault.database.transaction():
                _insert(vault, itertools.islice(written, _TRANSACTION), first)
            vault.checkpoint()
            if sys.stderr.isatty():
                print(f"\r{first + _TRANSACTION:,} records written", end="", file=sys.stderr)
        vault.database.query("INSERT INTO search (search, rank) VALUES ('automerge', 4)")
        vault.database.query("INSERT INTO search (search) VALUES ('optimize')")
        vault.set_meta("clock", b"%d %d" % (_START_MS + count, 0))


def _name(count: int) -> str:
    digest = hashlib.sha256(f"{count} {SEED} {search.version()}".encode())
    for path in (__file__, generate.__file__):
        digest.update(Path(path).read_bytes())
    digest.update("".join(schema_statements()).encode())
    return f"{count}-{digest.hexdigest()[:16]}"


def _written(made: Iterable[Fictional], device: str) -> Iterator[_Written]:
    """Yield what is to be inserted, in order, worked out on all cores."""
    numbered = enumerate(made)
    chunks = iter(lambda: [*itertools.islice(numbered, _AT_ONCE)], [])
    with multiprocessing.get_context("spawn").Pool() as pool:
        for chunk in pool.imap(_work_out, ((chunk, device) for chunk in chunks)):
            yield from chunk


def _work_out(given: tuple[Sequence[tuple[int, Fictional]], str]) -> list[_Written]:
    chunk, device = given
    return [_one(number, fictional, device) for number, fictional in chunk]


def _one(number: int, fictional: Fictional, device: str) -> _Written:
    declared = record_type(fictional.type)
    assert declared is not None
    empty = State(fictional.id, fictional.type, (), {}, {}, deleted=False, conflicts=(), buried={})
    revision = write_revision(
        record=fictional.id,
        type_=fictional.type,
        parents=(),
        changes={RECORD_PATH: True, **changes(declared, empty, fictional.values)},
        clock=Clock(_START_MS + number, 0),
        device=device,
    )
    state = merge([revision])
    row, indexed, links = projections.projected(state)
    return _Written(
        bytes.fromhex(revision.id),
        uuid.UUID(fictional.id).bytes,
        revision.body,
        row,
        tuple((path, uuid.UUID(target).bytes) for path, target in links),
        search.tokens_of(indexed),
    )


def _insert(vault: Vault, some: Iterable[_Written], before: int) -> None:
    connection = vault.database._connection  # one statement for many rows is not ours to offer
    at = log.position(vault.database)
    number, head = at.count, at.head
    rows = list(some)
    entries: list[tuple[int, str, bytes, bytes, bytes]] = []
    for one in rows:
        number += 1
        head = log.next_head(head, number, "revision", one.identity, one.identity)
        entries.append((number, "revision", one.identity, one.identity, head))
    numbered = list(enumerate(rows, before + 1))
    connection.executemany(
        "INSERT INTO revision (number, id, record, body) VALUES (?, ?, ?, ?)",
        ((n, one.identity, one.record, one.body) for n, one in numbered),
    )
    connection.executemany(
        "INSERT INTO log (number, kind, key, row, head) VALUES (?, ?, ?, ?, ?)", entries
    )
    connection.executemany(
        f"INSERT INTO record (number, id, {projections.COLUMNS})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((n, one.record, *one.row) for n, one in numbered),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO link VALUES (?, ?, ?)",
        ((one.record, path, target) for one in rows for path, target in one.links),
    )
    connection.executemany(
        "INSERT INTO search (rowid, text) VALUES (?, ?)", ((n, one.tokens) for n, one in numbered)
    )


def main() -> None:
    """Build what `vault_of` asks for: a number of records, and a folder."""
    # Off here only: it costs more than all the rest, and the records are invented.
    fast = {"cipher_memory_security": "OFF"}
    vars(databases)["PRAGMAS"] = tuple((n, fast.get(n, v)) for n, v in databases.PRAGMAS)
    count = int(sys.argv[1])
    build(Path(sys.argv[2]), fictional_records(count), count)


if __name__ == "__main__":
    main()
