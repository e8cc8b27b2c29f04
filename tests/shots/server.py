"""The pictures' loopback server: a Foundry with five deployments, of which one breaks off in the middle for good."""

from __future__ import annotations

import asyncio

from tests.servers.faults import BEHAVIOURS, FaultServer
from tests.servers.http1 import Exchange
from tests.servers.wire import DONE, bare, chunk, event, usage
from tests.shots.stored import ANSWER, THOUGHT

DEPLOYED = ("grok-4.7", "gpt-4.1", "gpt-4.1-mini", "Llama-3.3-70B-Instruct", "grok-3-mini")

_WORDS = [word + " " for word in ANSWER.split(" ")]
_PACE_S = 0.012


class PicturesServer(FaultServer):
    """The fault server, with deployments as a user has them."""

    async def _list(self, x: Exchange) -> None:
        made = [{"id": name, "model": name, "object": "model", "status": "succeeded"} for name in DEPLOYED]
        await x.respond(200, {"object": "list", "data": made})


async def whole(x: Exchange, arg: str) -> None:
    """The answer of the pictures."""
    await x.start()
    await _say(x, _WORDS)
    for piece in (event(chunk(finish="stop")), event(bare(usage=usage(31, len(_WORDS)))), DONE):
        await x.send(piece)
    await x.end()


async def half(x: Exchange, arg: str) -> None:
    """Its thoughts and first half, and then nothing for as long as the picture takes."""
    await x.start()
    await x.send(event(chunk({"reasoning_content": THOUGHT})))
    await asyncio.sleep(1)
    await _say(x, _WORDS[:44])
    await asyncio.Event().wait()


async def _say(x: Exchange, words: list[str]) -> None:
    for word in words:
        await x.send(event(chunk({"content": word})))
        await asyncio.sleep(_PACE_S)


BEHAVIOURS.update({**dict.fromkeys(DEPLOYED, whole), "grok-3-mini": half})
