"""The rules about who imports whom, from docs/architecture.md."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
MODULES = sorted(SOURCE.rglob("*.py"))

# What opens a connection, starts a browser, or executes what it reads.
NEVER_IMPORTED = (
    "socket",
    "ssl",
    "http",
    "urllib.request",
    "ftplib",
    "smtplib",
    "socketserver",
    "webbrowser",
    "xmlrpc",
    "PySide6.QtNetwork",
    "pickle",
    "marshal",
    "shelve",
)

WINDOW = SOURCE / "fielddoc" / "gui"
STYLE = WINDOW / "style.py"
QR = WINDOW / "qr.py"
"""Dark on white in both palettes, because a reader of codes looks for that."""

IMPORT_ALL_BUT_THE_WINDOW = """
import importlib, pkgutil, sys
import fielddoc

def import_below(package):
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if module.name != "fielddoc.gui":
            imported = importlib.import_module(module.name)
            if module.ispkg:
                import_below(imported)

import_below(fielddoc)
print(*sorted(name for name in sys.modules if name.split(".")[0] in ("PySide6", "shiboken6")))
"""


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a new interpreter, as the only way to see what an import brings with it."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Yield the full dotted name of everything imported anywhere in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            if called in ("import_module", "__import__"):
                yield str(node.args[0].value)


def forbidden(names: Iterator[str]) -> set[str]:
    return {
        name
        for name in names
        if any(name == banned or name.startswith(f"{banned}.") for banned in NEVER_IMPORTED)
    }


def test_import_contracts_of_pyproject_are_kept() -> None:
    result = run_python(
        "import sys; sys.argv[1:] = ['--no-cache'];"
        "from importlinter.cli import lint_imports_command; lint_imports_command()"
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout, "import-linter found no contracts"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_module_imports_nothing_that_reaches_outside(module: Path) -> None:
    assert forbidden(imported_names(ast.parse(module.read_bytes()))) == set()


@pytest.mark.parametrize(
    "line",
    [
        "import socket",
        "import http.client as harmless",
        "from urllib import request",
        "from PySide6.QtNetwork import QTcpSocket",
        "def later():\n    import pickle",
        "importlib.import_module('ssl')",
        "__import__('socket')",
    ],
)
def test_every_way_of_importing_is_noticed(line: str) -> None:
    assert forbidden(imported_names(ast.parse(line)))


@pytest.mark.parametrize(
    "line", ["from urllib.parse import quote", "import httplike", "import sslib"]
)
def test_names_that_only_look_alike_are_allowed(line: str) -> None:
    assert forbidden(imported_names(ast.parse(line))) == set()


def test_linter_bans_what_opens_a_connection_as_well() -> None:
    """The linter tells whoever writes the import; this test holds even where it was told not to."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    banned = config["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]

    assert {"socket", "ssl", "http", "urllib.request", "PySide6.QtNetwork", "pickle"} <= set(banned)


def test_everything_but_the_window_works_without_qt() -> None:
    result = run_python(IMPORT_ALL_BUT_THE_WINDOW)

    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []


def looks_of_its_own(text: str) -> list[str]:
    """Return what only the one place for colours, spacing and type may say."""
    return re.findall(r"\bsetStyleSheet\(|#[0-9a-fA-F]{6}\b", text)


@pytest.mark.parametrize(
    "module",
    [path for path in sorted(WINDOW.rglob("*.py")) if path not in (STYLE, QR)],
    ids=lambda path: str(path.relative_to(WINDOW)),
)
def test_colours_and_type_stand_in_one_place(module: Path) -> None:
    assert looks_of_its_own(module.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line", ['label.setStyleSheet("font-size: 20px;")', 'QColor("#a8201A")', '"color: #000000;"']
)
def test_every_look_of_its_own_is_noticed(line: str) -> None:
    assert looks_of_its_own(line)
