"""The values that the results of a run are made of: contenders, pairs and tags."""

from __future__ import annotations

from desktop.domain.conversation_types import Value
from desktop.domain.suite_cells import RunState
from desktop.evals.execution.score_claims import NO_MATTER, RunVerdict
from desktop.evals.judges.judge_facts import JudgeFacts


class ContenderResult(Value, frozen=True, kw_only=True):
    """One contender. `name` is its own among all of them.

    `answered` leaves errors out; `score` is the mean over its cases, from 0 to 1, None without graded answers; `low`
    and `high` are its interval, `cases` how many it is over. `pass_rate` is the mean share of repeats that passed, with
    an interval of its own: shown beside `score` where `is_graded`, that is where graders gave some contender of the run
    values between pass and fail. `cost_usd` is what its answers cost together, as far as prices are known.
    `self_difference` is the mean share of two repeats of one case of which one passed and the other failed.
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


class PassTest(Value, frozen=True, kw_only=True):
    """The pass rates of two contenders over the cases that both have a score of, and the test of their difference.

    `p` is corrected for all pairs that are shown, None while the run goes on.
    """

    a: float
    b: float
    p: float | None
    method: str


class PairResult(Value, frozen=True, kw_only=True):
    """Contenders `a` and `b`, by number, over the `n` cases that both have a score of; `difference` is a's less b's.

    `a` is the one with the higher score over these cases. `p` is corrected for all pairs that are shown, `p_alone` is
    what it was before; the interval is at the level that the pair is held to, which for two contenders leaves out 5 %.
    `passes` stands beside scores that are no pass rates.
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
    """A tag: scores of each contender over its cases. `exploratory` where the suite did not name it before."""

    tag: str
    cases: int
    scores: tuple[float | None, ...]
    pairs: tuple[PairResult, ...]
    exploratory: bool = True


class RunResults(Value, frozen=True, kw_only=True):
    """A run, worked out. `notices` are sentences that belong beside it; `matters` is the difference that matters."""

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
