"""Which language the window speaks: its own words, those of Qt, and the side that one reads from."""

import os
from pathlib import Path

import PySide6
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from fielddoc.gui import style
from fielddoc.i18n import is_read_from_right, language_of_system

_NAME = "fielddoc_words_of_qt"


def use_language(code: str) -> None:
    """Let everything that is shown from now on be in a language.

    Args:
        code: one of `fielddoc.i18n.LANGUAGES`; empty for that of the system.
    """
    if code:
        os.environ["LANGUAGE"] = code
    use_words_of_qt()
    use_direction()


def use_direction() -> None:
    """Let the window be read from the side from which the person's language is read.

    Qt itself would follow the translation of its own words only, and has none in Uyghur.
    """
    application = QCoreApplication.instance()
    if isinstance(application, QApplication):
        right = Qt.LayoutDirection.RightToLeft
        left = Qt.LayoutDirection.LeftToRight
        style.read_from(application, right if is_read_from_right() else left)


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
