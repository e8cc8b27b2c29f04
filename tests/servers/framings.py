"""How the events of any wire may come: whole in odd forms, or broken; each takes the events of a good answer."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Awaitable, Callable, Sequence

from tests.servers.behaviours import Behaviour
from tests.servers.http1 import Exchange

Framing = Callable[[Exchange, Sequence[bytes]], Awaitable[None]]

WHOLE: dict[str, Framing] = {}
"""Those of which a client reads the whole answer."""

BROKEN: dict[str, Framing] = {}
"""Those of which it cannot."""

_NAME = re.compile(rb"event: [^\n]*\n")


def _named(into: dict[str, Framing], name: str) -> Callable[[Framing], Framing]:
    def register(framing: Framing) -> Framing:
        into[name] = framing
        return framing

    return register


def framed(events: Callable[[], Sequence[bytes]]) -> dict[str, Behaviour]:
    """The behaviours of a wire whose good answer has these events, by the framings' names."""

    def behaviour(framing: Framing) -> Behaviour:
        async def behave(x: Exchange, arg: str) -> None:
            del arg
            await framing(x, events())

        behave.__doc__ = framing.__doc__
        return behave

    return {name: behaviour(framing) for name, framing in (WHOLE | BROKEN).items()}


async def _send(x: Exchange, pieces: Sequence[bytes], *, chunked: bool = True) -> None:
    await x.start(chunked=chunked)
    for piece in pieces:
        await x.send(piece)
    await x.end()


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@_named(WHOLE, "crlf")
async def crlf(x: Exchange, events: Sequence[bytes]) -> None:
    """Lines end in CRLF; five bytes a piece."""
    await _send(x, _cut(b"".join(events).replace(b"\n", b"\r\n"), 5))


@_named(WHOLE, "cr")
async def cr(x: Exchange, events: Sequence[bytes]) -> None:
    """Lines end in CR."""
    await _send(x, _cut(b"".join(events).replace(b"\n", b"\r"), 7))


@_named(WHOLE, "bom")
async def bom(x: Exchange, events: Sequence[bytes]) -> None:
    """A BOM, comments, unknown fields; cut in the middle of characters."""
    await _send(x, _cut(b"\xef\xbb\xbf: hello\n\nretry: 5\nfoo: bar\n\n" + b"".join(events), 3))


@_named(WHOLE, "no-newline")
async def no_newline(x: Exchange, events: Sequence[bytes]) -> None:
    """The last event ends with the body, which has no length and no chunks."""
    await _send(x, [*events[:-1], events[-1].rstrip(b"\n")], chunked=False)


@_named(WHOLE, "unnamed")
async def unnamed(x: Exchange, events: Sequence[bytes]) -> None:
    """No event has an `event:` field."""
    await _send(x, [_NAME.sub(b"", each) for each in events])


@_named(WHOLE, "wrong-type")
async def wrong_type(x: Exchange, events: Sequence[bytes]) -> None:
    """Under the content type of something else."""
    await x.start(content_type="application/octet-stream")
    await x.send(b"".join(events))
    await x.end()


@_named(WHOLE, "packed")
async def packed(x: Exchange, events: Sequence[bytes]) -> None:
    """Compressed by a proxy, each event as it comes."""
    packer = zlib.compressobj(wbits=31)
    await x.start(content_encoding="gzip")
    for each in events:
        await x.send(packer.compress(each) + packer.flush(zlib.Z_SYNC_FLUSH))
    await x.send(packer.flush())
    await x.end()


@_named(WHOLE, "done")
async def done(x: Exchange, events: Sequence[bytes]) -> None:
    """With a `[DONE]` behind the last event."""
    await _send(x, [*events, b"data: [DONE]\n\n"])


@_named(WHOLE, "rst-end")
async def rst_end(x: Exchange, events: Sequence[bytes]) -> None:
    """The connection is reset after the last event."""
    await x.start()
    await x.send(b"".join(events))
    x.reset()


@_named(WHOLE, "stall-end")
async def stall_end(x: Exchange, events: Sequence[bytes]) -> None:
    """Nothing ends the body behind the last event."""
    await x.start()
    await x.send(b"".join(events))
    await asyncio.Event().wait()


@_named(BROKEN, "cut-chunk")
async def cut_chunk(x: Exchange, events: Sequence[bytes]) -> None:
    """The connection is closed before the last two events, within the body."""
    await x.start()
    await x.send(b"".join(events[:-2]))
    x.cut()


@_named(BROKEN, "rst-middle")
async def rst_middle(x: Exchange, events: Sequence[bytes]) -> None:
    """The connection is reset before the last two events."""
    await x.start()
    await x.send(b"".join(events[:-2]))
    x.reset()


@_named(BROKEN, "done-early")
async def done_early(x: Exchange, events: Sequence[bytes]) -> None:
    """`[DONE]` instead of the last two events."""
    await _send(x, [*events[:-2], b"data: [DONE]\n\n"])


@_named(BROKEN, "bad-json")
async def bad_json(x: Exchange, events: Sequence[bytes]) -> None:
    """An event that is not JSON in the place of the last but one."""
    await _send(x, [*events[:-2], b"data: {oops\n\n", events[-1]])


@_named(BROKEN, "stall-middle")
async def stall_middle(x: Exchange, events: Sequence[bytes]) -> None:
    """Nothing more comes before the last two events."""
    await x.start()
    await x.send(b"".join(events[:-2]))
    await asyncio.Event().wait()
