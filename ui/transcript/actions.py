"""What can be done with a message: the same few actions beside it, in its menu, and by key."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton

from ui.icons import icon
from ui.theme import Theme
from ui.transcript.list import MessageList
from ui.transcript.model import RowsModel
from ui.transcript.rows import Row
from ui.widgets.parts import label

COPY, EDIT, REGENERATE, CONTINUE, PREVIOUS, NEXT = "copy", "edit", "regenerate", "continue", "previous", "next"

_ACTIONS = {
    COPY: ("Copy", "copy", "Ctrl+C"),
    EDIT: ("Edit", "pencil", "F2"),
    REGENERATE: ("Regenerate", "refresh-cw", "Ctrl+R"),
    CONTINUE: ("Continue", "play", "Ctrl+Return"),
    PREVIOUS: ("Previous version", "chevron-left", "Alt+Left"),
    NEXT: ("Next version", "chevron-right", "Alt+Right"),
}


class MessageActions(QFrame):
    """A small bar at the row that is pointed at or stood on; `wanted` names the action and the row."""

    wanted = Signal(str, object)

    def __init__(self, messages: MessageList, model: RowsModel, theme: Theme) -> None:
        super().__init__(messages.viewport())
        self._messages = messages
        self._model = model
        self._row: Row | None = None
        self._theme = theme
        self.busy = False
        self.setProperty("role", "actions")
        self._figures = label("", "muted")
        self._count = label("", "muted")
        self._buttons = {name: self._button(name) for name in _ACTIONS}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._figures)
        row.addSpacing(8)
        for name in (PREVIOUS, None, NEXT, COPY, EDIT, REGENERATE, CONTINUE):
            row.addWidget(self._buttons[name] if name else self._count)
        for name in _ACTIONS:
            self._shortcut(name)
        self.themed(theme)
        self.hide()

    @property
    def row(self) -> Row | None:
        """The row that it stands at."""
        return self._row

    def themed(self, theme: Theme) -> None:
        """Draw the icons in a theme's colours."""
        self._theme = theme
        for name, button in self._buttons.items():
            button.setIcon(icon(_ACTIONS[name][1], theme.muted, 14))

    def show_at(self, row: Row | None, figures: str) -> None:
        """Stand at a row, None to go."""
        self._row = row
        if row is None or row.live:
            self.hide()
            return
        possible = self.possible(row)
        for name, button in self._buttons.items():
            button.setVisible(name in possible)
        at, of = row.branch
        self._count.setText(f"{at}/{of}")
        self._count.setVisible(of > 1)
        self._figures.setText(figures)
        self._figures.setVisible(bool(figures))
        ground = self._theme.bubble if row.is_prompt else self._theme.canvas
        self.setStyleSheet(f"MessageActions {{ background: {ground}; border: none; }}")
        self.place()

    def place(self) -> None:
        """Go where the row is now."""
        if self._row is None or self._row.live or self._row not in self._model.rows:
            self.hide()
            return
        self.show()
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.adjustSize()
        left, width = self._messages.painter.column(self._messages.painter.width)
        top = self._messages.row_top(self._row)
        geometry = self._messages.painter.geometry(self._row)
        inset = 6 if self._row.is_prompt else 0
        y = max(top + geometry.label.center().y() - self.height() // 2, 4)
        if y + self.height() > top + geometry.height:
            self.hide()
            return
        self.move(left + width - self.width() - inset, y)
        self.raise_()

    def possible(self, row: Row) -> tuple[str, ...]:
        """The actions that a row takes now."""
        last = self._model.last is row
        checks = (
            (COPY, bool(row.spoken)),
            (EDIT, row.is_prompt and not self.busy),
            (REGENERATE, last and not self.busy),
            (CONTINUE, last and row.is_broken and bool(row.text) and not self.busy),
            (PREVIOUS, row.branch[1] > 1 and not self.busy),
            (NEXT, row.branch[1] > 1 and not self.busy),
        )
        return tuple(name for name, can in checks if can)

    @Slot(object, QPoint)
    def menu(self, row: Row, at: QPoint) -> None:
        """The row's menu, opened at a point of the screen."""
        menu = QMenu(self._messages)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in self.possible(row):
            text, _, keys = _ACTIONS[name]
            action = QAction(text, menu)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda _checked=False, name=name: self.wanted.emit(name, row))
            menu.addAction(action)
        if row.reasoning:
            action = QAction("Fold thoughts" if row.unfolded else "Unfold thoughts", menu)
            action.setShortcut(QKeySequence(Qt.Key.Key_Space))
            action.triggered.connect(lambda: self._messages.fold_wanted.emit(row))
            menu.addAction(action)
        menu.popup(at)

    def _button(self, name: str) -> QToolButton:
        text, _, keys = _ACTIONS[name]
        button = QToolButton()
        button.setProperty("role", "quiet")
        button.setAccessibleName(text)
        button.setToolTip(f"{text} ({QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)})")
        button.clicked.connect(lambda: self._do(name, self._row))
        return button

    def _shortcut(self, name: str) -> None:
        if name == COPY:  # the list copies marked text by itself
            return
        text, _, keys = _ACTIONS[name]
        action = QAction(text, self._messages)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: self._do(name, self._messages.current_row()))
        self._messages.addAction(action)

    def _do(self, name: str, row: Row | None) -> None:
        if row is not None and name in self.possible(row):
            self.wanted.emit(name, row)
