"""A bundle's bytes as one stream, also where a medium made it come in several files."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fielddoc.errors import BundleCutShortError, NotABundleError, NotAPlainFileError
from fielddoc.vault.files import explaining

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_VOLUME = re.compile(r"(.+\.age)\.([0-9]{3})")


def volumes_of(path: Path) -> tuple[Path, ...]:
    """Return the files of a bundle in order; `path` may name any of them, or the name before cutting.

    Raises:
        NotAPlainFileError: nothing is there.
        NotABundleError: it is a folder.
        BundleCutShortError: a volume between the first and the last is missing.
    """
    if path.is_file() and not _VOLUME.fullmatch(path.name):
        return (path,)
    match = _VOLUME.fullmatch(path.name)
    stem = match.group(1) if match else path.name
    with explaining(path.name):
        names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    numbers = sorted(
        int(m.group(2)) for n in names if (m := _VOLUME.fullmatch(n)) and m.group(1) == stem
    )
    if not numbers:
        raise NotABundleError if path.exists() else NotAPlainFileError(name=path.name)
    if numbers != list(range(1, len(numbers) + 1)):
        raise BundleCutShortError
    return tuple(path.with_name(f"{stem}.{number:03d}") for number in numbers)


class JoinedFiles(io.RawIOBase):
    """Files read one after the other."""

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self._left = list(paths)
        self._file: io.FileIO | None = None
        self.size = sum(path.stat().st_size for path in paths)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill `buffer` from the present file, or the next one."""
        while True:
            if self._file is None:
                if not self._left:
                    return 0
                self._file = self._left.pop(0).open("rb", buffering=0)
            count = self._file.readinto(buffer) or 0
            if count:
                return count
            self._file.close()
            self._file = None

    def close(self) -> None:
        """Close the file that is open."""
        if self._file is not None:
            self._file.close()
        super().close()
