"""A vault that was not closed: before anything is shown it is compared, and one sees how far."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fielddoc.gui import style
from fielddoc.gui.unlock_screen import UnlockScreen
from gui.opened import opened
from gui.windows import PASSPHRASE, shown
from vault.processes import run

CRASH = """
opened = open_vault(folder, passphrase)
with opened.database.transaction():
    for number in range(900):
        records.add(opened, "incident", {"title": str(number)})
opened.checkpoint()
kill()
"""


def test_the_lock_screen_shows_how_far_the_comparison_is(qtbot: QtBot, vault_folder: Path) -> None:
    run(CRASH, vault_folder, PASSPHRASE)
    with opened(qtbot) as made:
        made.window.show_unlock(vault_folder)
        screen = made.unlock_screen
        seen: list[tuple[str, int]] = []
        tell = screen._tell_waiting

        def watched() -> None:
            tell()
            seen.append((screen.waiting.text(), screen.bar.value()))

        screen._timer.timeout.disconnect()
        screen._timer.timeout.connect(watched)
        screen._timer.setInterval(5)
        screen.passphrase.set_text(PASSPHRASE)
        screen.unlock()
        assert (screen.bar.minimum(), screen.bar.maximum()) == (0, 0)  # no end is known yet
        made.until(made.window.workspace)

    told = [value for words, value in seen if words.startswith("Looking through the whole vault")]
    assert told == sorted(told)
    assert len(set(told)) > 2
    assert all(f"{value} %" in words for words, value in seen if value > 0)


@pytest.mark.parametrize("percent", [None, 40])
@pytest.mark.parametrize("text_percent", [100, 150])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_words_of_waiting_are_whole(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    text_percent: int,
    percent: int | None,
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    style.apply(application, dark=False, text_percent=text_percent)
    screen = UnlockScreen(Path("notes"))
    screen.resize(1366, 768)
    shown(qtbot, screen)
    screen._show_waiting(is_waiting=True)
    screen._percent = percent
    screen._tell_waiting()
    QApplication.processEvents()

    label = screen.waiting
    room = QRect(0, 0, label.width(), 10_000)
    flags = Qt.TextFlag.TextWordWrap if label.wordWrap() else Qt.TextFlag.TextSingleLine
    needed = label.fontMetrics().boundingRect(room, flags, label.text())
    assert needed.width() <= label.width()
    assert needed.height() <= label.height()
