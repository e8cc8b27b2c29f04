"""A run that is open in the window: its suite, filtered cases, cells and findings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib import import_module
from typing import Self

from msgspec import Struct

from desktop.domain.suite_cells import CellFilter, CellHead, CellKey, CellRecord, RunProgress, RunRecord, RunState
from desktop.evals.execution.result_values import RunResults
from desktop.evals.execution.score_claims import RunVerdict
from desktop.evals.suites.suite import Suite
from desktop.services import Services
from desktop.text.phrases import Phrase

_LONGEST_VALUE = 80


class RunFindings(Struct, frozen=True):
    """Results of a run, with sentences on what can be concluded from them."""

    results: RunResults
    said: tuple[Phrase, ...]


class OpenedRun:
    """Reads a run and its cells from the store. All methods that read may raise StoreError."""

    def __init__(self, services: Services, record: RunRecord) -> None:
        self._services = services
        self.record = record
        self.suite: Suite | None = None
        """None until `read_suite` was called, which takes a moment of a great run, and where it is damaged."""
        self.suite_read = asyncio.Event()

    @classmethod
    async def read(cls, services: Services, run_id: str) -> Self:
        """Load a run without its suite."""
        return cls(services, await (await services.store()).suite_runs.get(run_id))

    async def read_suite(self) -> None:
        """Load the suite in a thread.

        Raises:
            UsageError: If the suite was written by an incompatible version.
        """
        try:
            self.suite = await asyncio.to_thread(_suite_of, self.record)
        finally:
            self.suite_read.set()  # answers can be seen without it

    async def refresh(self) -> None:
        """Reload the run's state; its suite never changes."""
        self.record = await (await self._services.store()).suite_runs.get(self.id)

    @property
    def id(self) -> str:
        """The run's id."""
        return self.record.id

    @property
    def names(self) -> tuple[str, ...]:
        """The contenders' names."""
        return self.record.contenders

    @property
    def tags(self) -> tuple[str, ...]:
        """Distinct tags of the cases, in order of first use."""
        cases = self.suite.cases if self.suite is not None else ()
        return tuple(dict.fromkeys(tag for case in cases for tag in case.tags))

    def prompt(self, case: int) -> str:
        """Return a label for a case: its description, variables or prompt. Empty until the suite is loaded."""
        if self.suite is None:
            return ""
        told = self.suite.cases[case]
        values = [value for name, value in told.vars.items() if name != "expected" and value.strip()]
        if told.description or (values and len(self.suite.prompts) == 1):
            return told.description or " · ".join(value[:_LONGEST_VALUE] for value in values)
        return self.turns(case)[-1]

    def turns(self, case: int) -> tuple[str, ...]:
        """Return the prompts of a case, one per turn."""
        return self.suite.turns(self.suite.cases[case]) if self.suite is not None else ()

    async def cases(self, which: CellFilter, tag: str = "") -> Sequence[int]:
        """Return the numbers of the cases that match a filter and a tag; a range if all match."""
        numbers: Sequence[int] = range(self.record.cases)
        if which is not CellFilter.ALL:
            numbers = await (await self._services.store()).suite_runs.cases(self.id, which)
        if tag and self.suite is not None:
            cases = self.suite.cases
            numbers = [each for each in numbers if tag in cases[each].tags]
        return numbers

    async def heads(self, cases: Sequence[int]) -> Sequence[CellHead]:
        """Return short records of the cells of some cases that were sent."""
        return await (await self._services.store()).suite_runs.heads(self.id, cases)

    async def cell(self, key: CellKey) -> CellRecord:
        """Return a cell with its complete response."""
        return await (await self._services.store()).suite_runs.cell(self.id, key)

    async def progress(self) -> RunProgress:
        """Return the progress of the run."""
        return await (await self._services.store()).suite_runs.progress(self.id)

    async def review(self, key: CellKey, passed: bool | None, note: str) -> None:  # noqa: FBT001 - a verdict
        """Store a reviewer's verdict on a response."""
        await (await self._services.store()).suite_runs.review(self.id, key, passed, note)

    async def findings(self) -> RunFindings:
        """Compute the current results in a thread."""
        await asyncio.to_thread(
            import_module, "desktop.evals.execution.kept_results"
        )  # a tenth of a second the first time
        from desktop.evals.execution.kept_results import read_results
        from desktop.reports.run_text import judge_sentences, sentences

        progress = await self.progress()
        store, catalog = await self._services.store(), self._services.catalog
        ended = progress.state is not RunState.RUNNING
        found = await read_results(store, self.id, catalog, with_judges=ended, suite=self.suite)
        self.record = found.run
        if not ended and all(pair.verdict is RunVerdict.TOO_FEW for pair in found.results.pairs):
            return RunFindings(found.results, ())  # it goes on: that there are few answers yet is seen
        said = await asyncio.to_thread(lambda: (*sentences(found.results), *judge_sentences(found.results)))
        return RunFindings(found.results, said)


def _suite_of(record: RunRecord) -> Suite:
    from desktop.evals.execution.run_plan import own_suite

    return own_suite(record)
