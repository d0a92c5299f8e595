"""Every shortcut of the window, once: the window connects them and the help lists them."""

from dataclasses import dataclass

from fielddoc.i18n import N_


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Keys in Qt's form, and what they do."""

    keys: str
    words: str


HIDE = Shortcut("Ctrl+Shift+H", N_("Hide: minimise and lock at once"))
LOCK = Shortcut("Ctrl+L", N_("Lock"))
WIPE = Shortcut("Ctrl+Shift+F12", N_("Hold for three seconds: destroy the vault for ever"))
SEARCH = Shortcut("Ctrl+F", N_("Search"))
NEW = Shortcut("Ctrl+N", N_("New record of the kind that is listed"))
UNDO_ACTION = Shortcut("Ctrl+Alt+Z", N_("Take the last action back: adding, deleting, merging …"))
HELP = Shortcut("F1", N_("Help for this page"))
KEYS = Shortcut("Ctrl+/", N_("This list"))

PAGES: tuple[tuple[str, Shortcut], ...] = (
    ("records", Shortcut("Ctrl+1", N_("Records"))),
    ("partners", Shortcut("Ctrl+2", N_("Partners"))),
    ("export", Shortcut("Ctrl+3", N_("Export"))),
    ("import", Shortcut("Ctrl+4", N_("Import"))),
    ("settings", Shortcut("Ctrl+5", N_("Settings"))),
    ("agenda", Shortcut("Ctrl+6", N_("Agenda"))),
)

SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("Esc Esc", N_("Hide: minimise and lock at once")),
    HIDE,
    LOCK,
    WIPE,
    SEARCH,
    NEW,
    *(shortcut for _, shortcut in PAGES),
    Shortcut("Ctrl+S", N_("Save a version now; it is also saved when you leave the record")),
    Shortcut("Ctrl+Z", N_("Undo")),
    Shortcut("Ctrl+Shift+Z", N_("Redo")),
    UNDO_ACTION,
    Shortcut("Del", N_("Move the chosen records to the trash")),
    Shortcut("Ctrl+V", N_("On the page Files: add files or a picture from the clipboard")),
    Shortcut("Ctrl+Return", N_("On the page Export: the next step")),
    HELP,
    KEYS,
)
