"""What a grader is given and what it promises."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from desktop.domain.conversation_types import Figures, JsonValue, ModelRef, Value
from desktop.domain.suite_cells import Grade


class Graded(Value, frozen=True, kw_only=True):
    """One whole answer, with what it answers: `turns` are what was asked, `answers` what came, as many."""

    turns: tuple[str, ...]
    answers: tuple[str, ...]
    variables: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    figures: Figures | None = None
    contender: ModelRef | None = None

    @property
    def text(self) -> str:
        """The last answer: the one that is graded."""
        return self.answers[-1] if self.answers else ""


_LONG = 100_000
"""Characters of an answer from which on it is looked through on another thread."""


async def worked_out(graded: Graded, grade: Callable[[Graded], Grade]) -> Grade:
    """The grade of an answer, which may be megabytes: a window goes on meanwhile."""
    if len(graded.text) < _LONG:
        return grade(graded)
    return await asyncio.to_thread(grade, graded)


class JudgeAnswer(Value, frozen=True, kw_only=True):
    """What a judge's model answered, and what that cost in USD; `problem` says why it is none that counts."""

    text: str
    cost: float | None = None
    problem: str = ""


class AskJudge(Protocol):
    """Asks a model once, through guards, policy, budget and the run's cap. Raises ParagoneError."""

    def __call__(
        self, model: ModelRef, system: str, prompt: str, parameters: Mapping[str, JsonValue]
    ) -> Awaitable[JudgeAnswer]:
        """Its answer, whole."""
        ...


class Grader(Protocol):
    """Grades answers; never raises for what an answer says: what it cannot grade is a Grade that passed None."""

    async def grade(self, graded: Graded) -> Grade:
        """Grade one answer."""
        ...


Graders = Sequence[Grader]
