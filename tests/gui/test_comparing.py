"""A vault that was not closed: before anything is shown it is compared, and one sees how far."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from gui.opened import opened
from gui.windows import PASSPHRASE
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
