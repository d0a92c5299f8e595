"""New files in the clear, where somebody asked for them: all of them or none."""

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from fielddoc.errors import FileExistsAlreadyError, NotAPlainFileError
from fielddoc.vault.files import explaining, give_name, sync, sync_folder

_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class PlainFiles:
    """Files of one export, written as `.part` and named when all are durable.

    Nothing is overwritten. Leaving the block without `keep` removes what was written. They are for
    their owner alone (mode 600), as far as the file system knows owners.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[tuple[Path, BinaryIO]] = []
        self._kept: list[Path] = []

    def __enter__(self) -> Self:
        with explaining(str(self._folder)):
            self._folder.mkdir(parents=True, exist_ok=True)
        if not self._folder.is_dir():
            raise NotAPlainFileError(name=str(self._folder))
        return self

    def open(self, name: str) -> BinaryIO:
        """Return a new file that will have this name.

        Raises:
            FileExistsAlreadyError: there is one of this name already.
        """
        target = self._folder / name
        if os.path.lexists(target):
            raise FileExistsAlreadyError(name=name)
        part = self._folder / f"{name}.part"
        with explaining(str(self._folder)):
            try:
                descriptor = os.open(part, _NEW, 0o600)
            except FileExistsError as error:
                raise FileExistsAlreadyError(name=part.name) from error
        file = os.fdopen(descriptor, "w+b")
        self._files.append((target, file))
        return file

    def keep(self) -> tuple[Path, ...]:
        """Make all files durable, give them their names, and return those."""
        with explaining(str(self._folder)):
            for _, file in self._files:
                file.flush()
                sync(file.fileno())
                file.close()
            for target, _ in self._files:
                give_name(target.with_name(target.name + ".part"), target)
                self._kept.append(target)
            sync_folder(self._folder)
        self._files = []
        return tuple(self._kept)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for target, file in self._files:
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                target.with_name(target.name + ".part").unlink(missing_ok=True)
        if self._files:
            for path in self._kept:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
