"""What every report of a run has to go on, and the order in which it is asked for its pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from desktop.domain.conversation_types import Value
from desktop.domain.suite_cells import CellKey, CellRecord, RunRecord
from desktop.evals.execution.result_values import RunResults
from desktop.evals.suites.suite import Suite
from desktop.receipts.receipt import Receipt


class RunFacts(Value, frozen=True, kw_only=True):
    """A run with its suite and its results; `at` is when the report is made, `version` the program's.

    `seconds` is how long all answers took together.
    """

    run: RunRecord
    suite: Suite
    results: RunResults
    at: datetime
    version: str = ""
    seconds: float = 0.0

    def connection_of(self, contender: int) -> str:
        """The name of a contender's connection."""
        return self.suite.contenders[contender].model.connection


class RunLines:
    """The base of reports: pieces of text, case by case, so that no report is ever in memory as a whole.

    One that `wants_receipts` has those of the next cases in `receipts` before it is asked for them.
    """

    wants_receipts: ClassVar[bool] = False

    def __init__(self, facts: RunFacts) -> None:
        self.facts = facts
        self.receipts: Mapping[CellKey, Receipt] = {}

    def head(self) -> Iterator[str]:
        """All before the first case."""
        yield from ()

    def case(self, number: int, records: Sequence[CellRecord]) -> Iterator[str]:
        """A case, with those of its cells that were asked, by contender and repeat."""
        del number, records
        yield from ()

    def tail(self) -> Iterator[str]:
        """All behind the last case."""
        yield from ()
