"""A terminal: the command line run in this process, with what it printed."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fielddoc.cli.main import main

PASSPHRASE = "six fictional words for the vault"
PARTNER_PASSPHRASE = "six other words for the partner"


@dataclass(frozen=True)
class Ran:
    """What one command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return json.loads(self.err)["error"]

    @property
    def said(self) -> str:
        """What was said to have gone wrong, to a person."""
        return self.err.removeprefix("error: ").split("\n", 1)[0]


Terminal = Callable[..., Ran]


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n", encoding="utf-8")
    return path


@pytest.fixture
def partner_file(tmp_path: Path) -> Path:
    path = tmp_path / "partner-passphrase"
    path.write_text(PARTNER_PASSPHRASE, encoding="utf-8")
    return path


@pytest.fixture
def terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    passphrase_file: Path,
) -> Terminal:
    """Run `fielddoc` words in an empty folder; the vault's passphrase comes from a file."""
    monkeypatch.setenv("FIELDDOC_PASSPHRASE_FILE", str(passphrase_file))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)

    def run(*words: str, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        status = main(words)
        printed = capsys.readouterr()
        return Ran(status, printed.out, printed.err)

    return run


@pytest.fixture
def vault(terminal: Terminal) -> str:
    """A new vault in the folder `v`."""
    assert terminal("new", "v", "--name", "Sender").status == 0
    return "v"


@pytest.fixture
def partner(terminal: Terminal, vault: str, partner_file: Path) -> str:
    """A partner's vault in the folder `p`; both have each other as contacts."""
    theirs = ("--passphrase-file", str(partner_file))
    assert terminal("new", "p", "--name", "Partner", *theirs).status == 0
    assert terminal("identity", vault, "--card", "sender.card").status == 0
    assert terminal("identity", "p", "--card", "partner.card", *theirs).status == 0
    ours = terminal("identity", vault, "--json").json["code"]
    code = terminal("identity", "p", "--json", *theirs).json["code"]
    assert terminal("contact", "add", vault, "partner.card", "--code", code).status == 0
    assert terminal("contact", "add", "p", "sender.card", "--code", ours, *theirs).status == 0
    return "p"
