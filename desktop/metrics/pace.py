"""How fast an answer comes: tokens over time, gathered in steps of equal length; pure, time is passed in."""

from __future__ import annotations

from msgspec import Struct, field

STEP_S = 0.25
MOST_STEPS = 160
"""More than so many steps are joined by twos, and each is twice as long from then on."""

CHARACTERS_PER_TOKEN = 4


class Pace(Struct):
    """What came of one answer so far, and when: seconds of a monotonic clock."""

    sent: float
    first: float | None = None
    thinking: float | None = None
    spoke: float | None = None
    characters: int = 0
    step_s: float = STEP_S
    _steps: list[int] = field(default_factory=list[int])

    def add(self, at: float, characters: int, *, reasoning: bool = False) -> None:
        """Text or thoughts came."""
        if self.first is None:
            self.first = at
        if reasoning and self.thinking is None:
            self.thinking = at
        elif not reasoning and self.spoke is None:
            self.spoke = at
        self.characters += characters
        step = int(max(at - self.first, 0) / self.step_s)
        while step >= MOST_STEPS:
            self._join()
            step //= 2
        self._steps += [0] * (step + 1 - len(self._steps))
        self._steps[step] += characters

    @property
    def tokens(self) -> int:
        """About how many tokens came."""
        return round(self.characters / CHARACTERS_PER_TOKEN)

    def speed(self, at: float) -> float | None:
        """About how many tokens came a second since the first; None before there is anything to tell."""
        if self.first is None or at - self.first < STEP_S:
            return None
        return self.characters / CHARACTERS_PER_TOKEN / (at - self.first)

    def thought_s(self, at: float) -> float:
        """Seconds from the first thought to the first text, or to now."""
        if self.thinking is None:
            return 0.0
        return max((at if self.spoke is None else self.spoke) - self.thinking, 0.0)

    def curve(self, *, ended: bool = True) -> tuple[float, ...]:
        """Tokens per second, step by step, each smoothed with its neighbours; without a step that is not over."""
        steps = self._steps if ended and len(self._steps) <= 2 else self._steps[:-1]
        per = self.step_s * CHARACTERS_PER_TOKEN
        around = (steps[max(at - 1, 0) : at + 2] for at in range(len(steps)))
        return tuple(sum(near) / len(near) / per for near in around)

    def _join(self) -> None:
        self._steps = [sum(self._steps[at : at + 2]) for at in range(0, len(self._steps), 2)]
        self.step_s *= 2
