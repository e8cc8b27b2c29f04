"""What an answer cost, counted in the budget."""

from __future__ import annotations

from collections.abc import Callable

from desktop.domain import Message
from desktop.errors import SettingsError
from desktop.events import Event, Notice
from desktop.session.gateway import Passage


async def pay_for(passage: Passage, message: Message, listener: Callable[[Event], None]) -> None:
    """Count what an answer cost; that it could not be written is said, and the answer stays."""
    try:
        await passage.pay(message.figures.cost if message.figures is not None else None)
    except SettingsError as error:
        listener(Notice(code=error.code, message=error.message))
