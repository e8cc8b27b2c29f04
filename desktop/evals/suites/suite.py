"""A suite as the program holds it: prompts, cases, contenders and graders, read and checked, with nothing left open."""

from __future__ import annotations

import msgspec

from desktop.domain.conversation_types import JsonValue, ModelRef, Value

SCHEMA = "paragone-suite/1"


class GraderSpec(Value, frozen=True, kw_only=True):
    """A grader as a suite names it.

    `type` is its name without `not-` and without the `i` of its form that ignores case: those are `negated` and
    `folded`. `value` is what the answer is held against, a template filled with the case's variables when it is graded.
    `threshold` is what its own measure is held to; `options` are the fields that only this type knows (a judge's
    `model` and `rubric`, a number's `tolerance`).
    """

    type: str
    value: JsonValue = None
    negated: bool = False
    folded: bool = False
    weight: float = 1.0
    threshold: float | None = None
    metric: str = ""
    options: dict[str, JsonValue] = msgspec.field(default_factory=dict[str, JsonValue])

    @property
    def name(self) -> str:
        """As a suite spells it."""
        return f"{'not-' if self.negated else ''}{'i' if self.folded else ''}{self.type}"


class SuitePrompt(Value, frozen=True, kw_only=True):
    """One prompt of a suite: what is said turn by turn, each a template; nearly always one."""

    turns: tuple[str, ...]


Prompt = SuitePrompt
"""Its earlier name."""


class Case(Value, frozen=True, kw_only=True):
    """Variables and expectations, with the place of its prompt in the suite.

    `origin` is the place of its line among the suite's cases: a suite of two prompts and ten lines has twenty cases, in
    the order of the lines.

    `graders` are all that hold for it, the suite's first. `cluster` groups cases that are not independent of each
    other; cases of one line always are one cluster. `threshold` is the weighted score from which on it has passed;
    without one all graders have to pass it.
    """

    prompt: int
    origin: int
    vars: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    graders: tuple[GraderSpec, ...] = ()
    tags: tuple[str, ...] = ()
    cluster: str = ""
    description: str = ""
    threshold: float | None = None


class SuiteContender(Value, frozen=True, kw_only=True):
    """What is compared: a model with its parameters; `system` is its own system prompt, None for the suite's."""

    model: ModelRef
    parameters: dict[str, JsonValue] = msgspec.field(default_factory=dict[str, JsonValue])
    system: str | None = None
    label: str = ""

    @property
    def name(self) -> str:
        """Its label, or its model."""
        return self.label or str(self.model)


class SuiteLimits(Value, frozen=True, kw_only=True):
    """What a run may take: US dollars in all, calls at once and calls a minute on each connection."""

    cost_usd: float | None = None
    concurrency: int = 4
    per_minute: int | None = None


class Suite(Value, frozen=True, kw_only=True):
    """A suite, whole. `cases` are spread over the prompts: see Case. `planned_tags` were named before the run."""

    name: str
    prompts: tuple[SuitePrompt, ...]
    contenders: tuple[SuiteContender, ...]
    cases: tuple[Case, ...]
    system: str | None = None
    repeats: int = 1
    limits: SuiteLimits = SuiteLimits()
    planned_tags: tuple[str, ...] = ()
    description: str = ""

    def turns(self, case: Case) -> tuple[str, ...]:
        """What is sent for a case, turn by turn, its variables filled in."""
        from desktop.evals.suites.templates import filled

        return tuple(filled(turn, case.vars) for turn in self.prompts[case.prompt].turns)

    def system_of(self, contender: SuiteContender) -> str:
        """The system prompt that a contender is given; empty for none."""
        return (contender.system if contender.system is not None else self.system) or ""
