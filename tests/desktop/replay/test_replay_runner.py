"""A replay asks each successor once for each turn, whatever ends it in between, and the incumbent never."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from desktop.catalog.catalog_entry import Entry
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, RunState
from desktop.errors import PolicyForbids, RunUnknown
from desktop.replay.replay_results import Method, read_seen_results
from desktop.settings.policy import ALLOWED_MODELS, Fixed, Policy
from desktop.stats.noninferiority import SuccessorVerdict
from desktop.store.store import Store
from tests.desktop.replay.replay_desk import ReplayUser, model
from tests.desktop.session.test_rerun import PICTURE
from tests.desktop.store.vaults import MemoryVault
from tests.servers.faults import FaultServer


def prompts(server: FaultServer, asked: str) -> Counter[str]:
    return Counter(str(each.json["messages"][-1]["content"]) for each in server.asked(asked))


async def test_every_successor_is_asked_every_turn_and_the_incumbent_nothing(
    user: ReplayUser, server: FaultServer
) -> None:
    for number in range(6):
        await user.remember((f"prompt {number}", "answer"))
    run_id, end = await user.replay("lab/echo", "other/plain")
    assert end.state is RunState.COMPLETE
    wanted = Counter(f"prompt {number}" for number in range(6))
    assert prompts(server, "echo") == prompts(server, "plain") == wanted
    assert not server.asked("gpt-old")
    assert {each.key for each in user.kept} == {CellKey(item, at, 0) for item in range(6) for at in (0, 1)}
    assert [each.id for each in await user.store.replays.list()] == [run_id]
    assert await user.store.suite_runs.list() == []
    with pytest.raises(RunUnknown):
        await user.store.suite_runs.get(run_id)


async def test_a_replay_that_is_stopped_goes_on_without_asking_anything_twice(
    user: ReplayUser, server: FaultServer
) -> None:
    for number in range(12):
        await user.remember((f"prompt {number}", "answer"))
    run_id = await user.plan("lab/echo")
    runner = user.runner()

    def stop_at(record: CellRecord) -> None:
        user.kept.append(record)
        if len(user.kept) == 4:
            runner.pause()

    runner._listener = stop_at
    assert (await runner.run(run_id)).state is RunState.STOPPED
    assert (await user.runner().run(run_id)).state is RunState.COMPLETE
    assert prompts(server, "echo") == Counter(f"prompt {number}" for number in range(12))


async def test_a_conversation_that_was_deleted_since_is_an_error_and_the_rest_goes_on(user: ReplayUser) -> None:
    gone = await user.remember(("gone", "answer"))
    await user.remember(("there", "answer"))
    run_id = await user.plan("lab/echo")
    await user.store.conversations.trash([gone.id])
    await user.store.conversations.purge([gone.id])
    assert (await user.runner().run(run_id)).state is RunState.COMPLETE
    assert Counter(each.status for each in user.kept) == {CellStatus.ERROR: 1, CellStatus.UNGRADED: 1}
    (successor,) = (await user.results(run_id)).successors
    assert successor.errors == {"conversation_unknown": 1}


async def test_at_its_cap_a_replay_stops_and_what_is_there_can_be_reviewed(
    user: ReplayUser, server: FaultServer
) -> None:
    priced = ReplayUser.over(user.store, server, Entry(id="echo", price_in=1_000.0, price_out=1_000.0, max_output=50))
    for number in range(10):
        await priced.remember((f"prompt {number}", "answer"))
    run_id, end = await priced.replay("lab/echo", cap=0.08)
    assert end.state is RunState.CAPPED
    results = await priced.results(run_id)
    assert 0 < results.answered < 10
    assert results.spent <= 0.08
    assert results.to_review == results.answered
    await priced.tools.gateway.aclose()


async def test_the_control_asks_the_incumbent_about_every_tenth_turn_and_at_least_ten(
    user: ReplayUser, server: FaultServer
) -> None:
    for number in range(12):
        await user.chat("lab/echo", f"prompt {number}")
    run_id, _ = await user.replay("other/plain", of=model("lab/echo"), control=True)
    assert len(server.asked("echo")) == 12 + 10
    results = await user.results(run_id)
    assert results.control is not None
    assert len(results.plan.control) == 10


async def test_a_judge_compares_every_pair_in_both_orders_once(user: ReplayUser, server: FaultServer) -> None:
    for number in range(5):
        await user.remember((f"prompt {number}", "a good answer"))
    run_id, _ = await user.replay("lab/plain", judge="lab/judge:good")
    assert len(server.asked("judge:good")) == 10
    await user.runner().run(run_id)
    assert len(server.asked("judge:good")) == 10
    (successor,) = (await user.results(run_id)).successors
    assert (successor.n_judge, successor.theta, successor.code) == (5, 0.0, "indicative_undecided")


async def test_a_judge_sees_the_earlier_turns_with_their_answers(user: ReplayUser, server: FaultServer) -> None:
    await user.remember(("Name a city.", "Paris"), ("And in French?", "Paris."))
    await user.replay("lab/plain", judge="lab/judge:x")
    told = [str(each.json["messages"][-1]["content"]) for each in server.asked("judge:x")]
    assert any("Name a city." in each and "And in French?" in each and "Paris" in each for each in told)


async def test_a_judge_that_answers_nonsense_leaves_the_verdict_open(user: ReplayUser) -> None:
    await user.remember(("prompt", "answer"))
    run_id, end = await user.replay("lab/plain", judge="lab/plain")
    assert end.state is RunState.COMPLETE
    (successor,) = (await user.results(run_id)).successors
    assert (successor.theta, successor.n_judge) == (None, 0)


async def test_a_policy_that_forbids_the_successor_leaves_every_turn_an_error(user: ReplayUser) -> None:
    await user.remember(("prompt", "answer"))
    run_id = await user.plan("lab/echo")
    user.use(Policy(entries={ALLOWED_MODELS.name: Fixed(ALLOWED_MODELS.name, ("lab/other",), locked=True, source="")}))
    await user.runner().run(run_id)
    assert [each.problem.code for each in user.kept if each.problem is not None] == [PolicyForbids.code]


async def test_one_turn_can_be_replayed_and_decides_nothing(user: ReplayUser) -> None:
    await user.remember(("only", "answer"))
    run_id, _ = await user.replay("lab/plain", last=1)
    await user.review(run_id, chance=1.0)
    (successor,) = (await user.results(run_id)).successors
    assert (successor.verdict, successor.theta, successor.clusters) == (SuccessorVerdict.UNDECIDED, 1.0, 1)


async def test_a_successor_that_refuses_images_is_an_error_for_those_turns_alone(
    user: ReplayUser, server: FaultServer
) -> None:
    await user.store.files.keep(PICTURE, PICTURE.name.encode() * 40)
    await user.chat("lab/plain", "Look", files=[PICTURE])
    await user.chat("lab/plain", "Read")
    run_id, end = await user.replay("other/blind", of=model("lab/plain"))
    assert end.state is RunState.COMPLETE
    (successor,) = (await user.results(run_id)).successors
    assert (successor.answered, sum(successor.errors.values())) == (1, 1)


async def test_a_replay_is_reviewed_in_an_encrypted_store(tmp_path: Path, server: FaultServer) -> None:
    async with await Store.open(tmp_path / "encrypted", vault=MemoryVault()) as store:
        user = ReplayUser.over(store, server)
        for number in range(3):
            await user.remember((f"prompt {number}", "answer"))
        run_id, _ = await user.replay("lab/plain")
        await store.encryption.turn_on(await store.encryption.prepare())
        assert await user.review(run_id, chance=1.0) == 3
        assert (await user.results(run_id)).successors[0].theta == 1.0
        await user.tools.gateway.aclose()


async def test_a_verdict_seen_at_the_cap_stays_one_for_any_time_after_a_higher_cap(
    user: ReplayUser, server: FaultServer
) -> None:
    priced = ReplayUser.over(user.store, server, Entry(id="echo", price_in=1_000.0, price_out=1_000.0, max_output=50))
    for number in range(10):
        await priced.remember((f"prompt {number}", "answer"))
    run_id, _ = await priced.replay("lab/echo", cap=0.08)
    await priced.review(run_id, chance=1.0)
    assert (await read_seen_results(user.store, run_id)).successors[0].method is Method.FIXED
    await user.store.replays.set_cap(run_id, None)
    await priced.runner().run(run_id)
    await priced.review(run_id, chance=1.0)
    results = await priced.results(run_id)
    assert (results.to_review, results.successors[0].method) == (0, Method.ANYTIME)
    await priced.tools.gateway.aclose()
