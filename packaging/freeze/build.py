"""Freezes the program into one folder: the same files from the same checkout, each time.

PYTHONPATH=packaging .venv/bin/python -m freeze.build    writes dist/fielddoc
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from freeze import inventory, licences, macos, sbom, search_paths
from freeze.plan import Platform

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
DIST = ROOT / "dist"

_EARLIEST = 315532800  # 1980-01-01: what a zip file can say
_SPEC = PACKAGING / "fielddoc.spec"


def epoch() -> int:
    """Return the time, in seconds since 1970, that stands in everything that is built.

    SOURCE_DATE_EPOCH if it is set, else the time of the newest commit, else 1980: never now.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return max(_EARLIEST, int(given))
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return _EARLIEST
    words = asked.stdout.strip()
    return max(_EARLIEST, int(words)) if words.isdigit() else _EARLIEST


def freeze(out: Path, work: Path) -> Path:
    """Freeze the program, with its licences and its bill of materials, and return its folder.

    Args:
        out: where the folder `fielddoc` is put; on macOS also `fielddoc.app`.
        work: for what is needed only while building; emptied first.

    Raises:
        subprocess.CalledProcessError: PyInstaller failed; its words are on the terminal.
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    log = work / "pyinstaller.log"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    places = ["--distpath", str(out), "--workpath", str(work / "work"), str(_SPEC)]
    with log.open("wb") as file:
        done = subprocess.run(
            [*command, *places], env=_environment(work), stdout=file, stderr=file, check=False
        )
    if done.returncode:
        sys.stderr.write(log.read_text(encoding="utf-8", errors="replace"))
        raise subprocess.CalledProcessError(done.returncode, command)
    folder = out / "fielddoc"
    platform = Platform(sys.platform)
    if platform is Platform.LINUX:
        search_paths.remove_foreign(search_paths.elf_files(folder))
    added = complete(folder, platform)
    if platform is Platform.MACOS:
        macos.add_and_sign(out / "fielddoc.app", added)
    return folder


def _environment(work: Path) -> dict[str, str]:
    """Return the environment of PyInstaller: nothing in it may make two builds differ."""
    # pyproject.toml says which Python modules ours are; no other folder may add any.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return ours | {
        "PYTHONHASHSEED": "1",
        "SOURCE_DATE_EPOCH": str(epoch()),
        # Stripped libraries are kept there: not between builds, and not in the home folder.
        "PYINSTALLER_CONFIG_DIR": str(work / "pyinstaller"),
        "QT_QPA_PLATFORM": "offscreen",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
    }


def complete(folder: Path, platform: Platform) -> list[Path]:
    """Add the licences and the list of what is inside, and return what was added.

    Raises:
        LookupError: a file does not tell its version, or a licence is unknown.
    """
    parts = inventory.parts(folder, platform)
    texts, licence, bill = (folder / name for name in ("LICENCES", "LICENCE.txt", "sbom.cdx.json"))
    licences.gather(parts, texts)
    shutil.copyfile(ROOT / "LICENSE", licence)
    bill.write_text(sbom.as_json(parts, moment=epoch()), encoding="utf-8", newline="\n")
    return [texts, licence, bill]


def main() -> int:
    """Freeze into dist/fielddoc."""
    folder = freeze(DIST, ROOT / "build" / "freeze")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder.relative_to(ROOT)}: {size / 2**20:.1f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
