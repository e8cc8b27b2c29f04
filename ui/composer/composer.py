"""Composer of a pane: the prompt field, its attachments, the cost estimate and the Send or Stop button."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from desktop.text.token_estimate import estimate_tokens
from ui.base.icons import icon
from ui.base.strings import short_name, tr, trn
from ui.base.text_size import TextSize
from ui.base.theme import Theme
from ui.composer.back_strip import BackStrip, called_shortly
from ui.composer.composer_files import ComposerFiles
from ui.composer.drafts import Drafts
from ui.composer.editor import PromptEditor
from ui.composer.prompt import Prompt
from ui.composer.send_line import SendLine, SendTarget
from ui.widgets.announcement import announce
from ui.widgets.labels import hairline, label, set_role, within_sentence
from ui.widgets.notice_bar import NoticeStack
from ui.widgets.open_things import close_innermost

if TYPE_CHECKING:
    from ui.attachments.attached_looks import AttachedLooks

_HEARD = 200
"""Maximum number of characters of a returned prompt read by screen readers."""


class ComposerDraft(QObject):
    """Draft of a chat. Moves prompts between the field and the strip above it without merging or losing any."""

    last_wanted = Signal()
    """Emitted to recall the last sent prompt, if nothing is typed and no prompt was returned."""

    undo_offered = Signal(str, object)
    """Emitted with a sentence about a discarded prompt and the function that restores it."""

    def __init__(
        self,
        theme: Theme,
        typed: Callable[[], Prompt],
        put: Callable[[Prompt], None],
        field: QPlainTextEdit,
    ) -> None:
        super().__init__(field)
        self._drafts: Drafts | None = None
        self._key: Callable[[], str] = str
        self._typed = typed
        self._put = put
        self._field = field
        self.strip = BackStrip(theme)
        self.strip.taken.connect(self.take)
        self.strip.left.connect(field.setFocus)
        self.strip.dropped.connect(self._offer_back)

    @property
    def whole(self) -> Prompt:
        """The typed prompt together with the returned ones."""
        typed = self._typed()
        return Prompt(typed.text, typed.files, self.strip.prompts)

    def put(self, draft: Prompt) -> None:
        """Show a draft and the returned prompts that belong to it."""
        self.strip.put(draft.behind)
        self._put(Prompt(draft.text, draft.files))

    def show(self, draft: Prompt) -> None:
        """Show the draft of another chat, without its undo history."""
        self.put(draft)
        self._field.document().clearUndoRedoStacks()

    def keep_in(self, drafts: Drafts, key: Callable[[], str]) -> None:
        """Set the store for drafts and the function that returns the key of the current chat."""
        self._drafts, self._key = drafts, key

    @Slot(object, int)
    def _offer_back(self, prompt: Prompt, number: int) -> None:
        """Offer to undo discarding a prompt. The offer stays valid after switching to another chat."""
        self.offer_back(prompt, partial(self._restore, prompt, number, self._key()))

    def offer_back(self, prompt: Prompt, back: Callable[[], None]) -> None:
        """Announce a discarded prompt and offer to restore it."""
        self.undo_offered.emit(tr("“{prompt}” was discarded.", prompt=within_sentence(called_shortly(prompt))), back)

    def _restore(self, prompt: Prompt, number: int, key: str) -> None:
        """Put a discarded prompt back into its chat, whether or not that chat is visible."""
        if key == self._key():
            self.strip.restore(prompt, number)
        elif self._drafts is not None:
            kept = self._drafts.get(key)
            behind = (*kept.behind[:number], prompt, *kept.behind[number:])
            self._drafts.set(key, Prompt(kept.text, kept.files, behind))
        announce(self._field, tr("“{prompt}” was restored.", prompt=within_sentence(called_shortly(prompt))))

    @Slot(int)
    def take(self, number: int) -> None:
        """Move a returned prompt into the field, and the typed text to where that prompt was."""
        self._field.setFocus()  # first: its button goes, and Qt would pass the keyboard to a neighbour
        taken = self.strip.exchange(number, self._typed())
        self._put(taken)
        announce(self._field, taken.text[:_HEARD])

    @Slot()
    def want_last(self) -> None:
        """Edit the first returned prompt, or else ask for the last sent one, unless text is typed."""
        if self._typed():
            return
        if self.strip.prompts:
            self.take(0)
        else:
            self.last_wanted.emit()


class Strip(QFrame):
    """Muted line above the text, with a button that removes the line."""

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

    @property
    def said(self) -> str:
        """The text of the line."""
        return self._said.text()

    def say(self, text: str) -> None:
        """Set the text of the line."""
        self._said.setText(text)

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self.button.setIcon(icon("x", theme.muted, 14))


class PastedStrip(Strip):
    """Strip for a pasted text that is too long for the field; hidden while there is none."""

    changed = Signal()
    """Emitted when the user pastes more text or removes it."""

    def __init__(self) -> None:
        super().__init__("", tr("Remove pasted text"))
        self._text = ""
        self.closed.connect(self._drop)

    @property
    def text(self) -> str:
        """The pasted text, or an empty string."""
        return self._text

    def put(self, text: str) -> None:
        """Replace the pasted text."""
        self._text = text
        self.say(
            trn(
                "Pasted text, {n} character, sent after the text you type",
                "Pasted text, {n} characters, sent after the text you type",
                len(text),
            )
        )
        self.setVisible(bool(text))

    @Slot(str)
    def add(self, text: str) -> None:
        """Append to the pasted text, separated by a blank line."""
        self.put(f"{self._text}\n\n{text}" if self._text else text)
        self.changed.emit()

    @Slot()
    def _drop(self) -> None:
        self.put("")
        self.changed.emit()


ESTIMATE_MS = 150
_SHARE = 0.4
_LONGEST = 80_000
"""Length above which a restored text goes into the strip instead of the field."""
_CHROME = 110
"""Height of the composer without its text field, in pixels."""
_EDGE = 16
"""Space beside the field where it is not in a column."""

_LINES = 3
"""Minimum number of visible lines, so that users see what they are about to send."""


class Composer(QWidget):
    """Prompt field with its attachments and buttons. `sent` is emitted with a Prompt; the receiver clears the field."""

    sent = Signal(object)
    stop_wanted = Signal()
    last_wanted = Signal()
    reading_wanted = Signal(int)
    """Emitted with the navigation key (Qt.Key) that was pressed in the empty field."""
    edit_cancelled = Signal()
    changed = Signal()
    preset_wanted = Signal()
    tools_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        looks: Callable[[], AttachedLooks],
        text_size: TextSize | None = None,
        parent: QWidget | None = None,
        *,
        in_column: bool = False,
    ) -> None:
        """Create the field. If `in_column`, it keeps to the column of the text above it."""
        super().__init__(parent)
        self._text_size = text_size or TextSize(self)
        self._in_column = in_column
        self._answering = False
        self._editing = False
        self._queued = 0
        self._targets: tuple[SendTarget, ...] = ()
        self._named = False
        self._room = 0
        self._glow = QColor(theme.tint)
        self.notices = NoticeStack(self)
        self.editor = PromptEditor()
        self.frame = QFrame(self)
        self.frame.setProperty("role", "field")
        self.frame.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # its padding is part of the field
        self.frame.setFocusProxy(self.editor)
        self.explains = False
        """Whether Send says why what is typed goes to nobody."""
        self._editing_bar = Strip(tr("Editing a prompt. The previous version is kept."), tr("Cancel editing"))
        self._pasted = PastedStrip()
        self.back = ComposerDraft(theme, lambda: self.prompt, self.put, self.editor)
        self.line = SendLine()
        self._timer = QTimer(self, singleShot=True, interval=ESTIMATE_MS)
        self._settling = QTimer(self, singleShot=True, interval=0)
        self._build()
        self.attached = ComposerFiles(theme, looks, (self._inner, self.editor), self.notices, self)
        self._connect()
        self.themed(theme)
        self._scale_text()

    @property
    def text(self) -> str:
        """The typed text, followed by the long pasted text."""
        typed = self.editor.toPlainText()
        pasted = self._pasted.text
        return f"{typed}\n\n{pasted}" if typed and pasted else typed or pasted

    @property
    def prompt(self) -> Prompt:
        """The typed prompt with its attachments."""
        return Prompt(self.text, self.attached.parts)

    @property
    def is_editing(self) -> bool:
        """Whether a prompt that was already sent is being edited."""
        return self._editing

    def put(self, prompt: Prompt) -> None:
        """Show a prompt, with the cursor at its end."""
        text = prompt.text
        self.attached.put(prompt.files)
        long = len(text) > _LONGEST
        self._pasted.put(text if long else "")
        self.editor.replace("" if long else text)
        self._text_changed()  # the editor tells nothing where only what was pasted is another
        self._settling.start()

    def set_editing(self, editing: bool) -> None:  # noqa: FBT001 - a state
        """Show whether a prompt that was already sent is being edited."""
        said = self._editing_bar.said
        if editing != self._editing:
            announce(self.editor, said if editing else tr("Editing canceled"))
        self._editing = editing
        self.editor.setAccessibleDescription(said if editing else "")
        self._editing_bar.setVisible(editing)

    def put_above(self, widget: QWidget) -> None:
        """Insert a widget above the text, inside the frame."""
        self._inner.insertWidget(0, widget)

    def set_answering(self, answering: bool) -> None:  # noqa: FBT001 - a state
        """Turn Send into Stop while a response streams and nothing is typed; what is typed is queued."""
        self._answering = answering
        self._update()

    def show_queue(self, waiting: Sequence[tuple[str, Prompt]]) -> None:
        """Show the queued prompts, each with its ID, and announce a further one."""
        self.back.strip.say_waiting(waiting)
        self.line.say_waiting(len(waiting))
        if len(waiting) > self._queued:
            announce(self.editor, self.line.waiting.text())
        self._queued = len(waiting)

    def set_targets(self, targets: Sequence[SendTarget], *, named: bool = False) -> None:
        """Set the models that will answer and the context that is sent with the prompt.

        `named` means that the prompt itself selects one of several models.
        """
        self._targets, self._named = tuple(targets), named
        self.editor.show_hint(_hint(self._targets))
        self._estimate()
        self._update()

    def set_room(self, height: int) -> None:
        """Set the available height, if it is not the parent's. The composer takes up to two fifths of it."""
        self._room = height
        self._fit()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._glow = QColor(theme.tint)
        self.attached.themed(theme)
        for strip in (self._editing_bar, self._pasted, self.back.strip):
            strip.themed(theme)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Cancel editing a sent prompt when Esc is pressed on any control."""
        if event.key() == Qt.Key.Key_Escape and self._editing:
            self.edit_cancelled.emit()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Apply layout changes that were made while the composer was hidden."""
        super().showEvent(event)
        self._settling.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a soft glow around the focused frame."""
        super().paintEvent(event)
        if self.editor.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._glow)
            painter.setBrush(self._glow)
            painter.drawRoundedRect(self.frame.geometry().adjusted(-3, -3, 2, 2), 10, 10)

    def _build(self) -> None:
        inner = self._inner = QVBoxLayout(self.frame)
        inner.setContentsMargins(12, 12, 12, 10)
        inner.setSpacing(13)
        inner.addWidget(self._editing_bar)
        inner.addWidget(self.back.strip)
        inner.addWidget(self._pasted)
        inner.addWidget(self.editor)
        inner.addLayout(self.line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hairline())
        column.addWidget(self.notices)
        self._around = QVBoxLayout()
        column.addLayout(self._around)
        self._around.addWidget(self.frame)
        self._fit()

    def _connect(self) -> None:
        self.editor.send_wanted.connect(self._send)
        self.editor.last_wanted.connect(self.back.want_last)
        self.editor.reading_wanted.connect(self.reading_wanted)
        self.editor.escaped.connect(self._escape)
        self.editor.long_pasted.connect(self._pasted.add)
        self.attached.changed.connect(self._text_changed)
        self.attached.left.connect(self.editor.setFocus)
        self.back.strip.changed.connect(self.changed)
        self.back.last_wanted.connect(self.last_wanted)
        self._pasted.changed.connect(self._text_changed)
        self._pasted.changed.connect(self.editor.setFocus)
        self.editor.textChanged.connect(self._text_changed)
        self.editor.focused.connect(self._show_focus)
        self.editor.unfocused.connect(self._show_focus)
        self.editor.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._text_size.changed.connect(self._scale_text)
        self.line.button.clicked.connect(self._pressed)
        self.line.preset.clicked.connect(self.preset_wanted)
        self.line.tools.clicked.connect(self.tools_wanted)
        self._editing_bar.closed.connect(self.edit_cancelled)
        self._timer.timeout.connect(self._estimate)
        self._settling.timeout.connect(partial(_lay_out_anew, self._inner))

    @Slot()
    def _send(self) -> None:
        text = self.text

        def once_they_came() -> None:
            """Send the prompt once its files are ready, unless the text has changed since."""
            if self.text == text:
                self._send()

        self.editor.setFocus()  # first: of one of several panes it goes with what was typed
        if self._may_send and self._has_text() and not self.attached.hold(once_they_came):
            self.sent.emit(self.prompt)

    @Slot()
    def _pressed(self) -> None:
        if self.stops:
            self.stop_wanted.emit()
        else:
            self._send()

    @Slot()
    def _escape(self) -> None:
        """Cancel editing, or close the innermost open popup, or else stop the response."""
        if self._editing:
            self.edit_cancelled.emit()
        elif not close_innermost(self) and self._answering:
            self.stop_wanted.emit()

    @Slot()
    def _text_changed(self) -> None:
        self._update()
        self._timer.start()
        self.changed.emit()

    @Slot()
    def _show_focus(self) -> None:
        set_role(self.frame, "focused", "true" if self.editor.hasFocus() else "false")
        self.update()

    def _has_text(self) -> bool:
        return bool(self._pasted.text or self.attached.parts) or not self.editor.document().isEmpty()

    @property
    def _may_send(self) -> bool:
        return bool(self._targets) or self.explains

    @property
    def _asked(self) -> list[SendTarget]:
        """Targets whose connection exists; others are not counted."""
        return [target for target in self._targets if target.answers]

    @property
    def stops(self) -> bool:
        """Whether pressing the button stops the response."""
        return self._answering and not self._has_text()

    def _update(self) -> None:
        only = self._targets[0].name if self._named and len(self._targets) == 1 else ""
        models = len(self._targets) or int(self.explains)
        self.line.show_button(stops=self.stops, models=models, only=only, stops_all=not self._in_column)
        self.line.want_estimate(self._has_text() and bool(self._asked))

    @Slot()
    def _estimate(self) -> None:
        if self._has_text() and self._asked:
            self.line.show_estimate(
                estimate_tokens(self.text), self._asked, lambda target: self.attached.tokens(target.entry)
            )

    @Slot()
    def _scale_text(self) -> None:
        self._keep_to_column()
        self.editor.scale_text(self._text_size.scale)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep to the column of the text."""
        super().resizeEvent(event)
        self._keep_to_column()

    def _keep_to_column(self) -> None:
        left, right = self._text_size.margins(self.width()) if self._in_column else (_EDGE, _EDGE)
        self._around.setContentsMargins(left, 12, right, 14)

    @Slot()
    def _fit(self) -> None:
        around = self.parentWidget()
        room = self._room or (around.height() if around is not None else 400)
        room = max(int(room * _SHARE) - _CHROME, self.editor.height_of(_LINES))
        self.editor.setFixedHeight(self.editor.height_within(room))


def _lay_out_anew(layout: QLayout) -> None:
    """Force a new layout, because a hidden widget's layout may be outdated without noticing."""
    layout.invalidate()
    layout.activate()


def _hint(targets: Sequence[SendTarget]) -> str:
    """Return the placeholder text, which names the models that will answer."""
    if not targets:
        return tr("No model selected")
    if len(targets) == 1:
        return tr("Message {model}", model=short_name(targets[0].name))
    return trn("Message {n} model", "Message {n} models", len(targets))
