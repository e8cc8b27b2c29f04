"""Interface of graders."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from desktop.domain.conversation_types import Figures, JsonValue, ModelRef, Value
from desktop.domain.message_parts import Part
from desktop.domain.suite_cells import Grade


class Graded(Value, frozen=True, kw_only=True):
    """A complete response with its context. `turns` are the prompts and `answers` the responses to them.

    `parts` are the parts of the last response, with its tool calls; None if they are unknown, as for old responses.
    """

    turns: tuple[str, ...]
    answers: tuple[str, ...]
    variables: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    figures: Figures | None = None
    contender: ModelRef | None = None
    parts: tuple[Part, ...] | None = None

    @property
    def text(self) -> str:
        """The last response, which is the one to grade."""
        return self.answers[-1] if self.answers else ""


_LONG = 100_000
"""Length from which a response is graded on a thread."""


async def worked_out(graded: Graded, grade: Callable[[Graded], Grade]) -> Grade:
    """Grade a response, on a thread if the response is long."""
    if len(graded.text) < _LONG:
        return grade(graded)
    return await asyncio.to_thread(grade, graded)


class JudgeAnswer(Value, frozen=True, kw_only=True):
    """A judge model's response and its cost in US dollars. `problem` is the reason if the response is unusable."""

    text: str
    cost: float | None = None
    problem: str = ""


class AskJudge(Protocol):
    """Calls a model once, subject to guards, policy, budget and cap. Raises ParagoneError."""

    def __call__(
        self, model: ModelRef, system: str, prompt: str, parameters: Mapping[str, JsonValue]
    ) -> Awaitable[JudgeAnswer]:
        """Return the model's complete response."""
        ...


class Grader(Protocol):
    """Grades responses. Never raises because of their content; a response that cannot be graded has passed=None."""

    async def grade(self, graded: Graded) -> Grade:
        """Grade one response."""
        ...


Graders = Sequence[Grader]
