"""Builds twice, compares every byte, and lays out what is published: `make release`.

dist/release gets the packages, SHA256SUMS, the bill of materials and the licences. Signing them is
not done here: docs/releasing.md.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from fielddoc import __version__
from freeze import build
from freeze.package import package, remove_old

_WORK = build.ROOT / "build" / "release"


class BuildsDifferError(Exception):
    """Two builds of the same files are not the same bytes."""


def fingerprint(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder; for a link, where it leads."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            runs = "x" if path.stat().st_mode & 0o100 else "-"
            found[name] = runs + hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def compare(first: Path, second: Path) -> int:
    """Return how many files two folders hold, all the same.

    Raises:
        BuildsDifferError: names the files that differ.
    """
    one, other = fingerprint(first), fingerprint(second)
    differing = sorted(
        name for name in one.keys() | other.keys() if one.get(name) != other.get(name)
    )
    if differing:
        raise BuildsDifferError("\n".join(differing))
    return len(one)


def checksums(files: list[Path]) -> str:
    """Return SHA256SUMS, as `sha256sum -c` reads it."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(files, key=lambda path: path.name)
    ]
    return "".join(lines)


def changes(checkout: Path) -> list[str]:
    """Return what in a checkout is not as its newest commit has it; new files too."""
    command = ["git", "-C", str(checkout), "status", "--porcelain", "--untracked-files=all"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def main() -> int:
    """Build twice, compare, and fill dist/release; also dist/, as `make package` would."""
    parser = argparse.ArgumentParser(description="Build twice, and compare every byte.")
    parser.add_argument(
        "--any-tree", action="store_true", help="for checks: what is built need not be a commit"
    )
    options = parser.parse_args()
    changed = [] if options.any_tree else changes(build.ROOT)
    if changed:
        print("a release is built from a commit; these are not in it:", file=sys.stderr)
        print("\n".join(changed), file=sys.stderr)
        return 1
    shutil.rmtree(_WORK, ignore_errors=True)
    # Folders of different names, so that a path that gets into a file is noticed.
    outs = [_WORK / "first" / "dist", _WORK / "a second, elsewhere" / "dist"]
    packages: list[Path] = []
    for out in outs:
        print(f"building into {out.relative_to(build.ROOT)}", flush=True)
        out.mkdir(parents=True)
        packages = package(out, out.parent / "work")
        # A disk image holds times of its own making: it is not compared, but the app in it is.
        for image in out.glob("*.dmg"):
            image.rename(out.parent / image.name)
    count = compare(*outs)
    print(f"{count} files, the same in both builds")
    remove_old(build.DIST)
    for path in sorted(outs[0].iterdir()):
        copy = build.DIST / path.name
        shutil.copytree(path, copy, symlinks=True) if path.is_dir() else shutil.copy2(path, copy)
    target = build.DIST / "release"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    published = [
        Path(shutil.copy2(path if path.exists() else path.parents[1] / path.name, target))
        for path in packages
    ]
    bill = target / f"fielddoc-{__version__}.cdx.json"
    shutil.copyfile(outs[0] / "fielddoc" / "sbom.cdx.json", bill)
    (target / "SHA256SUMS").write_text(checksums([*published, bill]), encoding="ascii")
    shutil.copytree(outs[0] / "fielddoc" / "LICENCES", target / "LICENCES")
    for path in sorted(target.iterdir()):
        print(f"dist/release/{path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
