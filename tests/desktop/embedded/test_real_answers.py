"""Answers of the real model through the real adapter: they stream, stop, share slots, and outlive a child's death."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from desktop.domain.conversation_types import Connection, JsonValue, Kind, Parameters, Role
from desktop.domain.events import Finished, Progress, RequestSent, Started, StreamEvent, TextDelta, UsageUpdate
from desktop.embedded.embedded_provider import EmbeddedProvider
from desktop.embedded.engine import Engine, EngineOptions
from desktop.errors import ContextTooLong, EngineCrashed, EngineTimeout, ProviderError
from desktop.net.options import NetworkOptions
from desktop.providers.provider import ChatMessage, ChatRequest

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(real_child: Sequence[str], model: Path) -> AsyncGenerator[Engine]:
    engine = Engine(command=real_child, options=EngineOptions(model=model, threads=1, context=1024, parallel=2))
    yield engine
    await engine.aclose()


@pytest.fixture(scope="module")
def provider(engine: Engine) -> EmbeddedProvider:
    return over(engine)


def over(engine: Engine, network: NetworkOptions | None = None) -> EmbeddedProvider:
    connection = Connection(name="embedded", kind=Kind.EMBEDDED)
    return EmbeddedProvider(connection, engine, network or NetworkOptions())


def ask(prompt: str, **parameters: JsonValue) -> ChatRequest:
    values: dict[str, JsonValue] = {"seed": 1, **parameters}
    messages = (ChatMessage(role=Role.USER, text=prompt),)
    return ChatRequest(model="smollm2", messages=messages, parameters=Parameters(values=values))


def long(**parameters: JsonValue) -> ChatRequest:
    """A request that would go on for ten seconds and more."""
    return ask("Tell me a story", max_tokens=900, logit_bias=[["<|im_end|>", False]], **parameters)


async def collect(events: AsyncGenerator[StreamEvent, None], into: list[StreamEvent]) -> list[StreamEvent]:
    async for event in events:
        into.append(event)  # noqa: PERF401  (what came before an error counts)
    return into


def text_of(events: Sequence[StreamEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def begun(events: list[StreamEvent], task: asyncio.Task[list[StreamEvent]]) -> None:
    async with asyncio.timeout(20):
        while not text_of(events) and not task.done():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_an_answer_streams_with_progress_usage_and_a_finish(provider: EmbeddedProvider) -> None:
    events = await collect(provider.stream(ask("What is the capital of France?")), [])
    assert "Paris" in text_of(events)
    assert isinstance(events[0], RequestSent)
    assert isinstance(events[1], Started)
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "stop"
    assert len([event for event in events if isinstance(event, TextDelta)]) > 3
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions[-1] == 1
    usage = [event.usage for event in events if isinstance(event, UsageUpdate)][-1]
    assert usage.input_tokens
    assert usage.output_tokens
    assert not usage.estimated


async def test_many_answers_in_a_row_each_find_a_connection(provider: EmbeddedProvider) -> None:
    for seed in range(6):
        events = await collect(provider.stream(ask("Hi", max_tokens=1, seed=seed)), [])
        assert events[-1] == Finished(reason="length")


async def test_two_answers_run_at_the_same_time(provider: EmbeddedProvider) -> None:
    events: tuple[list[StreamEvent], list[StreamEvent]] = ([], [])
    tasks = [asyncio.create_task(collect(provider.stream(long()), each)) for each in events]
    for each, task in zip(events, tasks, strict=True):
        await begun(each, task)
    assert not any(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_cancelling_frees_the_engine(provider: EmbeddedProvider) -> None:
    for _ in range(2):
        events: list[StreamEvent] = []
        tasks = [asyncio.create_task(collect(provider.stream(long()), events)) for _ in range(2)]
        await begun(events, tasks[0])
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    began = time.monotonic()
    await collect(provider.stream(ask("Hi", max_tokens=1)), [])
    assert time.monotonic() - began < 3  # four answers of 900 tokens were given up


async def test_leaving_the_iterator_frees_its_slot(engine: Engine) -> None:
    provider = over(engine)
    for _ in range(3):
        events = provider.stream(long())
        async for event in events:
            if isinstance(event, TextDelta):
                break
        await events.aclose()
    assert text_of(await collect(provider.stream(ask("Hi", max_tokens=2)), []))


async def test_too_long_a_prompt_is_named(provider: EmbeddedProvider) -> None:
    with pytest.raises(ContextTooLong):
        await collect(provider.stream(ask("word " * 1500)), [])


async def test_what_the_user_set_wins(provider: EmbeddedProvider) -> None:
    with pytest.raises(ProviderError, match="temperature"):
        await collect(provider.stream(ask("Hi", temperature="hot")), [])


async def test_a_killed_child_is_named_keeps_the_text_and_comes_back(
    provider: EmbeddedProvider, engine: Engine
) -> None:
    events: list[StreamEvent] = []
    task = asyncio.create_task(collect(provider.stream(long()), events))
    await begun(events, task)
    os.kill(engine.pid or 0, signal.SIGTERM)
    with pytest.raises(EngineCrashed, match="exited while responding"):
        await task
    assert text_of(events)
    assert text_of(await collect(provider.stream(ask("Hi", max_tokens=2)), []))


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
async def test_a_hung_child_is_ended_named_and_comes_back(engine: Engine) -> None:
    provider = over(engine, NetworkOptions(idle_timeout_s=1, first_token_timeout_s=1))
    events: list[StreamEvent] = []
    task = asyncio.create_task(collect(provider.stream(long()), events))
    await begun(events, task)
    os.kill(engine.pid or 0, signal.SIGSTOP)
    with pytest.raises(EngineTimeout, match="stopped responding"):
        await task
    assert not engine.running
    assert text_of(await collect(over(engine).stream(ask("Hi", max_tokens=2)), []))
