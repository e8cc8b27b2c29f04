"""The judging of a run in pairs, after all of its cells: resumable, each verdict durable before the next is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, Protocol

from desktop.domain.conversation_types import Value
from desktop.domain.suite_cells import CellRecord, CellStatus, PairChoice, PairVerdict, RunRecord
from desktop.errors import AuditFailed, BudgetSpent, ParagoneError, RunCapped, RunHalted, SettingsError, StoreError
from desktop.evals.execution.worker_tasks import all_of
from desktop.evals.graders.grading import AskJudge
from desktop.evals.graders.verdicts import bounded_reason, quoted
from desktop.evals.judges.judge_setup import judge_digest, pair_prompt, setup_of
from desktop.evals.judges.judge_verdict import read_choice
from desktop.evals.suites.suite import GraderSpec, Suite
from desktop.pages.exported_errors import without_address
from desktop.text.phrases import Phrase, phrase

_TURNED = {PairChoice.FIRST: PairChoice.SECOND, PairChoice.SECOND: PairChoice.FIRST, PairChoice.TIE: PairChoice.TIE}


class JudgedPair(Value, frozen=True, kw_only=True):
    """Two contenders, by number, with what they answered to one case in one repeat, turn by turn."""

    case: int
    repeat: int
    a: int
    b: int
    a_answers: tuple[str, ...]
    b_answers: tuple[str, ...]

    @property
    def lengths(self) -> tuple[int, int]:
        """Characters of both."""
        return sum(map(len, self.a_answers)), sum(map(len, self.b_answers))


class PairJudge:
    """The judge of a grader `judge-pair`. Raises UsageError where it names no model."""

    def __init__(self, spec: GraderSpec, ask_judge: AskJudge) -> None:
        self._spec = spec
        self._ask = ask_judge
        self._setup = setup_of(spec)
        self.digest = judge_digest(spec)

    async def judge(
        self, pair: JudgedPair, turns: Sequence[str], variables: Mapping[str, str], costs: list[float]
    ) -> PairVerdict:
        """Both orders, one after the other; what cannot be read, or did not come, is a problem of the verdict.

        What each call cost, in USD, is put into `costs`. Raises RunCapped and RunHalted, after which nothing more is to
        be asked.
        """
        orders = ((pair.a_answers, pair.b_answers), (pair.b_answers, pair.a_answers))
        choices: list[PairChoice | None] = []
        reasons: list[str] = []
        problem = ""
        for first, second in orders:
            choice, said, cost = await self._choice(pair_prompt(self._setup, variables, turns, first, second))
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
        """What is chosen, why or what went wrong, and what that cost; `not` turns the choice round."""
        setup = self._setup
        try:
            said = await self._ask(setup.model, setup.system_for(pair=True), prompt, setup.parameters)
        except (BudgetSpent, AuditFailed, SettingsError, StoreError, RunCapped, RunHalted):
            raise  # the run ends for it
        except ParagoneError as error:
            reason = without_address(error.message, setup.model.connection)
            return None, phrase("The judge did not respond: {reason}", reason=reason), None
        if said.problem:
            reason = without_address(said.problem, setup.model.connection)
            return None, phrase("The judge did not respond: {reason}", reason=reason), said.cost
        found = read_choice(said.text)
        if found is None:
            return (
                None,
                phrase("The judge's response could not be read: {text}", text=quoted(said.text[-300:])),
                said.cost,
            )
        choice = _TURNED[found.choice] if self._spec.negated else found.choice
        return choice, found.reason, said.cost


PAIR_TYPE = "judge-pair"

CASES_AT_ONCE = 20
"""Cases whose answers are in memory together."""

VerdictListener = Callable[[PairVerdict], None]


class KeptVerdicts(Protocol):
    """Where verdicts are kept. Raises StoreError's tree."""

    def list(self, run_id: str) -> Awaitable[Sequence[PairVerdict]]:
        """All of a run."""
        ...

    def keep(self, run_id: str, verdict: PairVerdict) -> Awaitable[None]:
        """On the disk on return, with what it cost."""
        ...


class KeptRecords(Protocol):
    """Where answers are kept. Raises StoreError's tree."""

    def records(self, run_id: str, cases: Sequence[int] | None = None) -> Awaitable[Sequence[CellRecord]]:
        """The cells of some cases, whole."""
        ...

    def spend(self, run_id: str, usd: float) -> Awaitable[None]:
        """Count what was spent on what came to nothing."""
        ...


class JudgingStore(Protocol):
    """What of a store is needed for judging."""

    @property
    def suite_runs(self) -> KeptRecords:
        """The answers."""
        ...

    @property
    def judge_verdicts(self) -> KeptVerdicts:
        """The verdicts."""
        ...


class PairTask(NamedTuple):
    """A pair that a judge is to be asked of."""

    judge: PairJudge
    pair: JudgedPair


def has_pair_judge(suite: Suite) -> bool:
    """Whether a run of a suite is to be judged in pairs."""
    return any(_is_pair_judge(spec) for case in suite.cases for spec in case.graders)


def _is_pair_judge(spec: GraderSpec) -> bool:
    return spec.type == PAIR_TYPE and bool(spec.options.get("model"))


def judge_calls(suite: Suite) -> int:
    """How many calls the judging in pairs takes at most: two for each pair of contenders, case and repeat."""
    number = len(suite.contenders)
    judged = sum(_is_pair_judge(spec) for case in suite.cases for spec in case.graders)
    return judged * suite.repeats * number * (number - 1)


async def judge_run(
    run: RunRecord, suite: Suite, store: JudgingStore, ask_judge: AskJudge, listener: VerdictListener | None = None
) -> int:
    """Have all pairs judged that were not yet, some at a time; how many were. Those that came to nothing stay so.

    The listener is told of each verdict when it is kept. Raises RunCapped and RunHalted where nothing more may be
    asked, and StoreError.
    """
    if not has_pair_judge(suite):
        return 0
    there = {(each.judge, each.case, each.repeat, each.a, each.b) for each in await store.judge_verdicts.list(run.id)}
    judges: dict[str, PairJudge] = {}
    number = 0
    for start in range(0, len(suite.cases), CASES_AT_ONCE):
        cases = range(start, min(start + CASES_AT_ONCE, len(suite.cases)))
        if not any(_is_pair_judge(spec) for case in cases for spec in suite.cases[case].graders):
            continue
        records = await store.suite_runs.records(run.id, cases)
        tasks = [
            PairTask(judges.setdefault(digest, PairJudge(spec, ask_judge)), pair)
            for spec, pair in _pairs(suite, records)
            if ((digest := judge_digest(spec)), pair.case, pair.repeat, pair.a, pair.b) not in there
        ]
        await _PairWork(run, suite, store, listener).carry_out(tasks)
        number += len(tasks)
    return number


def _pairs(suite: Suite, records: Sequence[CellRecord]) -> Iterator[tuple[GraderSpec, JudgedPair]]:
    """Pairs of whole answers to one case in one repeat, for each judge that its case has."""
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


class _PairWork:
    """Asks of pairs, as many at once as the suite allows. What must not go on ends all of it, and is raised at last."""

    def __init__(self, run: RunRecord, suite: Suite, store: JudgingStore, listener: VerdictListener | None) -> None:
        self._run = run
        self._suite = suite
        self._store = store
        self._listener = listener
        self._ended: ParagoneError | None = None

    async def carry_out(self, tasks: Sequence[PairTask]) -> None:
        """All of them. Raises RunCapped, RunHalted and StoreError's tree."""
        waiting = iter(tasks)
        at_once = min(max(self._suite.limits.concurrency, 1), len(tasks))
        await all_of([self._work(waiting) for _ in range(at_once)])
        if self._ended is not None:
            raise self._ended

    async def _work(self, waiting: Iterator[PairTask]) -> None:
        for task in waiting:
            costs: list[float] = []
            case = self._suite.cases[task.pair.case]
            try:
                verdict = await task.judge.judge(task.pair, self._suite.turns(case), case.vars, costs)
            except (RunCapped, RunHalted) as error:
                self._ended = self._ended or error
                if costs:
                    await self._store.suite_runs.spend(self._run.id, sum(costs))
                return
            await self._store.judge_verdicts.keep(self._run.id, verdict)
            if self._listener is not None:
                self._listener(verdict)
            if self._ended is not None:
                return
