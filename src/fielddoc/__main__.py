"""`fielddoc` and `python -m fielddoc`: alone it opens the window, with any other word it is a tool."""

import sys

from fielddoc.hardening import protect_memory
from fielddoc.i18n import N_, translate

_RESUME = "--resume"
_FAILED = 1  # as in cli/main.py


def main() -> int:
    """Open the window or run the command line, and return the exit status."""
    protect_memory()
    words = sys.argv[1:]
    if words in ([], [_RESUME]):
        return _window(words)
    # Each face loads only what it needs: half of a start is loading.
    from fielddoc.cli.main import main as terminal_main  # noqa: PLC0415

    return terminal_main(words)


def _window(words: list[str]) -> int:
    """Open the window; Qt is imported here and nowhere before."""
    try:
        from fielddoc.gui import app  # noqa: PLC0415
        from fielddoc.gui.display import has_display  # noqa: PLC0415

        if not has_display():
            _note_failure(
                translate(N_("There is no screen to open a window on.")),
                translate(N_("In a terminal, fielddoc --help lists what can be done without one.")),
            )
            return _FAILED
        return app.main(words)
    except ImportError as error:
        _note_failure(
            translate(N_("The window cannot be opened: {name}")).format(name=error),
            translate(
                N_(
                    "Install Qt's system libraries (packaging/system-packages.txt names them)."
                    " The commands work without them: fielddoc --help"
                )
            ),
        )
        return _FAILED


def _note_failure(what: str, what_now: str) -> None:
    from fielddoc.cli.terminal import note_failure  # noqa: PLC0415

    note_failure(what, what_now)


if __name__ == "__main__":
    sys.exit(main())
