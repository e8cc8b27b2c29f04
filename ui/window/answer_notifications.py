"""Desktop notifications about complete responses while the window is in the background.

They contain no text from chats.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from desktop.services import Services
from desktop.settings.schema import NOTIFY
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr, trn
from ui.window.notifier import Notifier
from ui.workspace.workspace import Workspace


class AnswerNotifications(QObject):
    """Notifies the user once when the last response in progress has ended.

    `make` creates the notifier on first use, because it loads slowly on some systems.
    """

    def __init__(self, services: Services, workspace: Workspace, window: QWidget, make: Callable[[], Notifier]) -> None:
        super().__init__(window)
        self._services = services
        self._facts = ModelFacts(services)
        self._workspace = workspace
        self._window = window
        self._make = make
        self._notifier: Notifier | None = None
        self._answering = False
        workspace.line.answering_changed.connect(self._changed)

    @Slot(object)
    def _changed(self, pane: object) -> None:
        del pane
        was, self._answering = self._answering, self._workspace.is_answering
        if was and not self._answering and not self._is_seen() and self._services.settings.get(NOTIFY):
            self._say()

    def _is_seen(self) -> bool:
        """Whether the window is active, or hidden because it is being closed."""
        return self._window.isActiveWindow() or not self._window.isVisible()

    def _say(self) -> None:
        panes = [*self._workspace.line]
        failed = sum(pane.failed for pane in panes)
        comparison = self._workspace.comparison
        if len(panes) == 1:
            name = self._facts.name(panes[0].conversation.model)
            title = tr("{model} did not respond", model=name) if failed else tr("{model} responded", model=name)
        else:
            title = trn("{n} response finished", "{n} responses finished", len(panes))
            if failed:
                title = trn("{all}, {n} failed", "{all}, {n} failed", failed, all=title)
        if self._notifier is None:
            self._notifier = self._make()
        self._notifier.say(title, comparison.title if comparison else panes[0].conversation.title)
