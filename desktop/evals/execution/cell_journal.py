"""The journal of a cell's session: nothing of it becomes a conversation, and the last receipt is held."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.conversation_types import Conversation, Message
from desktop.domain.message_parts import PartKind
from desktop.receipts.receipt import Receipt


class CellJournal:
    """Holds what belongs to a cell beside its messages; these are kept with the cell once it is graded."""

    def __init__(self) -> None:
        self.receipt: Receipt | None = None

    async def begin(self, conversation: Conversation, prompt: Message | None, answer: Message) -> None:
        """Do nothing: the plan says what is asked."""

    async def append(self, answer_id: str, deltas: Sequence[tuple[PartKind, str]]) -> None:
        """Do nothing: a cell that is broken off is asked again."""

    async def finish(self, message: Message, receipt: Receipt | None = None) -> None:
        """Hold the receipt."""
        del message
        self.receipt = receipt
