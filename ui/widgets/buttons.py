"""Push buttons with a theme role and an accessible name."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton


def button(text: str, role: str = "", name: str = "", *, by_enter: bool = False) -> QPushButton:
    """Return a button. Its accessible name is its text unless `name` is given.

    With `by_enter`, Enter presses the button when it has the focus. Otherwise, Enter in a dialog presses only the
    default button.
    """
    pushed = QPushButton(text)
    pushed.setAccessibleName(name or text)
    pushed.setAutoDefault(by_enter)
    if role:
        pushed.setProperty("role", role)
    return pushed


def pressed_by_enter(event: QKeyEvent) -> bool:
    """Press the focused button if the key is Enter, as Space would. Returns whether the key was handled."""
    plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    button = QApplication.focusWidget()
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not plain or not isinstance(button, QAbstractButton):
        return False
    button.click()
    return True


class _ArrowsStay(QObject):
    """Event filter that consumes arrow keys."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Consume the arrow keys, which Qt would use to move the focus."""
        arrows = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in arrows:
            return True
        return super().eventFilter(watched, event)


def keep_arrows(button: QAbstractButton) -> None:
    """Prevent arrow keys on a button from moving the focus to a neighboring widget, where they could change a value."""
    button.installEventFilter(_ArrowsStay(button))
