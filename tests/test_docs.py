"""The documents say what is true: their commands run, what they name exists, nothing is left out.

A fenced block marked `sh tour` is run as it stands, all of a page in one shell in an empty folder.
A block marked `json typed` is what a person types into the command before it. Other commands are
parsed by the program's own parser.
"""

import argparse
import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fielddoc import __version__
from fielddoc.cli.main import parser
from vault.processes import strace

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "fielddoc"
README, GUIDE = ROOT / "README.md", DOCS / "user-guide.md"
THREATS, ARCHITECTURE = DOCS / "threat-model.md", DOCS / "architecture.md"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- fenced blocks ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A fenced block: what stands behind the fence, and what is in it."""

    kind: str
    text: str


def blocks(page: Path) -> list[Block]:
    found = re.findall(
        r"^```([^\n]*)\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return [Block(kind.strip(), text) for kind, text in found]


def tour(page: Path) -> str:
    """Return the shell script of a page; what is typed into a command stands behind it."""
    script: list[str] = []
    for block in blocks(page):
        if block.kind == "sh tour":
            script.append(block.text)
        elif block.kind == "json typed":
            assert script[-1].endswith(" -\n"), "what is typed follows a command that reads it"
            script[-1] = f"{script[-1].rstrip()} <<'TYPED'\n{block.text}TYPED\n"
    return "".join(script)


# --- tours --------------------------------------------------------------------------------------

# The program, with what tests/conftest.py does to the cost of opening, and with somebody who types
# the same passphrase whenever one is asked for.
PROGRAM = """\
import sys
from fielddoc.cli import terminal
from fielddoc.cli.main import main
from fielddoc.crypto import kdf
kdf.FLOOR = kdf.STANDARD = kdf.Cost(memory_kib=64, passes=1, lanes=1)
kdf.TARGET_SECONDS = 0.001
terminal._asked = lambda prompt: "words of somebody who is at the terminal"
sys.exit(main(sys.argv[1:]))
"""


@dataclass(frozen=True)
class Toured:
    """What a tour left."""

    folder: Path
    home: Path
    compiled: Path
    """Where Python keeps its own compiled code."""
    out: str
    calls: list[str]


def walked(page: Path, folder: Path, *, calls: str = "") -> Toured:
    """Run the tour of a page in an empty folder.

    Args:
        page: a document.
        folder: where to work.
        calls: system calls to trace, for strace; none if empty.
    """
    work, home, programs = folder / "work", folder / "home", folder / "programs"
    for each in (work, home, programs):
        each.mkdir()
    (folder / "program.py").write_text(PROGRAM, "utf-8")
    fielddoc = programs / "fielddoc"
    fielddoc.write_text(f'#!/bin/sh\nexec {sys.executable} {folder / "program.py"} "$@"\n', "utf-8")
    fielddoc.chmod(0o755)
    (folder / "script").write_text(tour(page), "utf-8")
    trace = folder / "trace"
    tracing = [strace(), "-f", "--seccomp-bpf", "-e", f"trace={calls}", "-o", str(trace)]
    done = subprocess.run(
        [*(tracing if calls else []), "bash", "-eu", "-o", "pipefail", str(folder / "script")],
        cwd=work,
        env={
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-1000:]}\n{done.stderr[-2000:]}"
    lines = trace.read_text("utf-8", "replace").splitlines() if calls else []
    return Toured(work, home, folder / "compiled", done.stdout + done.stderr, lines)


@pytest.fixture(scope="module")
def readme_tour(tmp_path_factory: pytest.TempPathFactory) -> Toured:
    """The tour of the README, traced where that is possible."""
    calls = "network,open,openat,creat,mkdir,rename,renameat,renameat2"
    traced = shutil.which("strace") is not None
    return walked(README, tmp_path_factory.mktemp("readme"), calls=calls if traced else "")


@pytest.fixture(scope="module")
def guide_tour(tmp_path_factory: pytest.TempPathFactory) -> Toured:
    return walked(GUIDE, tmp_path_factory.mktemp("guide"))


def test_the_tour_of_the_readme_does_what_it_says(readme_tour: Toured) -> None:
    out = readme_tour.out

    assert "Incident    2022-08-01…2022-08-31   Invited to tea" in out
    assert "Made by Plum" in out
    assert "Added changes: 3, in records: 3. Added files: 1." in out
    assert "Destroyed." in out
    assert not (readme_tour.folder / "my-vault").exists()
    assert (readme_tour.folder / "bo-vault" / "vault.key").exists()


def test_the_user_guide_does_what_it_says(guide_tour: Toured) -> None:
    out, folder = guide_tour.out, guide_tour.folder

    assert "  entries.1.known: This date could not be understood." in out
    assert (folder / "copy.jpg").read_bytes() == (folder / "photo.jpg").read_bytes()
    assert '    0  "a teahouse in the old town"' in out
    assert '    1  "the Red Lantern teahouse"  (from another sender)' in out
    assert "The vault is sound." in out
    assert "the reply is late" in out
    assert "Regulations on Open Government Information, art. 33" in out
    clock = out[out.index("From criminal detention to the decision on arrest: 35 days.") :]
    clock = clock[: clock.index("Criminal Procedure Law (2018), article 91\n")]
    assert "Longer than 14 days" in clock
    assert "It would need: 37 days" in clock
    assert "Recorded approval of an extension: none." in clock
    agenda = out[out.index("Agenda for 2023-06-05") :]
    week = agenda[agenda.index("In the next seven days") :]
    assert "7 June 2023  石清泉 · Shi Qingquan" in week
    assert "Investigation detention after arrest: 2 months" in week
    case = out[out.rindex("Detention  9f8e7d6c") :]
    stages = ("taken away", "criminal detention", "arrest", "trial", "sentence", "release")
    places = [case.index(stage, case.index("taken away")) for stage in stages]
    assert places == sorted(places)
    assert "held in" in case
    assert "helped by the action: Asks for the notice of detention" in case
    assert "Lost: revisions 0, attachments 0." in out
    cards = re.findall(r"^(?:Your card's code: )?((?:\d{4} ?){10})$", out, flags=re.MULTILINE)
    assert cards[0] == cards[-1], "the salvaged vault has another card"
    assert not (folder / "my-vault").exists()
    assert (folder / "saved-vault" / "vault.key").exists()


# Four bytes stand in some key file by chance once in ten thousand runs.
LEAST_BYTES = 6


def test_no_tour_leaves_a_recorded_word_in_the_clear(guide_tour: Toured) -> None:
    """Names, places and words of the records are in no file, whoever wrote it."""
    words = ("望舒", "远山", "Yuanshan", "秋水", "teahouse", "workshop", "Invited to tea", "Heron")
    assert all(word in tour(GUIDE) for word in words)

    found = [
        (path.name, word)
        for path in [*guide_tour.folder.rglob("*"), *guide_tour.home.rglob("*")]
        if path.is_file()
        for word in words
        for encoding in ("utf-8", "utf-16-le", "gb18030")
        if len(sought := word.encode(encoding)) >= LEAST_BYTES and sought in path.read_bytes()
    ]

    assert found == []


def test_the_tour_opens_no_connection(readme_tour: Toured) -> None:
    strace()

    reaching = [line for line in readme_tour.calls if re.search(r" socket\((?!AF_UNIX)", line)]

    assert reaching == []


def test_the_tour_writes_only_where_it_is_told(readme_tour: Toured) -> None:
    strace()
    writing = re.compile(
        r'"([^"]+)".*(?:O_WRONLY|O_RDWR|O_CREAT)|(?:mkdir|rename)\w*\(.*?"([^"]+)"'
    )

    done = [line for line in readme_tour.calls if "= -1" not in line]
    written = {first or second for line in done for first, second in writing.findall(line)}
    allowed = (f"{readme_tour.folder}/", str(readme_tour.compiled), "/dev/")
    elsewhere = {name for name in written if name.startswith("/") and not name.startswith(allowed)}

    assert any(name.endswith("vault.key") for name in written)
    assert elsewhere == set()
    assert list(readme_tour.home.iterdir()) == []


# --- commands -----------------------------------------------------------------------------------


def commands_in(shell: str) -> Iterator[list[str]]:
    """Yield the words behind each `fielddoc` in shell text, those inside `$( )` too."""
    text = re.sub(r"<<'?(\w+)'?\n.*?^\1$", "", shell, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"(^|\s)#.*", r"\1", text.replace("\\\n", " "))
    words = shlex.shlex(text.replace("\n", " ; "), posix=True, punctuation_chars="();<>|&")
    words.whitespace_split = True
    command: list[str] | None = None
    for word in words:
        if command is not None and set(word) <= set("();<>|&"):
            yield command
            command = None
        elif command is not None:
            command.append(word)
        elif word == "fielddoc":
            command = []
        for inner in re.findall(r"\$\(([^()]*)\)", word):
            yield from commands_in(inner)
    if command is not None:
        yield command


def commands_of(page: Path) -> Iterator[list[str]]:
    """Yield the commands of a page: those in shell blocks, in indented lines, and in its prose."""
    for block in blocks(page):
        if block.kind.split(" ")[:1] == ["sh"]:
            yield from commands_in(block.text)
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for code in re.findall(r"`(fielddoc [^`\n\\]+)`", prose):
        yield from commands_in(code.replace("…", ""))


def names_of_commands() -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()

    def walk(part: argparse.ArgumentParser, above: tuple[str, ...]) -> None:
        groups = [a for a in part._actions if isinstance(a, argparse._SubParsersAction)]
        for group in groups:
            for name, inner in group.choices.items():
                walk(inner, (*above, name))
        if not groups:
            found.add(above)

    walk(parser(), ())
    return found


def is_a_mere_name(words: list[str]) -> bool:
    """Tell whether a command is only mentioned: `fielddoc wipe`."""
    return any(tuple(words) == name[: len(words)] for name in names_of_commands())


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_command_in_the_documents_is_one(page: Path) -> None:
    for words in commands_of(page):
        if is_a_mere_name(words) or set(words) & {"--help", "--version"}:
            continue
        try:
            parser().parse_known_args(words)
        except SystemExit:
            pytest.fail(f"fielddoc {shlex.join(words)}")


def test_what_is_no_command_is_noticed() -> None:
    wrong = 'echo a | fielddoc ad v - && x=$(fielddoc lst v)\nfielddoc show v "$(fielddoc idd v)"'

    assert list(commands_in(wrong)) == [
        ["ad", "v", "-"],
        ["lst", "v"],
        ["idd", "v"],
        ["show", "v", "$(fielddoc idd v)"],
    ]


def test_every_command_is_in_the_user_guide() -> None:
    shown = {
        tuple(words[: len(name)])
        for words in commands_of(GUIDE)
        for name in names_of_commands()
        if tuple(words[: len(name)]) == name
    }

    assert names_of_commands() - shown == set()


# --- the threat model ---------------------------------------------------------------------------


def promises() -> list[str]:
    """Return the numbers of the promises in the text."""
    return re.findall(r"^\*\*(\d\.\d+)\*\* ", THREATS.read_text("utf-8"), flags=re.MULTILINE)


def rows() -> dict[str, str]:
    """Return the tests that the table names for each promise."""
    table = re.findall(r"^\| (\d\.\d+) \| (.*?) \|", THREATS.read_text("utf-8"), flags=re.MULTILINE)
    assert len(table) == len(dict(table)), "a promise has two rows"
    return dict(table)


def test_each_promise_has_one_row_and_each_row_a_test() -> None:
    assert promises(), "the threat model promises nothing"
    assert promises() == sorted(promises(), key=lambda number: [*map(int, number.split("."))])
    assert promises() == list(rows())
    assert [number for number, tests in rows().items() if "::test_" not in tests] == []


def figures() -> dict[str, str]:
    """Return the last cell of each row of the table."""
    text = THREATS.read_text("utf-8")
    table = re.findall(r"^\| (\d\.\d+) \| .*? \|(.*)\|$", text, flags=re.MULTILINE)
    return {number: cell.strip() for number, cell in table}


def test_each_promise_has_a_figure_or_a_dash() -> None:
    """An empty cell would not say whether nothing was counted or nobody has looked."""
    is_one = re.compile(r"^–$|\d|every |\[figures\]\(testing.md#faults\)|`make [a-z-]+")

    assert [*figures()] == promises()
    assert [number for number, cell in figures().items() if not is_one.search(cell)] == []
    assert sum(cell != "–" for cell in figures().values()) > 20


def test_the_work_that_a_figure_names_was_swept_and_lost_nothing() -> None:
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (DOCS / "testing.md").read_text("utf-8").splitlines()
    ]
    head = next(cells for cells in lines if cells[0] == "operation")
    lost = {cells[0]: cells[head.index("lost")] for cells in lines if len(cells) == len(head)}
    cells = [cell for cell in figures().values() if "` in the [figures]" in cell]
    named = [name for cell in cells for name in re.findall(r"`([a-z-]+)`", cell)]

    assert len(named) > 6
    assert {name: lost.get(name) for name in named} == dict.fromkeys(named, "0")


def named_tests(page: Path) -> list[tuple[str, str]]:
    return re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_test_that_a_document_names_exists(page: Path) -> None:
    for name, test in named_tests(page):
        path = ROOT / name
        defined = (
            {n.name for n in ast.parse(path.read_bytes()).body if isinstance(n, ast.FunctionDef)}
            if path.exists()
            else set()
        )
        assert test in defined, f"{name}::{test}"


def test_the_sections_that_the_code_refers_to_exist() -> None:
    """A comment may say `docs/NAME.md, "Heading"`; that page then has a heading with that in it."""
    missing = []
    for path in sorted(SOURCE.rglob("*.py")):
        code = re.sub(r"\n\s*#? ?", " ", path.read_text("utf-8"))
        for name, heading in re.findall(r'(docs/[\w-]+\.md), "([^"]+)"', code):
            page = ROOT / name
            headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), flags=re.MULTILINE)
            if not any(heading.lower() in each.replace("`", "").lower() for each in headings):
                missing.append((relative(path), name, heading))

    assert missing == []


# --- architecture -------------------------------------------------------------------------------


def modules() -> set[str]:
    return {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if path.name != "__init__.py"
    }


def test_architecture_names_every_module_and_no_other() -> None:
    named = re.findall(r"^- `([\w/]+\.py)`: ", ARCHITECTURE.read_text("utf-8"), flags=re.MULTILINE)

    assert sorted(named) == sorted(modules())


def test_architecture_has_a_section_for_every_package() -> None:
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    headings = set(re.findall(r"^### (\w+)$", ARCHITECTURE.read_text("utf-8"), flags=re.MULTILINE))

    assert packages <= headings


def defined_in(module: Path) -> set[str]:
    """Return the names of the functions, classes and methods of a module."""
    names: set[str] = set()
    for node in ast.parse(module.read_bytes()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            inner = [part for part in node.body if isinstance(part, ast.FunctionDef)]
            names |= {f"{node.name}.{part.name}" for part in inner}
    return names


def test_calls_in_the_architecture_are_of_functions_that_exist() -> None:
    chains = [block.text for block in blocks(ARCHITECTURE) if block.kind == "calls"]
    assert len(chains) == 8

    for line in "".join(chains).splitlines():
        module, name = line.split()[:2]
        assert name in defined_in(SOURCE / module), line


# --- all pages ----------------------------------------------------------------------------------


def test_the_changelog_has_the_present_version() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert headings[0] == __version__


def test_the_two_commands_of_the_readme_stand_by_themselves() -> None:
    lines = [
        line for block in blocks(README) if block.kind == "sh" for line in block.text.split("\n")
    ]

    assert {"make run", "make test"} <= set(lines)
