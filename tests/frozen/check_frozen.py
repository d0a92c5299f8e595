"""The frozen program at work: `make check-package`, after `make package`."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from not_run import not_run

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "dist" / "fielddoc"
PROGRAM = FOLDER / "fielddoc"
ODD_NAME = "带走的 程序 (1)"


def run(*command: str | Path, folder: Path | None = None, **environment: str) -> str:
    """Run a program with nothing in its environment but what is given."""
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_demo_runs_with_an_empty_environment(tmp_path: Path) -> None:
    said = run(PROGRAM, "demo", "--out", tmp_path / "out", folder=tmp_path)

    assert "vault wiped" in said


def test_demo_never_loads_qt(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        not_run("strace is not installed")
    trace = tmp_path / "trace"

    run(
        strace, "-f", "--seccomp-bpf", "-e", "trace=openat", "-o", trace,
        PROGRAM, "demo", "--out", tmp_path / "out",
        folder=tmp_path,
    )  # fmt: skip

    opened = trace.read_text()
    assert "_sqlite3" in opened  # the trace shows what is loaded
    assert not re.findall(r"Qt6\w+|PySide6|libGL|libX11", opened)


def test_program_loads_nothing_of_python_from_outside(tmp_path: Path) -> None:
    """A PYTHONPATH or a module in the working folder must not get into it."""
    (tmp_path / "hashlib.py").write_text("raise SystemExit('taken over')\n", encoding="utf-8")

    said = run(
        PROGRAM, "--version", folder=tmp_path, PYTHONPATH=str(tmp_path), PYTHONHOME=str(tmp_path)
    )

    assert said.startswith("fielddoc ")


def test_demo_runs_from_a_folder_with_blanks_and_chinese_characters(tmp_path: Path) -> None:
    folder = tmp_path / ODD_NAME
    shutil.copytree(FOLDER, folder, symlinks=True)

    said = run(folder / "fielddoc", "demo", "--out", tmp_path / "去 处", folder=tmp_path)

    assert "vault wiped" in said


@pytest.fixture
def read_only(tmp_path: Path) -> Path:
    """Return the frozen folder on a medium that cannot be written."""
    if os.geteuid() != 0:
        not_run("only root can mount")
    place = tmp_path / ODD_NAME
    place.mkdir()
    mount = ["mount", "--bind", "-o", "ro", str(FOLDER), str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        not_run("nothing can be mounted here")
    subprocess.run(["mount", "-o", "remount,bind,ro", str(place)], check=True)
    return place


def test_demo_runs_from_a_read_only_folder(read_only: Path, tmp_path: Path) -> None:
    try:
        with pytest.raises(OSError, match="Read-only"):
            (read_only / "x").touch()

        said = run(read_only / "fielddoc", "demo", "--out", tmp_path / "out", folder=tmp_path)

        assert "vault wiped" in said
    finally:
        subprocess.run(["umount", str(read_only)], check=True)


def test_command_of_the_debian_package_works_through_its_link(tmp_path: Path) -> None:
    (deb,) = (ROOT / "dist").glob("*.deb")
    run("dpkg-deb", "-x", deb, tmp_path, PATH=os.environ["PATH"])

    assert run(tmp_path / "usr/bin/fielddoc", "--version").startswith("fielddoc ")
