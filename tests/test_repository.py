"""What holds for the files of the project as a whole."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from not_run import not_run

ROOT = Path(__file__).resolve().parent.parent
PACKAGING = ROOT / "packaging"
CONSTRAINTS = sorted(PACKAGING.glob("constraints*.txt"))

# Made by tools, never part of the project: see .gitignore.
NOT_OURS = {
    ".git",
    ".venv",
    "node_modules",
    "__pycache__",
    ".hypothesis",
    "build",
    "dist",
    "out",
    "demo-out",
}

# What means nothing on another machine. Each pattern is written so that it does not match itself.
ONE_MACHINE_ONLY = {
    "absolute paths of one machine": r"(?<![\w.\-/])[/](work|root|opt)/",
    "addresses of package registries": (
        r"pypi[.]org/simple|files[.]pythonhosted|registry[.]npmjs|(deb|security)[.]debian[.]org"
    ),
}


def our_files() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(
            name for name in folders if name not in NOT_OURS and not name.endswith("_cache")
        )
        # In a linked worktree `.git` is a file, with a path of this machine in it.
        yield from (Path(folder, name) for name in sorted(names) if name not in NOT_OURS)


def text_of(path: Path) -> str:
    """Return the text of a file; nothing for one that is not text."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def project() -> dict[str, list[str]]:
    """Return the requirements that pyproject.toml states, by what they are for."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {
        "runtime": config["project"]["dependencies"],
        "build": config["build-system"]["requires"],
        **config["project"]["optional-dependencies"],
    }


def pins(path: Path) -> dict[str, list[Requirement]]:
    """Return the pinned requirements of one constraints file by name."""
    found: dict[str, list[Requirement]] = {}
    for line in path.read_text("utf-8").replace("\\\n", "").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement = Requirement(line.split("--hash")[0].strip())
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


# --- packages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CONSTRAINTS, ids=relative)
def test_constraints_name_no_place_to_get_packages_from(path: Path) -> None:
    """Where packages come from is for each machine to say; only the hashes are shared."""
    text = path.read_text("utf-8")

    for word in ("://", "index", "find-links", "file:", "trusted-host", " @ "):
        assert word not in text, f"{word!r} in {relative(path)}"


@pytest.mark.parametrize("path", CONSTRAINTS, ids=relative)
def test_every_pinned_package_has_one_version_and_hashes(path: Path) -> None:
    entries = path.read_text("utf-8").replace("\\\n", "").splitlines()

    for entry in entries:
        if entry.strip() and not entry.lstrip().startswith("#"):
            assert re.fullmatch(
                r"[a-z0-9.\-]+==[\w.]+( ; [^\\#]+?)?( +--hash=sha256:[0-9a-f]{64})+", entry
            )


def test_everything_that_pyproject_asks_for_is_pinned_and_fits() -> None:
    pinned: dict[str, list[Requirement]] = {}
    for name in ("constraints-build.txt", "constraints.txt"):
        pinned |= pins(PACKAGING / name)

    for purpose, requirements in project().items():
        for requirement in map(Requirement, requirements):
            versions = pinned.get(canonicalize_name(requirement.name), [])
            assert versions, f"{requirement.name} ({purpose}) is not pinned: run `make lock`"
            for version in versions:
                number = str(version.specifier).removeprefix("==")
                assert number in requirement.specifier, f"{version} does not fit {requirement}"


def test_packages_pinned_in_two_files_have_the_same_version() -> None:
    build, rest = pins(PACKAGING / "constraints-build.txt"), pins(PACKAGING / "constraints.txt")

    for name in build.keys() & rest.keys():
        assert [str(one) for one in build[name]] == [str(one) for one in rest[name]]


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ONE_MACHINE_ONLY)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(ONE_MACHINE_ONLY[what])

    found = [
        f"{relative(path)}:{number}: {line.strip()[:120]}"
        for path in our_files()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if pattern.search(line)
    ]

    assert found == []


def test_setting_up_again_does_nothing() -> None:
    """As `make run` and `make test` do each time; nothing may be said, written or touched."""
    stamp = ROOT / ".venv" / "set-up.stamp"
    if not stamp.exists() or Path(sys.prefix) != ROOT / ".venv":
        not_run("these tests do not run in the .venv that `make set-up` makes")
    python = stamp.read_text("utf-8").split()[0]

    def state() -> list[tuple[str, int]]:
        return [
            (str(path), path.stat().st_mtime_ns)
            for folder in (".venv", ".venv/bin", ".venv/lib")
            for path in [ROOT / folder, *sorted((ROOT / folder).iterdir())]
        ]

    before = state()
    done = subprocess.run(
        ["make", "--silent", "set-up", f"PYTHON={python}"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "MAKEFLAGS"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert state() == before


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        relative(path)
        for path in sorted((ROOT / "src").rglob("*.py"))
        if not ast.get_docstring(ast.parse(path.read_bytes()))
    ]

    assert silent == []


# --- documents ----------------------------------------------------------------------------------


def prose(path: Path) -> str:
    """Return a Markdown file without its code, in which brackets mean something else."""
    text = re.sub(r"^(```|~~~).*?^\1", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(
        r"`[^`\n]*`", lambda code: code[0].strip("`") if "](" not in code[0] else "", text
    )


def anchors(path: Path) -> set[str]:
    """Return the names by which the headings of a Markdown file can be linked to."""
    headings = re.findall(r"^#+\s+(.*)$", prose(path), flags=re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings
    }


DOCUMENTS = [path for path in our_files() if path.suffix == ".md"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_links_within_the_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(<?([^()\s>]+)>?[^()]*\)", prose(document)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        linked = (document.parent / name).resolve() if name else document
        assert linked.exists(), f"{target} does not exist"
        assert linked.is_relative_to(ROOT), f"{target} lies outside the project"
        if anchor and linked.suffix == ".md":
            assert anchor in anchors(linked), f"{target}: no such heading"


@pytest.mark.parametrize("command", ["run", "test"])
def test_commands_of_the_readme_exist(command: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert re.search(rf"^\s*(\$ )?make {command}\b", readme, flags=re.MULTILINE)
    assert re.search(rf"^{command}:", makefile, flags=re.MULTILINE)
