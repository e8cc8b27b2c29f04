"""Parses a judge's verdict from the JSON object at the end of its response. Pure functions."""

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
    """Verdict of a judge: whether the response passed, a score from 0 to 1, and the reason."""

    passed: bool
    score: float
    reason: str


class PairSaid(NamedTuple):
    """Choice of the better of two responses, or a tie, with the reason."""

    choice: PairChoice
    reason: str


def read_verdict(text: str, threshold: float | None = None) -> JudgeVerdict | None:
    """Parse the verdict at the end of a response, or return None if it is unreadable.

    If there is a threshold, the score decides.
    """
    fields = _last_object(text)
    if fields is None:
        return None
    passed, score = fields.get("pass"), fields.get("score")
    if passed is not None and not isinstance(passed, bool):
        return None
    if score is not None and not _is_share(score):
        return None
    if score is None:
        return None if passed is None else JudgeVerdict(passed, float(passed), _reason(fields))
    held = threshold if threshold is not None else 0.5 if passed is None else None
    return JudgeVerdict(bool(passed) if held is None else score >= held, float(score), _reason(fields))


def read_choice(text: str) -> PairSaid | None:
    """Parse the choice at the end of a response, or return None if it is unreadable."""
    fields = _last_object(text)
    winner = fields.get("winner") if fields is not None else None
    if fields is None or isinstance(winner, bool) or not isinstance(winner, (int, str)):
        return None
    if isinstance(winner, str) and winner.strip().casefold() == "tie":
        return PairSaid(PairChoice.TIE, _reason(fields))
    choice = _CHOICES.get(winner.strip() if isinstance(winner, str) else winner)
    return None if choice is None else PairSaid(choice, _reason(fields))


def _is_share(score: object) -> bool:
    if isinstance(score, bool) or not isinstance(score, (int, float)):
        return False
    return math.isfinite(score) and 0 <= score <= 1


def _reason(said: dict[str, Any]) -> str:
    reason = said.get("reason")
    return " ".join(reason.split()) if isinstance(reason, str) else ""


def _last_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object in the last lines of a text, ignoring code fences, or None."""
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
