"""Short text for figures, prices, parameters and models. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from desktop.catalog.catalog_entry import Entry
from desktop.catalog.retirement import SOON_DAYS, days_left
from desktop.domain.conversation_types import (
    Connection,
    Figures,
    JsonValue,
    Kind,
    Message,
    Parameters,
    Status,
    meaningful_rate,
)
from desktop.domain.imported_models import program_of
from desktop.metrics.figures import Mark
from desktop.metrics.pace import Pace
from desktop.net.origin import server_of
from desktop.text.phrases import phrase
from ui.base.strings import day, decimal, number_text, tr, trn

SHORT_PARAMETERS = {
    "temperature": phrase("temp"),
    "top_p": phrase("top p"),
    "max_tokens": phrase("max"),
    "max_completion_tokens": phrase("max"),
    "presence_penalty": phrase("presence"),
    "frequency_penalty": phrase("frequency"),
    "reasoning_effort": phrase("effort"),
}
PARAMETER_LABELS = {
    "temperature": phrase("Temperature"),
    "top_p": phrase("Top p"),
    "max_tokens": phrase("Max output tokens"),
    "max_completion_tokens": phrase("Max output tokens including reasoning"),
    "presence_penalty": phrase("Presence penalty"),
    "frequency_penalty": phrase("Frequency penalty"),
    "seed": phrase("Seed"),
    "stop": phrase("Stop sequences"),
    "reasoning_effort": phrase("Reasoning effort"),
}
_ENDINGS = {
    Status.STOPPED: phrase("stopped"),
    Status.FAILED: phrase("failed"),
    Status.INTERRUPTED: phrase("interrupted"),
}
_FIRSTS = {
    Mark.SOONEST: phrase("best TTFT"),
    Mark.FASTEST: phrase("best tokens/s"),
    Mark.SHORTEST: phrase("best total time"),
    Mark.CHEAPEST: phrase("cheapest"),
    Mark.LONGEST: phrase("most tokens"),
}
_TIED = {
    Mark.SOONEST: phrase("tied for best TTFT"),
    Mark.FASTEST: phrase("tied for best tokens/s"),
    Mark.SHORTEST: phrase("tied for best total time"),
    Mark.CHEAPEST: phrase("tied for cheapest"),
    Mark.LONGEST: phrase("tied for most tokens"),
}
_FIRST, _TOKEN, _TOKENS, _SPEED = phrase("TTFT"), phrase("token"), phrase("tokens"), phrase("tok/s")


def parameter_label(name: str) -> str:
    """Return the label of a parameter in forms, or its own name if it is unknown."""
    known = PARAMETER_LABELS.get(name)
    return tr(known) if known is not None else name


def spared_units() -> tuple[str, ...]:
    """Return the units that are omitted where there is little space."""
    return tr(_FIRST), tr(_TOKEN), tr(_TOKENS)


def ending_text(ending: str) -> str:
    """Describe how a response ended, or return the server's own finish reason unchanged."""
    return tr(_ENDINGS[Status(ending)]) if ending in set(_ENDINGS) else ending


def mark_text(mark: Mark, *, tied: bool) -> str:
    """Return the badge of a response that is best, or tied for best, in a figure, such as "best tokens/s"."""
    return tr((_TIED if tied else _FIRSTS)[mark])


def elapsed_text(seconds: float) -> str:
    """Format an elapsed time, such as "12 s"."""
    return tr("{s} s", s=number_text(round(seconds)))


def money(usd: float) -> str:
    """Format an amount in US dollars with its significant digits, such as "$0.0003" or "$1.20"."""
    if usd == 0:
        return "$0"
    if usd < 0.00005:
        return "<$0.0001"
    places = 4 if usd < 0.01 else 3 if usd < 1 else 2
    return tr("${amount}", amount=decimal(usd, places))


def value_text(value: JsonValue) -> str:
    """Format a parameter's value as a user would type it."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(value)


def parameters_text(parameters: Parameters) -> str:
    """List the parameters that are set in the form shown in the pane header: "temp 0.7   effort low"."""
    return "   ".join(f"{_short(name)} {value_text(value)}"[:32] for name, value in parameters.values.items())


def figures_of(message: Message) -> list[tuple[str, str]]:
    """Return the known figures of a response as pairs of number and unit."""
    pairs: list[tuple[str, str]] = []
    figures, usage = message.figures, message.usage
    if figures is not None and figures.ttft_ms is not None:
        pairs.append((duration_text(figures.ttft_ms), tr(_FIRST)))
    rate = figures.tokens_per_second if figures is not None else None
    if (rate := meaningful_rate(rate, usage.output_tokens if usage is not None else None)) is not None:
        pairs.append((speed_text(rate), tr(_SPEED)))
    if usage is not None and usage.output_tokens is not None:
        about = "~" if usage.estimated else ""
        unit = tr(_TOKEN) if usage.output_tokens == 1 else tr(_TOKENS)
        pairs.append((f"{about}{number_text(usage.output_tokens)}", unit))
    if figures is not None and figures.cost:
        pairs.append((money(figures.cost), ""))
    if figures is not None and figures.tool_calls:
        pairs.append((number_text(figures.tool_calls), _calls_text(figures)))
    return pairs


def _calls_text(figures: Figures) -> str:
    """Return the unit of the number of tool calls, with the time that they took, such as "tool calls · 1.2 s"."""
    said = tr("tool call") if figures.tool_calls == 1 else tr("tool calls")
    return said if figures.tool_ms is None else f"{said} · {duration_text(figures.tool_ms)}"


def pace_of(pace: Pace, at: float) -> list[tuple[str, str]]:
    """Return the estimated figures of a streaming response, or an empty list before its speed is known."""
    speed = pace.speed(at)
    if pace.first is None or speed is None:
        return []
    first = (duration_text((pace.first - pace.sent) * 1000), tr(_FIRST))
    tokens = (f"~{number_text(pace.tokens)}", tr(_TOKENS))
    if meaningful_rate(speed, pace.tokens) is None:
        return [first, tokens]
    return [first, (f"~{speed_text(speed)}", tr(_SPEED)), tokens]


def duration_text(ms: float) -> str:
    """Format milliseconds with few digits, such as "412 ms", "12.4 s" or "3 min 20 s"."""
    if ms < 10_000:
        return tr("{ms} ms", ms=f"{ms:.0f}")
    seconds = round(ms / 1000)
    if seconds < 100:
        return tr("{s} s", s=decimal(ms / 1000, 1))
    return tr("{min} min {s} s", min=seconds // 60, s=seconds % 60)


def speed_text(tokens_per_second: float) -> str:
    """Format tokens per second without the unit, such as "88" or "4.2"."""
    return decimal(tokens_per_second, 0 if tokens_per_second >= 10 else 1)


def status_text(message: Message) -> str:
    """Describe how a response ended, or return an empty string if it is complete."""
    return "" if message.status not in _ENDINGS else tr(_ENDINGS[message.status])


def estimate_text(sent: Sequence[tuple[int, Entry]]) -> str:
    """Estimate a prompt's tokens and cost, such as "~12 tokens · $0.0001". Omits the cost if a price is unknown."""
    said = trn("~{n} token", "~{n} tokens", sum(tokens for tokens, _ in sent))
    prices = [(tokens, entry.price_in) for tokens, entry in sent]
    if not prices or not all(price for _, price in prices):
        return said
    return f"{said} · {money(sum(tokens * (price or 0) for tokens, price in prices) / 1_000_000)}"


def tokens_text(tokens: int) -> str:
    """Format the size of a context window, such as "128k" or "1M"."""
    if tokens >= 1_000_000:
        return f"{tokens / 1_000_000:.1f}".removesuffix(".0") + "M"
    return f"{tokens / 1000:.0f}k" if tokens >= 1000 else str(tokens)


def facts_text(entry: Entry, window: int | None) -> str:
    """Summarize a model in one line: price of input and output per million tokens, and context window."""
    facts: list[str] = []
    if entry.price_in and entry.price_out:
        facts.append(
            tr(
                "${price_in} in, ${price_out} out per 1M",
                price_in=f"{entry.price_in:g}",
                price_out=f"{entry.price_out:g}",
            )
        )
    if size := window or entry.context_window:
        facts.append(tr("{tokens} context", tokens=tokens_text(size)))
    if entry.reasoning:
        facts.append(tr("reasoning"))
    if entry.vision:
        facts.append(tr("accepts images"))
    if entry.tools is False:
        facts.append(tr("no tools"))
    return " · ".join(facts)


def retired_text(entry: Entry, today: date) -> str:
    """Describe a model's retirement, such as "retired 1 May 2026, successor grok-4.7"; empty if none is planned."""
    left = days_left(entry, today)
    if entry.is_retired(today):
        said = _retired(entry.retired_on or entry.retires_on)
    elif left is not None and left <= SOON_DAYS:
        said = trn("retires in {n} day", "retires in {n} days", left)
    else:
        said = tr("retires {day}", day=day(entry.retires_on)) if entry.retires_on else ""
    if said and entry.successor:
        return tr("{retired}, successor {model}", retired=said, model=entry.successor)
    return said


def _retired(at: date | None) -> str:
    return tr("retired {day}", day=day(at)) if at else tr("retired")


def connection_text(connection: Connection | None, name: str) -> str:
    """Return a connection's name for the pane header.

    A removed connection gets a note; for an imported chat, the program it was imported from is named instead.
    """
    if connection is None:
        return imported_text(name) or tr("{connection}, no longer connected", connection=name)
    if connection.kind is Kind.EMBEDDED and not connection.file:
        return tr("embedded, tiny demonstration model")
    return name


def imported_text(connection: str) -> str:
    """Return text such as "imported from ChatGPT" for the connection of imported chats, or an empty string."""
    program = program_of(connection)
    return tr("imported from {program}", program=program) if program else ""


def destination_text(connection: Connection | None, name: str) -> str:
    """Return a sentence such as "Prompts go to foundry (contoso.openai.azure.com).", or "" if prompts stay local."""
    if connection is None:
        if program := program_of(name):
            return tr("The original models of chats imported from {program} are not available.", program=program)
        return tr("{connection} is no longer connected. Choose another model above.", connection=name)
    if connection.kind is Kind.EMBEDDED:
        return ""
    host = server_of(connection.url)
    if host.partition(":")[0] == name.partition(" ")[0]:  # as it is called where nobody calls it otherwise
        return tr("Prompts go to {connection}.", connection=host)
    return tr("Prompts go to {connection} ({host}).", connection=name, host=host)


def _short(name: str) -> str:
    known = SHORT_PARAMETERS.get(name)
    return tr(known) if known is not None else name
