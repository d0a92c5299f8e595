"""The one window: the bar with Hide, Lock and Wipe on every screen, a screen, and a foot."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.errors import FielddocError, MediumLostError, VaultDamagedError, VaultWipedError
from fielddoc.gui import remembered, shortcuts, style, tab_order
from fielddoc.gui.choose import open_dialog
from fielddoc.gui.clipboard import ClipboardGuard
from fielddoc.gui.direction import lead
from fielddoc.gui.hold_button import HOLD_MS, HoldButton
from fielddoc.gui.language import use_language
from fielddoc.gui.panic import PanicSwitch
from fielddoc.gui.preferences import Preferences
from fielddoc.gui.relaunch import Resume, relaunch
from fielddoc.gui.screen_capture import CaptureGuard
from fielddoc.gui.session import Job, Session
from fielddoc.gui.shell import Place
from fielddoc.gui.start_screen import StartScreen
from fielddoc.gui.system_lock import SystemLock
from fielddoc.gui.unlock_screen import UnlockScreen
from fielddoc.i18n import (
    N_,
    in_a_row,
    language_of_system,
    language_to_hand_on,
    t_,
    translate,
)
from fielddoc.vault.layout import KEY_FILE

if TYPE_CHECKING:  # loaded when they are wanted, so that the lock screen is there the sooner
    from fielddoc.gui.create_screen import CreateScreen
    from fielddoc.gui.help_screen import HelpScreen
    from fielddoc.gui.recover_screen import RecoverScreen
    from fielddoc.gui.salvage_screen import SalvageScreen
    from fielddoc.gui.workspace import Workspace

MINIMUM_WIDTH, MINIMUM_HEIGHT = 1000, 640
USUAL_WIDTH, USUAL_HEIGHT = 1200, 700
SALVAGE = "salvage"
"""The page of a `Resume` that goes on to saving what is intact of a damaged vault."""
LONGEST_WORK_S = 30 * 60.0
"""How long work that writes keeps the idle lock away after somebody was last there."""
_MESSAGE_MS = 8000
_DOUBLE_ESCAPE_S = 0.6
_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
        QEvent.Type.TabletMove,
        # What an input method composes and commits comes without a key press.
        QEvent.Type.InputMethod,
    }
)
"""Beside key presses: what shows that somebody is there, so that nothing locks by itself."""
_DONE_TO_WIDGETS = frozenset(
    {
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.Wheel,
        QEvent.Type.KeyPress,
        QEvent.Type.InputMethod,
        QEvent.Type.ContextMenu,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
        QEvent.Type.DragEnter,
        QEvent.Type.DragMove,
        QEvent.Type.Drop,
    }
)
"""What a modal dialog keeps from what lies behind it."""


class Window(QMainWindow):
    """The window, on whichever screen it is. Implements `Shell` for the pages in it."""

    def __init__(self, *, resume: Resume | None = None, hold_ms: int = HOLD_MS) -> None:
        super().__init__()
        self.resume = resume or Resume()
        self.folder: Path | None = None
        self.panic = PanicSwitch(self)
        self.panic.destroyed_key.connect(self._hide_all)
        self.panic.not_destroyed.connect(self._show_not_destroyed)
        self.session: Session | None = None
        self._unlock: UnlockScreen | None = None
        self._create: CreateScreen | None = None
        self._recover: RecoverScreen | None = None
        self._salvage: SalvageScreen | None = None
        self._workspace: Workspace | None = None
        self._was_told_of_end = False
        """Whether the person knows what closing now would lose."""
        self._held_secrets = False
        """Whether a screen before this one had a passphrase: it is in memory until the end."""
        self._is_remembered = False
        """Whether a vault that is being made is to be remembered."""
        self.errands = Session(self)
        """A thread for what needs no vault and may wait for a disk."""
        self._help_screen: HelpScreen | None = None
        self._focus_before_help: QWidget | None = None
        self.relaunch: Callable[[Resume], object] = relaunch
        """What a lock ends in; tests put a function of theirs here."""
        self._preferences = Preferences()
        self._waiting_preferences: Preferences | None = None
        """Choices that hold once work has ended and Settings are shown again."""
        self.idle_minutes = 5
        self.last_input_s = time.monotonic()
        """When somebody last typed or moved the pointer, by `time.monotonic`."""
        self._last_escape_s = 0.0
        self.setMinimumSize(MINIMUM_WIDTH, MINIMUM_HEIGHT)
        self.resize(USUAL_WIDTH, USUAL_HEIGHT)
        self._build(hold_ms)
        self._retranslate()
        self.system_lock = SystemLock(self)
        self.system_lock.locked.connect(self.lock_for)
        self.clipboard = ClipboardGuard(self)
        self.capture = CaptureGuard(self)
        self._idle = QTimer(self)
        self._idle.setInterval(1000)
        self._idle.timeout.connect(self._check_idle)
        self._idle.start()
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    # --- what stands in it -----------------------------------------------------------------------

    def _build(self, hold_ms: int) -> None:
        body = QWidget()
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self._bar(hold_ms))
        self.found = Banner()
        self._notices: tuple[str, ...] = ()
        """What was found on opening the vault, as marked sentences; shown until it is closed."""
        rows.addWidget(self.found)
        self.away = Banner(can_be_closed=False)
        """Shown as long as the files of the open vault are not where they were."""
        self._is_looking = False
        self._is_reaching = False
        rows.addWidget(self.away)
        self.banner = Banner()
        rows.addWidget(self.banner)
        self.screens = QStackedWidget()
        rows.addWidget(self.screens, 1)
        self.foot = Foot()
        rows.addWidget(self.foot)
        self.setCentralWidget(body)

    def _bar(self, hold_ms: int) -> QFrame:
        bar = QFrame()
        style.set_role(bar, "bar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(2 * style.GRID, style.GRID, 2 * style.GRID, style.GRID)
        row.setSpacing(style.GRID)
        self.headline = QLabel()
        style.set_role(self.headline, "quiet")
        row.addWidget(self.headline)
        row.addStretch(1)
        self.hide_button = _bar_button()
        self.hide_button.clicked.connect(self.hide_and_lock)
        row.addWidget(self.hide_button)
        self.lock_button = _bar_button()
        self.lock_button.clicked.connect(self.lock)
        row.addWidget(self.lock_button)
        self.wipe_button = HoldButton("", hold_ms=hold_ms)
        self.wipe_button.held.connect(self._wipe)
        self.wipe_button.cancelled.connect(self._wipe_cancelled)
        row.addSpacing(2 * style.GRID)
        row.addWidget(self.wipe_button)
        self._add_key(shortcuts.LOCK, self.lock)
        self._add_key(shortcuts.HIDE, self.hide_and_lock)
        for shortcut, step in (
            (shortcuts.SEARCH, self._focus_search),
            (shortcuts.NEW, self._new_record),
            (shortcuts.HELP, self._help),
            (shortcuts.KEYS, self._list_shortcuts),
        ):
            self._add_key(shortcut, partial(self._unless_asking, step))
        for page, shortcut in shortcuts.PAGES:
            self._add_key(shortcut, partial(self._unless_asking, partial(self.go, page)))
        return bar

    def _add_key(self, shortcut: shortcuts.Shortcut, step: Callable[[], None]) -> None:
        """Have keys do something wherever the focus is in the program."""
        action = QAction(self)
        action.setShortcut(QKeySequence(shortcut.keys))
        action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        action.triggered.connect(step)
        self.addAction(action)

    def _unless_asking(self, step: Callable[[], None], *_: object) -> None:
        """Do what a key asks for, unless a dialog asks for a file: then lead back to that."""
        dialog = open_dialog()
        if dialog is None:
            step()
        else:
            dialog.activateWindow()

    def show_screen(self, screen: QWidget, headline: str = "") -> None:
        """Show a screen in place of the one before, which is thrown away."""
        self._leave_help()
        self._leave_screen()
        before = self.screens.currentWidget()
        self.screens.addWidget(screen)
        self.screens.setCurrentWidget(screen)
        if before is not None:
            self.screens.removeWidget(before)
            before.deleteLater()
        self.headline.setText(headline)

    def _leave_screen(self) -> None:
        """Let nothing of the present screen go on."""
        self._held_secrets = self.holds_secrets()
        for screen in (self._unlock, self._create, self._recover, self._salvage):
            if screen is not None:
                screen.leave()
        self._unlock = self._create = self._recover = self._salvage = None
        self._workspace = None

    # --- Shell -----------------------------------------------------------------------------------

    def say(self, text: str, undo: Callable[[], None] | None = None) -> None:
        """Show a sentence at the foot for a while."""
        self.foot.say(text, undo)

    def show_saved(self, text: str) -> None:
        """Show when something was saved."""
        self.foot.show_saved(text)

    @Slot(object)
    def show_error(self, error: BaseException) -> None:
        """Show what happened and what to do now, until it is closed."""
        if isinstance(error, VaultWipedError):
            self.wiped()
            return
        workspace = self.workspace()
        if isinstance(error, VaultDamagedError) and workspace is not None:
            workspace.settings.tell_damage()
            self.banner.show_text(
                error.sentence(),
                t_("Do not go on writing. In Settings you can save what is intact."),
            )
            return
        if isinstance(error, MediumLostError) and not self.away.isHidden():
            return  # it is told already, for as long as it lasts
        if isinstance(error, FielddocError):
            self.banner.show_text(error.sentence(), error.advice_in_window())
            if isinstance(error, MediumLostError):
                self._look_for_the_vault()
            return
        # A bug of ours. Its text may quote a record, so only its type is shown.
        words = N_("Something went wrong inside fielddoc. This is our mistake: {name}")
        self.banner.show_text(
            translate(words).format(name=type(error).__name__),
            t_("What you typed is kept. Lock and unlock; if it comes again, check the vault."),
        )

    def open_record(self, record: str) -> None:
        """Go to a record."""
        self.go("records", {"record": record})

    def go(self, page: str, place: Place | None = None) -> None:
        """Go to a page of the workspace, where a vault is open."""
        workspace = self.workspace()
        if workspace is not None:
            workspace.go(page, place)

    def workspace(self) -> "Workspace | None":
        """Return the workspace if a vault is open."""
        return self._workspace

    # --- screens ---------------------------------------------------------------------------------

    def choose_folder(self, folder: Path | None) -> None:
        """Know from now on which vault is meant, and arm the wipe for it."""
        self.folder = folder
        self.panic.arm(folder)
        self._show_reach()

    def _show_reach(self) -> None:
        """Say of Lock and of the wipe whether there is a vault that they could act on."""
        has_vault = self.folder is not None
        can_lock = has_vault or self.holds_secrets()
        self.lock_button.setEnabled(can_lock)
        self.lock_button.setToolTip(
            t_("Lock (Ctrl+L)") if can_lock else t_("No vault is open that could be locked.")
        )
        # The wipe stays where it always is, so that a hand finds it; it says that it is idle.
        self.wipe_button.setToolTip(
            t_("Hold for three seconds to destroy the vault for ever (Ctrl+Shift+F12)")
            if has_vault
            else t_("No vault is chosen yet that could be destroyed.")
        )
        self.wipe_button.setAccessibleDescription(self.wipe_button.toolTip())

    @Slot()
    def _language_changed(self) -> None:
        is_wanted = self._is_remembering_wanted()
        self._retranslate()
        self.show_start()
        start = self.screens.currentWidget()
        if isinstance(start, StartScreen):
            start.remember.setChecked(is_wanted)

    def _retranslate(self) -> None:
        """Bring the words and icons around the screens up to date."""
        # "Notes" on the task bar says nothing to who looks over a shoulder.
        self.setWindowTitle(t_("Notes"))
        self.hide_button.setText(t_("Hide"))
        self.hide_button.setIcon(style.icon("eye-off"))
        self.hide_button.setToolTip(t_("Minimise and lock (Esc twice)"))
        self.lock_button.setText(t_("Lock"))
        self.lock_button.setIcon(style.icon("lock"))
        self.wipe_button.setText(t_("Hold to wipe"))
        self._show_reach()
        self.banner.retranslate()
        self.found.retranslate()
        self.away.retranslate()
        if not self.found.isHidden():
            self._show_found()
        self.foot.retranslate()

    def show_start(self) -> None:
        """Show the first page: language, what fielddoc does, create or open."""
        self.choose_folder(None)
        screen = StartScreen()
        screen.create_chosen.connect(self._create_chosen)
        screen.folder_chosen.connect(self._folder_chosen)
        screen.language_changed.connect(self._language_changed)
        self.show_screen(screen)
        screen.begin()
        if self.resume.reason or self.resume.note:
            self.banner.show_text(translate(self.resume.reason), self.resume.note)
        self.resume = Resume()

    @Slot()
    def _create_chosen(self) -> None:
        is_wanted = self._is_remembering_wanted()
        self.show_create()
        self._is_remembered = is_wanted

    @Slot(Path)
    def _folder_chosen(self, folder: Path) -> None:
        is_wanted = self._is_remembering_wanted()
        self.show_unlock(folder)
        if is_wanted:
            self._remember()

    def _is_remembering_wanted(self) -> bool:
        start = self.screens.currentWidget()
        return isinstance(start, StartScreen) and start.remember.isChecked()

    @Slot(object)
    def _made(self, session: Session) -> None:
        is_wanted = self._is_remembered
        self.show_workspace(session)
        if is_wanted:
            self._remember()

    def _remember(self) -> None:
        """Write where the vault lies, as was asked; say it if that is refused."""
        kept = remembered.Remembered(folder=str(self.folder), language=language_of_system())

        def failed(error: BaseException) -> None:
            if not isinstance(error, OSError):
                self.show_error(error)
                return
            self.banner.show_text(
                t_("Where the vault lies could not be remembered on this computer."),
                t_("Everything else works. You can try again in Settings."),
            )

        self.errands.run(self, partial(remembered.write, kept), None, failed)

    @Slot()
    def show_create(self) -> None:
        """Show the steps of making a vault."""
        from fielddoc.gui.create_screen import CreateScreen  # noqa: PLC0415

        self._is_remembered = False
        screen = CreateScreen(hold_ms=self.wipe_button.hold_ms)
        screen.cancelled.connect(self.show_start)
        screen.folder_chosen.connect(self.choose_folder)
        screen.made.connect(self._made)
        self.show_screen(screen)
        self._create = screen
        self._show_reach()
        screen.begin()

    @Slot(Path)
    def show_unlock(self, folder: Path) -> None:
        """Show the lock screen of a vault."""
        self.choose_folder(folder)
        screen = UnlockScreen(folder, reason=self.resume.reason, on_wipe=self.panic.disarm)
        screen.trying.connect(_load_workspace)
        screen.unlocked.connect(self.show_workspace)
        screen.another_chosen.connect(self.show_start)
        screen.shares_chosen.connect(self.show_recover)
        screen.salvage_chosen.connect(partial(self.show_salvage, folder))
        screen.wiped.connect(self.wiped)
        self.show_screen(screen)
        self._unlock = screen
        screen.begin()

    @Slot()
    def show_recover(self) -> None:
        """Ask for recovery shares of the vault that was chosen."""
        folder = self.folder
        if folder is None:
            return
        from fielddoc.gui.recover_screen import RecoverScreen  # noqa: PLC0415

        screen = RecoverScreen(folder)
        screen.unlocked.connect(self.show_workspace)
        screen.cancelled.connect(partial(self.show_unlock, folder))
        screen.broke.connect(self._keys_broke)
        screen.opened.connect(self._recovered)
        self.show_screen(screen)
        self._recover = screen
        screen.begin()

    @Slot(object)
    def _keys_broke(self, error: BaseException) -> None:
        """Lock because making new keys was cut off: the next unlocking finishes it."""
        self._lock(
            reason=error.message
            if isinstance(error, FielddocError)
            else N_("Something went wrong.")
        )

    @Slot(object)
    def _recovered(self, session: Session) -> None:
        """Let the wipe know the vault that shares have opened."""
        self._arm_for(session)
        self.touch()

    def _arm_for(self, session: Session) -> None:
        """Let the wipe know the vault that is open, also one that was not there when it was chosen."""
        self.panic.arm_if_not(self.folder)
        self.panic.watch(session.vault)

    def show_salvage(self, folder: Path, passphrase: str = "") -> None:
        """Show how what is intact of a damaged vault is saved into a new one."""
        from fielddoc.gui.salvage_screen import SalvageScreen  # noqa: PLC0415

        self.choose_folder(folder)
        resume, self.resume = self.resume, Resume()
        screen = SalvageScreen(
            folder, passphrase=passphrase, reason=resume.reason, note=resume.note
        )
        screen.saved_opened.connect(self.show_unlock)
        screen.left.connect(partial(self.show_unlock, folder))
        self.show_screen(screen)
        self._salvage = screen
        (screen.begin_button if passphrase else screen.passphrase).setFocus()

    @Slot(object)
    def show_workspace(self, session: Session) -> None:
        """Show what an unlocked vault holds."""
        from fielddoc.vault import settings  # noqa: PLC0415

        self.session = session
        self._arm_for(session)
        session.failed.connect(self.show_error)
        session.job_started.connect(self.foot.show_jobs)
        session.job_ended.connect(self.foot.show_jobs)
        self.touch()

        def begin(found: dict[str, str]) -> None:
            preferences = Preferences.read(found)
            use_language(preferences.language)
            self._use(preferences)
            self._notices = tuple(dict.fromkeys((*self.resume.notices, *session.vault.notices)))
            if self._notices:
                self._show_found()
            self._show_workspace(self.resume.page, self.resume.place)
            self.resume = Resume()

        session.ask(self, settings.everything, begin)

    def _show_found(self) -> None:
        """Tell what was found on opening the vault; in a banner of its own, which nothing takes."""
        self.found.show_text(
            "\n".join(translate(notice) for notice in self._notices),
            t_("In Settings you can check whether everything in the vault is whole."),
        )

    def _show_workspace(self, page: str = "", place: Place | None = None) -> None:
        from fielddoc.gui.workspace import Workspace  # noqa: PLC0415

        assert self.session is not None
        workspace = Workspace(self.session, self)
        workspace.preferences_chosen.connect(self._preferences_chosen)
        workspace.page_shown.connect(self._page_shown)
        workspace.salvage_chosen.connect(self._lock_and_salvage)
        self.show_screen(workspace, self.folder.name if self.folder else "")
        self._workspace = workspace
        if page:
            workspace.go(page, place)
        else:
            workspace.records.begin()

    def _use(self, preferences: Preferences) -> None:
        """Let a person's choices hold."""
        self._preferences = preferences
        self.idle_minutes = preferences.idle_minutes
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            return
        dark = preferences.appearance == "dark" or (
            preferences.appearance == "system" and style.system_is_dark(application)
        )
        shown = (application.property("fielddoc_dark"), style.text_percent_now())
        if shown != (dark, preferences.text_percent):
            style.apply(application, dark=dark, text_percent=preferences.text_percent)
        self._retranslate()

    @Slot(object)
    def _preferences_chosen(self, preferences: Preferences) -> None:
        """Let new choices hold: the workspace is built anew in their language and size.

        A lock time alone builds nothing anew, and while work goes on nothing is: its page would go
        with what it has to say.
        """
        before, session = self._preferences, self.session
        self.idle_minutes = preferences.idle_minutes
        if replace(before, idle_minutes=preferences.idle_minutes) == preferences:
            self._preferences = preferences
            return
        if session is not None and session.jobs:
            self._waiting_preferences = preferences
            self.say(
                t_("Kept. It is shown when the work that goes on has ended and you come back here.")
            )
            return
        self._rebuild(preferences)

    @Slot(str)
    def _page_shown(self, page: str) -> None:
        """Let choices hold that had to wait for work to end."""
        waiting, session = self._waiting_preferences, self.session
        if page == "settings" and waiting is not None and session is not None and not session.jobs:
            QTimer.singleShot(0, self, partial(self._rebuild, waiting))

    def _rebuild(self, preferences: Preferences) -> None:
        self._waiting_preferences = None
        workspace = self.workspace()
        if workspace is not None:
            workspace.leave()
        use_language(preferences.language)
        self._use(preferences)
        self._show_workspace("settings")

    def focusNextPrevChild(self, is_next: bool) -> bool:  # noqa: FBT001, N802 - Qt's signature
        """Lead Tab in the order in which things are seen."""
        return tab_order.step(
            self,
            self.focusWidget(),
            is_forward=is_next,
            only_by_key=(self.hide_button, self.lock_button, self.wipe_button),
        )

    # --- keys ------------------------------------------------------------------------------------

    @Slot()
    def _focus_search(self) -> None:
        workspace = self.workspace()
        if workspace is not None:
            workspace.go("records")
            workspace.records.focus_search()

    @Slot()
    def _new_record(self) -> None:
        from fielddoc.domain.record_types import record_type  # noqa: PLC0415

        workspace = self.workspace()
        if workspace is not None:
            workspace.go("records")
            kind = workspace.records.kind
            workspace.records.new_record(kind if record_type(kind) else "incident")

    @Slot()
    def _help(self) -> None:
        from fielddoc.gui.pages.help import TOPIC_OF_PAGE  # noqa: PLC0415

        workspace = self.workspace()
        if workspace is not None:
            topic = TOPIC_OF_PAGE.get(workspace.here()[0], "first-steps")
            workspace.go("help", {"topic": topic})
        else:
            self._show_help(self._topic_of_screen())

    def _topic_of_screen(self) -> str:
        if self._salvage is not None:
            return "trouble"
        is_locked = isinstance(self.screens.currentWidget(), UnlockScreen)
        return "passphrase" if is_locked or self._create or self._recover else "first-steps"

    def _show_help(self, topic: str) -> None:
        """Show help over a screen before unlocking, which keeps what was typed in it."""
        from fielddoc.gui.help_screen import HelpScreen  # noqa: PLC0415

        if self._help_screen is not None:
            self._help_screen.help.show_topic(topic)
            return
        before = self.screens.currentWidget()
        if before is None:
            return
        self._focus_before_help = before.focusWidget()
        screen = self._help_screen = HelpScreen(topic)
        screen.left.connect(self._leave_help)
        self.screens.addWidget(screen)
        self.screens.setCurrentWidget(screen)
        screen.help.begin()

    @Slot()
    def _leave_help(self) -> None:
        """Go back to the screen under the help, if it is shown."""
        screen, self._help_screen = self._help_screen, None
        if screen is None:
            return
        self.screens.removeWidget(screen)
        screen.deleteLater()
        widget = self._focus_before_help
        if widget is not None and shiboken6.isValid(widget):
            widget.setFocus()
            if isinstance(widget, QLineEdit):
                # Qt marks what it comes to by itself; the next letter would replace all of it.
                widget.end(False)  # noqa: FBT003 - Qt's signature: without marking
        self._focus_before_help = None

    @Slot()
    def _list_shortcuts(self) -> None:
        from fielddoc.gui.pages.help import SHORTCUTS_TOPIC  # noqa: PLC0415

        if self.workspace() is not None:
            self.go("help", {"topic": SHORTCUTS_TOPIC})
        else:
            self._show_help(SHORTCUTS_TOPIC)

    # --- hide, lock, wipe ------------------------------------------------------------------------

    @Slot()
    def hide_and_lock(self) -> None:
        """Minimise at once, then lock."""
        self._leave_dialog()
        self.showMinimized()
        self._lock(reason="")

    @Slot()
    def lock(self) -> None:
        """Lock: everything typed is kept as a draft, and the process that has the keys ends."""
        self._lock(reason="")

    def _leave_dialog(self) -> None:
        dialog = open_dialog()
        if dialog is not None:
            dialog.reject()

    def _lock(self, *, reason: str) -> None:
        if not self.holds_secrets():
            return
        self._leave_dialog()
        if self._unlock is not None and self._unlock.is_wiping:
            return  # a lock would cut it off, and this process ends with it anyway
        if self.session is None:
            self.clipboard.clear_now()
            self.relaunch(self._left_off(reason))
            return
        workspace = self.workspace()
        page, place = workspace.here() if workspace else ("", {})
        if workspace is not None:
            workspace.save_now()
        self.clipboard.clear_now()
        writing = self.session.writing
        self.session.close()
        stopped = dict.fromkeys(job.stopped for job in writing if not job.is_done)
        reason = "\n".join(filter(None, (reason, *stopped, self._unwritten(self.session))))
        self.session = None
        self.relaunch(self._resume(page, place, reason))

    def holds_secrets(self) -> bool:
        """Tell whether this process has, or had, a passphrase, a key or what one opened."""
        screens = (self._unlock, self._create, self._recover, self._salvage)
        return (
            self.session is not None
            or self._held_secrets
            or any(screen is not None and screen.holds_secrets() for screen in screens)
        )

    def _left_off(self, reason: str) -> Resume:
        """End what a screen without an open vault is at, and return what is told of it."""
        create, salvage = self._create, self._salvage
        self._leave_screen()
        resume = self._resume("", {}, reason)
        if salvage is not None:
            return replace(resume, page=SALVAGE, note=salvage.left_off())
        if create is not None:
            made, note = create.left_off()
            return replace(resume, folder=str(made or ""), note=note)
        return resume

    def _unwritten(self, session: Session) -> str:
        """Return a marked sentence if the vault refused what was typed last, else nothing."""
        from fielddoc.gui.typed import UNWRITTEN, typed_of  # noqa: PLC0415

        return UNWRITTEN if typed_of(session).waiting else ""

    @Slot()
    def _lock_and_salvage(self) -> None:
        """End this process, whose vault is damaged, and save from the vault in a fresh one."""
        if self.session is None:
            return
        # Closing it would copy what is damaged over what may be whole.
        self.session.ask(self, lambda vault: vault.database.abandon())
        self.clipboard.clear_now()
        self.session.close()
        self.session = None
        self.relaunch(self._resume(SALVAGE, {}, ""))

    def _resume(self, page: str, place: Place, reason: str) -> Resume:
        frame = self.normalGeometry()
        application = QApplication.instance()
        return Resume(
            folder=str(self.folder or ""),
            language=language_to_hand_on(),
            page=page,
            place=place,
            geometry=(frame.x(), frame.y(), frame.width(), frame.height()),
            is_maximized=self.isMaximized(),
            is_minimized=self.isMinimized(),
            is_dark=bool(application and application.property("fielddoc_dark")),
            text_percent=style.text_percent_now(),
            reason=reason,
            notices=(*self.resume.notices, *(() if self.found.isHidden() else self._notices)),
        )

    @Slot(str)
    def lock_for(self, reason: str) -> None:
        """Lock because of something other than the person, told as a marked sentence."""
        self._lock(reason=reason)

    @Slot()
    def _wipe(self) -> None:
        self.panic.arm_if_not(self.folder)
        if not self.panic.is_armed:
            self.say(
                t_("No vault is chosen, so there is nothing to wipe.")
                if self.folder is None
                else t_("The vault is not there, so nothing was wiped. Plug it in and hold again.")
            )
            return
        self.panic.fire()

    @Slot()
    def _wipe_cancelled(self) -> None:
        self.say(t_("Let go in time: nothing was wiped."))

    @Slot()
    def _hide_all(self) -> None:
        """Let nothing more be seen, and clear the clipboard: the key is dead."""
        try:
            for widget in QApplication.topLevelWidgets():
                widget.hide()
            self.clipboard.clear_now()
        finally:
            self.panic.hidden.set()

    @Slot(str)
    def _show_not_destroyed(self, why: str) -> None:
        """Say in large letters that the medium refused; the window stays."""
        workspace = self.workspace()
        if workspace is not None:
            workspace.save_now()  # it goes, and what was typed must not go with it
        label = QLabel(t_("NOT DESTROYED"))
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        style.set_role(label, "alarm")
        advice = QLabel(why)
        advice.setWordWrap(True)
        advice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        screen = QWidget()
        column = QVBoxLayout(screen)
        column.addStretch(1)
        column.addWidget(label)
        column.addWidget(advice)
        column.addStretch(1)
        self.show()
        self.show_screen(screen)

    @Slot()
    def wiped(self) -> None:
        """End at once: another process wiped the vault."""
        QGuiApplication.exit(0)

    # --- idle, keys, end -------------------------------------------------------------------------

    def touch(self) -> None:
        """Note that somebody is there."""
        self.last_input_s = time.monotonic()

    @Slot()
    def _check_idle(self) -> None:
        if self._unlock is None or not self._unlock.is_trying:
            self._arm_when_plugged_in()
        self._look_for_the_vault()
        if self._salvage is not None and self._salvage.is_working:
            self.touch()  # it takes longer than that, and nobody types meanwhile
        if not self.holds_secrets() or self.idle_minutes <= 0:
            return
        if time.monotonic() - self._last_needed_s() >= 60 * self.idle_minutes:
            self._lock(reason=N_("Locked because nobody typed or moved the pointer for a while."))

    def _arm_when_plugged_in(self) -> None:
        """Arm the wipe once a vault can be reached that could not be when its folder was chosen.

        A medium that hangs is asked beside the window, and not again before it has answered.
        """
        folder = self.folder
        if folder is None or self.panic.is_armed or self._is_reaching:
            return
        self._is_reaching = True

        def answered(is_there: bool) -> None:  # noqa: FBT001 - a step's result
            self._is_reaching = False
            if is_there and self._idle.isActive():
                self.panic.arm_if_not(self.folder)

        self.errands.run_aside(self, partial(_has_key_file, folder), answered)

    def _look_for_the_vault(self) -> None:
        """Ask, beside the window, whether the open vault is still where it was.

        A medium that sleeps may take long to answer: it is asked once at a time, and not on the
        thread of the wipe, which must not wait for it either.
        """
        session = self.session
        if session is None or self._is_looking:
            return
        self._is_looking = True
        session.run_aside(self, session.vault.open_files.are_there, self._tell_where_it_is)

    def _tell_where_it_is(self, is_there: bool) -> None:  # noqa: FBT001 - a step's result
        """Say that the vault is not there for as long as it is so, and save when it is back."""
        self._is_looking = False
        session, workspace = self.session, self.workspace()
        if session is None or is_there == self.away.isHidden():
            return
        lost = MediumLostError()
        if self.banner.what.text() == lost.sentence():
            self.banner.hide()
        if is_there:
            from fielddoc.gui.typed import typed_of  # noqa: PLC0415

            self.away.hide()
            typed_of(session).hand_over()
            return
        self.away.show_text(
            lost.sentence(),
            t_(
                "Plug it in again, or put the vault's folder back where it was. Nothing is saved"
                " until then: what you type stays in this window, and is saved when it is back."
            ),
        )
        self.foot.show_saved("")
        if workspace is not None:
            workspace.forget_saved()

    def _last_needed_s(self) -> float:
        """Return when somebody was last there, or work that writes last went on.

        Half an hour of that at most, for whoever left may not come back (decision 0028).
        """
        writing = self.session.writing if self.session is not None else []
        went_on_s = max((job.progressed_s for job in writing), default=0.0)
        return max(self.last_input_s, min(went_on_s, self.last_input_s + LONGEST_WORK_S))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See every key of the program, in dialogs too, and every label before it is shown."""
        match event.type():
            case kind if kind in _SIGNS_OF_LIFE:
                self.touch()
            case QEvent.Type.KeyPress if isinstance(event, QKeyEvent):
                self.touch()
                if watched is self.windowHandle() or not isinstance(watched, QWidget):
                    return False  # each key comes once for the window and once for the widget
                return self._key_pressed(event, watched) or self._is_behind_dialog(event, watched)
            case QEvent.Type.KeyRelease if isinstance(event, QKeyEvent):
                is_wipe_key = event.key() in _WIPE_KEYS and not event.isAutoRepeat()
                if is_wipe_key and self._is_chord_held:
                    self._is_chord_held = False
                    self.wipe_button.let_go()
            case QEvent.Type.WindowDeactivate | QEvent.Type.ApplicationStateChange:
                # Another program or the screen locker has the keyboard: letting go of the keys
                # would never be told here, and the wipe would fire although nobody holds it.
                if self._is_chord_held:
                    self._is_chord_held = False
                    self.wipe_button.release()
            case QEvent.Type.Polish | QEvent.Type.LayoutDirectionChange:
                if isinstance(watched, QLabel):
                    lead(watched)
            case _:
                pass
        return self._is_behind_dialog(event, watched)

    def _is_behind_dialog(self, event: QEvent, watched: QObject) -> bool:
        """Tell whether this is done behind a dialog that asks for a file, and lead back to that.

        What stands there must not change meanwhile; only the bar with Hide, Lock and Wipe works.
        """
        if event.type() not in _DONE_TO_WIDGETS or not isinstance(watched, QWidget):
            return False
        if not self.screens.isAncestorOf(watched):
            return False
        dialog = open_dialog()
        if dialog is None:
            return False
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress):
            dialog.activateWindow()
        return True

    _is_chord_held = False

    def _key_pressed(self, event: QKeyEvent, widget: QWidget) -> bool:
        if event.key() == Qt.Key.Key_F12 and event.modifiers() == (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        ):
            if not event.isAutoRepeat():
                self._is_chord_held = True
                self.wipe_button.begin()
            return True
        # What no widget takes is offered to each one around it too; it is still one press.
        is_first = widget is (QApplication.focusWidget() or self)
        if event.key() == Qt.Key.Key_Escape and not event.isAutoRepeat() and is_first:
            now = time.monotonic()
            is_second = now - self._last_escape_s < _DOUBLE_ESCAPE_S
            self._last_escape_s = 0.0 if is_second else now
            if is_second:
                self.hide_and_lock()
                return True
        return False

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Keep what was typed, lock the vault, end."""
        if self.session is not None:
            workspace = self.workspace()
            if workspace is not None:
                workspace.save_now()
            if not self._may_end(self.session):
                event.ignore()
                return
            self.session.close()
            self.session = None
        self._leave_screen()
        self._idle.stop()  # it would arm the wipe again
        self.errands.close()
        self.clipboard.clear_now()
        self.panic.disarm()
        event.accept()  # the last window that closes ends the program

    def _may_end(self, session: Session) -> bool:
        """Say once what ending now would lose; whoever closes the window again wants it."""
        session.settle()
        lost = [translate(job.stopped) for job in session.writing]
        if self._unwritten(session):
            lost.append(
                t_("What you typed last is not saved: free some space, then press Ctrl+S.")
                if self.away.isHidden()
                else t_(
                    "What you typed last is not saved: bring the vault back, then press Ctrl+S."
                )
            )
        if self._was_told_of_end or not lost:
            return True
        self._was_told_of_end = True
        self.banner.show_text(
            t_("Not everything is finished. Close the window again to end all the same. Then:"),
            in_a_row(dict.fromkeys(lost)),
        )
        return False

    def end(self) -> None:
        """Close without asking: the system or a terminal ends the program."""
        self._was_told_of_end = True
        self.close()


@Slot()
def _load_workspace() -> None:
    """Load every page while the passphrase is tried, which takes a second on another thread.

    On a thread too: loading them here would let the window stand still for half a second.
    """
    name = "fielddoc.gui.workspace"
    threading.Thread(target=import_module, args=(name,), name="loading", daemon=True).start()


_WIPE_KEYS = (Qt.Key.Key_F12, Qt.Key.Key_Control, Qt.Key.Key_Shift)


def _has_key_file(folder: Path) -> bool:
    try:
        return (folder / KEY_FILE).is_file()
    except OSError:
        return False  # a medium that refuses to say


class Banner(QFrame):
    """What went wrong and what to do now, under the bar, until it is closed."""

    def __init__(self, *, can_be_closed: bool = True) -> None:
        super().__init__()
        style.set_role(self, "note")
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * style.GRID, style.GRID, 2 * style.GRID, style.GRID)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.what = QLabel()
        self.what.setWordWrap(True)
        style.set_role(self.what, "error")
        self.what_now = QLabel()
        self.what_now.setWordWrap(True)
        for label in (self.what, self.what_now):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setTextFormat(Qt.TextFormat.PlainText)
            words.addWidget(label)
        row.addLayout(words, 1)
        self.close_button = QPushButton()
        self.close_button.clicked.connect(self.hide)
        self.close_button.setVisible(can_be_closed)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def retranslate(self) -> None:
        """Bring its own words up to date."""
        self.close_button.setText(t_("Close"))

    def show_text(self, what: str, what_now: str) -> None:
        """Show it, and let a screen reader say it."""
        self.what.setText(what)
        self.what_now.setText(what_now)
        self.setAccessibleName(f"{what} {what_now}")
        self.show()


class Foot(QFrame):
    """When was saved, what was just done with Undo, and long work going on."""

    def __init__(self) -> None:
        super().__init__()
        style.set_role(self, "bar")
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * style.GRID, 4, 2 * style.GRID, 4)
        row.setSpacing(2 * style.GRID)
        self.saved = QLabel()
        style.set_role(self.saved, "small")
        row.addWidget(self.saved)
        self.message = QLabel()
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        row.addWidget(self.message)
        self.undo = QPushButton()
        style.set_role(self.undo, "plain")
        self.undo.clicked.connect(self._undo)
        self.undo.hide()
        row.addWidget(self.undo)
        row.addStretch(1)
        self.work = QLabel()
        style.set_role(self.work, "small")
        row.addWidget(self.work)
        self._step: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_MESSAGE_MS)
        self._timer.timeout.connect(self._clear)

    def retranslate(self) -> None:
        """Bring its own words up to date."""
        self.undo.setText(t_("Undo"))

    @Slot(object)
    def show_jobs(self, job: Job) -> None:
        """Say that long work goes on, wherever in the window one is."""
        session = job.parent()
        is_working = isinstance(session, Session) and bool(session.jobs)
        self.work.setText(t_("Working…") if is_working else "")

    def say(self, text: str, undo: Callable[[], None] | None) -> None:
        """Show a sentence for eight seconds."""
        self.message.setText(text)
        self._step = undo
        self.undo.setVisible(undo is not None)
        self._timer.start()

    def show_saved(self, text: str) -> None:
        """Show when something was saved."""
        self.saved.setText(text)

    @Slot()
    def _undo(self) -> None:
        step = self._step
        self._clear()
        if step is not None:
            step()

    @Slot()
    def _clear(self) -> None:
        self.message.clear()
        self._step = None
        self.undo.hide()


def _bar_button() -> QToolButton:
    button = QToolButton()
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button
