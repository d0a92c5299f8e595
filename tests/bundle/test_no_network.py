"""The whole job opens no network connection."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from not_run import not_run

ROOT = Path(__file__).parents[2]


def test_whole_job_makes_no_socket_but_local_ones(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        not_run("strace is not installed")
    trace = tmp_path / "trace"
    # With --seccomp-bpf only the calls that are looked for are stopped at.
    watched = [strace, "-f", "--seccomp-bpf", "-e", "trace=network", "-o", str(trace)]
    if subprocess.run([*watched, "true"], capture_output=True, check=False).returncode:
        not_run("strace may not trace here")

    program = [sys.executable, "-m", "fielddoc", "demo", "--json", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [*watched, *program],
        cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, check=False,
        timeout=300,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert b"vault wiped" in done.stdout
    calls = [line for line in trace.read_text().splitlines() if re.match(r"\d+ +\w+\(", line)]
    assert [call for call in calls if "AF_UNIX" not in call] == []
    assert "exited with 0" in trace.read_text()
    # Nor does it leave its vaults behind.
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("fielddoc")] == []


def test_trace_would_show_a_connection(tmp_path: Path) -> None:
    """So that an empty trace says something."""
    strace = shutil.which("strace")
    if strace is None:
        not_run("strace is not installed")
    trace = tmp_path / "trace"
    program = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()"
    watched = [
        strace,
        "-f",
        "--seccomp-bpf",
        "-e",
        "trace=network",
        "-o",
        str(trace),
        sys.executable,
        "-c",
        program,
    ]
    if subprocess.run(watched, capture_output=True, check=False).returncode:
        not_run("strace may not trace here")

    assert "AF_INET" in trace.read_text()
