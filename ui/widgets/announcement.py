"""Announcements to screen readers of changes that do not move the focus."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, said: str) -> None:
    """Announce a sentence about a widget at once, if a screen reader is active."""
    if said.strip() and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, said.strip()))
