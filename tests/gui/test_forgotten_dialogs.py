"""What Qt's file dialogs write down where no path keeps them from it: Windows and macOS.

Their settings lie in the registry and in a list of preferences. Here a file stands for those, as on
Linux Qt lets one choose it, and the program is told another system. Each in a process of its own,
because Qt reads such things once.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from not_run import not_run

SHOW_A_DIALOG = """
import sys
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication, QWidget
from fielddoc.gui import choose, hardening

place, system = sys.argv[1:]
sys.platform = system
hardening.before_application()
QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, place)
settings = QSettings(QSettings.Scope.UserScope, "QtProject")
settings.setValue("Other/kept", "yes")
settings.sync()
app = QApplication([])
parent = QWidget()
dialog = choose.choose_folder(parent, "Choose", print)
dialog.setDirectory(place)
dialog.reject()
QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
app.processEvents()
"""


@pytest.mark.parametrize(
    ("system", "is_forgotten"), [("win32", True), ("darwin", True), ("linux", False)]
)
def test_folder_of_a_dialog_is_removed_from_the_systems_settings(
    tmp_path: Path, system: str, is_forgotten: bool
) -> None:
    """On Linux the file would stay: there it is the path that keeps it from being written."""
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        not_run(str(error))

    done = subprocess.run(
        [sys.executable, "-c", SHOW_A_DIALOG, str(tmp_path), system],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    text = (tmp_path / "QtProject.conf").read_text(encoding="utf-8")
    assert "kept=yes" in text
    assert ("lastVisited" not in text) is is_forgotten
    assert ("FileDialog" not in text) is is_forgotten
