"""The parameters that only shape a response: suites, imports and receipts may have them sent without a question.

Everything else may steer the provider: offer tools, search the web, choose a dearer tier, keep the prompt, or ask for
several responses. Pure.
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
"""Characters of a name and of a value that are shown."""

SAMPLING: Final = frozenset((*_NUMBERS, *_TEXTS, *_FLAGS))
"""Their names, as most servers know them."""


def is_sampling(name: str, value: object) -> bool:
    """Whether a parameter is one of them, with a value that has no fields of its own."""
    if name in _TEXTS:
        values = cast("list[object]", value) if isinstance(value, list) else [value]
        return all(isinstance(each, str) for each in values)
    if name in _FLAGS:
        return isinstance(value, bool)
    return name in _NUMBERS and isinstance(value, (int, float)) and not isinstance(value, bool)


def unlisted(parameters: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The parameters that may steer the provider: nobody has them sent unseen."""
    return {name: value for name, value in parameters.items() if not is_sampling(name, value)}


def texts_in(parameters: Mapping[str, JsonValue]) -> list[str]:
    """Every string that is sent with parameters: of those that are not listed their names too."""
    foreign = unlisted(parameters)
    waiting: list[object] = [foreign, *(value for name, value in parameters.items() if name not in foreign)]
    found: list[str] = []
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, list):
            waiting += cast("list[object]", each)
        elif isinstance(each, dict):
            fields = cast("dict[str, object]", each)
            waiting += [*fields, *fields.values()]
    return found


def described(parameters: Mapping[str, JsonValue]) -> str:
    """Parameters in a line, for whoever is asked about them: all names, and the beginning of each value."""
    return ", ".join(f"{_name(name)} = {_short(_escaped(value), _VALUE)}" for name, value in parameters.items())


def names_in(parameters: Mapping[str, JsonValue]) -> str:
    """The names of parameters as a sentence may repeat them; empty for none."""
    return ", ".join(map(_name, parameters))


def _name(name: str) -> str:
    return _short(_escaped(name)[1:-1], _NAME)


def _escaped(value: JsonValue) -> str:
    """As JSON in plain ASCII: nothing turns or hides what stands beside it."""
    import json  # the first paint needs none

    return json.dumps(value)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
