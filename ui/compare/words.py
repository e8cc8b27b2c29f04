"""Figures of a comparison in words; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop.evaluation.figures import Line, Mark, Standing
from ui.pane.words import duration_text, money, speed_text
from ui.strings import count

_AS_THEY_SHOULD = ("", "stop", "waiting", "answering")


@dataclass(frozen=True)
class Measure:
    """A figure that is compared: how it is called, read from a line and said, and the mark that its first has."""

    name: str
    value: Callable[[Line], float | None]
    text: Callable[[float], str]
    mark: Mark | None = None


MEASURES = (
    Measure("Tokens per second", lambda line: line.tokens_per_second, speed_text, Mark.FASTEST),
    Measure("First token", lambda line: line.ttft_ms, duration_text),
    Measure("Tokens of the answer", lambda line: line.output_tokens, lambda value: f"{value:,.0f}", Mark.LONGEST),
    Measure("Tokens of thinking", lambda line: line.reasoning_tokens, lambda value: f"{value:,.0f}"),
    Measure("Tokens sent", lambda line: line.input_tokens, lambda value: f"{value:,.0f}"),
    Measure("Cost", lambda line: line.cost, money, Mark.CHEAPEST),
)


def first_text(lines: Sequence[Line], standings: Sequence[Sequence[Standing]], mark: Mark) -> str:
    """Who is first: “fastest: grok-3-mini”, “tied: grok-3-mini, gpt-4.1”; empty where nobody is."""
    first = [(line, standing) for line, each in zip(lines, standings, strict=True) for standing in each]
    names = [line.name for line, standing in first if standing.mark is mark]
    if not names:
        return ""
    return f"{mark}: {names[0]}" if len(names) == 1 else f"tied {mark}: {', '.join(names)}"


def total_text(total: Line) -> str:
    """All panes in a line: “3 answers · 429 tokens · $0.0013”."""
    said = [count(total.answers, "answer")]
    if total.output_tokens is not None:
        said.append(count(total.output_tokens, "token"))
    if total.cost:
        said.append(money(total.cost))
    return " · ".join(said)


def endings_text(lines: Sequence[Line]) -> str:
    """How answers ended, those that ended otherwise than at a stop by name."""
    return "\n".join(f"{line.name}: {line.ending}" for line in lines if line.ending not in _AS_THEY_SHOULD)


def seconds_text(ms: float) -> str:
    """How long an answer took, in seconds: “0.4 s”, “12.0 s”, “3 min 20 s”."""
    return f"{ms / 1000:.1f} s" if ms < 10_000 else duration_text(ms)
