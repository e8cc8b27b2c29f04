"""Actions for a message: a few buttons beside it, and all commands in its menu and as shortcuts."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QToolButton

from ui.base.commands import COMMANDS, Command, own_keys
from ui.base.icons import icon
from ui.base.strings import tr, trn
from ui.base.theme import Theme
from ui.transcript.list.message_list import MessageList
from ui.transcript.list.rows_model import RowsModel
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.outline import outline
from ui.transcript.message.row import Row
from ui.transcript.message.segments import CodeSegment
from ui.transcript.message.slabs import HeadSlab
from ui.widgets.labels import label
from ui.widgets.menu import Menu

_ICONS = {
    Command.COPY: "copy",
    Command.EDIT: "pencil",
    Command.REGENERATE: "refresh-cw",
    Command.CONTINUE: "play",
}
"""Commands that have a button in the bar, in display order. All others are only in the menu."""

_BESIDE = 4
"""Space in pixels between the text and the bar, and above the bar."""

_RADIUS = 6
_NATIVE = QKeySequence.SequenceFormat.NativeText
_MOVING = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
)
"""Keys that move between messages. Pressed on a button, they first move the focus to its message."""

_OF_THE_LIST = (Command.COPY, Command.READ)
"""Commands whose shortcuts the list handles itself."""


class ActionBar(QFrame):
    """Small bar at the hovered or focused row. `wanted` is emitted with the action and the row."""

    wanted = Signal(Command, object)
    heading_wanted = Signal(object, object)
    """Emitted with a row and a Heading of its outline to scroll to."""

    def __init__(self, messages: MessageList, model: RowsModel, theme: Theme, *, fixed: bool = False) -> None:
        super().__init__(messages.viewport())
        self._messages = messages
        self._model = model
        self._row: Row | None = None
        self.busy = False
        self.offers_requests = False
        """Whether what was sent for an answer can be shown: it names the model."""
        self._fixed = fixed
        self.setProperty("role", "actions")
        self._figures = label("", "muted")
        self._buttons = {name: self._button(name) for name in _ICONS}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._figures)
        row.addSpacing(8)
        for button in self._buttons.values():
            row.addWidget(button)
        messages.focus_changed.connect(self._listen)
        self.themed(theme)
        self.hide()

    @property
    def row(self) -> Row | None:
        """The row at which the bar is shown, or None."""
        return self._row

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme to the icons."""
        for name, button in self._buttons.items():
            button.setIcon(icon(_ICONS[name], theme.muted, 14))

    def show_at(self, row: Row | None, figures: str) -> None:
        """Show the bar with a response's figures at a row; None hides it."""
        self._row = row
        if row is None or row.live:
            self._go()
            return
        possible = self.possible(row)
        for name, button in self._buttons.items():
            button.setVisible(name in possible)
        self._figures.setText(figures)
        self._figures.setVisible(bool(figures))
        self.place()

    def _show_ground(self, row: Row, *, shown: bool) -> None:
        """Use an opaque background, but only where text would otherwise show through."""
        ground = "midlight" if row.is_prompt else "window"  # bubble and canvas, see ui/base/theme.py
        look = f"palette({ground}); border-radius: {_RADIUS}px" if shown else "transparent"
        style = f"{type(self).__name__} {{ background: {look}; border: none; }}"
        if style != self.styleSheet():
            self.setStyleSheet(style)

    def place(self) -> None:
        """Move the bar to the current position of its row."""
        if self._row is None or self._row.live or self._row not in self._model.rows:
            self._go()
            return
        self.show()
        at = self._place_at(self._row)
        if at is None:
            self._go()
            return
        self.move(at)
        self.raise_()

    def _go(self) -> None:
        """Hide the bar.

        Before that, move the focus to the messages, because Qt would move it to a neighboring widget.
        """
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self._messages.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()

    def _place_at(self, row: Row) -> QPoint | None:
        """Return a position at the row's head, or else beside or below the text; None if there is no space."""
        left, width = self._messages.column
        top, head, foot = self._messages.row_top(row), row.slabs[0], row.slabs[-1]
        assert isinstance(head, HeadSlab)
        self._fit(figures=True)
        y = top + head.label(width).center().y() - self.height() // 2
        inset = 6 if row.is_prompt else 0
        if y >= 0 and (versions := head.versions(width)).left() > width // 2:
            inset = width - versions.left()  # beside them, where they are at that end
        right = left + width - self.width() - inset
        if y >= 0 and right < left + head.name_width:
            self._fit(figures=False)  # a narrow pane has no room for them beside the name
            right = left + width - self.width() - inset
        self._show_ground(row, shown=y < 0 or right < left + head.name_width)
        if y >= 0:
            return QPoint(right, y) if y + self.height() <= top + row.likely_height(width) else None
        below = next((each.top + foot.height(width) for each in self._messages.placed if each.slab is foot), None)
        self._fit(figures=False)
        beside = QPoint(left + width + _BESIDE, _BESIDE)
        end = self._messages.viewport().height() if below is None else below
        if beside.x() + self.width() <= self._messages.viewport().width() and beside.y() + self.height() <= end:
            return beside
        if below is None or (y := below - self.height() // 2) < 0:
            return None
        self._fit(figures=True)
        if self.width() > width:
            self._fit(figures=False)
        return QPoint(left + width - self.width() - inset, y)

    def _fit(self, *, figures: bool) -> None:
        """Resize the bar to its content, with or without the figures."""
        self._figures.setVisible(figures and bool(self._figures.text()))
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.adjustSize()

    def possible(self, row: Row) -> tuple[Command, ...]:
        """Return the actions that are currently available for a row."""
        last = self._model.last is row
        free = not self.busy and not self._fixed
        has_calls = bool(row.message.figures and row.message.figures.tool_calls)
        checks = (
            (Command.COPY, bool(row.spoken)),
            (Command.COPY_MARKDOWN, bool(row.text)),
            (Command.READ, bool(row.spoken)),
            (Command.FILES, bool(row.files)),
            (Command.EDIT, row.is_prompt and free),
            (Command.REGENERATE, last and free),
            (Command.REGENERATE_WITH, last and free),
            (Command.REGENERATE_RECORDED, last and free and has_calls),
            (Command.CONTINUE, last and row.is_broken and bool(row.text) and free),
            (Command.QUOTE, bool(row.text) and not self._fixed),
            (Command.NEW_CHAT_HERE, free),
            (Command.DELETE_MESSAGE, free and (self._model.rows[0] is not row or row.branch.total > 1)),
            (Command.PREVIOUS_VERSION, row.branch.total > 1 and not self.busy),
            (Command.NEXT_VERSION, row.branch.total > 1 and not self.busy),
        )
        return tuple(name for name, can in checks if can)

    def _claimed(self, row: Row | None) -> tuple[Command, ...]:
        """Return the commands whose shortcuts apply to the row.

        They include Edit during a response; it then explains why it has to wait.
        """
        if row is None:
            return ()
        waits = (Command.EDIT,) if row.is_prompt and self.busy and not self._fixed else ()
        return (*self.possible(row), *waits)

    @Slot()
    def _listen(self) -> None:
        """Filter events only while the list has the focus, because the filter also runs at each paint."""
        if self._messages.hasFocus():
            self._messages.installEventFilter(self)
        else:
            self._messages.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle the shortcuts for the focused message before the window does."""
        if isinstance(event, QKeyEvent) and self._take_key(event, watched):
            return True
        if watched is self._messages or not isinstance(event, QKeyEvent):
            pass
        elif event.type() == QEvent.Type.KeyPress and event.key() in _MOVING:
            self._messages.setFocus(Qt.FocusReason.OtherFocusReason)  # Qt goes to whatever stands next in the window
            QCoreApplication.sendEvent(self._messages, event)
            return True
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent, watched: QObject) -> bool:
        """Run the command that a key stands for. On a message, F2 edits a prompt instead of renaming the chat."""
        pressed, on_list = QKeySequence(event.keyCombination()), watched is self._messages
        row = self._row if watched in self._buttons.values() else self._messages.current_row()
        if row is not None and pressed == own_keys(Command.EDIT):
            row = self._prompt_of(row)
        command = next((each for each in self._claimed(row) if own_keys(each) == pressed), None)
        if command is None or command in _OF_THE_LIST:
            if (on_list and row is None) or pressed != own_keys(Command.EDIT):
                return False
            command = None
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() != QEvent.Type.KeyPress:
            return False
        elif command is not None:
            self.wanted.emit(command, row)
        return True

    def _prompt_of(self, row: Row) -> Row:
        """Return the prompt to which a message belongs, or the message itself."""
        rows = self._model.rows
        before = rows[: rows.index(row) + 1] if row in rows else ()
        return next((each for each in reversed(before) if each.is_prompt), row)

    @Slot(object, QPoint)
    def menu(self, row: Row, at: QPoint) -> None:
        """Open the menu for a row at a screen position."""
        menu = Menu(self._messages)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in self.possible(row):
            keys = own_keys(name)
            action = QAction(tr(COMMANDS[name].title), menu)
            if keys == QKeySequence(Qt.Key.Key_Return):  # as it is called everywhere else
                action.setText(f"{action.text()}\t{QKeySequence(Qt.Key.Key_Enter).toString(_NATIVE)}")
            else:
                action.setShortcut(keys)
            action.triggered.connect(lambda _checked=False, name=name: self.wanted.emit(name, row))
            menu.addAction(action)
        if not (row.is_prompt or row.live or row.brief) and row.text:
            shown = tr("Show formatted") if row.as_written else tr("Show source")
            menu.addAction(shown, partial(self.wanted.emit, Command.SOURCE, row))
        if self.offers_requests and not (row.is_prompt or row.live):
            for name in (Command.REQUEST, Command.RERUN):
                menu.addAction(tr(COMMANDS[name].title), partial(self.wanted.emit, name, row))
        for segment in code_of(row):
            code = row.parts.code_at(segment.start)
            lines = code.removesuffix("\n").count("\n") + 1
            language = segment.language or tr("text")
            name = trn(
                "Copy code ({language}, {n} line)", "Copy code ({language}, {n} lines)", lines, language=language
            )
            menu.addAction(name, partial(self._messages.copy_code, row, segment))
            name = trn(
                "Save code ({language}, {n} line)", "Save code ({language}, {n} lines)", lines, language=language
            )
            menu.addAction(name, partial(self._messages.save_wanted.emit, row, segment))
        headings = outline(row)
        if headings:
            within = menu.addMenu(tr("Outline"))
            for heading in headings:
                go = partial(self.heading_wanted.emit, row, heading)
                within.addAction("    " * (heading.level - 1) + heading.text.replace("&", "&&"), go)
        if row.reasoning:
            action = QAction(tr("Collapse reasoning") if row.unfolded else tr("Expand reasoning"), menu)
            action.setShortcut(QKeySequence(Qt.Key.Key_Space))
            action.triggered.connect(lambda: self._messages.fold_wanted.emit(row))
            menu.addAction(action)
        menu.popup(at)

    def _button(self, name: Command) -> QToolButton:
        text, keys = tr(COMMANDS[name].title), own_keys(name)
        button = QToolButton()
        button.setProperty("role", "quiet")
        button.setAccessibleName(text)
        button.setToolTip(f"{text} ({keys.toString(QKeySequence.SequenceFormat.NativeText)})")
        button.clicked.connect(lambda: self._do(name, self._row))
        button.installEventFilter(self)
        return button

    def _do(self, name: Command, row: Row | None) -> None:
        if row is not None and name in self.possible(row):
            self.wanted.emit(name, row)


def code_of(row: Row) -> list[CodeSegment]:
    """Return the code blocks of a row that have been visible."""
    return [
        segment
        for slab in row.slabs
        if isinstance(slab, BodySlab) and slab.is_made
        for segment in slab.segments
        if isinstance(segment, CodeSegment) and not segment.continued
    ]
