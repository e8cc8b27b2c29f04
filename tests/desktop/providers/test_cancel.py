"""Cancelling: seen by the server at once, and nothing is left over, five hundred times."""

from __future__ import annotations

import asyncio
import gc
import random
from dataclasses import replace

import aiohttp
import pytest

from desktop.domain.events import StreamEvent, TextDelta
from desktop.errors import ConnectFailed, Interrupted
from desktop.net.http import new_session
from desktop.net.options import NetworkOptions
from desktop.providers import http_transport
from desktop.providers.provider import Provider
from tests.desktop.providers.asking import ask, make, request
from tests.servers.faults import FaultServer

PATIENT = NetworkOptions()
MODELS = ("slow:500:1000", "stall", "stall-headers", "stall-middle:20", "503", "long:3000", "stall-end")


async def collect(provider: Provider, model: str, into: list[StreamEvent]) -> None:
    async for event in provider.stream(request(model)):
        into.append(event)  # noqa: PERF401 - kept when it is cancelled


async def first_text(provider: Provider, model: str) -> asyncio.Task[None]:
    """A task that streams and has seen its first delta."""
    events: list[StreamEvent] = []
    task = asyncio.create_task(collect(provider, model, events))
    while not any(isinstance(event, TextDelta) for event in events):  # noqa: ASYNC110 - a list, no event
        await asyncio.sleep(0.001)
    return task


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("route", ["openai-v1", "/openai/v1"])
async def test_the_server_sees_a_cancel_at_once(server: FaultServer, route: str) -> None:
    provider = make(server, route, options=PATIENT)
    task = await first_text(provider, "slow:100:10000")
    at = asyncio.get_running_loop().time()
    await stopped(task)
    (received,) = server.requests
    async with asyncio.timeout(5):
        await received.gone.wait()
    assert received.gone_at is not None
    assert received.gone_at - at < 0.1
    await provider.aclose()


async def test_closing_the_iterator_ends_the_request(provider: Provider, server: FaultServer) -> None:
    events = provider.stream(request("slow:100:10000"))
    await anext(events)
    await events.aclose()
    async with asyncio.timeout(5):
        await server.requests[0].gone.wait()


@pytest.mark.parametrize("route", ["openai-v1", "/openai/v1"])
async def test_closing_the_provider_ends_its_streams(server: FaultServer, route: str) -> None:
    provider = make(server, route, options=replace(PATIENT, max_retries=0))
    streaming = await first_text(provider, "stall-middle")
    waiting = asyncio.create_task(collect(provider, "stall", []))
    while len(server.requests) < 2:  # noqa: ASYNC110 - the server's own list tells
        await asyncio.sleep(0.001)
    await provider.aclose()
    async with asyncio.timeout(5):
        with pytest.raises(Interrupted):
            await streaming
        with pytest.raises(ConnectFailed):
            await waiting


@pytest.mark.parametrize("route", ["openai-v1", "/openai/v1"])
async def test_after_a_cancel_the_provider_answers_on(server: FaultServer, route: str) -> None:
    provider = make(server, route, options=PATIENT)
    await stopped(await first_text(provider, "slow:100:10000"))
    assert (await ask(provider, "plain")).reason == "stop"
    await provider.aclose()


@pytest.mark.slow
@pytest.mark.parametrize("route", ["openai-v1", "/openai/v1"])
async def test_250_cancels_at_random_moments_leave_nothing(server: FaultServer, route: str) -> None:
    """Twice 250: no task, no socket, no event after the cancel."""
    rng = random.Random(22)
    provider = make(server, route, options=PATIENT)
    await ask(provider, "plain")
    before = asyncio.all_tasks()

    async def one(number: int) -> None:
        events: list[StreamEvent] = []
        task = asyncio.create_task(collect(provider, MODELS[number % len(MODELS)], events))
        await asyncio.sleep(rng.random() * 0.06)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        seen = len(events)
        await asyncio.sleep(0.02)
        assert len(events) == seen

    for first in range(0, 250, 25):
        await asyncio.gather(*(one(number) for number in range(first, first + 25)))
    await provider.aclose()
    gc.collect()
    async with asyncio.timeout(5):
        while server.open:  # noqa: ASYNC110 - sockets close by themselves
            await asyncio.sleep(0.005)
    assert asyncio.all_tasks() <= before


@pytest.mark.parametrize("route", ["openai-v1", "/openai/v1"])
async def test_a_provider_that_is_closed_while_it_gets_ready_leaves_no_session(
    server: FaultServer, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[aiohttp.ClientSession] = []
    ready, go = asyncio.Event(), asyncio.Event()

    async def late(url: str, options: NetworkOptions) -> aiohttp.ClientSession:
        made.append(await new_session(url, options))
        ready.set()
        await go.wait()
        return made[0]

    monkeypatch.setattr(http_transport, "new_session", late)
    provider = make(server, route, options=PATIENT)
    asking = asyncio.create_task(ask(provider, "plain"))
    await ready.wait()
    await provider.aclose()
    go.set()
    assert type((await asking).error) is ConnectFailed
    assert made[0].closed
    assert server.requests == []
