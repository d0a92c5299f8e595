"""Starting the window: what must be done before Qt starts, then the first screen."""

import os
import signal
import sys

from fielddoc.gui import failure_hook, hardening, remembered
from fielddoc.gui.relaunch import RESUME, Resume, folder_of, read_resume


def main(arguments: list[str]) -> int:
    """Open the window and return the exit status when it is closed.

    Args:
        arguments: `--resume` alone means that a locked process left word on standard input.
    """
    failure_hook.install()
    hardening.before_qt()
    resume = read_resume() if arguments == [RESUME] else _remembered()
    if resume.language:
        os.environ["LANGUAGE"] = resume.language
    return _run(resume)


def _remembered() -> Resume:
    """Return where the person asked to start, if they ever did."""
    kept = remembered.read()
    if kept is None:
        return Resume()
    return Resume(folder=kept.folder, language=kept.language)


def _run(resume: Resume) -> int:
    # Qt is imported only after the hardening, which some of its start-up code would miss.
    from PySide6.QtCore import QTimer  # noqa: PLC0415
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from fielddoc.gui import style  # noqa: PLC0415
    from fielddoc.gui.language import use_language  # noqa: PLC0415
    from fielddoc.gui.window import SALVAGE, Window  # noqa: PLC0415

    hardening.before_application()
    # Each call of Qt gives Python's lock away and waits so long for it again, while a job works in
    # pure Python. Measured, longest stall while importing: 1 ms 140 ms, 0.2 ms 55 ms.
    sys.setswitchinterval(0.0002)
    application = QApplication(["fielddoc"])
    application.setApplicationName("fielddoc")
    application.setQuitOnLastWindowClosed(True)
    application.setCursorFlashTime(0)  # nothing blinks
    use_language("")
    dark = style.system_is_dark(application) if resume.is_dark is None else resume.is_dark
    style.apply(application, dark=dark, text_percent=resume.text_percent)
    window = Window(resume=resume)
    if resume.geometry is not None:
        window.setGeometry(*resume.geometry)
    folder = folder_of(resume)
    if folder is None:
        window.show_start()
    elif resume.page == SALVAGE:
        window.show_salvage(folder)
    else:
        window.show_unlock(folder)
    if resume.is_minimized:
        window.showMinimized()
    elif resume.is_maximized:
        window.showMaximized()
    else:
        window.show()
    # Python looks at signals only while it runs: this lets Ctrl+C and SIGTERM close the window.
    ticking = QTimer()
    ticking.start(250)
    ticking.timeout.connect(_nothing)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.end())
    return application.exec()


def _nothing() -> None:
    return
