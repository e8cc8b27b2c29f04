"""Keys that type or paste. If nothing else handles them, they go to a prompt field."""

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

    On Windows, AltGr arrives as Control and Alt together.
    """
    if event.matches(QKeySequence.StandardKey.Paste):
        return True
    text, held = event.text(), event.modifiers() & _COMMANDS
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return bool(text) and text.isprintable() and not text.isspace() and held in (Qt.KeyboardModifier.NoModifier, both)


def hand_on(event: QKeyEvent, field: QWidget) -> None:
    """Focus a field and type a key into it."""
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    typed = _copied(event)
    # Called directly: sendEvent would pass ignored keys up to the parents they came from.
    field.event(typed)
    event.accept()


class HeldKeys(QObject):
    """Buffers typing while the target field is being prepared."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held: list[QKeyEvent] = []
        self._from: QWidget | None = None
        self._field: QWidget | None = None

    def hold(self, keyboard: QWidget, field: QWidget) -> None:
        """Buffer what is typed in `field` or at the current focus, unless that is another text field."""
        self._stop()
        if keyboard is field or not isinstance(keyboard, (QLineEdit, QPlainTextEdit)):
            self._from, self._field = keyboard, field
            keyboard.installEventFilter(self)

    def release(self, field: QWidget) -> None:
        """Focus a field and type the buffered keys into it."""
        self._stop()
        held, self._held = self._held, []
        for event in held:
            hand_on(event, field)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Buffer typed keys, and editing keys after the first one."""
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
