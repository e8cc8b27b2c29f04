"""What answers cite and what only their server can read, over each wire."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from desktop.domain.conversation_types import Connection, Kind, Wire
from desktop.domain.events import Cited, Sealed
from desktop.providers.provider import Provider
from tests.desktop.providers.asking import ask, make_of
from tests.servers.faults import FaultServer
from tests.servers.messages_streams import THOUGHTS
from tests.servers.responses_streams import SEALED
from tests.servers.wire import SOURCES

CITED = [Cited(url=url, title=title) for url, title in SOURCES]


@pytest.fixture(params=[Wire.CHAT, Wire.RESPONSES, Wire.MESSAGES])
async def provider(server: FaultServer, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Wire, Provider]]:
    """One of each wire."""
    made = make_of(Connection(name="c", kind=Kind.OPENAI_V1, url=server.url, wire=request.param))
    yield request.param, made
    await made.aclose()


async def test_each_page_is_named_once(provider: tuple[Wire, Provider]) -> None:
    found = await ask(provider[1], "cited")
    assert (found.error, found.reason, found.of(Cited)) == (None, "stop", CITED)


async def test_what_goes_back_unchanged_comes_whole(provider: tuple[Wire, Provider]) -> None:
    wire, asked = provider
    found = await ask(asked, "tools")
    sealed = [json.loads(each.data) for each in found.of(Sealed)]
    assert (
        sealed
        == {
            Wire.CHAT: [],
            Wire.RESPONSES: [SEALED],
            Wire.MESSAGES: [{"type": "thinking", "thinking": "".join(THOUGHTS), "signature": "EqQB"}],
        }[wire]
    )
