"""The embedded model: start, first token, tokens a second."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from desktop.domain.conversation_types import Connection, Kind, Parameters, Role
from desktop.domain.events import Event, TextDelta, UsageUpdate
from desktop.embedded.bundled_model import find_model
from desktop.embedded.embedded_provider import EmbeddedProvider
from desktop.embedded.engine import Engine, EngineOptions
from desktop.net.options import NetworkOptions
from desktop.providers.provider import ChatMessage, ChatRequest

COMMAND = (sys.executable, "-m", "desktop.embedded.engine_child")
RUNS = 5


def request(prompt: str, tokens: int) -> ChatRequest:
    """A prompt with a fixed seed."""
    messages = (ChatMessage(role=Role.USER, text=prompt),)
    parameters = Parameters(values={"max_tokens": tokens, "seed": 1})
    return ChatRequest(model="smollm2", messages=messages, parameters=parameters)


async def timed(provider: EmbeddedProvider, prompt: str, tokens: int) -> tuple[float, float]:
    """Seconds to the first text, and tokens a second after it."""
    began, first, counted = time.perf_counter(), 0.0, 0
    event: Event
    async for event in provider.stream(request(prompt, tokens)):
        if isinstance(event, TextDelta) and not first:
            first = time.perf_counter()
        if isinstance(event, UsageUpdate):
            counted = event.usage.output_tokens or 0
    return first - began, (counted - 1) / (time.perf_counter() - first)


async def run(model: Path, threads: int, parallel: int) -> list[dict[str, object]]:
    """The medians of some cold starts and answers."""
    ready: list[float] = []
    cold: list[float] = []
    warm: list[float] = []
    rate: list[float] = []
    for _ in range(RUNS):
        engine = Engine(command=COMMAND, options=EngineOptions(model=model, threads=threads, parallel=parallel))
        provider = EmbeddedProvider(Connection(name="embedded", kind=Kind.EMBEDDED), engine, NetworkOptions())
        try:
            began = time.perf_counter()
            await engine.endpoint()
            ready.append((time.perf_counter() - began) * 1000)
            first, _ = await timed(provider, "What is the capital of France?", 8)
            cold.append(ready[-1] + first * 1000)
            first, speed = await timed(provider, "Tell me a story about a fox.", 128)
            warm.append(first * 1000)
            rate.append(speed)
        finally:
            await provider.aclose()
    at = f"{threads} thread(s), {parallel} slot(s)"
    return [
        _row(f"engine, start to ready, {at}", ready, "ms"),
        _row(f"engine, start to first token, {at}", cold, "ms", 1500),
        _row(f"engine, first token when running, {at}", warm, "ms"),
        _row(f"engine, generation, {at}", rate, "tok/s"),
    ]


def _row(name: str, values: list[float], unit: str, target: float | None = None) -> dict[str, object]:
    value = statistics.median(values)
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "target": target,
        "met": None if target is None else value <= target,
    }


def measure() -> list[dict[str, object]]:
    """Rows of name, value, unit, target and met, for each number of threads and slots."""
    with tempfile.TemporaryDirectory() as cache:
        model = find_model(cache=Path(cache))
    rows: list[dict[str, object]] = []
    for threads, parallel in ((1, 1), (1, 2), (2, 2)):
        rows += asyncio.run(run(model, threads, parallel))
    return rows
