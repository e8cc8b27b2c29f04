from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.store.store import Store
from tests.desktop.evals.batch.batch_desk import BatchDesk
from tests.desktop.store.new_database import put_database
from tests.servers.batch_server import BatchServer


@pytest.fixture
async def server() -> AsyncIterator[BatchServer]:
    async with BatchServer() as running:
        yield running


@pytest.fixture
async def desk(tmp_path: Path, server: BatchServer) -> AsyncIterator[BatchDesk]:
    async with await Store.open(put_database(tmp_path / "data")) as store:
        made = BatchDesk.at(store, server)
        yield made
        await made.desk.aclose()
