"""Finds the pinned wheels of everything that ships, for every target: `make check-wheels`.

Fetches them with their hashes enforced, and looks into them: that each part of Qt which the plan
names for a system is in that system's wheel, that the bill of materials can be read from the very
files, and that what they are linked with comes along or is the system's own. So a pin that leaves
a system without a wheel, a plug-in that was renamed, a library that no longer tells its version,
and one that the plan forgets are noticed without that system.
"""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from freeze import inside, plan
from freeze.imports import imports
from freeze.inventory import shipped_packages
from freeze.part import Part
from freeze.plan import Platform

ROOT = Path(__file__).resolve().parents[2]
_FOLDER = ROOT / "build" / "wheels"
_PYTHONS = ("3.11", "3.12", "3.13")
_ABIS = ("2_34", "2_28", "2_26", "2_24", "2_17", "2_12", "2_5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A system and a processor that the program is frozen for."""

    name: str
    platform: Platform
    machine: str
    """As `platform.machine()` says it there."""
    tags: tuple[str, ...]
    """The platform tags of wheels that run there."""


TARGETS = (
    Target(
        name="Linux, x86-64, glibc 2.34",
        platform=Platform.LINUX,
        machine="x86_64",
        tags=(
            *(f"manylinux_{abi}_x86_64" for abi in _ABIS),
            *("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"),
        ),
    ),
    Target(name="Windows, x86-64", platform=Platform.WINDOWS, machine="AMD64", tags=("win_amd64",)),
    Target(
        name="macOS 13, Apple's processors",
        platform=Platform.MACOS,
        machine="arm64",
        tags=("macosx_13_0_arm64",),
    ),
    Target(
        name="macOS 13, Intel",
        platform=Platform.MACOS,
        machine="x86_64",
        tags=("macosx_13_0_x86_64",),
    ),
)


def environment(target: Target, python: str) -> dict[str, str]:
    """Return what the markers of requirements see on a target, as PEP 508 names it."""
    windows = target.platform is Platform.WINDOWS
    system = {"linux": "Linux", "win32": "Windows", "darwin": "Darwin"}[target.platform.value]
    return {
        "implementation_name": "cpython",
        "os_name": "nt" if windows else "posix",
        "platform_machine": target.machine,
        "platform_python_implementation": "CPython",
        "platform_system": system,
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": target.platform.value,
        "extra": "",
    }


def pinned(target: Target, python: str) -> list[str]:
    """Return the lines, with hashes, of what is installed on a target to freeze the program."""
    seen = environment(target, python)
    shipped = set(shipped_packages(seen)) - {"fielddoc"}
    lines: list[str] = []
    for name in ("constraints.txt", "constraints-package.txt"):
        text = (ROOT / "packaging" / name).read_text(encoding="utf-8")
        for line in text.replace("\\\n", "").splitlines():
            words, _, hashes = line.partition("--hash")
            if not hashes or line.startswith("#"):
                continue
            requirement = Requirement(words.strip())
            fits = requirement.marker is None or requirement.marker.evaluate(seen)
            is_for_building = name == "constraints-package.txt"
            if fits and (is_for_building or canonicalize_name(requirement.name) in shipped):
                lines.append(f"{requirement.name}{requirement.specifier} --hash{hashes.rstrip()}")
    return lines


def fetch(target: Target, python: str, folder: Path) -> list[Path]:
    """Fetch the pinned wheels of a target and return them.

    Raises:
        subprocess.CalledProcessError: one of them does not exist, or has another hash.
    """
    folder.mkdir(parents=True, exist_ok=True)
    asked = folder / f"requirements-{python}.txt"
    asked.write_text("\n".join(pinned(target, python)) + "\n", encoding="utf-8")
    command = [
        *(sys.executable if _has_pip() else "python3", "-m", "pip", "download", "--quiet"),
        *("--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"),
        *("--only-binary", ":all:", "--implementation", "cp", "--python-version", python),
        *(word for tag in target.tags for word in ("--platform", tag)),
        *("--dest", str(folder), "--requirement", str(asked)),
    ]
    subprocess.run(command, check=True)
    return sorted(folder.glob("*.whl"))


def _has_pip() -> bool:
    """Tell whether this environment has pip; set-up.sh makes it without."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "--version"], capture_output=True, check=False
    )
    return asked.returncode == 0


def lacking(names: Iterable[str], platform: Platform) -> list[str]:
    """Return what the plan names for a system and no wheel has.

    Args:
        names: the files in all wheels of a target, which are their paths in the bundle, too.
        platform: the system.
    """
    kept = [name for name in names if plan.keeps_binary(name, platform)]
    wanted = [
        *(f"/{plug_in}." for plug_in in plan.plug_ins(platform)),
        *(f"PySide6/{module}." for module in plan.QT_MODULES),
        *("shiboken6/Shiboken.", "sqlcipher3/_sqlite3.", "_argon2_cffi_bindings/_ffi."),
        *("cryptography/hazmat/bindings/_rust.", "_cffi_backend."),
    ]
    plain = [f"/{name}".replace("/lib", "/") for name in kept]
    missing = [one for one in wanted if not any(one in name for name in plain)]
    for library in ("Core", "DBus", "Gui", "Svg", "Widgets"):
        forms = (f"/Qt6{library}.so", f"/Qt6{library}.dll", f"Versions/A/Qt{library}")
        if not any(form in name for name in plain for form in forms):
            missing.append(f"Qt{library}")
    return missing


def unpack(wheels: Iterable[Path], folder: Path, platform: Platform) -> list[Path]:
    """Lay what the plan keeps of some wheels where it would lie in the bundle; return those files.

    The package data of wheels (`.dist-info`) is laid beside, in `folder` itself.
    """
    kept: list[Path] = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if plan.keeps_binary(name, platform) and not name.endswith("/"):
                    kept.append(Path(archive.extract(name, folder / "_internal")))
                elif ".dist-info/" in name:
                    archive.extract(name, folder)
    return sorted(kept)


def told(folder: Path, platform: Platform) -> list[Part]:
    """Return what sits inside the wheels of a target, read from their files.

    Raises:
        LookupError: a file that must tell its version does not.
    """
    listings = sorted(folder.glob("cryptography-*.dist-info/sboms/*rust.cyclonedx.json"))
    return [
        *inside.qt(folder, platform),
        *inside.sqlcipher(folder),
        *inside.cryptography(folder, listings),
    ]


def unbrought(files: Iterable[Path], platform: Platform) -> list[str]:
    """Return what files for Windows or macOS are linked with and neither plan nor system brings."""
    files = list(files)
    brought = {file.name.lower() for file in files}
    missing: set[str] = set()
    for file in files:
        for name in imports(file.read_bytes()):
            short = name.rpartition("/")[2]
            if not (
                short.lower() in brought
                or plan.is_part_of_system(name, platform)
                or plan.is_library_of_system(short, platform)
                or plan.is_python_itself(short)
            ):
                missing.add(f"{name} for {file.name}")
    return sorted(missing)


def _faults(wheels: list[Path], folder: Path, platform: Platform) -> list[str]:
    """Return what is wrong with the wheels of a target."""
    wrong = [f"lacking {name}" for name in lacking(_names(wheels), platform)]
    files = unpack(wheels, folder, platform)
    try:
        told(folder, platform)
    except LookupError as error:
        wrong.append(str(error))
    if platform is not Platform.LINUX:  # check_contents.py does it there, with Debian's names
        wrong += [f"nobody brings {name}" for name in unbrought(files, platform)]
    return wrong


def _names(wheels: Iterable[Path]) -> list[str]:
    found: list[str] = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            found += archive.namelist()
    return found


def main() -> int:
    """Fetch for every target and every Python, and look; the exit status is 1 if one fails."""
    status = 0
    for target in TARGETS:
        for python in _PYTHONS:
            folder = _FOLDER / f"{target.platform.value}-{target.machine}-{python}"
            try:
                wheels = fetch(target, python, folder)
            except subprocess.CalledProcessError:
                print(f"{target.name}, Python {python}: NOT all wheels were found")
                status = 1
                continue
            wrong = _faults(wheels, folder / "unpacked", target.platform)
            size = sum(wheel.stat().st_size for wheel in wheels) / 2**20
            shutil.rmtree(folder)
            words = f"{target.name}, Python {python}: {len(wheels)} wheels, {size:.0f} MiB"
            print("; ".join([words, *wrong]), flush=True)
            status = 1 if wrong else status
    return status


if __name__ == "__main__":
    sys.exit(main())
