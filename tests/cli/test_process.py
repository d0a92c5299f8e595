"""The program as a process: no Qt, the demo, what others see of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def _run(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fielddoc", *words],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # no terminal to ask on, wherever the tests themselves run
    )


def test_the_demo_proves_every_step_and_leaves_nothing_behind(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    ran = _run("demo", cwd=tmp_path, TMPDIR=str(temporary))

    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert len(ran.stdout.splitlines()) == 11
    for proof in (
        "24 people, 7 relations, 58 facts, 17 risks",
        "23 days",
        "511 days",
        "all refused",
    ):
        assert proof in ran.stdout
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("words", [["--help"], ["demo"]])
def test_no_command_imports_qt(tmp_path: Path, words: list[str]) -> None:
    code = (
        f"import sys; from fielddoc.cli.main import main; done = main({words!r});"
        " sys.exit(done or any(name.startswith('PySide') for name in sys.modules))"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False
    )

    assert ran.returncode == 0


def test_a_vault_whose_key_derivation_is_below_the_floor_is_refused_by_the_program(
    tmp_path: Path,
) -> None:
    from fielddoc.vault.opening import make_vault

    make_vault(tmp_path / "v", "made cheaply by the test suite").lock()
    (tmp_path / "pw").write_text("made cheaply by the test suite", encoding="utf-8")

    ran = _run("list", "v", "--passphrase-file", "pw", "--json", cwd=tmp_path)

    assert ran.returncode == 1
    assert '"vault.key-damaged"' in ran.stderr


def test_a_wrong_passphrase_leaves_no_line_of_sqlcipher_on_stderr(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("right words for this vault", encoding="utf-8")
    (tmp_path / "wrong").write_text("wrong words for this vault", encoding="utf-8")
    assert _run("new", "v", "--passphrase-file", "pw", cwd=tmp_path).returncode == 0

    ran = _run("list", "v", "--passphrase-file", "wrong", cwd=tmp_path)

    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "error: This passphrase does not open the vault.",
        "hint: Check Caps Lock and the input method, then try again. Nothing was changed.",
    ]


def test_a_new_passphrase_is_never_taken_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("words for this vault", encoding="utf-8")
    environment = {"FIELDDOC_PASSPHRASE_FILE": "pw"}
    assert _run("new", "v", cwd=tmp_path, **environment).returncode == 0

    ran = _run("passphrase", "v", "--json", cwd=tmp_path, **environment)

    assert ran.returncode == 1
    assert '"passphrase.missing"' in ran.stderr
    assert _run("list", "v", cwd=tmp_path, **environment).returncode == 0


def test_output_into_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    code = "import sys; from fielddoc.cli.main import main; sys.exit(main(['demo', '--json']))"

    shell = f'{sys.executable} -c "{code}" | true; exit ${{PIPESTATUS[0]}}'
    ran = subprocess.run(
        ["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr
