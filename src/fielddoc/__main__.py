"""`fielddoc` and `python -m fielddoc`."""

import sys

from fielddoc.cli.main import main as terminal_main


def main() -> int:
    """Run the command line and return its exit status."""
    return terminal_main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
