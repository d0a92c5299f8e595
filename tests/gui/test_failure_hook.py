"""A mistake of ours is told by its kind and place; what it was about is quoted nowhere."""

import subprocess
import sys
from pathlib import Path

from real_window import real_window

CANARY = "Zhwqexi 徐秦"

FAILING = """
import threading

def fail(*_):
    raise ValueError(canary)

class Ending:
    def __del__(self):
        raise ValueError(canary)

def chained():
    try:
        raise KeyError(canary)
    except KeyError as error:
        raise RuntimeError(canary) from error

window.foot.say("x", fail)
window.foot.undo.click()
thread = threading.Thread(target=fail); thread.start(); thread.join()
Ending()
QTimer.singleShot(0, chained); wait(50)
"""


def test_a_failure_in_the_window_its_threads_or_its_end_quotes_nothing(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    errors = tmp_path / "errors"
    with errors.open("wb") as file, real_window(tmp_path, errors=file) as window:
        window.do("from PySide6.QtCore import QTimer\n" + FAILING, canary=CANARY)
        window.do("window.close()")
        assert window.ended() == 0

    told = errors.read_text()
    assert "Zhwqexi" not in told
    assert "徐秦" not in told
    assert "Traceback" not in told
    lines = told.splitlines()
    assert len([line for line in lines if line.startswith("fielddoc: ValueError")]) == 3
    assert any("fielddoc.gui.window:" in line for line in lines)
    assert any("RuntimeError" in line and "KeyError" in line for line in lines)


def test_a_failure_that_ends_the_start_quotes_nothing() -> None:
    code = (
        "from fielddoc.gui import failure_hook; failure_hook.install()\n"
        f"raise ValueError({CANARY!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == "fielddoc: ValueError (no line of fielddoc)\n"
