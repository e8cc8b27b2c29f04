"""Values that make up the results of a run: contenders, pairs and tags."""

from __future__ import annotations

from desktop.domain.conversation_types import Value
from desktop.domain.suite_cells import RunState
from desktop.evals.execution.score_claims import NO_MATTER, RunVerdict
from desktop.evals.judges.judge_facts import JudgeFacts


class ContenderResult(Value, frozen=True, kw_only=True):
    """Result of one contender. `name` is unique within the run.

    `answered` excludes errors; `score` is the mean over cases from 0 to 1, or None without grades. `tool_ms` is the
    total duration of tool calls; shared results took no time.
    """

    contender: int
    name: str
    model: str
    answered: int
    errors: int
    passed: int
    failed: int
    ungraded: int
    score: float | None
    se: float | None
    low: float | None
    high: float | None
    cost_usd: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    cases: int = 0
    self_difference: float | None = None
    server_models: tuple[str, ...] = ()
    pass_rate: float | None = None
    pass_low: float | None = None
    pass_high: float | None = None
    is_graded: bool = False
    tool_calls: int = 0
    tool_ms: float | None = None
    denied_calls: int = 0
    unmatched_calls: int = 0


class PassTest(Value, frozen=True, kw_only=True):
    """Pass rates of two contenders over their common cases, and a test of the difference.

    `p` is corrected for all displayed pairs.
    """

    a: float
    b: float
    p: float | None
    method: str


class PairResult(Value, frozen=True, kw_only=True):
    """Comparison of contenders `a` and `b` over their `n` common cases. `a` has the higher score.

    `difference` is the score of `a` minus the score of `b`.
    """

    a: int
    b: int
    n: int
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    verdict: RunVerdict
    method: str = ""
    se: float | None = None
    p_alone: float | None = None
    passes: PassTest | None = None


class TagResult(Value, frozen=True, kw_only=True):
    """Scores of each contender on the cases with a tag. `exploratory` if the suite did not plan the tag."""

    tag: str
    cases: int
    scores: tuple[float | None, ...]
    pairs: tuple[PairResult, ...]
    exploratory: bool = True


class RunResults(Value, frozen=True, kw_only=True):
    """Results of a run. `notices` are shown with them; `matters` is the smallest relevant difference in scores."""

    id: str
    name: str
    state: RunState
    spent_usd: float
    cases: int
    repeats: int
    contenders: tuple[ContenderResult, ...]
    pairs: tuple[PairResult, ...]
    tags: tuple[TagResult, ...] = ()
    notices: tuple[str, ...] = ()
    matters: float = NO_MATTER
    judges: tuple[JudgeFacts, ...] = ()
