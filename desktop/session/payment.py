"""Records the cost of a response in the budget."""

from __future__ import annotations

from collections.abc import Callable

from desktop.domain.events import Event, Notice
from desktop.errors import SettingsError
from desktop.session.charge import Charge
from desktop.session.gateway import Passage


async def pay_for(passage: Passage, charge: Charge | None, listener: Callable[[Event], None]) -> None:
    """Record the cost of a response. If it cannot be stored, `listener` receives a notice and the response remains."""
    try:
        await passage.pay(charge.usd if charge is not None else None)
    except SettingsError as error:
        listener(Notice(code=error.code, message=error.message))
