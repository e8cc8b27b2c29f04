"""Validated suite, consisting of prompts, cases, contenders and graders."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from desktop.domain.conversation_types import NO_TOOLS, JsonValue, ModelRef, ToolChoice, Value

SCHEMA = "paragone-suite/1"


class GraderSpec(Value, frozen=True, kw_only=True):
    """A grader as specified in a suite. `value` is the expected value.

    `type` excludes the prefixes `not-` and `i`, which set `negated` and `folded`.
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
        """Type as written in a suite, with its prefixes."""
        return f"{'not-' if self.negated else ''}{'i' if self.folded else ''}{self.type}"


class SuitePrompt(Value, frozen=True, kw_only=True):
    """One prompt, with a template for each turn. Most prompts have a single turn."""

    turns: tuple[str, ...]


Prompt = SuitePrompt
"""Former name of SuitePrompt."""


class Case(Value, frozen=True, kw_only=True):
    """Variables and expectations, with the index of the prompt they are combined with.

    `origin` is the index of the case line: two prompts and ten case lines make twenty cases.
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
    """A model with its parameters. `system` overrides the suite's system prompt unless it is None."""

    model: ModelRef
    parameters: dict[str, JsonValue] = msgspec.field(default_factory=dict[str, JsonValue])
    system: str | None = None
    label: str = ""

    @property
    def name(self) -> str:
        """The contender's label, or the name of its model."""
        return self.label or str(self.model)


class ToolMode(StrEnum):
    """How the tools of a suite are called."""

    LIVE = "live"  # by every response; contenders that answer a case at the same time share results
    RECORDED = "recorded"  # once per case: later responses get the recorded result


class SuiteLimits(Value, frozen=True, kw_only=True):
    """Limits of a run: total cost in US dollars, and parallel calls and calls per minute for each connection."""

    cost_usd: float | None = None
    concurrency: int = 4
    per_minute: int | None = None


class Suite(Value, frozen=True, kw_only=True):
    """A complete suite. `cases` are combined with the prompts; `planned_tags` were declared before the run.

    `tools` are offered to all contenders, with the form that their responses must have; `tool_mode` is how they are
    called.
    """

    name: str
    prompts: tuple[SuitePrompt, ...]
    contenders: tuple[SuiteContender, ...]
    cases: tuple[Case, ...]
    system: str | None = None
    repeats: int = 1
    limits: SuiteLimits = SuiteLimits()
    planned_tags: tuple[str, ...] = ()
    description: str = ""
    tools: ToolChoice = NO_TOOLS
    tool_mode: ToolMode = ToolMode.LIVE

    def turns(self, case: Case) -> tuple[str, ...]:
        """Return a case's turns with variables filled in."""
        from desktop.evals.suites.templates import filled

        return tuple(filled(turn, case.vars) for turn in self.prompts[case.prompt].turns)

    def system_of(self, contender: SuiteContender) -> str:
        """Return a contender's system prompt, or an empty string."""
        return (contender.system if contender.system is not None else self.system) or ""
