"""The order in which Tab goes through the window: part by part as they are read, whenever their controls were made.

Qt's own chain follows the order of making, and loses controls where one with a focus proxy is moved in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLayout, QScrollArea, QWidget


def step(parts: Iterable[QWidget], *, onwards: bool) -> QWidget | None:
    """Put the keyboard on the next control of these parts, or the one before; None where it is in none of them."""
    focused = QApplication.focusWidget()
    controls = [each for part in parts for each in controls_of(part)]
    if focused not in controls or len(controls) < 2:
        return None
    reason = Qt.FocusReason.TabFocusReason if onwards else Qt.FocusReason.BacktabFocusReason
    chosen = controls[(controls.index(focused) + (1 if onwards else -1)) % len(controls)]
    chosen.setFocus(reason)
    around = chosen.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(chosen)
        around = around.parentWidget()
    return chosen


def controls_of(part: QWidget) -> list[QWidget]:
    """What Tab comes to in a part, as it is drawn."""
    return [
        each
        for each in _drawn(part)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.isVisible()
        and each.isEnabled()
        and each.focusProxy() is None
    ]


def _drawn(part: QWidget) -> Iterator[QWidget]:
    """All that is in a part: what its layouts hold in their order, then what lies over that, as its children lie."""
    layout = part.layout()
    laid_out = [*_laid_out(layout)] if layout is not None else []
    known = set(laid_out)
    for each in (*laid_out, *(child for child in part.children() if child not in known)):
        if isinstance(each, QWidget):
            yield each
            yield from _drawn(each)


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for number in range(layout.count()):
        item = layout.itemAt(number)
        widget, inner = (item.widget(), item.layout()) if item is not None else (None, None)
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _laid_out(inner)
