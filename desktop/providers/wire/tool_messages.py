"""Tool calls and their results in the messages of a request, complete in pairs as all APIs require. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from desktop.domain.conversation_types import JsonValue, Role
from desktop.providers.provider import ChatMessage, SentResult

_UNANSWERED = "There is no result: the call was not run."
"""Text for the model in place of a missing result."""

_PLAIN_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")


def paired_messages(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Return messages in which each call has exactly one result, in the message after it.

    APIs reject a request with an unanswered call, which an import or an interrupted response may contain. Results
    without a call are left out.
    """
    paired: list[ChatMessage] = []
    owed: tuple[str, ...] = ()
    for message in messages:
        results = message.results if message.role is Role.USER else ()
        if owed and not results:
            paired.append(ChatMessage(role=Role.USER, text="", results=_results(owed, ())))
            owed = ()
        found = _results(owed, results)
        if found or message.text or message.attached or not message.results:
            paired.append(msgspec.structs.replace(message, results=found))
        owed = tuple(call.id for call in message.calls) if message.role is Role.ASSISTANT else ()
    if owed:
        paired.append(ChatMessage(role=Role.USER, text="", results=_results(owed, ())))
    return paired


def _results(calls: Sequence[str], results: Sequence[SentResult]) -> tuple[SentResult, ...]:
    given = {result.call: result for result in results}
    missing = [SentResult(call=call, text=_UNANSWERED, is_error=True) for call in calls if call not in given]
    return (*(given[call] for call in calls if call in given), *missing)


def described_calls(messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Return messages with calls and results as text, for a model or a request without tools.

    Consecutive messages of the user are merged, because many chat templates require alternating roles.
    """
    if not any(message.calls or message.results or message.sealed for message in messages):
        return tuple(messages)
    described: list[ChatMessage] = []
    names: dict[str, str] = {}
    for message in messages:
        names |= {call.id: call.name for call in message.calls}
        calls = [f"[Tool call: {call.name}({call.arguments})]" for call in message.calls]
        results = [f"[Result of {names.get(each.call, 'a tool')}: {result_text(each)}]" for each in message.results]
        text = "\n\n".join(filter(None, [*results, message.text, *calls]))
        plain = msgspec.structs.replace(message, text=text, calls=(), results=(), sealed=())
        if described and plain.role is Role.USER and described[-1].role is Role.USER:
            before = described[-1]
            both = "\n\n".join(filter(None, [before.text, plain.text]))
            described[-1] = msgspec.structs.replace(plain, text=both, attached=(*before.attached, *plain.attached))
        else:
            described.append(plain)
    return tuple(described)


def result_text(result: SentResult) -> str:
    """Return a result's text; in most API formats, only the text can say that the call failed."""
    if result.is_error and not result.text.lower().startswith("error"):
        return f"Error: {result.text}"
    return result.text


def arguments_object(arguments: str) -> dict[str, JsonValue]:
    """Return a call's arguments as an object; an empty one if they are invalid."""
    try:
        value: JsonValue = msgspec.json.decode(arguments)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def arguments_text(arguments: str) -> str:
    """Return a call's arguments unchanged if they are a JSON object; otherwise an empty object."""
    return arguments if arguments_object(arguments) else "{}"


def plain_id(call: str) -> str:
    """Return the id of a call in the characters and length that all APIs allow, always the same for the same id."""
    return call if _PLAIN_ID.match(call) else f"call_{sha256(call.encode('utf-8', 'replace')).hexdigest()[:24]}"


def sealed_items(message: ChatMessage) -> list[dict[str, JsonValue]]:
    """Return the sealed items of a message as JSON objects; damaged ones are left out."""
    return [item for each in message.sealed if (item := arguments_object(each))]
