"""The export page: what speaks against it is decided first, and the result says what it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from bundle import bundles
from fielddoc.gui.pages.export import CHECK, RESULT, WHERE, WHOM, ExportPage
from fielddoc.i18n import size_words
from fielddoc.vault import records, titles
from fielddoc.vault.opening import make_vault, open_vault
from gui.opened import Opened, opened
from gui.windows import PASSPHRASE

CONTROL = Qt.KeyboardModifier.ControlModifier
BUNDLE_PASSPHRASE = "plum lantern gravel otter seven bridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A vault that knows a partner, who knows it too, and ids of what is in it."""

    folder: Path
    partner: Path
    stick: Path
    ids: dict[str, str]


@pytest.fixture
def prepared(vault_folder: Path, tmp_path: Path) -> Prepared:
    ids: dict[str, str] = {}
    partner, stick = tmp_path / "partner", tmp_path / "stick"
    stick.mkdir()
    with (
        open_vault(vault_folder, PASSPHRASE) as own,
        make_vault(partner, PASSPHRASE, name="Bo") as other,
    ):
        bundles.introduce(own, other)
        bundles.introduce(other, own)
        for name, answer in (("Wen Refuser", "no"), ("Lan Refuser", "no"), ("Mei Willing", "yes")):
            consents: list[dict[str, str]] = [{"purpose": "partners", "answer": answer}]
            ids[name] = bundles.person(own, name, consents=consents)  # type: ignore[arg-type]
        ids["Su Unasked"] = bundles.person(own, "Su Unasked")
        ids["Tao Stayname"] = bundles.person(own, "Tao Stayname", contacts=["555-0123"])
        for title, text in (
            ("Followed", "Two men in a grey car."),
            ("Questioned", "Tao Stayname was asked for, and 555-0123 was called."),
            ("Not for partners", "Kept here."),
        ):
            ids[title] = records.add(own, "incident", {"title": title, "what_happened": text})
        exposed = [ids["Wen Refuser"], ids["Su Unasked"]]
        ids["Tea"] = records.add(own, "risk", {"kind": "tea", "exposed": exposed})  # type: ignore[dict-item]
    return Prepared(folder=vault_folder, partner=partner, stick=stick, ids=ids)


@pytest.fixture
def hands(qtbot: QtBot, prepared: Prepared) -> Iterator[Opened]:
    with opened(qtbot, prepared.folder) as made:
        yield made


def check(hands: Opened, prepared: Prepared, *names: str) -> ExportPage:
    """Choose records in the list and Bo on the page, and look at what would leave."""
    page = hands.export
    hands.workspace.go("export", {"records": [prepared.ids[name] for name in names]})
    page.go_on()
    hands.until(lambda: "Bo" in page.whom.boxes)
    page.whom.boxes["Bo"].setChecked(True)
    page.go_on()
    hands.until(lambda: page.step == CHECK)
    return page


def press_next(hands: Opened, page: ExportPage) -> None:
    """Try the button and the keys."""
    page.next_button.click()
    if page.step == CHECK:
        hands.key(Qt.Key.Key_Return, CONTROL)


def write(hands: Opened, page: ExportPage, stick: Path) -> list[QFrame]:
    """Go on from the check to the result, and return a card for each file."""
    page.go_on()
    assert page.step == WHERE
    page.where.line.setText(str(stick))
    page.next_button.click()
    hands.until(lambda: page.step == RESULT)
    return [card for card in page.result.findChildren(QFrame) if card.property("role") == "card"]


def words_of(card: QFrame) -> list[str]:
    return [label.text() for label in card.findChildren(QLabel)]


# --- what speaks against it -----------------------------------------------------------------------


def test_who_said_no_and_what_was_to_stay_are_named_and_each_must_be_answered(
    hands: Opened, prepared: Prepared
) -> None:
    page = check(hands, prepared, "Wen Refuser", "Lan Refuser", "Mei Willing", "Questioned")
    plan = page.check
    assert plan.despite_consent.hasFocus()
    assert "Wen Refuser" in plan.refusals.text()
    assert "Lan Refuser" in plan.refusals.text()
    assert "Mei Willing" not in plan.refusals.text()
    assert "tao stayname" in plan.leaks.text().casefold()
    assert "555-0123" in plan.leaks.text()
    for label in (plan.refusals, plan.leaks):
        assert label.isVisible()
    assert not plan.all_well.isVisible()
    for refusal, leak in ((False, False), (True, False), (False, True)):
        plan.despite_consent.setChecked(refusal)
        plan.despite_leaks.setChecked(leak)
        assert not page.next_button.isEnabled()
        press_next(hands, page)
        assert page.step == CHECK
    plan.despite_consent.setChecked(True)
    assert page.next_button.isEnabled()
    press_next(hands, page)
    assert page.step == WHERE
    assert list(prepared.stick.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "has_refusal", "has_leak"),
    [("Wen Refuser", True, False), ("Questioned", False, True), ("Followed", False, False)],
)
def test_only_what_speaks_against_it_is_asked(
    hands: Opened, prepared: Prepared, name: str, has_refusal: bool, has_leak: bool
) -> None:
    page = check(hands, prepared, name)
    plan = page.check
    assert plan.refusals.isVisible() == plan.despite_consent.isVisible() == has_refusal
    assert plan.leaks.isVisible() == plan.despite_leaks.isVisible() == has_leak
    assert plan.all_well.isVisible() == (not has_refusal and not has_leak)
    assert page.next_button.isEnabled() == plan.all_well.isVisible()
    first = plan.despite_consent if has_refusal else plan.despite_leaks
    assert hands.focused is (first if has_refusal or has_leak else page.next_button)
    for box in (plan.despite_consent, plan.despite_leaks):
        if box.isVisible():
            box.click()
    assert page.next_button.isEnabled()


def test_who_was_never_asked_is_named_and_does_not_keep_one_back(
    hands: Opened, prepared: Prepared
) -> None:
    page = check(hands, prepared, "Su Unasked", "Mei Willing")
    assert "Su Unasked" in page.check.unknown.text()
    assert "Mei Willing" not in page.check.unknown.text()
    assert page.check.unknown.isVisible()
    assert page.next_button.isEnabled()


def test_who_said_no_and_is_only_linked_is_named_and_keeps_nothing_back(
    hands: Opened, prepared: Prepared
) -> None:
    page = check(hands, prepared, "Tea", "Su Unasked")
    assert "own record stays: Wen Refuser" in page.check.unknown.text()
    assert page.check.refusals.isHidden()
    assert page.check.all_well.isHidden()
    assert page.next_button.isEnabled()


def test_what_was_answered_is_asked_again_when_it_is_looked_at_again(
    hands: Opened, prepared: Prepared
) -> None:
    page = check(hands, prepared, "Wen Refuser", "Questioned")
    page.check.despite_consent.setChecked(True)
    page.check.despite_leaks.setChecked(True)
    page.back_button.click()
    assert page.step == WHOM
    page.next_button.click()
    hands.until(lambda: page.step == CHECK)
    assert not page.check.despite_consent.isChecked()
    assert not page.check.despite_leaks.isChecked()
    assert not page.next_button.isEnabled()


# --- the result -----------------------------------------------------------------------------------


def test_the_result_tells_file_size_who_can_open_it_and_that_it_was_read_back(
    hands: Opened, prepared: Prepared
) -> None:
    page = check(hands, prepared, "Followed", "Mei Willing")
    (card,) = write(hands, page, prepared.stick)
    (bundle,) = prepared.stick.iterdir()
    words = words_of(card)
    assert words[0] == "Bo"
    assert "Written, read back and verified." in words
    assert any(str(bundle) in line for line in words)
    size = size_words(bundle.stat().st_size)
    assert f"2 records, no files. The bundle has {size}." in words
    assert any(line.startswith("Opens only with that partner's vault") for line in words)
    copy = card.findChild(QPushButton)
    assert isinstance(copy, QPushButton)
    copy.click()
    assert QGuiApplication.clipboard().text() == str(bundle)


def test_each_recipient_has_a_file_and_a_card_that_says_how_it_opens(
    hands: Opened, prepared: Prepared
) -> None:
    page = check(hands, prepared, "Followed")
    page.go_back()
    page.whom.with_passphrase.setChecked(True)
    page.whom.first.set_text(BUNDLE_PASSPHRASE)
    page.whom.again.set_text(BUNDLE_PASSPHRASE)
    page.whom.to_self.setChecked(True)
    page.go_on()
    hands.until(lambda: page.step == CHECK)
    cards = write(hands, page, prepared.stick)
    told = {words_of(card)[0]: " ".join(words_of(card)[1:]) for card in cards}
    assert list(told) == ["Bo", "Whoever knows the passphrase", "Yourself"]
    files = {path for path in prepared.stick.iterdir() if path.suffix == ".age"}
    assert len(files) == 3
    for path in files:
        assert sum(str(path) in words for words in told.values()) == 1
    assert "Opens with the passphrase" in told["Whoever knows the passphrase"]
    for name in ("Bo", "Yourself"):
        assert "Opens only with that partner's vault" in told[name]


def test_the_partner_imports_exactly_what_was_chosen_and_allowed(
    qtbot: QtBot, hands: Opened, prepared: Prepared
) -> None:
    chosen = ("Wen Refuser", "Mei Willing", "Followed", "Questioned")
    page = check(hands, prepared, *chosen)
    page.check.despite_consent.setChecked(True)
    page.check.despite_leaks.setChecked(True)
    write(hands, page, prepared.stick)
    hands.close()
    (bundle,) = prepared.stick.iterdir()
    with opened(qtbot, prepared.partner) as partner:
        importing = partner.import_
        importing.open(bundle)
        partner.until(lambda: importing.preview is not None)
        assert importing.coming.count() == len(chosen)
        importing.import_button.click()
        partner.until(importing.result.isVisible)
        partner.until(lambda: partner.records.model.rowCount() == len(chosen))
    with open_vault(prepared.partner, PASSPHRASE) as vault:
        rows = titles.fill(vault, records.listing(vault), "en")
        assert {row.title for row in rows} == set(chosen)
        texts = {bundles.values(vault, row.id).get("what_happened") for row in rows}
        assert texts - {None} == {
            "Two men in a grey car.",
            "Tao Stayname was asked for, and 555-0123 was called.",
        }
