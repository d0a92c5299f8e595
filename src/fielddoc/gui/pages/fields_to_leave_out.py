"""Which fields stay when records leave, for both kinds of export."""

from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.domain.schema import Kind
from fielddoc.gui import style
from fielddoc.i18n import t_, translate


class FieldsToLeaveOut(QWidget):
    """A button, and below it, once it is pressed, a box for each field that may leave."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.GRID)
        self.button = QPushButton(t_("Leave out fields…"))
        self.button.setCheckable(True)
        self.button.setIcon(style.icon("chevron-down"))
        line = QHBoxLayout()
        line.addWidget(self.button)
        line.addStretch(1)
        column.addLayout(line)
        self.fields = QFrame()
        style.set_role(self.fields, "card")
        self.boxes: dict[str, QCheckBox] = {}
        self._fill()
        self.fields.hide()
        self.button.toggled.connect(self.fields.setVisible)
        column.addWidget(self.fields)

    def _fill(self) -> None:
        grid = QGridLayout(self.fields)
        edge = 2 * style.GRID
        grid.setContentsMargins(edge, edge, edge, edge)
        row = 0
        for declared in RECORD_TYPES:
            heading = QLabel(translate(declared.plural))
            style.set_role(heading, "quiet")
            grid.addWidget(heading, row, 0, 1, 2)
            row += 1
            kept = [f for f in declared.fields if f.kind is not Kind.SEALED]
            for place, field in enumerate(f for f in kept if "_words" not in f.name):
                box = QCheckBox(translate(field.label))
                self.boxes[f"{declared.name}.{field.name}"] = box
                grid.addWidget(box, row + place // 2, place % 2)
            row += (len(kept) + 1) // 2

    def left_out(self) -> frozenset[str]:
        """Return the dotted names of fields that stay; a date's words stay with it."""
        names = {name for name, box in self.boxes.items() if box.isChecked()}
        return frozenset(names | {f"{name}_words" for name in names if _has_words(name)})


def _has_words(name: str) -> bool:
    type_name, _, field_name = name.partition(".")
    declared = next(one for one in RECORD_TYPES if one.name == type_name)
    return declared.field(f"{field_name}_words") is not None
