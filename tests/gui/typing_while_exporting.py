"""Exports much and types meanwhile; a process of its own, which the test kills.

    python -m gui.typing_while_exporting VAULT FOLDER MEBIBYTES

Prints one line of JSON three seconds after something was typed, and then only waits for its end.
"""

import json
import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from fielddoc.crypto import kdf
from fielddoc.domain.canonical import Json
from fielddoc.gui import style
from fielddoc.gui.pages.export import CHECK, WHERE, ExportPage
from fielddoc.gui.window import Window
from fielddoc.vault import attachments, records
from fielddoc.vault.opening import make_vault
from gui.waiting import until
from gui.windows import PASSPHRASE

MEBIBYTE = 1 << 20
AFTER_S = 3.0


def main() -> None:
    """Do it."""
    folder, stick, mebibytes = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    stick.mkdir()
    # This vault lives for some seconds and holds nothing, so its key need not be slow to guess.
    kdf.FLOOR = kdf.STANDARD = kdf.Cost(memory_kib=64, passes=1, lanes=1)
    kdf.TARGET_SECONDS = 0.001
    with make_vault(folder, PASSPHRASE, name="Plum") as vault:
        block = os.urandom(MEBIBYTE)
        content = attachments.store(vault, (block for _ in range(mebibytes)))
        described: dict[str, Json] = {"name": "film.mp4", "sha256": content.sha256}
        described |= {"size_bytes": content.size_bytes, "media_type": "video/mp4"}
        records.add(vault, "attachment", described)
    application = QApplication(["fielddoc"])
    style.apply(application, dark=False)
    window = Window()
    window.show()
    window.show_unlock(folder)
    unlock = window.screens.currentWidget()
    unlock.passphrase.set_text(PASSPHRASE)  # type: ignore[union-attr]
    unlock.unlock()  # type: ignore[union-attr]
    until(window.workspace, "not unlocked")
    workspace = window.workspace()
    assert workspace is not None
    workspace.go("export")
    page = workspace.pages.currentWidget()
    assert isinstance(page, ExportPage)
    page.what.complete.setChecked(True)
    page.go_on()
    page.whom.to_self.setChecked(True)
    page.go_on()
    until(lambda: page.step == CHECK, "not checked")
    page.go_on()
    assert page.step == WHERE
    page.where.line.setText(str(stick))
    page.go_on()
    until(lambda: any(stick.glob("*.part")), "nothing is being written")
    workspace.go("records")
    workspace.records.new_record("incident")
    QTest.keyClicks(QApplication.focusWidget() or window, "Typed meanwhile")
    typed_s = time.monotonic()

    def tell() -> None:
        seconds = round(time.monotonic() - typed_s)
        print(json.dumps({"exporting": page.job is not None, "seconds": seconds}), flush=True)

    QTimer.singleShot(round(AFTER_S * 1000), tell)
    application.exec()


if __name__ == "__main__":
    main()
