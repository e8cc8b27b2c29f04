"""What is kept of a run of a suite: the run itself, and of each cell, one answer of one contender to one case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from desktop.domain.conversation_types import Figures, JsonValue, Problem, Usage, Value

LONGEST_FIRST_LINE = 200
"""Characters of an answer that tables show."""

LONGEST_NAME = 300
"""Characters of what a contender is called, which stands beside each of its answers."""

_LOOKED_AT = 1_000


class RunState(StrEnum):
    """How far a run got."""

    WAITING = "waiting"  # planned, and nothing of it asked yet
    RUNNING = "running"  # a program that is alive works on it
    STOPPED = "stopped"  # paused, stopped, or its program ended; it can be resumed
    CAPPED = "capped"  # the next call might have passed the cap; it can be resumed with a higher one
    COMPLETE = "complete"  # every cell was asked; some may be errors, which can be tried again


class CellStatus(StrEnum):
    """What became of a cell that was asked."""

    PASSED = "passed"  # every grader passed it
    FAILED = "failed"  # a grader failed it
    UNGRADED = "ungraded"  # answered; no grader, or one that could not tell
    ERROR = "error"  # no whole answer came: counted apart, never as a failure


class CellKey(NamedTuple):
    """Which cell: case (in the order of the file), contender and repeat, each from 0."""

    case: int
    contender: int
    repeat: int


class Grade(Value, frozen=True, kw_only=True):
    """What one grader said of one answer.

    `grader` is its name as the suite spells it (`not-icontains`). `score` is from 0 to 1. Where it could not tell, both
    `passed` and `score` are None and `reason` says why. `metric` is the suite's name for what is measured, `cost` what
    asking a judge cost in USD.
    """

    grader: str
    passed: bool | None
    score: float | None
    reason: str
    weight: float = 1.0
    metric: str = ""
    cost: float | None = None


class CellHead(Value, frozen=True, kw_only=True):
    """A cell that was asked, without its text: what tables, statistics and plots are made of.

    `first_line` is the beginning of the answer, at most 200 characters, or of what went wrong where there is none;
    `server_model` what the server called itself.
    `latency_ms` is from the request to the last token, `cost` in USD, None where no price is known.
    """

    key: CellKey
    status: CellStatus
    score: float | None
    first_line: str = ""
    latency_ms: float | None = None
    first_token_ms: float | None = None
    cost: float | None = None
    output_tokens: int | None = None
    server_model: str | None = None
    reviewed: bool | None = None
    note: str = ""


class CellRecord(Value, frozen=True, kw_only=True):
    """A cell that was asked, whole. `answers` are those to each of its turns, one where there is one prompt.

    `reviewed` is a person's own verdict, which stands above the graders' in `status`; None where nobody gave one.
    `figures` are those of the last turn, but that its cost is that of all of them; `usage` is the sum of theirs.
    """

    key: CellKey
    status: CellStatus
    score: float | None
    answers: tuple[str, ...] = ()
    reasoning: str = ""
    grades: tuple[Grade, ...] = ()
    problem: Problem | None = None
    figures: Figures | None = None
    usage: Usage | None = None
    reviewed: bool | None = None
    note: str = ""

    @property
    def text(self) -> str:
        """The last answer, which is the one that is graded."""
        return self.answers[-1] if self.answers else ""

    @property
    def judged(self) -> CellRecord:
        """With a person's verdict in the place of the graders'; itself where there is none, or no answer to judge."""
        if self.reviewed is None or self.status is CellStatus.ERROR:
            return self
        status = CellStatus.PASSED if self.reviewed else CellStatus.FAILED
        return msgspec.structs.replace(self, status=status, score=float(self.reviewed))

    @property
    def head(self) -> CellHead:
        """What tables show of it."""
        figures, usage = self.figures or Figures(), self.usage or Usage()
        said = self.text or (self.problem.message if self.problem is not None else "")
        return CellHead(
            key=self.key,
            status=self.status,
            score=self.score,
            first_line=_first_line(said),
            latency_ms=figures.duration_ms,
            first_token_ms=figures.ttft_ms,
            cost=figures.cost,
            output_tokens=usage.output_tokens,
            server_model=figures.server_model,
            reviewed=self.reviewed,
            note=self.note,
        )


def _first_line(text: str) -> str:
    """The first line with words, bounded."""
    return text[:_LOOKED_AT].strip().partition("\n")[0].rstrip()[:LONGEST_FIRST_LINE]


class RunRecord(Value, frozen=True, kw_only=True):
    """A run as it is kept. `suite` is the whole suite as JSON, and `digest` its SHA-256.

    `cases`, `contenders` and `repeats` span the cells; `cap` is in USD, None for none. `spent` counts every call of it,
    judges' too. `seed` is what the order of its cells was shuffled by, `reason` why it went no further. One that
    `is_batch` is asked through a Batch API.
    """

    id: str
    name: str
    state: RunState
    created_at: datetime
    updated_at: datetime
    suite: dict[str, JsonValue]
    digest: str
    cases: int
    contenders: tuple[str, ...]
    repeats: int
    seed: int = 0
    cap: float | None = None
    spent: float = 0.0
    unknown_prices: bool = False
    is_batch: bool = False
    reason: str = ""


class RunProgress(Value, frozen=True, kw_only=True):
    """How far a run is: cheap to ask for each second. `revision` grows with every change of any of its cells."""

    state: RunState
    cells: int
    asked: int
    passed: int
    failed: int
    ungraded: int
    errors: int
    spent: float
    cap: float | None
    revision: int


class AskedCells(NamedTuple):
    """Which cells of a run were asked: those that were answered, and those that came to nothing."""

    answered: frozenset[CellKey]
    errors: frozenset[CellKey]


class CellFilter(StrEnum):
    """Which cases of a run a table shows."""

    ALL = "all"
    FAILED = "failed"  # an answer of any contender failed
    DIFFERING = "differing"  # answers do not all have one status; errors say nothing of that
    ERRORS = "errors"  # a cell came to nothing
    UNREVIEWED = "unreviewed"  # answers that nobody looked at yet


class PairChoice(StrEnum):
    """What a judge said of two answers, by the order in which it was shown them."""

    FIRST = "first"
    SECOND = "second"
    TIE = "tie"


class PairVerdict(Value, frozen=True, kw_only=True):
    """What a judge said of the answers of contenders `a` and `b` to one case in one repeat, asked in both orders.

    `judge` is the digest of the grader in the suite, `model` the one that was asked. `choices` are what it said with
    a's answer first, and with b's first; None for what could not be read, of which `problem` tells. `reasons` are the
    judge's own; `lengths` are the characters of both answers, `cost` is in USD.
    """

    judge: str
    model: str
    case: int
    repeat: int
    a: int
    b: int
    choices: tuple[PairChoice | None, PairChoice | None]
    reasons: tuple[str, str] = ("", "")
    lengths: tuple[int, int] = (0, 0)
    cost: float | None = None
    problem: str = ""

    @property
    def sides(self) -> tuple[int | None, int | None]:
        """Which side won each time: 1 for a, -1 for b, 0 for neither; None for what could not be read."""
        first, second = self.choices
        won = {PairChoice.FIRST: 1, PairChoice.SECOND: -1, PairChoice.TIE: 0}
        return None if first is None else won[first], None if second is None else -won[second]

    @property
    def winner(self) -> int | None:
        """The side that won both times; 0 where the two do not agree, None where one could not be read."""
        first, second = self.sides
        if first is None or second is None:
            return None
        return first if first == second else 0
