"""The prompts of a suite that is made: a field each, with a button for another."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.strings import tr
from ui.widgets.buttons import button
from ui.widgets.text_field import TextField

_HEIGHT = 84


class PromptEditors(QWidget):
    """At least one field. What is empty counts for nothing."""

    changed = Signal()
    """A prompt is another one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: list[TextField] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        more = button(tr("+ Prompt"))
        more.clicked.connect(self._add_another)
        line = QHBoxLayout()
        line.addWidget(more)
        line.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(self._column)
        whole.addLayout(line)
        self._add("")

    def prompts(self) -> list[str]:
        """What is typed, field by field."""
        return [text for each in self._fields if (text := each.toPlainText()).strip()]

    def show_prompts(self, prompts: Sequence[str]) -> None:
        """Show these."""
        while self._fields:
            gone = self._fields.pop()
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for each in prompts or [""]:
            self._add(each)
        self.changed.emit()

    @Slot()
    def _add_another(self) -> None:
        self._add("").setFocus()

    def _add(self, text: str) -> TextField:
        field = TextField(text, self)
        field.setAccessibleName(tr("Prompt {number}", number=len(self._fields) + 1))
        field.setPlaceholderText(tr("Reply to this customer: {{mail}}"))
        field.setProperty("role", "prose")
        field.setTabChangesFocus(True)
        field.setFixedHeight(_HEIGHT)
        field.textChanged.connect(self.changed)
        self._fields.append(field)
        self._column.addWidget(field)
        return field
