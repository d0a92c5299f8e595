"""Where the program's own data lies: in a checkout, an installed wheel or a frozen program."""

from functools import cache
from pathlib import Path


def resource(*parts: str) -> Path:
    """Return the path of a file or folder under `resources/`, for example `("vocabularies",)`.

    A wheel and the frozen program carry them beside the modules, a checkout beside `src`.
    """
    return _folder().joinpath(*parts)


@cache
def _folder() -> Path:
    here = Path(__file__).resolve().parent
    packed = here / "resources_data"
    return packed if packed.is_dir() else here.parents[1] / "resources"
