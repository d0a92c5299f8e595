"""A whole export, written, read back and verified by the partner, beside doing it by hand."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from bench import vaults
from bench.age_files import peak_memory
from bench.measure import Bench, in_turns, shell, work
from bench.table import Row, throughput
from fielddoc.crypto.age import X25519Identity
from fielddoc.vault import attachments, records

_AT_LEAST = 1.5

# What a careful person would type, with no file in between that need not be.
_WRITE_BY_HAND = (
    "sha256sum data/* >manifest-sha256.txt;"
    ' tar -cf - manifest-sha256.txt data | age -r "$RECIPIENT" -o bundle.age; sync bundle.age'
)
_VERIFY_BY_HAND = (
    "mkdir opened; age -d -i key bundle.age | tar -xf - -C opened;"
    " cd opened; sha256sum --check --quiet manifest-sha256.txt"
)


def rows(bench: Bench) -> Iterator[Row]:
    """Measure export and verification of many attachments, and both by hand."""
    folder = bench.folder / "export"
    hand = folder / "hand"
    (hand / "data").mkdir(parents=True)
    each = bench.content_bytes // bench.content_files
    for number in range(bench.content_files):
        vaults.write_noise(hand / "data" / f"{number:03}", each)
    sender, partner, stick = folder / "sender", folder / "partner", folder / "stick"
    _make(sender, partner, hand / "data")
    identity = X25519Identity.generate()
    recipient = str(identity.recipient())
    (hand / "key").write_text(f"{identity.secret_text()}\n", encoding="ascii")
    memory: list[float] = []
    parts: list[tuple[float, float]] = []

    def ours() -> float:
        shutil.rmtree(stick, ignore_errors=True)
        stick.mkdir()
        written = work("export", sender, partner, stick)
        verified = work("verify", partner, stick)
        memory.extend((written.more_memory_mib, verified.more_memory_mib))
        parts.append((written.seconds, verified.seconds))
        return written.seconds + verified.seconds

    def by_hand() -> float:
        shutil.rmtree(hand / "opened", ignore_errors=True)
        return shell(_WRITE_BY_HAND, hand, RECIPIENT=recipient) + shell(_VERIFY_BY_HAND, hand)

    seconds, peer_seconds = in_turns(bench.rounds, ours, by_hand)
    written, verified = min(parts, key=sum)
    shutil.rmtree(folder)
    # Every byte is opened, sealed, and opened by the partner; hashed when it is read from the
    # vault, written, read back, and verified; written to the disk once and read from it once.
    limits, mebibytes = bench.limits, bench.content_bytes / 2**20
    least = mebibytes * (
        3 / limits.aead_mib_s
        + 4 / limits.hash_mib_s
        + 1 / limits.disk_write_mib_s
        + 1 / limits.disk_read_mib_s
    )
    yield throughput(
        "export",
        f"export {mebibytes:.0f} MiB in {bench.content_files} files, read back ({written:.1f} s);"
        f" partner verifies ({verified:.1f} s)",
        size_bytes=bench.content_bytes,
        seconds=seconds,
        peer="sha256sum, tar, age, sync; age, tar, sha256sum",
        peer_seconds=peer_seconds,
        limit=f"{least:.1f} s one after the other: 3 × cipher, 4 × SHA-256, disk written and read",
        at_least=_AT_LEAST,
    )
    yield peak_memory("export-memory", "export and verify, peak memory", max(memory))


def _make(sender: Path, partner: Path, data: Path) -> None:
    with vaults.made(sender, "Sender") as vault, vaults.made(partner, "Partner") as other:
        vaults.introduce(vault, other)
        for path in sorted(data.iterdir()):
            content = attachments.store(vault, attachments.file_blocks(path))
            records.add(
                vault,
                "attachment",
                {
                    "name": path.name,
                    "size_bytes": content.size_bytes,
                    "sha256": content.sha256,
                },
            )
