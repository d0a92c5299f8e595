"""Writing to a stick: whole or not at all, read back, and cut where files may not be large."""

import errno
import os
import re
import shutil
import subprocess
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bundle.bundles import attach, card_of, complete, dump, person
from fielddoc.bundle import medium
from fielddoc.bundle.card import Card
from fielddoc.bundle.export import export_complete, for_cards, ignore_progress
from fielddoc.bundle.medium import MediumWriter, volume_limit
from fielddoc.bundle.receive import import_bundle, verify_bundle
from fielddoc.bundle.source import volumes_of
from fielddoc.crypto.age import X25519Identity
from fielddoc.errors import (
    BundleCutShortError,
    BundleError,
    DiskFullError,
    FielddocError,
    FileExistsAlreadyError,
    MediumLostError,
    NotABundleError,
    NotAPlainFileError,
    ReadBackDiffersError,
    SpaceShortError,
)
from fielddoc.vault.vault import Vault
from not_run import not_run
from refused_writes import no_larger_files_than

CONTENT = bytes(range(256)) * 40


class StoppedError(Exception):
    """Raised by a test in the middle of something."""


def write(folder: Path, *, volume_bytes: int | None = None, **options: Any) -> tuple[Path, ...]:
    progress = options.get("progress", ignore_progress)
    with MediumWriter(folder, "0a1b2c3d.age", len(CONTENT), progress, volume_bytes) as out:
        for start in range(0, len(CONTENT), 1000):
            out.write(CONTENT[start : start + 1000])
        return out.finish()


# --- names and bytes ------------------------------------------------------------------------------


def test_one_file_has_the_name_and_the_bytes(stick: Path) -> None:
    (path,) = write(stick)

    assert path == stick / "0a1b2c3d.age"
    assert path.read_bytes() == CONTENT
    assert list(stick.iterdir()) == [path]


@pytest.mark.parametrize("volume_bytes", [101, 999, 1000, 1001, 4096, 10_239])
def test_volumes_are_full_but_the_last_and_join_to_the_whole(
    volume_bytes: int, stick: Path
) -> None:
    paths = write(stick, volume_bytes=volume_bytes)

    assert [path.name for path in paths] == [
        f"0a1b2c3d.age.{n:03d}" for n in range(1, len(paths) + 1)
    ]
    assert {path.stat().st_size for path in paths[:-1]} == {volume_bytes}
    assert b"".join(path.read_bytes() for path in paths) == CONTENT
    assert set(stick.iterdir()) == set(paths)


def test_content_that_just_fits_is_one_file_without_a_number(stick: Path) -> None:
    assert [p.name for p in write(stick, volume_bytes=len(CONTENT))] == ["0a1b2c3d.age"]


def test_names_of_bundles_are_random(alice: Vault, bob: Vault, stick: Path) -> None:
    person(alice)
    names = {complete(alice, bob, stick).name for _ in range(5)}

    assert len(names) == 5
    assert all(re.fullmatch("[0-9a-f]{8}[.]age", name) for name in names)


# --- volumes --------------------------------------------------------------------------------------


@pytest.fixture
def volumes(alice: Vault, bob: Vault, stick: Path) -> tuple[Path, ...]:
    attach(alice, os.urandom(150_000))
    told = export_complete(alice, for_cards([card_of(bob)]), stick, volume_bytes=65_000)
    assert len(told.files) >= 4
    assert told.size_bytes == sum(path.stat().st_size for path in told.files)
    return told.files


def test_bundle_in_volumes_opens_by_any_of_its_names(
    bob: Vault, volumes: tuple[Path, ...], stick: Path
) -> None:
    for path in (*volumes, volumes[0].with_suffix("")):
        assert volumes_of(path) == volumes
        assert verify_bundle(bob, path).attachments == 1
    assert import_bundle(bob, volumes[-1]).attachments_added == 1


def test_volumes_of_another_bundle_beside_it_do_no_harm(
    alice: Vault, bob: Vault, volumes: tuple[Path, ...], stick: Path
) -> None:
    export_complete(alice, for_cards([card_of(bob)]), stick, volume_bytes=65_000)
    (stick / "0a1b2c3d.age.part").write_bytes(b"x")
    (stick / (volumes[0].name + ".part")).write_bytes(b"x")

    assert volumes_of(volumes[0]) == volumes
    assert verify_bundle(bob, volumes[0]).attachments == 1


def test_volumes_join_with_cat_and_open_with_age(alice: Vault, stick: Path, tmp_path: Path) -> None:
    if shutil.which("age") is None:
        not_run("the age program is not installed (Debian: age)")
    key = X25519Identity.generate()
    (tmp_path / "key").write_text(key.secret_text() + "\n")
    attach(alice, os.urandom(150_000))
    card = Card(name="Dana", x25519=key.recipient())
    files = export_complete(alice, for_cards([card]), stick, volume_bytes=65_000).files

    command = f"cat {files[0].name[:-3]}* | age -d -i ../key | tar -t"
    done = subprocess.run(["bash", "-c", command], cwd=stick, capture_output=True, check=True)

    assert b"/data/records.jsonl\n" in done.stdout
    assert done.stderr == b""


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_missing_volume_is_told_as_cut_short(
    missing: int, bob: Vault, volumes: tuple[Path, ...]
) -> None:
    volumes[missing].unlink()

    for path in {*volumes} - {volumes[missing]}:
        with pytest.raises(BundleCutShortError):
            verify_bundle(bob, path)


def test_missing_last_volume_is_told_as_cut_short(bob: Vault, volumes: tuple[Path, ...]) -> None:
    volumes[-1].unlink()

    with pytest.raises(BundleCutShortError):
        import_bundle(bob, volumes[0])


def test_one_volume_alone_is_no_whole_bundle(
    bob: Vault, volumes: tuple[Path, ...], tmp_path: Path
) -> None:
    first = shutil.copy(volumes[0], tmp_path / "renamed.age")
    second = shutil.copy(volumes[1], tmp_path / "second.age")

    with pytest.raises(BundleCutShortError):
        verify_bundle(bob, Path(first))
    with pytest.raises(NotABundleError):
        verify_bundle(bob, Path(second))


def test_volumes_in_another_order_are_refused(bob: Vault, volumes: tuple[Path, ...]) -> None:
    one, other = volumes[1].read_bytes(), volumes[2].read_bytes()
    volumes[1].write_bytes(other)
    volumes[2].write_bytes(one)

    with pytest.raises(BundleError):
        import_bundle(bob, volumes[0])


def test_missing_volumes_are_told_as_a_missing_file(stick: Path) -> None:
    with pytest.raises(NotAPlainFileError):
        volumes_of(stick / "0a1b2c3d.age")
    with pytest.raises(NotAPlainFileError):
        volumes_of(stick / "0a1b2c3d.age.001")


@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        ("vfat", medium.VOLUME_BYTES),
        ("msdos", medium.VOLUME_BYTES),
        ("ext4", None),
        ("exfat", None),
    ],
)
def test_medium_says_by_its_file_system_how_large_a_file_may_be(
    kind: str, limit: int | None, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = (
        "22 1 0:21 / / rw shared:1 - ext4 /dev/root rw\n"
        f"30 22 0:30 / {str(stick.resolve()).replace(' ', chr(92) + '040')} rw - {kind} /dev/sdb1 rw\n"
        f"31 22 0:31 / {stick.resolve()}-other rw - tmpfs none rw\n"
    )
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: table)

    assert volume_limit(stick) == limit
    assert volume_limit(stick / "folder") == limit
    assert volume_limit(stick.parent) is None


def test_largest_volume_fits_on_fat() -> None:
    assert medium.VOLUME_BYTES < 2**32 - 1


# --- nothing is left of what failed ---------------------------------------------------------------


def test_stopping_at_any_step_leaves_nothing(
    alice: Vault, bob: Vault, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(medium, "SYNC_BYTES", 50_000)
    monkeypatch.setattr(medium, "_READ_BYTES", 50_000)
    attach(alice, os.urandom(200_000))
    audience = for_cards([card_of(bob)])
    steps: list[str] = []
    export_complete(
        alice, audience, stick, volume_bytes=90_000,
        progress=lambda what, *_: steps.append(what),
    )  # fmt: skip
    assert {"write", "read back"} == set(steps)
    assert len(steps) > 8
    for path in stick.iterdir():
        path.unlink()
    before = dump(alice)

    for step in range(len(steps)):
        count = iter(range(len(steps)))

        def stop(*_: object, count: Iterator[int] = count, step: int = step) -> None:
            if next(count) == step:
                raise StoppedError

        with pytest.raises(StoppedError):
            export_complete(alice, audience, stick, volume_bytes=90_000, progress=stop)
        assert list(stick.iterdir()) == []
        assert dump(alice) == before

    told = export_complete(alice, audience, stick)
    assert told.sequence == 2


@pytest.mark.parametrize("volume_bytes", [None, 30_000])
def test_medium_that_gives_back_other_bytes_is_told(
    volume_bytes: int | None, alice: Vault, bob: Vault, stick: Path
) -> None:
    person(alice)
    before = dump(alice)

    def alter(what: str, done: int, total: int) -> None:
        if what == "write":
            (part, *_) = sorted(stick.iterdir())
            with part.open("r+b") as file:
                file.seek(5000)
                byte = file.read(1)
                file.seek(5000)
                file.write(bytes((byte[0] ^ 1,)))

    with pytest.raises(ReadBackDiffersError):
        export_complete(
            alice, for_cards([card_of(bob)]), stick, progress=alter, volume_bytes=volume_bytes
        )

    assert list(stick.iterdir()) == []
    assert dump(alice) == before


def test_medium_that_loses_the_end_is_told(alice: Vault, bob: Vault, stick: Path) -> None:
    person(alice)

    def cut(what: str, done: int, total: int) -> None:
        if what == "write":
            (part,) = stick.iterdir()
            os.truncate(part, part.stat().st_size - 1)

    with pytest.raises(ReadBackDiffersError):
        export_complete(alice, for_cards([card_of(bob)]), stick, progress=cut)

    assert list(stick.iterdir()) == []


def test_file_is_only_part_of_a_name_until_it_was_read_back(
    alice: Vault, bob: Vault, stick: Path
) -> None:
    person(alice)
    names: list[set[str]] = []

    export_complete(
        alice, for_cards([card_of(bob)]), stick,
        progress=lambda *_: names.append({path.suffix for path in stick.iterdir()}),
    )  # fmt: skip

    assert names
    assert all(suffixes == {".part"} for suffixes in names)


def test_progress_is_told_only_of_what_was_made_durable(
    alice: Vault, bob: Vault, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(medium, "SYNC_BYTES", 50_000)
    attach(alice, os.urandom(300_000))
    synced: list[int] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fsync", fsync)
    told: list[int] = []

    def progress(what: str, done: int, total: int) -> None:
        if what == "write":
            told.append(done)
            assert done == synced[-1]
            assert done <= total

    export_complete(alice, for_cards([card_of(bob)]), stick, progress=progress)

    assert len(told) >= 4
    assert told == sorted(told)


@pytest.mark.parametrize("size", [0, 1, 4096, 50_000])
def test_disk_that_fills_up_is_told_and_nothing_is_left(
    size: int, alice: Vault, bob: Vault, stick: Path
) -> None:
    person(alice)
    before = dump(alice)

    with no_larger_files_than(size), pytest.raises(DiskFullError):
        export_complete(alice, for_cards([card_of(bob)]), stick)

    assert list(stick.iterdir()) == []
    assert dump(alice) == before


def test_room_is_asked_for_before_anything_is_written(
    alice: Vault, bob: Vault, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach(alice, os.urandom(3 * 2**20))
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 2**20))

    with pytest.raises(SpaceShortError) as caught:
        complete(alice, bob, stick)

    assert list(stick.iterdir()) == []
    needed = caught.value.fields["mebibytes"]
    assert isinstance(needed, int)
    assert 3 <= needed <= 4


def test_room_that_is_asked_for_is_room_enough(alice: Vault, bob: Vault, stick: Path) -> None:
    attach(alice, os.urandom(100_000))
    asked: list[int] = []

    told = export_complete(
        alice, for_cards([card_of(bob)]), stick, progress=lambda _, __, total: asked.append(total)
    )

    assert told.size_bytes <= asked[0] < told.size_bytes + 8192


def failing(name: str, at: int, error: OSError) -> Any:
    """Return a stand-in for a function of the system that fails when it is called again."""
    real = getattr(Path, name)
    calls = iter(range(1_000))

    def called(self: Path, *arguments: Any, **named: Any) -> Any:
        if self.suffix == ".part" and next(calls) == at:
            raise error
        return real(self, *arguments, **named)

    return called


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize(
    "fault", [("open", 0), ("open", 1), ("open", 2), ("replace", 0), ("replace", 1)], ids=str
)
def test_system_that_refuses_at_any_step_is_told_and_nothing_is_left(
    fault: tuple[str, int], number: int, alice: Vault, bob: Vault, stick: Path
) -> None:
    name, at = fault
    person(alice)
    before = dump(alice)
    refused = failing(name, at, OSError(number, os.strerror(number)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, name, refused)
        with pytest.raises(DiskFullError if number == errno.ENOSPC else MediumLostError):
            export_complete(alice, for_cards([card_of(bob)]), stick, volume_bytes=30_000)

    assert list(stick.iterdir()) == []
    assert dump(alice) == before


def test_stick_that_was_pulled_out_is_told_as_lost(
    alice: Vault, bob: Vault, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the part cannot be removed either, and that must not hide what happened."""
    person(alice)
    lost = OSError(errno.EIO, "pulled out")

    def pulled(*_: object, **__: object) -> None:
        raise lost

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", pulled)
        patch.setattr(Path, "unlink", pulled)
        with pytest.raises(MediumLostError):
            complete(alice, bob, stick)


def test_missing_folder_is_told(alice: Vault, bob: Vault, stick: Path) -> None:
    person(alice)

    with pytest.raises(FielddocError):
        complete(alice, bob, stick / "not there")


def test_file_that_is_there_already_is_not_overwritten(stick: Path) -> None:
    (stick / "0a1b2c3d.age.001.part").write_bytes(b"somebody else's")

    with pytest.raises(FileExistsAlreadyError):
        write(stick)

    assert (stick / "0a1b2c3d.age.001.part").read_bytes() == b"somebody else's"
