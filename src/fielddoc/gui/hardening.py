"""What must be done before Qt starts, so that neither memory nor Qt's dialogs leave traces."""

import os
import sys
from typing import TYPE_CHECKING

from fielddoc.gui import portable
from fielddoc.hardening import protect_memory

if TYPE_CHECKING:
    from PySide6.QtCore import QObject


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
    """Keep Qt's own dialogs from leaving behind which folders were visited.

    They write that into a file of settings, on Linux QtProject.conf; there it is sent to where no
    file can be. On Windows they write into the registry and on macOS into a list of preferences,
    which cannot be sent elsewhere: what lies there is removed now, in case the program was cut off
    the last time, and after each dialog (`forget_after`).
    """
    from PySide6.QtCore import QSettings  # noqa: PLC0415, TID251 - to switch it off

    QSettings.setPath(
        QSettings.Format.NativeFormat, QSettings.Scope.UserScope, f"{os.devnull}/none"
    )
    if _must_be_forgotten():
        forget_dialogs()


def forget_after(dialog: "QObject") -> None:
    """Have what a file dialog of Qt writes down removed as soon as the dialog is gone."""
    if _must_be_forgotten():
        # Qt writes while it takes the dialog apart, and says so when that is done.
        dialog.destroyed.connect(forget_dialogs)


def forget_dialogs() -> None:
    """Remove what Qt's file dialogs wrote into the settings of the machine's user.

    All programs with Qt share that place; others only open their next dialog in another folder.
    """
    from PySide6.QtCore import QSettings  # noqa: PLC0415, TID251 - to empty it

    settings = QSettings(QSettings.Scope.UserScope, "QtProject")
    settings.remove("FileDialog")
    settings.sync()


def _must_be_forgotten() -> bool:
    """Tell whether Qt's settings lie where no path leads."""
    return sys.platform in ("win32", "darwin")
