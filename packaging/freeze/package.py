"""Builds what a person gets on the system that this runs on: `make package`.

Linux: a portable folder as `.tar.xz` and a `.deb`. Windows: a portable zip and an installer for
one user. macOS: a disk image with the app. docs/releasing.md says what each needs.
"""

import argparse
import shutil
import sys
from pathlib import Path
from typing import assert_never

from fielddoc import __version__
from freeze import build, linux, macos, windows
from freeze.icons import make_icons
from freeze.plan import Platform, processor

ICON = build.ROOT / "resources" / "icons" / "fielddoc.svg"

MAXIMUM_BYTES = 45_000_000
"""45 MB, of a million bytes each. Of each file that a person gets: many have slow, expensive or watched connections."""


class TooLargeError(Exception):
    """A package exceeds what was promised."""


def package_names(platform: Platform) -> list[str]:
    """Return the names of the packages of a system, for the processor that this runs on."""
    stem = f"fielddoc-{__version__}-{platform.name.lower()}-{processor()}"
    match platform:
        case Platform.LINUX:
            return [f"{stem}-portable.tar.xz", f"fielddoc_{__version__}_amd64.deb"]
        case Platform.WINDOWS:
            return [f"{stem}-portable.zip", f"{stem}-setup.exe"]
        case Platform.MACOS:
            return [f"{stem}.dmg"]
        case _:
            assert_never(platform)


def package(out: Path, work: Path) -> list[Path]:
    """Freeze and pack, and return the packages.

    Args:
        out: where the frozen folder and the packages are put.
        work: for what is needed only while building.

    Raises:
        TooLargeError: a package is larger than MAXIMUM_BYTES.
    """
    folder = build.freeze(out, work / "freeze")
    moment = build.epoch()
    platform = Platform(sys.platform)
    packages = [out / name for name in package_names(platform)]
    match platform:
        case Platform.LINUX:
            linux.portable(folder, packages[0], moment=moment)
            tree = work / "deb"
            linux.debian_package(folder, packages[1], work=tree, version=__version__, moment=moment)
        case Platform.WINDOWS:
            windows.portable(folder, packages[0], moment=moment)
            icon = make_icons(ICON, work / "icons").ico
            windows.installer(folder, packages[1], version=__version__, icon=icon, moment=moment)
        case Platform.MACOS:
            macos.disk_image(out / "fielddoc.app", packages[0], work=work / "dmg")
        case _:
            assert_never(platform)
    for path in packages:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise TooLargeError(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    return packages


def remove_old(out: Path) -> None:
    """Make the folder that is built into, and remove from it what was built before."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("fielddoc*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()


def main() -> int:
    """Build into dist/ and say what came out."""
    parser = argparse.ArgumentParser(description="Build what a person gets.")
    parser.add_argument("--out", type=Path, default=build.DIST)
    options = parser.parse_args()
    remove_old(options.out)
    for path in package(options.out, build.ROOT / "build" / "package"):
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
