"""Shared record of the calls of one turn, so that all panes of a comparison see the same world."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Coroutine

import msgspec
from msgspec import Struct, field

from desktop.domain.message_parts import ToolCallPart
from desktop.tools.tool_runner import ToolOutcome

_MOST_TURNS = 64

Work = Callable[[], Coroutine[None, None, ToolOutcome]]


class _Shared(Struct):
    """One call that several panes may wait for."""

    task: asyncio.Task[ToolOutcome]
    waiters: int = 0


class _Turn(Struct):
    calls: dict[tuple[str, ...], _Shared] = field(default_factory=dict[tuple[str, ...], _Shared])
    made: Counter[tuple[str, ...]] = field(default_factory=Counter[tuple[str, ...]])


class CallRecord:
    """Runs each call of a turn once. A second pane with identical arguments gets the first pane's result.

    A model that repeats a call gets a new result, and so does the same repetition in another pane.
    """

    def __init__(self) -> None:
        self._turns: OrderedDict[str, _Turn] = OrderedDict()

    async def run(self, turn: str, conversation: str, call: ToolCallPart, work: Work) -> ToolOutcome:
        """Return the result of `work`, or of the same call of another conversation in this turn."""
        held = self._turns.setdefault(turn, _Turn())
        self._turns.move_to_end(turn)
        while len(self._turns) > _MOST_TURNS:
            self._turns.popitem(last=False)
        what = (call.server, call.tool, canonical(call.arguments))
        own = (conversation, *what)
        held.made[own] += 1
        key = (*what, str(held.made[own]))
        shared = held.calls.get(key)
        is_first = shared is None or (shared.task.done() and shared.task.cancelled())
        if shared is None or is_first:
            shared = held.calls[key] = _Shared(asyncio.create_task(work(), name="shared-tool-call"))
        shared.waiters += 1
        try:
            outcome = await asyncio.shield(shared.task)
        except asyncio.CancelledError:
            if shared.waiters == 1:  # nobody else waits: the call itself is canceled
                shared.task.cancel()
                await asyncio.wait({shared.task})
            raise
        finally:
            shared.waiters -= 1
        return outcome if is_first else as_recorded(outcome, call)


def as_recorded(outcome: ToolOutcome, call: ToolCallPart) -> ToolOutcome:
    """Return another call's result as the result of this one."""
    result = msgspec.structs.replace(outcome.result, call=call.id, recorded=True, duration_ms=None)
    used = msgspec.structs.replace(call, arguments=outcome.call.arguments, edited=outcome.call.edited)
    return msgspec.structs.replace(outcome, call=used, result=result)


def canonical(arguments: str) -> str:
    """Return arguments such that equal JSON objects have equal texts; other texts as they are."""
    try:
        value: object = msgspec.json.decode(arguments or "{}")
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return arguments
