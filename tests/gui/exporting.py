"""Going through the steps of an export up to where it would be written."""

from pathlib import Path

from fielddoc.gui.pages.export import CHECK, WHERE, ExportPage
from gui.opened import Opened


def ready_to_write(hands: Opened, stick: Path, *, is_complete: bool = True) -> ExportPage:
    """Choose everything, or all records with their files, for oneself, and the stick."""
    stick.mkdir(exist_ok=True)
    page = hands.export
    (page.what.complete if is_complete else page.what.with_attachments).setChecked(True)
    page.go_on()
    page.whom.to_self.setChecked(True)
    page.go_on()
    hands.until(lambda: page.step == CHECK)
    page.go_on()
    assert page.step == WHERE
    page.where.line.setText(str(stick))
    return page
