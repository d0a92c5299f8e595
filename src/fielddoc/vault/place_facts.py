"""What can be read of a place by any user: file system, encryption, swap, programs that copy.

All reading goes through `System`, so that the answers of other systems can be put in its place.
On Linux only files are read; Windows and macOS are asked through programs that they bring along.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from fielddoc.vault import place_elsewhere

_MAXIMUM_BYTES = 256 * 1024
_PATIENCE_S = 10
_NO_WINDOW = 0x08000000  # CREATE_NO_WINDOW: no console flashes up on Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was found out about a place."""

    is_synced: bool = False
    is_remote: bool = False
    is_copy_on_write: bool = False
    is_in_memory: bool = False
    is_encrypted: bool | None = None
    """Whether the disks of the folder and of the person's home are; None if that cannot be seen."""
    swaps_in_clear: bool = False
    hibernates_in_clear: bool = False


class System(Protocol):
    """The few questions that are asked of a computer."""

    platform: str
    """As `sys.platform` says it."""
    home: Path
    environment: Mapping[str, str]

    def text(self, path: str) -> str:
        """Return the text of a file, empty if it cannot be read."""

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, none if it cannot be read."""

    def resolved(self, path: str) -> str:
        """Return where links lead to."""

    def device(self, path: str) -> str:
        """Return `major:minor` of the device on which a path lies, empty if there is none."""

    def output(self, *command: str) -> str:
        """Return what a program of the system prints, empty if it fails."""


class ThisComputer:
    """The computer that this runs on."""

    platform = sys.platform

    def __init__(self) -> None:
        self.home = Path.home()
        self.environment: Mapping[str, str] = os.environ

    def text(self, path: str) -> str:
        """Return the text of a file, empty if it cannot be read."""
        try:
            with Path(path).open("rb") as file:
                return file.read(_MAXIMUM_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, none if it cannot be read."""
        try:
            return sorted(os.listdir(path))  # noqa: PTH208 - names are what is wanted
        except OSError:
            return []

    def resolved(self, path: str) -> str:
        """Return where links lead to."""
        return os.path.realpath(path)

    def device(self, path: str) -> str:
        """Return `major:minor` of the device on which a path lies, empty if there is none."""
        try:
            number = os.stat(path).st_dev  # noqa: PTH116 - a name of the system, not one of ours
        except OSError:
            return ""
        return f"{os.major(number)}:{os.minor(number)}" if sys.platform != "win32" else ""

    def output(self, *command: str) -> str:
        """Return what a program of the system prints, empty if it fails."""
        try:
            done = subprocess.run(  # noqa: S603 - programs of the system, with fixed words
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE_S,
                check=False,
                creationflags=_NO_WINDOW if sys.platform == "win32" else 0,
            )
        except (OSError, subprocess.SubprocessError):
            return ""
        return done.stdout.decode("utf-8", "replace")


def facts_of(folder: Path, system: System) -> Facts:
    """Return what can be found out about a folder, which need not be there yet."""
    real = Path(system.resolved(str(folder)))
    synced = is_synced(folder, system) or is_synced(real, system)
    match system.platform:
        case "win32":
            return _elsewhere(synced, place_elsewhere.windows(str(real), system.output))
        case "darwin":
            return _elsewhere(synced, place_elsewhere.macos(str(real), system.output))
        case _:
            return _linux(real, system, synced=synced)


def _elsewhere(synced: bool, found: place_elsewhere.Found) -> Facts:  # noqa: FBT001
    return Facts(
        is_synced=synced,
        is_remote=found.is_remote,
        is_copy_on_write=found.is_copy_on_write,
        is_encrypted=found.is_encrypted,
        swaps_in_clear=found.swaps_in_clear,
        hibernates_in_clear=found.hibernates_in_clear,
    )


# --- programs that copy to a server ---------------------------------------------------------------

_PARTS = (
    "onedrive",
    "dropbox",
    "icloud",
    "mobile documents",
    "cloudstorage",
    "google drive",
    "googledrive",
    "my drive",
    "我的云端硬盘",
    "nutstore",
    "坚果云",
    "baidunetdisk",
    "baidusync",
    "baiduyun",
    "百度网盘",
    "百度云",
    "百度同步盘",
    "微云",
    "weiyun",
    "wps云",
    "wpsdrive",
    "nextcloud",
    "owncloud",
    "syncthing",
    "seafile",
    "megasync",
    "pcloud",
)
"""Parts of folder names by which such programs are known."""

_WHOLE = ("115", "box", "box sync")
"""Names that are too short to be looked for inside others."""

_MARKS = (
    ".dropbox.cache",
    ".stfolder",
    ".nextcloudsync.log",
    ".owncloudsync.log",
    ".tmp.drivedownload",
    ".tmp.driveupload",
    ".seafile-data",
)
"""What such programs leave in the folder that they copy, whatever it is called."""

_JOURNAL = re.compile(r"\._?sync_[0-9a-f]+\.db")
"""The journal of Nextcloud and ownCloud."""

_LOCAL_PATH = re.compile(r"^[^=\n]*localPath=(.+)$", re.MULTILINE)
_ONEDRIVE = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")


def is_synced(folder: Path, system: System) -> bool:
    """Tell whether a folder lies in one that a program copies to a server."""
    inside = (folder, *folder.parents)
    if any(_is_known(part) for part in folder.parts):
        return True
    if any(known in inside for known in _told_by_programs(system)):
        return True
    return any(
        name.casefold() in _MARKS or _JOURNAL.fullmatch(name)
        for each in inside
        for name in system.names(str(each))
    )


def _is_known(part: str) -> bool:
    name = part.casefold()
    return name in _WHOLE or any(known in name for known in _PARTS)


def _told_by_programs(system: System) -> Iterator[PurePath]:
    """Yield the folders that such programs say they copy."""
    for name in _ONEDRIVE:
        if system.environment.get(name):
            yield Path(system.environment[name])
    for config in (".config/Nextcloud/nextcloud.cfg", ".config/ownCloud/owncloud.cfg"):
        for path in _LOCAL_PATH.findall(system.text(str(system.home / config))):
            yield Path(path.strip())
    with suppress(ValueError, AttributeError, RecursionError):
        told = json.loads(system.text(str(system.home / ".dropbox" / "info.json")))
        for account in told.values():
            yield Path(str(account.get("path") or system.home / "Dropbox"))


# --- Linux ----------------------------------------------------------------------------------------

_COPY_ON_WRITE = frozenset({"btrfs", "zfs", "f2fs", "bcachefs", "nilfs2", "apfs", "logfs"})
_REMOTE = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "davfs"),
        *("9p", "virtiofs", "vboxsf", "vmhgfs", "coda"),  # shared with the host of a machine
        *("fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.s3fs"),
        *("fuse.onedriver", "fuse.google-drive-ocamlfuse", "fuse.pcloud", "fuse.curlftpfs"),
        *("fuse.vmhgfs-fuse", "fuse.glusterfs"),
    }
)
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_ENCRYPTING = frozenset(
    {
        *("ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.securefs"),
        "fuse.cryptomator",
    }
)
_OCTAL = re.compile(r"\\([0-7]{3})")
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class _Mount:
    source: str
    point: str
    kind: str


def _linux(folder: Path, system: System, *, synced: bool) -> Facts:
    mounts = list(_mounts(system))
    place = _mount_of(str(folder), mounts, system)
    home = _mount_of(str(system.home), mounts, system)
    swaps = _swaps_in_clear(mounts, system)
    return Facts(
        is_synced=synced,
        is_remote=place.kind in _REMOTE,
        is_copy_on_write=place.kind in _COPY_ON_WRITE,
        is_in_memory=place.kind in _IN_MEMORY,
        is_encrypted=_both(
            _is_encrypted(place, str(folder), system),
            _is_encrypted(home, str(system.home), system),
        ),
        swaps_in_clear=swaps,
        hibernates_in_clear=swaps and _can_hibernate(system),
    )


def _both(first: bool | None, second: bool | None) -> bool | None:  # noqa: FBT001
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def _mounts(system: System) -> Iterator[_Mount]:
    for line in system.text("/proc/mounts").splitlines():
        fields = line.split(" ")
        if len(fields) >= 3:
            yield _Mount(_plain(fields[0]), _plain(fields[1]), fields[2])


def _plain(field: str) -> str:
    r"""Undo the escapes of /proc/mounts, such as `\040` for a blank."""
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), field)


def _mount_of(path: str, mounts: list[_Mount], system: System) -> _Mount:
    """Return the mount that a path lies on: the longest that leads to it, of equals the last."""
    real = PurePath(system.resolved(path))
    found = _Mount("", "/", "")
    for mount in mounts:
        point = PurePath(mount.point)
        if (point == real or point in real.parents) and len(mount.point) >= len(found.point):
            found = mount
    return found


def _is_encrypted(mount: _Mount, path: str, system: System) -> bool | None:
    """Tell whether the disk under a mount is encrypted; None if that cannot be seen."""
    if mount.kind in _ENCRYPTING:
        return True
    if mount.kind in _IN_MEMORY:
        return True  # what lies in memory reaches the disk only by swap, which is asked apart
    if mount.kind in _REMOTE:
        return None
    block = _block(mount.source, system)
    if block is None:
        device = _device_of_nearest(path, system)
        block = f"/sys/dev/block/{device}" if device and not device.startswith("0:") else None
    if block is None or not system.names(block):
        return None
    return _is_encrypted_block(block, system)


def _device_of_nearest(path: str, system: System) -> str:
    """Return the device of a path, or of the nearest folder above it that is there."""
    for each in (Path(path), *Path(path).parents):
        device = system.device(str(each))
        if device:
            return device
    return ""


def _block(source: str, system: System) -> str | None:
    """Return the folder in /sys of a device such as /dev/mapper/home, None if there is none."""
    if not source.startswith("/dev/"):
        return None
    block = f"/sys/class/block/{PurePath(system.resolved(source)).name}"
    return block if system.names(block) else None


def _is_encrypted_block(block: str, system: System, depth: int = _DEPTH) -> bool:
    """Tell whether a device, or everything that it is made of, is a dm-crypt one."""
    if system.text(f"{block}/dm/uuid").startswith("CRYPT-"):
        return True
    if system.text(f"{block}/dm/name").startswith("veracrypt"):
        return True  # VeraCrypt gives its devices no uuid
    below = system.names(f"{block}/slaves")
    return (
        bool(below)
        and depth > 0
        and all(
            _is_encrypted_block(f"/sys/class/block/{name}", system, depth - 1) for name in below
        )
    )


def _swaps_in_clear(mounts: list[_Mount], system: System) -> bool:
    for line in system.text("/proc/swaps").splitlines()[1:]:
        fields = line.split()
        if len(fields) < 2 or fields[0].startswith("/dev/zram"):
            continue  # zram is memory
        name = _plain(fields[0])
        if fields[1] == "file":
            is_encrypted = _is_encrypted(_mount_of(name, mounts, system), name, system)
        else:
            block = _block(name, system)
            is_encrypted = block is not None and _is_encrypted_block(block, system)
        if not is_encrypted:
            return True
    return False


def _can_hibernate(system: System) -> bool:
    """Tell whether the kernel can write memory to a swap device when it is turned off."""
    return "disk" in system.text("/sys/power/state").split() and "[disabled]" not in system.text(
        "/sys/power/disk"
    )
