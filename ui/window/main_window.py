"""Main window: sidebar, title bar, notices and workspace."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QIcon, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from desktop.domain.conversation_types import ModelRef
from desktop.errors import ParagoneError, UsageError
from desktop.services import Services
from desktop.settings.option import SettingsPage
from desktop.settings.policy import EXPORT, LINKS, START_NOTICE, Policy
from desktop.settings.schema import COLUMN, MENU_BAR
from desktop.system.paths import resources
from ui.base.commands import PANES, Command
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.text_size import TextSize
from ui.base.theme import Themes
from ui.composer.file_offers import FileOffers
from ui.pane.pane import Pane
from ui.pane.pane_resources import PaneResources, files_on_demand, looks_on_demand, spelling_on_demand
from ui.settings.store_maintenance import StoreMaintenance
from ui.sidebar.entries import Order
from ui.sidebar.sidebar import Sidebar
from ui.transcript.frame_scheduler import FrameScheduler
from ui.widgets.buttons import pressed_by_enter
from ui.widgets.notice_bar import NoticeStack
from ui.widgets.on_demand import OnDemand
from ui.widgets.typing_keys import hand_on, is_typed
from ui.widgets.window_size import within_screen
from ui.window import tab_order, window_state
from ui.window.answer_notifications import AnswerNotifications
from ui.window.blind_rounds import BlindRounds
from ui.window.columns import Columns
from ui.window.command_actions import Handlers, give_keys, install, shortcuts
from ui.window.comparison_panels import ComparisonPanels
from ui.window.conversation_menus import ConversationMenus
from ui.window.desk import Desk
from ui.window.drawer import Drawer
from ui.window.dropped_files import DroppedFiles
from ui.window.evals_navigation import EvalsNavigation
from ui.window.floating_notices import fill_column
from ui.window.history_figures import HistoryFigures
from ui.window.merge import AnswerMerge
from ui.window.notifier import Notifier, notifier
from ui.window.pane_chooser import PaneChooser
from ui.window.possible_commands import possible_commands
from ui.window.quit_question import QuitQuestion
from ui.window.repeats import PromptRepeats
from ui.window.replay_navigation import ReplayNavigation
from ui.window.reruns import Reruns
from ui.window.response_schemas import ResponseSchemas
from ui.window.settings_windows import SettingsWindows
from ui.window.shared_state import SharedState
from ui.window.temporary_chats import TemporaryChats
from ui.window.title_bar import TitleBar
from ui.window.tool_approvals import ToolApprovals
from ui.window.transfer_dialogs import TransferDialogs
from ui.window.window_links import WindowLinks
from ui.window.window_state import new_key
from ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from ui.window.palette import Palette, PaletteChoice


def command_palette(
    window: QWidget,
    themes: Themes,
    offer: Callable[[], Sequence[PaletteChoice]],
    recent: tuple[str, ...],
    used: Callable[[], object],
    find: Callable[[str], Awaitable[Sequence[PaletteChoice]]],
    tasks: Tasks,
) -> Palette:
    """Return the command palette. `recent` contains earlier choices; `used` is called after each choice.

    `find` returns the conversations that match the typed words.
    """
    from ui.window.palette import Palette

    palette = Palette(themes, offer, window)
    palette.recent = recent
    seeking: list[asyncio.Task[None]] = []

    async def look_up(typed: str) -> None:
        """Show the conversations that match the typed words."""
        palette.show_found(typed, await find(typed))

    def seek(typed: str) -> None:
        """Search for the typed words, and cancel the previous search."""
        for task in seeking:
            task.cancel()
        seeking[:] = [tasks.start(look_up(typed), name="palette.titles")]

    palette.typed.connect(seek)
    palette.used.connect(used)
    return palette


_SIZE, _SMALLEST = QSize(1280, 800), QSize(560, 400)
_MOST_TITLED = 50
_REMEMBER_MS = 500
"""Delay before the window state is saved. It is short, because the process may be killed."""


class MainWindow(QMainWindow):
    """Main window, which connects all parts of the interface. Reads nothing from the store before `settle_in`.

    `state` is what it shares with other windows; `number` is its place among them, from 1. A window that the user
    closes while another is open is only hidden.
    """

    closed = Signal()
    """Emitted when the window was closed because the program is quitting."""
    painted = Signal()
    """Emitted after the first paint."""

    def __init__(
        self, services: Services, tasks: Tasks, themes: Themes, state: SharedState | None = None, number: int = 1
    ) -> None:
        super().__init__()
        self._services, self._tasks, self._themes = services, tasks, themes
        self._shared = SharedState(services, tasks, self) if state is None else state
        self._shared.windows.append(self)
        self._seen = self._finished = False
        self.setWindowTitle("Paragone")
        self.setAccessibleName("Paragone")
        self.setMinimumSize(_SMALLEST)
        self.resize(within_screen(self, _SIZE))
        self._columns = Columns(self)  # what is in it is made within it: another parent is dear
        self.setCentralWidget(self._columns)
        self.sidebar = Sidebar(services, tasks, themes, self._columns)
        self.sidebar.setMinimumWidth(window_state.NARROWEST_SIDEBAR)
        right = _canvas(self._columns)
        self.title = TitleBar()
        self.notices = NoticeStack(afloat=True)
        drafts, room = self._drafts, self.disk_room = self._shared.drafts, self._shared.room
        looks, files = looks_on_demand(services, tasks, self), files_on_demand(services, tasks, themes, self)
        offers, self._text_size = FileOffers(self), TextSize(self)
        made = drafts, looks, self._shared.drawings, files, self._shared.answering, self._shared.held, room, offers
        spelling = spelling_on_demand(services, tasks, themes, self)
        shared = PaneResources(FrameScheduler(self), *made, self._text_size, spelling=spelling, new=new_key(number))
        self.drawer = Drawer(right)
        self.workspace = Workspace(services, tasks, themes, shared, self.drawer)
        self.drawer.hold(self.workspace)
        self.desk = Desk(services, tasks, self.sidebar, self.workspace, self.title, self.notices, room)
        self.temporary = TemporaryChats(services, tasks, shared.mode, self.desk, self.workspace, self.title)
        self.adding = PaneChooser(services, tasks, themes, self.desk, self.workspace, self.title)
        panels = (tasks, themes, self.workspace, self.title, self.drawer, self.notices)
        self.comparing = ComparisonPanels(facts := ModelFacts(services), lambda: services.settings, *panels)
        self.schemas = ResponseSchemas(facts, tasks, self.workspace)
        beside = (self.desk, self.sidebar.library, self.workspace, self.title, self.comparing)
        self.merging = AnswerMerge(services, tasks, themes, *beside)
        self.repeats = PromptRepeats(services, self.workspace, self.title, self._drafts)
        fill_column(right, self.title, self.notices, self.drawer)
        self._columns.hold(self.sidebar, right)
        rooms = (self.desk, self.workspace, self.drawer, self.title, self.sidebar)
        self.blind = BlindRounds(services, tasks, themes, shared, *rooms)
        self.latency = HistoryFigures(services, tasks, themes, self.workspace, self.drawer, self.title)
        self.runs = EvalsNavigation(services, tasks, themes, *rooms[1:])
        self.replays = ReplayNavigation(services, tasks, themes, *rooms[1:])
        self.tool_calls = ToolApprovals(services, tasks, self._shared, self.workspace, self.drawer, self._text_size)
        self.reruns = Reruns(services, tasks, themes, self.workspace.line, self)
        self.setup = SettingsWindows(services, tasks, themes, self)
        self.links = WindowLinks(self._shared, self, self.sidebar.library, self.desk, self.workspace, self.setup)
        self.quitting = QuitQuestion(services, tasks, self._arriving, self.notices, self)
        self.quitting.quit_wanted.connect(self._shared.finish)
        self.care = StoreMaintenance(services, tasks, self.notices, self)
        self.moving = TransferDialogs(services, tasks, themes, self)
        self.telling = AnswerNotifications(services, self.workspace, self, self._notifier)
        takers = (self.moving.open_import, self.setup.add_connection)
        self.files = DroppedFiles(self, *takers, lambda: self.workspace.prompt_editor, self.runs.open_suite)
        shared.offers.handed_on.connect(self.files.take)
        self.palette_ = OnDemand(self._make_palette)
        self._recent: tuple[str, ...] = ()
        self._place = window_state.StateKeeper(services.paths.config, tasks, number)
        self._restore(self._place.state)
        self.moving.export_format = self._place.state.export_format
        self._soon = QTimer(self, singleShot=True, interval=_REMEMBER_MS)
        self._actions = install(self, self._handlers(), services.settings)
        self.setup.shortcuts = shortcuts(services.settings)
        asking = (self.blind, self.repeats)
        self._possible = partial(possible_commands, *rooms[:2], self.sidebar, self._text_size, *asking)
        menus = ConversationMenus(self._actions, self._possible, self.workspace, self.sidebar, self.title)
        menus.rename_wanted.connect(self._rename)
        menus.export_wanted.connect(self.moving.open_export)
        self._connect()
        self.workspace.focus_composer()

    @property
    def pane(self) -> Pane:
        """The pane that has the focus, or had it last."""
        return self.workspace.pane

    async def settle_in(self) -> None:
        """Open the store after the first paint, list its conversations and report problems.

        Raises:
            StoreError: If the store cannot be opened.
            SettingsError: If the settings cannot be read.
        """
        self._furnish()
        for notice in self._services.notices:
            self.notices.show_notice(tr(notice), tone="warn")
        self._obey(self._services.settings.policy)
        is_open = await self.care.settle()
        self.desk.resume(self._place.state.shown, compares=self._place.state.compares)
        if is_open:
            await self.care.begin(self.blind.settle)

    def _furnish(self) -> None:
        """Add what the first paint does without: the icon and the menu bar."""
        from ui.pane.pane_commands import pane_commands
        from ui.window.menu_bar import CommandMenuBar

        self.setWindowIcon(QIcon(str(resources() / "icons" / "app" / "paragone.svg")))
        of_pane, native = lambda: pane_commands(self.pane), sys.platform == "darwin"
        bar = CommandMenuBar(self._actions, self._possible, of_pane, self)

        def show() -> None:
            """Show the bar as the setting says."""
            bar.set_shown(shown=native or self._services.settings.get(MENU_BAR))

        show()
        self.setMenuBar(bar)
        self._shared.menu_bar_changed.connect(show)

    def join(self, shown: str = "", *, compares: bool = False) -> None:
        """Begin as another window: list the conversations, and show one of them or the comparison with this ID."""
        if self.windowIcon().isNull():
            self._furnish()
            self._obey(self._services.settings.policy)
        self.sidebar.library.load()
        if shown:
            self.desk.opening.resume(shown, compares=compares)

    def _obey(self, policy: Policy) -> None:
        """Show the administrator's notice, and disable links if policy requires it."""
        if said := policy.get(START_NOTICE):
            self.notices.show_notice(said, life_ms=0)
        if not policy.get(LINKS):
            from ui.transcript.link_question import FORBIDDEN

            self.setProperty(FORBIDDEN, tr("Your organization does not allow opening links."))
        if not policy.get(EXPORT):  # read by ui/widgets/save_dialog.py
            self.setProperty("exportForbidden", tr("Your organization does not allow exporting conversations."))

    def remember(self) -> None:
        """Save the window state at once, because the system's session may end."""
        self._place.flush(self._state())
        self.quitting.session_ends()

    def _state(self) -> window_state.WindowState:
        return window_state.WindowState(
            geometry=bytes(self.saveGeometry().toBase64().data()).decode("ascii"),
            sidebar_width=self._columns.sidebar_width,
            sidebar_shown=self._columns.sidebar_wanted,
            grouped_by=self.sidebar.order.value,
            text_percent=self._text_size.percent,
            recent=self.palette_.made.recent if self.palette_.made else self._recent,
            shown=self.desk.resumed_id,
            export_format=self.moving.export_format,
            compares=self.workspace.comparison is not None,
            model=str(self.desk.chosen or ""),
            model_colors=self.workspace.marks.stored,
        )

    @Slot(str)
    def come_forward(self, token: str = "") -> None:
        """Bring the window to the front, with an activation token if the system requires one."""
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot()
    def search(self) -> None:
        """Focus the search field, showing the sidebar if necessary."""
        self._columns.show_sidebar(shown=True)
        self.sidebar.focus_search()

    @Slot()
    def rename(self) -> None:
        """Edit the title of the focused row in the list, or else of what is visible."""
        if self.sidebar.library.lists(wanted := self.sidebar.keyboard_id or self.desk.shown_id):
            self._rename(wanted)

    @Slot(str)
    def _rename(self, conversation_id: str) -> None:
        self._columns.show_sidebar(shown=True)
        self.sidebar.rename(conversation_id)

    @Slot()
    def add_connection(self) -> None:
        """Open the dialog that adds a connection."""
        self.setup.add_connection()

    @Slot(str)
    def say_bug(self, sentence: str) -> None:
        """Report an internal error, including where the log is."""
        logs = self._services.paths.logs
        said = tr("{sentence} Details are in {folder}.", sentence=sentence, folder=logs)
        self.notices.show_notice(said, tone="bad")

    @Slot(object)
    def say_error(self, error: ParagoneError) -> None:
        """Show an error as a notice."""
        self.desk.say_error(error)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, FBT001 - Qt's own
        """Move the focus to the next or previous control in reading order."""
        workspace, panel = self.workspace, self.drawer.page or self.drawer.panel
        parts = (self.sidebar, self.title, self.notices, *workspace.line, workspace.composer)
        chosen = tab_order.step(parts if panel is None else (*parts, panel), onwards=next)
        return chosen is not None or super().focusNextPrevChild(next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass typed characters that nothing else handled to the prompt field. Enter presses the focused button."""
        if pressed_by_enter(event):
            event.accept()
        elif is_typed(event) and self.drawer.page is None:
            hand_on(event, self.workspace.prompt_editor)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Start to watch for the first paint."""
        super().showEvent(event)
        if not self._seen:
            self.windowHandle().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Detect the first paint."""
        if not self._seen and event.type() == QEvent.Type.Expose:
            self._seen = True
            QTimer.singleShot(0, self, self.painted.emit)
        return super().eventFilter(watched, event)

    @property
    def is_placed(self) -> bool:
        """Whether the window has a size and position from an earlier time."""
        return bool(self._place.state.geometry)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Save the state and close the window, after asking about responses in progress.

        If another window is open or there is a tray icon, this one is hidden and its responses continue.
        """
        if not self._finished and (self._shared.in_tray or self._shared.others(self)):
            event.ignore()
            self._put_away()
        elif self._finished or self.quitting.may_close():
            super().closeEvent(event)
            self._shared.finish()
        else:
            event.ignore()

    def finish(self) -> None:
        """Save everything and close the window, because the program is quitting."""
        if self._finished:
            return
        self._finished = True
        self._place.end(self._state())
        self.tool_calls.end()
        self.runs.end()
        self.replays.end()
        self.workspace.end()
        self._drafts.flush()
        self.hide()
        self.closed.emit()

    def _put_away(self) -> None:
        """Hide the window. What it shows is left to other windows, if there are any."""
        self._place.flush(self._state())
        self.tool_calls.deny_shown()
        self.hide()
        self.setup.close()
        self._shared.last = self
        if self._shared.others(self):
            self.desk.new_chat(lambda: None)

    @property
    def shown_ids(self) -> set[str]:
        """IDs of the visible comparison, of the conversations in its panes and of those in the blind round."""
        shown = (pane.conversation_id for pane in self.workspace.line)
        return {self.desk.shown_id, *shown, *self.blind.conversation_ids}

    def _quit(self) -> None:
        """Close all windows, after asking about responses in progress."""
        if self.quitting.may_close():
            self._shared.finish()

    def _arriving(self) -> int:
        """Return the number of responses in progress in chats of all windows and in the blind round."""
        return self.workspace.arriving + self.blind.arriving

    def _pass_on(self, opens: Callable[[Sequence[str]], None]) -> None:
        """Export or print what is visible, using `opens`."""
        shown = self.desk.shown_id
        if not self.blind.refuses_export() and self.sidebar.library.title(shown):
            opens([shown])

    def _handlers(self) -> Handlers:
        """Return the handlers of all window commands."""
        page = self.setup.open_page
        return {
            Command.NEW_CHAT: self.desk.new_chat,
            Command.TEMPORARY_CHAT: self.temporary.begin,
            Command.NEW_COMPARISON: self.desk.new_comparison,
            Command.ADD_PANE: self.adding.open,
            **self.blind.handlers,
            **self.runs.handlers,
            **self.replays.handlers,
            **{command: partial(self.workspace.places.focus, place) for place, command in enumerate(PANES)},
            Command.FIGURES: self.comparing.toggle_figures,
            Command.DIFFERENCES: self.comparing.toggle_differences,
            Command.FIELDS: self.comparing.toggle_fields,
            Command.TOOL_CALLS: self.comparing.toggle_calls,
            Command.RESPONSE_SCHEMA: self.schemas.open,
            Command.LATENCY: self.latency.toggle,
            Command.TOOLS: self.workspace.tools.open,
            Command.ANSWER_CALLS: self.tool_calls.answer,
            Command.MERGE_ANSWERS: self.merging.open,
            Command.ASK_SEVERAL_TIMES: self.repeats.open,
            Command.PROMPTS_ONLY: self.workspace.prompts.toggle,
            Command.CHOOSE_ANSWER: self.comparing.choose,
            Command.PALETTE: lambda: self.palette_().open(),
            Command.SEARCH: self.search,
            Command.RENAME: self.rename,
            Command.TRASH: self.desk.trash,
            Command.UNDO: self.desk.undoing.undo,
            Command.IMPORT: self.moving.open_import,
            Command.EXPORT: partial(self._pass_on, self.moving.open_export),
            Command.PRINT: partial(self._pass_on, self.moving.open_print),
            Command.EXPORT_ALL: self.moving.open_export,
            Command.TOGGLE_SIDEBAR: self._columns.toggle,
            Command.NEXT_CHAT: partial(self.desk.open_neighbour, 1),
            Command.PREVIOUS_CHAT: partial(self.desk.open_neighbour, -1),
            Command.GO_TO_PROMPT: self.workspace.focus_composer,
            Command.ANSWER_START: self.workspace.line.to_answers,
            Command.ANSWER_END: self.workspace.line.to_ends,
            Command.CORRECT_SPELLING: self.workspace.correct_spelling,
            Command.LARGER_TEXT: self._text_size.larger,
            Command.SMALLER_TEXT: self._text_size.smaller,
            Command.USUAL_TEXT: self._text_size.usual,
            Command.FULL_SCREEN: lambda: self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen),
            Command.ADD_CONNECTION: self.add_connection,
            Command.SETTINGS: self.setup.open_settings,
            Command.KEYBOARD_SHORTCUTS: partial(page, SettingsPage.SHORTCUTS),
            Command.DOCTOR: partial(page, SettingsPage.DOCTOR),
            Command.ABOUT: partial(page, SettingsPage.ABOUT),
            Command.NEW_WINDOW: self.links.open_window,
            Command.MOVE_TO_WINDOW: self.links.move_shown_out,
            Command.QUIT: self._quit,
        }

    def _make_palette(self) -> Palette:
        made = command_palette(
            self, self._themes, self._choices, self._recent, self.remember_soon, self._titled, self._tasks
        )
        made.search_wanted.connect(self._search_for)
        return made

    async def _titled(self, typed: str) -> list[PaletteChoice]:
        """Return choices for the conversations whose titles match the words typed in the palette."""
        from ui.window.palette_choices import conversation_choices

        found = await (await self._services.store()).listings.titled(typed.split(), _MOST_TITLED)
        return conversation_choices(found, self.sidebar, self.desk)

    @Slot(str)
    def _search_for(self, words: str) -> None:
        self.search()
        self.sidebar.search_field.setText(words)

    def _choices(self) -> list[PaletteChoice]:
        """Return all choices for the command palette."""
        from ui.window.palette_choices import offered  # the first paint needs neither this nor the palette

        presets, themes = self._services.presets, self.setup.look_choices()
        found = offered(self._actions, self._possible(), self.workspace, presets, self.sidebar, self.desk)
        return [*found, *themes]

    def _connect(self) -> None:
        self._columns.hidden.connect(self.workspace.focus_composer)
        self.sidebar.settings.clicked.connect(self.setup.open_settings)
        self.sidebar.connections.clicked.connect(partial(self.setup.open_page, SettingsPage.CONNECTIONS))
        self.workspace.tools.manage_wanted.connect(partial(self.setup.open_page, SettingsPage.TOOLS))
        self.workspace.tools.failed.connect(self.say_error)
        self.merging.refused.connect(self.desk.say)
        self.repeats.refused.connect(self.desk.say)
        self.runs.refused.connect(self.desk.say)
        self.runs.opened.connect(self.desk.open_conversation)
        self.replays.opened.connect(self.desk.open_conversation)
        self.comparing.history_wanted.connect(self.latency.toggle)
        self.latency.left.connect(self.comparing.show_again)
        self.notices.left.connect(self.workspace.read)
        self._shared.shortcuts_changed.connect(self._shortcuts_changed)
        self._shared.column_changed.connect(self._use_column)
        self._shared.connections_changed.connect(self._connections_changed)
        self._shared.store_changed.connect(self._store_changed)
        self.setup.connection_added.connect(self.desk.welcome_connection)
        self.closed.connect(self.setup.close)
        self.care.opened.connect(self.sidebar.library.load)
        self.care.changed.connect(self.sidebar.library.refresh)
        self.care.renewing.connect(self.sidebar.finding.show_renewal)
        self.care.storage_wanted.connect(partial(self.setup.open_page, SettingsPage.STORAGE))
        self.moving.imported.connect(self.sidebar.library.refresh)
        self.moving.exported.connect(self.remember_soon)
        self.sidebar.list.export_asked.connect(self.moving.open_export)
        self.sidebar.list.window_asked.connect(self.links.move_out)
        self.sidebar.library.failed.connect(self.say_error)
        self.sidebar.library.purged.connect(self._drafts.forget)
        self.workspace.line.add_connection_wanted.connect(self.add_connection)
        self.workspace.line.connection_wanted.connect(self.setup.mend_connection)
        self._soon.timeout.connect(lambda: self._place.keep(self._state()))
        self._text_size.changed.connect(self.remember_soon)
        for signal in (
            self.workspace.comparison_shown,
            self.workspace.panes_changed,
            self.workspace.line.saved,
            self.workspace.kept.due,
            self.workspace.line.model_picked,
        ):
            signal.connect(self.remember_soon)
        self._tasks.failed.connect(self.say_error)

    @Slot()
    def remember_soon(self) -> None:
        """Schedule saving the window state."""
        if not self._soon.isActive():  # begun anew at each change, it would wait as long as these come
            self._soon.start()

    def _restore(self, kept: window_state.WindowState) -> None:
        self.setup.use_theme()
        self.workspace.restore_colours(kept.model_colors)
        self._text_size.set_percent(kept.text_percent)
        self._use_column()
        self._recent = kept.recent
        with contextlib.suppress(UsageError):
            self.desk.chosen = ModelRef.parse(kept.model)
        if kept.grouped_by in {order.value for order in Order}:
            self.sidebar.group_by(Order(kept.grouped_by))
        if kept.geometry:
            self.restoreGeometry(QByteArray.fromBase64(kept.geometry.encode("ascii", "replace")))
        self._columns.show_sidebar(shown=kept.sidebar_shown, width=kept.sidebar_width)

    def _notifier(self) -> Notifier:
        """Return a notifier for this system. Clicking a notification brings the window to the front."""
        result = notifier(self._tasks, self.windowIcon(), self)
        result.pressed.connect(partial(self.come_forward, ""))
        return result

    @Slot()
    def _use_column(self) -> None:
        self._text_size.set_column(self._services.settings.get(COLUMN))

    @Slot()
    def _shortcuts_changed(self) -> None:
        give_keys(self._actions, self._services.settings)
        self.setup.shortcuts = shortcuts(self._services.settings)

    @Slot(object)
    def _store_changed(self, window: object) -> None:
        """Show a new chat, because the store now contains other conversations. The `window` it began in tidies up."""
        self.workspace.sending.stop()
        self.desk.new_chat()
        if window is not self:
            self.sidebar.library.load()
            return
        self._tasks.start(self.care.settle_again(self.blind.settle), name="window.settle", failed=self.say_error)

    @Slot()
    def _connections_changed(self) -> None:
        self.sidebar.connections_changed()
        self.workspace.connections_changed()


def _canvas(parent: QWidget) -> QWidget:
    """Return the background of everything beside the sidebar."""
    canvas = QWidget(parent)
    canvas.setProperty("role", "canvas")
    canvas.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return canvas
