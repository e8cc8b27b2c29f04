"""Cost of many conversations like a given one, from its tokens and known prices. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.conversation_types import Message, Role, Status
from desktop.metrics.figures import is_copy

if TYPE_CHECKING:  # the command line imports its limits from here at startup
    from desktop.catalog.catalog import Catalog
    from desktop.catalog.catalog_entry import Entry
    from desktop.providers.provider import ModelInfo

USUAL_TIMES, MOST_TIMES = 10_000, 1_000_000_000
"""Default and maximum number of conversations per month."""


class NoCost(StrEnum):
    """Reason why a cost is unknown."""

    ANSWER = "answer"  # there is no complete response
    PRICE = "price"  # the model's price is unknown
    COUNT = "count"  # the server did not report the tokens of a response


class ChatCost(Struct, frozen=True):
    """Cost of one conversation in USD, or None with a reason if unknown.

    `answers` counts complete responses; failed and stopped ones are excluded. `estimated` means that tokens were
    estimated.
    """

    answers: int
    usd: float | None = None
    why: NoCost | None = None
    estimated: bool = False

    def at(self, times: int) -> float | None:
        """Return the cost of this many conversations in USD, or None if unknown."""
        return None if self.usd is None else self.usd * times


def entry_by(catalog: Catalog, known: ModelInfo) -> Callable[[Message], Entry]:
    """Return a function that looks up the catalog entry for a response's model, by its reported or listed name."""

    def entry_of(answer: Message) -> Entry:
        """Return the catalog entry for the model of a response."""
        said = answer.figures.server_model if answer.figures is not None else None
        return catalog.entry(said, known.base, known.name)

    return entry_of


def chat_cost(path: Sequence[Message], entry_of: Callable[[Message], Entry], begun: datetime | None = None) -> ChatCost:
    """Return the cost of a conversation's responses at today's prices; if unknown, the recorded cost is used.

    Messages copied from an older conversation are excluded.

    Args:
        entry_of: Returns the catalog entry for a response's model.
        begun: Creation time of the conversation.
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
