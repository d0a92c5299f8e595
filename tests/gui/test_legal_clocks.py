"""The legal clocks under the timeline, the case as known on a day, and the agenda."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from fielddoc.domain.agenda import Section
from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import ENTRIES
from fielddoc.gui.fields.chronology import ChronologyField
from fielddoc.gui.fields.context import FieldContext
from fielddoc.gui.pages.agenda import AgendaPage
from fielddoc.gui.session import Session
from fielddoc.vault import records
from fielddoc.vault.opening import open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE, RecordingShell, shown

ENTRIES_OF_A_CASE: list[Json] = [
    {"kind": "taken-away", "date": "2022-08-31", "known": "2022-09-01"},
    {"kind": "formal-arrest", "date": "2022-09-23", "known": "2022-10-01"},
    {"kind": "health", "date": "2022-09", "conditions": ["toothache"]},
    {"kind": "no-verdict", "as_of": "2023-03-15", "next_check": "2023-06-01"},
]


@pytest.fixture
def field(qtbot: QtBot, session: Session, shell: RecordingShell) -> ChronologyField:
    made = ChronologyField(ENTRIES, FieldContext(session, shell))
    made.resize(900, 1200)
    shown(qtbot, made)
    made.set_value(ENTRIES_OF_A_CASE)
    return made


def _rows(field: ChronologyField) -> list[str]:
    items = [field.list.topLevelItem(row) for row in range(field.list.topLevelItemCount())]
    return [item.text(1) for item in items if item is not None]


def test_clocks_tell_what_passed_what_it_would_need_and_what_is_not_known(
    field: ChronologyField,
) -> None:
    text = "\n".join(field.clocks.text)

    assert "Past the base limit" in text
    assert "From criminal detention to the decision on arrest: 23 days." in text
    assert "It would need: 37 days" in text
    assert "No verdict as of 15 March 2023" in text
    assert "overdue" in text
    assert "illegal" not in text
    assert text in field.timeline.accessibleDescription()


def test_what_is_over_is_folded_away_until_asked_for(field: ChronologyField) -> None:
    assert not field.clocks.folded.isVisible()
    assert "What the law asks without a number of days" in field.clocks.text
    assert any("in our own words" in words for words in field.clocks.text)
    assert any(
        words.startswith("Criminal Procedure Law (2018), article 91: ") and "(article 91)" in words
        for words in field.clocks.text
    )
    assert (
        "Criminal Procedure Law (2018): in force from 26 October 2018 (this day is not in the text"
        " that was checked)"
    ) in field.clocks.text

    QTest.mouseClick(field.clocks.more, Qt.MouseButton.LeftButton)

    assert field.clocks.folded.isVisible()


def test_a_law_that_was_not_checked_says_so_in_a_case_of_2011(field: ChronologyField) -> None:
    field.set_value(
        [
            {"kind": "case-accepted", "date": "2011-05-10"},
            {"kind": "verdict", "date": "2011-07-01"},
        ]
    )

    shown_words = [label.text() for label in field.clocks.findChildren(QLabel)]
    of_1996 = [words for words in shown_words if "Criminal Procedure Law (1996)" in words]
    assert of_1996
    for words in of_1996:
        assert "unverified: not checked against the text of the law" in words
    field.set_value(ENTRIES_OF_A_CASE)
    assert not any("unverified" in words for words in field.clocks.text)


def test_looking_back_shows_only_what_was_known(field: ChronologyField) -> None:
    assert len(_rows(field)) == 4

    field.looking_back.line.setText("20 September 2022")

    assert _rows(field) == ["taken away", "health  (perhaps not known yet)"]
    assert "not known yet: 2" in field.looking_back.words.text()
    assert "Running" in field.clocks.text
    assert not any("23 days" in words for words in field.clocks.text)
    assert field.value() == ENTRIES_OF_A_CASE

    field.looking_back.line.clear()

    assert len(_rows(field)) == 4


def test_the_right_entry_opens_while_looking_back(field: ChronologyField) -> None:
    field.looking_back.line.setText("20 September 2022")
    item = field.list.topLevelItem(1)
    assert item is not None

    field.list.setCurrentItem(item)

    assert field.current == 2
    assert field.card_title.text() == "health"


def test_a_day_that_is_none_says_so_and_hides_nothing(field: ChronologyField) -> None:
    field.looking_back.line.setText("2022")

    assert "whole day" in field.looking_back.words.text()
    assert len(_rows(field)) == 4


def test_adding_an_entry_comes_back_to_now(field: ChronologyField) -> None:
    field.looking_back.line.setText("20 September 2022")

    field.add_silence()

    assert field.looking_back.day is None
    assert len(_rows(field)) == 5


def test_contradicting_claims_are_marked_in_the_list(field: ChronologyField) -> None:
    other: Json = {"kind": "taken-away", "date": "2022-09-02", "told_by": "the police"}
    field.set_value([*ENTRIES_OF_A_CASE, other])

    marked = [row for row in _rows(field) if "(contradicted)" in row]

    assert marked == ["taken away  (contradicted)"] * 2


def test_names_and_dates_of_sources_come_from_the_vault(
    qtbot: QtBot, session: Session, field: ChronologyField
) -> None:
    made: list[str] = []
    values = {"title": "A report", "kind": "published-report", "as_of": "2023-03-15"}
    session.ask(field, lambda vault: records.add(vault, "source", values), made.append)
    qtbot.waitUntil(lambda: bool(made), timeout=20_000)
    trial: Json = {"kind": "trial", "date": "2021-10-20", "sources": [*made]}
    field.set_value([trial])

    qtbot.waitUntil(lambda: "source: A report" in field.text.text(), timeout=20_000)

    assert any("511 days up to 15 March 2023" in words for words in field.clocks.text)


# --- the agenda ----------------------------------------------------------------------------------


@pytest.fixture
def detention(vault_folder: Path) -> str:
    today = datetime.date.today()  # noqa: DTZ011 - the person's day
    entries: list[Json] = [
        {"kind": "judgment-served", "date": today.isoformat()},
        {"kind": "whereabouts-unknown", "as_of": "2020-01-01", "next_check": "2020-02-01"},
    ]
    with open_vault(vault_folder, PASSPHRASE) as vault:
        return records.add(vault, "detention", {"title": "One case", "entries": entries})


@pytest.fixture
def hands(qtbot: QtBot, vault_folder: Path, detention: str) -> Iterator[Opened]:
    assert detention
    with opened(qtbot, vault_folder) as made:
        yield made


def _agenda(hands: Opened) -> AgendaPage:
    page = hands.page("agenda")
    assert isinstance(page, AgendaPage)
    hands.until(lambda: page.lines is not None)
    return page


def _first_line(page: AgendaPage) -> QTreeWidgetItem:
    section = page.list.topLevelItem(0)
    assert section is not None
    line = section.child(0)
    assert line is not None
    return line


def test_the_agenda_tells_what_is_overdue_and_what_is_still_open(
    hands: Opened, detention: str
) -> None:
    page = _agenda(hands)

    assert page.lines is not None
    sections = {line.section for line in page.lines}
    assert {Section.OVERDUE, Section.APPEAL} <= sections
    assert {line.record for line in page.lines} == {detention}
    assert {line.who for line in page.lines} == {"One case"}


def test_a_line_opens_its_record_by_key(hands: Opened, detention: str) -> None:
    page = _agenda(hands)
    page.list.setFocus()
    page.list.setCurrentItem(_first_line(page))

    hands.key(Qt.Key.Key_Return)

    hands.until(lambda: hands.records.editor.record == detention)


def test_the_button_opens_the_record_of_the_line(hands: Opened, detention: str) -> None:
    page = _agenda(hands)
    assert not page.detail.isVisible()
    page.list.setCurrentItem(_first_line(page))
    assert "One case" in page.detail_words.text()

    QTest.mouseClick(page.open_button, Qt.MouseButton.LeftButton)

    hands.until(lambda: hands.records.editor.record == detention)


def test_another_day_has_another_agenda_and_a_word_that_is_no_day_is_told(hands: Opened) -> None:
    page = _agenda(hands)

    page.day.setText("1 January 1990")
    hands.until(lambda: page.lines == ())
    assert page.note.text() == "Nothing is due, and nothing is overdue."
    page.day.setText("sometime")
    assert page.problem.text()


def test_the_agenda_follows_what_is_written(hands: Opened) -> None:
    page = _agenda(hands)
    before = page.lines
    assert before is not None
    session = hands.window.session
    assert session is not None
    values = {"kind": "torture", "review_date": "2020-03-01", "state": "open"}
    session.ask(
        page,
        lambda vault: records.add(vault, "risk", values),
        session.record_changed.emit,
    )

    hands.until(lambda: page.lines is not None and len(page.lines) == len(before) + 1)


def _under(page: AgendaPage, heading: str) -> list[tuple[str, str, str]]:
    """Return the rows under a heading."""
    tops = [page.list.topLevelItem(number) for number in range(page.list.topLevelItemCount())]
    return [
        (item.text(0), item.text(1), item.text(2))
        for top in tops
        if top is not None and top.text(0) == heading
        for item in (top.child(number) for number in range(top.childCount()))
        if item is not None
    ]


def test_actions_that_wait_for_a_reply_are_listed_late_first_and_without_a_day_last(
    qtbot: QtBot, vault_folder: Path
) -> None:
    actions: list[dict[str, Json]] = [
        {"title": "Undated", "kind": "petition"},
        {"title": "In time", "kind": "letter", "reply_due": "2024-04-01"},
        {"title": "May be late", "kind": "letter", "reply_due": "2024-03"},
        {"title": "Answered", "kind": "letter", "reply_due": "2024-01-01", "reply": "No."},
        {
            "title": "Late",
            "kind": "letter",
            "reply_due": "2024-03-01",
            "reply_due_basis": "They promised it.",
        },
    ]
    with open_vault(vault_folder, PASSPHRASE) as vault:
        late = [records.add(vault, "action", values) for values in actions][-1]
    with opened(qtbot, vault_folder) as hands:
        page = _agenda(hands)
        page.day.setText("15 March 2024")
        hands.until(lambda: page.lines is not None)

        rows = _under(page, "Waiting for a reply")
        assert [who for _, who, _ in rows] == ["Late", "May be late", "In time", "Undated"]
        assert rows[0] == (
            "1 March 2024",
            "Late",
            "The reply is late, by 14 days. They promised it.",
        )
        assert rows[1][2].startswith("The reply may be late")
        assert rows[2][2].startswith("The reply is still due")
        assert rows[3] == (
            "no date",
            "Undated",
            "The law gives a time for the reply. Note when this was received, or by when.",
        )
        item = page.list.findItems(
            "Late", Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive, 1
        )
        page.list.setCurrentItem(item[-1])
        QTest.mouseClick(page.open_button, Qt.MouseButton.LeftButton)
        hands.until(lambda: hands.records.editor.record == late)


def test_the_agenda_has_today_the_week_the_window_of_the_un_and_anniversaries(
    qtbot: QtBot, vault_folder: Path
) -> None:
    with open_vault(vault_folder, PASSPHRASE) as vault:
        for title, due in (("Due now", "2024-03-15"), ("Due soon", "2024-03-20")):
            records.add(vault, "action", {"title": title, "kind": "letter", "reply_due": due})
        for title, day in (("Gone lately", "2024-02-20"), ("Gone for long", "2021-03-17")):
            entries: list[Json] = [{"kind": "disappearance", "date": day}]
            records.add(vault, "detention", {"title": title, "entries": entries})
    with opened(qtbot, vault_folder) as hands:
        page = _agenda(hands)
        page.day.setText("15 March 2024")
        hands.until(lambda: page.lines is not None)

        assert [who for _, who, _ in _under(page, "Today")] == ["Due now"]
        assert _under(page, "In the next seven days") == [
            ("20 March 2024", "Due soon", "A reply is due by law.")
        ]
        (window,) = _under(page, "Open with the UN working group on disappearances")
        assert window[1] == "Gone lately"
        assert "3 months" in window[2]
        assert _under(page, "Anniversaries") == [
            ("17 March 2024", "Gone for long", "3 years since: disappearance")
        ]
