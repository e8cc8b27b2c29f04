"""Navigation to the runs page from commands, the sidebar, dropped files and panes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.conversation_types import Conversation, JsonValue, ModelRef
from desktop.errors import ParagoneError
from desktop.services import Services
from ui.base import strings
from ui.base.commands import Command
from ui.base.model_facts import ModelFacts
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

_LAST_PROMPTS = 50


class EvalsNavigation(QObject):
    """Creates the page on demand. Runs continue when it is left and end with the program."""

    refused = Signal(str)
    """Emitted with the reason why something cannot be run."""
    opened = Signal(str)
    """Emitted with the id of a conversation made from a response, to be shown."""

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
        self._facts = ModelFacts(services)
        self._workspace, self._drawer, self._bar, self._sidebar = workspace, drawer, bar, sidebar
        self._live = OnDemand(self._make_live)
        self._page = OnDemand(self._make_page)
        sidebar.runs.clicked.connect(self.toggle)
        sidebar.list.run_asked.connect(self._run_conversations)

    @property
    def handlers(self) -> Mapping[Command, Callable[[], object]]:
        """The handlers of its commands, by command."""
        return {
            Command.RUNS: self.toggle,
            Command.NEW_RUN: partial(self._make, {}),
            Command.RUN_PROMPTS: self._run_prompts,
            Command.TRY_SUCCESSOR: self._try_successor,
        }

    @property
    def can_run_prompts(self) -> bool:
        """Whether the panes contain prompts that can be run again."""
        return any(pane.conversation.messages for pane in self._workspace.line)

    @property
    def successor(self) -> ModelRef | None:
        """Successor of the current pane's retiring model, if a connection serves it."""
        ref = self._workspace.pane.conversation.model
        wanted = self._facts.entry(ref).successor
        if not wanted or not self._facts.retirement(ref):
            return None
        served = self._services.gateway.known_of(ref.connection) if self._facts.connection(ref) is not None else ()
        return next((each for each in served if self._facts.entry(each).id == wanted), None)

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
        """Show the estimate of a suite file."""
        self._show()
        self._page().open_suite(path)

    def end(self) -> None:
        """Stop all runs at quit."""
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

    @Slot()
    def _run_prompts(self) -> None:
        """Create a suite from the panes' prompts and models for review."""
        from desktop.evals.suites.suite_drafts import draft_of_conversations

        panes = [pane.conversation for pane in self._workspace.line]
        self._make(draft_of_conversations(self._bar.named or tr("Suite"), panes[:1], [_contender(p) for p in panes]))

    @Slot(object)
    def _run_conversations(self, ids: Sequence[str]) -> None:
        self._tasks.start(self._draft_conversations(ids), name="runs.conversations", failed=self._fail)

    async def _draft_conversations(self, ids: Sequence[str]) -> None:
        """Create a suite from the prompts and models of chosen conversations."""
        from desktop.evals.suites.suite_drafts import draft_of_conversations

        store = (await self._services.store()).conversations
        found = [await store.get(each) for each in ids]
        models = dict.fromkeys(each.model for each in found)
        contenders: list[JsonValue] = [{"model": str(model)} for model in models]
        name = found[0].title if len(found) == 1 else trn("{n} conversation", "{n} conversations", len(found))
        self._make(await asyncio.to_thread(draft_of_conversations, name, found, contenders))

    @Slot()
    def _try_successor(self) -> None:
        successor, conversation = self.successor, self._workspace.pane.conversation
        if successor is None:
            self.refused.emit(tr("The connection offers no successor to this model."))
            return
        self._tasks.start(self._draft_successor(conversation, successor), name="runs.successor", failed=self._fail)

    async def _draft_successor(self, conversation: Conversation, successor: ModelRef) -> None:
        from desktop.evals.suites.suite_drafts import draft_of_prompts, last_prompts

        model = conversation.model
        prompts = await last_prompts(await self._services.store(), model, _LAST_PROMPTS)
        if not prompts:
            self.refused.emit(tr("No prompts have been sent to this model yet."))
            return
        name = tr("{new} replacing {old}", new=successor.name, old=model.name)
        contenders: list[JsonValue] = [{"model": str(model)}, {"model": str(successor)}]
        self._make(await asyncio.to_thread(draft_of_prompts, name, prompts, contenders))

    def _make_live(self) -> LiveRuns:
        from ui.evals.live_runs import LiveRuns

        live = LiveRuns(self._services, self._tasks, self)
        live.changed.connect(self._count)
        return live

    @Slot()
    def _count(self) -> None:
        """Show the number of active runs in the sidebar."""
        live = self._live.made
        number = len(live.ids) if live is not None else 0
        self._sidebar.runs.setText(tr("Runs ({n})", n=number) if number else tr("Runs"))
        told = trn("{n} run in progress", "{n} runs in progress", number) if number else ""
        self._sidebar.runs.setAccessibleDescription(told)

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


def _contender(conversation: Conversation) -> JsonValue:
    """Return a pane's model, parameters and system prompt as a contender of a suite."""
    made: dict[str, JsonValue] = {"model": str(conversation.model)}
    if conversation.parameters.values:
        made["parameters"] = dict(conversation.parameters.values)
    if conversation.system:
        made["system"] = conversation.system
    return made
