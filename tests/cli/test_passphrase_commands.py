"""Passphrases, new keys and recovery shares in the terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.conftest import PASSPHRASE, Terminal
from fielddoc.vault.layout import KEY_FILE
from not_run import not_run
from vault.processes import CHEAP

NEW = "seven quite different words for this vault"
WIPE = "nobody will ever find anything in here"


def file(name: str, text: str) -> str:
    Path(name).write_text(text + "\n", encoding="utf-8")
    return name


def test_a_changed_passphrase_opens_and_copies_are_told_about(
    terminal: Terminal, vault: str
) -> None:
    ran = terminal("passphrase", vault, "--new-passphrase-file", file("new", NEW))

    assert ran.status == 0
    assert "Copies of the vault that were made earlier" in ran.out
    assert terminal("list", vault).said == "This passphrase does not open the vault."
    assert terminal("list", vault, "--passphrase-file", "new").status == 0


def test_new_keys_void_everything_and_give_shares_that_are_proven(
    terminal: Terminal, vault: str
) -> None:
    made = terminal(
        *("passphrase", vault, "--new-keys", "--shares", "--json"),
        *("--new-passphrase-file", file("new", NEW)),
    ).json

    assert made["generation"] == 2
    assert [len(share.split()) for share in made["shares"]] == [20, 20, 20]
    assert terminal("list", vault).said == "This passphrase does not open the vault."
    with_new = ("--passphrase-file", "new", "--json")
    shown = terminal("passphrase", vault, "--show", *with_new).json
    assert shown["recovery"] == {"threshold": 2, "count": 3, "proven": False}
    two = file("two", "\n\n".join(made["shares"][:2]))
    assert terminal("passphrase", vault, "--rehearse", "--shares-file", two, *with_new).json == {
        "proven": True
    }
    assert terminal("passphrase", vault, "--show", *with_new).json["recovery"]["proven"]


def test_shares_open_a_vault_whose_passphrase_is_lost_and_are_void_then(
    terminal: Terminal, vault: str
) -> None:
    shares = terminal("passphrase", vault, "--shares", "2/4", "--json").json["shares"]
    two = file("two", "\n".join([shares[3].upper(), f"  {shares[1]} "]))

    ran = terminal(
        *("passphrase", vault, "--with-shares", "--shares-file", two, "--json"),
        *("--new-passphrase-file", file("new", NEW)),
    )

    assert ran.status == 0, ran.err
    assert len(ran.json["shares"]) == 4  # as many as there were before, made anew
    assert terminal("list", vault, "--passphrase-file", "new").status == 0
    again = terminal("passphrase", vault, "--with-shares", "--shares-file", two, "--json")
    assert again.error["code"] == "share.void"
    assert again.error["details"] == {"made": 2, "now": 3}


def test_shares_open_nothing_but_the_setting_of_a_new_passphrase(
    terminal: Terminal, vault: str
) -> None:
    shares = terminal("passphrase", vault, "--shares", "--json").json["shares"]
    two = file("two", "\n".join(shares[:2]))

    ran = terminal("passphrase", vault, "--with-shares", "--shares-file", two, "--json")

    assert ran.error["code"] == "passphrase.missing"
    assert terminal("list", vault).status == 0


def wrong_shares(shares: list[str], others: list[str]) -> dict[str, str]:
    """Return each mistake that can be made, by the code of its error."""
    words = shares[0].split()
    swapped = [*words[:10], words[11], words[10], *words[12:]]
    mistyped = [*words[:4], words[4][:-1] + "q", *words[5:]]
    return {
        "share.word": " ".join(mistyped),
        "share.length": " ".join(words[:-1]),
        "share.check": " ".join(swapped),
        "share.not-ours": (
            "duckling enlarge academic academic agency result length solution fridge kidney coal"
            " piece deal husband erode duke ajar critical decision keyboard"
        ),
        "share.twice": f"{shares[0]}\n{shares[0]}",
        "share.other-set": f"{shares[0]}\n{others[1]}",
        "share.too-few": shares[2],
        "share.wrong": "\n".join(others[:2]),
    }


def test_each_mistake_with_shares_has_its_own_error(
    terminal: Terminal, vault: str, partner: str, partner_file: Path
) -> None:
    shares = terminal("passphrase", vault, "--shares", "--json").json["shares"]
    theirs = ("--passphrase-file", str(partner_file))
    others = terminal("passphrase", partner, "--shares", "--json", *theirs).json["shares"]
    before = (Path(vault) / KEY_FILE).read_bytes()

    for code, text in wrong_shares(shares, others).items():
        name = file("wrong", text)
        ran = terminal("passphrase", vault, "--with-shares", "--shares-file", name, "--json")
        assert (ran.status, ran.error["code"]) == (1, code), text
        if code == "share.word":
            assert shares[0].split()[4] in ran.error["hint"]
            assert ran.error["details"]["place"] == 5
    assert (Path(vault) / KEY_FILE).read_bytes() == before
    assert terminal("list", vault).status == 0


def test_a_wipe_passphrase_wipes_from_any_command(terminal: Terminal) -> None:
    wiping = ("--wipe-passphrase-file", file("wipe", WIPE))
    assert terminal("new", "w", *wiping).status == 0
    assert terminal("list", "w").status == 0

    ran = terminal("list", "w", "--passphrase-file", "wipe", "--json")

    assert ran.error["code"] == "vault.wiped"
    assert not Path("w").exists()


def test_a_wipe_passphrase_like_the_passphrase_is_refused(terminal: Terminal) -> None:
    wiping = ("--wipe-passphrase-file", file("wipe", PASSPHRASE + "s"))

    ran = terminal("new", "w", *wiping, "--json")

    assert ran.error["code"] == "passphrase.too-alike"
    assert not Path("w").exists()


def test_new_keys_without_a_wipe_passphrase_say_that_there_is_none(
    terminal: Terminal, vault: str
) -> None:
    ran = terminal("passphrase", vault, "--new-cost")
    assert "It has no wipe passphrase." in ran.out
    ran = terminal("passphrase", vault, "--wipe-passphrase-file", file("wipe", WIPE))
    assert "It has no wipe passphrase." not in ran.out
    assert terminal("list", vault, "--passphrase-file", "wipe", "--json").error["code"] == (
        "vault.wiped"
    )


def test_shares_can_be_given_up(terminal: Terminal, vault: str) -> None:
    assert terminal("passphrase", vault, "--shares", "3/5").status == 0
    assert "3 of 5" in terminal("passphrase", vault, "--show").out
    assert terminal("passphrase", vault, "--no-shares").status == 0
    assert "no recovery shares" in terminal("passphrase", vault, "--show").out


def test_shares_are_shown_as_they_are_written_down(terminal: Terminal, vault: str) -> None:
    out = terminal("passphrase", vault, "--shares").out

    assert out.count("of 3, generation 2. 2 of them open the vault.") == 3
    assert len(re.findall(r"(?m)^ ?\d+ [a-z]+ ", out)) == 12  # four rows of five a sheet
    assert out.count("The last 3 words check the others.") == 3


def test_shares_go_into_files_only_when_asked_and_with_a_warning(
    terminal: Terminal, vault: str
) -> None:
    Path("out").mkdir()
    ran = terminal("passphrase", vault, "--shares", "--share-files", "out")

    assert sorted(path.name for path in Path("out").iterdir()) == [
        *(f"share-{number}.txt" for number in (1, 2, 3)),
    ]
    assert "can often be brought back" in ran.err
    assert not re.search(r"(?m)^ 1 [a-z]+", ran.out)


@pytest.mark.parametrize("words", ["1/3", "4/3", "2/10", "two", "2-3", ""])
def test_senseless_numbers_of_shares_are_wrong_usage(
    terminal: Terminal, vault: str, words: str
) -> None:
    ran = terminal("passphrase", vault, f"--shares={words}")

    assert ran.status == 2
    assert "2/3" in ran.err


@pytest.mark.parametrize("memory", ["1", "100000"])
def test_memory_out_of_bounds_is_wrong_usage(terminal: Terminal, vault: str, memory: str) -> None:
    assert terminal("passphrase", vault, "--memory", memory).status == 2
    assert terminal("list", vault).status == 0


def test_pinyin_words_are_proposed_with_their_characters(terminal: Terminal) -> None:
    ran = terminal("passphrase", "nothing", "--words", "pinyin")
    assert ran.status == 1  # no such vault: said before anything is asked or proposed

    program = CHEAP + "from fielddoc.cli.main import main; sys.exit(main(sys.argv[3:]))"
    command = [sys.executable, "-c", program, ".", "-", "new", "z", "--words", "pinyin"]
    bare = {name: value for name, value in os.environ.items() if "PASSPHRASE" not in name}
    done = subprocess.run(
        command, env=bare, capture_output=True, text=True, start_new_session=True, check=False
    )
    lines = done.stderr.splitlines()
    assert re.fullmatch(r"  [a-z]+( [a-z]+){6}", lines[-4])
    assert re.fullmatch(r"  [\u4e00-\u9fff]{2}( [\u4e00-\u9fff]{2}){6}", lines[-3])


def typed_on_a_terminal(words: list[str], answers: list[tuple[str, str]]) -> str:
    """Run a command on a pseudo-terminal, answering each prompt in turn; return the screen."""
    program = CHEAP + "from fielddoc.cli.main import main; sys.exit(main(sys.argv[3:]))"
    try:
        child, master = pty.fork()
    except OSError as error:
        not_run(f"there is no pseudo-terminal: {error}")
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", program, ".", "-", *words])
    screen, at = "", 0
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([master], [], [], 0.2)[0]:
            try:
                screen += os.read(master, 65536).decode("utf-8", "replace")
            except OSError:
                break
        if answers and answers[0][0] in screen[at:]:
            at = len(screen)
            answer = answers.pop(0)[1]
            if answer.startswith("share "):
                answer = shares_on(screen)[int(answer[6:])]
            os.write(master, answer.encode() + b"\n")
    os.close(master)
    assert os.waitpid(child, 0)[1] == 0, screen
    assert answers == []
    return screen


def shares_on(screen: str) -> list[str]:
    rows = re.findall(r"(?m)^ ?\d+ [a-z]+ .*$", screen.replace("\r", ""))
    return [
        " ".join(re.findall(r"[a-z]+", " ".join(rows[at : at + 4])))
        for at in range(0, len(rows), 4)
    ]


def test_on_a_terminal_shares_are_shown_one_by_one_and_proven_before_the_end(
    terminal: Terminal, vault: str
) -> None:
    screen = typed_on_a_terminal(
        ["passphrase", vault, "--shares", "--wipe-passphrase"],
        [
            ("Wipe passphrase: ", WIPE),
            ("again: ", WIPE),
            ("press Enter", ""),
            ("press Enter", ""),
            ("press Enter", ""),
            ("Share 1, its 20 words", "acid acid acid"),
            ("Share 1, its 20 words", "share 2"),
            ("Share 2, its 20 words", "share 2"),
            ("Share 2, its 20 words", "share 0"),
        ],
    )

    assert "A share has 20 words; these are 3." in screen
    assert "This is share 3 again." in screen
    assert "Proven: these shares open the vault." in screen
    assert "destroys the vault at once and for ever" in screen
    assert screen.count("\x1b[3J") == 4
    assert terminal("list", vault).status == 0
