"""The verdict follows from the reviews as planned, and errs as rarely as it says."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from desktop.domain.conversation_types import now
from desktop.domain.suite_cells import (
    CellHead,
    CellKey,
    CellStatus,
    PairChoice,
    PairVerdict,
    RunKind,
    RunRecord,
    RunState,
)
from desktop.evals.judges.judge_setup import judge_digest
from desktop.replay.outcomes import share
from desktop.replay.replay_plan import ReplayPlan, new_replay
from desktop.replay.replay_results import Method, ReplayCell, ReplayResults, results_of
from desktop.replay.replay_runner import judge_spec
from desktop.replay.review import open_tasks, review_tasks, verdict_on
from desktop.stats.noninferiority import SuccessorVerdict
from tests.desktop.replay.test_review import plan

JUDGE = judge_digest(judge_spec("lab/judge"))


def run_of(planned: ReplayPlan, *, seen_reviews: int | None = None) -> RunRecord:
    run = new_replay(planned)
    assert run.kind is RunKind.REPLAY
    return msgspec.structs.replace(run, state=RunState.COMPLETE, seen_reviews=seen_reviews, updated_at=now())


def cells(planned: ReplayPlan) -> list[ReplayCell]:
    return [
        ReplayCell(CellHead(key=key, status=CellStatus.UNGRADED, score=None, cost=0.5, first_token_ms=200.0), (), "")
        for key in planned.keys()  # noqa: SIM118 - no dictionary
    ]


def reviews(
    planned: ReplayPlan, chance: float, *, ties: float = 0.3, seed: int = 0, most: int = 10_000
) -> list[PairVerdict]:
    """Verdicts of a person who prefers the successor in this share of the pairs without a tie."""
    random, found = Random(seed), list[PairVerdict]()
    for task in review_tasks(planned)[:most]:
        if random.random() < ties:
            choice = PairChoice.TIE
        else:
            wins = random.random() < chance
            choice = PairChoice.FIRST if wins == (task.shown == 1) else PairChoice.SECOND
        found.append(verdict_on(task, choice, (100, 100)))
    return found


def judged(planned: ReplayPlan, chance: float, seed: int = 0) -> list[PairVerdict]:
    """Verdicts of a judge that prefers the successor with this chance, without a preference for a place."""
    random, found = Random(seed), list[PairVerdict]()
    for item in range(len(planned.items)):
        first = PairChoice.SECOND if random.random() < chance else PairChoice.FIRST
        second = PairChoice.FIRST if first is PairChoice.SECOND else PairChoice.SECOND
        found.append(
            PairVerdict(judge=JUDGE, model="lab/judge", case=item, repeat=0, a=0, b=1, choices=(first, second))
        )
    return found


def results(planned: ReplayPlan, verdicts: list[PairVerdict], *, seen_reviews: int | None = None) -> ReplayResults:
    return results_of(run_of(planned, seen_reviews=seen_reviews), cells(planned), verdicts)


def with_judge(planned: ReplayPlan) -> ReplayPlan:
    return msgspec.structs.replace(planned, judge="lab/judge")


@pytest.mark.parametrize(
    ("planned", "own", "judge", "seen", "method"),
    [
        (plan(60), 10_000, False, None, Method.FIXED),
        (plan(60), 10_000, False, 60, Method.FIXED),
        (plan(60), 10_000, False, 59, Method.ANYTIME),
        (plan(60), 20, False, None, Method.ANYTIME),
        (with_judge(plan(90, review=40)), 10_000, True, None, Method.PREDICTION_POWERED),
        (with_judge(plan(90, review=20)), 10_000, True, None, Method.FIXED),
        (with_judge(plan(90, review=40)), 10_000, True, 39, Method.ANYTIME),
        (with_judge(plan(90)), 0, True, None, Method.JUDGE_ONLY),
        (plan(60), 0, False, None, Method.NONE),
    ],
)
def test_the_method_follows_from_who_reviewed_and_after_how_many_reviews_the_verdict_was_seen(
    planned: ReplayPlan,
    own: int,
    judge: bool,
    seen: int | None,
    method: Method,
) -> None:
    verdicts = reviews(planned, 0.5, most=own) + (judged(planned, 0.5) if judge else [])
    (successor,) = results(planned, verdicts, seen_reviews=seen).successors
    assert successor.method is method
    assert (successor.theta is None) == (method is Method.NONE)
    assert successor.code.startswith("indicative_") == (method is Method.JUDGE_ONLY)


def test_theta_is_the_mean_over_conversations_of_their_mean_outcomes() -> None:
    planned = plan(2, 2)
    outcomes = {0: PairChoice.SECOND, 1: PairChoice.SECOND, 2: PairChoice.FIRST, 3: PairChoice.TIE}
    verdicts = [
        verdict_on(task._replace(shown=0), outcomes[task.item], (10, 10))
        for task in review_tasks(planned)
        if not task.again
    ]
    (successor,) = results(planned, verdicts).successors
    assert successor.theta == pytest.approx((1 + 0.25) / 2)
    assert (successor.tally.wins, successor.tally.ties, successor.tally.losses, successor.clusters) == (2, 1, 1, 2)


def test_a_conversation_enters_the_running_verdict_once_all_its_items_are_reviewed() -> None:
    planned = plan(10, 2)
    (successor,) = results(planned, reviews(planned, 0.5, most=3)).successors
    assert successor.clusters == 1


def test_skipped_pairs_are_not_judged_and_both_bad_counts_as_a_tie() -> None:
    planned = plan(4)
    choices = [PairChoice.SKIPPED, PairChoice.BOTH_BAD, PairChoice.TIE, PairChoice.TIE]
    verdicts = [verdict_on(task, choice, (1, 1)) for task, choice in zip(review_tasks(planned), choices, strict=True)]
    (successor,) = results(planned, verdicts).successors
    assert successor.tally == (0, 3, 0, 1, 1)
    assert (successor.theta, successor.n_own, successor.clusters) == (0.5, 3, 3)


def test_controls_say_what_favours_fresh_first_or_longer_answers_and_how_often_one_agrees_with_oneself() -> None:
    planned = plan(100, control=True)
    verdicts: list[PairVerdict] = []
    for task in review_tasks(planned):
        is_control = task.contender == 1
        wins = is_control or task.item % 2 == 0
        choice = PairChoice.FIRST if wins == (task.shown == 1) else PairChoice.SECOND
        verdicts.append(verdict_on(task, choice, (100, 200)))
    found = results(planned, verdicts)
    assert found.control == share(10, 10)
    assert found.control is not None
    assert found.control.excludes_half
    assert found.oneself.part == found.oneself.whole == 6
    (successor,) = found.successors
    assert successor.longer_won == share(50, 100)
    assert successor.n_own == 100
    assert successor.similar_theta is None


def test_several_successors_share_the_error_of_one() -> None:
    one = plan(60)
    three = msgspec.structs.replace(one, models=one.models * 3)
    (alone,) = results(one, reviews(one, 0.5)).successors
    first = results(three, reviews(three, 0.5)).successors[0]
    assert alone.low is not None
    assert alone.high is not None
    assert first.low is not None
    assert first.high is not None
    assert first.high - first.low > alone.high - alone.low


def test_kinds_of_prompt_and_regressions_name_what_was_lost() -> None:
    planned = plan(60)
    items = tuple(
        msgspec.structs.replace(item, kinds=("code",) if number < 20 else ("long",))
        for number, item in enumerate(planned.items)
    )
    planned = msgspec.structs.replace(planned, items=items)
    verdicts = [
        verdict_on(task._replace(shown=0), PairChoice.FIRST if task.item < 20 else PairChoice.SECOND, (1, 1))
        for task in review_tasks(planned)
        if not task.again
    ]
    (successor,) = results(planned, verdicts).successors
    assert [(each.kind, each.tally.losses, each.tally.wins) for each in successor.by_kind] == [
        ("code", 20, 0),
        ("long", 0, 40),
    ]
    assert successor.by_kind[0].verdict is SuccessorVerdict.WORSE
    assert {each.item for each in successor.regressions} <= {*range(20)}
    assert len(successor.regressions) == 10


def test_cost_and_time_are_compared_over_the_turns_where_both_are_known() -> None:
    planned = plan(4)
    items = tuple(
        msgspec.structs.replace(item, cost=1.0 if number < 2 else None, ttft_ms=400.0)
        for number, item in enumerate(planned.items)
    )
    (successor,) = results(msgspec.structs.replace(planned, items=items), []).successors
    assert successor.cost is not None
    assert (successor.cost.items, successor.cost.ratio) == (2, 0.5)
    assert successor.ttft_ms is not None
    assert successor.ttft_ms.ratio == 0.5


@pytest.mark.parametrize(("chance", "wrong"), [(0.5, SuccessorVerdict.WORSE), (0.3, SuccessorVerdict.NOT_WORSE)])
def test_over_twenty_seeds_the_verdict_rarely_contradicts_the_truth(chance: float, wrong: SuccessorVerdict) -> None:
    contradictions = 0
    for seed in range(20):
        planned = plan(60, seed=seed)
        (successor,) = results(planned, reviews(planned, chance, seed=seed)).successors
        contradictions += successor.verdict in (wrong, SuccessorVerdict.BETTER)
    assert contradictions <= 3


def test_open_pairs_are_those_that_were_answered_and_have_no_verdict() -> None:
    planned = plan(5)
    tasks = review_tasks(planned)
    answered = {CellKey(item, 0, 0) for item in range(3)}
    verdicts = [verdict_on(task, PairChoice.TIE, (1, 1)) for task in tasks if task.item == 0]
    assert {task.item for task in open_tasks(tasks, verdicts, answered)} == {1, 2}
