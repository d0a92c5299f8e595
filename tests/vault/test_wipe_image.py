"""After a wipe the whole medium is searched, block by block, as an examiner would (case 8.16)."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fielddoc.vault import attaching, records
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.wipe import wipe
from not_run import not_run
from vault.folders import PASSPHRASE

CANARY = "Canary Zhwqexi 金丝雀 was followed to the court"
BLOCK = 4096
WINDOW = 64


@dataclass
class Disk:
    """A file system of its own in a file."""

    image: Path
    place: Path

    def mount(self) -> None:
        done = subprocess.run(
            ["mount", "-o", "loop", str(self.image), str(self.place)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            not_run(f"a disk of its own needs root and a loop device: {done.stderr.strip()}")

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.place)], check=True)

    def raw(self) -> bytes:
        return self.image.read_bytes()

    def is_allocated(self, offset: int) -> bool:
        """Ask the file system's own debugger whether the block at a place belongs to a file."""
        command = ["debugfs", "-R", f"testb {offset // BLOCK}", str(self.image)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return re.search(r"\bmarked in use\b", told) is not None


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    for program in ("mkfs.ext4", "debugfs"):
        if shutil.which(program) is None:
            not_run(f"{program} is not installed")
    made = Disk(tmp_path / "image", tmp_path / "place")
    made.place.mkdir()
    with made.image.open("wb") as file:
        file.truncate(24 * 2**20)
    subprocess.run(["mkfs.ext4", "-q", "-b", str(BLOCK), str(made.image)], check=True)
    made.mount()
    yield made
    subprocess.run(["umount", "-l", str(made.place)], capture_output=True, check=False)


def windows(name: str, data: bytes) -> dict[str, bytes]:
    """Return pieces of something long that would be recognised wherever they are."""
    return {f"{name} at {at}": data[at : at + WINDOW] for at in range(0, len(data), BLOCK)}


def places(raw: bytes, sought: dict[str, bytes]) -> dict[str, int]:
    return {name: at for name, piece in sought.items() if (at := raw.find(piece)) >= 0}


def test_after_a_wipe_the_medium_holds_nothing_that_opens_the_vault(
    disk: Disk, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = disk.place / "vault"
    with make_vault(folder, PASSPHRASE) as vault:
        record = records.add(vault, "incident", {"title": CANARY})
        attaching.attach_bytes(vault, record, "gate.txt", "text/plain", [CANARY.encode() * 5000])
    with open_vault(folder, PASSPHRASE) as vault:
        half = vault.key_file.half
        secret = {
            "master key": bytes(vault.master.copy()),
            "database key": bytes(vault.master.sub_key("database")),
            "canary": CANARY.encode(),
            "canary in UTF-16": CANARY.encode("utf-16-le"),
            "passphrase": PASSPHRASE.encode(),
        }
        opening = windows("pad", half.erase_pad)
        for number, slot in enumerate(half.slots):
            opening |= windows(f"slot {number}", slot)
    noise = windows("database", (folder / "records.db").read_bytes())
    noise |= windows("file", max((folder / "attachments").iterdir()).read_bytes())
    disk.unmount()
    before = disk.raw()
    assert places(before, opening).keys() == opening.keys(), "the search finds nothing anyway"
    assert places(before, noise)
    disk.mount()

    wipe(folder)
    disk.unmount()

    raw = disk.raw()
    assert places(raw, secret) == {}
    left = places(raw, opening)
    assert not {name for name, at in left.items() if disk.is_allocated(at)}
    freed = places(raw, noise)
    assert not {name for name, at in freed.items() if disk.is_allocated(at)}
    told = {
        "pieces of pad and slots in freed blocks": f"{len(left)} of {len(opening)}",
        "pieces of database and file in freed blocks, noise": f"{len(freed)} of {len(noise)}",
    }
    for words, count in told.items():
        record_property(words, count)
        with capsys.disabled():
            print(f"\nafter the wipe, {words}: {count}")
    # On ext4 what is overwritten stays in its place, so nothing of it is left even there.
    assert left == {}


def test_a_key_file_that_was_only_deleted_is_found_in_freed_blocks(disk: Disk) -> None:
    """The control: the same search, after what other programs call deleting."""
    folder = disk.place / "vault"
    with make_vault(folder, PASSPHRASE) as vault:
        pad = windows("pad", vault.key_file.half.erase_pad)
    disk.unmount()
    disk.mount()
    shutil.rmtree(folder)
    disk.unmount()

    found = places(disk.raw(), pad)

    assert len(found) == len(pad)
    assert not any(disk.is_allocated(at) for at in list(found.values())[:3])
