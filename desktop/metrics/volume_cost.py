"""What a conversation costs when it is held again and again, by the tokens of its answers and known prices; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.conversation_types import Message, Role, Status
from desktop.metrics.figures import is_copy

if TYPE_CHECKING:  # the command line has its bounds from here before it knows what is asked
    from desktop.catalog.catalog import Catalog
    from desktop.catalog.catalog_entry import Entry
    from desktop.providers.provider import ModelInfo

USUAL_TIMES, MOST_TIMES = 10_000, 1_000_000_000
"""How often a month a conversation is held, at first and at most."""


class NoCost(StrEnum):
    """Why nothing can be said of a cost."""

    ANSWER = "answer"  # there is no whole answer
    PRICE = "price"  # the model's price is not known
    COUNT = "count"  # the server did not count the tokens of some answer


class ChatCost(Struct, frozen=True):
    """US dollars of one conversation, None where they are not known, and then why.

    `answers` are whole; what failed or was stopped is not counted. `estimated` where tokens were, or the price was the
    one of the day of some answer.
    """

    answers: int
    usd: float | None = None
    why: NoCost | None = None
    estimated: bool = False

    def at(self, times: int) -> float | None:
        """US dollars of so many conversations."""
        return None if self.usd is None else self.usd * times


def entry_by(catalog: Catalog, known: ModelInfo) -> Callable[[Message], Entry]:
    """What a catalog knows of an answer's model: by what the server said it is, else as the connection lists it."""

    def entry_of(answer: Message) -> Entry:
        """That of one answer."""
        said = answer.figures.server_model if answer.figures is not None else None
        return catalog.entry(said, known.base, known.name)

    return entry_of


def chat_cost(path: Sequence[Message], entry_of: Callable[[Message], Entry], begun: datetime | None = None) -> ChatCost:
    """What the answers of a conversation cost, each by the price that is known today, else by what it cost then.

    `entry_of` is what the catalog knows of the model of an answer. What was copied into a conversation that was `begun`
    later is not counted: it was paid elsewhere.
    """
    answers = [each for each in path if each.role is Role.ASSISTANT and each.status is Status.COMPLETE]
    answers = [each for each in answers if not is_copy(each, begun)]
    if not answers:
        return ChatCost(0, why=NoCost.ANSWER)
    usd, estimated = 0.0, False
    for each in answers:
        entry = entry_of(each)
        today = entry.cost(each.usage) if each.usage is not None else None
        cost = today if today is not None else each.figures.cost if each.figures is not None else None
        if cost is None:
            unpriced = entry.price_in is None or entry.price_out is None
            return ChatCost(len(answers), why=NoCost.PRICE if unpriced else NoCost.COUNT)
        usd += cost
        estimated = estimated or (each.usage is not None and each.usage.estimated)
    return ChatCost(len(answers), usd, estimated=estimated)
