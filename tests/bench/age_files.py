"""age files, written and opened in memory, beside the age program."""

from collections.abc import Iterator

from bench import vaults
from bench.measure import Bench, Work, in_turns, run, work
from bench.table import Row, throughput
from fielddoc.crypto.age import X25519Identity

_AT_LEAST = 1.2
_MEMORY_MIB = 64


def rows(bench: Bench) -> Iterator[Row]:
    """Measure sealing and opening one large file."""
    identity = X25519Identity.generate()
    recipient, secret = str(identity.recipient()), identity.secret_text()
    folder, size = bench.memory, bench.content_bytes
    plain, ours, theirs, opened = (folder / name for name in ("plain", "ours", "theirs", "opened"))
    key = folder / "key"
    key.write_text(f"{secret}\n", encoding="ascii")
    vaults.write_noise(plain, size)
    # A virtual machine gets its memory slowly the first time that it is touched, and whoever wrote
    # first would pay for all.
    for path in (ours, theirs, opened):
        vaults.write_noise(path, size)
    memory: dict[str, float] = {}

    def noted(name: str, done: Work) -> float:
        memory[name] = max(memory.get(name, 0), done.more_memory_mib)
        return done.seconds

    encrypt, peer_encrypt = in_turns(
        bench.rounds,
        lambda: noted("encrypt", work("age-encrypt", recipient, plain, ours)),
        lambda: run("age", "-r", recipient, "-o", theirs, plain),
    )
    # Each opens the other's file, which shows that both are files of one format.
    decrypt, peer_decrypt = in_turns(
        bench.rounds,
        lambda: noted("decrypt", work("age-decrypt", secret, theirs, opened)),
        lambda: run("age", "-d", "-i", key, "-o", opened, ours),
    )
    for path in (plain, ours, theirs, opened):
        path.unlink()
    limit = f"ChaCha20-Poly1305 {bench.limits.aead_mib_s:.0f} MiB/s"
    for name, seconds, peer_seconds in (
        ("encrypt", encrypt, peer_encrypt),
        ("decrypt", decrypt, peer_decrypt),
    ):
        yield throughput(
            f"age-{name}",
            f"age {name}, {size / 2**20:.0f} MiB in memory",
            size_bytes=size,
            seconds=seconds,
            peer="age",
            peer_seconds=peer_seconds,
            limit=limit,
            at_least=_AT_LEAST,
        )
        yield peak_memory(f"age-{name}-memory", f"age {name}, peak memory", memory[name])


def peak_memory(key: str, what: str, mebibytes: float) -> Row:
    """Return the row of memory taken beyond what the process had before."""
    return Row(
        key=key,
        what=what,
        ours=f"{mebibytes:.0f} MiB more than at rest",
        peer="–",
        ratio="–",
        limit="–",
        budget=f"< {_MEMORY_MIB} MiB",
        is_met=mebibytes < _MEMORY_MIB,
    )
