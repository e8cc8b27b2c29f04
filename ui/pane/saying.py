"""What is said above a pane's composer: that something could not be sent or kept."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from desktop.errors import ParagoneError, StoreFull
from desktop.events import Event, Notice
from ui.pane.chats import Chats
from ui.strings import sentence, tr
from ui.widgets.notice_bar import NoticeStack

_ABOVE = ("store", StoreFull.code)
"""Notices whose code begins so are about the conversation, not its answer."""


def is_said_above(code: str) -> bool:
    """Whether a notice with this code belongs above the composer, not to the answer."""
    return code.startswith(_ABOVE)


class Saying(QObject):
    """Listens to the chat that is shown."""

    def __init__(self, notices: NoticeStack, chats: Chats) -> None:
        super().__init__(notices)
        self._notices = notices
        chats.happened.connect(self._happened)
        chats.refused.connect(self._refused)
        chats.failed.connect(self._failed)

    @Slot(object)
    def _happened(self, event: Event) -> None:
        match event:
            case Notice(code=code, message=message) if is_said_above(code):
                self._notices.show_notice(tr(message), tone="warn")
            case _:
                pass

    @Slot(str, object)
    def _refused(self, text: str, error: ParagoneError | None) -> None:
        del text  # which goes back to the composer
        if error is not None:
            self._failed(error)

    @Slot(object)
    def _failed(self, error: ParagoneError) -> None:
        self._notices.show_notice(sentence(error), tone="bad")
