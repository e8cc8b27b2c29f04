"""Push buttons with a role in the theme and a name for screen readers."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
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


class _ArrowsStay(QObject):
    """An event filter."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what Qt would go on with."""
        arrows = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in arrows:
            return True
        return super().eventFilter(watched, event)


def keep_arrows(button: QAbstractButton) -> None:
    """Let arrow keys go nowhere from a button: Qt goes to whatever stands next, and there they change what is set."""
    button.installEventFilter(_ArrowsStay(button))
