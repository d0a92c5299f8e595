"""Builds twice, compares every byte, and lays out what is published: `make release`.

dist/release gets the packages, SHA256SUMS, the bill of materials and the licences. Signing them is
not done here: docs/releasing.md.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from fielddoc import __version__
from freeze import build
from freeze.package import package

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


def main() -> int:
    """Build twice, compare, and fill dist/release."""
    shutil.rmtree(_WORK, ignore_errors=True)
    # Folders of different names, so that a path that gets into a file is noticed.
    outs = [_WORK / "first" / "dist", _WORK / "a second, elsewhere" / "dist"]
    packages: list[Path] = []
    for out in outs:
        print(f"building into {out.relative_to(build.ROOT)}", flush=True)
        out.mkdir(parents=True)
        packages = package(out, out.parent / "work")
    count = compare(*outs)
    print(f"{count} files, the same in both builds")
    target = build.DIST / "release"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    published = [Path(shutil.copy2(path, target)) for path in packages]
    bill = target / f"fielddoc-{__version__}.cdx.json"
    shutil.copyfile(outs[0] / "fielddoc" / "sbom.cdx.json", bill)
    (target / "SHA256SUMS").write_text(checksums([*published, bill]), encoding="ascii")
    shutil.copytree(outs[0] / "fielddoc" / "LICENCES", target / "LICENCES")
    for path in sorted(target.iterdir()):
        print(f"dist/release/{path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
