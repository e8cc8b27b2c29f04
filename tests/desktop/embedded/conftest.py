"""Commands that start the real child or one that misbehaves, and the bundled model."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from desktop.embedded.bundled_model import find_model

ROOT = Path(__file__).parents[3]
RUN_CHILD = "from desktop.embedded.engine_child import main; sys.exit(main())"
READY = """print('{"type":"ready","url":"http://127.0.0.1:1"}', flush=True)"""


def python(code: str) -> list[str]:
    """A command that runs code with the repository on its path."""
    return [sys.executable, "-c", f"import os, sys, time, signal; sys.path.insert(0, {str(ROOT)!r}); {code}"]


def gone(pid: int) -> bool:
    """Whether no process has this id; a zombie would still have it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def until(condition: Callable[[], bool], within_s: float = 20) -> None:
    """Wait for a condition of another process, which tells nobody when it comes true."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.fixture(scope="session")
def real_child() -> Sequence[str]:
    """The command of the real child."""
    return python(RUN_CHILD)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model."""
    return find_model(cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture
def fake_child() -> Callable[[str], Sequence[str]]:
    """Makes the command of a child that reads its settings and then does what the code says."""

    def make(code: str) -> Sequence[str]:
        return python(f"line = sys.stdin.readline(); {code}")

    return make
