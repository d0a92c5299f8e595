"""The line that shows which steps there are, which are done and on which one is."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from fielddoc.gui import style
from fielddoc.i18n import t_


class StepLine(QWidget):
    """Names of steps in their order; the present one is marked by weight and by words."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * style.GRID)
        self._names = tuple(names)
        self._labels = [QLabel() for _ in names]
        for label in self._labels:
            row.addWidget(label)
        row.addStretch(1)
        self.show_step(0)

    def show_step(self, number: int) -> None:
        """Mark a step as the one where the person is."""
        for place, (label, name) in enumerate(zip(self._labels, self._names, strict=True)):
            mark = "✓" if place < number else str(place + 1)
            label.setText(f"{mark}  {name}")
            style.set_role(label, "step-now" if place == number else "quiet")
        words = t_("Step {number} of {count}: {name}")
        self.setAccessibleName(
            words.format(number=number + 1, count=len(self._names), name=self._names[number])
        )
