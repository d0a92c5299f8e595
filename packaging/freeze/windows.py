"""What a person with Windows gets: a folder to carry as a zip, and an installer for one user."""

import subprocess
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PORTABLE_MARK = "portable"
SCRIPT = ROOT / "packaging" / "windows" / "installer.nsi"


def portable(folder: Path, target: Path, *, moment: int) -> None:
    """Write the frozen folder with its mark as a zip, the same bytes for the same files.

    Args:
        folder: the frozen program.
        target: the archive.
        moment: the time of every file in it, in seconds since 1970; a zip knows even ones only.
    """
    files = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    when = time.gmtime(moment - moment % 2)[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted([*files, PORTABLE_MARK]):
            entry = zipfile.ZipInfo(f"fielddoc/{name}", when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # as written on Windows, wherever this runs
            entry.external_attr = 0x20
            archive.writestr(entry, files[name].read_bytes() if name in files else b"")


def installer(folder: Path, target: Path, *, version: str) -> None:
    """Compile the installer with NSIS, whose `makensis` must be on the PATH.

    Args:
        folder: the frozen program, without the portable mark.
        target: the installer.
        version: of the program.
    """
    subprocess.run(installer_command(folder, target, version=version), check=True)


def installer_command(folder: Path, target: Path, *, version: str) -> list[str]:
    """Return the command that compiles the installer."""
    return [
        "makensis",
        "-V2",
        "-WX",
        "-INPUTCHARSET",
        "UTF8",
        f"-DVERSION={version}",
        f"-DFOLDER={folder.resolve()}",
        f"-DTARGET={target.resolve()}",
        f"-DKIBIBYTES={_kibibytes(folder)}",
        str(SCRIPT),
    ]


def version_resource(version: str) -> str:
    """Return what Windows shows under Properties, in the form that PyInstaller reads."""
    numbers = tuple(int(part) for part in [*version.split("."), "0", "0", "0"][:4])
    words = {
        "CompanyName": "The fielddoc developers",
        "FileDescription": "fielddoc",
        "FileVersion": version,
        "InternalName": "fielddoc",
        "LegalCopyright": "GPL-3.0-or-later",
        "OriginalFilename": "fielddoc.exe",
        "ProductName": "fielddoc",
        "ProductVersion": version,
    }
    strings = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in words.items())
    return (
        "VSVersionInfo(\n"
        f"  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}),\n"
        f"  kids=[StringFileInfo([StringTable('040904B0', [{strings}])]),\n"
        "        VarFileInfo([VarStruct('Translation', [0x0409, 1200])])],\n"
        ")\n"
    )


def _kibibytes(folder: Path) -> int:
    return -(-sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1024)
