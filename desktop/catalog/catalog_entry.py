"""Catalog entries and values derived from them: life cycle, cost of a response, accepted parameters."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.conversation_types import JsonValue, Usage, Value, Wire
from desktop.errors import UsageError
from desktop.text.phrases import phrase


class LifeCycle(StrEnum):
    """Life cycle of a model on Azure AI Foundry."""

    GA = "ga"
    LEGACY = "legacy"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class ThinkTagged(StrEnum):
    """Treatment of reasoning that a model writes into its response as `<think>…</think>`."""

    AUTO = "auto"  # reasoning, shown collapsed
    OFF = "off"  # text of the response


class PriceStep(Value, frozen=True, kw_only=True):
    """Prices of a request with more than `above` input tokens, in US dollars per million tokens."""

    above: int
    price_in: float
    price_out: float
    price_cached: float | None = None


class Entry(Value, frozen=True, kw_only=True):
    """Facts about one model, None if unknown. Prices are in US dollars per million tokens.

    `price_cached` is the price of cached input, `price_steps` those of long requests. `tools_wire` is the API format
    that supports tools if it differs from the model's default; `web_search` is whether its provider can search the web
    for it, `structured_output` whether it can follow a JSON Schema; `files` is whether the model accepts PDFs over API
    formats that can carry them. `as_of` is the date of all these facts. `is_dated_by_server` means that the
    model's own server reported its retirement, which beats the catalog.
    """

    id: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    publisher: str | None = None
    context_window: int | None = None
    max_output: int | None = None
    parameters: tuple[str, ...] = ()
    wire: Wire = Wire.AUTO
    reasoning: bool | None = None
    efforts: tuple[str, ...] = ()
    think_tags: ThinkTagged | None = None
    vision: bool | None = None
    tools: bool | None = None
    tools_wire: Wire | None = None
    web_search: bool | None = None
    structured_output: bool | None = None
    files: bool | None = None
    price_in: float | None = None
    price_out: float | None = None
    price_cached: float | None = None
    price_steps: tuple[PriceStep, ...] = ()
    as_of: date | None = None
    state: LifeCycle | None = None
    retired_on: date | None = None
    retires_on: date | None = None
    successor: str | None = None
    is_dated_by_server: bool = False

    def retiring(self, day: date | None) -> Entry:
        """Return this entry with the day of retirement that a server reported; itself if it reported none."""
        if day is None:
            return self
        return replace(self, retires_on=day, retired_on=None, state=None, is_dated_by_server=True)

    def takes(self, parameter: str) -> bool:
        """Whether the model accepts a parameter. True if the model or the parameter is unknown."""
        return not self.parameters or parameter in self.parameters or parameter not in PARAMETERS

    def is_retired(self, today: date) -> bool:
        """Whether Foundry has retired the model by the given day."""
        return self.state is LifeCycle.RETIRED or any(
            day is not None and day <= today for day in (self.retired_on, self.retires_on)
        )

    def cost(self, usage: Usage) -> float | None:
        """Return the list-price cost of a response in US dollars, or None if a price or token count is unknown."""
        sent, output_tokens = usage.input_tokens, usage.billed_output_tokens
        if self.price_in is None or self.price_out is None or sent is None or output_tokens is None:
            return None
        reached = [step for step in self.price_steps if sent > step.above]
        step = max(reached, key=lambda each: each.above, default=None)
        price_in, price_out, price_cached = self.price_in, self.price_out, self.price_cached
        if step is not None:
            price_in, price_out, price_cached = step.price_in, step.price_out, step.price_cached
        cached = min(usage.cached_tokens or 0, sent)
        kept = price_in if price_cached is None else price_cached
        return ((sent - cached) * price_in + cached * kept + output_tokens * price_out) / 1_000_000


class ParameterSpec(Struct, frozen=True):
    """A common request parameter: its display name, its JSON type and its inclusive bounds."""

    kind: type[float | int | str | list[str]]
    description: str
    minimum: float | None = None
    maximum: float | None = None


PARAMETERS: dict[str, ParameterSpec] = {
    "temperature": ParameterSpec(float, phrase("Controls randomness: higher values give more varied text."), 0.0, 2.0),
    "top_p": ParameterSpec(
        float, phrase("Samples only from the most likely tokens whose probabilities add up to this value."), 0.0, 1.0
    ),
    "max_tokens": ParameterSpec(int, phrase("Maximum output length in tokens."), 1),
    "max_completion_tokens": ParameterSpec(int, phrase("Maximum output length in tokens, including reasoning."), 1),
    "presence_penalty": ParameterSpec(
        float, phrase("Penalizes tokens that have already appeared, regardless of how often."), -2.0, 2.0
    ),
    "frequency_penalty": ParameterSpec(
        float, phrase("Penalizes tokens based on how often they have appeared."), -2.0, 2.0
    ),
    "seed": ParameterSpec(int, phrase("Requests with the same seed give similar responses.")),
    "stop": ParameterSpec(list[str], phrase("Text sequences that end the response.")),
    "reasoning_effort": ParameterSpec(str, phrase("How much the model reasons before it responds.")),
}


def parse_parameter(text: str) -> tuple[str, JsonValue]:
    """Split `NAME=VALUE` and convert the value to the parameter's type.

    If the name is unknown, the value is parsed as JSON if possible, and otherwise used as text.

    Raises:
        UsageError: If the text or value is invalid.
    """
    import msgspec

    name, equals, raw = text.partition("=")
    name, raw = name.strip(), raw.strip()
    if not equals or not name:
        raise UsageError(
            phrase("“{text}” is not a valid parameter.", text=text),
            hint=phrase("Use the form NAME=VALUE, for example temperature=0.7."),
        )
    try:
        value: JsonValue = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        value = raw
    spec = PARAMETERS.get(name)
    return name, value if spec is None else _checked(name, spec, value, raw)


def _checked(name: str, spec: ParameterSpec, value: JsonValue, raw: str) -> JsonValue:
    if spec.kind is str:
        return raw if not isinstance(value, str) else value
    if spec.kind == list[str]:
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return value
        return [value if isinstance(value, str) else raw]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or (spec.kind is int and not isinstance(value, int)):
        raise UsageError(
            phrase(
                "{name} must be {value}, not “{raw}”.",
                name=name,
                value=phrase("a whole number") if spec.kind is int else phrase("a number"),
                raw=raw,
            )
        )
    assert isinstance(value, (int, float))
    if (spec.minimum is not None and value < spec.minimum) or (spec.maximum is not None and value > spec.maximum):
        bounds = f"from {spec.minimum:g}" + (f" to {spec.maximum:g}" if spec.maximum is not None else " up")
        raise UsageError(phrase("{name} must be a number {bounds}, not {raw}.", name=name, bounds=bounds, raw=raw))
    return float(value) if spec.kind is float else value
