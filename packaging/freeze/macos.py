"""What a person with macOS gets: a disk image with the app and a way into Applications."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fielddoc import __version__

OLDEST = "13.0"  # what the wheels of PySide6 6.11 ask for


def information() -> dict[str, Any]:
    """Return what Info.plist says about the app, beyond what PyInstaller writes by itself."""
    return {
        "CFBundleDisplayName": "fielddoc",
        "CFBundleShortVersionString": __version__,
        "CFBundleVersion": __version__,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "zh_CN"],
        "LSMinimumSystemVersion": OLDEST,
        "LSApplicationCategoryType": "public.app-category.productivity",
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "GPL-3.0-or-later",
        "NSSupportsAutomaticTermination": False,
    }


def add_and_sign(app: Path, added: Iterable[Path]) -> None:
    """Put files and folders into the app, and sign it again: its seal covers what lies in it.

    The signature is one without a name ("ad hoc"), as PyInstaller's is: without any, a Mac with
    Apple's processor starts nothing.

    Raises:
        subprocess.CalledProcessError: it cannot be signed, or the seal does not hold.
    """
    for path in added:
        target = app / "Contents" / "Resources" / path.name
        if path.is_dir():
            shutil.copytree(path, target)
        else:
            shutil.copyfile(path, target)
    for command in sign_commands(app):
        subprocess.run(command, check=True)


def sign_commands(app: Path) -> list[list[str]]:
    """Return the commands that sign the app and check its seal."""
    return [
        ["codesign", "--force", "--deep", "--all-architectures", "--sign", "-", str(app)],
        ["codesign", "--verify", "--deep", "--strict", str(app)],
    ]


def disk_image(app: Path, target: Path, *, work: Path) -> None:
    """Write a compressed disk image.

    Args:
        app: the bundle that PyInstaller made.
        target: the image.
        work: a folder to build in; emptied first.
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    # Signatures and links inside the app must stay as they are.
    subprocess.run(["ditto", str(app), str(work / app.name)], check=True)
    (work / "Applications").symlink_to("/Applications")
    subprocess.run(disk_image_command(work, target), check=True)


def disk_image_command(folder: Path, target: Path) -> list[str]:
    """Return the command that makes the image: LZMA, which every macOS from 10.15 on can read."""
    return [
        *("hdiutil", "create", "-volname", "fielddoc", "-srcfolder", str(folder)),
        *("-fs", "HFS+", "-format", "ULMO", "-ov", "-quiet", str(target)),
    ]
