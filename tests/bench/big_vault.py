"""A vault of a hundred thousand records: opening it, searching it, saving into it."""

import itertools
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import vaults
from bench.generate import (
    Fictional,
    chinese_name,
    chinese_text,
    fictional_records,
    frequent_characters,
)
from bench.measure import Bench, alone, milliseconds
from bench.table import Row, latency, percentile
from fielddoc.crypto import kdf
from fielddoc.domain.canonical import Json, encode
from fielddoc.domain.folding import folded
from fielddoc.domain.record_types import record_type
from fielddoc.domain.schema import Field, Kind
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.vault import records, slot_table
from fielddoc.vault.layout import DATABASE
from fielddoc.vault.vault import Vault

_BATCH = 1000
_PAGE = 200  # rows that a list shows at first
_SAVES = 400
_QUERIES = 80
_PLAIN_QUERIES = 20  # each reads the whole table, and takes long
_UNLOCKS = 5
_BUDGET_MS = 5
_UNLOCK_MS = 300


@dataclass(frozen=True, slots=True)
class _Plain:
    """One record as the plain database keeps it, and as a person would read it."""

    id: str
    body: bytes
    text: str
    """All that can be searched, normalised, apart by line ends."""


def rows(bench: Bench) -> Iterator[Row]:
    """Measure one vault after the other in the order of a working day."""
    folder = bench.folder / "records"
    folder.mkdir()
    more = _SAVES + bench.records
    made = list(itertools.islice(fictional_records(more), more))
    kept, new = made[: bench.records], made[bench.records :]
    plain = [_Plain(one.id, encode(dict(one.values)), _searchable(one)) for one in kept]
    vault_folder = folder / "vault"
    (each_ms,) = alone(_build, vault_folder, bench.records)
    with closing(_plain_database(folder / "plain.db", plain)) as database:
        yield _unlock(bench, vault_folder, folder / "plain.db")
        yield from _search(bench, vault_folder, database, plain)
        yield from _save(bench, vault_folder, database, new, kept)
    yield Row(
        key="build",
        what=f"write {bench.records:,} records, {_BATCH} in a transaction",
        ours=f"{each_ms:.2f} ms each",
        peer="–",
        ratio="–",
        limit="–",
        budget="–",
        is_met=None,
    )
    shutil.rmtree(folder)


# --- making it ----------------------------------------------------------------------------------


def _build(folder: Path, count: int) -> list[float]:
    """Write all records and return the milliseconds that one took, making it up included."""
    made = fictional_records(count + _SAVES)
    start = time.perf_counter()
    with vaults.made(folder, "Sender") as vault:
        for first in range(0, count, _BATCH):
            with vault.database.transaction():
                for one in itertools.islice(made, min(_BATCH, count - first)):
                    records.add(vault, one.type, one.values, record=one.id)
            vault.written()
            if sys.stderr.isatty():
                print(f"\r{first + _BATCH:,} records written", end="", file=sys.stderr)
    print(file=sys.stderr)
    return [1000 * (time.perf_counter() - start) / count]


def _plain_database(path: Path, plain: Sequence[_Plain]) -> sqlite3.Connection:
    """Return the peer: a table of the same contents, neither encrypted nor indexed for search."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE record (number INTEGER PRIMARY KEY, id TEXT UNIQUE, body BLOB, text TEXT)"
    )
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO record (id, body, text) VALUES (?, ?, ?)",
        ((one.id, one.body, one.text) for one in plain),
    )
    connection.execute("COMMIT")
    return connection


# --- opening ------------------------------------------------------------------------------------


def _unlock(bench: Bench, folder: Path, plain: Path) -> Row:
    times = alone(_unlock_times, folder)
    mebibytes = (folder / DATABASE).stat().st_size / 2**20
    return latency(
        "unlock",
        f"unlock after key derivation to the first {_PAGE} rows, {bench.records:,} records",
        times_ms=times,
        peer="plain SQLite",
        peer_times_ms=milliseconds([partial(_open_plain, plain)] * _UNLOCKS),
        limit=f"read the file once, to know its pages: {mebibytes:.0f} MiB,"
        f" {1000 * mebibytes / bench.limits.disk_read_mib_s:.0f} ms from the disk",
        at_most_ms=_UNLOCK_MS,
    )


def _unlock_times(folder: Path) -> list[float]:
    return [_unlock_ms(folder) for _ in range(_UNLOCKS)]


def _unlock_ms(folder: Path) -> float:
    """Return the time from the end of the key derivation to the first page."""
    derived_at = 0.0
    derive = kdf.derive

    def timed(passphrase: bytearray, salt: bytes, cost: kdf.Cost) -> bytearray:
        nonlocal derived_at
        root = derive(passphrase, salt, cost)
        derived_at = time.perf_counter()
        return root

    vars(slot_table)["derive"] = timed
    try:
        with vaults.opened(folder) as vault:
            found = len(records.listing(vault, limit=_PAGE))
            done_at = time.perf_counter()
    finally:
        vars(slot_table)["derive"] = derive
    assert found == _PAGE
    return 1000 * (done_at - derived_at)


def _open_plain(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            f"SELECT number, id FROM record ORDER BY number DESC LIMIT {_PAGE}"
        ).fetchall()


# --- searching ----------------------------------------------------------------------------------


def _search(
    bench: Bench, folder: Path, database: sqlite3.Connection, plain: Sequence[_Plain]
) -> Iterator[Row]:
    chance = random.Random(7)
    # Half of the single characters are among the commonest, which have the most hits.
    ones = [*frequent_characters(_QUERIES // 2), *chinese_text(chance, _QUERIES // 2)]
    pairs = [chinese_name(chance)[:2] for _ in range(_QUERIES // 2)]
    drawn = chinese_text(chance, _QUERIES)
    pairs += [drawn[at : at + 2] for at in range(0, _QUERIES, 2)]
    for length, queries in ((1, ones), (2, [pair for pair in pairs if pair.isalnum()])):
        terms = [term for term in dict.fromkeys(queries) if term.isalnum()]
        with vaults.opened(folder) as vault:
            hits, wrong = _exactness(vault, plain, terms)
        row = latency(
            f"search-{length}",
            f"search {length} Chinese character{'s' * (length > 1)}, first {_PAGE} of"
            f" {bench.records:,} records",
            times_ms=alone(_search_times, folder, terms),
            peer="plain SQLite, LIKE",
            peer_times_ms=milliseconds(
                [partial(_like, database, term) for term in terms[:_PLAIN_QUERIES]]
            ),
            limit=_scan_limit(plain, terms[:_PLAIN_QUERIES]),
            at_most_ms=_BUDGET_MS,
        )
        yield row
        yield Row(
            key=f"search-{length}-exact",
            what=f"the same {len(terms)} searches against a scan of all texts",
            ours=f"{hits:,} hits, {wrong} missing or false",
            peer="–",
            ratio="–",
            limit="–",
            budget="every true hit, none false",
            is_met=wrong == 0,
        )


def _scan_limit(plain: Sequence[_Plain], terms: Sequence[str]) -> str:
    """Return how long the machine takes to look for the same hits in texts that lie in memory."""
    times = milliseconds([partial(_scan, plain, term) for term in terms])
    return f"scan of texts in memory: p50 {percentile(times, 50):.2f} ms"


def _scan(plain: Sequence[_Plain], term: str) -> list[str]:
    hits = (one.id for one in reversed(plain) if term in one.text)
    return list(itertools.islice(hits, _PAGE))


def _search_times(folder: Path, terms: Sequence[str]) -> list[float]:
    with vaults.opened(folder) as vault:
        steps = [partial(records.listing, vault, text=term, limit=_PAGE) for term in terms]
        return milliseconds(steps)


def _like(database: sqlite3.Connection, term: str) -> None:
    database.execute(
        f"SELECT id FROM record WHERE text LIKE ? ORDER BY number DESC LIMIT {_PAGE}",
        (f"%{term}%",),
    ).fetchall()


def _exactness(vault: Vault, plain: Sequence[_Plain], terms: Sequence[str]) -> tuple[int, int]:
    """Return how many hits a scan finds, and how many the index misses or invents."""
    hits = wrong = 0
    for term in terms:
        true = {one.id for one in plain if term in one.text}
        found = {row.id for row in records.listing(vault, text=term)}
        hits += len(true)
        wrong += len(true ^ found)
    return hits, wrong


def _searchable(one: Fictional) -> str:
    """Return what a person can find a record by, worked out apart from the index."""
    declared = record_type(one.type)
    assert declared is not None
    texts = (
        text for name, value in one.values.items() for text in _texts(declared.field(name), value)
    )
    return "\n".join(map(folded, texts))


def _texts(field: Field | None, value: Json) -> Iterator[str]:
    assert field is not None
    if isinstance(value, list):
        for part in value:
            yield from _texts(field, part)
    elif isinstance(value, dict):
        parts = {part.name: part for part in field.fields}
        for name, part in value.items():
            yield from _texts(parts[name], part)
    elif field.kind in (Kind.TERM, Kind.TERMS):
        term = next(term for term in vocabulary(field.vocabulary).terms if term.code == value)
        yield from (term.code, term.en, term.zh_hans, term.zh_hant)
    elif isinstance(value, str) and field.kind not in (Kind.LINK, Kind.LINKS):
        yield value


# --- saving -------------------------------------------------------------------------------------


def _save(
    bench: Bench,
    folder: Path,
    database: sqlite3.Connection,
    new: Sequence[Fictional],
    kept: Sequence[Fictional],
) -> Iterator[Row]:
    sync = bench.limits.sync_ms
    limit = f"write and sync 64 KiB: p50 {percentile(sync, 50):.2f} ms"
    limit += f", p95 {percentile(sync, 95):.2f} ms"
    inserted = milliseconds([partial(_insert, database, one) for one in new])
    peer = "plain SQLite, one INSERT, WAL, FULL"
    yield latency(
        "save-new",
        f"save a new record, durable, beside {bench.records:,}",
        times_ms=alone(_new_times, folder, new),
        peer=peer,
        peer_times_ms=inserted,
        limit=limit,
        at_most_ms=_BUDGET_MS,
    )
    chosen = random.Random(11).sample(kept, min(_SAVES, len(kept)))
    yield latency(
        "save-change",
        "save a change of one field, durable",
        times_ms=alone(_change_times, folder, [one.id for one in chosen]),
        peer=peer,
        peer_times_ms=inserted,
        limit=limit,
        at_most_ms=_BUDGET_MS,
    )


def _new_times(folder: Path, new: Sequence[Fictional]) -> list[float]:
    with vaults.opened(folder) as vault:
        return milliseconds(
            [partial(records.add, vault, one.type, one.values, record=one.id) for one in new]
        )


def _change_times(folder: Path, chosen: Sequence[str]) -> list[float]:
    with vaults.opened(folder) as vault:
        return milliseconds([partial(_revise, vault, record) for record in chosen])


def _revise(vault: Vault, record: str) -> None:
    assert records.revise(vault, record, {"note": f"改了一点点。{record}"})


def _insert(database: sqlite3.Connection, one: Fictional) -> None:
    database.execute(
        "INSERT INTO record (id, body, text) VALUES (?, ?, ?)",
        (one.id, encode(dict(one.values)), ""),
    )
