"""The vendors' own SDKs, which read the streams of the fault server: Paragone reads them alike."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from desktop.domain.conversation_types import Connection, Kind, Role, Wire
from desktop.domain.events import Finished, ReasoningDelta, TextDelta, UsageUpdate
from desktop.errors import ProviderError
from desktop.net.options import NetworkOptions, Secret
from desktop.providers.http_provider import HttpProvider
from desktop.providers.provider import ChatMessage, ChatRequest
from desktop.providers.wire.finish_reasons import reason_of
from tests.real.environments import python_with, version_of
from tests.real.outcome_table import Row, filled
from tests.servers.faults import FaultServer
from tests.servers.threaded import fault_server

KEY = "sk-of-the-fault-server-0123"
SCRIPT = Path(__file__).parent / "scripts" / "sdk_stream.py"
_S = 60

ASKED: dict[Wire, tuple[str, ...]] = {
    Wire.CHAT: ("gpt-4o", "grok-3-mini", "crlf", "usage-every-chunk", "no-usage", "filter-answer", "fail-first", "cut"),
    Wire.RESPONSES: ("plain", "long", "filtered", "declined", "tools", "cut", "failed", "error"),
    Wire.MESSAGES: ("plain", "long", "declined", "tools", "cut", "failed", "overloaded"),
}
"""What each wire's streams are asked for: by the names of the fault server's behaviours."""


_NAMES = {
    Wire.CHAT: "OpenAI's SDK, Chat Completions",
    Wire.RESPONSES: "OpenAI's SDK, Responses",
    Wire.MESSAGES: "Anthropic's SDK, Messages",
}
_CHECK = "reads the fault server's streams as Paragone does"


def install(folder: Path) -> Path:
    """The Python that has both SDKs."""
    return python_with(folder, "sdks", "openai", "anthropic")


def run(folder: Path, work: Path) -> list[Row]:
    """Each wire, read by the SDK of its vendor and by ours."""
    del work
    python = install(folder)
    versions = {wire: version_of(python, "anthropic" if wire is Wire.MESSAGES else "openai") for wire in ASKED}
    with fault_server(KEY) as server:
        return [
            filled(_NAMES[wire], versions[wire], _CHECK, _compared(python, server, wire, models))
            for wire, models in ASKED.items()
        ]


def _compared(python: Path, server: FaultServer, wire: Wire, models: Iterable[str]) -> Iterator[str]:
    for model in models:
        words = (str(python), str(SCRIPT), str(wire), server.url, KEY, model)
        done = subprocess.run(words, capture_output=True, text=True, timeout=_S, check=True)
        theirs, ours = _alike(json.loads(done.stdout)), _alike(asyncio.run(_ours(server, wire, model)))
        if not theirs["text"] and not theirs["end"]:
            yield f"{model}: nothing to compare"
            continue
        wrong = [f"{name}: {theirs[name]!r}, ours {ours[name]!r}" for name in theirs if theirs[name] != ours[name]]
        yield f"{model}: {'; '.join(wrong)}" if wrong else ""


def _alike(found: dict[str, Any]) -> dict[str, Any]:
    """What can be compared: an answer that broke off has no end, whether that is an error or not."""
    ended = None if found["error"] else found["reason"] and reason_of(found["reason"])
    return {
        "text": found["text"],
        "thought": "".join(found["thought"].split()),
        "end": ended,
        "usage": found["usage"] if ended else None,
    }


async def _ours(server: FaultServer, wire: Wire, model: str) -> dict[str, Any]:
    found: dict[str, Any] = {"text": "", "thought": "", "reason": None, "usage": None, "error": None}
    connection = Connection(name="sdk", kind=Kind.OPENAI_V1, url=server.url, wire=wire)
    provider = HttpProvider(connection, Secret(KEY), NetworkOptions(idle_timeout_s=5, first_token_timeout_s=5))
    request = ChatRequest(model=model, messages=(ChatMessage(role=Role.USER, text="hi"),))
    try:
        async with aclosing(provider.stream(request)) as events:
            async for event in events:
                match event:
                    case TextDelta(text=text):
                        found["text"] += text
                    case ReasoningDelta(text=text):
                        found["thought"] += text
                    case UsageUpdate(usage=usage):
                        found["usage"] = [usage.input_tokens, usage.output_tokens]
                    case Finished(reason=reason):
                        found["reason"] = reason
                    case _:
                        pass
    except ProviderError as error:
        found["error"] = type(error).__name__
    finally:
        await provider.aclose()
    return found
