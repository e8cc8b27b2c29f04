"""A fault server, and providers of both kinds on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from desktop.providers.provider import Provider
from tests.desktop.providers.asking import KEY, ROUTES, make
from tests.servers.faults import FaultServer


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer(key=KEY) as running:
        yield running


@pytest.fixture(params=ROUTES)
async def provider(server: FaultServer, request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    """Each adapter on each of its routes."""
    made = make(server, request.param)
    yield made
    await made.aclose()


@pytest.fixture
async def openai(server: FaultServer) -> AsyncIterator[Provider]:
    made = make(server)
    yield made
    await made.aclose()
