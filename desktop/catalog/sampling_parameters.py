"""The parameters that only shape a response: suites, imports and receipts may have them sent without a question.

Everything else may steer the provider: offer tools, search the web, choose a dearer tier, keep the prompt, or ask for
several responses. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

from desktop.catalog.catalog_entry import PARAMETERS
from desktop.domain import JsonValue

_NUMBERS = (
    *(name for name, spec in PARAMETERS.items() if spec.kind in (float, int)),
    *("top_k", "top_a", "min_p", "typical_p", "num_ctx", "thinking_budget", "top_logprobs"),
    *("repeat_penalty", "repetition_penalty", "random_seed", "max_output_tokens"),
)
_TEXTS = (*(name for name, spec in PARAMETERS.items() if spec.kind in (str, list[str])), "verbosity", "stop_sequences")
_FLAGS = ("enable_thinking", "logprobs", "safe_prompt")

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


def strings_in(value: JsonValue) -> Iterator[str]:
    """Every string of a value that is sent, names of fields too."""
    waiting: list[JsonValue] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            waiting += each
            waiting += each.values()
