"""The PyInstaller spec, evaluated as each system would, with stand-ins for PyInstaller's classes.

The stand-ins are the edge: they hand the spec what PyInstaller would find, and keep what it asks
for. `make check-package` freezes for real.
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from freeze import plan
from freeze.plan import Platform
from not_run import not_run

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "packaging" / "fielddoc.spec"

# What PyInstaller finds on each system beside what is wanted, by its path in the bundle.
UNWANTED = {
    Platform.LINUX: (
        "PySide6/Qt/lib/libQt6Network.so.6",
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "PySide6/Qt/lib/libQt6OpenGL.so.6",
        "PySide6/Qt/plugins/tls/libqopensslbackend.so",
        "PySide6/Qt/plugins/platforms/libqeglfs.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/QtNetwork.abi3.so",
        "libssl.so.3",
        "libgtk-3.so.0",
        "libfontconfig.so.1",
        "libstdc++.so.6",
    ),
    Platform.WINDOWS: (
        "PySide6\\Qt6Network.dll",
        "PySide6\\opengl32sw.dll",
        "PySide6\\plugins\\tls\\qschannelbackend.dll",
        "PySide6\\plugins\\platforms\\qdirect2d.dll",
        "PySide6\\QtNetwork.pyd",
        "libssl-3.dll",
        "ucrtbase.dll",
    ),
    Platform.MACOS: (
        "PySide6/Qt/lib/QtNetwork.framework/Versions/A/QtNetwork",
        "PySide6/Qt/lib/QtNetwork.framework/Resources",
        "PySide6/Qt/plugins/tls/libqsecuretransportbackend.dylib",
        "PySide6/Qt/plugins/styles/libqmacstyle.dylib",
        "PySide6/QtNetwork.abi3.so",
        "libssl.3.dylib",
    ),
}
WANTED = {
    Platform.LINUX: (
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/Qt/lib/libicudata.so.73",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
        "PySide6/QtWidgets.abi3.so",
        "PySide6/libpyside6.abi3.so.6.11",
        "shiboken6/Shiboken.abi3.so",
        "sqlcipher3/_sqlite3.cpython-311-x86_64-linux-gnu.so",
        "python3.11/lib-dynload/_hashlib.cpython-311-x86_64-linux-gnu.so",
        "libpython3.11.so.1.0",
        "libxcb-cursor.so.0",
    ),
    Platform.WINDOWS: (
        "PySide6\\Qt6Core.dll",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6\\plugins\\imageformats\\qsvg.dll",
        "PySide6\\QtWidgets.pyd",
        "PySide6\\pyside6.abi3.dll",
        "shiboken6\\shiboken6.abi3.dll",
        "sqlcipher3\\_sqlite3.cp311-win_amd64.pyd",
        "cryptography\\hazmat\\bindings\\_rust.pyd",
        "_argon2_cffi_bindings\\_ffi.pyd",
        "_cffi_backend.cp311-win_amd64.pyd",
        "_hashlib.pyd",
        "python311.dll",
        "VCRUNTIME140.dll",
        "libcrypto-3.dll",
    ),
    Platform.MACOS: (
        "PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore",
        "PySide6/Qt/lib/QtCore.framework/Versions/Current",
        "PySide6/Qt/lib/QtCore.framework/Resources",
        "Python.framework/Versions/3.12/Python",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PySide6/QtWidgets.abi3.so",
        "PySide6/libpyside6.abi3.6.11.dylib",
        "lib-dynload/_hashlib.cpython-311-darwin.so",
        "python3.11/lib-dynload/zlib.cpython-311-darwin.so",
        "Python",
        "libcrypto.3.dylib",
    ),
}
DATA = {
    "base_library.zip",
    "fielddoc/resources_data/schema/schema-1.sql",
    "shamir_mnemonic/wordlist.txt",
    "PySide6/Qt/lib/QtGui.framework/Versions/A/Resources/Info.plist",
    "PySide6/Qt/translations/qtbase_zh_CN.qm",
    "PySide6/translations/qtbase_zh_CN.qm",
}
UNWANTED_DATA = {
    "PySide6/Qt/lib/QtQml.framework/Versions/A/Resources/Info.plist",
    "PySide6/Qt/translations/qt_de.qm",
    "argon2_cffi-25.1.0.dist-info/METADATA",
}


@dataclass
class Asked:
    """What the spec asked PyInstaller for."""

    analysis: dict[str, Any] = field(default_factory=dict)
    programs: list[dict[str, Any]] = field(default_factory=list)
    binaries: set[str] = field(default_factory=set)
    datas: set[str] = field(default_factory=set)
    scripts: list[str] = field(default_factory=list)
    bundle: dict[str, Any] | None = None


class FoundByAnalysis:
    """Stands for PyInstaller's Analysis."""

    def __init__(self, platform: Platform) -> None:
        names = WANTED[platform] + UNWANTED[platform]
        self.binaries = [(name, f"/somewhere/{name}", "BINARY") for name in names]
        self.datas = [(name, f"/somewhere/{name}", "DATA") for name in DATA | UNWANTED_DATA]
        self.scripts = [(name, "", "PYSOURCE") for name in ("pyi_rth_pyside6", "start")]
        self.pure: list[tuple[str, str, str]] = []


def evaluate(platform: Platform, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Run the spec as if on `platform`."""
    try:
        import PySide6.QtSvg  # noqa: F401 - the icons are drawn for real
    except ImportError as error:
        not_run(str(error))
    asked = Asked()

    def analysis(scripts: list[str], **options: Any) -> FoundByAnalysis:
        asked.analysis = {"entry": scripts, **options}
        return FoundByAnalysis(platform)

    def exe(
        modules: object, scripts: list[tuple[str, str, str]], *_: object, **options: Any
    ) -> str:
        asked.programs.append(options)
        asked.scripts = [name for name, _, _ in scripts]
        return "EXE"

    def collect(*parts: Any, **options: Any) -> str:
        binaries, datas = parts[-2:]
        asked.binaries = {name for name, _, _ in binaries}
        asked.datas = {name for name, _, _ in datas}
        return "COLLECT"

    def bundle(_: object, **options: Any) -> None:
        asked.bundle = options

    stand_ins: dict[str, Callable[..., object]] = {
        "Analysis": analysis,
        "PYZ": lambda _: "PYZ",
        "EXE": exe,
        "COLLECT": collect,
        "BUNDLE": bundle,
    }
    names: dict[str, object] = {"SPECPATH": str(SPEC.parent), "workpath": str(folder), **stand_ins}
    monkeypatch.setattr(sys, "path", [*sys.path])
    code = compile(SPEC.read_text(encoding="utf-8"), str(SPEC), "exec")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", platform.value)
        exec(code, names)
    return asked


@pytest.mark.parametrize("platform", Platform, ids=lambda platform: platform.name)
def test_spec_keeps_what_is_needed_and_nothing_else(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = evaluate(platform, tmp_path, monkeypatch)

    assert asked.binaries == set(WANTED[platform])
    assert asked.datas == DATA
    assert all(Path(source).exists() for source, _ in asked.analysis["datas"])
    assert asked.scripts == ["start"]
    assert Path(*asked.analysis["entry"]).is_file()
    assert {"socket", "ssl", "http", "urllib.request"} <= set(asked.analysis["excludes"])


@pytest.mark.parametrize("platform", Platform, ids=lambda platform: platform.name)
def test_programs_are_folders_with_an_icon(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = evaluate(platform, tmp_path, monkeypatch)

    for program in asked.programs:
        assert program["exclude_binaries"] is True  # onedir
        assert program["upx"] is False
        assert program["strip"] is (platform is Platform.LINUX)
        endings = {Platform.WINDOWS: ".ico", Platform.MACOS: ".icns"}
        if platform in endings:
            assert Path(program["icon"]).suffix == endings[platform]
            assert Path(program["icon"]).stat().st_size > 0


def test_windows_has_a_program_with_a_window_and_one_with_a_console(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = evaluate(Platform.WINDOWS, tmp_path, monkeypatch)

    assert [(one["name"], one["console"]) for one in asked.programs] == [
        ("fielddoc", False),
        ("fielddoc-cli", True),
    ]
    for program in asked.programs:
        assert Path(program["manifest"]).is_file()
        assert "VSVersionInfo" in Path(program["version"]).read_text(encoding="utf-8")
    assert asked.bundle is None


def test_macos_gets_an_app_that_is_none_of_the_console(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = evaluate(Platform.MACOS, tmp_path, monkeypatch)

    assert asked.bundle is not None
    assert asked.bundle["name"] == "fielddoc.app"
    assert asked.bundle["info_plist"]["LSMinimumSystemVersion"] == "13.0"
    assert [program["console"] for program in asked.programs] == [False]


def test_linux_has_one_program_for_window_and_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = evaluate(Platform.LINUX, tmp_path, monkeypatch)

    assert [one["name"] for one in asked.programs] == ["fielddoc"]
    assert asked.bundle is None


def test_modules_that_fielddoc_imports_are_not_left_out() -> None:
    """A lazy import of a module that was left out would fail only when it is reached."""
    import ast

    imported: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module)
                imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    on_windows = {"msvcrt", "winreg", "_winapi"}

    for platform in Platform:
        allowed = on_windows if platform is not Platform.WINDOWS else set()
        assert imported & set(plan.left_out(platform)) <= allowed


IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    assert name not in sys.modules, name
    sys.modules[name] = None  # importing it fails from here on
import fielddoc
for module in pkgutil.walk_packages(fielddoc.__path__, "fielddoc."):
    if module.name != "fielddoc.__main__":
        importlib.import_module(module.name)
from fielddoc.gui.qr import qr_of_card
assert qr_of_card(b"card", "1" * 40).holds_card
"""


def test_everything_can_be_imported_without_what_is_left_out() -> None:
    """What others import on behalf of fielddoc must not be left out either."""
    # Python itself has loaded these before the first line of a script, or names them otherwise.
    here = {"zipimport", "segno.writers", "_winapi", "winreg", "msvcrt", "nt"}
    names = [name for name in plan.left_out(Platform.LINUX) if name not in here]

    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *names], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    if "ImportError: lib" in done.stderr:
        not_run(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stderr


def test_every_part_of_qt_that_the_window_imports_is_kept() -> None:
    import ast

    used: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("PySide6."):
                used.add(str(node.module).removeprefix("PySide6."))

    assert used == set(plan.QT_MODULES)
