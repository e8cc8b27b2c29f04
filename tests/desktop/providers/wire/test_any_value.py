"""Any JSON value in any field of an answer, over each wire: the answer's events or a ProviderError, nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from desktop.domain.conversation_types import Wire
from desktop.domain.events import Notice, ProviderToolUsed, ReasoningDelta, Sealed, TextDelta, ToolRequested
from desktop.errors import ProviderError
from desktop.net.options import NetworkOptions
from desktop.providers.wire.body_decoder import BodyDecoder
from desktop.providers.wire.faults import RequestTarget, refused
from desktop.providers.wire.wire_format import FORMATS
from tests.servers.behaviours import STREAMS
from tests.servers.http1 import Exchange
from tests.servers.messages_streams import MESSAGES
from tests.servers.responses_streams import RESPONSES

ASKED = RequestTarget(host="host", model="m", secrets=("sk-secret",))
OPTIONS = NetworkOptions()
DEEP = "[" * 200 + "]" * 200
VALUES = [
    *(
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "1e308",
        "9" * 400,
        "9" * 5_000,
        '""',
        '"a"',
        '"\\ud83d"',
        '"\\ude00"',
        '"\\u0000"',
    ),
    *("[]", "[[]]", "[1]", '["a"]', "[{}]", "{}", '{"a":1}', '{"type":"error"}', '{"message":{}}', DEEP),
]
"""A value of every JSON type, in the shapes that have to be told apart."""

STREAMED: Mapping[Wire, tuple[Mapping[str, Callable[[Exchange, str], Awaitable[None]]], tuple[str, ...]]] = {
    Wire.CHAT: (STREAMS, ("grok-3-mini", "cited", "filter-answer", "filter-async", "error-in-stream", "json", "tools")),
    Wire.RESPONSES: (
        RESPONSES,
        ("plain", "untyped", "whole", "long", "filtered", "failed", "error", "declined", "cited", "tools", "searches"),
    ),
    Wire.MESSAGES: (MESSAGES, ("plain", "whole", "declined", "cited", "tools", "failed", "torn", "searches")),
}
REFUSALS: list[dict[str, Any]] = [
    {"error": {"code": "x", "type": "y", "param": "p", "message": "m", "innererror": {"code": "z"}}},
    {
        "error": {
            "message": "m",
            "metadata": {"raw": "{}"},
            "details": [{"reason": "r", "violations": [{"quotaId": "q"}]}],
        }
    },
    {"detail": [{"loc": ["body", 1], "msg": "m", "type": "extra"}], "statusCode": 400, "status": "400"},
    {
        "error": {
            "code": "content_filter",
            "innererror": {"content_filter_result": {"hate": {"filtered": True, "severity": "high"}}},
        }
    },
]
HOLE = "\ue000hole"


class Recorder:
    """What a behaviour of the server of faults sends, without a connection."""

    def __init__(self) -> None:
        self.request = SimpleNamespace(json={}, number=1)
        self.sent = b""

    async def start(self, **_: object) -> None: ...

    async def end(self) -> None: ...

    async def send(self, data: bytes) -> None:
        self.sent += data

    async def respond(self, _: int, body: dict[str, Any]) -> None:
        self.sent += json.dumps(body).encode()


def pieces(wire: Wire) -> list[list[str]]:
    """The answers of a wire, each as the lines that it is sent in."""
    behaviours, names = STREAMED[wire]
    found: list[list[str]] = []
    for name in names:
        recorder = Recorder()
        asyncio.run(cast("Any", behaviours[name](cast("Exchange", recorder), "")))
        found.append(recorder.sent.decode().split("\n"))
    return found


def with_holes(value: object) -> Iterator[object]:
    """A value with one of its fields, or itself, taken out, for each of them."""
    yield HOLE
    if isinstance(value, dict):
        held = cast("dict[str, object]", value)
        yield from ({**held, name: changed} for name in held for changed in with_holes(held[name]))
    elif isinstance(value, list):
        listed = cast("list[object]", value)
        for at, each in enumerate(listed):
            yield from ([*listed[:at], changed, *listed[at + 1 :]] for changed in with_holes(each))


def damaged(wire: Wire) -> Iterator[bytes]:
    """Each answer with each field of each event as each of the values."""
    for lines in pieces(wire):
        for number, line in enumerate(lines):
            before, _, data = line.rpartition("data: ")
            if not data.startswith("{"):
                continue
            prefix = line[: len(line) - len(data)]
            assert not before
            for hollow in with_holes(json.loads(data)):
                for value in VALUES:
                    changed = prefix + json.dumps(hollow).replace(json.dumps(HOLE), value)
                    yield "\n".join([*lines[:number], changed, *lines[number + 1 :]]).encode()


@pytest.mark.parametrize("wire", list(STREAMED))
def test_any_value_in_any_field_gives_text_or_a_provider_error(wire: Wire) -> None:
    tried = 0
    for body in damaged(wire):
        form = FORMATS[wire]
        decoder = BodyDecoder("text/event-stream", OPTIONS, ASKED, form.reader(ASKED))
        try:
            events = [*decoder.feed(body), *decoder.finish()]
        except Exception as error:
            error.add_note(body.decode())
            raise
        tried += 1
        assert decoder.failure is None or isinstance(decoder.failure, ProviderError)
        for event in events:
            if isinstance(event, TextDelta | ReasoningDelta):
                assert event.text
                event.text.encode()
            elif isinstance(event, Notice):
                event.message.encode()
            elif isinstance(event, Sealed):
                event.data.encode()
            elif isinstance(event, ToolRequested):
                assert event.id
                assert event.name
                (event.id + event.name + event.arguments).encode()
            elif isinstance(event, ProviderToolUsed):
                (event.id + event.name + event.arguments + event.result).encode()
    assert tried > 1_000


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_any_value_in_any_field_of_a_refusal_gives_a_provider_error(status: int) -> None:
    for refusal in REFUSALS:
        for hollow in with_holes(refusal):
            for value in VALUES:
                body = json.dumps(hollow).replace(json.dumps(HOLE), value).encode()
                error = refused(status, {}, body, ASKED)
                assert isinstance(error, ProviderError), body
                error.message.encode()
