"""Stored values of a suite's run: the run itself and its cells. A cell is one contender's response to one case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from desktop.domain.conversation_types import Figures, JsonValue, Problem, Usage, Value
from desktop.domain.message_parts import Part, TextPart, ToolCallPart, ToolResultPart, ToolStatus

LONGEST_FIRST_LINE = 200
"""Maximum characters of a response shown in tables."""

LONGEST_NAME = 300
"""Maximum characters of a contender's name, which is shown beside each of its responses."""

LONGEST_RESULT = 200_000
"""Maximum characters of a tool's result that is stored with a cell, and given to models where results are recorded."""

_LOOKED_AT = 1_000


class RunState(StrEnum):
    """Progress of a run."""

    WAITING = "waiting"  # planned; nothing was sent yet
    RUNNING = "running"  # a running program executes it
    STOPPED = "stopped"  # paused, stopped, or its program ended; can be resumed
    CAPPED = "capped"  # the next call might have exceeded the cap; can be resumed with a higher one
    COMPLETE = "complete"  # every cell was executed; errors can be retried


class RunKind(StrEnum):
    """Kind of a run. The values are stored, so they must not change."""

    SUITE = "suite"  # prompts of a suite, graded
    REPLAY = "replay"  # turns of the user's own conversations, sent to the successor of their model


class CellStatus(StrEnum):
    """Result of an executed cell."""

    PASSED = "passed"  # every grader passed it
    FAILED = "failed"  # a grader failed it
    UNGRADED = "ungraded"  # answered; no grader, or one that could not decide
    ERROR = "error"  # no complete response; counted separately, never as a failure


class CellKey(NamedTuple):
    """Identifies a cell by case (in file order), contender and repeat, each counted from 0."""

    case: int
    contender: int
    repeat: int


class Grade(Value, frozen=True, kw_only=True):
    """Result of one grader for one response.

    `grader` is its name as in the suite (`not-icontains`). `score` is from 0 to 1. If the grader could not decide,
    `passed` and `score` are None and `reason` explains why. `metric` is the suite's name for the measured quantity,
    `cost` is the judge's cost in US dollars.
    """

    grader: str
    passed: bool | None
    score: float | None
    reason: str
    weight: float = 1.0
    metric: str = ""
    cost: float | None = None


class CellCall(Value, frozen=True, kw_only=True):
    """Tool call in the response to turn number `turn`, with its result; `at` is the number of characters before it.

    `result.recorded` is whether another cell had made the same call. `is_unmatched` is whether nothing was called
    because the run only used recorded results and had none for this call.
    """

    turn: int
    at: int
    call: ToolCallPart
    result: ToolResultPart
    is_unmatched: bool = False


class CellHead(Value, frozen=True, kw_only=True):
    """An executed cell without its text, for tables, statistics and plots.

    `first_line` is the beginning of the response or error message, at most 200 characters; `server_model` is the model
    name reported by the server. `latency_ms` is from request to last token; `cost` is in US dollars, or None if a price
    is unknown. `tool_calls` is the number of tool calls, of which some were denied or unmatched, and `tool_ms` is how
    long they took together; None without calls.
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
    tool_calls: int | None = None
    tool_ms: float | None = None
    denied_calls: int | None = None
    unmatched_calls: int | None = None


class CellRecord(Value, frozen=True, kw_only=True):
    """An executed cell with its texts. `answers` are the responses to all turns of the case, one for a single prompt.

    `reviewed` is a person's verdict, which overrides the graders' verdict in `status`; None if nobody reviewed the
    cell. `figures` are those of the last turn, except that the cost is the total; `usage` is the sum over turns.
    `calls` are the tool calls of all turns in order; None for cells that were stored before calls were.
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
    calls: tuple[CellCall, ...] | None = None

    @property
    def text(self) -> str:
        """The last response, which is the one that is graded."""
        return self.answers[-1] if self.answers else ""

    def parts(self, turn: int) -> tuple[Part, ...]:
        """Return the text of the response to a turn, counted from 0, with its tool calls in their places."""
        text, parts, done = self.answers[turn], list[Part](), 0
        for each in self.calls or ():
            if each.turn == turn:
                if said := text[done : each.at].strip("\n"):
                    parts.append(TextPart(text=said))
                parts += (each.call, each.result)
                done = max(done, each.at)
        if said := text[done:].lstrip("\n") if done else text:
            parts.append(TextPart(text=said))
        return tuple(parts)

    @property
    def judged(self) -> CellRecord:
        """The cell with the reviewer's verdict as its status; unchanged if there is none or the cell failed."""
        if self.reviewed is None or self.status is CellStatus.ERROR:
            return self
        status = CellStatus.PASSED if self.reviewed else CellStatus.FAILED
        return msgspec.structs.replace(self, status=status, score=float(self.reviewed))

    @property
    def head(self) -> CellHead:
        """Facts shown in tables."""
        figures, usage = self.figures or Figures(), self.usage or Usage()
        said = self.text or (self.problem.message if self.problem is not None else "")
        calls = self.calls or ()
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
            tool_calls=len(calls) or None,
            tool_ms=sum(each.result.duration_ms or 0.0 for each in calls) if calls else None,
            denied_calls=sum(each.result.status is ToolStatus.DENIED for each in calls) or None,
            unmatched_calls=sum(each.is_unmatched for each in calls) or None,
        )


def _first_line(text: str) -> str:
    """Return the first non-blank line, truncated."""
    return text[:_LOOKED_AT].strip().partition("\n")[0].rstrip()[:LONGEST_FIRST_LINE]


class RunRecord(Value, frozen=True, kw_only=True):
    """A run as stored. `suite` is the whole suite as JSON, and `digest` is its SHA-256.

    The run has one cell for each combination of `cases`, `contenders` and `repeats`. `cap` is in US dollars, None
    for no cap. `spent` includes every call, also those of judges. `seed` shuffles the order of cells, and `reason` is
    why the run stopped. `is_batch` is whether the run uses a Batch API. `seen_reviews` is
    the number of reviews after which the verdict of a replay was first shown; None if it was not. `tools_from` is the
    ID of the run whose tool results are used instead of calling tools; empty if tools are called.
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
    kind: RunKind = RunKind.SUITE
    seen_reviews: int | None = None
    tools_from: str = ""


class RunProgress(Value, frozen=True, kw_only=True):
    """Progress of a run, cheap enough to query every second. `revision` increases with every change of a cell."""

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
    """Executed cells of a run: successful ones and failed ones."""

    answered: frozenset[CellKey]
    errors: frozenset[CellKey]


class CellFilter(StrEnum):
    """Filter for the cases shown in a run's table."""

    ALL = "all"
    FAILED = "failed"  # a response of any contender failed
    DIFFERING = "differing"  # responses differ in status, ignoring errors
    ERRORS = "errors"  # a cell failed with an error
    UNREVIEWED = "unreviewed"  # responses that nobody reviewed yet


class PairChoice(StrEnum):
    """A judge's choice between two responses, in the order in which the judge saw them."""

    FIRST = "first"
    SECOND = "second"
    TIE = "tie"
    BOTH_BAD = "both_bad"  # a person's verdict
    SKIPPED = "skipped"  # a person gave no verdict


class PairVerdict(Value, frozen=True, kw_only=True):
    """Verdict of a judge on the responses of contenders `a` and `b` to one case in one repeat, in both orders.

    `judge` is the digest of the grader in the suite, `model` is the judge model. `choices` are the choices with a's
    response shown first, then with b's first; None if the judge's reply was unreadable, as `problem` describes.
    `reasons` are the judge's explanations, `lengths` are the characters of both responses, `cost` is in US dollars.
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
    shown: int | None = None
    """Which of the two a person was shown first, 0 for a and 1 for b; None for a model, which was shown both orders."""

    @property
    def sides(self) -> tuple[int | None, int | None]:
        """Winner in each order: 1 for a, -1 for b, 0 for a tie; None if the reply was unreadable."""
        first, second = self.choices
        won = {PairChoice.FIRST: 1, PairChoice.SECOND: -1}
        return None if first is None else won.get(first, 0), None if second is None else -won.get(second, 0)

    @property
    def winner(self) -> int | None:
        """Winner in both orders; 0 for a tie or if the orders disagree, None if a reply was unreadable."""
        first, second = self.sides
        if first is None or second is None:
            return None
        return first if first == second else 0
