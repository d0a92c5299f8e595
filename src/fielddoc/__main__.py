"""`fielddoc` and `python -m fielddoc`: alone it opens the window, with any other word it is a tool."""

import sys

from fielddoc.cli.main import FAILED
from fielddoc.cli.main import main as terminal_main
from fielddoc.cli.terminal import note_failure
from fielddoc.hardening import protect_memory
from fielddoc.i18n import N_, translate

_RESUME = "--resume"


def main() -> int:
    """Open the window or run the command line, and return the exit status."""
    protect_memory()
    words = sys.argv[1:]
    if words in ([], [_RESUME]):
        return _window(words)
    return terminal_main(words)


def _window(words: list[str]) -> int:
    """Open the window; Qt is imported here and nowhere before."""
    try:
        from fielddoc.gui import app  # noqa: PLC0415
        from fielddoc.gui.display import has_display  # noqa: PLC0415

        if not has_display():
            note_failure(
                translate(N_("There is no screen to open a window on.")),
                translate(N_("In a terminal, fielddoc --help lists what can be done without one.")),
            )
            return FAILED
        return app.main(words)
    except ImportError as error:
        note_failure(
            translate(N_("The window cannot be opened: {name}")).format(name=error),
            translate(
                N_(
                    "Install Qt's system libraries (packaging/system-packages.txt names them)."
                    " The commands work without them: fielddoc --help"
                )
            ),
        )
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
