"""The composer: the framed field, what the prompt comes to, and the button that sends or stops."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop.catalog.entries import Entry
from desktop.session.history import estimate_tokens
from ui.icons import icon
from ui.pane.editor import PromptEditor
from ui.pane.words import estimate_text
from ui.strings import count, short_name
from ui.theme import Theme
from ui.widgets.notice_bar import NoticeBar, NoticeStack
from ui.widgets.parts import ElidedButton, hairline, keycap, label, set_role

ESTIMATE_MS = 150
_SHARE = 0.4
_CHROME = 110
"""Pixels of the composer that are not its text."""


class Strip(QFrame):
    """A muted line above the text, with a button that takes it away."""

    closed = Signal()

    def __init__(self, text: str, close: str) -> None:
        super().__init__()
        self._said = label(text, "muted")
        self.button = QToolButton()
        self.button.setProperty("role", "quiet")
        self.button.setAccessibleName(close)
        self.button.setToolTip(close)
        self.button.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._said)
        row.addWidget(self.button)
        row.addStretch(1)
        self.hide()

    def say(self, text: str) -> None:
        """Another line."""
        self._said.setText(text)


@dataclass(frozen=True)
class Target:
    """A model that the prompt goes to, and about how many tokens of its conversation go along."""

    name: str
    entry: Entry
    history_tokens: int


class Composer(QWidget):
    """What is typed. `sent` carries the text; whoever takes it empties the field."""

    sent = Signal(str)
    stop_wanted = Signal()
    last_wanted = Signal()
    edit_cancelled = Signal()
    changed = Signal()
    preset_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answering = False
        self._editing = False
        self._pasted = ""
        self._queues = False
        self._targets: tuple[Target, ...] = ()
        self._room = 400
        self._glow = QColor(theme.tint)
        self.notices = NoticeStack()
        self.editor = PromptEditor()
        self._frame = QFrame()
        self._frame.setProperty("role", "field")
        self._editing_bar = Strip("Editing a prompt; the old one is kept beside it", "Cancel editing")
        self._paste_bar = Strip("", "Remove pasted text")
        self.preset = ElidedButton()
        self.preset.setProperty("role", "quiet")
        self.preset.setAccessibleName("Preset")
        self.preset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # Its words stand in line with the text above
        self.preset.setStyleSheet("QPushButton { padding: 3px 2px; } QPushButton:hover { background: transparent; }")
        self._estimate = label("", "muted")
        self._waiting = label("", "muted")
        self._waiting.hide()
        self._enter = keycap(QKeySequence("Return"))
        self._enter.setText("Enter")
        self._button = QPushButton("Send")
        self._button.setProperty("role", "primary")
        self._button.setAccessibleName("Send")
        # A press of the mouse leaves the cursor in the text.
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._timer = QTimer(self, singleShot=True, interval=ESTIMATE_MS)
        self._build()
        self._connect()
        self.show_preset("")
        self.themed(theme)

    @property
    def text(self) -> str:
        """What is typed, with what was pasted beside it."""
        typed = self.editor.toPlainText()
        return f"{typed}\n\n{self._pasted}" if typed and self._pasted else typed or self._pasted

    @property
    def is_editing(self) -> bool:
        """Whether an old prompt is being edited."""
        return self._editing

    def put(self, text: str) -> None:
        """Show a text, the cursor at its end."""
        self._set_pasted("")
        if len(text) > 4 * 20_000:
            self._set_pasted(text)
            text = ""
        self.editor.replace(text)
        self._update()

    def clear_notices(self) -> None:
        """Take away what was said above the field: another conversation is shown."""
        for bar in self.notices.findChildren(NoticeBar):
            bar.dismiss()

    def set_editing(self, editing: bool) -> None:  # noqa: FBT001 - a state
        """Say that an old prompt is being edited."""
        self._editing = editing
        self._editing_bar.setVisible(editing)

    def put_above(self, widget: QWidget) -> None:
        """Show something above the text, within the frame."""
        self._inner.insertWidget(0, widget)

    def set_answering(self, answering: bool, *, queues: bool = False) -> None:  # noqa: FBT001 - a state
        """Send becomes Stop while an answer is made; where prompts can wait, only as long as none is typed."""
        self._answering, self._queues = answering, queues
        self._update()

    def say_waiting(self, prompts: int) -> None:
        """Say how many prompts wait for answers that are still being made."""
        self._waiting.setText(f"{count(prompts, 'prompt')} waiting")
        self._waiting.setVisible(bool(prompts))

    def set_targets(self, targets: Sequence[Target]) -> None:
        """Name the models that answer, and what of their conversations is sent along with the prompt."""
        self._targets = tuple(targets)
        one = short_name(targets[0].name) if len(targets) == 1 else f"{len(targets)} models" if targets else "nobody"
        self.editor.show_hint(f"Message {one}")
        self._estimate_now()
        self._update()

    def show_preset(self, title: str) -> None:
        """Name the preset that is in use, empty for none."""
        self.preset.show_text(f"Preset: {title}" if title else "Preset")
        self.preset.setAccessibleDescription(title)
        self.preset.setToolTip(title or "Choose what the model is told beforehand")

    def set_room(self, height: int) -> None:
        """How high the pane is: the composer takes up to two fifths of it."""
        self._room = height
        self._fit()

    def themed(self, theme: Theme) -> None:
        """Draw in a theme's colours."""
        self._glow = QColor(theme.tint)
        for strip in (self._editing_bar, self._paste_bar):
            strip.button.setIcon(icon("x", theme.muted, 14))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A soft glow around the frame that is typed in."""
        super().paintEvent(event)
        if self.editor.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._glow)
            painter.setBrush(self._glow)
            painter.drawRoundedRect(self._frame.geometry().adjusted(-3, -3, 2, 2), 10, 10)

    def _build(self) -> None:
        low = QHBoxLayout()
        low.setSpacing(10)
        low.addWidget(self.preset)
        low.addWidget(self._waiting)
        low.addStretch(1)
        low.addWidget(self._estimate)
        low.addWidget(self._enter, 0, Qt.AlignmentFlag.AlignVCenter)
        low.addWidget(self._button)
        inner = self._inner = QVBoxLayout(self._frame)
        inner.setContentsMargins(12, 12, 12, 10)
        inner.setSpacing(13)
        inner.addWidget(self._editing_bar)
        inner.addWidget(self._paste_bar)
        inner.addWidget(self.editor)
        inner.addLayout(low)
        around = QVBoxLayout()
        around.setContentsMargins(16, 12, 16, 14)
        around.addWidget(self._frame)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hairline())
        column.addWidget(self.notices)
        column.addLayout(around)
        self._fit()

    def _connect(self) -> None:
        self.editor.send_wanted.connect(self._send)
        self.editor.last_wanted.connect(self._want_last)
        self.editor.escaped.connect(self._escape)
        self.editor.long_pasted.connect(self._long_pasted)
        self.editor.textChanged.connect(self._text_changed)
        self.editor.focused.connect(self._show_focus)
        self.editor.unfocused.connect(self._show_focus)
        self.editor.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._button.clicked.connect(self._pressed)
        self.preset.clicked.connect(self.preset_wanted)
        self._editing_bar.closed.connect(self.edit_cancelled)
        self._paste_bar.closed.connect(self._drop_pasted)
        self._timer.timeout.connect(self._estimate_now)

    @Slot()
    def _send(self) -> None:
        if self._may_send and self._has_text():
            self.sent.emit(self.text)
        self.editor.setFocus()

    @Slot()
    def _pressed(self) -> None:
        if self._stops:
            self.stop_wanted.emit()
        else:
            self._send()

    @Slot()
    def _want_last(self) -> None:
        if not self._has_text():
            self.last_wanted.emit()

    @Slot()
    def _escape(self) -> None:
        if self._answering:
            self.stop_wanted.emit()
        elif self._editing:
            self.edit_cancelled.emit()

    @Slot()
    def _text_changed(self) -> None:
        self._update()
        self._timer.start()
        self.changed.emit()

    @Slot(str)
    def _long_pasted(self, text: str) -> None:
        self._set_pasted(f"{self._pasted}\n\n{text}" if self._pasted else text)
        self._text_changed()

    @Slot()
    def _drop_pasted(self) -> None:
        self._set_pasted("")
        self._text_changed()
        self.editor.setFocus()

    def _set_pasted(self, text: str) -> None:
        self._pasted = text
        self._paste_bar.say(f"Pasted text, {count(len(text), 'character')}, is sent after what is typed")
        self._paste_bar.setVisible(bool(text))

    @Slot()
    def _show_focus(self) -> None:
        set_role(self._frame, "focused", "true" if self.editor.hasFocus() else "false")
        self.update()

    def _has_text(self) -> bool:
        return bool(self._pasted) or not self.editor.document().isEmpty()

    @property
    def _may_send(self) -> bool:
        return bool(self._targets) and (not self._answering or self._queues)

    @property
    def _stops(self) -> bool:
        """Whether the button stops."""
        return self._answering and not (self._queues and self._has_text())

    def _update(self) -> None:
        stops = self._stops
        several = len(self._targets) > 1
        self._button.setText("Stop" if stops else f"Send to {len(self._targets)}" if several else "Send")
        self._button.setAccessibleName("Stop" if stops else "Send")
        self._button.setEnabled(stops or bool(self._targets))
        set_role(self._button, "role", "" if stops else "primary")
        self._enter.setText("Esc" if stops else "Enter")
        self._estimate.setVisible(self._has_text())

    @Slot()
    def _estimate_now(self) -> None:
        prompt = estimate_tokens(self.text)
        self._estimate.setText(
            estimate_text([(prompt + target.history_tokens, target.entry) for target in self._targets])
        )

    @Slot()
    def _fit(self) -> None:
        most = max(int(self._room * _SHARE) - _CHROME, self.editor.fontMetrics().lineSpacing() + 4)
        self.editor.setFixedHeight(min(self.editor.wanted_height(), most))
