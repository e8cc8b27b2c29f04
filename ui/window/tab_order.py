"""Tab order of the window. It is the reading order, whatever the order in which widgets were created.

Qt's own tab order follows creation, and loses controls when one that has a focus proxy is moved in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLayout, QScrollArea, QWidget


def step(parts: Iterable[QWidget], *, onwards: bool) -> QWidget | None:
    """Focus the next or previous control in these parts. Returns None if the focus is in none of the parts."""
    focused = QApplication.focusWidget()
    if focused is None or not focused.isVisible():  # what is being hidden passes the keyboard on, many times a second
        return None
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
    """Return the controls of a part that can have the focus, in visual order."""
    return [
        each
        for each in _drawn(part)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.isVisible()
        and each.isEnabled()
        and each.focusProxy() is None
    ]


def _drawn(part: QWidget) -> Iterator[QWidget]:
    """Yield all widgets in a part: first those in layouts, then children that overlap others."""
    layout = part.layout()
    children = [child for child in part.children() if isinstance(child, QWidget)]
    laid_out = [*_laid_out(layout, children)] if layout is not None else []
    known = set(laid_out)
    for each in (*laid_out, *(child for child in children if child not in known)):
        yield each
        yield from _drawn(each)


def _laid_out(layout: QLayout, children: Sequence[QWidget]) -> Iterator[QWidget]:
    """Yield the widgets in a layout, in their order.

    Looking up widgets in the layout avoids creating Python objects for its items.
    """
    inner = [each for each in layout.children() if isinstance(each, QLayout)]
    held = [(layout.indexOf(each), each) for each in (*children, *inner)]
    for _, each in sorted((pair for pair in held if pair[0] >= 0), key=lambda pair: pair[0]):
        if isinstance(each, QLayout):
            yield from _laid_out(each, children)
        else:
            yield each
