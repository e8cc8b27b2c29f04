"""Validated suite: prompts, cases, contenders and graders."""

from __future__ import annotations

import msgspec

from desktop.domain.conversation_types import JsonValue, ModelRef, Value

SCHEMA = "paragone-suite/1"


class GraderSpec(Value, frozen=True, kw_only=True):
    """A grader as specified by a suite.

    `type` is its name without `not-` and `i`, which are `negated` and `folded`. `value` is the expected value.
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
        """Type as spelled in a suite."""
        return f"{'not-' if self.negated else ''}{'i' if self.folded else ''}{self.type}"


class SuitePrompt(Value, frozen=True, kw_only=True):
    """One prompt: a template per turn, nearly always one."""

    turns: tuple[str, ...]


Prompt = SuitePrompt
"""Former name of SuitePrompt."""


class Case(Value, frozen=True, kw_only=True):
    """Variables and expectations, with the index of its prompt.

    `origin` is the index of its case line: two prompts and ten lines make twenty cases.
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
    """A model with parameters; `system` is its own system prompt, or None for the suite's."""

    model: ModelRef
    parameters: dict[str, JsonValue] = msgspec.field(default_factory=dict[str, JsonValue])
    system: str | None = None
    label: str = ""

    @property
    def name(self) -> str:
        """Its label, or its model's name."""
        return self.label or str(self.model)


class SuiteLimits(Value, frozen=True, kw_only=True):
    """Limits of a run: total US dollars, parallel calls and calls per minute per connection."""

    cost_usd: float | None = None
    concurrency: int = 4
    per_minute: int | None = None


class Suite(Value, frozen=True, kw_only=True):
    """A complete suite. `cases` are combined with the prompts; `planned_tags` were declared before the run."""

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
        """Return a case's turns with variables filled in."""
        from desktop.evals.suites.templates import filled

        return tuple(filled(turn, case.vars) for turn in self.prompts[case.prompt].turns)

    def system_of(self, contender: SuiteContender) -> str:
        """Return a contender's system prompt, or an empty string."""
        return (contender.system if contender.system is not None else self.system) or ""
