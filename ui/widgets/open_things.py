"""Widgets that open over or next to the content. Esc closes them, the innermost first."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class OpenThing:
    """Base class of widgets that Esc closes even if the focus is in a surrounding widget."""

    def close_by_key(self) -> None:
        """Close the widget. The focus stays where it is unless it is inside this widget."""
        raise NotImplementedError


def close_innermost(around: QWidget) -> bool:
    """Close the open widget that is nearest to `around`. Returns whether there was one."""
    ancestor: QWidget | None = around
    while ancestor is not None:
        for each in ancestor.findChildren(QWidget):
            if isinstance(each, OpenThing) and each.isVisible():
                each.close_by_key()
                return True
        ancestor = None if ancestor.isWindow() else ancestor.parentWidget()
    return False
