"""Writes pictures of every screen to docs/screenshots: `make screenshots`.

English and 简体中文, light and dark, and once mirrored as for a language written from the right.
The vault in them is invented (tests/gui/showcase.py).
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
# The usual screen of this platform is narrower than the window, and menus would stand elsewhere.
with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as config:
    screen = {"name": "screen", "x": 0, "y": 0, "width": 1366, "height": 768, "dpr": 1}
    dots = {"logicalDpi": 96, "logicalBaseDpi": 96}
    json.dump({"screens": [{**screen, **dots}]}, config)
os.environ.setdefault("QT_QPA_PLATFORM", f"offscreen:configfile={config.name}")
os.environ["TZ"] = "UTC"

from PySide6.QtCore import QPoint, Qt  # noqa: E402
from PySide6.QtGui import QImage, QPainter  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from fielddoc.crypto import kdf  # noqa: E402
from fielddoc.gui import style  # noqa: E402
from fielddoc.gui.language import use_language  # noqa: E402
from fielddoc.gui.preferences import Preferences  # noqa: E402
from fielddoc.gui.window import Window  # noqa: E402
from gui.every_screen import screens  # noqa: E402

SETS = (
    ("en-light", "en", False),
    ("en-dark", "en", True),
    ("zh-light", "zh_CN", False),
    ("zh-dark", "zh_CN", True),
    ("mirrored", "ug", False),
)
SIZE = (1366, 768)


def main() -> int:
    """Write them all."""
    parser = argparse.ArgumentParser(description="Write pictures of every screen.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--only", nargs="+", choices=[name for name, *_ in SETS])
    parser.add_argument("--text", type=int, default=100, help="size of text in per cent")
    options = parser.parse_args()
    application = QApplication(["fielddoc"])
    application.setCursorFlashTime(0)
    Path(config.name).unlink()  # it was read when the application was made
    # These vaults live for a minute and hold nothing, so their keys need not be slow to guess.
    kdf.FLOOR = kdf.STANDARD = kdf.Cost(memory_kib=64, passes=1, lanes=1)
    kdf.TARGET_SECONDS = 0.001
    for name, language, dark in SETS:
        if options.only and name not in options.only:
            continue
        use_language(language)
        style.apply(application, dark=dark, text_percent=options.text)
        count = _write(options.out / name, dark=dark, text_percent=options.text)
        print(f"{name}: {count} pictures", flush=True)
    return 0


def _write(folder: Path, *, dark: bool, text_percent: int) -> int:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    work = _made_folder()
    window = Window(hold_ms=50)
    window.relaunch = lambda _: None
    window.resize(*SIZE)
    window.show()
    count = 0
    preferences = Preferences(
        language=os.environ["LANGUAGE"],
        appearance="dark" if dark else "light",
        text_percent=text_percent,
    )
    try:
        for name in screens(window, work, preferences):
            _small(_seen(window)).save(str(folder / f"{name}.png"), None, 0)
            count += 1
    finally:
        if window.session is not None:
            window.session.close(10)
            window.session = None
        window.panic.disarm()
        window.close()
        window.deleteLater()
        shutil.rmtree(work, ignore_errors=True)
    return count


def _seen(window: Window) -> QImage:
    """Return the window with the menus and lists of choices that are open over it."""
    image = window.grab()
    painter = QPainter(image)
    for popup in QApplication.topLevelWidgets():
        if popup.isVisible() and popup.windowType() is Qt.WindowType.Popup:
            painter.drawPixmap(window.mapFromGlobal(popup.mapToGlobal(QPoint(0, 0))), popup.grab())
    painter.end()
    return image.toImage()


def _made_folder() -> Path:
    """Return an empty folder whose path looks on the pictures like one that somebody would have."""
    wanted = Path(tempfile.gettempdir()) / "usb"
    try:
        wanted.mkdir(mode=0o700)
    except FileExistsError:
        return Path(tempfile.mkdtemp(prefix="usb-"))
    return wanted


def _small(image: QImage) -> QImage:
    """Return the picture in its 256 commonest colours, which is enough for a flat design."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    common = Counter(memoryview(plain.constBits()).cast("I")).most_common(256)
    table = [colour for colour, _ in common]
    flags = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
    return plain.convertToFormat(QImage.Format.Format_Indexed8, table, flags)


if __name__ == "__main__":
    sys.exit(main())
