from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.store.store import Store
from tests.desktop.replay.replay_desk import ReplayUser
from tests.desktop.store.new_database import put_database
from tests.servers.faults import FaultServer


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as running:
        yield running


@pytest.fixture
async def user(tmp_path: Path, server: FaultServer) -> AsyncIterator[ReplayUser]:
    async with await Store.open(put_database(tmp_path / "data")) as store:
        made = ReplayUser.over(store, server)
        yield made
        await made.tools.gateway.aclose()
