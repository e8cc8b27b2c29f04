"""What a judge says, read from the last lines of its answer: a JSON object, or nothing that can be read; pure."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import msgspec

from desktop.domain.suite_cells import PairChoice

_LOOKED_AT = 20_000
_FENCE = "```"
_CHOICES = {1: PairChoice.FIRST, 2: PairChoice.SECOND, "1": PairChoice.FIRST, "2": PairChoice.SECOND}
_OBJECT = msgspec.json.Decoder(dict[str, Any])


class JudgeVerdict(NamedTuple):
    """Whether an answer passed, how good it is from 0 to 1, and why."""

    passed: bool
    score: float
    reason: str


class PairSaid(NamedTuple):
    """Which of two answers is better, and why."""

    choice: PairChoice
    reason: str


def read_verdict(text: str, threshold: float | None = None) -> JudgeVerdict | None:
    """The verdict that a judge's answer ends with; None where it ends with none.

    With a threshold the score decides, where there is one. Without a score one who passes has 1, without `pass` half of
    the score passes.
    """
    said = _last_object(text)
    if said is None:
        return None
    passed, score = said.get("pass"), said.get("score")
    if passed is not None and not isinstance(passed, bool):
        return None
    if score is not None and not _is_share(score):
        return None
    if score is None:
        return None if passed is None else JudgeVerdict(passed, float(passed), _reason(said))
    held = threshold if threshold is not None else 0.5 if passed is None else None
    return JudgeVerdict(bool(passed) if held is None else score >= held, float(score), _reason(said))


def read_choice(text: str) -> PairSaid | None:
    """Which of two answers a judge's own ends by choosing; None where it ends with no choice."""
    said = _last_object(text)
    winner = said.get("winner") if said is not None else None
    if said is None or isinstance(winner, bool) or not isinstance(winner, (int, str)):
        return None
    if isinstance(winner, str) and winner.strip().casefold() == "tie":
        return PairSaid(PairChoice.TIE, _reason(said))
    choice = _CHOICES.get(winner.strip() if isinstance(winner, str) else winner)
    return None if choice is None else PairSaid(choice, _reason(said))


def _is_share(score: object) -> bool:
    if isinstance(score, bool) or not isinstance(score, (int, float)):
        return False
    return math.isfinite(score) and 0 <= score <= 1


def _reason(said: dict[str, Any]) -> str:
    reason = said.get("reason")
    return " ".join(reason.split()) if isinstance(reason, str) else ""


def _last_object(text: str) -> dict[str, Any] | None:
    """The JSON object in the last line; where a judge broke it into several, that which ends its answer.

    Fences around it are passed over. What stands before it is what the judge thought, or quoted, and says nothing.
    """
    lines = [line.strip() for line in text[-_LOOKED_AT:].split("\n")]
    while lines and (not lines[-1] or lines[-1].startswith(_FENCE)):
        lines.pop()
    if not lines or not lines[-1].endswith("}"):
        return None
    for place in range(len(lines) - 1, -1, -1):
        if lines[place].startswith(_FENCE):
            return None
        if lines[place].startswith("{"):
            return _decoded("\n".join(lines[place:]))
    return None


def _decoded(text: str) -> dict[str, Any] | None:
    try:
        return _OBJECT.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
