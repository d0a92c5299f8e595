"""New keys, shares and the wipe passphrase in the window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from fielddoc.crypto import kdf
from fielddoc.crypto.shares import Sharing
from fielddoc.errors import ShareError, VaultWipedError, WrongPassphraseError
from fielddoc.gui.create_screen import CreateScreen
from fielddoc.gui.new_keys import NewKeys
from fielddoc.gui.pages.settings import SettingsPage
from fielddoc.gui.passphrase_choice import PassphraseChoice
from fielddoc.gui.recover_screen import RecoverScreen
from fielddoc.gui.relaunch import Resume
from fielddoc.gui.session import Session
from fielddoc.gui.unlock_screen import UnlockScreen
from fielddoc.gui.window import Window
from fielddoc.vault import recovery
from fielddoc.vault.opening import make_vault, open_vault
from fielddoc.vault.rekey import rekey
from gui.windows import PASSPHRASE, RecordingShell, shown

NEW = "seven quite different words for this vault"
WIPE = "nobody will ever find anything in here"
PATIENCE_MS = 30_000


def shares_of(folder: Path, sharing: Sharing | None = None) -> tuple[str, ...]:
    with open_vault(folder, PASSPHRASE) as vault:
        return rekey(
            vault,
            PASSPHRASE,
            cost=vault.key_file.half.public.cost,
            sharing=sharing or Sharing(),
        )


def fill(form: NewKeys, *, new: str = NEW, again: str | None = None) -> None:
    form.present.set_text(PASSPHRASE)
    form.choice.use_own.setChecked(True)
    form.choice.own.set_text(new)
    form.again.set_text(new if again is None else again)


@pytest.fixture
def page(qtbot: QtBot, session: Session, shell: RecordingShell) -> SettingsPage:
    made = SettingsPage(session, shell)
    made.enter()
    shown(qtbot, made)
    made.begin_new_keys()
    return made


def test_new_keys_are_made_and_the_old_passphrase_opens_nothing(
    qtbot: QtBot, page: SettingsPage, session: Session, vault_folder: Path
) -> None:
    fill(page.new_keys)
    page.new_keys.wiping.wanted.setChecked(True)
    page.new_keys.wiping.first.set_text(WIPE)
    page.new_keys.wiping.again.set_text(WIPE)

    page.new_keys.make()

    qtbot.waitUntil(page.new_keys_words.isVisible, timeout=PATIENCE_MS)
    assert session.close(seconds=20)
    with pytest.raises(WrongPassphraseError):
        open_vault(vault_folder, PASSPHRASE)
    open_vault(vault_folder, NEW).lock()
    with pytest.raises(VaultWipedError):
        open_vault(vault_folder, WIPE)


def test_before_and_after_new_keys_it_is_said_that_earlier_copies_open_as_before(
    qtbot: QtBot, page: SettingsPage
) -> None:
    form = page.new_keys
    assert form.void.isVisible()
    assert "made before still open with what opened them then" in form.void.text()
    fill(form)

    form.make()

    qtbot.waitUntil(page.new_keys_words.isVisible, timeout=PATIENCE_MS)
    assert "opens this vault no more" in page.new_keys_words.text()
    assert "made before still open with what opened them then" in page.new_keys_words.text()


def test_what_a_wipe_passphrase_cannot_do_is_said_where_it_is_offered(
    qtbot: QtBot, page: SettingsPage, tmp_path: Path
) -> None:
    screen = CreateScreen(hold_ms=30)
    shown(qtbot, screen)
    screen.place.parent_line.setText(str(tmp_path))
    screen.place.name_line.setText("made")
    screen.go_on()
    qtbot.waitUntil(lambda: screen.steps.current == 1)
    for wiping in (page.new_keys.wiping, screen.chosen.wiping):
        assert not wiping.limits.isVisible()
        wiping.wanted.setChecked(True)
        assert wiping.limits.isVisible()
        assert "reaches no copy that was made before" in wiping.limits.text()
        assert "whoever made you type it sees what it did" in wiping.limits.text()


@pytest.mark.parametrize(
    ("typed_in", "words"),
    [
        (("not the one", NEW, ""), "does not open the vault"),
        ((PASSPHRASE, NEW + "x", ""), "not the same"),
        ((PASSPHRASE, NEW, NEW + "s"), "too much alike"),
        ((PASSPHRASE, NEW, "\x00"), "cannot be used"),
    ],
)
def test_what_cannot_be_used_is_told_in_place_and_changes_nothing(
    qtbot: QtBot,
    page: SettingsPage,
    vault_folder: Path,
    typed_in: tuple[str, str, str],
    words: str,
) -> None:
    present, again, wipe = typed_in
    fill(page.new_keys, again=again)
    page.new_keys.present.set_text(present)
    page.new_keys.wiping.wanted.setChecked(bool(wipe))
    page.new_keys.wiping.first.set_text(wipe)
    page.new_keys.wiping.again.set_text(wipe)

    page.new_keys.make()

    qtbot.waitUntil(lambda: words in page.new_keys.problem.text(), timeout=PATIENCE_MS)
    assert page.new_keys.make_button.isEnabled()
    assert page.session.close(seconds=20)
    open_vault(vault_folder, PASSPHRASE).lock()


def test_shares_are_shown_one_by_one_and_proven_before_the_sheet_is_closed(
    qtbot: QtBot, page: SettingsPage, session: Session, vault_folder: Path
) -> None:
    form = page.new_keys
    form.present.set_text(PASSPHRASE)
    form.keep.setChecked(True)
    form.with_shares.setChecked(True)
    form.make()
    qtbot.waitUntil(lambda: bool(form.sheet.shares), timeout=PATIENCE_MS)
    sheet, shares = form.sheet, list(form.sheet.shares)
    qtbot.waitUntil(lambda: "Nobody has tried" in page.known_shares.text(), timeout=PATIENCE_MS)

    seen = []
    for number in range(3):
        assert sheet.heading.text() == f"Share {number + 1} of 3, generation 2"
        seen.append(" ".join(cell.text().split()[1] for cell in sheet.cells))
        sheet.go_on()
    assert seen == shares
    sheet.entry.line.setText(shares[1].replace(" ", "  ").upper())
    sheet.entry.take()
    sheet.entry.take()
    assert "0" in sheet.entry.problem.text()
    sheet.entry.line.setText(shares[1])
    sheet.entry.take()
    assert "again" in sheet.entry.problem.text()
    sheet.entry.line.setText(shares[2])
    sheet.entry.take()
    qtbot.waitUntil(sheet.close_button.isVisible, timeout=PATIENCE_MS)
    assert not any(cell.text() for cell in sheet.cells)
    sheet.close_button.click()
    qtbot.waitUntil(lambda: "were tried" in page.known_shares.text(), timeout=PATIENCE_MS)
    assert session.close(seconds=20)
    with open_vault(vault_folder, PASSPHRASE) as vault:
        known = recovery.note(vault)
    assert known is not None
    assert known.is_proven


def test_a_share_goes_into_a_file_only_after_the_warning(
    qtbot: QtBot, page: SettingsPage, tmp_path: Path
) -> None:
    form = page.new_keys
    form.present.set_text(PASSPHRASE)
    form.keep.setChecked(True)
    form.with_shares.setChecked(True)
    form.make()
    qtbot.waitUntil(lambda: bool(form.sheet.shares), timeout=PATIENCE_MS)
    sheet = form.sheet

    assert not sheet.file_button.isVisible()
    sheet.save_button.click()
    assert "brought back after it was deleted" in sheet.file_note.words.text()
    assert sheet.file_button.isVisible()
    sheet.save(tmp_path / "share.txt")
    text = (tmp_path / "share.txt").read_text("utf-8")
    words = [line.split()[1] for line in text.splitlines()[2:]]
    assert " ".join(words) == sheet.shares[0]
    sheet.save(tmp_path / "share.txt")
    assert "already a file" in sheet.file_note.words.text()


def test_shares_left_untried_are_warned_of_and_stay_told(qtbot: QtBot, page: SettingsPage) -> None:
    form = page.new_keys
    form.present.set_text(PASSPHRASE)
    form.keep.setChecked(True)
    form.with_shares.setChecked(True)
    form.make()
    qtbot.waitUntil(lambda: bool(form.sheet.shares), timeout=PATIENCE_MS)
    for _ in range(3):
        form.sheet.go_on()
    form.sheet._warn_of_leaving()
    assert "cannot be shown again" in form.sheet.leave_note.words.text()
    form.sheet.closed.emit()

    qtbot.waitUntil(lambda: "Nobody has tried" in page.known_shares.text(), timeout=PATIENCE_MS)
    assert not form.sheet.shares


# --- opening with shares --------------------------------------------------------------------------


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(hold_ms=30)
    shown(qtbot, made)
    yield made
    if made.session is not None:
        made.session.close(10)
        made.session = None
    made.panic.disarm()


def recovering(window: Window, folder: Path) -> RecoverScreen:
    window.show_unlock(folder)
    unlock = window.screens.currentWidget()
    assert isinstance(unlock, UnlockScreen)
    unlock.shares_button.click()
    screen = window.screens.currentWidget()
    assert isinstance(screen, RecoverScreen)
    return screen


def typed(screen: RecoverScreen, *texts: str) -> None:
    for text in texts:
        screen.entry.line.setText(text)
        screen.entry.take()


def test_shares_open_the_vault_and_a_new_passphrase_must_follow(
    qtbot: QtBot, window: Window, vault_folder: Path
) -> None:
    shares = shares_of(vault_folder)
    screen = recovering(window, vault_folder)
    typed(screen, shares[0], shares[2])
    qtbot.waitUntil(screen.new_keys.isVisible, timeout=PATIENCE_MS)
    assert window.workspace() is None
    qtbot.waitUntil(screen.new_keys.with_shares.isChecked, timeout=PATIENCE_MS)
    assert not screen.new_keys.present.isVisible()
    screen.new_keys.with_shares.setChecked(False)
    screen.new_keys.choice.use_own.setChecked(True)
    screen.new_keys.choice.own.set_text(NEW)
    screen.new_keys.again.set_text(NEW)
    screen.new_keys.make()

    qtbot.waitUntil(lambda: window.workspace() is not None, timeout=PATIENCE_MS)
    assert window.session is not None
    assert window.session.close(20)
    window.session = None
    open_vault(vault_folder, NEW).lock()
    with pytest.raises(WrongPassphraseError):
        open_vault(vault_folder, PASSPHRASE)
    with pytest.raises(ShareError) as caught:
        recovery.take_share(shares[0], [], recovery.generation_of(vault_folder))
    assert caught.value.code == "share.void"


def test_shares_of_another_vault_open_nothing_and_are_asked_for_again(
    qtbot: QtBot, window: Window, vault_folder: Path, tmp_path: Path
) -> None:
    make_vault(tmp_path / "other", PASSPHRASE).lock()
    shares_of(vault_folder)
    others = shares_of(tmp_path / "other")
    screen = recovering(window, vault_folder)
    typed(screen, *others[:2])

    qtbot.waitUntil(lambda: "do not open" in screen.entry.problem.text(), timeout=PATIENCE_MS)
    assert screen.entry.taken == []
    assert screen.entry.isEnabled()
    assert window.workspace() is None


def test_locking_before_the_new_passphrase_lets_nobody_in(
    qtbot: QtBot, window: Window, vault_folder: Path
) -> None:
    resumed: list[Resume] = []
    window.relaunch = resumed.append
    shares = shares_of(vault_folder)
    screen = recovering(window, vault_folder)
    typed(screen, shares[1], shares[2])
    qtbot.waitUntil(screen.new_keys.isVisible, timeout=PATIENCE_MS)

    window.lock()

    assert len(resumed) == 1
    assert screen.session is None
    open_vault(vault_folder, PASSPHRASE).lock()  # the lock is free, nothing was changed


# --- making a vault -------------------------------------------------------------------------------


def test_words_are_drawn_from_the_list_that_is_chosen(qtbot: QtBot) -> None:
    choice = PassphraseChoice()
    shown(qtbot, choice)
    assert len(choice.passphrase().split()) == 6
    choice.word_list.setCurrentIndex(1)
    choice.word_list.activated.emit(1)

    assert len(choice.passphrase().split()) == 7
    assert len(choice.characters.text().split()) == 7
    assert choice.characters.isVisible()
    before = choice.passphrase()
    choice.other.click()
    assert choice.passphrase() != before


def test_a_vault_is_made_with_a_wipe_passphrase(qtbot: QtBot, tmp_path: Path) -> None:
    screen = CreateScreen(hold_ms=30)
    shown(qtbot, screen)
    screen.place.parent_line.setText(str(tmp_path))
    screen.place.name_line.setText("made")
    screen.go_on()
    qtbot.waitUntil(lambda: screen.steps.current == 1)
    screen.chosen.wiping.wanted.setChecked(True)
    screen.go_on()
    assert screen.problem.isVisible()  # nothing was typed yet
    assert screen.steps.current == 1
    screen.chosen.wiping.first.set_text(WIPE)
    screen.chosen.wiping.again.set_text(WIPE)
    passphrase = screen.choice.passphrase()
    screen.go_on()
    screen.again.line.set_text(passphrase)
    screen.go_on()
    made: list[Session] = []
    screen.made.connect(made.append)
    screen.go_on()
    qtbot.waitUntil(lambda: bool(made), timeout=PATIENCE_MS)
    assert made[0].close(20)

    open_vault(tmp_path / "made", passphrase).lock()
    with pytest.raises(VaultWipedError):
        open_vault(tmp_path / "made", WIPE)


def test_a_computer_with_little_memory_is_told_of_before_the_vault_is_made(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the shipped constants, on a machine of 2 GB of which 700 MiB are free."""
    monkeypatch.setattr(kdf, "STANDARD", kdf.Cost(memory_kib=262_144, passes=3, lanes=2))
    monkeypatch.setattr(kdf, "FLOOR", kdf.Cost(memory_kib=131_072, passes=3, lanes=1))
    screen = CreateScreen(hold_ms=30)
    shown(qtbot, screen)
    step = screen.chosen
    for free_mebibytes, words in ((8192, ""), (700, "175 MiB instead of 256"), (200, "256 MiB")):
        step.look_at_memory(free_mebibytes * 1024)
        assert words in step.memory.text()
        assert bool(step.memory.text()) == bool(words)


def test_the_wipe_passphrase_wipes_from_the_lock_screen(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    make_vault(folder, PASSPHRASE, wipe_passphrase=WIPE).lock()
    screen = UnlockScreen(folder)
    shown(qtbot, screen)
    screen.passphrase.set_text(WIPE)

    with qtbot.waitSignal(screen.wiped, timeout=PATIENCE_MS):
        screen.unlock()

    assert not folder.exists()
