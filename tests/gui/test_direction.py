"""Where one reads from the right, names, figures and paths keep their own order."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextLayout, QTextOption
from PySide6.QtWidgets import QApplication, QLabel

from fielddoc.gui.direction import in_order, isolated, lead, left_to_right
from fielddoc.gui.language import use_language
from fielddoc.gui.painted_text import elided
from fielddoc.i18n import is_read_from_right, language_of_system, language_to_hand_on

UYGHUR = "رەناگۈل"


@pytest.fixture
def mirrored(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def seen(text: str) -> str:
    """Return the characters of a line from left to right, as they are painted mirrored."""
    layout = QTextLayout(text, QApplication.font())
    option = QTextOption()
    option.setTextDirection(Qt.LayoutDirection.RightToLeft)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    places: list[tuple[float, str]] = []
    every = QTextLayout.GlyphRunRetrievalFlag.RetrieveAll
    for run in layout.glyphRuns(0, len(text), every):
        for position, place in zip(run.positions(), run.stringIndexes(), strict=True):
            if text[place] not in "\u2066\u2068\u2069":
                places.append((position.x(), text[place]))
    return "".join(character for _, character in sorted(places))


def test_the_window_follows_the_chosen_language_to_the_right_and_back(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    spin = "QAbstractSpinBox { padding-%s:"
    monkeypatch.setenv("LANGUAGE", "en")
    for language, right, side in (
        ("ug", True, "left"),
        ("en", False, "right"),
        ("ug_CN:en", True, "left"),
        ("zh_CN", False, "right"),
    ):
        use_language(language)
        assert (qapp.layoutDirection() is Qt.LayoutDirection.RightToLeft) is right, language
        assert spin % side in qapp.styleSheet(), language


def test_a_lock_keeps_the_side_that_one_reads_from(monkeypatch: pytest.MonkeyPatch) -> None:
    for asked, handed_on in (
        ("ug", "ug:en"),
        ("ug_CN.UTF-8:zh_CN", "ug_CN:zh_CN"),
        ("zh_CN", "zh_CN"),
        ("fr:zh_CN", "zh_CN"),
        ("en_GB", "en"),
    ):
        monkeypatch.setenv("LANGUAGE", asked)
        assert language_to_hand_on() == handed_on
        before = is_read_from_right(), language_of_system()
        monkeypatch.setenv("LANGUAGE", handed_on)
        assert (is_read_from_right(), language_of_system()) == before


@pytest.mark.usefixtures("qapp")
def test_nothing_is_added_where_it_would_change_nothing() -> None:
    for text in ("/media/stick/records.xlsx", "2022-08-15 14:03", "Deng · 36 %", "邓望舒", ""):
        assert isolated(text) == left_to_right(text) == in_order(text) == text


@pytest.mark.usefixtures("qapp")
def test_a_uyghur_name_moves_nothing_in_a_window_that_is_read_from_the_left() -> None:
    assert isolated(UYGHUR) == f"\u2068{UYGHUR}\u2069"


@pytest.mark.usefixtures("mirrored")
@pytest.mark.parametrize(
    "text",
    [
        "/media/stick/records.xlsx",
        "36 days, beyond the base limit",
        "15 May 2024: now",
        "2026-11-25 04:44",
        "IMG_0001.jpg was passed over.",
    ],
)
def test_latin_lines_and_paths_are_painted_in_their_order(text: str) -> None:
    assert seen(text) != text
    assert seen(in_order(text)) == text
    assert seen(left_to_right(text)) == text


@pytest.mark.usefixtures("mirrored")
@pytest.mark.parametrize(
    "figures",
    [
        "2022-08-15 14:03:22 +08:00",
        "2022-08-15T14:03:22Z",
        "32.205083, -119.416667",
        "2022-08-15",
        "14:03",
        "36 %",
        "2022-08/2022-09",
    ],
)
def test_figures_keep_their_order_in_a_uyghur_sentence(figures: str) -> None:
    text = f"{UYGHUR} {figures} {UYGHUR}"
    assert figures in seen(in_order(text))


@pytest.mark.usefixtures("mirrored")
def test_each_line_has_its_own_direction() -> None:
    assert in_order(f"{UYGHUR}\nDeng.\n") == f"\u2068{UYGHUR}\u2069\n\u2068Deng.\u2069\n"


@pytest.mark.usefixtures("mirrored")
def test_a_latin_text_is_shortened_at_its_end() -> None:
    text = elided("blacklist, exit ban, restricted movement", QApplication.font(), 150)
    assert seen(text).endswith("…")
    uyghur = elided(" ".join([UYGHUR] * 9), QApplication.font(), 150)
    assert seen(uyghur).startswith("…")


@pytest.mark.usefixtures("mirrored")
@pytest.mark.parametrize("words", ["Deng", "邓望舒", UYGHUR])
def test_a_label_stands_at_the_side_from_which_one_reads(words: str) -> None:
    label = QLabel(words)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    lead(label)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute
    assert label.alignment() == right | Qt.AlignmentFlag.AlignTop
    label.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    lead(label)
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
    assert label.alignment() == left | Qt.AlignmentFlag.AlignTop


@pytest.mark.usefixtures("mirrored")
def test_a_centred_label_stays_centred() -> None:
    label = QLabel("Nothing is due.")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    lead(label)
    assert label.alignment() == Qt.AlignmentFlag.AlignCenter
