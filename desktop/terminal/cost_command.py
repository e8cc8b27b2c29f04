"""`conversations cost`: cost of a conversation, or of each pane of a comparison, at a given volume."""

from __future__ import annotations

import argparse

from desktop.domain.conversation_types import Conversation
from desktop.metrics.volume_cost import ChatCost, NoCost, chat_cost, entry_by
from desktop.terminal.console_services import ConsoleServices
from desktop.transfer.export import export

_WHY = {
    NoCost.ANSWER: "no complete responses",
    NoCost.PRICE: "price unknown",
    NoCost.COUNT: "tokens not counted",
}


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Print a row per conversation. Returns 1 if a cost is unknown.

    Raises:
        StoreError: If the store cannot be read.
        ConversationUnknown: If there is no such conversation.
    """
    store = await services.store()
    choice = await export.choose(store, [arguments.id])
    conversations = [await store.conversations.get(each) for each in choice.conversations]
    costs = [
        (each, chat_cost(each.path(), entry_by(services.catalog, services.gateway.known(each.model)), each.created_at))
        for each in conversations
    ]
    if arguments.json:
        services.console.json([_described(each, cost, arguments.times) for each, cost in costs])
    else:
        rows = [(str(each.model), *_cells(cost, arguments.times)) for each, cost in costs]
        services.console.table(("Model", "Responses", "Once", f"{arguments.times:,} times"), rows)
    return 0 if all(cost.usd is not None for _, cost in costs) else 1


def _cells(cost: ChatCost, times: int) -> tuple[str, str, str]:
    whole = cost.at(times)
    if cost.usd is None or whole is None:
        return f"{cost.answers:,}", _WHY[cost.why] if cost.why is not None else "", ""
    about = "~" if cost.estimated else ""
    return f"{cost.answers:,}", f"{about}${cost.usd:.6f}", f"{about}${whole:,.2f}"


def _described(conversation: Conversation, cost: ChatCost, times: int) -> dict[str, object]:
    return {
        "conversation": conversation.id,
        "model": str(conversation.model),
        "answers": cost.answers,
        "times": times,
        "usd_once": cost.usd,
        "usd": cost.at(times),
        "unknown": cost.why,
        "estimated": cost.estimated,
    }
