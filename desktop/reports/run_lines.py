"""Input of a run's reports, and the base class that defines the parts of a report and their order."""

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
    """A run with its suite and results. `at` is when the report was created, `version` is Paragone's.

    `seconds` is the total duration of all responses.
    """

    run: RunRecord
    suite: Suite
    results: RunResults
    at: datetime
    version: str = ""
    seconds: float = 0.0

    def connection_of(self, contender: int) -> str:
        """Return the name of a contender's connection."""
        return self.suite.contenders[contender].model.connection


class RunLines:
    """Base class of reports that are generated case by case, so that no report is ever in memory as a whole.

    If `wants_receipts` is set, `receipts` contains the receipts of the next cases before `case` is called.
    """

    wants_receipts: ClassVar[bool] = False

    def __init__(self, facts: RunFacts) -> None:
        self.facts = facts
        self.receipts: Mapping[CellKey, Receipt] = {}

    def head(self) -> Iterator[str]:
        """Yield the text up to the first case."""
        yield from ()

    def case(self, number: int, records: Sequence[CellRecord]) -> Iterator[str]:
        """Yield the text for a case.

        Args:
            number: Number of the case, counted from 0.
            records: The cells that were sent, by contender and repeat.
        """
        del number, records
        yield from ()

    def tail(self) -> Iterator[str]:
        """Yield the text after the last case."""
        yield from ()
