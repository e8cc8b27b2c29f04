"""Recorded tool results of a run by case: those of its own cells, and those of an earlier run."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from desktop.domain.message_parts import ToolStatus
from desktop.domain.suite_cells import LONGEST_RESULT, CellRecord, RunRecord
from desktop.errors import RunUnknown, UsageError
from desktop.evals.execution.run_plan import own_suite
from desktop.evals.suites.suite import Suite, ToolMode
from desktop.store.suite_runs import SuiteRuns
from desktop.text.phrases import phrase
from desktop.tools.call_record import CallRecord
from desktop.tools.tool_runner import RecordedCall

_UNUSABLE = (ToolStatus.DENIED, ToolStatus.UNANSWERED)


class _Source(Struct, frozen=True, kw_only=True):
    """An earlier run, with the numbers of its cases by their prompts."""

    id: str
    cases: dict[tuple[str, ...], list[int]] = field(default_factory=dict[tuple[str, ...], list[int]])


class RunRecordings:
    """Results of a run with recorded tools. The first cell of a case that makes a call runs it.

    Every later cell of the case gets the result, also after the run was resumed. With the results of an earlier run,
    nothing is called: its cases are found by their prompts.
    """

    def __init__(self, runs: SuiteRuns, run: RunRecord, suite: Suite, source: _Source | None = None) -> None:
        self.calls = CallRecord(most_turns=None, longest=LONGEST_RESULT)
        self.is_closed = source is not None
        """Whether no tool is called."""
        self._runs, self._run, self._suite, self._source = runs, run, suite, source
        self._left: dict[int, int] = {}
        self._reading = asyncio.Lock()

    async def begin(self, case: int) -> str:
        """Load the results of a case, and return the turn under which they are recorded.

        Raises:
            StoreError: If the run cannot be read.
        """
        async with self._reading:
            if case not in self._left:
                await self._load(case)
        return self._turn(case)

    def end(self, case: int) -> None:
        """Note that a cell of a case is complete; the results are forgotten with the last one."""
        self._left[case] -= 1
        if self._left[case] <= 0:
            del self._left[case]
            self.calls.forget(self._turn(case))

    async def _load(self, case: int) -> None:
        records = await self._runs.records(self._run.id, [case])
        source, earlier = self._source, records
        if source is not None:
            same = source.cases.get(self._suite.turns(self._suite.cases[case]), [])
            earlier = await self._runs.records(source.id, same) if same else []
        for record in earlier:
            self.calls.add(self._turn(case), recorded_results(record))
        self._left[case] = len(self._suite.contenders) * self._suite.repeats - len(records)

    def _turn(self, case: int) -> str:
        return f"{self._run.id} {case}"


def recorded_results(record: CellRecord) -> Iterator[RecordedCall]:
    """Yield the calls of a cell whose results can be given to other cells."""
    for each in record.calls or ():
        if each.call.server and not each.is_unmatched and each.result.status not in _UNUSABLE:
            yield RecordedCall(call=each.call, result=each.result)


async def recordings_of(runs: SuiteRuns, run: RunRecord, suite: Suite) -> RunRecordings | None:
    """Return the recordings of a run; None if its tools are not recorded.

    Raises:
        UsageError: If the results are to come from a run that no longer exists.
        StoreError: If a run cannot be read.
    """
    if not suite.tools.servers or (suite.tool_mode is ToolMode.LIVE and not run.tools_from):
        return None
    return RunRecordings(runs, run, suite, await _source(runs, run.tools_from) if run.tools_from else None)


async def _source(runs: SuiteRuns, run_id: str) -> _Source:
    try:
        earlier = await runs.get(run_id)
    except RunUnknown as error:
        raise UsageError(
            phrase("The run that provides the tool results no longer exists."),
            hint=phrase("Start a new run instead of resuming this one."),
        ) from error
    suite = await asyncio.to_thread(own_suite, earlier)
    return _Source(id=earlier.id, cases=_cases(suite))


def _cases(suite: Suite) -> dict[tuple[str, ...], list[int]]:
    found: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, case in enumerate(suite.cases):
        found[suite.turns(case)].append(number)
    return dict(found)


async def source_run(runs: SuiteRuns, run_id: str, suite: Suite) -> str:
    """Return the ID of the run whose tool results a new run of a suite uses.

    Raises:
        RunUnknown: If there is no such run; also RunAmbiguous and StoreError.
        UsageError: If the suite has no tools, or the run none of its cases.
    """
    if not suite.tools.servers:
        raise UsageError(phrase("This suite has no tools, so it needs no tool results of another run."))
    earlier = await runs.get(run_id)
    found = _cases(await asyncio.to_thread(own_suite, earlier))
    if not _share(found, (suite.turns(case) for case in suite.cases)):
        raise UsageError(
            phrase("The run “{name}” has none of the cases of this suite.", name=earlier.name),
            hint=phrase("Choose a run of the same suite: cases are matched by their prompts."),
        )
    return earlier.id


def _share(found: dict[tuple[str, ...], list[int]], wanted: Iterable[tuple[str, ...]]) -> bool:
    return any(turns in found for turns in wanted)
