"""What Windows and macOS say of a place, read from what programs of theirs print.

Written after the makers' documents and tested on outputs of the documented form; it has not been
run on these systems. What is not understood counts as not found out.
"""

import plistlib
import re
from collections.abc import Callable
from dataclasses import dataclass

Output = Callable[..., str]
"""Runs a program of the system and returns what it prints, empty if it fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was understood of the answers."""

    is_remote: bool = False
    is_copy_on_write: bool = False
    is_encrypted: bool | None = None
    swaps_in_clear: bool = False
    hibernates_in_clear: bool = False


# --- Windows --------------------------------------------------------------------------------------

# System.Volume.BitLockerProtection: 1 on, 2 off, 3 being encrypted, 4 being decrypted, 5 suspended,
# 6 locked. Unlike manage-bde, it needs no administrator.
_ASK_WINDOWS = """
$shell = New-Object -ComObject Shell.Application
function Protection($drive) {
  $shell.NameSpace("$drive\\").Self.ExtendedProperty('System.Volume.BitLockerProtection')
}
$drive = [System.IO.DriveInfo]::new('DRIVE')
"type=$([int]$drive.DriveType)"
"format=$($drive.DriveFormat)"
"protection=$(Protection 'DRIVE')"
"system=$(Protection $env:SystemDrive)"
$control = 'HKLM:\\SYSTEM\\CurrentControlSet\\Control'
$memory = "$control\\Session Manager\\Memory Management"
"paging=$((Get-ItemProperty $memory -ErrorAction SilentlyContinue).PagingFiles)"
$files = Get-ItemProperty "$control\\FileSystem" -ErrorAction SilentlyContinue
"paging-encrypted=$($files.NtfsEncryptPagingFile)"
"hibernate=$((Get-ItemProperty "$control\\Power" -ErrorAction SilentlyContinue).HibernateEnabled)"
"""
_DRIVE = re.compile(r"([A-Za-z]:)[\\/]")
_NETWORK_DRIVE = "4"  # System.IO.DriveType.Network
_COPY_ON_WRITE = frozenset({"refs", "apfs", "btrfs", "zfs"})


def windows(folder: str, output: Output) -> Found:
    """Return what Windows says of a folder with a drive letter, or of one on a server."""
    if folder.startswith(("\\\\", "//")):
        return Found(is_remote=True)
    drive = _DRIVE.match(folder)
    if drive is None:
        return Found()
    script = _ASK_WINDOWS.replace("DRIVE", drive[1].upper())
    printed = output("powershell.exe", "-NoProfile", "-NonInteractive", "-Command", script)
    told = dict(line.strip().split("=", 1) for line in printed.splitlines() if "=" in line)
    system = _protected(told.get("system", ""))
    place = _protected(told.get("protection", ""))
    swaps = bool(told.get("paging")) and told.get("paging-encrypted") != "1"
    return Found(
        is_remote=told.get("type") == _NETWORK_DRIVE,
        is_copy_on_write=told.get("format", "").casefold() in _COPY_ON_WRITE,
        is_encrypted=_both(place, system),
        swaps_in_clear=swaps and system is False,
        hibernates_in_clear=told.get("hibernate") == "1" and system is False,
    )


def _protected(number: str) -> bool | None:
    return {"1": True, "3": False, "2": False, "4": False, "5": False}.get(number)


# --- macOS ----------------------------------------------------------------------------------------

_MOUNT = re.compile(r"^(.+?) on (.+) \(([^,)]+)", re.MULTILINE)
_REMOTE = frozenset({"smbfs", "afpfs", "nfs", "webdav", "ftp", "macfuse", "osxfuse"})
_MODE = re.compile(r"^\s*hibernatemode\s+(\d+)", re.MULTILINE)


def macos(folder: str, output: Output) -> Found:
    """Return what macOS says of a folder.

    Its swap has always been encrypted since 10.7; `sysctl vm.swapusage` says so, and a system that
    does not is believed.
    """
    kind = _kind_of(folder, output("/sbin/mount"))
    vault = output("/usr/bin/fdesetup", "status")
    is_on = {"FileVault is On": True, "FileVault is Off": False}.get(vault.strip().split(".")[0])
    swap = output("/usr/sbin/sysctl", "vm.swapusage")
    mode = _MODE.search(output("/usr/bin/pmset", "-g"))
    return Found(
        is_remote=kind in _REMOTE,
        is_copy_on_write=kind == "apfs",
        is_encrypted=_both(_disk_is_encrypted(folder, output), is_on),
        swaps_in_clear=bool(swap.strip()) and "(encrypted)" not in swap,
        hibernates_in_clear=mode is not None and mode[1] != "0" and is_on is False,
    )


def _kind_of(folder: str, mounts: str) -> str:
    found, kind = "", ""
    for _, point, of_point in _MOUNT.findall(mounts):
        inside = folder == point or folder.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(found):
            found, kind = point, of_point
    return kind


def _disk_is_encrypted(folder: str, output: Output) -> bool | None:
    printed = output("/usr/sbin/diskutil", "info", "-plist", _volume(folder))
    try:
        told = plistlib.loads(printed.encode())
    except (plistlib.InvalidFileException, ValueError, OverflowError):
        return None
    for name in ("FileVault", "Encryption"):
        if isinstance(told.get(name), bool):
            return bool(told[name])
    return None


def _volume(folder: str) -> str:
    """Return where the volume of a folder is mounted: disks other than the first are in /Volumes."""
    parts = folder.split("/")
    return "/".join(parts[:3]) if parts[1:2] == ["Volumes"] and len(parts) > 2 else "/"


def _both(first: bool | None, second: bool | None) -> bool | None:  # noqa: FBT001
    if first is False or second is False:
        return False
    return None if first is None or second is None else True
