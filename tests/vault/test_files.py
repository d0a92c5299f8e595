"""What the system refuses is told as what it is."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fielddoc import errors
from fielddoc.errors import FielddocError, FileExistsAlreadyError
from fielddoc.vault.files import explaining, give_name, new_file, refusal, sync
from refused_writes import no_larger_files_than


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, errors.DiskFullError),
        (errno.EDQUOT, errors.DiskFullError),
        (errno.EROFS, errors.NoPermissionError),
        (errno.EACCES, errors.NoPermissionError),
        (errno.EIO, errors.MediumLostError),
        (errno.ENODEV, errors.MediumLostError),
        (errno.EEXIST, errors.FileExistsAlreadyError),
        (errno.ENOTDIR, errors.NotAPlainFileError),
        (errno.ENAMETOOLONG, errors.NotAPlainFileError),
        (errno.ELOOP, errors.NotAPlainFileError),
    ],
)
def test_each_refusal_has_its_own_error(number: int, expected: type[FielddocError]) -> None:
    with pytest.raises(expected), explaining("notes"):
        raise OSError(number, "refused")


def test_what_is_none_of_them_is_passed_on() -> None:
    assert refusal(OSError(errno.EBADF, "a mistake of ours"), "notes") is None
    with pytest.raises(OSError, match="ours"), explaining("notes"):
        raise OSError(errno.EBADF, "a mistake of ours")


def test_file_that_could_not_be_written_leaves_nothing_and_can_be_tried_again(
    tmp_path: Path,
) -> None:
    card = tmp_path / "my card.json"
    data = bytes(range(256)) * 64

    with no_larger_files_than(5000), pytest.raises(errors.DiskFullError):
        new_file(card, data)
    left = list(tmp_path.iterdir())
    new_file(card, data)

    assert left == []
    assert card.read_bytes() == data
    assert list(tmp_path.iterdir()) == [card]


@pytest.mark.parametrize("name", ["card", "card.part"])
def test_new_file_overwrites_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"there already")

    with pytest.raises(errors.FileExistsAlreadyError):
        new_file(tmp_path / "card", b"new")

    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [(name, b"there already")]


@pytest.mark.parametrize("has_links", [True, False])
def test_a_finished_file_gets_its_name_and_takes_nobody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_links: bool
) -> None:
    """FAT has no hard links and says so with EPERM."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if not has_links:
        monkeypatch.setattr(os, "link", refuse)
    part, target = tmp_path / "gate.jpg.part", tmp_path / "gate.jpg"
    part.write_bytes(b"whole")
    give_name(part, target)
    assert target.read_bytes() == b"whole"
    assert not part.exists()

    part.write_bytes(b"another")
    with pytest.raises(FileExistsAlreadyError):
        give_name(part, target)
    assert target.read_bytes() == b"whole"
    assert part.read_bytes() == b"another"


def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the system is asked for from now on."""
    asked: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: asked.append("fsync"))
    return asked


def flushing(asked: list[str], refuses: int | None) -> Callable[[int], object]:
    def flush(_: int) -> None:
        asked.append("flush")
        if refuses is not None:
            raise OSError(refuses, "x")

    return flush


def test_where_the_drive_itself_can_be_flushed_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = synced(monkeypatch)

    sync(0, flushing(asked, None))

    assert asked == ["flush"]


@pytest.mark.parametrize("refused", [errno.ENOTSUP, errno.EINVAL, errno.ENOTTY])
def test_a_drive_that_cannot_be_flushed_is_synced_all_the_same(
    refused: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = synced(monkeypatch)

    sync(0, flushing(asked, refused))

    assert asked == ["flush", "fsync"]


def test_elsewhere_the_usual_call_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = synced(monkeypatch)

    sync(0, None)

    assert asked == ["fsync"]


def test_nothing_of_ours_is_synced_by_another_way() -> None:
    ours = Path(__file__).parents[2] / "src"
    found = [p.name for p in ours.rglob("*.py") if "os.fsync(" in p.read_text(encoding="utf-8")]
    assert found == ["files.py"]
