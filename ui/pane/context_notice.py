"""Says above the composer when a conversation has outgrown its model, what is left out, and offers to shorten it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop.domain import Conversation
from ui.model_facts import ModelFacts
from ui.strings import number_text, tr, trn
from ui.widgets.notice_bar import NoticeBar, NoticeStack

_LATER_MS = 60
"""Counting a long conversation takes some milliseconds: its messages are painted first."""


class ContextNotice(QObject):
    """One bar while it holds. Dismissed, it stays away until more turns are left out, or another conversation shows."""

    shorten_wanted = Signal()

    def __init__(self, notices: NoticeStack, facts: ModelFacts) -> None:
        super().__init__(notices)
        self._notices = notices
        self._facts = facts
        self._bar: NoticeBar | None = None
        self._said: tuple[str, int] = ("", 0)
        self._conversation: Conversation | None = None
        self._soon = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._soon.timeout.connect(self._show)

    def show(self, conversation: Conversation) -> None:
        """Say how it stands with this conversation, once it is on the screen: long ones take a while to count."""
        if conversation.id != self._said[0]:
            self._said = ("", 0)  # at once: who comes back before it was counted is told again
        self._conversation = conversation
        QTimer.singleShot(0, self._soon, self._soon.start)  # from when the window is free: panes may take as long

    @Slot()
    def _show(self) -> None:
        conversation = self._conversation
        if conversation is None:
            return
        answers = self._facts.connection(conversation.model) is not None
        turns = self._facts.left_out(conversation) if answers else 0
        if (conversation.id, turns) == self._said:
            return
        self._said = (conversation.id, turns)
        if self._bar is not None:
            self._bar.dismiss()
            self._bar = None
        if turns:
            self._bar = self._notices.show_notice(
                self._text(conversation, turns), tone="warn", action=tr("Shorten"), act=self.shorten_wanted.emit
            )
            self._bar.dismissed.connect(self._gone)

    def _text(self, conversation: Conversation, turns: int) -> str:
        window = self._facts.window(conversation.model) or 0
        name = self._facts.name(conversation.model)
        return trn(
            "{model} has a context window of {window} tokens: the oldest turn will not be sent. Shorten "
            "continues in a new chat with the newest turns.",
            "{model} has a context window of {window} tokens: the oldest {n} turns will not be sent. "
            "Shorten continues in a new chat with the newest turns.",
            turns,
            model=name,
            window=number_text(window),
        )

    @Slot()
    def _gone(self) -> None:
        self._bar = None
