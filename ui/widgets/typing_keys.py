"""Keys that type or paste something. If no widget handles them, a prompt field receives them."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget
from shiboken6 import isValid

_FOLLOW = (Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


def is_typed(event: QKeyEvent) -> bool:
    """Whether a key types or pastes something.

    On Windows, AltGr is reported as Control and Alt together.
    """
    if event.matches(QKeySequence.StandardKey.Paste):
        return True
    text, held = event.text(), event.modifiers() & _COMMANDS
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return bool(text) and text.isprintable() and not text.isspace() and held in (Qt.KeyboardModifier.NoModifier, both)


def hand_on(event: QKeyEvent, field: QWidget) -> None:
    """Focus a field and send a key to it."""
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    typed = _copied(event)
    # Called directly, because sendEvent would pass ignored keys to the parents they came from.
    field.event(typed)
    event.accept()


class HeldKeys(QObject):
    """Buffers typed keys while the field for them is being prepared."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held: list[QKeyEvent] = []
        self._from: QWidget | None = None
        self._field: QWidget | None = None

    def hold(self, keyboard: QWidget, field: QWidget) -> None:
        """Start buffering keys typed in `field` or at the current focus, unless that is another text field."""
        self._stop()
        if keyboard is field or not isinstance(keyboard, (QLineEdit, QPlainTextEdit)):
            self._from, self._field = keyboard, field
            keyboard.installEventFilter(self)

    def release(self, field: QWidget) -> None:
        """Focus a field and send the buffered keys to it."""
        self._stop()
        held, self._held = self._held, []
        for event in held:
            hand_on(event, field)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Buffer keys that type something, and after the first one also keys that edit."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        blank = event.text() == " " and watched is self._field
        follows = bool(self._held) and event.key() in _FOLLOW and not event.modifiers() & _COMMANDS
        if is_typed(event) or blank or follows:
            self._held.append(_copied(event))
            return True
        return False

    def _stop(self) -> None:
        if self._from is not None and isValid(self._from):
            self._from.removeEventFilter(self)
        self._from = self._field = None


def _copied(event: QKeyEvent) -> QKeyEvent:
    return QKeyEvent(event.type(), event.key(), event.modifiers(), event.text(), event.isAutoRepeat(), event.count())
