"""Check 19: an event over 1 MB, a total over the cap, a compressed bomb and an endless stream, over a real wire."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.conversation_types import MOST_MESSAGE_BYTES
from tests.servers.faults import FaultServer

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async with FaultServer() as server:
        yield server.url


async def flooded(address: str, model: str) -> dict[str, Any]:
    """What came of two answers, the first of which only makes everything be imported."""
    command = ("-m", "tests.desktop.session.flooded", address, "plain", model)
    child = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate()
    return json.loads(out.splitlines()[1])


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("model", "problem", "said", "text"),
    [
        ("huge-event", "answer_too_large", "an event larger than 1,048,576 bytes", len("Hello")),
        ("endless", "answer_too_large", "larger than 16 MB", MOST_MESSAGE_BYTES),
        ("bomb", "answer_too_large", "an event larger than 1,048,576 bytes", 0),
    ],
)
async def test_a_flood_is_stopped_by_name_with_memory_bounded_and_the_loop_alive(
    address: str, model: str, problem: str, said: str, text: int
) -> None:
    found = await flooded(address, model)
    assert (found["status"], found["problem"]) == ("failed", problem)
    assert said in found["said"]
    assert text - 1024 <= found["text"] == found["heard"] <= text
    assert found["took"] < 8 * text + (16 << 20)
    assert found["longest"] < 1.0  # a tenth on a machine that does nothing else
