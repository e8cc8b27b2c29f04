"""What was sent for an answer, shown when its reader asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.policy import REQUESTS
from ui.strings import sentence
from ui.tasks import Tasks
from ui.transcript.transcript_view import TranscriptView

if TYPE_CHECKING:
    from ui.pane.request_dialog import RequestDialog


class ShownRequests(QObject):
    """Of one pane's answers."""

    def __init__(self, services: Services, tasks: Tasks, transcript: TranscriptView) -> None:
        super().__init__(transcript)
        self._services = services
        self._tasks = tasks
        self._transcript = transcript
        transcript.handling.offer_requests()
        transcript.handling.request_asked.connect(self._ask)

    @Slot(str)
    def _ask(self, message_id: str) -> None:
        self._tasks.start(self._show(message_id), name="pane.request", failed=self._say)

    async def _show(self, message_id: str) -> None:
        self._services.settings.policy.demand(REQUESTS)
        sent = await (await self._services.store()).receipts.get(message_id)
        dialog = self._dialog()
        if sent is None:
            dialog.say_none()
        else:
            dialog.show_request(sent)
        dialog.open()

    def _say(self, error: ParagoneError) -> None:
        dialog = self._dialog()
        dialog.say(sentence(error))
        dialog.open()

    def _dialog(self) -> RequestDialog:
        from ui.pane.request_dialog import RequestDialog  # the first paint needs none

        return RequestDialog(self._transcript)
