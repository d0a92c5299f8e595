"""What the timeline paints, read off its pixels, and what a hand does in it, in both directions."""

import datetime

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fielddoc.domain import chronology
from fielddoc.domain.canonical import Json
from fielddoc.gui import style
from fielddoc.gui.timeline import Timeline
from gui.windows import shown

LEFT, RIGHT = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft
BOTH = pytest.mark.parametrize("direction", [LEFT, RIGHT], ids=["from the left", "from the right"])

# Stored in another order than that of their days, as people hear of things.
ENTRIES: list[dict[str, Json]] = [
    {"kind": "sentence", "date": "2022-03-01"},
    {"kind": "taken-away", "date": "2021-11-09"},
    {"kind": "formal-arrest", "date": "2021-12-02"},
]
IN_ORDER = (1, 2, 0)
DAYS = [datetime.date(2021, 11, 9), datetime.date(2021, 12, 2), datetime.date(2022, 3, 1)]


def painted(
    qtbot: QtBot, direction: Qt.LayoutDirection, entries: list[dict[str, Json]]
) -> Timeline:
    made = Timeline()
    made.setLayoutDirection(direction)
    made.resize(900, 200)
    made.show_points(chronology.points(entries, "en"), [], chronology.lines(entries, "en"))
    made.setFixedHeight(made.sizeHint().height())
    shown(qtbot, made)
    return made


def pixels(image: QImage, colour: str) -> set[tuple[int, int]]:
    wanted = QColor(colour)
    return {
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y) == wanted
    }


def marks(timeline: Timeline) -> list[QPoint]:
    """Return the middle of each filled mark, in the order of the days."""
    left = sorted(pixels(timeline.grab().toImage(), style.colours_now().accent))
    found: list[list[tuple[int, int]]] = []
    for x, y in left:
        near = next((m for m in found if abs(m[0][0] - x) < 12 and abs(m[0][1] - y) < 12), None)
        if near is None:
            near = []
            found.append(near)
        near.append((x, y))
    middles = [
        QPoint(
            round(sum(x for x, _ in mark) / len(mark)), round(sum(y for _, y in mark) / len(mark))
        )
        for mark in found
    ]
    return middles[::-1] if timeline.isRightToLeft() else middles


def test_marks_stand_as_far_apart_as_their_days(qtbot: QtBot) -> None:
    first, second, third = (mark.x() for mark in marks(painted(qtbot, LEFT, ENTRIES)))
    share = (DAYS[1] - DAYS[0]) / (DAYS[2] - DAYS[0])
    assert (second - first) / (third - first) == pytest.approx(share, abs=0.01)
    assert third - first > 600


def test_from_the_right_every_mark_stands_at_the_mirrored_place(qtbot: QtBot) -> None:
    plain = painted(qtbot, LEFT, ENTRIES)
    mirrored = painted(qtbot, RIGHT, ENTRIES)
    assert plain.size() == mirrored.size()
    pairs = list(zip(marks(plain), marks(mirrored), strict=True))
    assert len(pairs) == 3
    for one, other in pairs:
        assert abs(one.x() + other.x() - plain.width()) <= 2
        assert abs(one.y() - other.y()) <= 1


@BOTH
def test_words_stand_beside_their_mark_and_inside_the_picture(
    qtbot: QtBot, direction: Qt.LayoutDirection
) -> None:
    timeline = painted(qtbot, direction, ENTRIES)
    words = {x for x, _ in pixels(timeline.grab().toImage(), style.colours_now().text)}
    first, *_, last = marks(timeline)
    side = 1 if direction is LEFT else -1
    assert any(6 < side * (x - first.x()) < 40 for x in words)
    # There is no room behind the last one.
    assert any(6 < side * (last.x() - x) < 40 for x in words)
    assert not any(side * (x - last.x()) > 0 for x in words)


def test_a_day_that_is_known_is_a_point_however_few_days_are_shown(qtbot: QtBot) -> None:
    timeline = painted(qtbot, LEFT, ENTRIES[1:2])
    columns = {x for x, _ in pixels(timeline.grab().toImage(), style.colours_now().accent)}
    assert max(columns) - min(columns) < 12


def test_silence_is_hollow(qtbot: QtBot) -> None:
    news: list[dict[str, Json]] = [{"kind": "taken-away", "date": "2021-11-09"}]
    silence: list[dict[str, Json]] = [{"kind": "no-news", "as_of": "2021-11-09"}]
    (mark,) = marks(painted(qtbot, LEFT, news))
    hollow = painted(qtbot, LEFT, silence)
    assert marks(hollow) == []
    inside = hollow.grab().toImage().pixelColor(mark)
    assert inside == QColor(style.colours_now().surface)


def test_a_date_that_is_not_exact_is_painted_as_long_as_it_may_be(qtbot: QtBot) -> None:
    month: list[dict[str, Json]] = [
        {"kind": "taken-away", "date": "2021-01-01"},
        {"kind": "health", "date": "2021-02"},
        {"kind": "sentence", "date": "2021-03-31"},
    ]
    timeline = painted(qtbot, LEFT, month)
    start, end = (mark.x() for mark in (marks(timeline)[0], marks(timeline)[-1]))
    a_day = (end - start) / 89
    bar = {x for x, _ in pixels(timeline.grab().toImage(), style.colours_now().accent)}
    begins, ends = start + 31 * a_day, start + 59 * a_day
    within = [x for x in bar if start + 12 < x < end - 12]
    assert min(within) == pytest.approx(begins, abs=8)
    assert max(within) == pytest.approx(ends, abs=8)


@BOTH
@pytest.mark.parametrize("place", range(3))
def test_a_click_at_a_mark_chooses_its_entry(
    qtbot: QtBot, direction: Qt.LayoutDirection, place: int
) -> None:
    timeline = painted(qtbot, direction, ENTRIES)
    chosen: list[int] = []
    timeline.chosen.connect(chosen.append)
    QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=marks(timeline)[place])
    assert chosen == [IN_ORDER[place]]


@BOTH
@pytest.mark.parametrize("place", [0, 2], ids=["words behind", "words before"])
def test_a_click_at_the_words_of_a_mark_chooses_its_entry(
    qtbot: QtBot, direction: Qt.LayoutDirection, place: int
) -> None:
    timeline = painted(qtbot, direction, ENTRIES)
    chosen: list[int] = []
    timeline.chosen.connect(chosen.append)
    away = 30 if (direction is LEFT) is (place == 0) else -30
    QTest.mouseClick(
        timeline, Qt.MouseButton.LeftButton, pos=marks(timeline)[place] + QPoint(away, 0)
    )
    assert chosen == [IN_ORDER[place]]


@BOTH
def test_a_click_at_nothing_chooses_nothing(qtbot: QtBot, direction: Qt.LayoutDirection) -> None:
    timeline = painted(qtbot, direction, ENTRIES)
    chosen: list[int] = []
    timeline.chosen.connect(chosen.append)
    QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(450, timeline.height() - 2))
    assert chosen == []


@BOTH
def test_arrows_go_the_way_that_they_point(qtbot: QtBot, direction: Qt.LayoutDirection) -> None:
    timeline = painted(qtbot, direction, ENTRIES)
    chosen: list[int] = []
    timeline.chosen.connect(chosen.append)
    onward, back = Qt.Key.Key_Right, Qt.Key.Key_Left
    if direction is RIGHT:
        onward, back = back, onward
    for key in (onward, onward, onward, onward, back):
        QTest.keyClick(timeline, key)
    first, second, third = IN_ORDER
    assert chosen == [first, second, third, third, second]


@BOTH
def test_the_chosen_entry_is_marked_behind_its_words(
    qtbot: QtBot, direction: Qt.LayoutDirection
) -> None:
    timeline = painted(qtbot, direction, ENTRIES)
    selection = style.colours_now().selection
    assert pixels(timeline.grab().toImage(), selection) == set()
    timeline.mark(IN_ORDER[0])
    first = marks(timeline)[0].x()
    side = 1 if direction is LEFT else -1
    away = [side * (x - first) for x, _ in pixels(timeline.grab().toImage(), selection)]
    assert 0 < min(away) < 20
    assert max(away) < 150


def test_who_does_not_see_it_is_told_each_entry_in_its_order(qtbot: QtBot) -> None:
    timeline = painted(qtbot, LEFT, ENTRIES)
    assert timeline.accessibleName() == "Timeline"
    assert timeline.accessibleDescription().splitlines() == [
        "9 November 2021: taken away",
        "2 December 2021: formal arrest",
        "1 March 2022: sentence",
    ]
