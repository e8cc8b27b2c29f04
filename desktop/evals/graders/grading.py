"""Interface of graders."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from desktop.domain.conversation_types import Figures, JsonValue, ModelRef, Value
from desktop.domain.suite_cells import Grade


class Graded(Value, frozen=True, kw_only=True):
    """A complete response with its context: `turns` are prompts, `answers` responses, equally many."""

    turns: tuple[str, ...]
    answers: tuple[str, ...]
    variables: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    figures: Figures | None = None
    contender: ModelRef | None = None

    @property
    def text(self) -> str:
        """The last response, which is graded."""
        return self.answers[-1] if self.answers else ""


_LONG = 100_000
"""Length above which a response is graded on a thread."""


async def worked_out(graded: Graded, grade: Callable[[Graded], Grade]) -> Grade:
    """Grade a response, on a thread if it is long."""
    if len(graded.text) < _LONG:
        return grade(graded)
    return await asyncio.to_thread(grade, graded)


class JudgeAnswer(Value, frozen=True, kw_only=True):
    """A judge model's response and its cost in US dollars; `problem` says why it does not count."""

    text: str
    cost: float | None = None
    problem: str = ""


class AskJudge(Protocol):
    """Calls a model once, with guards, policy, budget and cap. Raises ParagoneError."""

    def __call__(
        self, model: ModelRef, system: str, prompt: str, parameters: Mapping[str, JsonValue]
    ) -> Awaitable[JudgeAnswer]:
        """Return its complete response."""
        ...


class Grader(Protocol):
    """Grades responses; never raises because of their content, but returns a grade with passed=None."""

    async def grade(self, graded: Graded) -> Grade:
        """Grade one response."""
        ...


Graders = Sequence[Grader]
