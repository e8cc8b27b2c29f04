"""Keys that type a character: wherever nothing else takes them, they are meant for a prompt."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


def is_typed(event: QKeyEvent) -> bool:
    """Whether a key types something that is seen: no command, no control character, no blank.

    AltGr, which types in many layouts, comes as Control and Alt at once on Windows.
    """
    text, held = event.text(), event.modifiers() & _COMMANDS
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return bool(text) and text.isprintable() and not text.isspace() and held in (Qt.KeyboardModifier.NoModifier, both)


def hand_on(event: QKeyEvent, field: QWidget) -> None:
    """Type a key into a field, which gets the keyboard."""
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    typed = QKeyEvent(event.type(), event.key(), event.modifiers(), event.text(), event.isAutoRepeat(), event.count())
    # Not sent: what the field leaves would go up to its parents, and from those it came.
    field.event(typed)
    event.accept()
