"""A whole replay: imported chats, a model that is gone, two successors of known quality, a review and the verdict."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from desktop.domain.conversation_types import ModelRef
from desktop.domain.suite_cells import PairChoice, RunState
from desktop.replay.replay_plan import new_replay
from desktop.replay.review_desk import ReviewDesk, ReviewPair
from desktop.replay.turn_selection import ReplayChoice, select
from desktop.stats.noninferiority import SuccessorVerdict
from desktop.transfer.importer import Importer
from tests.desktop.replay.replay_desk import ReplayUser, model
from tests.desktop.transfer.made import START, chatgpt, chatgpt_node
from tests.examples import alike

GONE = ModelRef(connection="imported-chatgpt", name="gpt-4o")
CODE = "```python\nprint({})\n```\nWhat does this code print?"


def export(conversations: int) -> list[object]:
    """A ChatGPT export: every third conversation asks about code."""
    chats: list[object] = []
    for number in range(conversations):
        prompt = CODE.format(number) if number % 3 == 0 else f"Tell me about the city number {number}."
        asked = chatgpt_node("p", "root", parts=[prompt], create_time=START)
        said = chatgpt_node("a", "p", "assistant", [f"answer {number}"], metadata={"model_slug": "gpt-4o"})
        chats.append(chatgpt(asked, said, conversation_id=f"c{number}", current_node="a"))
    return chats


def chance_of(pair: ReviewPair, contender: int) -> float:
    """The truth: the first successor is as good as the old model, the second is much worse at code."""
    return 0.5 if contender == 0 or "```" not in pair.prompt.text else 0.05


@pytest.mark.slow
@pytest.mark.parametrize("seeds", alike(1, [range(2), range(20)]))
async def test_verdicts_rarely_contradict_the_truth(user: ReplayUser, tmp_path: Path, seeds: range) -> None:
    (tmp_path / "conversations.json").write_text(json.dumps(export(200)))
    await Importer(user.store, [tmp_path / "conversations.json"]).run()
    contradictions = 0
    for seed in seeds:
        choice = ReplayChoice(of=(GONE,), models=(model("lab/echo"), model("other/plain")), review=60, seed=seed)
        plan = (await select(user.tools, choice)).plan
        assert (len(plan.items), plan.conversations) == (200, 200)
        run = new_replay(plan)
        await user.store.replays.create(run)
        assert (await user.runner().run(run.id)).state is RunState.COMPLETE
        random, desk = Random(seed), await ReviewDesk.open(user.store, run.id)
        while (pair := await desk.next()) is not None:
            tie = random.random() < 0.3
            wins = random.random() < chance_of(pair, pair.task.contender)
            left = PairChoice.FIRST if wins == (pair.task.shown == 1) else PairChoice.SECOND
            await desk.give(pair, PairChoice.TIE if tie else left)
        equal, worse = (await user.results(run.id)).successors
        assert equal.n_own == worse.n_own == 60
        contradictions += equal.verdict in (SuccessorVerdict.WORSE, SuccessorVerdict.BETTER)
        contradictions += worse.verdict in (SuccessorVerdict.BETTER, SuccessorVerdict.NOT_WORSE)
        (code,) = (kind for kind in worse.by_kind if kind.kind == "code")
        assert code.theta < 0.4
    assert contradictions <= 3
