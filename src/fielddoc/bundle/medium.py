"""Writing a bundle where it will travel: durable, read back, cut where files may not be large."""

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from fielddoc.errors import ReadBackDiffersError, SpaceShortError
from fielddoc.vault.behind import Behind
from fielddoc.vault.files import explaining, sync, sync_folder

SYNC_BYTES = 8 * 1024 * 1024
VOLUME_BYTES = 3_900_000_000  # below the 4 GiB that FAT32 can hold
_READ_BYTES = 1024 * 1024
_FAT = ("vfat", "msdos", "fat", "exfat-fuse")

Progress = Callable[[str, int, int], None]
"""Told what is done (`write` or `read back`), bytes done, and bytes in all; raises to stop."""


class MediumWriter:
    """Writes `<name>` beside its final name as `.part`; only `finish` gives it that name.

    Leaving the block by an error removes everything that was written.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        total_bytes: int,
        progress: Progress,
        volume_bytes: int | None = None,
    ) -> None:
        self._folder = folder
        self._name = name
        self._total = total_bytes
        self._progress = progress
        self._volume_bytes = volume_bytes or volume_limit(folder)
        self._parts: list[Path] = []
        self._hashes: list[bytes] = []
        self._written = 0
        self._in_volume = 0
        self._unsynced = 0

    def __enter__(self) -> Self:
        with explaining(str(self._folder)):
            free = shutil.disk_usage(self._folder).free
            if free < self._total:
                raise SpaceShortError(mebibytes=self._total // 2**20 + 1)
            self._open_part()
        self._behind = Behind(self._write)
        return self

    def write(self, data: bytes) -> None:
        """Take the next bytes of the file; they are written while the caller makes the next ones."""
        self._behind.put(data)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            if self._volume_bytes is not None and self._in_volume == self._volume_bytes:
                self._close_part()
                with explaining(str(self._folder)):
                    self._open_part()
            room = len(view)
            if self._volume_bytes is not None:
                room = min(room, self._volume_bytes - self._in_volume)
            with explaining(str(self._folder)):
                written = self._file.write(view[:room])
            self._digest.update(view[:written])
            self._in_volume += written
            self._written += written
            self._unsynced += written
            view = view[written:]
        if self._unsynced >= SYNC_BYTES:
            self._sync()
            self._progress("write", self._written, self._total)

    def finish(self) -> tuple[Path, ...]:
        """Make everything durable, read it back, compare, and give the files their names.

        Raises:
            ReadBackDiffersError: the medium gave back other bytes than were written.
        """
        self._behind.finish()
        self._close_part()
        # The total left room for recipients; from here on what was written is the whole.
        self._progress("write", self._written, self._written)
        done = 0
        for part, digest in zip(self._parts, self._hashes, strict=True):
            done = self._read_back(part, digest, done)
        with explaining(str(self._folder)):
            for place, part in enumerate(self._parts):
                suffix = f".{place + 1:03d}" if len(self._parts) > 1 else ""
                self._parts[place] = part.replace(self._folder / (self._name + suffix))
            sync_folder(self._folder)
        named, self._parts = self._parts, []
        return tuple(named)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._behind.stop()
        # What stopped the writing, such as a stick pulled out, may stop this too; it is told once.
        with suppress(OSError):
            self._file.close()
        for part in self._parts:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _open_part(self) -> None:
        part = self._folder / f"{self._name}.{len(self._parts) + 1:03d}.part"
        self._file = part.open("xb", buffering=0)
        self._parts.append(part)
        self._digest = hashlib.sha256()
        self._in_volume = 0

    def _close_part(self) -> None:
        self._sync()
        self._file.close()
        self._hashes.append(self._digest.digest())

    def _sync(self) -> None:
        with explaining(str(self._folder)):
            sync(self._file.fileno())
        self._unsynced = 0

    def _read_back(self, part: Path, expected: bytes, done: int) -> int:
        digest = hashlib.sha256()
        with explaining(str(self._folder)), part.open("rb", buffering=0) as file:
            if hasattr(os, "posix_fadvise"):
                # The medium is asked, not the system's memory of what was written to it.
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while block := file.read(_READ_BYTES):
                digest.update(block)
                done += len(block)
                self._progress("read back", done, self._written)
        if digest.digest() != expected:
            raise ReadBackDiffersError
        return done


def volume_limit(folder: Path) -> int | None:
    """Return the largest file that the folder's medium can hold, or None if there is no bound."""
    mounts = Path("/proc/self/mountinfo")
    if not mounts.exists():
        return VOLUME_BYTES if os.name == "nt" and _is_fat32(folder) else None
    best, kind = "", ""
    target = str(folder.resolve())
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        fields, _, rest = line.partition(" - ")
        point = fields.split(" ")[4].replace("\\040", " ")
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, rest.split(" ")[0]
    return VOLUME_BYTES if kind in _FAT else None


def _is_fat32(folder: Path) -> bool:
    """Ask Windows what file system a folder lies on."""
    import ctypes  # noqa: PLC0415 - only Windows needs it

    name = ctypes.create_unicode_buffer(64)
    root = str(folder.resolve().anchor)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the attribute exists on Windows only
    found = kernel.GetVolumeInformationW(root, None, 0, None, None, None, name, 64)
    return bool(found) and name.value.upper().startswith("FAT")
