"""Shared record of calls, so that all panes of a comparison, or all cells of a run, see the same world."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Coroutine, Iterable

import msgspec
from msgspec import Struct, field

from desktop.domain.message_parts import ToolCallPart, ToolResultPart, ToolStatus
from desktop.tools.tool_runner import RecordedCall, ToolOutcome

_MOST_TURNS = 64

Work = Callable[[], Coroutine[None, None, ToolOutcome]]


class _Shared(Struct):
    """One call that several panes may wait for."""

    task: asyncio.Future[ToolOutcome]
    waiters: int = 0


class _Turn(Struct):
    calls: dict[tuple[str, ...], _Shared] = field(default_factory=dict[tuple[str, ...], _Shared])
    made: Counter[tuple[str, ...]] = field(default_factory=Counter[tuple[str, ...]])


class CallRecord:
    """Runs each call of a turn once. A second pane with identical arguments gets the first pane's result.

    A model that repeats a call gets a new result, and so does the same repetition in another pane.

    Args:
        most_turns: Maximum number of turns, of which the oldest is forgotten; None for any number.
        longest: Maximum characters of a result, which is truncated for all; None for any length.
    """

    def __init__(self, *, most_turns: int | None = _MOST_TURNS, longest: int | None = None) -> None:
        self._turns: OrderedDict[str, _Turn] = OrderedDict()
        self._most_turns = most_turns
        self._longest = longest

    def add(self, turn: str, recorded: Iterable[RecordedCall]) -> None:
        """Add the calls of one earlier response in order, except those that are recorded already."""
        calls, made = self._turn(turn).calls, Counter[tuple[str, ...]]()
        for each in recorded:
            what = _identity(each.call)
            made[what] += 1
            key = (*what, str(made[what]))
            if key not in calls:
                ended = asyncio.get_running_loop().create_future()
                ended.set_result(ToolOutcome(call=each.call, result=each.result, images=each.images))
                calls[key] = _Shared(ended)

    def forget(self, turn: str) -> None:
        """Forget a turn whose calls are not needed anymore."""
        self._turns.pop(turn, None)

    async def run(self, turn: str, conversation: str, call: ToolCallPart, work: Work) -> ToolOutcome:
        """Return the result of `work`, or of the same call of another conversation in this turn."""
        held = self._turn(turn)
        what = _identity(call)
        own = (conversation, *what)
        held.made[own] += 1
        key = (*what, str(held.made[own]))
        shared = held.calls.get(key)
        is_first = shared is None or (shared.task.done() and shared.task.cancelled())
        if shared is None or is_first:
            shared = held.calls[key] = _Shared(asyncio.create_task(self._cut(work), name="shared-tool-call"))
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

    def _turn(self, turn: str) -> _Turn:
        held = self._turns.setdefault(turn, _Turn())
        self._turns.move_to_end(turn)
        while self._most_turns is not None and len(self._turns) > self._most_turns:
            self._turns.popitem(last=False)
        return held

    async def _cut(self, work: Work) -> ToolOutcome:
        outcome = await work()
        if self._longest is None:
            return outcome
        return msgspec.structs.replace(outcome, result=cut_result(outcome.result, self._longest))


def cut_result(result: ToolResultPart, longest: int) -> ToolResultPart:
    """Return a result with at most `longest` characters of text; longer structured data is left out."""
    if len(result.structured) > longest:
        result = msgspec.structs.replace(result, structured="")
    if len(result.text) <= longest:
        return result
    status = ToolStatus.CUT if result.status is ToolStatus.OK else result.status
    return msgspec.structs.replace(result, text=result.text[:longest], status=status)


def _identity(call: ToolCallPart) -> tuple[str, str, str]:
    """Return what two calls have in common if one's result can be used for the other."""
    return call.server, call.tool, canonical(call.arguments)


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
