"""Button that shows a command's shortcut and records a new one when pressed."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from ui.base.strings import tr
from ui.widgets.announcement import announce

_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)
_CLEARING = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)


class KeysButton(QPushButton):
    """Button that records a shortcut.

    Esc cancels, Backspace removes the shortcut; keys that type a letter are rejected.
    """

    recorded = Signal(QKeySequence)
    """Emitted with the new shortcut, which is empty if it was removed."""

    def __init__(self, command: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._command = command
        self._keys = QKeySequence()
        self._records = False
        self.setProperty("role", "keys")
        self.clicked.connect(self._begin)
        self.show_keys(self._keys)

    @property
    def records(self) -> bool:
        """Whether the button is waiting for keys."""
        return self._records

    def show_keys(self, keys: QKeySequence) -> None:
        """Show a shortcut and stop recording."""
        self._keys, self._records = keys, False
        self.setText(keys.toString(QKeySequence.SequenceFormat.NativeText) or tr("none"))
        self.setAccessibleName(tr("Shortcut for {command}", command=self._command))
        self.setAccessibleDescription(self.text())

    def event(self, event: QEvent) -> bool:
        """Receive all keys while recording, even the shortcuts of other commands."""
        if self._records and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if self._records and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            self._pressed(event)
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Stop recording without changing the shortcut."""
        if self._records:
            self.show_keys(self._keys)
        super().focusOutEvent(event)

    @Slot()
    def _begin(self) -> None:
        self._records = True
        self.setFocus()
        self.setText(tr("Press keys…"))
        self.setAccessibleDescription(self.text())
        announce(self, self.text())

    def _pressed(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in _MODIFIERS or key == Qt.Key.Key_unknown:
            return
        if key == Qt.Key.Key_Escape and not modifiers:
            self.show_keys(self._keys)
        elif key in _CLEARING and not modifiers:
            self._give(QKeySequence())
        elif modifiers & ~Qt.KeyboardModifier.ShiftModifier or Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35:
            self._give(QKeySequence(QKeyCombination(modifiers, key)))

    def _give(self, keys: QKeySequence) -> None:
        self.show_keys(self._keys)
        self.recorded.emit(keys)
