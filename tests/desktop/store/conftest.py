from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from desktop.store.store import Store
from tests.desktop.store.made import Clock
from tests.desktop.store.new_database import put_database
from tests.fork_server import Run, start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
async def store(folder: Path) -> AsyncIterator[Store]:
    async with await Store.open(put_database(folder), clock=Clock()) as opened:
        yield opened


class Children:
    """Starts tests/desktop/store/child.py in processes of their own and ends those that are left."""

    def __init__(self) -> None:
        self._started: list[Run] = []

    def start(self, *arguments: str | Path, before: tuple[str, ...] = ()) -> Run:
        child = start("tests.desktop.store.child", [*map(str, arguments)], before)
        self._started.append(child)
        return child

    def end(self) -> None:
        for child in self._started:
            child.kill()
            child.communicate()


@pytest.fixture
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.end()
