"""Pieces of work in a real window on a real vault, without a display; times are told as JSON.

python window_work.py start FOLDER SPAWNED_S
python window_work.py keys FOLDER
python window_work.py unlock|attach|export|import FOLDER …
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import (
    QEvent,
    QEventLoop,
    QObject,
    QSortFilterProxyModel,
    QStringListModel,
    Qt,
    QTimer,
)
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QWidget

PASSPHRASE = "seven lanterns by a slow river 灯"
_SEED = 5
_NAMES = 25
_PATIENCE_S = 600
_TICK_MS = 1
_SETTLE_S = 1.0
_READING_S = 0.2
"""Nobody presses a button in the very moment in which it comes."""


def application() -> QApplication:
    """Return the application as `fielddoc.gui.app` makes it."""
    from fielddoc.gui import style

    sys.setswitchinterval(0.0002)
    made = QApplication(["fielddoc"])
    made.setCursorFlashTime(0)
    style.apply(made, dark=False)
    return made


class Probe(QObject):
    """A timer that asks for its turn every millisecond; what it waits beyond that is a stall."""

    def __init__(self) -> None:
        super().__init__()
        self.stalls_ms: list[float] = []
        self._last_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.stalls_ms.clear()
        self._last_s = time.perf_counter()
        self._timer.start(_TICK_MS)

    def stop(self) -> list[float]:
        self._timer.stop()
        return self.stalls_ms

    def _tick(self) -> None:
        now = time.perf_counter()
        self.stalls_ms.append(max(0.0, 1000 * (now - self._last_s) - _TICK_MS))
        self._last_s = now


class Painted(QObject):
    """Notes each time that a widget begins to be painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        self.count += event.type() is QEvent.Type.Paint
        return False


def wait_until(condition: Callable[[], object]) -> None:
    """Let the window work until something holds."""
    deadline = time.monotonic() + _PATIENCE_S
    application_ = QApplication.instance()
    assert application_ is not None
    while not condition():
        flags = QEventLoop.ProcessEventsFlag
        application_.processEvents(flags.AllEvents | flags.WaitForMoreEvents)
        if time.monotonic() > deadline:
            raise TimeoutError


def pause(seconds: float) -> None:
    """Let the window work for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def start(folder: str, spawned_s: str) -> dict[str, Any]:
    """Show the lock screen; the time is from the start of the process to the painted window."""
    app = application()
    from fielddoc.gui.window import Window

    window = Window()
    body = window.centralWidget()
    assert body is not None
    painted = Painted(body)
    window.show_unlock(Path(folder))
    window.show()
    wait_until(lambda: painted.count)
    assert app is not None
    return {"ms": 1000 * (time.monotonic() - float(spawned_s))}


def start_plain(spawned_s: str) -> dict[str, Any]:
    """Show a window with one field and nothing else, as the least that Qt can do."""
    app = QApplication(["plain"])
    window = QLineEdit()
    painted = Painted(window)
    window.show()
    wait_until(lambda: painted.count)
    assert app is not None
    return {"ms": 1000 * (time.monotonic() - float(spawned_s))}


# --- a window on a vault -------------------------------------------------------------------------


def _unlocked(folder: str) -> tuple[Any, dict[str, Any]]:
    """Unlock as a person does; return the window, and what that took."""
    from fielddoc.crypto import kdf
    from fielddoc.gui.window import Window
    from fielddoc.vault import slot_table

    derived_s: list[float] = []
    derive = kdf.derive

    def timed(passphrase: bytearray, salt: bytes, cost: kdf.Cost) -> bytearray:
        root = derive(passphrase, salt, cost)
        derived_s.append(time.perf_counter())
        return root

    vars(slot_table)["derive"] = timed
    window = Window()
    window.show_unlock(Path(folder))
    window.show()
    pause(0.2)
    probe = Probe()
    screen: Any = window.screens.currentWidget()
    screen.passphrase.set_text(PASSPHRASE)
    probe.start()
    screen.unlock()
    wait_until(window.workspace)
    workspace = window.workspace()
    assert workspace is not None
    painted = Painted(workspace.records.list.viewport())
    wait_until(lambda: _rows_are_there(workspace.records))
    if workspace.records.list.isVisible():  # an empty vault has a hint in its place
        before = painted.count
        workspace.records.list.viewport().update()
        wait_until(lambda: painted.count > before)
    shown_s = time.perf_counter()
    pause(_SETTLE_S)
    stalls = probe.stop()
    return window, {"ms": 1000 * (shown_s - derived_s[-1]), "stalls_ms": stalls}


def _rows_are_there(page: Any) -> bool:
    """Tell whether the list shows what is typed, each row that can be seen with its words."""
    if page.model.query != page.bar.query or page.is_listing:
        return False
    return all(page.model.record_at(row) for row in page.list.visible_rows())


def unlock(folder: str) -> dict[str, Any]:
    """Unlock, to the painted list."""
    application()
    window, told = _unlocked(folder)
    window.session.close(seconds=10)
    return told


def keys(folder: str) -> dict[str, Any]:
    """Type names of two and three characters, key by key, each until its rows are painted.

    Keys come at uneven times, so that many meet the window while it brings a whole list.
    """
    from bench.generate import chinese_name

    app = application()
    window, _ = _unlocked(folder)
    page = window.workspace().records
    painted = Painted(page.list.viewport())
    probe = Probe()
    chance = random.Random(_SEED)
    times: list[float] = []
    probe.start()
    for _ in range(_NAMES):
        name = chinese_name(chance)
        for length in range(1, len(name) + 1):
            pause(chance.random() / 2)
            begun, before = time.perf_counter(), painted.count
            page.search.setText(name[:length])
            # Where nothing is found the list is hidden, and there is nothing to paint in it.
            while not _rows_are_there(page) or (painted.count == before and page.list.isVisible()):
                app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            # Whatever is not painted yet is painted now, and counts.
            page.list.viewport().repaint()
            times.append(1000 * (time.perf_counter() - begun))
        page.search.clear()
        pause(chance.random())
    stalls = probe.stop()
    window.session.close(seconds=10)
    return {"times_ms": times, "stalls_ms": stalls}


def keys_plain(count: str) -> dict[str, Any]:
    """Do the same with titles in memory, in Qt's own list with Qt's own filter."""
    from bench.generate import chinese_name, fictional_records

    app = QApplication(["plain"])
    titles = [_title(one.values) for one in fictional_records(int(count))]
    proxy = QSortFilterProxyModel()
    proxy.setSourceModel(QStringListModel(titles))
    view = QListView()
    view.setUniformItemSizes(True)
    view.setModel(proxy)
    view.show()
    app.processEvents()
    chance = random.Random(_SEED)
    times: list[float] = []
    for _ in range(4):
        name = chinese_name(chance)
        for length in range(1, len(name) + 1):
            begun = time.perf_counter()
            proxy.setFilterFixedString(name[:length])
            app.processEvents()
            view.viewport().repaint()
            times.append(1000 * (time.perf_counter() - begun))
    return {"times_ms": times}


def _title(values: dict[str, Any]) -> str:
    if "names" in values:
        return " ".join(name["text"] for name in values["names"])
    return str(values.get("title") or values.get("code_name") or "")


# --- long work -----------------------------------------------------------------------------------


def attach(folder: str, source: str) -> dict[str, Any]:
    """Attach a folder of files to an incident, in its page."""
    application()
    window, _ = _unlocked(folder)
    page = window.workspace().records
    page.show_kind("incident")
    wait_until(lambda: _rows_are_there(page) and page.model.record_at(0).type == "incident")
    page.list.setCurrentIndex(page.model.index(0, 0))
    editor = page.editor
    wait_until(lambda: editor.form is not None)
    editor.tabs.setCurrentWidget(editor.files)
    pause(_SETTLE_S)
    paths = sorted(Path(source).iterdir())
    probe = Probe()
    probe.start()
    editor.files.add_files(paths)
    wait_until(lambda: editor.files.list.model().rowCount() >= len(paths))
    pause(_SETTLE_S)
    stalls = probe.stop()
    window.session.close(seconds=10)
    return {"stalls_ms": stalls}


def export(folder: str, target: str) -> dict[str, Any]:
    """Export everything with its files to the first partner, step by step."""
    from fielddoc.gui.pages import export as pages

    application()
    window, _ = _unlocked(folder)
    window.go("export")
    page: Any = window.workspace().pages.currentWidget()
    pause(_SETTLE_S)
    probe = Probe()
    probe.start()
    page.what.complete.setChecked(True)
    page.go_on()
    wait_until(lambda: page.step == pages.WHOM and page.whom.boxes)
    next(iter(page.whom.boxes.values())).setChecked(True)
    page.go_on()
    wait_until(lambda: page.step in (pages.CHECK, pages.WHERE))
    if page.step == pages.CHECK:
        page.go_on()
    wait_until(lambda: page.step == pages.WHERE)
    page.where.line.setText(target)
    page.go_on()
    wait_until(lambda: page.step == pages.RESULT)
    pause(_SETTLE_S)
    stalls = probe.stop()
    window.session.close(seconds=10)
    return {"stalls_ms": stalls}


def import_(folder: str, bundle: str) -> dict[str, Any]:
    """Verify a bundle and take it over."""
    application()
    window, _ = _unlocked(folder)
    window.go("import")
    page: Any = window.workspace().pages.currentWidget()
    pause(_SETTLE_S)
    probe = Probe()
    probe.start()
    page.open(Path(bundle))
    wait_until(lambda: page.preview)
    pause(_READING_S)
    page.take()
    wait_until(lambda: not page.result.isHidden())
    pause(_SETTLE_S)
    stalls = probe.stop()
    window.session.close(seconds=10)
    return {"stalls_ms": stalls}


PIECES: dict[str, Callable[..., dict[str, Any]]] = {
    "start": start,
    "start-plain": start_plain,
    "unlock": unlock,
    "keys": keys,
    "keys-plain": keys_plain,
    "attach": attach,
    "export": export,
    "import": import_,
}


if __name__ == "__main__":
    print(json.dumps(PIECES[sys.argv[1]](*sys.argv[2:])), flush=True)
    os._exit(0)  # the window is not taken apart: that is not what is measured
