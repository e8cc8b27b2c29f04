"""Verdicts of judges on pairs of answers, as the rest of the program keeps and finds them."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from datetime import datetime

import msgspec

from desktop.mask import Mask
from desktop.store import judge_verdict_rows, row_mapping, suite_run_rows
from desktop.store.sqlite.database import Database
from desktop.suite_cells import PairVerdict


class JudgeVerdicts:
    """The verdicts of one database. Every method raises StoreError's tree, RunUnknown and RunAmbiguous too."""

    def __init__(self, database: Database, clock: Callable[[], datetime], mask: Mask) -> None:
        self._database = database
        self._clock = clock
        self._mask = mask

    async def keep(self, run_id: str, verdict: PairVerdict) -> None:
        """Keep a verdict in the place of what was there: on the disk on return. Its cost is added to the run's."""
        masked = self._masked(verdict)
        at_ms = row_mapping.to_ms(self._clock())
        await self._database.write(
            lambda sql: judge_verdict_rows.keep(sql, suite_run_rows.find(sql, run_id), masked, at_ms=at_ms)
        )

    async def list(self, run_id: str) -> builtins.list[PairVerdict]:
        """All of a run, in the order of cases, those that came to nothing too."""
        return await self._database.read(lambda sql: judge_verdict_rows.listed(sql, suite_run_rows.find(sql, run_id)))

    async def forget_problems(self, run_id: str) -> int:
        """Have those that came to nothing be asked for again; how many."""
        return await self._database.write(
            lambda sql: judge_verdict_rows.forget_problems(sql, suite_run_rows.find(sql, run_id))
        )

    def _masked(self, verdict: PairVerdict) -> PairVerdict:
        """A verdict without keys in what a judge, or its server, said."""
        first, second = map(self._mask.hide, verdict.reasons)
        return msgspec.structs.replace(verdict, reasons=(first, second), problem=self._mask.hide(verdict.problem))
