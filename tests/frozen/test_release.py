"""Comparing two builds, and the checksums of what is published."""

import shutil
import subprocess
from pathlib import Path

import pytest

from freeze import release


def build(folder: Path) -> Path:
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "a").write_bytes(b"same")
    (folder / "b").write_bytes(b"same too")
    (folder / "link").symlink_to("b")
    return folder


def test_two_builds_of_the_same_bytes_are_the_same(tmp_path: Path) -> None:
    assert release.compare(build(tmp_path / "1"), build(tmp_path / "2")) == 3


@pytest.mark.parametrize("change", ["byte", "missing", "more", "link", "right"])
def test_every_difference_is_named(tmp_path: Path, change: str) -> None:
    first, second = build(tmp_path / "1"), build(tmp_path / "2")
    match change:
        case "byte":
            (second / "b").write_bytes(b"same t0o")
        case "missing":
            (second / "b").unlink()
        case "more":
            (second / "b.more").touch()
        case "link":
            (second / "link").unlink()
            (second / "link").symlink_to("inner/a")
        case "right":
            (second / "b").chmod(0o755)
        case _:
            pytest.fail(change)

    with pytest.raises(release.BuildsDifferError, match=r"^(b|b\.more|link)$"):
        release.compare(first, second)


def test_checksums_are_what_sha256sum_reads(tmp_path: Path) -> None:
    files = [tmp_path / "z.deb", tmp_path / "a.tar.xz"]
    for path in files:
        path.write_bytes(path.name.encode())
    (tmp_path / "SHA256SUMS").write_text(release.checksums(files), encoding="ascii")

    done = subprocess.run(
        [str(shutil.which("sha256sum")), "--check", "--strict", "SHA256SUMS"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0
    assert done.stdout.splitlines() == ["a.tar.xz: OK", "z.deb: OK"]


def test_release_refuses_what_is_in_no_commit(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        name = ["-c", "user.name=Plum", "-c", "user.email=plum@localhost"]
        subprocess.run(["git", "-C", str(tmp_path), *name, *words], check=True)

    git("init", "--quiet")
    (tmp_path / "a").write_text("1", encoding="ascii")
    git("add", "a")
    git("commit", "--quiet", "--message", "a")
    assert release.changes(tmp_path) == []

    (tmp_path / "a").write_text("2", encoding="ascii")
    (tmp_path / "new").touch()

    assert release.changes(tmp_path) == [" M a", "?? new"]
