"""Judges made for tests: they answer what they are told to, and keep what they were asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from desktop.domain.conversation_types import JsonValue, ModelRef
from desktop.domain.suite_cells import PairChoice, PairVerdict
from desktop.errors import ParagoneError
from desktop.evals.graders.grading import JudgeAnswer
from desktop.evals.suites.suite import GraderSpec

Said = str | ParagoneError

FIRST = 'So.\n{"winner": 1, "reason": "It is shorter."}'
SECOND = '{"winner": 2, "reason": "It is right."}'
TIE = '{"winner": "tie", "reason": "Both."}'


class AskedJudge:
    """An AskJudge. `says` are its answers in turn, the last one again and again; or what makes one of a prompt."""

    def __init__(self, *says: Said, by: Callable[[str], Said] | None = None) -> None:
        self._by = by or self._in_turn
        self._says = [*says]
        self.prompts: list[str] = []
        self.systems: list[str] = []
        self.parameters: list[Mapping[str, JsonValue]] = []

    def _in_turn(self, _prompt: str) -> Said:
        return self._says.pop(0) if len(self._says) > 1 else self._says[0]

    async def __call__(
        self, model: ModelRef, system: str, prompt: str, parameters: Mapping[str, JsonValue]
    ) -> JudgeAnswer:
        self.prompts.append(prompt)
        self.systems.append(system)
        self.parameters.append(parameters)
        said = self._by(prompt)
        if isinstance(said, ParagoneError):
            raise said
        return JudgeAnswer(text=said, cost=0.01)


def spec(kind: str = "judge", **options: object) -> GraderSpec:
    """A judge of a suite."""
    held = cast("dict[str, JsonValue]", {"model": "lab/wise", **options})
    return GraderSpec(type=kind, options=held)


def verdicts(
    *choices: tuple[PairChoice | None, PairChoice | None], judge: str = "j", **more: object
) -> Sequence[PairVerdict]:
    """A verdict for each two choices, of one pair of contenders case by case."""
    usual = {"judge": judge, "model": "lab/wise", "repeat": 0, "a": 0, "b": 1, "cost": 0.02, "lengths": (10, 20)}
    return [
        PairVerdict(**cast("dict[str, Any]", {**usual, "case": case, "choices": each, **more}))
        for case, each in enumerate(choices)
    ]
