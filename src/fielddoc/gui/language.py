"""Which language the window speaks: its own words and those of Qt, in dialogs and menus of fields."""

import os
from pathlib import Path

import PySide6
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from fielddoc.i18n import language_of_system

_NAME = "fielddoc_words_of_qt"


def use_language(code: str) -> None:
    """Let everything that is shown from now on be in a language.

    Args:
        code: one of `fielddoc.i18n.LANGUAGES`; empty for that of the system.
    """
    if code:
        os.environ["LANGUAGE"] = code
    use_words_of_qt()


def use_words_of_qt() -> None:
    """Let Qt draw its own dialogs and menus in the language of the window."""
    application = QCoreApplication.instance()
    if application is None:
        return
    language = language_of_system()
    QLocale.setDefault(QLocale(language))
    before = application.findChild(QTranslator, _NAME)
    if before is not None:
        application.removeTranslator(before)
        before.setObjectName("")
        before.deleteLater()
    translator = QTranslator(application)
    translator.setObjectName(_NAME)
    if any(translator.load(f"qtbase_{language}", str(folder)) for folder in _folders()):
        application.installTranslator(translator)


def _folders() -> tuple[Path, ...]:
    """Return where Qt's translations may lie; a frozen program does not know it by itself."""
    package = Path(PySide6.__file__).parent
    known = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    return (known, package / "Qt" / "translations", package / "translations")
