"""The frozen program in other places, with the whole walk through its window: `make check-package`.

Its environment holds the display, a home folder and, for commands, where the passphrase is; nothing
else. tests/e2e/walk.py does the walking.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.screen import missing_programs
from freeze.linux import control_file
from frozen.bare_debian import bare_debian, install
from frozen.written import CALLS, written
from not_run import not_run

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "dist" / "fielddoc"
PICTURES = ROOT / "build" / "check-package"
ODD_NAME = "带走的 程序 (1)"
NOBODY = "65534"
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")

# The system's own list of fonts. fontconfig asks to be let in there, which only root is.
FONT_LISTS = Path("/var/cache/fontconfig")

# What the walk itself makes in the home folder: the vault and what it asks to be written.
OF_THE_WALK = r"(casework|partner|stick|back|plum\.card|bo\.card|\.fielddoc-practice-[^/]*)(/|$)"
DEVICES = {"/dev/null", "/dev/tty", "/dev/urandom", "/dev/random"}


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a folder that every user of the machine may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="fielddoc-check-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def font_lists() -> list[tuple[str, int]]:
    """Return what lies in the system's list of fonts, and since when."""
    found = [FONT_LISTS, *FONT_LISTS.glob("*")]
    return sorted((path.name, path.stat().st_mtime_ns) for path in found)


def starter(file: Path, lines: str) -> Path:
    """Write a script that starts the program in its own way.

    `$EMPTY` in it stands for `env -i` with what little the program gets.
    """
    empty = (
        'EMPTY="env -i DISPLAY=${DISPLAY:-} HOME=$HOME LANG=C.UTF-8'
        ' ${FIELDDOC_PASSPHRASE_FILE:+FIELDDOC_PASSPHRASE_FILE=$FIELDDOC_PASSPHRASE_FILE}"\n'
    )
    file.write_text(f"#!/bin/sh\nset -eu\n{empty}{lines}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def walk(program: Path, name: str, place: Path) -> None:
    """Walk through the window of `program`, with homes below `place`."""
    missing = missing_programs()
    if missing:
        not_run(f"not on this machine: {', '.join(missing)}")
    out = PICTURES / name
    command = [sys.executable, str(ROOT / "tests/e2e/walk.py"), "--program", str(program)]
    done = subprocess.run(
        [*command, "--out", str(out)], env=os.environ | {"TMPDIR": str(place)},
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\npictures: {out}"
    assert "wipe: done" in done.stdout


def test_portable_program_writes_only_into_its_folder_and_the_vault(place: Path) -> None:
    """As another user than root, whom the system would let write anywhere."""
    if os.geteuid() != 0 or shutil.which("strace") is None:
        not_run("needs root and strace")
    folder = place / ODD_NAME
    shutil.copytree(FOLDER, folder, symlinks=True)
    (folder / "portable").touch()
    traces = place / "traces"
    traces.mkdir()
    # A font that the machine's list lacks: fontconfig would want to write a list of its own.
    program = starter(
        place / "start",
        f'mkdir -p "$HOME/.fonts"; cp -n {FONT} "$HOME/.fonts/"\n'
        f'chown -R {NOBODY} "$HOME" "{folder}"\n'
        f'exec strace -f -y -s 4096 -o "{traces}/$$" -e "trace={CALLS}" --seccomp-bpf'
        f" setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups"
        f' $EMPTY "{folder}/fielddoc" "$@"',
    )

    before = font_lists()
    walk(program, "portable", place)

    assert font_lists() == before
    paths = written("\n".join(path.read_text("utf-8") for path in traces.iterdir()))
    assert any(path.endswith("/casework/vault.key") for path in paths)  # the trace shows something
    home = rf"{re.escape(str(place))}/fielddoc-walk-[^/]+/"
    elsewhere = [
        path
        for path in sorted(paths - DEVICES - {str(FONT_LISTS)})
        if not re.match(home + OF_THE_WALK, path)
        and not path.startswith(f"{folder}/")
        and not re.match(r"/proc/(self|\d+)/", path)
        and not path.startswith("/dev/null/")  # where Qt's settings are sent; nothing can be there
    ]
    assert elsewhere == []


def test_trace_would_show_what_an_installed_program_lets_fontconfig_write(place: Path) -> None:
    """So that an empty list says something."""
    if os.geteuid() != 0 or shutil.which("strace") is None or missing_programs():
        not_run("needs root, strace and a virtual screen")
    from e2e.screen import Screen

    folder = place / "fielddoc"
    shutil.copytree(FOLDER, folder, symlinks=True)
    home = place / "home"
    (home / ".fonts").mkdir(parents=True)
    shutil.copy(FONT, home / ".fonts")
    trace = place / "trace"
    program = starter(
        place / "start",
        f'chown -R {NOBODY} "$HOME"\n'
        f'exec strace -f -y -s 4096 -o "{trace}" -e "trace={CALLS}" --seccomp-bpf'
        f" setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups"
        f' $EMPTY "{folder}/fielddoc"',
    )
    with Screen(place) as screen:
        process = screen.start([str(program)], {"HOME": str(home)})
        screen.wait_for_window("Notes")
        screen.close_window("Notes")
        process.wait(30)

    assert any("/.cache/fontconfig" in path for path in written(trace.read_text("utf-8")))


def test_window_opens_with_nothing_in_its_environment_but_the_display(place: Path) -> None:
    """Without LANG the locale is C, and Qt and Python must find files in any writing all the same."""
    if missing_programs():
        not_run(f"not on this machine: {', '.join(missing_programs())}")
    from e2e.screen import Screen

    folder = place / ODD_NAME
    shutil.copytree(FOLDER, folder, symlinks=True)
    (folder / "portable").touch()
    program = starter(place / "start", f'exec env -i DISPLAY="$DISPLAY" "{folder}/fielddoc"')
    with Screen(place) as screen:
        process = screen.start([str(program)], {})
        screen.wait_for_window("Notes")
        screen.close_window("Notes")
        assert process.wait(30) == 0


def test_demo_writes_into_a_chinese_folder_with_an_empty_environment(place: Path) -> None:
    out = place / ODD_NAME

    done = subprocess.run(
        [str(FOLDER / "fielddoc"), "demo", "--out", str(out)],
        env={}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert list(out.iterdir())


def test_window_works_from_a_read_only_folder(place: Path) -> None:
    if os.geteuid() != 0:
        not_run("only root can mount")
    folder = place / "read only"
    folder.mkdir()
    # The mount is seen by the program alone, and goes with it.
    program = starter(
        place / "start",
        f'exec unshare --mount sh -euc \'mount --bind "{FOLDER}" "{folder}"\n'
        f'mount -o remount,bind,ro "{folder}"\n'
        f'if touch "{folder}/x" 2>/dev/null; then echo "it can be written" >&2; exit 9; fi\n'
        f'exec "$@"\' sh $EMPTY "{folder}/fielddoc" "$@"',
    )

    walk(program, "read-only", place)


@pytest.fixture(scope="module")
def debian() -> Path:
    """Return a bare Debian with the package installed in it."""
    fields = dict(
        line.split(": ", 1) for line in control_file(version="1", kibibytes=1).splitlines()
        if re.match(r"\w", line)
    )  # fmt: skip
    root = bare_debian(fields["Depends"])
    assert not list(root.glob("usr/bin/python*"))
    (package,) = (ROOT / "dist").glob("*.deb")
    install(root, package)
    return root


def in_debian(root: Path, shared: Path, file: Path) -> Path:
    """Return a starter that runs the installed command inside `root`, where `shared` lies too."""
    return starter(
        file,
        f'exec unshare --mount sh -euc \'mkdir -p "{root}{shared}" "{root}/tmp/.X11-unix"\n'
        f'mount --bind "{shared}" "{root}{shared}"\n'
        f'mount --bind /tmp/.X11-unix "{root}/tmp/.X11-unix"\n'
        f'mount --rbind /proc "{root}/proc"; mount --rbind /dev "{root}/dev"\n'
        f'exec chroot "{root}" "$@"\' sh $EMPTY fielddoc "$@"',
    )


def test_demo_runs_in_a_bare_debian_without_python(debian: Path, place: Path) -> None:
    Path("/tmp/.X11-unix").mkdir(exist_ok=True)
    program = in_debian(debian, place, place / "start")

    done = subprocess.run(
        [str(program), "demo", "--out", str(place / "out")],
        env={"DISPLAY": "", "HOME": str(place), "PATH": os.environ["PATH"]},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "vault wiped" in done.stdout


def test_window_works_in_a_bare_debian_without_python(debian: Path, place: Path) -> None:
    walk(in_debian(debian, place, place / "start"), "bare-debian", place)
