"""What opens over or beside what is read, and closes by Esc: the innermost first, seen from where the keyboard is."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class OpenThing:
    """Base of a widget that Esc closes also where the keyboard is in something around it."""

    def close_by_key(self) -> None:
        """Close, and leave the keyboard where it is unless it is in here."""
        raise NotImplementedError


def close_innermost(around: QWidget) -> bool:
    """Close what is open in the nearest widget around this one that holds such a thing; whether there was any."""
    place: QWidget | None = around
    while place is not None:
        for each in place.findChildren(QWidget):
            if isinstance(each, OpenThing) and each.isVisible():
                each.close_by_key()
                return True
        place = None if place.isWindow() else place.parentWidget()
    return False
