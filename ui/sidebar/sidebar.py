"""The left column: search, New chat, conversations in groups, and at the bottom the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QMessageBox,
    QPushButton,
    QStackedLayout,
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
from ui.sidebar.search_field import SearchField
from ui.sidebar.view import ConversationList
from ui.tasks import Tasks
from ui.theme import Themes
from ui.widgets.paragraph import Paragraph
from ui.widgets.parts import hairline, label

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
    new_comparison_wanted = Signal()

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
        self._with_trash = False
        self._opened = ""
        self._hits: Sequence[SearchHit] | None = None
        self.library = Library(services, tasks, self)
        self.search_field = SearchField(SEARCH_SHORTCUT)
        self.new_chat = QPushButton("+ Chat")
        self.new_comparison = QPushButton("+ Comparison")
        self.list = ConversationList(themes, self._name_of, clock, self)
        self._empty = Paragraph(_EMPTY, "muted")
        self.settings = QPushButton()
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

    def _build(self) -> None:
        self.new_chat.setAccessibleName("New chat")
        self.new_comparison.setAccessibleName("New comparison")
        for button in (self.new_chat, self.new_comparison):
            button.setFixedHeight(30)
            button.setStyleSheet("padding-left: 4px; padding-right: 4px;")
        self.settings.setText("Settings")
        self.settings.setAccessibleName("Settings")
        self.settings.setProperty("role", "quiet")
        self.settings.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.settings.setFixedHeight(28)
        self.settings.setStyleSheet("font-size: 12px;")
        self._empty.setStyleSheet("font-size: 13px;")
        self._empty.setContentsMargins(20, 14, 20, 0)
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
        making = QHBoxLayout()
        making.setSpacing(6)
        making.addWidget(self.new_chat, 1)
        making.addWidget(self.new_comparison, 1)
        top.addLayout(making)
        column.addLayout(top)
        column.addWidget(middle, 1)
        bottom = QVBoxLayout()
        bottom.setContentsMargins(8, 0, 8, 10)
        bottom.setSpacing(4)
        bottom.addWidget(hairline())
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addSpacing(1)  # its button's own padding is the rest
        line.addWidget(self.settings)
        line.addStretch(1)
        line.addWidget(self._connections)
        line.addSpacing(8)
        bottom.addLayout(line)
        column.addLayout(bottom)

    def _connect(self) -> None:
        self.library.changed.connect(self._show)
        self.library.found.connect(self._show_found)
        self.search_field.textChanged.connect(self._typed)
        self.search_field.returnPressed.connect(self._open_first)
        self.search_field.left_downwards.connect(self.list.focus_first)
        self._search_timer.timeout.connect(self._search)
        self.new_chat.clicked.connect(self.new_chat_wanted)
        self.new_comparison.clicked.connect(self.new_comparison_wanted)
        self.list.opened.connect(self.opened)
        self.list.trash_asked.connect(self.library.trash)
        self.list.restore_asked.connect(self.library.restore)
        self.list.purge_asked.connect(self._ask_to_purge)
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
        trash = menu.addAction("Show the trash", self._toggle_trash)
        trash.setCheckable(True)
        trash.setChecked(self._with_trash)

    @Slot()
    def _toggle_trash(self) -> None:
        self._with_trash = not self._with_trash
        self.library.show_trash(shown=self._with_trash)

    @Slot(str, str)
    def _ask_to_purge(self, conversation_id: str, title: str) -> None:
        """What is deleted for good does not come back: ask first."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Delete for good")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Delete “{title}” for good?")
        box.setInformativeText("It cannot be brought back, but from a backup. Daily backups keep it for seven days.")
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton("Keep", QMessageBox.ButtonRole.RejectRole))
        delete.clicked.connect(partial(self.library.purge, conversation_id))
        box.open()

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
                self.library.conversations,
                self._order,
                self._name_of,
                self._clock(),
                archive=self._with_archive,
                comparisons=self.library.comparisons,
                trash=self.library.thrown_away,
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
        return f"{strings.short_name(name)} (embedded)" if embedded else name
