"""Question inside a page, with buttons for the answers, instead of a popup."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.widgets.labels import Role, label
from ui.widgets.paragraph import Paragraph

Answer = tuple[str, str, Callable[[], None]]
"""Text of a button, its role in the style sheet (empty for a plain button), and the function that it calls."""


class InlineQuestion(QFrame):
    """Card that is hidden until it asks something. It takes the focus and gives it back at the end."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._no: Callable[[], None] | None = None
        self.setProperty("role", "card")
        self.setAccessibleName(name)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(8)
        self._content: QWidget | None = None
        self._before: QWidget | None = None
        """What had the keyboard when it was asked."""
        self.hide()

    def ask(
        self,
        title: str,
        sentences: Sequence[str],
        answers: Sequence[Answer],
        extra: QWidget | None = None,
        *,
        no: Callable[[], None] | None = None,
    ) -> None:
        """Show a question in place of the previous one. `extra` is shown between the sentences and the buttons.

        Esc calls `no`; if there is no such function, Esc is left to the parent.
        """
        self.clear()
        self._before, self._no = QApplication.focusWidget(), no
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(title, "strong"))
        for sentence in sentences:
            column.addWidget(_said(sentence, "muted"))
        if extra is not None:
            column.addWidget(extra)
        row = QHBoxLayout()
        row.setSpacing(8)
        buttons = [_button(*answer) for answer in answers]
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self._content = content
        self._column.addWidget(content)
        self.setAccessibleDescription(" ".join((title, *sentences)))
        self.show()
        (extra if extra is not None and extra.focusPolicy() else buttons[-1]).setFocus()
        QTimer.singleShot(0, self, self._come_into_view)  # once it has its height

    def event(self, event: QEvent) -> bool:
        """Handle Esc before the window does, which it would close."""
        if self._no is not None and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._no()
                return True
        return super().event(event)

    @Slot()
    def _come_into_view(self) -> None:
        at = self.parentWidget()
        while at is not None and not isinstance(at, QScrollArea):
            at = at.parentWidget()
        if at is not None:
            at.ensureWidgetVisible(self)

    def clear(self) -> None:
        """Hide the question, and give the focus back unless the user has moved it elsewhere."""
        focused = QApplication.focusWidget()
        before, self._before, self._no = self._before, None, None
        if before is not None and focused is not None and isValid(before) and self.isAncestorOf(focused):
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()
        if self._content is not None:
            self._content.setParent(None)
            self._content.deleteLater()
            self._content = None


def _said(sentence: str, role: Role) -> Paragraph:
    return Paragraph(sentence, role)


def _button(text: str, role: str, act: Callable[[], None]) -> QPushButton:
    made = QPushButton(text)
    made.setAccessibleName(text)
    if role:
        made.setProperty("role", role)
    made.clicked.connect(act)
    return made
