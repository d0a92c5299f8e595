"""What a person sees who types on a terminal: questions, nothing of the passphrase, progress."""

import os
import pty
import select
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.conftest import PASSPHRASE, Terminal
from not_run import not_run
from vault.processes import run

ROOT = Path(__file__).resolve().parents[2]

# What tests/conftest.py does for this process, and progress shown however short the work is.
PROGRAM = """
import sys
from fielddoc.crypto import kdf
kdf.FLOOR = kdf.STANDARD = kdf.Cost(64, 1, 1)
kdf.TARGET_SECONDS = 0.001
from fielddoc.cli import terminal
terminal._PROGRESS_STEP_S = 0.0
from fielddoc.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@dataclass(frozen=True)
class Seen:
    """How a command ended, and every character that the terminal was sent."""

    status: int
    text: str


OnTerminal = Callable[..., Seen]


@pytest.fixture
def on_terminal(tmp_path: Path) -> OnTerminal:
    """Run `fielddoc` words on a terminal of its own; each answer is typed when its prompt is there."""

    def typed(*words: str, answers: tuple[tuple[str, str], ...] = (), language: str = "en") -> Seen:
        try:
            process, terminal = pty.fork()
        except OSError as error:
            not_run(f"there is no pseudo-terminal: {error}")
        if process == 0:  # pragma: no cover - another process
            os.environ.pop("FIELDDOC_PASSPHRASE_FILE", None)
            os.environ["LANG"] = {"en": "en_GB.UTF-8", "zh": "zh_CN.UTF-8"}[language]
            os.environ["PYTHONPATH"] = str(ROOT / "src")
            os.execv(sys.executable, [sys.executable, "-X", "utf8", "-c", PROGRAM, *words])
        text, left = "", list(answers)
        while True:
            ready, _, _ = select.select([terminal], [], [], 60)
            if not ready:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
                pytest.fail(f"nothing more within a minute after: {text}")
            try:
                data = os.read(terminal, 65536)
            except OSError:  # what Linux says when the last one at the other end has gone
                break
            if not data:
                break
            text += data.decode("utf-8", "replace")
            if left and text.rstrip().endswith(left[0][0]):
                os.write(terminal, (left.pop(0)[1] + "\n").encode())
        os.close(terminal)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        assert left == [], text
        return Seen(status, text.replace("\r\n", "\n"))

    return typed


NEW_IN_ENGLISH = (
    ("Passphrase for the vault (six or more words):", PASSPHRASE),
    ("The same passphrase again:", PASSPHRASE),
)


def test_new_proposes_words_asks_twice_and_never_shows_what_was_typed(
    on_terminal: OnTerminal, tmp_path: Path
) -> None:
    seen = on_terminal("new", str(tmp_path / "v"), answers=NEW_IN_ENGLISH)

    assert seen.status == 0, seen.text
    assert PASSPHRASE not in seen.text
    lines = seen.text.splitlines()
    proposed = lines[
        lines.index("Words that chance has chosen. Type them, or others of your own:") + 1
    ]
    assert len(proposed.split()) == 6
    assert "Making the vault; this takes a few seconds …" in lines
    assert "The vault is made. Nobody can open it without the passphrase, nor can we." in lines
    assert (tmp_path / "v" / "vault.key").exists()


def test_new_on_a_chinese_system_proposes_pinyin_with_its_characters(
    on_terminal: OnTerminal, tmp_path: Path
) -> None:
    answers = (
        ("为保险库设定口令（六个或更多词语）：", PASSPHRASE),
        ("再输入一次同样的口令：", PASSPHRASE),
    )

    seen = on_terminal("new", str(tmp_path / "v"), answers=answers, language="zh")

    assert seen.status == 0, seen.text
    lines = seen.text.splitlines()
    first = lines.index("随机选出的词语。请输入它们，或另用自己的：") + 1
    words, characters = lines[first : first + 2]
    assert words.isascii()
    assert len(words.split()) == len(characters.split()) == 7
    assert all("\u4e00" <= each <= "\u9fff" for each in "".join(characters.split()))


def test_new_whose_second_typing_differs_makes_nothing(
    on_terminal: OnTerminal, tmp_path: Path
) -> None:
    answers = (NEW_IN_ENGLISH[0], (NEW_IN_ENGLISH[1][0], "six words with a slip in them"))

    seen = on_terminal("new", str(tmp_path / "v"), answers=answers)

    assert seen.status == 1
    assert "error: " in seen.text
    assert "hint: " in seen.text
    assert not (tmp_path / "v").exists()


def test_unlocking_says_that_it_is_under_way(
    on_terminal: OnTerminal, terminal: Terminal, vault: str
) -> None:
    folder = str(Path(vault).absolute())

    seen = on_terminal("list", folder, answers=(("Passphrase:", PASSPHRASE),))

    assert seen.status == 0, seen.text
    assert PASSPHRASE not in seen.text
    assert "Opening; this is slow on purpose …" in seen.text
    assert "Looking through" not in seen.text  # it was closed: nothing to compare


def test_a_vault_that_was_not_closed_shows_how_far_the_comparison_is(
    on_terminal: OnTerminal, terminal: Terminal, vault: str
) -> None:
    folder = Path(vault).absolute()
    crash = """
for number in range(700):
    records.add(opened, "incident", {"title": str(number)})
kill()
"""
    run(f"opened = open_vault(folder, passphrase){crash}", folder, PASSPHRASE)

    seen = on_terminal("list", str(folder), "--json", answers=(("Passphrase:", PASSPHRASE),))

    assert seen.status == 0, seen.text
    shown = [part for part in seen.text.split("\r") if "Looking through the whole vault" in part]
    percents = [int(part.split(":")[1].split("%")[0]) for part in shown]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert len(percents) > 2


def test_export_shows_how_far_it_is(
    on_terminal: OnTerminal, terminal: Terminal, vault: str, partner: str, tmp_path: Path
) -> None:
    Path("photo.jpg").write_bytes(os.urandom(6_000_000))
    added = terminal("add", vault, "-", stdin='{"type": "incident", "values": {"title": "t"}}')
    assert terminal("attach", vault, added.out.strip(), "photo.jpg").status == 0
    words = (
        "export",
        str(Path(vault).absolute()),
        "--complete",
        "--everything-leaves",
        "--to",
        "Partner",
    )

    seen = on_terminal(
        *words, "--out", str(tmp_path / "stick"), answers=(("Passphrase:", PASSPHRASE),)
    )

    assert seen.status == 0, seen.text
    shown = [part for part in seen.text.split("\r") if "Writing and reading back" in part]
    percents = [int(part.split(":")[1].split("%")[0]) for part in shown]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert len(percents) > 2
    assert all(part.split("\n")[0].rstrip().endswith("s left") for part in shown)


def test_progress_of_a_command_whose_errors_go_to_a_file_is_not_written_there(
    terminal: Terminal, vault: str, partner: str, tmp_path: Path
) -> None:
    added = terminal("add", vault, "-", stdin='{"type": "incident", "values": {"title": "t"}}')
    assert added.status == 0
    (tmp_path / "stick").mkdir()

    ran = terminal(
        "export",
        vault,
        "--complete",
        "--everything-leaves",
        "--to",
        "Partner",
        "--out",
        str(tmp_path / "stick"),
    )

    assert ran.status == 0
    assert "%" not in ran.err
