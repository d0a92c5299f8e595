"""Attaching one large file, durably, beside hashing it."""

import shutil
from collections.abc import Iterator

from bench import vaults
from bench.age_files import peak_memory
from bench.measure import Bench, in_turns, run, work
from bench.table import Row, throughput

_AT_LEAST = 0.6


def rows(bench: Bench) -> Iterator[Row]:
    """Measure how long a file takes into the vault."""
    folder = bench.folder / "attach"
    folder.mkdir()
    source = folder / "film"
    vaults.write_noise(source, bench.content_bytes)
    memory: list[float] = []

    def ours() -> float:
        vault = folder / "vault"
        vaults.made(vault).lock()
        done = work("attach", vault, source)
        shutil.rmtree(vault)
        memory.append(done.more_memory_mib)
        return done.seconds

    seconds, peer_seconds = in_turns(bench.rounds, ours, lambda: run("sha256sum", source))
    shutil.rmtree(folder)
    limits, mebibytes = bench.limits, bench.content_bytes / 2**20
    yield throughput(
        "attach",
        f"attach a file of {mebibytes:.0f} MiB, sealed and synced",
        size_bytes=bench.content_bytes,
        seconds=seconds,
        peer="sha256sum, nothing written",
        peer_seconds=peer_seconds,
        limit=f"disk {mebibytes / limits.disk_write_mib_s:.2f} s,"
        f" SHA-256 {mebibytes / limits.hash_mib_s:.2f} s,"
        f" cipher {mebibytes / limits.aead_mib_s:.2f} s",
        at_least=_AT_LEAST,
    )
    yield peak_memory("attach-memory", "attach, peak memory", max(memory))
