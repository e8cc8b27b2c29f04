"""What is said above a pane's composer: that something could not be sent or kept."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from desktop.errors import ParagoneError, PromptFlagged, StoreFull
from desktop.events import Event, Notice
from ui.pane.chats import Chats
from ui.pane.disk_room import DiskRoom
from ui.strings import sentence, tr
from ui.widgets.notice_bar import NoticeStack, Tone

_ABOVE = ("store", StoreFull.code)
"""Notices whose code begins so are about the conversation, not its answer."""


def is_said_above(code: str) -> bool:
    """Whether a notice with this code belongs above the composer, not to the answer."""
    return code.startswith(_ABOVE)


class ErrorNotices(QObject):
    """Listens to the chat that is shown."""

    anyway = Signal(str, object)
    """What was held back is to be sent all the same: the text, and the fingerprints of what it was held back for."""

    def __init__(self, notices: NoticeStack, chats: Chats, room: DiskRoom | None = None) -> None:
        super().__init__(notices)
        self._notices = notices
        self._room = room
        chats.on_event(self._happened)
        chats.refused.connect(self.say_refusal)
        chats.failed.connect(self._failed)

    def _happened(self, event: Event) -> None:
        match event:
            case Notice(code=code, message=message) if is_said_above(code):
                self._say(tr(message), "warn", code)
            case _:
                pass

    @Slot(str, object)
    def say_refusal(self, text: str, error: ParagoneError | None) -> None:
        """Say why a prompt was not sent; where only a question keeps it, offer to send it all the same."""
        if isinstance(error, PromptFlagged):  # the text is back in the composer, to be edited
            sending = partial(self.anyway.emit, text, error.found)
            self._notices.show_notice(tr(error.message), tone="warn", action=tr("Send anyway"), act=sending)
        elif error is not None:
            self._failed(error)

    @Slot(object)
    def _failed(self, error: ParagoneError) -> None:
        self._say(sentence(error), "bad", error.code)

    def _say(self, text: str, tone: Tone, code: str) -> None:
        """What says that the disk is full goes once it is not."""
        full = code == StoreFull.code
        bar = self._notices.show_notice(text, tone=tone, life_ms=0 if full else None)
        if full and self._room is not None:
            self._room.say(bar)
