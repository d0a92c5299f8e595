"""Long use must not eat up references to None.

PySide6 6.12.0 on Python 3.11 loses one reference to None at each call of a void Qt method, and the
interpreter aborts after about five thousand of them ("none_dealloc"); an ordinary test run, which
holds many Nones, passes on that pair. From Python 3.12 on None is immortal and cannot be lost.
"""

import sys

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

VOID_CALLS = 200_000
_DRIFT = 200


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="NOT RUN: None is immortal from 3.12 on")
def test_two_hundred_thousand_void_calls_lose_no_reference_to_none(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(VOID_CALLS // 4):
        widget.setObjectName("x")
        widget.update()
        widget.parent()
        widget.setEnabled(True)
    assert abs(sys.getrefcount(None) - before) < _DRIFT
