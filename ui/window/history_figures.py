"""Navigation to the page with latency and cost, which replaces the panes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from desktop.services import Services
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.pane_facts import ShownPane, distinct
from ui.widgets.on_demand import OnDemand
from ui.window.drawer import Drawer
from ui.window.title_bar import TitleBar
from ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from ui.compare.latency_page import LatencyPage, PricedChat


class HistoryFigures(QObject):
    """Opens the page, which is created on first use."""

    left = Signal()
    """Emitted when the panes are visible again."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        themes: Themes,
        workspace: Workspace,
        drawer: Drawer,
        bar: TitleBar,
    ) -> None:
        super().__init__(workspace)
        self._services = services
        self._themes = themes
        self._facts = ModelFacts(services)
        self._workspace = workspace
        self._drawer = drawer
        self._bar = bar
        self._page = OnDemand(partial(self._made, services, tasks))

    @Slot()
    def toggle(self) -> None:
        """Show the page instead of the panes, or return to the panes."""
        page = self._page()
        if self._drawer.page is page:
            self._leave()
            return
        self._drawer.show_instead(page)
        self._bar.show_page(tr("Latency and cost"))
        page.load()
        page.focus()

    def _leave(self) -> None:
        self._drawer.show_instead(None)
        self._bar.show_page("")
        self.left.emit()
        self._workspace.focus_composer()

    def _chats(self) -> Sequence[PricedChat]:
        """Return the visible conversations with their costs. For a blind round, these are empty chats."""
        from desktop.metrics.volume_cost import chat_cost, entry_by
        from ui.compare.latency_page import PricedChat

        panes = tuple(self._workspace.line)
        named = distinct([ShownPane(self._facts.name(each.conversation.model), "", ()) for each in panes])
        catalog = self._services.catalog
        known = [self._services.gateway.known(each.conversation.model) for each in panes]
        return [
            PricedChat(shown.name, chat_cost(pane.body.path, entry_by(catalog, of), pane.conversation.created_at))
            for shown, pane, of in zip(named, panes, known, strict=True)
        ]

    def _made(self, services: Services, tasks: Tasks) -> LatencyPage:
        from ui.compare.latency_page import LatencyPage  # the first paint needs none

        looks = self._themes, self._workspace.marks
        page = LatencyPage(services, tasks, looks, self._chats, lambda: self._bar.named, self._drawer)
        page.left.connect(self.toggle)
        return page
