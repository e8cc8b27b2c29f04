"""A call that a server refuses takes its turn again as if for the first time; a model that only refuses does not."""

from __future__ import annotations

from desktop.domain.suite_cells import CellStatus, RunState
from desktop.evals.execution.run_calls import MOST_TURNS
from tests.desktop.evals.run_desk import RunDesk, suite
from tests.servers.faults import FaultServer


async def test_a_call_that_was_refused_is_asked_again_as_if_for_the_first_time(
    desk: RunDesk, server: FaultServer
) -> None:
    asked = suite("lab/fail-first:429:2", prompts=[("one", "two")], words=["x"], graders=())
    _, end = await desk.run(asked)
    assert end.state is RunState.COMPLETE
    (record,) = desk.kept
    assert (record.status, len(record.answers)) == (CellStatus.UNGRADED, 2)
    sent = [[each["content"] for each in request.json["messages"]] for request in server.asked("fail-first:429:2")]
    assert [len(each) for each in sent] == [1, 1, 1, 3]
    assert sent[3][0] == "one"


async def test_a_model_that_only_refuses_costs_its_turns_once(desk: RunDesk, server: FaultServer) -> None:
    words = ["a", "b", "c"]
    _, end = await desk.run(suite("lab/429", "other/echo", words=words))
    assert end.state is RunState.COMPLETE
    errors = [each for each in desk.kept if each.status is CellStatus.ERROR]
    assert len(errors) == len(desk.kept) - len(words) == 3
    tries = len(server.asked("429"))
    assert MOST_TURNS < tries <= len(words) * (MOST_TURNS + 4)


async def test_a_server_that_wants_to_be_left_alone_for_long_stops_the_run(desk: RunDesk, server: FaultServer) -> None:
    words = [f"w{number}" for number in range(12)]
    _, end = await desk.run(suite("lab/429-absurd", words=words))
    assert end.state is RunState.STOPPED
    assert "requires a long wait before the next request" in end.reason
    assert len(server.asked("429-absurd")) < 8
