"""A bare Debian 12 with nothing but what the package depends on, and no Python.

Made once with debootstrap and kept in a cache folder: `FIELDDOC_CACHE_DIR`, else
`$XDG_CACHE_HOME/fielddoc`, else `~/.cache/fielddoc`.
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from not_run import not_run


def bare_debian(depends: str) -> Path:
    """Return the folder of such a system; what the Depends field names is installed in it."""
    if os.geteuid() != 0:
        not_run("only root can make and enter a bare Debian")
    if shutil.which("debootstrap") is None:
        not_run("debootstrap is not installed")
    names = [re.split(r"[ |]", word.strip())[0] for word in depends.split(",")]
    words = ",".join(names)
    root = _cache() / f"debian-12-{hashlib.sha256(words.encode()).hexdigest()[:12]}"
    if (root / "made").exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    log = root.parent / "debootstrap.log"
    command = ["debootstrap", "--variant=minbase", f"--include={words}", "bookworm", str(root)]
    with log.open("wb") as file:
        done = subprocess.run(command, stdout=file, stderr=file, check=False)
    if done.returncode:
        not_run(f"debootstrap failed; see {log}")
    (root / "made").touch()
    return root


def install(root: Path, package: Path) -> None:
    """Install a package with dpkg, which refuses it if a dependency is not there."""
    shutil.copyfile(package, root / "fielddoc.deb")
    command = ["chroot", str(root), "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
    done = subprocess.run(
        [*command, "dpkg", "--install", "/fielddoc.deb"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _cache() -> Path:
    given = os.environ.get("FIELDDOC_CACHE_DIR")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "fielddoc"
