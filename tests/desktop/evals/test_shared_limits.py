"""All runs of one program ask a connection no faster together than its limits say, and slower once it refuses."""

from __future__ import annotations

import asyncio

import pytest

from desktop.domain.suite_cells import CellStatus, RunState
from desktop.evals.suites.suite import SuiteLimits
from tests.desktop.evals.run_desk import RunDesk, suite
from tests.servers import faults
from tests.servers.behaviours import STREAMS
from tests.servers.http1 import Exchange


class Crowd:
    """How many requests are under way at once, of which more than some are refused."""

    def __init__(self) -> None:
        self.now = self.most = self.refused = 0
        self.room = 100

    async def answer(self, x: Exchange, arg: str) -> None:
        """Answers as `plain` does once others had time to come."""
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            if self.now > self.room:
                self.refused += 1
                await x.respond(429, {"error": {"code": "429", "message": "Too many requests."}}, retry_after="0")
                return
            for _ in range(30):
                await asyncio.sleep(0)
            await STREAMS["plain"](x, arg)
        finally:
            self.now -= 1


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Crowd:
    made = Crowd()
    monkeypatch.setitem(faults.BEHAVIOURS, "crowded", made.answer)
    return made


async def test_two_runs_at_once_share_their_limits(desk: RunDesk, crowd: Crowd) -> None:
    words = [f"w{number}" for number in range(20)]
    asked = suite("lab/crowded", words=words, graders=(), limits=SuiteLimits(concurrency=3))
    one, other = await desk.plan(asked), await desk.plan(asked)
    ends = await asyncio.gather(desk.runner().run(one.id), desk.runner().run(other.id))
    assert [end.state for end in ends] == [RunState.COMPLETE] * 2
    assert len(desk.kept) == 40
    assert 2 <= crowd.most <= 3


async def test_a_server_that_refuses_a_crowd_is_asked_by_fewer(desk: RunDesk, crowd: Crowd) -> None:
    crowd.room = 4
    words = [f"w{number}" for number in range(30)]
    _, end = await desk.run(suite("lab/crowded", words=words, graders=(), limits=SuiteLimits(concurrency=16)))
    assert end.state is RunState.COMPLETE
    assert 0 < crowd.refused < 30
    assert [each for each in desk.kept if each.status is CellStatus.ERROR] == []
    assert desk.tools.limits.of("lab").ceiling < 16
