"""What must be done before Qt starts, so that neither memory nor Qt's dialogs leave traces."""

import os
import sys

from fielddoc.hardening import protect_memory


def before_qt() -> None:
    """Protect our memory, and choose the way to the input method."""
    protect_memory()
    if sys.platform == "linux":
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
