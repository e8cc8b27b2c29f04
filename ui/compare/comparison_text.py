"""Text for the figures of a comparison. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from desktop.metrics.figures import FigureLine, Mark, Standing
from desktop.metrics.merge_prompt import Shortened
from desktop.text.phrases import phrase
from ui.base.figures_text import duration_text, ending_text, mark_text, money, speed_text
from ui.base.strings import decimal, number_text, tr, trn

_AS_THEY_SHOULD = ("", "stop", "waiting", "answering")


class Measure(Struct, frozen=True):
    """A compared figure with its label, its accessor, its format and the badge of its best value."""

    name: str
    value: Callable[[FigureLine], float | None]
    text: Callable[[float], str]
    mark: Mark | None = None


def _whole(value: float) -> str:
    return number_text(round(value))


MEASURES = (
    Measure(phrase("Tokens per second"), lambda line: line.tokens_per_second, speed_text, Mark.FASTEST),
    Measure(phrase("TTFT"), lambda line: line.ttft_ms, duration_text, Mark.SOONEST),
    Measure(phrase("Output tokens"), lambda line: line.output_tokens, _whole, Mark.LONGEST),
    Measure(phrase("Reasoning tokens"), lambda line: line.reasoning_tokens, _whole),
    Measure(phrase("Input tokens"), lambda line: line.input_tokens, _whole),
    Measure(phrase("Cost"), lambda line: line.cost, money, Mark.CHEAPEST),
)


def first_text(lines: Sequence[FigureLine], standings: Sequence[Sequence[Standing]], mark: Mark) -> str:
    """Return the best model in a figure, such as "cheapest: grok-3-mini", or all if tied; empty if none is best."""
    first = [(line, standing) for line, each in zip(lines, standings, strict=True) for standing in each]
    names = [line.name for line, standing in first if standing.mark is mark]
    if not names:
        return ""
    return tr("{first}: {names}", first=mark_text(mark, tied=len(names) > 1), names=", ".join(names))


def total_text(total: FigureLine) -> str:
    """Summarize all panes, such as "3 responses · 429 tokens · $0.0013"."""
    said = [trn("{n} response", "{n} responses", total.answers)]
    if total.output_tokens is not None:
        said.append(trn("{n} token", "{n} tokens", total.output_tokens))
    if total.cost:
        said.append(money(total.cost))
    return " · ".join(said)


def summaries_text(lines: Sequence[FigureLine]) -> str:
    """Explain that summarized reasoning cannot be compared with complete reasoning."""
    names = [line.name for line in lines if line.summarised]
    if not names or len(lines) < 2:
        return ""
    return trn(
        "{names} sends a summary of its reasoning, so the length and time of this reasoning cannot be "
        "compared with other models.",
        "{names} send summaries of their reasoning, so the length and time of this reasoning cannot be "
        "compared with other models.",
        len(names),
        names=", ".join(names),
    )


def endings_text(lines: Sequence[FigureLine]) -> str:
    """List the responses that did not end normally, with their models."""
    odd = [line for line in lines if line.ending not in _AS_THEY_SHOULD]
    return "\n".join(tr("{model}: {ending}", model=line.name, ending=ending_text(line.ending)) for line in odd)


def seconds_text(ms: float) -> str:
    """Format a duration in seconds, such as "0.4 s", "12.0 s" or "3 min 20 s"."""
    return tr("{s} s", s=decimal(ms / 1000, 1)) if ms < 10_000 else duration_text(ms)


def tools_text(line: FigureLine) -> str:
    """Return the number of tool calls and their time, such as "3 · 0.9 s"; empty if there were none.

    Results that were shared took no time.
    """
    if not line.tool_calls:
        return ""
    said = number_text(line.tool_calls)
    return said if not line.tool_ms else f"{said} · {seconds_text(line.tool_ms)}"


def shortened_text(shortened: Sequence[Shortened]) -> str:
    """Return how much was cut: "Shortened to fit: grok-3 by 40%, gpt-4.1 by 12%."; empty if nothing was cut."""
    if not shortened:
        return ""
    parts = [
        tr(
            "{text} by {percent}%",
            text=each.name or tr("the question"),
            percent=number_text(max(round(each.share * 100), 1)),
        )
        for each in shortened
    ]
    return tr("Shortened to fit the model's context window: {parts}.", parts=", ".join(parts))
