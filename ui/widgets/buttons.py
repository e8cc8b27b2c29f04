"""Push buttons with a role in the theme and a name for screen readers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton


def button(text: str, role: str = "", name: str = "", *, by_enter: bool = False) -> QPushButton:
    """A button, called by its text where no name is given.

    With `by_enter` Enter presses it where it has the keyboard; without, Enter in a dialog's field presses none but the
    default one.
    """
    pushed = QPushButton(text)
    pushed.setAccessibleName(name or text)
    pushed.setAutoDefault(by_enter)
    if role:
        pushed.setProperty("role", role)
    return pushed


def pressed_by_enter(event: QKeyEvent) -> bool:
    """Press the button that has the keyboard, as Space does; whether there was one, and the key was Enter alone."""
    plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    button = QApplication.focusWidget()
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not plain or not isinstance(button, QAbstractButton):
        return False
    button.click()
    return True
