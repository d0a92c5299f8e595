"""The way of the Tab key: through everything that takes it, in the order in which it is seen.

Qt's own chain follows the order in which widgets were made. Here lines, cards and chips come and
go, and a chain mended at each of these places would go wrong at the first that is forgotten.
"""

from collections.abc import Callable, Sequence
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget


def stops(root: QWidget, also: QWidget | None = None) -> list[QWidget]:
    """Return what Tab stops at in `root`, in the order of reading.

    Of radio buttons that belong together only the chosen one, or the first if none is: the arrows
    lead to the others.

    Args:
        root: where to look.
        also: a widget that is listed in its place although it may be hidden or disabled by now.
    """
    found: list[QWidget] = []
    chosen_in: dict[QButtonGroup | QWidget | None, QRadioButton] = {}
    for widget in _in_order(root, also):
        if isinstance(widget, QRadioButton) and widget is not also:
            group = group_of(widget)
            before = chosen_in.setdefault(group, widget)
            if before is not widget:
                if widget.isChecked():
                    found[found.index(before)] = widget
                    chosen_in[group] = widget
                continue
        found.append(widget)
    return found


def group_of(button: QRadioButton) -> QButtonGroup | QWidget | None:
    """Return what a radio button shares with those of which one at a time is chosen."""
    group = cast("QButtonGroup | None", button.group())  # Qt's declaration leaves out the None
    return group or button.parentWidget()


def step(
    root: QWidget,
    focused: QWidget | None,
    *,
    is_forward: bool,
    only_by_key: Sequence[QWidget] = (),
) -> bool:
    """Move the focus to the next stop in `root` or the one before, going round at the ends.

    Qt asks for this too when what has the focus is hidden or disabled.

    Args:
        root: where to look.
        focused: what has the focus.
        is_forward: whether to go on, not back.
        only_by_key: what is passed over when the focus was taken away and nobody pressed Tab: a
            person who goes on with Space or Enter must not press these unaware.
    """
    places = stops(root, focused)
    if focused is not None and not (focused.isVisible() and focused.isEnabled()):
        allowed = [place for place in places if place not in only_by_key]
        places = allowed if any(place is not focused for place in allowed) else places
    if not any(place is not focused for place in places):
        return False
    reason = Qt.FocusReason.TabFocusReason if is_forward else Qt.FocusReason.BacktabFocusReason
    number = next((n for n, place in enumerate(places) if place is focused), None)
    if number is None:
        wanted = places[0] if is_forward else places[-1]
    else:
        wanted = places[(number + (1 if is_forward else -1)) % len(places)]
    wanted.setFocus(reason)
    return True


def _in_order(widget: QWidget, also: QWidget | None) -> list[QWidget]:
    takes_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    is_stop = takes_tab and widget.isEnabled() and widget.focusProxy() is None
    own = [widget] if is_stop or widget is also else []
    inside = {
        child: _in_order(child, also)
        for child in widget.children()
        if isinstance(child, QWidget)
        and (child.isVisible() or child is also)
        and not child.isWindow()
    }
    is_mirrored = widget.layoutDirection() is Qt.LayoutDirection.RightToLeft
    # What only lies between them, such as the handle of a splitter, is left out beforehand.
    read = _as_read([child for child, found in inside.items() if found], is_mirrored=is_mirrored)
    return [*own, *(found for child in read for found in inside[child])]


def _as_read(widgets: Sequence[QWidget], *, is_mirrored: bool) -> list[QWidget]:
    """Return neighbours in the order in which they are read: rows, in each its columns, and so on.

    By where they are, not by Qt's layouts: asking a layout for its items from Python takes a
    layout of ours that lies in it apart as soon as the answer is forgotten.
    """
    if len(widgets) < _LEAST_TO_SORT:
        return list(widgets)
    rows = _cut(widgets, lambda w: (w.y(), w.y() + w.height()))
    if len(rows) > 1:
        return [widget for row in rows for widget in _as_read(row, is_mirrored=is_mirrored)]
    columns = _cut(widgets, lambda w: (w.x(), w.x() + w.width()))
    if len(columns) > 1:
        in_order = reversed(columns) if is_mirrored else columns
        return [w for column in in_order for w in _as_read(column, is_mirrored=is_mirrored)]
    return sorted(widgets, key=lambda w: (w.y(), w.x()))


def _cut(
    widgets: Sequence[QWidget], span: Callable[[QWidget], tuple[int, int]]
) -> list[list[QWidget]]:
    """Return groups between which nothing lies, by the spans that the widgets take up."""
    groups: list[list[QWidget]] = []
    end = 0
    for widget in sorted(widgets, key=span):
        first, last = span(widget)
        if not groups or first >= end:
            groups.append([])
            end = last
        groups[-1].append(widget)
        end = max(end, last)
    return groups


_LEAST_TO_SORT = 2
