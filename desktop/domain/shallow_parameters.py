"""Removes parameters whose values are nested too deeply to process. Pure functions."""

from __future__ import annotations

from typing import cast

from desktop.domain.conversation_types import Parameters

DEEPEST = 64
"""Maximum nesting of lists and tables in a parameter."""


def shallow(parameters: Parameters) -> Parameters:
    """Return the parameters without values nested too deeply for exports, requests and the window.

    The same object is returned if nothing is removed.
    """
    kept = {name: value for name, value in parameters.values.items() if _is_shallow(value)}
    return parameters if len(kept) == len(parameters.values) else Parameters(values=kept)


def _is_shallow(value: object) -> bool:
    """Whether a value's nesting is within the limit, which is that of response schemas."""
    level = [value]
    for _ in range(DEEPEST):
        deeper: list[object] = []
        for each in level:
            if isinstance(each, dict):
                deeper += cast("dict[str, object]", each).values()
            elif isinstance(each, list):
                deeper += cast("list[object]", each)
        if not deeper:
            return True
        level = deeper
    return False
