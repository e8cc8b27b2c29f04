"""Journal for a cell's session. It stores no conversation and only holds the last receipt."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.conversation_types import Conversation, Message
from desktop.domain.message_parts import PartKind
from desktop.receipts.receipt import Receipt


class CellJournal:
    """Holds a cell's receipt until the cell is graded and stored."""

    def __init__(self) -> None:
        self.receipt: Receipt | None = None

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Do nothing, because the run's plan defines the prompts."""

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Do nothing, because an interrupted cell is sent again."""

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Hold the receipt."""
        del message
        self.receipt = receipt
