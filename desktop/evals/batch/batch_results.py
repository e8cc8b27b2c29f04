"""Results of a job, matched to cells by name, then graded, stored and charged like normal responses."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress

import msgspec

from desktop.domain.conversation_types import Message, Problem
from desktop.domain.suite_cells import CellKey, CellRecord
from desktop.errors import AddressNotFound, ParagoneError, ProviderError, SettingsError, StoreError
from desktop.evals.batch.batch_costs import SHARE
from desktop.evals.batch.batch_plan import MOST_HELD, key_of
from desktop.evals.batch.batch_source import BatchSource
from desktop.evals.execution.cell_journal import CellJournal
from desktop.evals.execution.cell_outcome import cut, problem_of, record_of
from desktop.evals.execution.run_work import Listener
from desktop.evals.execution.suite_runner import RunTools
from desktop.evals.execution.worker_tasks import all_of
from desktop.providers.batch_api import BatchApi
from desktop.providers.wire.batch_files import BatchResult, ResultHead
from desktop.session.apart_answer import answer_apart
from desktop.store.records.batch_job_rows import BatchJob
from desktop.store.suite_runs import SuiteRuns
from desktop.text.phrases import Phrase, counted, phrase

_MOST_NAMES = 3


class ResultJoiner:
    """Collects the result lines of `wanted` cells. Of several lines for one cell, the first with status 200 counts.

    `names` holds a few of the names that match no request.
    """

    def __init__(
        self,
        cells: Collection[CellKey],
        wanted: Collection[CellKey],
        head: Callable[[bytes], ResultHead | None],
        most: int = MOST_HELD,
    ) -> None:
        self._cells = frozenset(cells)
        self._wanted = frozenset(wanted)
        self._head = head
        self._room = most
        self._held: dict[CellKey, tuple[int | None, bytes]] = {}
        self.names: list[str] = []
        self.strangers = 0
        self.unreadable = 0
        self.is_full = False

    def take(self, lines: Sequence[bytes]) -> bool:
        """Collect the wanted lines, and return whether there is room for more."""
        for line in lines:
            head = self._head(line)
            if head is None:
                self.unreadable += 1
            elif (key := key_of(head.custom_id)) is None or key not in self._cells:
                self._pass(head.custom_id)
            elif key in self._wanted:
                self._hold(key, head.status, line)
            if self.is_full:
                break
        return not self.is_full

    def results(self, read: Callable[[bytes], BatchResult | None]) -> dict[CellKey, BatchResult | None]:
        """Return the parsed results and release their lines. Unreadable results are None."""
        parsed: dict[CellKey, BatchResult | None] = {}
        while self._held:
            key, (_, line) = self._held.popitem()
            parsed[key] = read(line)
            self.unreadable += parsed[key] is None
        return parsed

    def _pass(self, name: str) -> None:
        self.strangers += 1
        if len(self.names) < _MOST_NAMES and name not in self.names:
            self.names.append(name)

    def _hold(self, key: CellKey, status: int | None, line: bytes) -> None:
        before = self._held.get(key)
        if before is not None and (before[0] == 200 or status != 200):
            return
        room = self._room + (len(before[1]) if before is not None else 0) - len(line)
        if room < 0 and self._held:
            self.is_full = True
            return
        self._room = room
        self._held[key] = (status, line)


_EXPIRED, _CANCELLED = "batch_expired", "batch_cancelled"
MISSING = "batch_missing"
"""Error code of a cell for which a completed job returned no response."""

_CANCELLED_STATES = frozenset({"cancelled", "canceled"})


class BatchResults:
    """Processes the results of a run's jobs. `notice` receives sentences about problems."""

    def __init__(
        self,
        tools: RunTools,
        runs: SuiteRuns,
        run_id: str,
        source: BatchSource,
        listener: Listener,
        notice: Callable[[Phrase], None],
        most_held: int = MOST_HELD,
    ) -> None:
        self._tools = tools
        self._runs = runs
        self._run_id = run_id
        self._source = source
        self._listener = listener
        self._notice = notice
        self._most_held = most_held

    async def take(self, api: BatchApi, job: BatchJob) -> None:
        """Store every cell of a completed job, skipping cells that are already stored.

        Raises:
            ProviderError: If the job's files cannot be read. Other errors that end a run are raised, too.
        """
        keys = await self._tools.store.batch_jobs.cells(self._run_id, job.number)
        asked = await self._runs.asked(self._run_id)
        missing_keys = [key for key in keys if key not in asked.answered and key not in asked.errors]
        while True:
            joiner = ResultJoiner(keys, missing_keys, api.head, self._most_held)
            for file in filter(None, (job.output_file_id, job.error_file_id)):
                if not joiner.is_full:
                    await self._read(api, file, joiner)
            results = await asyncio.to_thread(joiner.results, api.result)
            if not joiner.is_full:
                self._tell(api, job, joiner)
                await self._keep_all(api, job, missing_keys, results)
                return
            await self._keep_all(api, job, [key for key in missing_keys if key in results], results)
            missing_keys = [key for key in missing_keys if key not in results]

    async def _keep_all(
        self, api: BatchApi, job: BatchJob, keys: Sequence[CellKey], results: Mapping[CellKey, BatchResult | None]
    ) -> None:
        pending = deque(keys)

        async def work() -> None:
            """Process the cells one after another, because grading each of them may call judges."""
            while pending:
                await self._keep(api, job, pending[0], results.get(pending.popleft()))

        await all_of([work() for _ in range(max(1, min(self._source.at_once, len(pending))))])

    async def fail(self, key: CellKey, error: ParagoneError) -> None:
        """Store a cell that was not sent as an error."""
        await self._kept(record_of(key, (), problem_of(error)), 0.0)

    async def _read(self, api: BatchApi, file_id: str, found: ResultJoiner) -> None:
        with suppress(AddressNotFound):  # already deleted on the server, manually or in an earlier attempt
            await api.content(file_id, found.take)

    def _tell(self, api: BatchApi, job: BatchJob, found: ResultJoiner) -> None:
        if found.strangers:
            self._notice(
                counted(
                    "{name} contains {n} response without a matching request: {shown}.",
                    "{name} contains {n} responses without a matching request: {shown}.",
                    found.strangers,
                    name=job.name,
                    shown=", ".join(map(api.shown, found.names)),
                )
            )
        if found.unreadable:
            self._notice(
                counted(
                    "{n} line in {name} could not be read.",
                    "{n} lines in {name} could not be read.",
                    found.unreadable,
                    name=job.name,
                )
            )

    async def _keep(self, api: BatchApi, job: BatchJob, key: CellKey, result: BatchResult | None) -> None:
        if _is_left(job, result):
            return
        problem = _why_none(job, result)
        if problem is not None or result is None:
            await self._kept(record_of(key, (), problem), 0.0)
        else:
            await self._answered(api, job, key, result)

    async def _answered(self, api: BatchApi, job: BatchJob, key: CellKey, result: BatchResult) -> None:
        model = self._source.models[key.contender]
        messages: list[Message] = []
        own = 0.0
        try:
            events = await asyncio.to_thread(api.answer, model.name, job.wire, result)
        except ProviderError as error:
            problem: Problem | None = problem_of(error)
        else:
            task = await self._source.answered(key)
            message, charge = await answer_apart(task, events, self._tools.catalog, CellJournal())
            messages.append(_at_half_price(message))
            own = SHARE * (charge.usd or 0.0) if charge is not None else 0.0
            problem = cut(messages[0])
        record = record_of(key, messages, problem)
        if messages:
            record = await self._source.graded(record, messages[0])
        judges = sum(grade.cost or 0.0 for grade in record.grades)
        if self._source.judges_ended is not None and any(grade.passed is None for grade in record.grades):
            if judges:
                with suppress(StoreError):
                    await self._runs.spend(self._run_id, judges)
            raise self._source.judges_ended
        await self._kept(record, own + judges)
        self._source.calls.ledger.spent += own
        if own:
            with suppress(SettingsError):  # the stored cost is counted at the next start
                await self._tools.gateway.pay(own)

    async def _kept(self, record: CellRecord, spent: float) -> None:
        self._listener(await self._runs.keep(self._run_id, record, spent))


def _is_left(job: BatchJob, result: BatchResult | None) -> bool:
    """Whether a cell must be sent again because its job was canceled."""
    if result is None:
        return job.is_cancelled or job.status in _CANCELLED_STATES
    return result.status is None and result.code == _CANCELLED


def _why_none(job: BatchJob, result: BatchResult | None) -> Problem | None:
    """Return why a cell has no response, or None if it has a response."""
    if result is not None and result.status is not None:
        return None
    if job.status == "expired" if result is None else result.code == _EXPIRED:
        return Problem(code=_EXPIRED, message=phrase("The batch expired before this request was processed."))
    if result is None and not job.problem:
        return Problem(code=MISSING, message=phrase("The batch ended without returning this response."))
    said = job.problem if result is None else result.said or result.code or phrase("no reason was given")
    return Problem(code="batch_failed", message=phrase("The batch returned no response: {said}", said=said))


def _at_half_price(message: Message) -> Message:
    figures = message.figures
    if figures is None or figures.cost is None:
        return message
    return msgspec.structs.replace(message, figures=msgspec.structs.replace(figures, cost=figures.cost * SHARE))
