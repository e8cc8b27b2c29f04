"""Card of a tool call, or of a result that a guard holds back, which waits for the user's approval."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.tools.approvals import Approval, Asked, Choice
from ui.base.strings import tr
from ui.tools.tool_text import change_text, claims_text, one_line, shown_arguments, source_text, tool_name, visible
from ui.widgets.buttons import button
from ui.widgets.labels import EdgedFrame, ElidedLabel, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.text_field import TextField
from ui.widgets.tips import put_tip
from ui.widgets.wrapping_layout import WrapLayout

READY_S = 0.4
"""Seconds for which a card that has just appeared or moved takes no answer, which may be meant for another one."""

_FEWEST_LINES, _MOST_LINES = 2, 9
_FIELD_EDGE = 28
"""Height of a field beside its lines: borders, padding and the document's margins."""


class WaitingCard(EdgedFrame):
    """Base of the cards of pending questions. Esc leaves a card without answering."""

    left = Signal()
    """Emitted when the user leaves the card with Esc."""

    def __init__(self, name: str) -> None:
        super().__init__("waiting")
        self.setAccessibleName(name)
        self._since = time.monotonic()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(14, 10, 12, 12)
        self.column.setSpacing(6)

    @property
    def is_ready(self) -> bool:
        """Whether the card takes an answer."""
        return time.monotonic() - self._since >= READY_S

    def restart(self) -> None:
        """Ignore answers for a moment again, because the card has moved."""
        self._since = time.monotonic()

    @property
    def first(self) -> QWidget:
        """The control that gets the focus when the user goes to the card."""
        raise NotImplementedError

    def event(self, event: QEvent) -> bool:
        """Handle Esc before the window does, where it would stop a response."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.left.emit()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the focused button with Enter. Other keys do not leave the card, so that nothing is typed elsewhere."""
        focused = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QPushButton):
            focused.click()
        event.accept()


class ApprovalCard(WaitingCard):
    """Card of a call with its complete arguments. `answered` carries the Approval."""

    answered = Signal(object)

    def __init__(self, asked: Asked) -> None:
        super().__init__(tool_name(asked.info))
        self.asked = asked
        self._panes = ElidedLabel("", "muted")
        self._panes.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        self._original = shown_arguments(asked.arguments)
        self.arguments = _field(self._original, tr("Arguments of {tool}", tool=tool_name(asked.info)))
        self._problem = label("", "problem")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self.edit = button(tr("Edit"), name=tr("Edit the arguments"), by_enter=True)
        self.buttons: dict[Choice, QPushButton] = {}
        self._lay_out()
        self.edit.clicked.connect(self._toggle_edit)
        self.arguments.textChanged.connect(self._typed)

    @property
    def first(self) -> QWidget:
        """The button that allows the call once."""
        return self.buttons[Choice.ONCE]

    @property
    def problem(self) -> str:
        """Why the edited arguments cannot be used."""
        return self._problem.text()

    def show_panes(self, names: Sequence[str]) -> None:
        """Show which models wait for the answer."""
        self._panes.setText(", ".join(one_line(name, 60) for name in names))
        put_tip(self._panes, self._panes.text())

    def _lay_out(self) -> None:
        asked = self.asked
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(tool_name(asked.info), "strong"))
        title = one_line(asked.info.title)
        if title and title != asked.info.tool:
            head.addWidget(ElidedLabel(title, "muted"), 1)
        head.addWidget(self._panes, 1)
        self.column.addLayout(head)
        for reason in asked.reasons:
            self.column.addWidget(Paragraph(tr(reason), "warn"))
        if asked.change is not None:
            self.column.addWidget(Paragraph(change_text(asked.change), "warn"))
        if claims := claims_text(asked.info):
            self.column.addWidget(Paragraph(claims, "muted"))
        if asked.server is not None:
            source = ElidedLabel(source_text(asked.server), "muted")
            put_tip(source, source.text())
            self.column.addWidget(source)
        if asked.result:
            self.column.addWidget(label(tr("Result"), "caption"))
            self.column.addWidget(_field(visible(asked.result), tr("Result of {tool}", tool=tool_name(asked.info))))
            self.column.addWidget(label(tr("Arguments"), "caption"))
        self.column.addWidget(self.arguments)
        self.column.addWidget(self._problem)
        self.column.addSpacing(2)
        self.column.addWidget(self._answers())

    def _answers(self) -> QWidget:
        name = tool_name(self.asked.info)
        if self.asked.result:
            choices = (
                (Choice.ONCE, tr("&Send to model"), "primary", tr("Send the result of {tool} to the model", tool=name)),
                (Choice.DENY, tr("&Withhold"), "danger", tr("Withhold the result of {tool}", tool=name)),
            )
        else:
            here = tr("Allow {tool} for this conversation", tool=name)
            choices = (
                (Choice.ONCE, tr("Allow &once"), "primary", tr("Allow {tool} once", tool=name)),
                (Choice.CONVERSATION, tr("Allow for this &conversation"), "", here),
                (Choice.ALWAYS, tr("&Always allow"), "", tr("Always allow {tool}", tool=name)),
                (Choice.DENY, tr("&Deny"), "danger", tr("Deny {tool}", tool=name)),
            )
        row = QWidget()
        line = WrapLayout(row)
        for choice, text, role, spoken in choices:
            made = self.buttons[choice] = button(text, role, spoken, by_enter=True)
            made.clicked.connect(partial(self._answer, choice))
            line.addWidget(made)
        if not self.asked.result:
            line.addWidget(self.edit)
        return row

    def _answer(self, choice: Choice) -> None:
        if not self.is_ready:
            return
        text = self.arguments.toPlainText()
        edited = not self.arguments.isReadOnly() and text != self._original
        if edited and choice is not Choice.DENY and (problem := _json_problem(text)):
            self._say(problem)
            self.arguments.setFocus()
            return
        self.answered.emit(Approval(choice=choice, arguments=text if edited else None))

    @Slot()
    def _toggle_edit(self) -> None:
        """Make the arguments editable, or discard the changes."""
        if self.arguments.isReadOnly():
            self.arguments.setReadOnly(False)
            self.edit.setText(tr("Discard changes"))
            self.edit.setAccessibleName(tr("Discard changes"))
            self.arguments.setFocus()
        else:
            self.arguments.setPlainText(self._original)
            self.arguments.setReadOnly(True)
            self.edit.setText(tr("Edit"))
            self.edit.setAccessibleName(tr("Edit the arguments"))

    @Slot()
    def _typed(self) -> None:
        self._say(_json_problem(self.arguments.toPlainText()))

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.arguments.setAccessibleDescription(problem)


def _json_problem(text: str) -> str:
    """Return why a text is not a JSON object, or an empty string."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        return tr("The arguments are not valid JSON: {reason}.", reason=str(error))
    return "" if isinstance(value, dict) else tr("The arguments must be a JSON object.")


def _field(text: str, name: str) -> TextField:
    """Return a read-only field in the system's fixed font, as tall as its text within limits."""
    made = TextField()
    made.setProperty("role", "prose")
    made.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    made.ensurePolished()
    made.setPlainText(text)
    made.setReadOnly(True)
    made.setTabChangesFocus(True)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    made.setAccessibleName(name)
    lines = min(max(text.count("\n") + 1, _FEWEST_LINES), _MOST_LINES)
    made.setFixedHeight(made.fontMetrics().lineSpacing() * lines + _FIELD_EDGE)
    return made
