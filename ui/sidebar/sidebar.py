"""The left column: search, New chat, conversations in groups, and at the bottom the settings."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.domain import Kind, ModelRef, SearchHit
from desktop.errors import ConnectionUnknown
from desktop.services import Services
from ui import strings
from ui.sidebar import entries
from ui.sidebar.entries import Order
from ui.sidebar.library import Library
from ui.sidebar.view import ConversationList
from ui.tasks import Tasks
from ui.theme import Themes
from ui.widgets.parts import hairline, keycap, label

SEARCH_SHORTCUT = QKeySequence("Ctrl+Shift+F")

_EMPTY = "Conversations appear here, by model. They stay on this computer."
_NOTHING = "Nothing that was said holds all of these words."
_SEARCH_AFTER_MS = 80
_MINUTE_MS = 60_000


def _local_now() -> datetime:
    return datetime.now().astimezone()


class Sidebar(QWidget):
    """Shows what the library holds. Opens nothing itself: it says what was chosen."""

    opened = Signal(str, str)
    """A conversation was chosen: its id, and the id of the message that was found in it, or nothing."""
    new_chat_wanted = Signal()

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        themes: Themes,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], datetime] = _local_now,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._services = services
        self._clock = clock
        self._order = Order.MODEL
        self._with_archive = False
        self._opened = ""
        self._hits: Sequence[SearchHit] | None = None
        self.library = Library(services, tasks, self)
        self.search_field = QLineEdit()
        self.new_chat = QPushButton("+ Chat")
        self.list = ConversationList(themes, self._name_of, clock, self)
        self._empty = label(_EMPTY, "muted")
        self.settings = QToolButton()
        self._connections = label("", "muted")
        self._search_timer = QTimer(self, interval=_SEARCH_AFTER_MS, singleShot=True)
        self._build()
        self._connect()
        self.connections_changed()

    @property
    def order(self) -> Order:
        """How the list is grouped."""
        return self._order

    def group_by(self, order: Order) -> None:
        """Group the list otherwise."""
        self._order = order
        self._show()

    @property
    def shows_archive(self) -> bool:
        """Whether archived conversations are listed too."""
        return self._with_archive

    def show_archive(self, *, shown: bool) -> None:
        """List archived conversations too, or not."""
        self._with_archive = shown
        self._show()

    def mark_opened(self, conversation_id: str) -> None:
        """Show which conversation the window shows."""
        self._opened = conversation_id
        self.list.mark_opened(conversation_id)

    def rename(self, conversation_id: str) -> None:
        """Let a conversation's title be typed in its row."""
        if self._hits is not None:
            self.search_field.clear()
        self.list.rename(conversation_id)

    def connections_changed(self) -> None:
        """Count the connections again."""
        self._connections.setText(strings.count(len(self._services.settings.all_connections), "connection"))

    @Slot()
    def focus_search(self) -> None:
        """Put the cursor into the search."""
        self.search_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search_field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down and Enter lead from the search to what it found, Esc ends it."""
        if watched is self.search_field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape and self.search_field.text():
                self.search_field.clear()
                return True
            if event.key() == Qt.Key.Key_Down:
                self.list.focus_first()
                return True
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        self.search_field.setPlaceholderText("Search")
        self.search_field.setAccessibleName("Search conversations")
        self.search_field.installEventFilter(self)
        within = QHBoxLayout(self.search_field)
        within.setContentsMargins(0, 0, 10, 0)
        self._keys = keycap(SEARCH_SHORTCUT)
        within.addWidget(self._keys, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.search_field.setFixedHeight(32)
        self.new_chat.setAccessibleName("New chat")
        self.new_chat.setFixedHeight(30)
        self.settings.setText("Settings")
        self.settings.setAccessibleName("Settings")
        self.settings.setProperty("role", "quiet")
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(20, 18, 20, 0)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        middle = QWidget()
        stack = QStackedLayout(middle)
        stack.setStackingMode(QStackedLayout.StackingMode.StackAll)
        stack.addWidget(self._empty)
        stack.addWidget(self.list)

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(12, 0, 12, 10)
        top.setSpacing(8)
        top.addWidget(self.search_field)
        top.addWidget(self.new_chat)
        column.addLayout(top)
        column.addWidget(middle, 1)
        bottom = QVBoxLayout()
        bottom.setContentsMargins(8, 0, 8, 10)
        bottom.setSpacing(4)
        bottom.addWidget(hairline())
        line = QHBoxLayout()
        line.setContentsMargins(1, 0, 8, 0)
        line.addWidget(self.settings)
        line.addStretch(1)
        line.addWidget(self._connections)
        bottom.addLayout(line)
        column.addLayout(bottom)

    def _connect(self) -> None:
        self.library.changed.connect(self._show)
        self.library.found.connect(self._show_found)
        self.search_field.textChanged.connect(self._typed)
        self.search_field.returnPressed.connect(self._open_first)
        self._search_timer.timeout.connect(self._search)
        self.new_chat.clicked.connect(self.new_chat_wanted)
        self.list.opened.connect(self.opened)
        self.list.trash_asked.connect(self.library.trash)
        self.list.pin_asked.connect(self._pin)
        self.list.archive_asked.connect(self._archive)
        self.list.options_wanted.connect(self._add_options)
        self.list.left_upwards.connect(self.focus_search)
        self.list.entries.renamed.connect(self.library.rename)
        ticking = QTimer(self, interval=_MINUTE_MS)
        ticking.timeout.connect(self.list.viewport().update)
        ticking.start()

    @Slot(str)
    def _typed(self, text: str) -> None:
        self._keys.setVisible(not text)
        if text.strip():
            self._search_timer.start()
        else:
            self._search_timer.stop()
            self._hits = None
            self._show()

    @Slot()
    def _search(self) -> None:
        self.library.search(self.search_field.text())

    @Slot(str, object)
    def _show_found(self, text: str, hits: Sequence[SearchHit]) -> None:
        if text == self.search_field.text():
            self._hits = hits
            self._show()

    @Slot()
    def _open_first(self) -> None:
        for row in range(self.list.entries.rowCount()):
            entry = self.list.entries.entry(self.list.entries.index(row))
            if isinstance(entry, entries.Item) and self._hits is not None:
                self.opened.emit(entry.conversation.id, entry.message_id)
                return

    @Slot(QMenu)
    def _add_options(self, menu: QMenu) -> None:
        for order, text in ((Order.MODEL, "Group by model"), (Order.DATE, "Group by date")):
            grouping = menu.addAction(text, partial(self.group_by, order))
            grouping.setCheckable(True)
            grouping.setChecked(self._order is order)
        archive = menu.addAction("Show the archive", lambda: self.show_archive(shown=not self._with_archive))
        archive.setCheckable(True)
        archive.setChecked(self._with_archive)

    @Slot(str, bool)
    def _pin(self, conversation_id: str, pinned: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.library.pin(conversation_id, pinned=pinned)

    @Slot(str, bool)
    def _archive(self, conversation_id: str, archived: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.library.archive(conversation_id, archived=archived)

    @Slot()
    def _show(self) -> None:
        if self._hits is not None:
            listed = entries.found(self._hits)
        else:
            listed = entries.listed(
                self.library.conversations, self._order, self._name_of, self._clock(), archive=self._with_archive
            )
        self.list.entries.show_entries(listed)
        self._empty.setText(_EMPTY if self._hits is None else _NOTHING)
        self._empty.setVisible(not listed and (self._hits is not None or not self.library.conversations))
        self.list.mark_opened(self._opened)

    def _name_of(self, ref: ModelRef) -> str:
        name = self._services.catalog.entry(ref.name).name or ref.name
        try:
            embedded = self._services.settings.connection(ref.connection).kind is Kind.EMBEDDED
        except ConnectionUnknown:
            embedded = False
        return f"{name} (embedded)" if embedded else name
