"""Navigation to the runs page from commands, the sidebar and dropped files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.conversation_types import Conversation, JsonValue
from desktop.errors import ParagoneError
from desktop.services import Services
from ui.base import strings
from ui.base.commands import Command
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.sidebar.sidebar import Sidebar
from ui.widgets.on_demand import OnDemand
from ui.window.drawer import Drawer
from ui.window.title_bar import TitleBar
from ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from ui.evals.live_runs import LiveRuns
    from ui.evals.runs_page import RunsPage


class EvalsNavigation(QObject):
    """Opens the runs page, created on first use. Runs continue when the page is left, until the program ends."""

    refused = Signal(str)
    """Emitted with the reason why prompts cannot be run."""
    opened = Signal(str)
    """Emitted with the ID of a conversation that was made from a response and is to be shown."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        themes: Themes,
        workspace: Workspace,
        drawer: Drawer,
        bar: TitleBar,
        sidebar: Sidebar,
    ) -> None:
        super().__init__(workspace)
        self._services, self._tasks, self._themes = services, tasks, themes
        self._workspace, self._drawer, self._bar, self._sidebar = workspace, drawer, bar, sidebar
        self._live = OnDemand(self._make_live)
        self._page = OnDemand(self._make_page)
        sidebar.runs_wanted.connect(self.toggle)
        sidebar.list.run_asked.connect(self._run_conversations)

    @property
    def handlers(self) -> Mapping[Command, Callable[[], object]]:
        """Handlers of the commands for runs."""
        return {
            Command.RUNS: self.toggle,
            Command.NEW_RUN: partial(self._make, {}),
        }

    @Slot()
    def toggle(self) -> None:
        """Show the runs page instead of the panes, or return to the panes."""
        page = self._page()
        if self._drawer.page is page:
            self._leave()
        else:
            self._show()
            page.load()
            page.focus()

    def open_suite(self, path: Path) -> None:
        """Load a suite file and show its estimate."""
        self._show()
        self._page().open_suite(path)

    def end(self) -> None:
        """Stop all runs before quitting."""
        if self._live.made is not None:
            self._live.made.stop_all()

    def _show(self) -> None:
        page = self._page()
        if self._drawer.page is not page:
            self._drawer.show_instead(page)
            self._bar.show_page(tr("Runs"))

    def _leave(self) -> None:
        if self._page.made is not None:
            self._page.made.leave()
        self._drawer.show_instead(None)
        self._bar.show_page("")
        self._workspace.focus_composer()

    def _make(self, data: Mapping[str, JsonValue]) -> None:
        self._show()
        self._page().load()
        self._page().new_run(data)

    @Slot(object)
    def _run_conversations(self, ids: Sequence[str]) -> None:
        self._tasks.start(self._draft_conversations(ids), name="runs.conversations", failed=self._fail)

    async def _draft_conversations(self, ids: Sequence[str]) -> None:
        """Show a suite made from the prompts and models of these conversations."""
        from desktop.evals.suites.suite_drafts import draft_of_conversations

        store = (await self._services.store()).conversations
        found = [await store.get(each) for each in ids]
        models = dict.fromkeys(each.model for each in found)
        contenders: list[JsonValue] = [{"model": str(model)} for model in models]
        name = found[0].title if len(found) == 1 else trn("{n} conversation", "{n} conversations", len(found))
        self._make(await asyncio.to_thread(draft_of_conversations, name, found, contenders))

    def _make_live(self) -> LiveRuns:
        from ui.evals.live_runs import LiveRuns

        live = LiveRuns(self._services, self._tasks, self)
        live.changed.connect(self._count)
        return live

    @Slot()
    def _count(self) -> None:
        """Update the number of active runs in the sidebar."""
        live = self._live.made
        self._sidebar.show_in_progress(runs=len(live.ids) if live is not None else 0)

    def _make_page(self) -> RunsPage:
        from ui.evals.runs_page import RunsPage  # the first paint needs none

        page = RunsPage(self._services, self._tasks, self._themes, self._live(), self._drawer)
        page.left.connect(self._leave)
        page.conversation_wanted.connect(self._open)
        return page

    @Slot(object)
    def _open(self, conversation: Conversation) -> None:
        self._tasks.start(self._kept(conversation), name="runs.open", failed=self._fail)

    async def _kept(self, conversation: Conversation) -> None:
        await (await self._services.store()).conversations.create(conversation)
        self._sidebar.library.load()
        self.opened.emit(conversation.id)

    def _fail(self, error: ParagoneError) -> None:
        self.refused.emit(strings.sentence(error))
