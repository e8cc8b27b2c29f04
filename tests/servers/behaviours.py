"""What each model name of the fault server does: good answers and every fault of a stream."""

from __future__ import annotations

import asyncio
import functools
import gzip
import json
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from tests.servers.http1 import Exchange
from tests.servers.wire import DONE, SOURCES, answer, bare, chunk, event, refused_feature, usage

Behaviour = Callable[[Exchange, str], Awaitable[None]]

WORDS = ["Hello", " from", " the", " fault", " server", "."]
TEXT = "".join(WORDS)
THOUGHT = "The user greets me."
FILTERED = {"hate": {"filtered": True, "severity": "high"}, "violence": {"filtered": False, "severity": "safe"}}

STREAMS: dict[str, Behaviour] = {}


def named(*names: str) -> Callable[[Behaviour], Behaviour]:
    """Registers a behaviour under model names."""

    def register(function: Behaviour) -> Behaviour:
        STREAMS.update(dict.fromkeys(names, function))
        return function

    return register


async def _send_all(x: Exchange, pieces: list[bytes], *, chunked: bool = True) -> None:
    await x.start(chunked=chunked)
    for piece in pieces:
        await x.send(piece)
    await x.end()


@named("grok-3", "gpt-4o", "gpt-4o-mini", "Llama-3.3-70B-Instruct", "plain")
async def plain(x: Exchange, arg: str) -> None:
    """A good answer."""
    await _send_all(x, answer(WORDS))


@named("grok-3-mini")
async def reasoning(x: Exchange, arg: str) -> None:
    """A good answer with reasoning, usage counted as xAI does; takes no presence_penalty."""
    if "presence_penalty" in x.request.json:
        message = "Argument not supported on this model: presencePenalty"
        await x.respond(400, {"code": "Client specified an invalid argument", "error": message})
        return
    pieces = [event(chunk({"reasoning_content": word})) for word in (THOUGHT[:9], THOUGHT[9:])]
    pieces += [event(chunk({"content": word})) for word in WORDS]
    pieces += [event(chunk(finish="stop")), event(bare(usage=usage(7, len(WORDS), 11))), DONE]
    await _send_all(x, pieces)


@named("cited")
async def cited(x: Exchange, arg: str) -> None:
    """A good answer with its sources beside it, in each chunk, as servers that search do."""
    beside: dict[str, Any] = {
        "citations": [url for url, _ in SOURCES],
        "search_results": [{"url": url, "title": title, "date": None} for url, title in SOURCES],
    }
    pieces = [event(chunk({"content": word}, **beside)) for word in ("Water boils", " at 100 °C [1][2].")]
    await _send_all(x, [*pieces, event(chunk(finish="stop", **beside)), DONE])


@named("tools")
async def tools(x: Exchange, arg: str) -> None:
    """The model calls two tools at once, and answers once it has the results."""
    if any(message["role"] == "tool" for message in x.request.json.get("messages", [])):
        await plain(x, arg)
        return
    functions = [{"name": name, "arguments": ""} for name in "fg"]
    said = [{"index": at, "id": f"call_{at}", "function": each} for at, each in enumerate(functions)]
    said += [{"index": at, "function": {"arguments": more}} for at, more in ((0, '{"x"'), (1, "{}"), (0, ": 1}"))]
    pieces = [event(chunk({"tool_calls": [each]})) for each in said]
    await _send_all(x, [*pieces, event(chunk(finish="tool_calls")), event(bare(usage=usage())), DONE])


@named("caller")
async def caller(x: Exchange, arg: str) -> None:
    """Calls a tool for each line (NAME ARGUMENTS) of the last prompt, then says what the results were.

    caller:ROUNDS makes the same calls so many times; without offered tools, the model says so.
    """
    messages = x.request.json["messages"]
    last = max(at for at, message in enumerate(messages) if message["role"] == "user")
    results = [str(message["content"]) for message in messages[last:] if message["role"] == "tool"]
    lines = str(messages[last]["content"]).splitlines()
    if not x.request.json.get("tools"):
        await _send_all(x, answer(["I have no tools."]))
        return
    if len(results) >= len(lines) * int(arg or 1):
        await _send_all(x, answer(["Results: ", " | ".join(results)]))
        return
    called = [line.partition(" ") for line in lines]
    said = [
        {"index": at, "id": f"call_{len(results) + at}", "function": {"name": name, "arguments": given}}
        for at, (name, _, given) in enumerate(called)
    ]
    pieces = [event(chunk({"tool_calls": [each]})) for each in said]
    await _send_all(x, [*pieces, event(chunk(finish="tool_calls")), event(bare(usage=usage())), DONE])


@named("tools-elsewhere")
async def tools_elsewhere(x: Exchange, arg: str) -> None:
    """Takes tools over Responses alone, as Azure's newer models."""
    if "tools" in x.request.json:
        said = "Function tools with reasoning_effort are not supported for gpt-5.6-sol in /v1/chat/completions."
        advice = "Please use /v1/responses or set reasoning_effort to 'none'."
        await x.respond(400, {"error": {"message": f"{said} {advice}"}})
    else:
        await plain(x, arg)


@named("no-tools", "no-search", "no-schema")
async def without(x: Exchange, arg: str) -> None:
    """Refuses what its name says."""
    refusal = refused_feature(x.request.model, x.request.json)
    if refusal:
        await x.respond(400, {"error": {"message": refusal}})
    else:
        await plain(x, arg)


@named("cookie")
async def cookie(x: Exchange, arg: str) -> None:
    """A good answer that sets a cookie."""
    await x.start(set_cookie="session=1; Path=/")
    await x.send(b"".join(answer(WORDS)))
    await x.end()


@named("echo")
async def echo(x: Exchange, arg: str) -> None:
    """Says the last message back, a word a delta."""
    last = str(x.request.json["messages"][-1]["content"])
    await _send_all(x, answer([part + " " for part in last.split(" ")]))


@named("judge")
async def judge(x: Exchange, arg: str) -> None:
    """judge:WORD: passes what has the word behind “to be graded”, and prefers the answer that has it; tie without."""
    told = str(x.request.json["messages"][-1]["content"])
    first, _, second = told.partition("Answer 1")[2].partition("Answer 2")
    winner = "tie" if (arg in first) == (arg in second) else 1 if arg in first else 2
    verdict = {"pass": arg in told.partition("to be graded")[2], "winner": winner, "reason": f"It is about {arg}."}
    await _send_all(x, answer(["I looked at it.\n", json.dumps(verdict)]))


@named("slow")
async def slow(x: Exchange, arg: str) -> None:
    """slow:RATE or slow:RATE:TOKENS: tokens a second, 200 of them unless said."""
    rate, _, tokens = (arg or "100").partition(":")
    await x.start()
    begun = asyncio.get_running_loop().time()
    for number in range(int(tokens or 200)):
        await x.send(event(chunk({"content": f"word{number} "})))
        ahead = begun + (number + 1) / float(rate) - asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, ahead))
    for piece in (event(chunk(finish="stop")), event(bare(usage=usage(7, int(tokens or 200)))), DONE):
        await x.send(piece)
    await x.end()


@named("meter")
async def meter(x: Exchange, arg: str) -> None:
    """meter:TOLD:NAME: the prompt's last word is WORDS/HIDDEN: so many words, and tokens of hidden reasoning beside.

    Keeps the words within max_tokens. Usage tells TOLD words where that is not empty, and NAME as the model.
    """
    told, _, name = arg.partition(":")
    words, _, hidden = str(x.request.json["messages"][-1]["content"]).rpartition(" ")[2].partition("/")
    number = min(int(words), int(x.request.json.get("max_tokens") or words))
    head = {"model": name} if name else {}
    await asyncio.sleep(0.02)  # long enough for others to be sent meanwhile
    await x.start()
    await x.send(event({**chunk({"content": "word " * number}), **head}))
    await x.send(event({**chunk(finish="stop"), **head}))
    counted = usage(7, int(told or number), int(hidden or 0))
    for piece in (event({**bare(usage=counted), **head}), DONE):
        await x.send(piece)
    await x.end()


@named("long")
async def long(x: Exchange, arg: str) -> None:
    """long:TOKENS: as many tokens as fast as can be."""
    count = int(arg or 20000)
    await x.start()
    for first in range(0, count, 50):
        batch = range(first, min(first + 50, count))
        await x.send(b"".join(event(chunk({"content": f"w{number} "})) for number in batch))
    await x.send(event(chunk(finish="stop")) + event(bare(usage=usage(7, count))) + DONE)
    await x.end()


@named("cut")
async def cut(x: Exchange, arg: str) -> None:
    """Ends properly, but without a finish reason."""
    await _send_all(x, answer(WORDS)[: 1 + int(arg or 3)])


@named("cut-chunk")
async def cut_chunk(x: Exchange, arg: str) -> None:
    """Closes the connection in the middle of the chunked body."""
    await x.start()
    for piece in answer(WORDS)[:4]:
        await x.send(piece)
    x.cut()


@named("rst")
async def rst(x: Exchange, arg: str) -> None:
    """Sends ARG (50) deltas at once and resets the connection."""
    await x.start()
    # In one piece: what the kernel has not sent yet is thrown away by a reset
    await x.send(b"".join(event(chunk({"content": f"{number} "})) for number in range(int(arg or 50))))
    x.reset()


@named("rst-first")
async def rst_first(x: Exchange, arg: str) -> None:
    """Resets the connection before any response."""
    x.reset()


@named("done-only")
async def done_only(x: Exchange, arg: str) -> None:
    """Text and [DONE], but no finish reason."""
    await _send_all(x, [*answer(WORDS)[:3], DONE])


@named("html")
async def html(x: Exchange, arg: str) -> None:
    """A sign-in page with status 200."""
    page = "<!DOCTYPE html><head><title>Sign in to &amp; continue</title></head><p>secret body</p>"
    await x.respond(200, page, content_type="text/html")


@named("json")
async def whole(x: Exchange, arg: str) -> None:
    """A whole answer as JSON instead of a stream."""
    message = {"role": "assistant", "content": TEXT, "reasoning_content": THOUGHT}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    await x.respond(200, {"model": "whole-1", "choices": [choice], "usage": usage()})


@named("json-error")
async def json_error(x: Exchange, arg: str) -> None:
    """An error object with status 200."""
    await x.respond(200, {"error": {"code": "server_error", "message": "The engine fell over."}})


@named("json-other")
async def json_other(x: Exchange, arg: str) -> None:
    """JSON with status 200 that is no answer."""
    await x.respond(200, {"status": "ok"})


@named("wrong-type")
async def wrong_type(x: Exchange, arg: str) -> None:
    """A good stream under a wrong content type (none with the argument "none")."""
    await x.start(content_type="" if arg == "none" else "application/octet-stream")
    for piece in answer(WORDS):
        await x.send(piece)
    await x.end()


@named("text")
async def text(x: Exchange, arg: str) -> None:
    """Plain text with status 200."""
    await x.respond(200, "OK, it works!")


@named("stall")
async def stall(x: Exchange, arg: str) -> None:
    """Says nothing at all."""
    await asyncio.Event().wait()


@named("stall-headers")
async def stall_headers(x: Exchange, arg: str) -> None:
    """Sends headers and then nothing; with an argument, keep-alives every so many milliseconds."""
    await x.start()
    while arg:
        await x.send(b": keep-alive\n\n")
        await asyncio.sleep(int(arg) / 1000)
    await asyncio.Event().wait()


@named("stall-middle")
async def stall_middle(x: Exchange, arg: str) -> None:
    """Stops after three words; with an argument, keep-alives every so many milliseconds."""
    await x.start()
    for piece in answer(WORDS)[:4]:
        await x.send(piece)
    while arg:
        await x.send(b": keep-alive\n\n")
        await asyncio.sleep(int(arg) / 1000)
    await asyncio.Event().wait()


@named("stall-end")
async def stall_end(x: Exchange, arg: str) -> None:
    """Sends the finish reason and never ends."""
    await x.start()
    for piece in answer(WORDS)[:-2]:
        await x.send(piece)
    await asyncio.Event().wait()


@named("rst-end")
async def rst_end(x: Exchange, arg: str) -> None:
    """Sends the finish reason and resets."""
    await x.start()
    for piece in answer(WORDS)[:-2]:
        await x.send(piece)
    x.reset()


@named("crlf", "cr")
async def line_ends(x: Exchange, arg: str) -> None:
    """A good answer whose lines end in CRLF (or CR), one byte a piece."""
    end = "\r" if x.request.model.startswith("cr") and "lf" not in x.request.model else "\r\n"
    body = b"".join(answer(WORDS, end=end))
    await _send_all(x, [body[at : at + 1] for at in range(len(body))])


@named("bom")
async def bom(x: Exchange, arg: str) -> None:
    """A good answer with a BOM, comments, unknown fields and events, split in the middle of characters."""
    body = b"\xef\xbb\xbf: hello\n\nretry: 5\nfoo: bar\nevent: ping\ndata: {}\n\n" + b"".join(answer(["Grüße", " 🌍"]))
    await _send_all(x, [body[at : at + 3] for at in range(0, len(body), 3)])


@named("no-newline")
async def no_newline(x: Exchange, arg: str) -> None:
    """The last event ends with the body; no [DONE], no chunked coding."""
    pieces = answer(WORDS)[:-2]
    await _send_all(x, [*pieces[:-1], pieces[-1].rstrip(b"\n")], chunked=False)


@named("filter-answer")
async def filter_answer(x: Exchange, arg: str) -> None:
    """The content filter cuts the answer."""
    pieces = answer(WORDS)[:3]
    last = chunk(finish="content_filter", choice={"content_filter_results": FILTERED})
    await _send_all(x, [*pieces, event(last), DONE])


@named("filter-async")
async def filter_async(x: Exchange, arg: str) -> None:
    """An asynchronous filter marks the answer after its stop."""
    offsets = {"check_offset": 0, "start_offset": 0, "end_offset": 20}
    marks = {"content_filter_results": FILTERED, "content_filter_offsets": offsets}
    late = bare() | {"choices": [{"index": 0, "finish_reason": None, **marks}]}
    pieces = answer(WORDS)
    await _send_all(x, [*pieces[:-2], event(late), *pieces[-2:]])


@named("error-in-stream")
async def error_in_stream(x: Exchange, arg: str) -> None:
    """An error object after three words; its code is the argument."""
    error = {"error": {"code": arg or "server_error", "message": "The engine fell over."}}
    await _send_all(x, [*answer(WORDS)[:4], event(error), DONE])


@named("bad-json")
async def bad_json(x: Exchange, arg: str) -> None:
    """An event that is not JSON."""
    await _send_all(x, [*answer(WORDS)[:4], b"data: {oops\n\n", DONE])


@functools.cache
def _bomb() -> bytes:
    member = gzip.compress(b"x" * (1 << 20))
    return gzip.compress(b"data: ") + member * 64


@named("bomb")
async def bomb(x: Exchange, arg: str) -> None:
    """A compressed body that would become 64 MB."""
    packed = _bomb()
    await x.start(content_encoding="gzip")
    await x.send(packed)
    await x.end()


@named("packed")
async def packed(x: Exchange, arg: str) -> None:
    """A good answer that a proxy compressed, each event as it comes."""
    packer = zlib.compressobj(wbits=31)
    await x.start(content_encoding="gzip")
    for each in (*answer(WORDS), DONE):
        await x.send(packer.compress(each) + packer.flush(zlib.Z_SYNC_FLUSH))
    await x.send(packer.flush())
    await x.end()


@named("brotli")
async def brotli(x: Exchange, arg: str) -> None:
    """A body of an encoding that is not known."""
    await x.start(content_encoding="br")
    await x.send(b"\x0b\x02\x80data: x\x03")
    await x.end()


@named("huge-event")
async def huge_event(x: Exchange, arg: str) -> None:
    """One word, then an event that never ends."""
    await x.start()
    await x.send(b"".join(answer(WORDS)[:2]) + b"data: ")
    while True:
        await x.send(b"x" * 65536)


@named("endless")
async def endless(x: Exchange, arg: str) -> None:
    """An answer that never ends."""
    await x.start()
    piece = event(chunk({"content": "again and again " * 64})) * 32
    while True:
        await x.send(piece)


@named("usage-every-chunk")
async def usage_every(x: Exchange, arg: str) -> None:
    """Cumulative usage in every chunk."""
    pieces = [event(chunk({"content": word}, usage=usage(7, at + 1))) for at, word in enumerate(WORDS)]
    await _send_all(x, [*pieces, event(chunk(finish="stop", usage=usage(7, len(WORDS)))), DONE])


@named("no-usage")
async def no_usage(x: Exchange, arg: str) -> None:
    """No usage at all."""
    pieces = answer(WORDS)
    await _send_all(x, [*pieces[:-2], DONE])


@named("reflect-key")
async def reflect_key(x: Exchange, arg: str) -> None:
    """An error in the stream that shows the key."""
    key = x.request.headers.get("authorization", "")
    await _send_all(x, [event(json.loads(json.dumps({"error": {"message": f"bad key {key}"}})))])


@named("fails-first")
async def fails_first(x: Exchange, arg: str) -> None:
    """Refuses the first request for its model and its argument, and answers well from then on."""
    if x.request.number == 1:
        await x.respond(400, {"error": {"code": "invalid_request", "message": "Not the first time."}})
    else:
        await plain(x, arg)


@named("drifts")
async def drifts(x: Exchange, arg: str) -> None:
    """Answers with other words of another state and model from the second time on; is gone the third time."""
    if x.request.number > 2:
        await x.respond(404, {"error": {"code": "DeploymentNotFound", "message": "The API deployment does not exist."}})
        return
    first = x.request.number == 1
    words = [*WORDS[:3], " old" if first else " new", *WORDS[3:]]
    head: dict[str, Any] = {"system_fingerprint": f"fp_{x.request.number}", "model": "kept-1" if first else "kept-2"}
    pieces = [event(chunk({"content": word}, **head)) for word in words]
    await _send_all(x, [*pieces, event(chunk(finish="stop", **head)), event(bare(usage=usage(7, 7))), DONE])
