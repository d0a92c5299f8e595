"""What a person with Windows gets: a folder to carry as a zip, and an installer for one user."""

import os
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


def installer(folder: Path, target: Path, *, version: str, icon: Path, moment: int) -> None:
    """Compile the installer with NSIS, whose `makensis` must be on the PATH.

    Args:
        folder: the frozen program, without the portable mark.
        target: the installer.
        version: of the program.
        icon: of the installer, as .ico.
        moment: the time of every file in it, in seconds since 1970; NSIS takes it from the files.
    """
    for path in [*folder.rglob("*"), folder]:
        os.utime(path, (moment, moment))
    subprocess.run(
        installer_command(folder, target, version=version, icon=icon),
        env=os.environ | {"SOURCE_DATE_EPOCH": str(moment)},
        check=True,
    )


def installer_command(folder: Path, target: Path, *, version: str, icon: Path) -> list[str]:
    """Return the command that compiles the installer."""
    return [
        "makensis",
        "-V2",
        "-WX",
        "-INPUTCHARSET",
        "UTF8",
        f"-DVERSION={version}",
        f"-DNUMBERS={'.'.join(str(number) for number in _numbers(version))}",
        f"-DICON={icon.resolve()}",
        f"-DFOLDER={folder.resolve()}",
        f"-DTARGET={target.resolve()}",
        f"-DKIBIBYTES={_kibibytes(folder)}",
        str(SCRIPT),
    ]


def version_resource(version: str, *, name: str) -> str:
    """Return what Windows shows under Properties, in the form that PyInstaller reads.

    Args:
        version: of the program.
        name: of the executable, without its ending.
    """
    numbers = _numbers(version)
    words = {
        "CompanyName": "The fielddoc developers",
        "FileDescription": "fielddoc",
        "FileVersion": version,
        "InternalName": name,
        "LegalCopyright": "GPL-3.0-or-later",
        "OriginalFilename": f"{name}.exe",
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


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in [*version.split("."), "0", "0", "0"][:4])


def _kibibytes(folder: Path) -> int:
    return -(-sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1024)
