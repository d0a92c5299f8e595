"""Scripts and forms for building, read by the programs that will read them in earnest."""

import plistlib
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

from freeze import icons, linux, macos, windows
from not_run import not_run

ROOT = Path(__file__).parents[2]
SHELL = sorted([*ROOT.glob("packaging/*.sh"), ROOT / ".ci" / "run"])


@pytest.mark.parametrize("script", SHELL, ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    if shutil.which("shellcheck") is None:
        not_run("shellcheck is not installed")

    done = subprocess.run(["shellcheck", str(script)], capture_output=True, text=True, check=False)

    assert done.stdout + done.stderr == ""


def test_desktop_entry_is_valid() -> None:
    if shutil.which("desktop-file-validate") is None:
        not_run("desktop-file-validate is not installed")

    done = subprocess.run(
        ["desktop-file-validate", str(ROOT / "packaging/linux/fielddoc.desktop")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout + done.stderr == ""


def program(folder: Path) -> Path:
    """Return a folder that looks like a frozen program for Windows."""
    for name in ("fielddoc.exe", "fielddoc-cli.exe", "_internal/a.dll", "LICENCES/Qt.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def compiled(folder: Path, target: Path, *, icon: Path) -> bytes:
    if shutil.which("makensis") is None:
        not_run("makensis is not installed")
    windows.installer(folder, target, version="1.2.3", icon=icon, moment=1_700_000_000)
    return target.read_bytes()


@pytest.fixture
def icon(tmp_path: Path) -> Path:
    try:
        return icons.make_icons(ROOT / "resources/icons/fielddoc.svg", tmp_path / "icons").ico
    except ImportError as error:
        not_run(str(error))


def test_installer_for_windows_compiles_and_is_the_same_each_time(
    tmp_path: Path, icon: Path
) -> None:
    """A warning would stop it. The files' own times must not get into it."""
    folder = program(tmp_path / "程序 x")
    target = tmp_path / "fielddoc-1.2.3-setup.exe"

    first = compiled(folder, target, icon=icon)
    (folder / "fielddoc.exe").touch()
    second = compiled(folder, target, icon=icon)

    assert first.startswith(b"MZ")
    assert first == second
    assert "Installs fielddoc".encode("utf-16-le") in first


def test_installer_removes_folders_only_where_fielddoc_was_or_nothing_is() -> None:
    """Read from the script: nothing here can run it."""
    script = windows.SCRIPT.read_text(encoding="utf-8")
    section = script[script.index("\nSection\n") :]

    assert section.index("Call RefuseForeignFolder") < section.index("RMDir /r")
    assert section.index("!insertmacro RefuseWhileRunning") < section.index("RMDir /r")
    for name in ("fielddoc.exe", "fielddoc-cli.exe"):
        assert f'!insertmacro RefuseRunning "{name}"' in script


def test_installer_asks_for_no_administrator_and_writes_for_one_user_only() -> None:
    script = windows.SCRIPT.read_text(encoding="utf-8")

    assert "RequestExecutionLevel user" in script
    for word in ("HKLM", "HKCR", "SHELL_CONTEXT", "SetShellVarContext all", "$PROGRAMFILES"):
        assert word not in script


def test_manifest_for_windows_asks_for_no_administrator() -> None:
    manifest = ET.parse(ROOT / "packaging" / "windows" / "fielddoc.manifest")

    (level,) = manifest.iter("{urn:schemas-microsoft-com:asm.v3}requestedExecutionLevel")
    assert level.attrib == {"level": "asInvoker", "uiAccess": "false"}


def test_portable_zip_has_the_mark_and_is_the_same_each_time(tmp_path: Path) -> None:
    folder = program(tmp_path / "fielddoc")
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"

    windows.portable(folder, first, moment=1_700_000_001)
    (folder / "fielddoc.exe").touch()
    windows.portable(folder, second, moment=1_700_000_001)

    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "fielddoc/LICENCES/Qt.txt",
            "fielddoc/_internal/a.dll",
            "fielddoc/fielddoc-cli.exe",
            "fielddoc/fielddoc.exe",
            "fielddoc/portable",
        ]
        assert archive.read("fielddoc/_internal/a.dll") == b"_internal/a.dll"


def test_information_about_the_app_is_a_property_list() -> None:
    data = plistlib.dumps(macos.information())

    assert plistlib.loads(data)["CFBundleLocalizations"] == ["en", "zh_CN"]


@pytest.mark.parametrize("name", ["fielddoc", "fielddoc-cli"])
def test_version_resource_is_what_pyinstaller_reads(tmp_path: Path, name: str) -> None:
    try:
        from PyInstaller.utils.win32 import versioninfo
    except ImportError:
        # Without its library for Windows files, or itself: the same names, taken as they are.
        names = (
            *("VSVersionInfo", "FixedFileInfo", "StringFileInfo", "StringTable"),
            *("StringStruct", "VarFileInfo", "VarStruct"),
        )
        seen: dict[str, object] = {one: lambda *words, **more: (words, more) for one in names}
        _, more = eval(windows.version_resource("1.2", name=name), seen)
        _, fixed = more["ffi"]
        assert fixed["filevers"] == (1, 2, 0, 0)
        return
    file = tmp_path / "version.txt"
    file.write_text(windows.version_resource("1.2", name=name), encoding="utf-8")

    raw = versioninfo.load_version_info_from_text_file(str(file)).toRaw()

    assert f"{name}.exe".encode("utf-16-le") in raw


def test_portable_tar_and_debian_package_are_the_same_each_time(tmp_path: Path) -> None:
    for name in ("dpkg-deb", "xz"):
        if shutil.which(name) is None:
            not_run(f"{name} is not installed")
    folder = program(tmp_path / "fielddoc")
    (folder / "LICENCES" / "README.txt").write_text("what is inside\n", encoding="utf-8")
    (folder / "fielddoc.exe").rename(folder / "fielddoc")
    (folder / "fielddoc").chmod(0o755)
    made: list[bytes] = []

    for turn in ("1", "2"):
        tar, deb = tmp_path / f"{turn}.tar.xz", tmp_path / f"{turn}.deb"
        linux.portable(folder, tar, moment=1_700_000_000)
        try:
            linux.debian_package(
                folder, deb, work=tmp_path / turn, version="1.2.3", moment=1_700_000_000
            )
        except ImportError as error:
            not_run(str(error))
        made += [tar.read_bytes(), deb.read_bytes()]
        (folder / "fielddoc").touch()
        (folder / "fielddoc").chmod(0o775)

    assert made[:2] == made[2:]
    assert not (folder / "portable").exists()
    listed = subprocess.run(
        ["tar", "-tvJf", str(tmp_path / "1.tar.xz")], capture_output=True, text=True, check=True
    ).stdout
    assert "fielddoc/portable\n" in listed
    listed = subprocess.run(
        ["dpkg-deb", "-c", str(tmp_path / "1.deb")], capture_output=True, text=True, check=True
    ).stdout
    assert "./usr/bin/fielddoc -> ../lib/fielddoc/fielddoc" in listed
    assert "./usr/share/applications/fielddoc.desktop" in listed
    assert "./usr/share/icons/hicolor/48x48/apps/fielddoc.png" in listed
    assert "portable" not in listed
    assert all(" root/root " in line for line in listed.splitlines())
    fields = subprocess.run(
        ["dpkg-deb", "-f", str(tmp_path / "1.deb")], capture_output=True, text=True, check=True
    ).stdout
    assert "Version: 1.2.3\n" in fields
    assert "libxcb1" in fields


def test_app_gets_its_licences_before_it_is_signed_and_its_seal_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`codesign` is Apple's; here a script in its place keeps what it is asked for, and when."""
    app, told = tmp_path / "fielddoc.app", tmp_path / "told"
    (app / "Contents" / "Resources").mkdir(parents=True)
    script = tmp_path / "bin" / "codesign"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\n{{ echo "$*"; ls "{app}/Contents/Resources"; }} >> "{told}"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(script.parent), prepend=":")
    folder = program(tmp_path / "frozen")
    (folder / "LICENCE.txt").write_text("words\n", encoding="utf-8")

    macos.add_and_sign(app, [folder / "LICENCES", folder / "LICENCE.txt"])

    assert (app / "Contents/Resources/LICENCES/Qt.txt").is_file()
    lines = told.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("--force --deep")
    assert lines[1:3] == ["LICENCE.txt", "LICENCES"]
    assert lines[3] == f"--verify --deep --strict {app}"
