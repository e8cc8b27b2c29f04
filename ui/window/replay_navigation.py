"""Navigation to the replay page from commands, the sidebar, and notices about retired models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.conversation_types import ModelRef
from desktop.services import Services
from ui.base.commands import Command
from ui.base.figures_text import retired_text
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.sidebar.sidebar import Sidebar
from ui.widgets.on_demand import OnDemand
from ui.window.drawer import Drawer
from ui.window.title_bar import TitleBar
from ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from ui.replay.live_replays import LiveReplays
    from ui.replay.replay_page import ReplayPage


class ReplayNavigation(QObject):
    """Creates the page on demand. Replays continue when it is left and end with the program."""

    opened = Signal(str)
    """Emitted with the id of a conversation to be shown."""

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
        sidebar.replays_wanted.connect(self.toggle)
        workspace.line.replay_wanted.connect(self.compare)

    @property
    def handlers(self) -> Mapping[Command, Callable[[], object]]:
        """The handlers of its commands, by command."""
        return {Command.REPLAY: self.open}

    def successor_of(self, ref: ModelRef) -> ModelRef | None:
        """Return the successor of a retired or retiring model if it can be asked, from its own connection first."""
        entry = self._facts.entry(ref)
        if not entry.successor or not retired_text(entry, date.today()):  # noqa: DTZ011 - the user's own day
            return None
        served = sorted(self._facts.known(), key=lambda each: each.connection != ref.connection)
        return next(
            (each for each in served if self._facts.entry(each).id == entry.successor and self._facts.can_ask(each)),
            None,
        )

    @Slot()
    def toggle(self) -> None:
        """Show the replay page instead of the panes, or return to the panes."""
        page = self._page()
        if self._drawer.page is page:
            self._leave()
        else:
            self._show()
            page.load()
            page.focus()

    @Slot()
    def open(self) -> None:
        """Show the replays, or a new one if the current pane's model has a successor."""
        old = self._workspace.pane.conversation.model
        if self.successor_of(old) is not None:
            self.compare(old)
        elif self._drawer.page is not self._page():
            self.toggle()

    @Slot(object)
    def compare(self, old: ModelRef) -> None:
        """Set up a replay of a model's conversations with its successor."""
        self._show()
        self._page().load()
        self._page().new_replay(old, self.successor_of(old))

    def end(self) -> None:
        """Stop all replays at quit."""
        if self._live.made is not None:
            self._live.made.stop_all()

    def _show(self) -> None:
        page = self._page()
        if self._drawer.page is not page:
            self._drawer.show_instead(page)
            self._bar.show_page(tr("Replay"))

    @Slot()
    def _leave(self) -> None:
        if self._page.made is not None:
            self._page.made.leave()
        self._drawer.show_instead(None)
        self._bar.show_page("")
        self._workspace.focus_composer()

    def _make_live(self) -> LiveReplays:
        from ui.replay.live_replays import LiveReplays

        live = LiveReplays(self._services, self._tasks, self)
        live.changed.connect(self._count)
        return live

    @Slot()
    def _count(self) -> None:
        """Show the number of replays in progress in the sidebar."""
        live = self._live.made
        self._sidebar.show_in_progress(replays=len(live.ids) if live is not None else 0)

    def _make_page(self) -> ReplayPage:
        from ui.replay.replay_page import ReplayPage  # the first paint needs none

        page = ReplayPage(self._services, self._tasks, self._themes, self._live(), self._drawer)
        page.left.connect(self._leave)
        page.conversation_wanted.connect(self.opened)
        return page
