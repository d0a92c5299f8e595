"""What the system refuses is told as what it is."""

import errno

import pytest

from fielddoc import errors
from fielddoc.errors import FielddocError
from fielddoc.vault.files import explaining, refusal


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, errors.DiskFullError),
        (errno.EDQUOT, errors.DiskFullError),
        (errno.EROFS, errors.NoPermissionError),
        (errno.EACCES, errors.NoPermissionError),
        (errno.EIO, errors.MediumLostError),
        (errno.ENODEV, errors.MediumLostError),
        (errno.EEXIST, errors.FileExistsAlreadyError),
        (errno.ENOTDIR, errors.NotAPlainFileError),
        (errno.ENAMETOOLONG, errors.NotAPlainFileError),
        (errno.ELOOP, errors.NotAPlainFileError),
    ],
)
def test_each_refusal_has_its_own_error(number: int, expected: type[FielddocError]) -> None:
    with pytest.raises(expected), explaining("notes"):
        raise OSError(number, "refused")


def test_what_is_none_of_them_is_passed_on() -> None:
    assert refusal(OSError(errno.EBADF, "a mistake of ours"), "notes") is None
    with pytest.raises(OSError, match="ours"), explaining("notes"):
        raise OSError(errno.EBADF, "a mistake of ours")
