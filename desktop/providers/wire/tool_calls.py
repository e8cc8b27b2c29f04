"""Tool calls of a response, joined from the pieces in which servers send them, with limits on number and size."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import msgspec

from desktop.domain.events import ProviderToolUsed, Sealed, StreamEvent, ToolRequested
from desktop.errors import AnswerTooLarge
from desktop.providers.wire.answer_metadata import AnswerMetadata
from desktop.providers.wire.json_shapes import JsonObject, inner, words
from desktop.text.phrases import phrase

MOST_CALLS = 128
"""Maximum tool calls of one response, including those that the provider itself runs."""

MOST_ARGUMENTS = 1 << 20
"""Maximum characters of all arguments of one response."""

LONGEST_NAME = 200
_CALLED = frozenset({"stop", "function_call", "unknown", "tool_calls"})
"""Finish reasons of a response that is complete with its tool calls; servers use different ones."""


class _Call(msgspec.Struct):
    """One call. `extra` are fields that the server needs back with it."""

    id: str = ""
    name: str = ""
    pieces: list[str] = msgspec.field(default_factory=list[str])
    extra: object = None

    @property
    def arguments(self) -> str:
        """The arguments so far."""
        return "".join(self.pieces)


class ToolCalls:
    """Tool calls of one response in the order in which they begin. `size` is the number of characters received."""

    def __init__(self, once: AnswerMetadata) -> None:
        self._once = once
        self._calls: list[_Call] = []
        self._at: dict[object, _Call] = {}  # the latest call of each index or item
        self._dropped = False
        self._used = 0
        self.size = 0

    def __bool__(self) -> bool:
        """Whether a call with a name was received."""
        return any(call.name for call in self._calls)

    def piece(self, said: JsonObject) -> None:
        """Add an entry of `tool_calls` in Chat Completions: a whole call, or a piece of one.

        Raises AnswerTooLarge.
        """
        function = inner(said, "function")
        call_id, name = words(said.get("id")), words(function.get("name"))
        index = said.get("index")
        place = index if isinstance(index, int) else None
        call = self._at.get(place)
        if place is None and call_id:
            call = next((each for each in self._calls if each.id == call_id), None)
        if call is None or self._begins_another(call, call_id, name):
            call = self.begin(place, call_id, name)
        call.id = call.id or call_id
        call.name = call.name or name[:LONGEST_NAME]
        if said.get("extra_content") is not None:
            call.extra = said["extra_content"]
            self.grow(len(msgspec.json.encode(call.extra)))
        self._append(call, arguments_of(function.get("arguments")))

    def begin(self, place: object, call_id: str, name: str) -> _Call:
        """Begin a call at an index, or of an item; more pieces of it may follow. Raises AnswerTooLarge."""
        call = _Call(call_id, name[:LONGEST_NAME])
        self.grow(len(call_id))
        if len(self._calls) < MOST_CALLS:
            self._calls.append(call)
        else:
            self._dropped = True
        if place in self._at or len(self._at) < MOST_CALLS:
            self._at[place] = call
        return call

    def append(self, place: object, arguments: str) -> None:
        """Add a piece of arguments to the call at an index. Raises AnswerTooLarge."""
        if arguments and (call := self._at.get(place)) is not None:
            self._append(call, arguments)

    def replace(self, place: object, call_id: str, name: str, arguments: str) -> None:
        """Set a call that is complete, whatever pieces of it were received. Raises AnswerTooLarge."""
        call = next((each for each in self._calls if call_id and each.id == call_id), self._at.get(place))
        if call is None or (call_id and call.id and call_id != call.id):
            call = self.begin(place, call_id, name)
        call.id, call.name = call_id or call.id, name[:LONGEST_NAME] or call.name
        if arguments and arguments != call.arguments:
            self.grow(len(arguments) - sum(map(len, call.pieces)))
            call.pieces = [arguments]

    def used(self, event: ProviderToolUsed, events: list[StreamEvent]) -> None:
        """Report the use of a tool that the provider itself runs. Raises AnswerTooLarge."""
        self.grow(len(event.arguments) + len(event.result))
        self._used += 1
        if self._used <= MOST_CALLS:
            events.append(event)
        else:
            self._dropped = True

    def end(self, reason: str | None) -> tuple[str | None, list[StreamEvent]]:
        """Return the finish reason and the events of all calls at the end of a response.

        There are no events without a finish reason, because the last call may be incomplete.
        """
        events: list[StreamEvent] = []
        if reason is None:
            return reason, events
        if self._dropped:
            said = phrase(
                "The model requested more than {most} tool calls in one response. The others were ignored.",
                most=MOST_CALLS,
            )
            self._once.notice("tool_calls_dropped", said, events)
        ids = set[str]()
        for call in self._calls:
            if not call.name:
                said = phrase("The model requested a tool call without a name. The call was ignored.")
                self._once.notice("tool_call_unnamed", said, events)
                continue
            if not call.id or call.id in ids:
                call.id = uuid.uuid4().hex[:9]  # the form that Mistral requires
            ids.add(call.id)
            events.append(ToolRequested(id=call.id, name=call.name, arguments=call.arguments))
            if call.extra is not None:
                extra = {"tool_call_id": call.id, "extra_content": call.extra}
                events.append(Sealed(data=msgspec.json.encode(extra).decode()))
        self._calls.clear()
        return ("tool_calls" if ids and reason in _CALLED else reason), events

    def _begins_another(self, call: _Call, call_id: str, name: str) -> bool:
        if call_id and call.id:
            return call_id != call.id
        return bool(name and call.name)

    def _append(self, call: _Call, arguments: str) -> None:
        if arguments:
            self.grow(len(arguments))
            call.pieces.append(arguments)

    def grow(self, length: int) -> None:
        """Count characters that were received. Raises AnswerTooLarge if there are too many."""
        self.size += max(0, length)
        if self.size > MOST_ARGUMENTS:
            raise AnswerTooLarge(
                phrase("The model's tool calls exceeded {most} characters.", most=f"{MOST_ARGUMENTS:,}")
            )


def arguments_of(value: object) -> str:
    """Return arguments as JSON text; some servers send them as an object."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


def sealed(item: Mapping[str, object]) -> Sealed:
    """Return the event with an item that goes back unchanged."""
    return Sealed(data=msgspec.json.encode(item).decode())
