"""Pieces of work that run in a process of their own and tell their time and memory as JSON.

python work.py age-encrypt RECIPIENT SOURCE TARGET
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import vaults
from fielddoc.bundle.card import own_card
from fielddoc.bundle.export import export_complete, for_cards
from fielddoc.bundle.receive import verify_bundle
from fielddoc.crypto.age import (
    AgeReader,
    AgeWriter,
    parse_identity,
    parse_recipient,
)
from fielddoc.errors import CancelledError
from fielddoc.vault import attaching, attachments, identity, records
from fielddoc.vault.attachments import file_blocks
from fielddoc.vault.behind import Behind

_LARGE_BYTES = 20 * 2**20
_LONG_NAME = 1000
_BLOCK_BYTES = 256 * 1024  # stays in a core's own cache from reading to sealing


def age_encrypt(recipient: str, source: str, target: str) -> Callable[[], object]:
    """Seal a file as an export does: what is sealed is written by a thread of its own."""

    def step() -> None:
        with Path(target).open("wb", buffering=0) as file, Behind(file.write) as writing:
            writer = AgeWriter([parse_recipient(recipient)], writing.put)
            for block in file_blocks(Path(source), size=_BLOCK_BYTES):
                writer.write(block)
            writer.finish()
            writing.finish()

    return step


def age_decrypt(secret: str, source: str, target: str) -> Callable[[], object]:
    def step() -> None:
        with Path(source).open("rb") as sealed, Path(target).open("wb", buffering=0) as file:
            file.writelines(AgeReader([parse_identity(secret)], sealed).chunks())

    return step


def attach(folder: str, source: str) -> Callable[[], object]:
    vault = vaults.opened(Path(folder))
    return lambda: attachments.store(vault, file_blocks(Path(source)))


def export(folder: str, partner: str, target: str) -> Callable[[], object]:
    """Write the whole vault for a partner, into an empty folder."""
    vault = vaults.opened(Path(folder))
    card = vaults.card_of(Path(partner))
    return lambda: export_complete(vault, for_cards([card]), Path(target))


def verify(partner: str, target: str) -> Callable[[], object]:
    vault = vaults.opened(Path(partner))
    (bundle,) = Path(target).glob("*.age")
    return lambda: verify_bundle(vault, bundle)


def export_for_ever(folder: str, target: str) -> Callable[[], object]:
    """Export to oneself again and again, until the process is ended from outside."""
    vault = vaults.opened(Path(folder))
    card = own_card(identity.current(vault))

    def step() -> None:
        while True:
            for bundle in export_complete(vault, for_cards([card]), Path(target)).files:
                bundle.unlink()

    return step


def huge_text(folder: str, characters: str) -> Callable[[], object]:
    """Record a text and a name that are very long, change them, find them, and read them."""
    vault = vaults.opened(Path(folder))
    name, text = "名" * _LONG_NAME, "证言。" * (int(characters) // 3)

    def step() -> None:
        record = records.add(vault, "incident", {"title": name, "what_happened": text})
        records.revise(vault, record, {"what_happened": f"{text}zqend"})
        (found,) = records.listing(vault, text="zqend")
        values = records.get(vault, found.id).values
        if (values["title"], values["what_happened"]) != (name, f"{text}zqend"):
            raise AssertionError("what was recorded did not come back")
        vault.lock()

    return step


def huge_stop(folder: str, source: str) -> Callable[[], object]:
    """Attach a file, and stop in the middle; return the seconds from then until it has ended."""
    vault, path = vaults.opened(Path(folder)), Path(source)
    half = path.stat().st_size // 2
    stopped: list[float] = []

    def stop_at_half(done: int) -> None:
        if done >= half and not stopped:
            stopped.append(time.perf_counter())
            raise CancelledError

    def step() -> float:
        with suppress(CancelledError):
            attaching.attach_file(vault, None, path, stop_at_half)
        ended = time.perf_counter()
        if attachments.contents(vault) or any((Path(folder) / "attachments").iterdir()):
            raise AssertionError("something of the stopped file was left")
        vault.lock()
        return ended - stopped[0]

    return step


def huge_file(folder: str, source: str) -> Callable[[], object]:
    """Attach a file with its description."""
    vault = vaults.opened(Path(folder))

    def step() -> None:
        attaching.attach_file(vault, None, Path(source))
        vault.lock()

    return step


def huge_read(folder: str, size_bytes: str) -> Callable[[], object]:
    """Read the only file back, whose seal and hash are looked at on the way."""
    vault = vaults.opened(Path(folder))

    def step() -> None:
        (content,) = attachments.contents(vault)
        if sum(map(len, attachments.read(vault, content))) != int(size_bytes):
            raise AssertionError("the file did not come back")

    return step


PIECES: dict[str, Callable[..., Callable[[], object]]] = {
    "age-encrypt": age_encrypt,
    "age-decrypt": age_decrypt,
    "attach": attach,
    "export": export,
    "verify": verify,
    "export-for-ever": export_for_ever,
    "huge-text": huge_text,
    "huge-stop": huge_stop,
    "huge-file": huge_file,
    "huge-read": huge_read,
}


def _memory_kib(name: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise LookupError(name)


def main() -> None:
    """Prepare a piece of work, then do it and tell what that took."""
    # A program that has run for a while has given back large memory before. From then on the C
    # library keeps what is freed, instead of returning and asking for it anew at every chunk.
    large = bytearray(_LARGE_BYTES)
    del large
    step = PIECES[sys.argv[1]](*sys.argv[2:])
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    at_rest_kib = _memory_kib("VmRSS:")
    start = time.perf_counter()
    said = step()
    taken = time.perf_counter() - start
    peak_kib = _memory_kib("VmHWM:")
    told = {
        "seconds": taken,
        "more_memory_mib": (peak_kib - at_rest_kib) / 1024,
        "peak_memory_mib": peak_kib / 1024,
        "said": said if isinstance(said, float) else None,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
