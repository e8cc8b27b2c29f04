"""The main window: sidebar, header, notices and one pane, and what happens between them."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
import os
from functools import partial

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from desktop.errors import ParagoneError
from desktop.services import Services
from ui import strings
from ui.pane.pane import Pane
from ui.sidebar.entries import UNTITLED, Order
from ui.sidebar.sidebar import Sidebar
from ui.tasks import Tasks
from ui.theme import Themes
from ui.transcript.scheduler import Scheduler
from ui.widgets.notice_bar import NoticeStack
from ui.widgets.parts import ElidedLabel, hairline
from ui.window import commands, place
from ui.window.columns import Columns
from ui.window.setup import Setup

_UNDO_MS = 10_000
_HEADER_HEIGHT = 43
_SIZE, _SMALLEST = QSize(1280, 800), QSize(560, 400)


class MainWindow(QMainWindow):
    """Puts the rooms together. Nothing is read from the store before `settle_in`."""

    closed = Signal()
    """The window was closed by its user."""
    painted = Signal()
    """The window is on the screen for the first time."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes) -> None:
        super().__init__()
        self._services = services
        self._tasks = tasks
        self._themes = themes
        self._opening: asyncio.Task[None] | None = None
        self._seen = False
        self.setWindowTitle("Paragone")
        self.setAccessibleName("Paragone")
        self.setMinimumSize(_SMALLEST)
        self.resize(_SIZE)
        self.sidebar = Sidebar(services, tasks, themes)
        self.sidebar.setMinimumWidth(place.NARROWEST_SIDEBAR)
        self.title = ElidedLabel(UNTITLED, "title")
        self.notices = NoticeStack()
        self.pane = Pane(services, tasks, themes, Scheduler(self))
        self._columns = Columns(self.sidebar, _right_column(self.title, self.notices, self.pane))
        self.setCentralWidget(self._columns)
        self.setup = Setup(services, tasks, themes, self)
        doings = commands.Doings(
            new_chat=self.new_chat,
            search=self.search,
            rename=self.rename,
            trash=self.trash,
            toggle_sidebar=self._columns.toggle,
            add_connection=self.add_connection,
            settings=self.setup.open_settings,
            quit=self.close,
        )
        self._restore(place.load(services.paths.config))
        self.setup.shortcuts = commands.shortcuts(commands.install(self, doings))
        self._connect()
        self.pane.start_new()
        self.pane.focus_composer()

    async def settle_in(self) -> None:
        """After the first paint: open the store, list what it holds, say what was found amiss.

        Raises StoreError and SettingsError.
        """
        for notice in self._services.notices:
            self.notices.show_notice(notice, tone="warn")
        store = await self._services.store()
        self.sidebar.library.load()
        for notice in store.notices:
            self.notices.show_notice(notice, tone="warn")
        if store.recovered:
            answers = strings.count(store.recovered, "answer was", "answers were")
            self.notices.show_notice(f"{answers} cut off when Paragone last ended. What had come is kept.")
        await store.backup_daily()
        await self.setup.adopt_theme()

    def remember(self) -> None:
        """Keep size and place for the next start."""
        kept = place.Place(
            geometry=bytes(self.saveGeometry().toBase64().data()).decode("ascii"),
            sidebar_width=self._columns.sidebar_width,
            sidebar_shown=self._columns.sidebar_wanted,
            grouped_by=self.sidebar.order.value,
            theme=self._themes.choice,
        )
        place.save(self._services.paths.config, kept)

    @Slot(str)
    def come_forward(self, token: str = "") -> None:
        """Bring the window to the front, by the token of whoever asked where the system wants one."""
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot()
    def new_chat(self) -> None:
        """Begin an empty conversation."""
        self._give_up_opening()
        self.pane.start_new()
        self.title.setText(UNTITLED)
        self.sidebar.mark_opened("")
        self.pane.focus_composer()

    @Slot()
    def search(self) -> None:
        """Put the cursor into the search over everything."""
        self._columns.show_sidebar(shown=True)
        self.sidebar.focus_search()

    @Slot()
    def rename(self) -> None:
        """Let the title of the conversation that is shown be typed in its row."""
        if self.sidebar.library.title(self.pane.conversation_id):
            self._columns.show_sidebar(shown=True)
            self.sidebar.rename(self.pane.conversation_id)

    @Slot()
    def trash(self) -> None:
        """Move the conversation that is shown to the trash."""
        if self.sidebar.library.title(self.pane.conversation_id):
            self.sidebar.library.trash(self.pane.conversation_id)

    @Slot()
    def add_connection(self) -> None:
        """Ask for an endpoint to add."""
        self.setup.add_connection()

    @Slot(str, str)
    def open_conversation(self, conversation_id: str, message_id: str = "") -> None:
        """Show a conversation of the store, at a message of it if one is named."""
        self._give_up_opening()
        opening = self._open(conversation_id, message_id)
        self._opening = self._tasks.start(opening, name="window.open", failed=self.say_error)

    @Slot(str)
    def say_bug(self, sentence: str) -> None:
        """Show that the program has a bug, and where the log is."""
        self.notices.show_notice(f"{sentence} Details are in {self._services.paths.logs}.", tone="bad")

    @Slot(object)
    def say_error(self, error: ParagoneError) -> None:
        """Show what the surroundings refused."""
        self.notices.show_notice(strings.sentence(error), tone="bad")

    def showEvent(self, event: QShowEvent) -> None:
        """Wait for the first paint."""
        super().showEvent(event)
        if not self._seen:
            self.windowHandle().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the first paint."""
        if not self._seen and event.type() == QEvent.Type.Expose:
            self._seen = True
            QTimer.singleShot(0, self, self.painted.emit)
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the place and say that it is over."""
        self.remember()
        super().closeEvent(event)
        self.closed.emit()

    def _connect(self) -> None:
        self._columns.hidden.connect(self.pane.focus_composer)
        self.sidebar.opened.connect(self.open_conversation)
        self.sidebar.new_chat_wanted.connect(self.new_chat)
        self.sidebar.settings.clicked.connect(self.setup.open_settings)
        self.setup.connections_changed.connect(self._connections_changed)
        self.closed.connect(self.setup.close)
        library = self.sidebar.library
        library.changed.connect(self._take_title)
        library.trashed.connect(self._after_trash)
        library.failed.connect(self.say_error)
        self.pane.title_changed.connect(self._show_title)
        self.pane.conversation_saved.connect(self._conversation_saved)
        self.pane.add_connection_wanted.connect(self.add_connection)
        self._tasks.failed.connect(self.say_error)

    def _restore(self, kept: place.Place) -> None:
        self.setup.restore_theme(kept.theme)
        if kept.grouped_by in {order.value for order in Order}:
            self.sidebar.group_by(Order(kept.grouped_by))
        if kept.geometry:
            self.restoreGeometry(QByteArray.fromBase64(kept.geometry.encode("ascii", "replace")))
        self._columns.show_sidebar(shown=kept.sidebar_shown, width=kept.sidebar_width)

    async def _open(self, conversation_id: str, message_id: str) -> None:
        store = await self._services.store()
        conversation = await store.conversations.get(conversation_id)
        self.pane.show_conversation(conversation, message_id)
        self._show_title(conversation.title)
        self.sidebar.mark_opened(conversation.id)
        if not self.sidebar.isAncestorOf(self.focusWidget() or self):
            self.pane.focus_composer()

    def _give_up_opening(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None

    @Slot(str)
    def _show_title(self, title: str) -> None:
        self.title.setText(title or UNTITLED)

    @Slot()
    def _take_title(self) -> None:
        title = self.sidebar.library.title(self.pane.conversation_id)
        if title:
            self._show_title(title)

    @Slot(str)
    def _conversation_saved(self, conversation_id: str) -> None:
        self.sidebar.mark_opened(conversation_id)
        self.sidebar.library.refresh()

    @Slot(str, str)
    def _after_trash(self, conversation_id: str, title: str) -> None:
        was_open = conversation_id == self.pane.conversation_id
        if was_open:
            self.pane.stop()
            self.new_chat()
        self.notices.show_notice(
            f"“{title or UNTITLED}” is in the trash.",
            tone="plain",
            action="Undo",
            act=partial(self._bring_back, conversation_id, was_open=was_open),
            life_ms=_UNDO_MS,
        )

    def _bring_back(self, conversation_id: str, *, was_open: bool) -> None:
        self.sidebar.library.restore(conversation_id)
        if was_open:
            self.open_conversation(conversation_id)

    @Slot()
    def _connections_changed(self) -> None:
        self.sidebar.connections_changed()
        self.pane.connections_changed()


def _right_column(title: QWidget, notices: QWidget, pane: QWidget) -> QWidget:
    right = QWidget()
    right.setProperty("role", "canvas")
    right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(right)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    title.setFixedHeight(_HEADER_HEIGHT)
    title.setContentsMargins(16, 0, 16, 0)
    column.addWidget(title)
    column.addWidget(hairline())
    column.addWidget(notices)
    column.addWidget(pane, 1)
    return right
