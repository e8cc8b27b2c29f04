"""Results of a replay: the verdict on each successor, by kind of prompt, with controls, cost and speed."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from desktop.domain.conversation_types import Value
from desktop.domain.suite_cells import CellHead, CellRecord, CellStatus, PairVerdict, RunRecord, RunState
from desktop.errors import StoreError
from desktop.evals.judges.judge_setup import judge_digest
from desktop.replay import outcomes
from desktop.replay.outcomes import OutcomeShare, OutcomeTally
from desktop.replay.replay_plan import ReplayPlan, plan_of
from desktop.replay.replay_runner import judge_spec
from desktop.replay.review import (
    REVIEWER,
    REVIEWER_AGAIN,
    conversations_in_order,
    open_tasks,
    review_tasks,
)
from desktop.stats.bootstrap import percentile
from desktop.stats.mean_intervals import (
    FEWEST_FOR_T,
    MeanEstimate,
    anytime_interval,
    fixed_interval,
    prediction_powered,
)
from desktop.stats.noninferiority import Decision, SuccessorVerdict, decide
from desktop.stats.proportions import LEVEL
from desktop.store.store import Store
from desktop.text.phrases import phrase

FEWEST_OF_A_KIND = 3
"""Outcomes that a kind of prompt needs to be listed."""

MOST_REGRESSIONS = 10
_RECORDS_AT_ONCE = 100


class Method(StrEnum):
    """How a verdict was reached. The values appear in JSON output, so they must not change."""

    FIXED = "fixed"  # everything planned was reviewed before the verdict was seen
    ANYTIME = "anytime"  # the verdict was seen early, or the review is not complete
    PREDICTION_POWERED = "prediction_powered"  # own reviews of a random part, and a judge's of everything
    JUDGE_ONLY = "judge_only"  # an indication, never a verdict
    NONE = "none"  # nothing was reviewed or judged


class KindResult(Value, frozen=True, kw_only=True):
    """Outcomes of one kind of prompt (see `prompt_kinds`); exploratory, with a corrected interval."""

    kind: str
    tally: OutcomeTally
    theta: float
    low: float
    high: float
    verdict: SuccessorVerdict


class Regression(Value, frozen=True, kw_only=True):
    """An item that the successor did worse, with the signals of its answer."""

    item: int
    contender: int
    by_reviewer: bool
    signals: tuple[str, ...] = ()


class ModelFigures(Value, frozen=True, kw_only=True):
    """A figure of both models over the items where both have it: the sum of costs, p50 or p95 of times, mean tokens."""

    incumbent: float
    successor: float
    items: int

    @property
    def ratio(self) -> float | None:
        """The successor's figure as a multiple of the incumbent's."""
        return self.successor / self.incumbent if self.incumbent else None


class SuccessorResult(Value, frozen=True, kw_only=True):
    """Everything about one successor.

    `theta` is the mean over conversations of each conversation's mean outcome, from `low` to `high`; all three are
    None without reviews or a judge. `tally` counts the outcomes that the verdict rests on most: the user's own, or
    the judge's if there are none.
    """

    model: str
    method: Method
    verdict: SuccessorVerdict
    theta: float | None = None
    low: float | None = None
    high: float | None = None
    clusters: int = 0
    slightly_less: bool = False
    further: int | None = None
    n_own: int = 0
    n_judge: int = 0
    tally: OutcomeTally = OutcomeTally()
    judge_theta: float | None = None
    judge_low: float | None = None
    judge_high: float | None = None
    similar_theta: float | None = None
    similar_low: float | None = None
    similar_high: float | None = None
    answered: int = 0
    errors: dict[str, int]
    signals: dict[str, int]
    cost: ModelFigures | None = None
    ttft_ms: ModelFigures | None = None
    ttft_p95_ms: ModelFigures | None = None
    output_tokens: ModelFigures | None = None
    with_judge: OutcomeShare
    longer_won: OutcomeShare
    by_kind: tuple[KindResult, ...] = ()
    regressions: tuple[Regression, ...] = ()

    @property
    def code(self) -> str:
        """The verdict as in JSON output; a judge alone gives an indication."""
        return f"indicative_{self.verdict}" if self.method is Method.JUDGE_ONLY else self.verdict.value


class ReplayResults(Value, frozen=True, kw_only=True):
    """Results of a whole replay.

    `to_review` counts the pairs without a verdict, `counted` the reviews that the verdicts rest on, without controls.
    `seen_early` means that further reviews followed, or follow, after the verdict was shown. `control` is the share
    that the incumbent's fresh answers won of the decided pairs with its old ones; None without a control. `position`
    is the share that the left answer won.
    """

    id: str
    name: str
    state: RunState
    reason: str
    created_at: datetime
    spent: float
    plan: ReplayPlan
    answered: int
    to_review: int
    reviewed: int
    counted: int
    seen_early: bool
    successors: tuple[SuccessorResult, ...]
    control: OutcomeShare | None
    position: OutcomeShare
    oneself: OutcomeShare


class ReplayCell(NamedTuple):
    """A successor's answer without its text: its figures, its signals, and its error code or an empty string."""

    head: CellHead
    signals: tuple[str, ...]
    error: str

    @classmethod
    def of(cls, record: CellRecord) -> ReplayCell:
        """Return the facts of a stored cell."""
        error = "" if record.status is not CellStatus.ERROR else record.problem.code if record.problem else "error"
        return cls(record.head, tuple(grade.grader for grade in record.grades), error)


async def read_results(store: Store, run_id: str) -> ReplayResults:
    """Read and compute the results of a replay.

    Raises:
        RunUnknown: If there is no such replay; also StoreError.
    """
    run = await store.replays.get(run_id)
    verdicts = await store.judge_verdicts.list(run.id)
    cells: list[ReplayCell] = []
    for start in range(0, run.cases, _RECORDS_AT_ONCE):
        cases = range(start, min(start + _RECORDS_AT_ONCE, run.cases))
        cells += [ReplayCell.of(record) for record in await store.replays.records(run.id, cases)]
    return await asyncio.to_thread(results_of, run, cells, verdicts)


async def read_seen_results(store: Store, run_id: str) -> ReplayResults:
    """Read results to be shown to the user, and remember after how many reviews they were.

    More reviews may follow even if all pairs are reviewed: after a higher cap, or once failed answers were requested
    again.
    """
    results = await read_results(store, run_id)
    if not results.counted:
        return results
    await store.replays.note_seen(results.id, results.counted)
    return await read_results(store, run_id)


def results_of(run: RunRecord, cells: Sequence[ReplayCell], verdicts: Sequence[PairVerdict]) -> ReplayResults:
    """Compute results; slow for large replays (up to a second), so call it on a thread.

    Raises:
        StoreError: If the replay is damaged.
    """
    plan = plan_of(run)
    if any(each.case >= len(plan.items) for each in verdicts):
        raise StoreError(phrase("This replay is damaged: its verdicts could not be read."))
    answered = {cell.head.key for cell in cells if not cell.error}
    tasks = review_tasks(plan)
    to_review = open_tasks(tasks, verdicts, answered)
    own = [each for each in verdicts if each.judge == REVIEWER]
    real = [each for each in own if each.b <= len(plan.models)]
    is_complete = not [task for task in to_review if not task.again and task.contender < len(plan.models)]
    seen_early = run.seen_reviews is not None and (not is_complete or run.seen_reviews != len(real))
    digest = judge_digest(judge_spec(plan.judge)) if plan.judge else ""
    successors = tuple(
        _Successor(plan, contender, cells, verdicts, digest).result(
            is_fixed=is_complete and not seen_early and run.state is not RunState.RUNNING
        )
        for contender in range(len(plan.models))
    )
    return ReplayResults(
        id=run.id,
        name=run.name,
        state=run.state,
        reason=run.reason,
        created_at=run.created_at,
        spent=run.spent,
        plan=plan,
        answered=len(answered),
        to_review=len(to_review),
        reviewed=len(own),
        counted=len(real),
        seen_early=seen_early,
        successors=successors,
        control=_control(plan, verdicts, digest),
        position=outcomes.first_won(own),
        oneself=outcomes.agreement_with_oneself(real, [each for each in verdicts if each.judge == REVIEWER_AGAIN]),
    )


def _control(plan: ReplayPlan, verdicts: Sequence[PairVerdict], digest: str) -> OutcomeShare | None:
    """Return how often fresh answers of the incumbent won, by the user's reviews or else by the judge's."""
    if not plan.control:
        return None
    for judge in (REVIEWER, digest):
        found = outcomes.of_items(verdicts, judge, plan.control_contender)
        decided = [value for value in found.values() if value != 0.5]
        if found:
            return outcomes.share(sum(value > 0.5 for value in decided), len(decided))
    return outcomes.share(0, 0)


class _Successor:
    """Computes the result of one successor."""

    def __init__(
        self,
        plan: ReplayPlan,
        contender: int,
        cells: Sequence[ReplayCell],
        verdicts: Sequence[PairVerdict],
        digest: str,
    ) -> None:
        self._plan = plan
        self._contender = contender
        first = [cell for cell in cells if cell.head.key.contender == contender and cell.head.key.repeat == 0]
        self._cells = {cell.head.key.case: cell for cell in first if not cell.error}
        self._errors = Counter(cell.error for cell in first if cell.error)
        self._verdicts = [each for each in verdicts if each.b == contender + 1]
        self._digest = digest
        self._level = LEVEL / len(plan.models)
        self._interval: Callable[[Sequence[float], float], MeanEstimate] = anytime_interval
        self._own = outcomes.of_items(self._verdicts, REVIEWER, contender)
        self._judged = outcomes.of_items(self._verdicts, digest, contender) if digest else {}

    def result(self, *, is_fixed: bool) -> SuccessorResult:
        """Return the result. `is_fixed` means that the planned review is complete and was not seen before."""
        self._interval = fixed_interval if is_fixed else anytime_interval
        estimate, method = self._estimate(is_fixed=is_fixed)
        judged = self._by_conversation(self._judged)
        judge_estimate = fixed_interval(list(judged.values()), self._level) if judged else None
        leading = self._own or self._judged
        decision = Decision(SuccessorVerdict.UNDECIDED)
        if estimate is not None:
            decision = decide(estimate, self._plan.margin, len(leading))
        similar = self._similar()
        judge = REVIEWER if self._own else self._digest

        def ttft_before(number: int) -> float | None:
            return self._plan.items[number].ttft_ms

        def ttft_now(head: CellHead) -> float | None:
            return head.first_token_ms

        leading_verdicts = [each for each in self._verdicts if each.judge == judge]
        return SuccessorResult(
            model=str(self._plan.models[self._contender]),
            method=method,
            verdict=decision.verdict,
            theta=None if estimate is None else estimate.mean,
            low=None if estimate is None else estimate.interval.low,
            high=None if estimate is None else estimate.interval.high,
            clusters=0 if estimate is None else estimate.size,
            slightly_less=decision.slightly_less,
            further=decision.further,
            n_own=len(self._own),
            n_judge=len(self._judged),
            tally=outcomes.tally(self._verdicts, judge, self._contender),
            judge_theta=None if judge_estimate is None else judge_estimate.mean,
            judge_low=None if judge_estimate is None else judge_estimate.interval.low,
            judge_high=None if judge_estimate is None else judge_estimate.interval.high,
            similar_theta=None if similar is None else similar.mean,
            similar_low=None if similar is None else similar.interval.low,
            similar_high=None if similar is None else similar.interval.high,
            answered=len(self._cells),
            errors=dict(self._errors),
            signals=dict(Counter(signal for cell in self._cells.values() for signal in cell.signals).most_common()),
            cost=self._compared(lambda number: self._plan.items[number].cost, lambda head: head.cost, sum),
            ttft_ms=self._compared(ttft_before, ttft_now, statistics.median),
            ttft_p95_ms=self._compared(ttft_before, ttft_now, lambda values: percentile(sorted(values), 0.95)),
            output_tokens=self._compared(
                lambda number: self._plan.items[number].output_tokens, lambda head: head.output_tokens, statistics.mean
            ),
            with_judge=self._with_judge(),
            longer_won=outcomes.longer_won(leading_verdicts),
            by_kind=self._kinds(),
            regressions=self._regressions(),
        )

    def _estimate(self, *, is_fixed: bool) -> tuple[MeanEstimate | None, Method]:
        """Return the estimate of θ and how it was made."""
        complete = outcomes.complete_conversations(self._plan.items, self._verdicts, self._contender, self._cells)
        own = {
            conversation: value
            for conversation, value in self._by_conversation(self._own).items()
            if conversation in complete
        }
        judged = self._by_conversation(self._judged)
        shared = [conversation for conversation in own if conversation in judged]
        others = [judged[conversation] for conversation in judged if conversation not in own]
        if is_fixed and len(shared) >= FEWEST_FOR_T and others:
            powered = prediction_powered(
                [own[each] for each in shared], [judged[each] for each in shared], others, self._level
            )
            return powered, Method.PREDICTION_POWERED
        if own and is_fixed:
            return fixed_interval(list(own.values()), self._level), Method.FIXED
        if own:
            order = [own[each] for each in conversations_in_order(self._plan) if each in own]
            return anytime_interval(order, self._level), Method.ANYTIME
        if judged:
            return fixed_interval(list(judged.values()), self._level), Method.JUDGE_ONLY
        return None, Method.NONE

    def _similar(self) -> MeanEstimate | None:
        """Return the estimate among pairs whose answers are about equally long."""
        similar = {each.case for each in self._verdicts if outcomes.are_similar(each)}
        leading = self._own or self._judged
        values = self._by_conversation({item: value for item, value in leading.items() if item in similar})
        return self._interval(list(values.values()), self._level) if values else None

    def _with_judge(self) -> OutcomeShare:
        """Return the share of pairs on which the user and the judge agree."""
        both = [(value, self._judged[item]) for item, value in self._own.items() if item in self._judged]
        return outcomes.share(sum(one == other for one, other in both), len(both))

    def _by_conversation(self, found: Mapping[int, float]) -> dict[str, float]:
        return outcomes.by_conversation(self._plan.items, found)

    def _compared(
        self,
        before: Callable[[int], float | None],
        now: Callable[[CellHead], float | None],
        whole: Callable[[Sequence[float]], float],
    ) -> ModelFigures | None:
        pairs = [
            (one, other)
            for item, cell in self._cells.items()
            if (one := before(item)) is not None and (other := now(cell.head)) is not None
        ]
        if not pairs:
            return None
        return ModelFigures(
            incumbent=float(whole([one for one, _ in pairs])),
            successor=float(whole([other for _, other in pairs])),
            items=len(pairs),
        )

    def _kinds(self) -> tuple[KindResult, ...]:
        """Return the results by kind, the worst first; the user's outcome of an item replaces the judge's."""
        found = {**self._judged, **self._own}
        items_of: defaultdict[str, list[int]] = defaultdict(list)
        for number in found:
            for kind in self._plan.items[number].kinds:
                items_of[kind].append(number)
        kinds = {kind: items for kind, items in items_of.items() if len(items) >= FEWEST_OF_A_KIND}
        results = [self._kind(kind, {item: found[item] for item in items}, len(kinds)) for kind, items in kinds.items()]
        return tuple(sorted(results, key=lambda each: (each.theta, each.kind)))

    def _kind(self, kind: str, found: Mapping[int, float], kinds: int) -> KindResult:
        estimate = self._interval(list(self._by_conversation(found).values()), self._level / kinds)
        values = list(found.values())
        wins, losses = sum(each > 0.5 for each in values), sum(each < 0.5 for each in values)
        return KindResult(
            kind=kind,
            tally=OutcomeTally(wins, values.count(0.5), losses),
            theta=estimate.mean,
            low=estimate.interval.low,
            high=estimate.interval.high,
            verdict=decide(estimate, self._plan.margin, len(found)).verdict,
        )

    def _regressions(self) -> tuple[Regression, ...]:
        """Return the clearest losses: those the user saw, then the judge's, then those with signals alone."""
        found: list[tuple[tuple[int, int], Regression]] = []
        for item, cell in sorted(self._cells.items()):
            signals = cell.signals
            own, judged = self._own.get(item), self._judged.get(item)
            if own is not None and own >= 0.5:
                continue
            rank = 2 * (own == 0) + (judged == 0)
            if rank or signals:
                each = Regression(item=item, contender=self._contender, by_reviewer=own == 0, signals=signals)
                found.append(((-rank, -len(signals)), each))
        found.sort(key=lambda pair: pair[0])
        return tuple(each for _, each in found[:MOST_REGRESSIONS])
