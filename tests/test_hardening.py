"""No core dump and no reader of our memory, in the window and in the terminal."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fielddoc.hardening import protect_memory
from not_run import not_run

ROOT = Path(__file__).resolve().parent.parent

# What another program of the same person can do with a process of ours, tried in two ways: by
# somebody without rights, whom only root can become.
PROBE = """
import ctypes, os, resource, sys
from fielddoc.hardening import protect_memory
libc = ctypes.CDLL(None)

def as_nobody(step):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
        libc.prctl(4, 1, 0, 0, 0)  # as a program is that was started by that person
        step(write)
        os._exit(0)
    os.close(write)
    return child, read

def protected(write):
    protect_memory()
    opened(write)

def opened(write):
    limit = resource.getrlimit(resource.RLIMIT_CORE)
    os.write(write, str(limit).encode())
    os.read(asked, 1)

def probe(write):
    try:
        with open(f"/proc/{other}/mem", "rb"):
            can_read = True
    except PermissionError:
        can_read = False
    can_trace = libc.ptrace(16, other, None, None) == 0  # PTRACE_ATTACH
    if can_trace:
        os.waitpid(other, 0)
        libc.ptrace(17, other, None, None)  # PTRACE_DETACH, so that it goes on
    os.write(write, f"{can_read} {can_trace}".encode())

for step in (opened, protected):
    asked, answer = os.pipe()
    other, told = as_nobody(step)
    limit = os.read(told, 100).decode()
    prober, seen = as_nobody(probe)
    print(step.__name__, limit, os.read(seen, 100).decode())
    os.waitpid(prober, 0)
    os.write(answer, b"x")
    os.waitpid(other, 0)
"""


def _anybody_may_trace() -> bool:
    """Tell whether this kernel lets programs of one person trace each other (Yama forbids it)."""
    try:
        return Path("/proc/sys/kernel/yama/ptrace_scope").read_text().strip() == "0"
    except OSError:
        return True


@pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: it looks at /proc")
def test_another_program_of_the_same_person_neither_reads_nor_traces_us() -> None:
    if os.getuid() != 0:
        not_run("only root can become somebody else, and root may read everything")
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    opened, protected = done.stdout.splitlines()
    if _anybody_may_trace():
        assert opened.endswith("True True"), "nothing could be read anyway, so this shows nothing"
    assert protected == "protected (0, 0) False False"


STATE = """
import ctypes, resource, sys
import fielddoc.__main__ as program
def look(words):
    print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
    return 0
if sys.argv[1:] == ["list"]:
    import fielddoc.cli.main as terminal
    terminal.main = look
else:
    import fielddoc.gui.app as app
    app._run = look
sys.exit(program.main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: it asks the Linux kernel")
@pytest.mark.parametrize("words", [["list"], []])
def test_terminal_and_window_are_protected_before_they_do_anything(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STATE, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.stdout == "(0, 0) 0\n", done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: it looks for Linux's core files")
def test_a_crash_leaves_no_core_file(tmp_path: Path) -> None:
    code = "import os; from fielddoc.hardening import protect_memory; protect_memory(); os.abort()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)

    assert done.returncode < 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: it looks for Linux's core files")
def test_without_protection_the_same_crash_leaves_one(tmp_path: Path) -> None:
    """The control: where no program writes core files anyway, finding none says nothing."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if pattern.startswith("|") or "/" in pattern:
        not_run(f"this system puts core files elsewhere: {pattern}")
    code = (
        "import os, resource; soft, hard = resource.getrlimit(resource.RLIMIT_CORE)\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (hard, hard)); print(hard, flush=True); os.abort()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    if done.stdout == "0\n":
        not_run("this system allows no core file to anybody")

    assert done.returncode < 0
    assert len([path for path in tmp_path.iterdir() if path.name.startswith("core")]) == 1


class Recording:
    """A library of another system that notes what is called."""

    def __init__(self, calls: list[tuple[str, tuple[Any, ...]]]) -> None:
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        def called(*arguments: Any) -> int:
            self._calls.append((name, arguments))
            return 1

        return called


def test_windows_is_asked_for_no_memory_in_reports_and_no_readers() -> None:
    calls: list[tuple[str, tuple[Any, ...]]] = []
    protect_memory("win32", lambda _: Recording(calls))

    asked = dict(calls)
    assert asked["SetErrorMode"] == (3,)
    assert asked["WerSetFlags"] == (1,)
    rights = asked["ConvertStringSecurityDescriptorToSecurityDescriptorW"][0]
    mask = int(rights.split(";")[2], 16)
    assert mask & 0x0010 == 0  # PROCESS_VM_READ
    assert mask & 0x0020 == 0  # PROCESS_VM_WRITE
    assert mask & 0x0001  # its owner may still end it
    assert isinstance(asked["SetKernelObjectSecurity"][0], ctypes.c_void_p)


def test_macos_is_asked_to_let_nobody_attach() -> None:
    calls: list[tuple[str, tuple[Any, ...]]] = []
    protect_memory("darwin", lambda _: Recording(calls))

    assert calls == [("ptrace", (31, 0, None, 0))]


def test_a_system_that_refuses_changes_nothing() -> None:
    def load(_: str | None) -> Any:
        raise OSError

    protect_memory("win32", load)
    protect_memory("linux", lambda _: object())
