"""Contrast as WCAG 2.2 computes it: text 4.5:1 (1.4.3), edges of what one uses 3:1 (1.4.11)."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from fielddoc.gui import style
from fielddoc.gui.style import DARK, LIGHT, Colours
from gui.windows import shown

PALETTES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
GROUNDS = ("window", "surface", "raised", "selection", "mark")
"""What text stands on."""
TEXTS = ("text", "quiet", "accent", "danger", "good", "warning")
ON_MARK = ("text", "quiet", "accent")
"""Only words of lists and forms stand on the mark."""


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`."""
    assert len(colour) == 7
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def pairs() -> list[tuple[str, str]]:
    plain = [(text, ground) for ground in GROUNDS for text in TEXTS]
    on_colour = [("on_accent", "accent"), ("on_danger", "danger")]
    return [*(p for p in plain if p[1] != "mark" or p[0] in ON_MARK), *on_colour]


def test_the_measure_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@PALETTES
def test_text_can_be_read_on_whatever_it_stands_on(colours: Colours) -> None:
    low = {
        pair: round(found, 2)
        for pair in pairs()
        if (found := contrast(getattr(colours, pair[0]), getattr(colours, pair[1]))) < 4.5
    }
    assert low == {}


@PALETTES
@pytest.mark.parametrize("ground", ["window", "surface"])
def test_the_edge_of_what_one_types_in_is_seen(colours: Colours, ground: str) -> None:
    assert contrast(colours.edge, getattr(colours, ground)) >= 3


@pytest.mark.parametrize("percent", style.TEXT_SCALES)
@pytest.mark.parametrize(
    ("role", "pixels"),
    [
        ("alarm", style.ALARM),
        ("share-word", style.HEADING),
        ("check-word", style.HEADING),
        ("code", style.HEADING),
    ],
)
def test_what_must_be_read_from_afar_grows_with_the_text(
    qtbot: QtBot, qapp: QApplication, role: str, pixels: int, percent: int
) -> None:
    label = QLabel("lantern")
    style.set_role(label, role)
    style.apply(qapp, dark=False, text_percent=percent)
    shown(qtbot, label)
    assert label.font().pixelSize() == round(pixels * percent / 100)


def test_digits_to_compare_are_equally_wide(qtbot: QtBot) -> None:
    for widget in (QLabel("1111"), QLineEdit("1111")):
        style.set_role(widget, "code")
        shown(qtbot, widget)
        assert widget.fontInfo().fixedPitch()
