"""Where the frozen program begins; PyInstaller wants a script, and `fielddoc.__main__` is a module."""

import sys

from fielddoc.__main__ import main

sys.exit(main())
