"""Repeats requests from the menus of responses, each in a non-modal dialog of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from desktop.domain.conversation_types import Status
from desktop.domain.events import Event, Notice, RetryWait, Started, TextDelta
from desktop.errors import ParagoneError, PromptFlagged
from desktop.services import Services
from desktop.text.phrases import phrase
from ui.base.model_facts import ModelFacts
from ui.base.strings import number_text, sentence, tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.workspace.pane_list import PaneList

if TYPE_CHECKING:
    from desktop.session.rerun import KeptRequest, Rerun, RerunAnswer
    from ui.compare.rerun_dialog import RerunDialog


class Reruns(QObject):
    """Dialogs of a window that repeat requests. Repeating a request whose dialog is open shows that dialog."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, line: PaneList, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._tasks = tasks
        self._themes = themes
        self._window = window
        self._open: dict[str, ShownRerun] = {}
        line.rerun_wanted.connect(self.open)

    @Slot(str)
    def open(self, message_id: str) -> None:
        """Repeat the request of a response."""
        shown = self._open.get(message_id)
        if shown is None:
            from ui.compare.rerun_dialog import RerunDialog  # the first paint needs none

            dialog = RerunDialog(self._themes.current, self._window)
            self._themes.changed.connect(dialog.themed)
            shown = self._open[message_id] = ShownRerun(self._services, self._tasks, message_id, dialog)
            dialog.finished.connect(lambda: self._open.pop(message_id, None))
            shown.ask()
        shown.dialog.show()
        shown.dialog.raise_()
        shown.dialog.activateWindow()


class ShownRerun(QObject):
    """A dialog with the request that it repeats."""

    def __init__(self, services: Services, tasks: Tasks, message_id: str, dialog: RerunDialog) -> None:
        super().__init__(dialog)
        self.dialog = dialog
        self._services = services
        self._tasks = tasks
        self._message_id = message_id
        self._rerun: Rerun | None = None
        self._allowed: frozenset[str] = frozenset()
        self._is_over = self._is_stopped = self._waits = False
        dialog.asked.connect(self.ask)
        dialog.asked_anyway.connect(self.ask)
        dialog.stop_wanted.connect(self.stop)
        dialog.finished.connect(self._close)

    @Slot()
    def ask(self) -> None:
        """Send the request. Findings for which it was already held back are ignored."""
        self._is_stopped = False
        self.dialog.begin()
        self._tasks.start(self._ask(), name="window.rerun")

    @Slot()
    def stop(self) -> None:
        """Stop the request in progress."""
        self._is_stopped = True
        if self._rerun is not None:
            self._rerun.stop()

    @Slot()
    def _close(self) -> None:
        self._is_over = True
        self.stop()

    async def _ask(self) -> None:
        try:
            outcome = await self._come()
        except PromptFlagged as error:
            self._allowed |= error.found
            self._fail(tr(error.message), held=True)
        except ParagoneError as error:
            self._fail(sentence(error))
        else:
            if outcome is not None:
                await self._show(*outcome)

    async def _come(self) -> tuple[KeptRequest, RerunAnswer] | None:
        """Return the original request and the new response, or None if the user stopped the request."""
        from desktop.session.rerun import Rerun, kept_request  # the first paint needs none

        services = self._services
        original = await kept_request(await services.store(), services.gateway, self._message_id)
        if self._is_stopped:
            self._fail(tr(_STOPPED))
            return None
        self.dialog.show_first(original.answer.text, ModelFacts(services).name(original.model))
        self._rerun = Rerun(original, services.gateway, services.catalog, listener=self._happened)
        try:
            return original, await self._rerun.run(self._allowed)
        finally:
            self._rerun = None

    async def _show(self, kept: KeptRequest, came: RerunAnswer) -> None:
        problem = came.answer.problem
        if problem is not None:
            self._fail(f"{tr(problem.message)} {tr(problem.hint)}".strip())
        elif came.answer.status is not Status.COMPLETE:
            self._fail(tr(_STOPPED))
        else:
            from desktop.metrics.drift import drift  # the first paint needs none

            sent, again, elsewhere = kept.sent.receipt, came.receipt, came.elsewhere
            found = await asyncio.to_thread(drift, kept.answer, sent, came.answer, again, elsewhere=elsewhere)
            if not self._is_over:
                self.dialog.show_drift(found)

    def _fail(self, text: str, *, held: bool = False) -> None:
        if not self._is_over:
            self.dialog.fail(text, held=held)

    def _happened(self, event: Event) -> None:
        if self._is_over:
            return
        match event:
            case TextDelta(text=text):
                self.dialog.grow(text)
            case Started() if self._waits:
                self._waits = False
                self.dialog.say("")
            case RetryWait(reason=reason, wait_s=wait_s):
                self._waits = True
                trying = tr("Trying again in {left} s.", left=number_text(round(wait_s)))
                self.dialog.say(f"{tr(reason)} {trying}")
            case Notice(message=message):
                self.dialog.say(tr(message))
            case _:
                pass


_STOPPED = phrase("Stopped: nothing was compared.")
