"""Pairwise judging of a run after all its cells; resumable, each verdict durable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple, Protocol

from desktop.domain.conversation_types import Value
from desktop.domain.suite_cells import CellRecord, CellStatus, PairChoice, PairVerdict, RunRecord
from desktop.errors import AuditFailed, BudgetSpent, ParagoneError, RunCapped, RunHalted, SettingsError, StoreError
from desktop.evals.execution.worker_tasks import all_of
from desktop.evals.graders.grading import AskJudge
from desktop.evals.graders.verdicts import bounded_reason, quoted
from desktop.evals.judges.judge_setup import PairContext, judge_digest, pair_prompt, setup_of
from desktop.evals.judges.judge_verdict import read_choice
from desktop.evals.suites.suite import GraderSpec, Suite
from desktop.pages.exported_errors import without_address
from desktop.text.phrases import Phrase, phrase

_TURNED = {PairChoice.FIRST: PairChoice.SECOND, PairChoice.SECOND: PairChoice.FIRST, PairChoice.TIE: PairChoice.TIE}


class JudgedPair(Value, frozen=True, kw_only=True):
    """Two contenders by number with their responses to one case and repeat."""

    case: int
    repeat: int
    a: int
    b: int
    a_answers: tuple[str, ...]
    b_answers: tuple[str, ...]

    @property
    def lengths(self) -> tuple[int, int]:
        """Lengths of both."""
        return sum(map(len, self.a_answers)), sum(map(len, self.b_answers))


class PairJudge:
    """Judge of a `judge-pair` grader.

    Raises:
        UsageError: If it names no model.
    """

    def __init__(self, spec: GraderSpec, ask_judge: AskJudge) -> None:
        self._spec = spec
        self._ask = ask_judge
        self._setup = setup_of(spec)
        self.digest = judge_digest(spec)

    async def judge(self, pair: JudgedPair, asked: PairContext, costs: list[float]) -> PairVerdict:
        """Judge both orders; unreadable verdicts have no choice."""
        orders = ((pair.a_answers, pair.b_answers), (pair.b_answers, pair.a_answers))
        choices: list[PairChoice | None] = []
        reasons: list[str] = []
        problem = ""
        for first, second in orders:
            choice, said, cost = await self._choice(pair_prompt(self._setup, asked, first, second))
            choices.append(choice)
            reasons.append("" if choice is None else bounded_reason(said))
            problem = problem or ("" if choice is not None else bounded_reason(said))
            costs += [] if cost is None else [cost]
        return PairVerdict(
            judge=self.digest,
            model=str(self._setup.model),
            case=pair.case,
            repeat=pair.repeat,
            a=pair.a,
            b=pair.b,
            choices=(choices[0], choices[1]),
            reasons=(reasons[0], reasons[1]),
            lengths=pair.lengths,
            cost=sum(costs) if costs else None,
            problem=problem,
        )

    async def _choice(self, prompt: str) -> tuple[PairChoice | None, str | Phrase, float | None]:
        """Return the choice, its reason or problem, and the cost; `not` inverts the choice."""
        setup = self._setup
        try:
            judge_response = await self._ask(setup.model, setup.system_for(pair=True), prompt, setup.parameters)
        except (BudgetSpent, AuditFailed, SettingsError, StoreError, RunCapped, RunHalted):
            raise  # the run ends for it
        except ParagoneError as error:
            reason = without_address(error.message, setup.model.connection)
            return None, phrase("The judge did not respond: {reason}", reason=reason), None
        if judge_response.problem:
            reason = without_address(judge_response.problem, setup.model.connection)
            return None, phrase("The judge did not respond: {reason}", reason=reason), judge_response.cost
        choice_read = read_choice(judge_response.text)
        if choice_read is None:
            return (
                None,
                phrase("The judge's response could not be read: {text}", text=quoted(judge_response.text[-300:])),
                judge_response.cost,
            )
        choice = _TURNED[choice_read.choice] if self._spec.negated else choice_read.choice
        return choice, choice_read.reason, judge_response.cost


PAIR_TYPE = "judge-pair"

CASES_AT_ONCE = 20
"""Number of cases whose responses are in memory together."""

VerdictListener = Callable[[PairVerdict], None]


class KeptVerdicts(Protocol):
    """Storage of verdicts. Methods may raise StoreError."""

    def list(self, run_id: str) -> Awaitable[Sequence[PairVerdict]]:
        """Return all verdicts of a run."""
        ...

    def keep(self, run_id: str, verdict: PairVerdict) -> Awaitable[None]:
        """Store a verdict durably with its cost."""
        ...


class KeptRecords(Protocol):
    """Storage of responses. Methods may raise StoreError."""

    def records(self, run_id: str, cases: Sequence[int] | None = None) -> Awaitable[Sequence[CellRecord]]:
        """Return complete cells of some cases."""
        ...

    def spend(self, run_id: str, usd: float) -> Awaitable[None]:
        """Count the cost of failed calls."""
        ...


class JudgingStore(Protocol):
    """Parts of a store needed for judging."""

    @property
    def suite_runs(self) -> KeptRecords:
        """Storage of the responses."""
        ...

    @property
    def judge_verdicts(self) -> KeptVerdicts:
        """Storage of the verdicts."""
        ...


class PairTask(NamedTuple):
    """A pair to be judged, and what was asked."""

    judge: PairJudge
    pair: JudgedPair
    asked: PairContext


def has_pair_judge(suite: Suite) -> bool:
    """Whether a suite has a pairwise judge."""
    return any(_is_pair_judge(spec) for case in suite.cases for spec in case.graders)


def _is_pair_judge(spec: GraderSpec) -> bool:
    return spec.type == PAIR_TYPE and bool(spec.options.get("model"))


def judge_calls(suite: Suite) -> int:
    """Return the maximum number of pairwise judge calls: two per pair, case and repeat."""
    number = len(suite.contenders)
    judged = sum(_is_pair_judge(spec) for case in suite.cases for spec in case.graders)
    return judged * suite.repeats * number * (number - 1)


async def judge_run(
    run: RunRecord, suite: Suite, store: JudgingStore, ask_judge: AskJudge, listener: VerdictListener | None = None
) -> int:
    """Judge all pairs that are not judged yet, and return their number."""
    if not has_pair_judge(suite):
        return 0
    judged_keys = {
        (each.judge, each.case, each.repeat, each.a, each.b) for each in await store.judge_verdicts.list(run.id)
    }
    judges: dict[str, PairJudge] = {}
    number = 0
    for start in range(0, len(suite.cases), CASES_AT_ONCE):
        cases = range(start, min(start + CASES_AT_ONCE, len(suite.cases)))
        if not any(_is_pair_judge(spec) for case in cases for spec in suite.cases[case].graders):
            continue
        records = await store.suite_runs.records(run.id, cases)
        tasks = [
            PairTask(judges.setdefault(digest, PairJudge(spec, ask_judge)), pair, _context(suite, pair.case))
            for spec, pair in _pairs(suite, records)
            if ((digest := judge_digest(spec)), pair.case, pair.repeat, pair.a, pair.b) not in judged_keys
        ]
        await PairWork(run.id, store, listener).carry_out(tasks, suite.limits.concurrency)
        number += len(tasks)
    return number


def _pairs(suite: Suite, records: Sequence[CellRecord]) -> Iterator[tuple[GraderSpec, JudgedPair]]:
    """Yield pairs of complete responses to one case and repeat, for each judge."""
    together: defaultdict[tuple[int, int], list[CellRecord]] = defaultdict(list)
    for record in records:
        if record.status is not CellStatus.ERROR:
            together[record.key.case, record.key.repeat].append(record)
    for first, second in (pair for each in together.values() for pair in combinations(each, 2)):
        pair = JudgedPair(
            case=first.key.case,
            repeat=first.key.repeat,
            a=first.key.contender,
            b=second.key.contender,
            a_answers=first.answers,
            b_answers=second.answers,
        )
        for spec in suite.cases[first.key.case].graders:
            if _is_pair_judge(spec):
                yield spec, pair


def _context(suite: Suite, number: int) -> PairContext:
    case = suite.cases[number]
    return PairContext(suite.turns(case), case.vars)


class PairWork:
    """Judges pairs in parallel. Errors that end a run are raised at the end."""

    def __init__(self, run_id: str, store: JudgingStore, listener: VerdictListener | None = None) -> None:
        self._run_id = run_id
        self._store = store
        self._listener = listener
        self._ended: ParagoneError | None = None

    async def carry_out(self, tasks: Sequence[PairTask], at_once: int) -> None:
        """Judge all pairs, up to `at_once` in parallel.

        Raises:
            RunCapped: If the cap is reached; also RunHalted and StoreError.
        """
        waiting = iter(tasks)
        await all_of([self._work(waiting) for _ in range(min(max(at_once, 1), len(tasks)))])
        if self._ended is not None:
            raise self._ended

    async def _work(self, waiting: Iterator[PairTask]) -> None:
        for task in waiting:
            costs: list[float] = []
            try:
                verdict = await task.judge.judge(task.pair, task.asked, costs)
            except (RunCapped, RunHalted) as error:
                self._ended = self._ended or error
                if costs:
                    await self._store.suite_runs.spend(self._run_id, sum(costs))
                return
            await self._store.judge_verdicts.keep(self._run_id, verdict)
            if self._listener is not None:
                self._listener(verdict)
            if self._ended is not None:
                return
