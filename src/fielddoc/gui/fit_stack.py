"""A stack of pages that is as high as the page it shows, not as the highest of all."""

from PySide6.QtWidgets import QVBoxLayout, QWidget


class FitStack(QWidget):
    """Shows one of its pages, for use inside something that scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._pages: list[QWidget] = []
        self._current = 0

    def add_page(self, page: QWidget) -> None:
        """Add a page; the first one is shown."""
        self._pages.append(page)
        self._column.addWidget(page)
        page.setVisible(len(self._pages) == 1)

    @property
    def current(self) -> int:
        """The number of the page that is shown."""
        return self._current

    def show_page(self, number: int) -> None:
        """Show a page."""
        self._current = number
        for place, page in enumerate(self._pages):
            page.setVisible(place == number)
