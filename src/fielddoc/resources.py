"""Where the program's own data lies: in a checkout, an installed wheel or a frozen program."""

from pathlib import Path

from fielddoc.i18n import locale_folder


def resource(*parts: str) -> Path:
    """Return the path of a file or folder under `resources/`, for example `("vocabularies",)`."""
    return locale_folder().parent.joinpath(*parts)
