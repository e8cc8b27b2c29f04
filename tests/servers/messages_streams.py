"""What each model name of the fault server does over Messages; shapes as Anthropic documents them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from tests.servers.framings import framed
from tests.servers.http1 import Exchange
from tests.servers.wire import SOURCES, refused_feature

Behaviour = Callable[[Exchange, str], Awaitable[None]]

WORDS = ["Hello", " from", " Messages", "."]
TEXT = "".join(WORDS)
THOUGHTS = ["The user", " greets me."]
BEGUN = {"input_tokens": 9, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 1}

MESSAGES: dict[str, Behaviour] = {}
CLAUDE = "claude-opus-5-5"
"""Refuses chat completions in Azure's words."""


def named(*names: str) -> Callable[[Behaviour], Behaviour]:
    """Registers a behaviour under model names."""

    def register(function: Behaviour) -> Behaviour:
        MESSAGES.update(dict.fromkeys(names, function))
        return function

    return register


def sse(kind: str, **fields: object) -> bytes:
    """One event."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def begun() -> bytes:
    """The first event."""
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5-20260901"}
    nothing: dict[str, Any] = {"content": [], "stop_reason": None, "stop_sequence": None}
    return sse("message_start", message={**message, **nothing, "usage": BEGUN})


def block(index: int, kind: str, name: str, pieces: list[str]) -> list[bytes]:
    """A block of content in pieces."""
    delta = f"{name}_delta"
    return [
        sse("content_block_start", index=index, content_block={"type": kind, name: ""}),
        *(sse("content_block_delta", index=index, delta={"type": delta, name: piece}) for piece in pieces),
        sse("content_block_stop", index=index),
    ]


def ended(reason: str, output: int = 20, **details: object) -> list[bytes]:
    """The last two events."""
    delta = {"stop_reason": reason, "stop_sequence": None, **details}
    return [sse("message_delta", delta=delta, usage={"output_tokens": output}), sse("message_stop")]


def signed() -> list[bytes]:
    """Events of a thought with its signature, which comes last."""
    signature = sse("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "EqQB"})
    thought = block(0, "thinking", "thinking", THOUGHTS)
    thought.insert(-1, signature)
    return thought


def said() -> list[bytes]:
    """Events of an answer up to its last two."""
    thought = signed()
    news = sse("an_event_of_next_year", whatever=[1, 2])
    return [begun(), sse("ping"), *thought, news, *block(1, "text", "text", WORDS)]


async def _send(x: Exchange, pieces: list[bytes]) -> None:
    await x.start()
    for piece in pieces:
        await x.send(piece)
    await x.end()


def events() -> list[bytes]:
    """Those of a good answer with thoughts."""
    return [*said(), *ended("end_turn")]


MESSAGES.update(framed(events))


@named("plain", "gpt-4o", CLAUDE)
async def good(x: Exchange, arg: str) -> None:
    """A good answer with thoughts."""
    await _send(x, events())


@named("whole")
async def whole(x: Exchange, arg: str) -> None:
    """One JSON object instead of a stream."""
    content = [{"type": "thinking", "thinking": "".join(THOUGHTS)}, {"type": "text", "text": TEXT}]
    usage = {**BEGUN, "output_tokens": 20}
    message = {"type": "message", "role": "assistant", "model": "claude", "content": content}
    await x.respond(200, {**message, "stop_reason": "end_turn", "usage": usage})


@named("cut")
async def cut(x: Exchange, arg: str) -> None:
    """The stream ends without its last events."""
    await _send(x, said())


@named("long")
async def long(x: Exchange, arg: str) -> None:
    """The answer reached its limit."""
    await _send(x, [*said(), *ended("max_tokens")])


@named("declined")
async def declined(x: Exchange, arg: str) -> None:
    """The model declines, and says of what kind the prompt is."""
    details = {"category": "cyber", "explanation": "It may harm."}
    await _send(x, [begun(), *ended("refusal", stop_details=details)])


@named("cited")
async def cited(x: Exchange, arg: str) -> None:
    """A good answer whose sentences cite pages."""
    found = [{"type": "web_search_result_location", "url": url, "title": title} for url, title in SOURCES]
    notes = [sse("content_block_delta", delta={"type": "citations_delta", "citation": each}) for each in found]
    await _send(x, [*said(), *notes, *ended("end_turn")])


@named("tools")
async def tools(x: Exchange, arg: str) -> None:
    """The model asks for a tool, and answers once it has the result."""
    if "tool_result" in str(x.request.json.get("messages")):
        await good(x, arg)
        return
    call: dict[str, Any] = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    piece = {"type": "input_json_delta", "partial_json": "{}"}
    opened = sse("content_block_start", index=1, content_block=call)
    more = [sse("content_block_delta", index=1, delta=piece), sse("content_block_stop", index=1)]
    await _send(x, [begun(), *signed(), opened, *more, *ended("tool_use")])


@named("searches")
async def searches(x: Exchange, arg: str) -> None:
    """Searches the web and pauses; goes on once that comes back."""
    if "server_tool_use" in str(x.request.json.get("messages")):
        await good(x, arg)
        return
    use: dict[str, Any] = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    pages = [{"type": "web_search_result", "url": url, "title": title} for url, title in SOURCES]
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": pages}
    searched = [
        sse("content_block_start", index=0, content_block=use),
        sse("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": '{"query": "news"}'}),
        sse("content_block_stop", index=0),
        sse("content_block_start", index=1, content_block=found),
        sse("content_block_stop", index=1),
    ]
    await _send(x, [begun(), *searched, *ended("pause_turn")])


@named("no-tools", "no-search", "no-schema")
async def without(x: Exchange, arg: str) -> None:
    """Refuses what its name says."""
    refusal = refused_feature(x.request.model, x.request.json)
    if refusal:
        await x.respond(400, {"type": "error", "error": {"type": "invalid_request_error", "message": refusal}})
    else:
        await good(x, arg)


@named("failed")
async def failed(x: Exchange, arg: str) -> None:
    """An error instead of the rest."""
    error = {"type": "overloaded_error", "message": "Overloaded"}
    await _send(x, [*said(), sse("error", error=error)])


@named("overloaded")
async def overloaded(x: Exchange, arg: str) -> None:
    """Refused with 529 at first, answered then."""
    if x.request.number == 1:
        error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
        await x.respond(529, error)
    else:
        await good(x, arg)


@named("picky")
async def picky(x: Exchange, arg: str) -> None:
    """Takes no temperature."""
    if "temperature" in x.request.json:
        message = "temperature: Extra inputs are not permitted"
        await x.respond(400, {"type": "error", "error": {"type": "invalid_request_error", "message": message}})
    else:
        await good(x, arg)


@named("torn")
async def torn(x: Exchange, arg: str) -> None:
    """A character in two halves, as servers in UTF-16 cut them."""
    halves = [sse("content_block_delta", delta={"type": "text_delta", "text": half}) for half in ("A\ud83d", "\ude00B")]
    await _send(x, [begun(), *halves, *ended("end_turn")])


async def claude_over_chat(x: Exchange, arg: str) -> None:
    """As Azure refuses Claude over chat completions."""
    message = "The requested API is not supported for this model."
    await x.respond(404, {"error": {"code": "api_not_supported", "message": message}})
