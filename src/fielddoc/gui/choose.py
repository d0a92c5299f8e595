"""Choosing files and folders: Qt's own dialog, which keeps no history, and never blocks.

A modal dialog would switch off Hide, Lock and the hold for the wipe, the keys and the buttons. So
it is shown beside the window, and the window passes over what is done behind it (`Window`): files
that were asked for one record must not be added to another.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QDir, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from fielddoc.gui import hardening, shortcuts


def choose_folder(parent: QWidget, title: str, then: Callable[[Path], None]) -> QFileDialog:
    """Ask for a folder, then call `then` with it; nothing is called if it is cancelled."""
    dialog = _dialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    show_dialog(dialog)
    return dialog


def choose_file(
    parent: QWidget, title: str, then: Callable[[Path], None], *, names: str = ""
) -> QFileDialog:
    """Ask for a file that exists.

    Args:
        parent: the dialog stands over it.
        title: what is asked for.
        then: called with the file.
        names: a filter in Qt's form, such as `Bundles (*.age *.001)`.
    """
    dialog = _dialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    if names:
        dialog.setNameFilter(names)
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    show_dialog(dialog)
    return dialog


def choose_new_file(
    parent: QWidget, title: str, name: str, then: Callable[[Path], None]
) -> QFileDialog:
    """Ask where to write a new file; whoever writes it refuses to write over another."""
    dialog = _dialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
    show_dialog(dialog)
    return dialog


def show_dialog(dialog: QFileDialog) -> None:
    """Show a dialog in place of one that is open."""
    before = open_dialog()
    if before is not None:
        before.reject()
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    for action in dialog.findChildren(QAction):
        # Qt goes to the home folder by the keys that hide the window here.
        if action.shortcut() == QKeySequence(shortcuts.HIDE.keys):
            action.setShortcut(QKeySequence())
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


def open_dialog() -> QFileDialog | None:
    """Return the dialog that asks for a file or folder now."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QFileDialog) and widget.isVisible():
            return widget
    return None


def _dialog(parent: QWidget, title: str) -> QFileDialog:
    dialog = QFileDialog(parent, title, QDir.homePath())
    # The system's own dialogs remember files and folders; this one only within the process.
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setOption(QFileDialog.Option.DontUseCustomDirectoryIcons)
    dialog.setHistory([])
    dialog.finished.connect(dialog.deleteLater)
    hardening.forget_after(dialog)
    return dialog
