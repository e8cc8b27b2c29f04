"""Parameters that only affect sampling. Suites, imports and receipts may set these without confirmation.

All others may have side effects: offer tools, search the web, choose an expensive tier, store the prompt, or request
several responses. Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from desktop.catalog.catalog_entry import PARAMETERS
from desktop.domain.conversation_types import JsonValue

_NUMBERS = (
    *(name for name, spec in PARAMETERS.items() if spec.kind in (float, int)),
    *("top_k", "top_a", "min_p", "typical_p", "num_ctx", "thinking_budget", "top_logprobs"),
    *("repeat_penalty", "repetition_penalty", "random_seed", "max_output_tokens"),
)
_TEXTS = (*(name for name, spec in PARAMETERS.items() if spec.kind in (str, list[str])), "verbosity", "stop_sequences")
_FLAGS = ("enable_thinking", "logprobs", "safe_prompt")

_NAME, _VALUE = 60, 120
"""Maximum number of characters of a displayed name and of a displayed value."""

SAMPLING: Final = frozenset((*_NUMBERS, *_TEXTS, *_FLAGS))
"""Names of sampling parameters, as used by most servers."""


def is_sampling(name: str, value: object) -> bool:
    """Whether a parameter only affects sampling and its value is plain, without nested fields."""
    if name in _TEXTS:
        values = cast("list[object]", value) if isinstance(value, list) else [value]
        return all(isinstance(each, str) for each in values)
    if name in _FLAGS:
        return isinstance(value, bool)
    return name in _NUMBERS and isinstance(value, (int, float)) and not isinstance(value, bool)


def unlisted(parameters: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the parameters that may have side effects and need confirmation."""
    return {name: value for name, value in parameters.items() if not is_sampling(name, value)}


def texts_in(parameters: Mapping[str, JsonValue]) -> list[str]:
    """Return every string that is sent with the parameters, including names of those that need confirmation."""
    foreign = unlisted(parameters)
    waiting: list[object] = [foreign, *(value for name, value in parameters.items() if name not in foreign)]
    texts: list[str] = []
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            texts.append(item)
        elif isinstance(item, list):
            waiting += cast("list[object]", item)
        elif isinstance(item, dict):
            fields = cast("dict[str, object]", item)
            waiting += [*fields, *fields.values()]
    return texts


def described(parameters: Mapping[str, JsonValue]) -> str:
    """Return a one-line description of parameters for a confirmation: all names, and the beginning of each value."""
    return ", ".join(f"{_name(name)} = {_short(_escaped(value), _VALUE)}" for name, value in parameters.items())


def names_in(parameters: Mapping[str, JsonValue]) -> str:
    """Return the names of parameters as a list in a sentence, or an empty string."""
    return ", ".join(map(_name, parameters))


def _name(name: str) -> str:
    return _short(_escaped(name)[1:-1], _NAME)


def _escaped(value: JsonValue) -> str:
    """Return a value as ASCII JSON, in which no character can reorder or hide the surrounding text."""
    import json  # imported late, because the first paint needs no JSON

    return json.dumps(value)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
