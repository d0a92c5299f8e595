"""What a person with Linux gets: a folder to carry, and a package for Debian and its like."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from freeze.icons import make_icons
from freeze.search_paths import elf_files

ROOT = Path(__file__).resolve().parents[2]
PORTABLE_MARK = "portable"

# Libraries that every desktop has, and the Debian packages with them. Everything else comes along.
DEBIAN_PACKAGES = {
    "ld-linux-x86-64.so.2": "libc6 (>= 2.34)",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libc.so.6": "libc6 (>= 2.34)",
    "libdbus-1.so.3": "libdbus-1-3",
    "libdl.so.2": "libc6 (>= 2.34)",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgthread-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libm.so.6": "libc6 (>= 2.34)",
    "libpthread.so.0": "libc6 (>= 2.34)",
    "libstdc++.so.6": "libstdc++6 (>= 11)",
    "libuuid.so.1": "libuuid1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb.so.1": "libxcb1",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
# Read by libraries, not linked: keyboard layouts, and names of keys.
_DEBIAN_DATA = ("libx11-data", "xkb-data")


def portable(folder: Path, target: Path, *, moment: int) -> None:
    """Write the frozen folder with its mark as a `.tar.xz`, the same bytes for the same files.

    Args:
        folder: the frozen program.
        target: the archive.
        moment: the time of every file in it, in seconds since 1970.
    """
    (folder / PORTABLE_MARK).touch()
    try:
        tar = [
            *("tar", "--sort=name", "--format=gnu", f"--mtime=@{moment}"),
            *("--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"),
            *("-C", str(folder.parent), "-cf", "-", folder.name),
        ]
        # One thread more or less would give other bytes: xz cuts its input for threads.
        xz = ["xz", "-6", "--threads=1", "--stdout"]
        with target.open("wb") as file, subprocess.Popen(tar, stdout=subprocess.PIPE) as reading:
            subprocess.run(xz, stdin=reading.stdout, stdout=file, check=True)
        if reading.returncode:
            raise subprocess.CalledProcessError(reading.returncode, tar)
    finally:
        (folder / PORTABLE_MARK).unlink()


def debian_package(folder: Path, target: Path, *, work: Path, version: str, moment: int) -> None:
    """Write a `.deb` with the frozen folder, its desktop entry and its icon.

    Args:
        folder: the frozen program, without the portable mark.
        target: the package.
        work: a folder to build in; emptied first.
        version: of the program.
        moment: the time of every file in it, in seconds since 1970.
    """
    shutil.rmtree(work, ignore_errors=True)
    tree = work / "tree"
    program = tree / "usr/lib/fielddoc"
    shutil.copytree(folder, program, symlinks=True)
    command = tree / "usr/bin/fielddoc"
    command.parent.mkdir(parents=True)
    command.symlink_to("../lib/fielddoc/fielddoc")
    _copy(ROOT / "packaging/linux/fielddoc.desktop", tree / "usr/share/applications")
    _icons(tree / "usr/share/icons/hicolor", work)
    _copy(folder / "LICENCES" / "README.txt", tree / "usr/share/doc/fielddoc", "copyright")
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir()
    size = sum(path.lstat().st_size for path in tree.rglob("*"))
    text = control_file(version=version, kibibytes=-(-size // 1024))
    control.write_text(text, encoding="utf-8")
    _even_out(tree, moment)
    command_line = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(target)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(moment)}
    subprocess.run(command_line, env=environment, check=True, stdout=subprocess.DEVNULL)


def control_file(*, version: str, kibibytes: int) -> str:
    """Return the control file of the package."""
    depends = ", ".join(sorted({*DEBIAN_PACKAGES.values(), *_DEBIAN_DATA}))
    return (
        "Package: fielddoc\n"
        f"Version: {version}\n"
        "Architecture: amd64\n"
        "Maintainer: The fielddoc developers <fielddoc@localhost>\n"
        f"Installed-Size: {kibibytes}\n"
        f"Depends: {depends}\n"
        "Recommends: fonts-noto-cjk | fonts-wqy-zenhei\n"
        "Section: misc\n"
        "Priority: optional\n"
        "Description: offline, encrypted records of human rights violations\n"
        " Keeps incidents, risks and detentions in an encrypted vault, carries chosen ones\n"
        " to partners in encrypted bundles, and destroys the vault when one button is held.\n"
        " It opens no network connection.\n"
    )


def needed_libraries(folder: Path) -> set[str]:
    """Return the libraries that the files in `folder` are linked with and that are not in it."""
    needed, brought = set[str](), set[str]()
    for path in elf_files(folder):
        brought.add(path.name)
        told = subprocess.run(
            ["readelf", "--dynamic", str(path)], capture_output=True, text=True, check=True
        )
        needed |= set(re.findall(r"\(NEEDED\).*\[(.+)\]", told.stdout))
    return needed - brought


def _icons(folder: Path, work: Path) -> None:
    svg = ROOT / "resources/icons/fielddoc.svg"
    for side, png in make_icons(svg, work / "icons").pngs.items():
        _copy(png, folder / f"{side}x{side}" / "apps", "fielddoc.png")
    _copy(svg, folder / "scalable" / "apps")


def _copy(source: Path, folder: Path, name: str | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, folder / (name or source.name))


def _even_out(tree: Path, moment: int) -> None:
    """Give every file the time and the rights that do not depend on who builds."""
    for path in [*sorted(tree.rglob("*")), tree]:
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (moment, moment), follow_symlinks=False)
