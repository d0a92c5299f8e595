"""What keeps this process's memory and traces to itself, before Qt starts.

Everything here lowers a risk and proves nothing: docs/threat-model.md says what is left.
"""

import ctypes
import os
import sys
from contextlib import suppress

_PR_SET_DUMPABLE = 4


def before_qt() -> None:
    """Allow no core dump and no other process of this user to read our memory.

    On Linux a process that is not dumpable also has its /proc/<pid>/mem owned by root.
    """
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - POSIX only

        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        _choose_input_method()


def _choose_input_method() -> None:
    """Let fcitx be reached as ibus: Qt's wheels have no plug-in for it, and it speaks both."""
    if os.environ.get("QT_IM_MODULE", "").startswith("fcitx"):
        os.environ["QT_IM_MODULE"] = "ibus"


def before_application() -> None:
    """Keep Qt's own dialogs from writing down the folders that were visited (QtProject.conf)."""
    from PySide6.QtCore import QSettings  # noqa: PLC0415, TID251 - to switch it off

    QSettings.setPath(
        QSettings.Format.NativeFormat, QSettings.Scope.UserScope, f"{os.devnull}/none"
    )
