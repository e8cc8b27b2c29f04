"""Remembers which parameters a model does not take, so that each is dropped or renamed once and never sent again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from desktop.domain import JsonValue
from desktop.errors import ParameterRejected
from desktop.events import Notice

_ESSENTIAL = frozenset({"model", "messages", "stream"})
_RENAMES = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_OURS = frozenset({"stream_options"})


class Adapted(NamedTuple):
    """A request's body as a model takes it, and what is to be said of the difference."""

    body: dict[str, JsonValue]
    notices: list[Notice]


class ParameterMemory:
    """What models do not take, by model, for as long as a provider lives."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, str | None]] = {}  # model, parameter, the name used instead

    def adapt(self, model: str, body: Mapping[str, JsonValue]) -> Adapted:
        """`body` without what `model` is known not to take; a notice for each that the user had set."""
        adapted = dict(body)
        notices: list[Notice] = []
        for name, instead in self._known.get(model, {}).items():
            if name not in adapted:
                continue
            value = adapted.pop(name)
            if instead is not None:
                adapted.setdefault(instead, value)
            elif name not in _OURS:
                notices.append(_dropped(model, name))
        return Adapted(adapted, notices)

    def learn(self, model: str, error: ParameterRejected, sent: Mapping[str, JsonValue]) -> Notice | None:
        """Take in that `model` rejected a parameter of the body `sent`; None where nothing can be done about it."""
        name = "stream_options" if error.parameter == "include_usage" else error.parameter
        if name not in sent or name in _ESSENTIAL:
            return None
        known = self._known.setdefault(model, {})
        # Known already where two answers were asked for at once
        instead = known.get(name, _RENAMES.get(name))
        if instead is not None and name not in known and instead in {*known, *sent}:
            instead = None
        known[name] = instead
        if instead is not None:
            return Notice(code="parameter_dropped", message=f"{model} takes “{instead}” instead of “{name}”.")
        return _dropped(model, name)


def _dropped(model: str, name: str) -> Notice:
    return Notice(code="parameter_dropped", message=f"{model} does not take “{name}”; it was left out.")
