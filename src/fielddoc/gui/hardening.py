"""What must be done before Qt starts, so that neither memory nor Qt's dialogs leave traces."""

import os
import sys

from fielddoc.gui import portable
from fielddoc.hardening import protect_memory


def before_qt() -> None:
    """Protect our memory, use our own plug-ins of Qt only, and choose the way to the input method."""
    protect_memory()
    use_own_plug_ins()
    portable.keep_to_own_folder()
    if sys.platform == "linux":
        _choose_input_method()


def use_own_plug_ins() -> None:
    """Forget where the desktop keeps plug-ins for another Qt: they would be foreign code in here."""
    for name in ("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH"):
        os.environ.pop(name, None)


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
