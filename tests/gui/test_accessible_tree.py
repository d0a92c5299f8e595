"""The tree that a screen reader walks: whatever takes the focus in it says what it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleTableCellInterface

from fielddoc.gui.window import Window
from gui.every_screen import screens
from gui.test_accessibility import window

__all__ = ["window"]

ROWS_LOOKED_AT = 300
"""Rows of a long list are all made by the same model."""


def children(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    for place in range(min(interface.childCount(), ROWS_LOOKED_AT)):
        # Contrary to what PySide6 declares, there need be none.
        child = cast("QAccessibleInterface | None", interface.child(place))
        if child is not None and child.isValid() and not child.state().invisible:
            yield child


def everything_in(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Yield an interface and all below it that is not hidden."""
    yield interface
    for child in children(interface):
        yield from everything_in(child)


def is_behind_the_first_cell(interface: QAccessibleInterface) -> bool:
    """Whether it is a cell that the focus does not come to by itself; it may be empty."""
    cell = cast("QAccessibleTableCellInterface | None", interface.tableCellInterface())
    return cell is not None and cell.columnIndex() > 0


def faults(window: Window) -> tuple[int, list[str]]:
    """Return how many take the focus, and those that do not say well what they are."""
    top = QAccessible.queryAccessibleInterface(window)
    assert top is not None
    focusable, found = 0, []
    for interface in everything_in(top):
        if not interface.state().focusable:
            continue
        focusable += 1
        name, role = interface.text(QAccessible.Text.Name), interface.role()
        here = f"{type(interface.object()).__name__}, {role.name}"
        if role is QAccessible.Role.NoRole:
            found.append(f"{here}: no role, {name!r}")
        if not name and not is_behind_the_first_cell(interface):
            found.append(f"{here}: no name")
        if name and not any(character.isalnum() for character in name):
            found.append(f"{here}: only a symbol, {name!r}")
    return focusable, found


def test_whatever_takes_the_focus_on_any_screen_has_a_name_and_a_role(
    window: Window, tmp_path: Path
) -> None:
    found: list[str] = []
    for screen in screens(window, tmp_path):
        assert window.isActiveWindow(), f"{screen}: the window lost the keyboard"
        focusable, here = faults(window)
        assert focusable >= 3, f"{screen}: the tree was not walked"
        found += [f"{screen}: {fault}" for fault in here]
    assert found == []
