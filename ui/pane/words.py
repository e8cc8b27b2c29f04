"""Figures, prices, parameters and models in a few words; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from desktop.catalog.entries import Entry
from desktop.domain import Connection, JsonValue, Kind, Message, Parameters, Status
from desktop.evaluation.pace import Pace
from ui.strings import count

SHORT_PARAMETERS = {
    "temperature": "temp",
    "top_p": "top p",
    "max_tokens": "max",
    "max_completion_tokens": "max",
    "presence_penalty": "presence",
    "frequency_penalty": "frequency",
    "reasoning_effort": "effort",
}
PARAMETER_LABELS = {
    "temperature": "Temperature",
    "top_p": "Top p",
    "max_tokens": "Longest answer",
    "max_completion_tokens": "Longest answer with reasoning",
    "presence_penalty": "Presence penalty",
    "frequency_penalty": "Frequency penalty",
    "seed": "Seed",
    "stop": "Stop at",
    "reasoning_effort": "Reasoning effort",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(at: date) -> str:
    """A day as it is read: “1 May 2026”."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def money(usd: float) -> str:
    """Dollars with as many digits as say something: “$0.0003”, “$1.20”."""
    if usd == 0:
        return "$0"
    if usd < 0.00005:
        return "<$0.0001"
    return f"${usd:.4f}" if usd < 0.01 else f"${usd:.3f}" if usd < 1 else f"${usd:.2f}"


def value_text(value: JsonValue) -> str:
    """A parameter's value as it is typed."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(value)


def parameters_text(parameters: Parameters) -> str:
    """What is set, as the header says it: “temp 0.7   effort low”."""
    return "   ".join(
        f"{SHORT_PARAMETERS.get(name, name)} {value_text(value)}"[:32] for name, value in parameters.values.items()
    )


def figures_of(message: Message) -> list[tuple[str, str]]:
    """An answer's figures, each a number and its unit; what is not known is left out."""
    found: list[tuple[str, str]] = []
    figures, usage = message.figures, message.usage
    if figures is not None and figures.ttft_ms is not None:
        found.append((duration_text(figures.ttft_ms), "first"))
    if figures is not None and figures.tokens_per_second is not None:
        found.append((speed_text(figures.tokens_per_second), "tok/s"))
    if usage is not None and usage.output_tokens is not None:
        about = "~" if usage.estimated else ""
        found.append((f"{about}{usage.output_tokens:,}", "token" if usage.output_tokens == 1 else "tokens"))
    if figures is not None and figures.cost:
        found.append((money(figures.cost), ""))
    return found


def pace_of(pace: Pace, at: float) -> list[tuple[str, str]]:
    """The figures of an answer in the making, about, at a moment; none before there is a speed."""
    speed = pace.speed(at)
    if pace.first is None or speed is None:
        return []
    first = (duration_text((pace.first - pace.sent) * 1000), "first")
    return [first, (f"~{speed_text(speed)}", "tok/s"), (f"~{pace.tokens:,}", "tokens")]


def duration_text(ms: float) -> str:
    """Milliseconds in as few digits as say something: “412 ms”, “12.4 s”, “3 min 20 s”."""
    if ms < 10_000:
        return f"{ms:.0f} ms"
    seconds = round(ms / 1000)
    return f"{ms / 1000:.1f} s" if seconds < 100 else f"{seconds // 60} min {seconds % 60} s"


def speed_text(tokens_per_second: float) -> str:
    """Tokens per second without a unit: “88”, “4.2”."""
    return f"{tokens_per_second:.0f}" if tokens_per_second >= 10 else f"{tokens_per_second:.1f}"


def status_text(message: Message) -> str:
    """How an answer ended, where that is not as it should."""
    return "" if message.status in (Status.COMPLETE, Status.STREAMING) else message.status.value


def estimate_text(sent: Sequence[tuple[int, Entry]]) -> str:
    """What a prompt comes to with all it is sent to: “~12 tokens · $0.0001”; the cost only where all have prices."""
    said = f"~{count(sum(tokens for tokens, _ in sent), 'token')}"
    prices = [(tokens, entry.price_in) for tokens, entry in sent]
    if not prices or not all(price for _, price in prices):
        return said
    return f"{said} · {money(sum(tokens * (price or 0) for tokens, price in prices) / 1_000_000)}"


def tokens_text(tokens: int) -> str:
    """A context window as it is spoken of: “128k”, “1M”."""
    if tokens >= 1_000_000:
        return f"{tokens / 1_000_000:.1f}".removesuffix(".0") + "M"
    return f"{tokens / 1000:.0f}k" if tokens >= 1000 else str(tokens)


def facts_text(entry: Entry, window: int | None) -> str:
    """What is known of a model in a line: context and price in and out per million tokens."""
    facts: list[str] = []
    if size := window or entry.context_window:
        facts.append(f"{tokens_text(size)} context")
    if entry.price_in and entry.price_out:
        facts.append(f"${entry.price_in:g} in, ${entry.price_out:g} out per 1M")
    if entry.reasoning:
        facts.append("reasons")
    return " · ".join(facts)


def retired_text(entry: Entry, today: date) -> str:
    """“retired 1 May 2026, successor grok-4.7” of a model that is gone; else empty, or when it goes."""
    successor = f", successor {entry.successor}" if entry.successor else ""
    if entry.is_retired(today):
        gone = entry.retired_on or entry.retires_on
        return f"retired {day(gone)}{successor}" if gone else f"retired{successor}"
    return f"retires {day(entry.retires_on)}{successor}" if entry.retires_on else ""


def connection_text(connection: Connection | None, name: str) -> str:
    """A connection as the header names it."""
    if connection is not None and connection.kind is Kind.EMBEDDED and not connection.file:
        return "embedded, tiny demonstration model"
    return name


def destination_text(connection: Connection | None, name: str) -> str:
    """Where a prompt goes: “Prompts go to foundry (contoso.openai.azure.com).”; empty where it stays here."""
    if connection is None:
        return f"{name} is no longer connected: choose another model above."
    if connection.kind is Kind.EMBEDDED:
        return ""
    return f"Prompts go to {name} ({urlsplit(connection.url).netloc.rpartition('@')[2]})."
