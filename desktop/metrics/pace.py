"""Speed of a streaming response: tokens over time in equal steps. Pure functions; the time is passed in."""

from __future__ import annotations

from msgspec import Struct, field

STEP_S = 0.25
MOST_STEPS = 160
"""Number of steps above which pairs of steps are merged, which doubles their length."""

CHARACTERS_PER_TOKEN = 4


class Pace(Struct):
    """Progress of one response. Times are in seconds of a monotonic clock."""

    sent: float
    first: float | None = None
    thinking: float | None = None
    spoke: float | None = None
    characters: int = 0
    step_s: float = STEP_S
    _steps: list[int] = field(default_factory=list[int])

    def add(self, at: float, characters: int, *, reasoning: bool = False) -> None:
        """Record that text or reasoning has arrived."""
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
        """Estimated number of tokens so far."""
        return round(self.characters / CHARACTERS_PER_TOKEN)

    def speed(self, at: float) -> float | None:
        """Return the estimated tokens per second since the first token, or None before that."""
        if self.first is None or at - self.first < STEP_S:
            return None
        return self.characters / CHARACTERS_PER_TOKEN / (at - self.first)

    def thought_s(self, at: float) -> float:
        """Return the seconds from the first reasoning to the first text, or to `at` if there is no text yet."""
        if self.thinking is None:
            return 0.0
        return max((at if self.spoke is None else self.spoke) - self.thinking, 0.0)

    def curve(self, *, ended: bool = True) -> tuple[float, ...]:
        """Return tokens per second by step, smoothed with the neighboring steps. An unfinished step is excluded."""
        steps = self._steps if ended and len(self._steps) <= 2 else self._steps[:-1]
        per = self.step_s * CHARACTERS_PER_TOKEN
        around = (steps[max(at - 1, 0) : at + 2] for at in range(len(steps)))
        return tuple(sum(near) / len(near) / per for near in around)

    def _join(self) -> None:
        self._steps = [sum(self._steps[at : at + 2]) for at in range(0, len(self._steps), 2)]
        self.step_s *= 2
