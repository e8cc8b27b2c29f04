"""A server for the tests of receipts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.desktop.providers.asking import KEY
from tests.servers.faults import FaultServer


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer(key=KEY) as running:
        yield running
