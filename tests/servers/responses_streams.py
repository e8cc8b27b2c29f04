"""What each model name of the fault server does over Responses; shapes as OpenAI and Azure document them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from tests.servers.framings import framed
from tests.servers.http1 import Exchange
from tests.servers.wire import SOURCES, refused_feature

Behaviour = Callable[[Exchange, str], Awaitable[None]]

WORDS = ["Hello", " from", " Responses", "."]
TEXT = "".join(WORDS)
THOUGHTS = ["**Greeting**", " The user greets me."]
USAGE = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 4},
    "output_tokens": 20,
    "output_tokens_details": {"reasoning_tokens": 12},
    "total_tokens": 29,
}

SEALED: dict[str, object] = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAAABsealed"}
"""Thoughts that go back as they are."""

RESPONSES: dict[str, Behaviour] = {}
ONLY_RESPONSES = "gpt-5-pro"
"""Refuses chat completions in Azure's words."""


def named(*names: str) -> Callable[[Behaviour], Behaviour]:
    """Registers a behaviour under model names."""

    def register(function: Behaviour) -> Behaviour:
        RESPONSES.update(dict.fromkeys(names, function))
        return function

    return register


def sse(kind: str, *, typed: bool = True, **fields: object) -> bytes:
    """One event."""
    data = json.dumps({"type": kind, "sequence_number": 0, **fields})
    return (f"event: {kind}\n" if typed else "").encode() + f"data: {data}\n\n".encode()


def response(status: str, **fields: object) -> dict[str, object]:
    """The object of a response."""
    return {"id": "resp_1", "object": "response", "status": status, "model": "gpt-5-pro-2025-10-06", **fields}


def message(text: str) -> dict[str, object]:
    """An output item that says something."""
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


def said(*, typed: bool = True) -> list[bytes]:
    """Events of an answer up to its last one."""
    begun = [
        sse("response.created", typed=typed, response=response("in_progress")),
        sse("response.output_item.added", typed=typed, output_index=0, item={"type": "message"}),
        sse("response.a_kind_of_next_year", typed=typed, whatever=[1, 2]),
    ]
    return begun + [sse("response.output_text.delta", typed=typed, delta=word) for word in WORDS]


def thought() -> list[bytes]:
    """Events of a summary in two parts."""
    kind = "response.reasoning_summary_text.delta"
    parts: list[bytes] = []
    for number, word in enumerate(THOUGHTS):
        parts += [sse("response.reasoning_summary_part.added", summary_index=number), sse(kind, delta=word)]
    return parts


async def _send(x: Exchange, pieces: list[bytes]) -> None:
    await x.start()
    for piece in pieces:
        await x.send(piece)
    await x.end()


def events() -> list[bytes]:
    """Those of a good answer with reasoning."""
    done = response("completed", usage=USAGE, output=[message(TEXT)])
    return [*thought(), *said(), sse("response.completed", response=done)]


RESPONSES.update(framed(events))


@named("gpt-4o", "plain", ONLY_RESPONSES)
async def good(x: Exchange, arg: str) -> None:
    """A good answer with reasoning."""
    await _send(x, events())


@named("untyped")
async def untyped(x: Exchange, arg: str) -> None:
    """A good answer without `event:` fields, and with `[DONE]`."""
    done = sse("response.completed", typed=False, response=response("completed", usage=USAGE))
    await _send(x, [*said(typed=False), done, b"data: [DONE]\n\n"])


@named("whole")
async def whole(x: Exchange, arg: str) -> None:
    """One JSON object instead of a stream."""
    reasoning = {"type": "reasoning", "summary": [{"type": "summary_text", "text": THOUGHTS[0]}]}
    await x.respond(200, response("completed", usage=USAGE, output=[reasoning, message(TEXT)]))


@named("cut")
async def cut(x: Exchange, arg: str) -> None:
    """The stream ends without its last event."""
    await _send(x, said())


@named("long")
async def long(x: Exchange, arg: str) -> None:
    """The answer reached its limit."""
    done = response("incomplete", incomplete_details={"reason": "max_output_tokens"}, usage=USAGE)
    await _send(x, [*said(), sse("response.incomplete", response=done)])


@named("filtered")
async def filtered(x: Exchange, arg: str) -> None:
    """The content filter cut the answer."""
    verdict = {
        "blocked": True,
        "source_type": "completion",
        "content_filter_results": {"hate": {"filtered": True, "severity": "high"}},
    }
    done = response("incomplete", incomplete_details={"reason": "content_filter"}, content_filters=[verdict])
    await _send(x, [*said(), sse("response.incomplete", response=done)])


@named("failed")
async def failed(x: Exchange, arg: str) -> None:
    """The server fails in the middle, and says so in its last event."""
    error = {"code": "server_error", "message": "The server had an error."}
    await _send(x, [*said(), sse("response.failed", response=response("failed", error=error))])


@named("error")
async def error(x: Exchange, arg: str) -> None:
    """An error instead of the rest."""
    await _send(x, [*said(), sse("error", code="rate_limit_exceeded", message="Too many requests.", param=None)])


@named("declined")
async def declined(x: Exchange, arg: str) -> None:
    """The model declines."""
    refusal = [sse("response.refusal.delta", delta=word) for word in ("I cannot", " help.")]
    await _send(x, [*refusal, sse("response.completed", response=response("completed", usage=USAGE))])


@named("cited")
async def cited(x: Exchange, arg: str) -> None:
    """A good answer that names its sources as it goes, and one more at its end."""
    notes = [{"type": "url_citation", "url": url, "title": title, "start_index": 0} for url, title in SOURCES]
    content = {"type": "output_text", "text": TEXT, "annotations": notes}
    done = response("completed", usage=USAGE, output=[{"type": "message", "content": [content]}])
    first = sse("response.output_text.annotation.added", annotation=notes[0])
    await _send(x, [*said(), first, sse("response.completed", response=done)])


@named("tools", "tools-elsewhere")
async def tools(x: Exchange, arg: str) -> None:
    """The model asks for a tool, and answers once it has the result."""
    if "function_call_output" in str(x.request.json.get("input")):
        await good(x, arg)
        return
    call = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
    sealed = [sse("response.output_item.added", item={**SEALED, "encrypted_content": "gAAA"})]
    sealed.append(sse("response.output_item.done", item=SEALED))
    added = sse("response.output_item.added", output_index=1, item=call)
    await _send(x, [*sealed, added, sse("response.completed", response=response("completed", output=[call]))])


SEARCH: dict[str, object] = {
    "type": "web_search_call",
    "id": "ws_1",
    "status": "completed",
    "action": {"type": "search", "query": "news", "sources": [{"type": "url", "url": url} for url, _ in SOURCES]},
}
"""A search of the web with the pages that it found."""


@named("searches")
async def searches(x: Exchange, arg: str) -> None:
    """A good answer after a search of the web."""
    await _send(x, [sse("response.output_item.done", output_index=0, item=SEARCH), *events()])


@named("no-tools", "no-search", "no-sources", "no-schema")
async def without(x: Exchange, arg: str) -> None:
    """Refuses what its name says."""
    refusal = refused_feature(x.request.model, x.request.json)
    if refusal:
        await x.respond(400, {"error": {"message": refusal, "type": "invalid_request_error"}})
    else:
        await good(x, arg)


@named("no-files")
async def no_files(x: Exchange, arg: str) -> None:
    """Refuses files in the words of llama.cpp's server."""
    if "input_file" in str(x.request.json):
        message = "'input_file' is not supported by llamacpp at this moment"
        await x.respond(400, {"error": {"code": 400, "message": message, "type": "invalid_request_error"}})
    else:
        await good(x, arg)


async def refused_over_chat(x: Exchange, arg: str) -> None:
    """As Azure refuses a model of Responses over chat completions."""
    said_by_azure = "The chatCompletion operation does not work with the specified model, gpt-5-pro."
    await x.respond(400, {"error": {"code": "OperationNotSupported", "message": said_by_azure}})
