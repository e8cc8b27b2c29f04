"""Parameters without those that hold more in one another than anything can work with, whoever wrote them; pure."""

from __future__ import annotations

from typing import cast

from desktop.domain.conversation_types import Parameters

DEEPEST = 64
"""So many lists and tables a parameter may hold in one another."""


def shallow(parameters: Parameters) -> Parameters:
    """The parameters of which an export, a request and the window can be made; the same where all are."""
    kept = {name: value for name, value in parameters.values.items() if _is_shallow(value)}
    return parameters if len(kept) == len(parameters.values) else Parameters(values=kept)


def _is_shallow(value: object) -> bool:
    """Whether a value holds no more in one another than a schema of an answer does."""
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
