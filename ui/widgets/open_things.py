"""Widgets that open over or beside the content and close with Esc, the innermost first."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class OpenThing:
    """Base of a widget that Esc closes even if a surrounding widget has the focus."""

    def close_by_key(self) -> None:
        """Close, and keep the focus unless it is inside this widget."""
        raise NotImplementedError


def close_innermost(around: QWidget) -> bool:
    """Close the open widget nearest to `around`. Returns whether there was one."""
    ancestor: QWidget | None = around
    while ancestor is not None:
        for each in ancestor.findChildren(QWidget):
            if isinstance(each, OpenThing) and each.isVisible():
                each.close_by_key()
                return True
        ancestor = None if ancestor.isWindow() else ancestor.parentWidget()
    return False
