"""Other processes that work on a vault: some end by themselves, some are killed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from not_run import not_run

ROOT = Path(__file__).resolve().parent.parent.parent

# What tests/conftest.py does for this process, for another one: see `cheap_key_derivation` there.
CHEAP = """
from fielddoc.crypto import kdf
kdf.FLOOR = kdf.STANDARD = kdf.Cost(64, 1, 1)
kdf.TARGET_SECONDS = 0.001
import os, signal, sys
from pathlib import Path
from fielddoc.errors import *
from fielddoc.vault import attachments, compartment, drafts, lock_file, records, vault, wipe
from fielddoc.vault.opening import make_vault, open_vault
folder, passphrase = Path(sys.argv[1]), sys.argv[2]
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
def kill():
    os.kill(os.getpid(), signal.SIGKILL)
"""


def command(code: str, folder: Path, passphrase: str, *more: str) -> list[str]:
    """Return the command that runs `code` with the names of CHEAP at hand."""
    return [sys.executable, "-c", CHEAP + code, str(folder), passphrase, *more]


def run(
    code: str, folder: Path, passphrase: str, *more: str, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run `code` to its end."""
    return subprocess.run(
        [*before, *command(code, folder, passphrase, *more)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def start(code: str, folder: Path, passphrase: str, *more: str) -> subprocess.Popen[str]:
    """Start `code` with pipes to talk to it."""
    return subprocess.Popen(
        command(code, folder, passphrase, *more),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def strace() -> str:
    """Return the path of strace, or leave the test loudly."""
    path = shutil.which("strace")
    if path is None:
        not_run("strace is not installed")
    probe = subprocess.run([path, "-o", os.devnull, "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        not_run("strace may not trace here")
    return path
