"""Remembers which parameters a model does not take, so that each is dropped or renamed once and never sent again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from desktop.domain import JsonValue
from desktop.errors import ParameterRejected, SystemPromptRejected
from desktop.events import Notice
from desktop.phrases import phrase

_ESSENTIAL = frozenset({"model", "messages", "stream", "input", "instructions", "store", "system"})
"""Without these it would be another request: what people said, and that it is kept nowhere."""

_RENAMES = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_OURS = frozenset({"stream_options"})
_OURS_WITHIN = {"reasoning": "summary"}
"""What is asked for beside what the user set: it is left out first."""

_NEXT_ROLE = {"system": "developer", "developer": "user"}
"""What the system prompt is sent as where a model does not take it: at last with the first prompt."""


class Adapted(NamedTuple):
    """A request's body as a model takes it, and what is to be said of the difference."""

    body: dict[str, JsonValue]
    notices: list[Notice]


class ParameterMemory:
    """What models do not take, by model, for as long as a provider lives."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, str | None]] = {}  # model, parameter, the name used instead
        self._roles: dict[str, str] = {}  # model, the role of its system prompt where that is another one

    def adapt(self, model: str, body: Mapping[str, JsonValue]) -> Adapted:
        """`body` without what `model` is known not to take; a notice for each that the user had set."""
        adapted = dict(body)
        notices: list[Notice] = []
        for name, instead in self._known.get(model, {}).items():
            outer, _, inner = name.partition(".")
            if inner and isinstance(held := adapted.get(outer), dict):
                adapted[outer] = {each: value for each, value in held.items() if each != inner}
            if name not in adapted:
                continue
            value = adapted.pop(name)
            if instead is not None:
                adapted.setdefault(instead, value)
            elif name not in _OURS:
                notices.append(_dropped(model, name))
        if (role := self._roles.get(model)) is not None and _role_of_system(adapted) not in {"", role}:
            adapted["messages"] = _with_system_as(role, _messages(adapted))
            notices.append(_system_sent_as(model, role))
        return Adapted(adapted, notices)

    def learn(self, model: str, error: ParameterRejected, sent: Mapping[str, JsonValue]) -> Notice | None:
        """Take in that `model` rejected a parameter of the body `sent`; None where nothing can be done about it."""
        if isinstance(error, SystemPromptRejected):
            return self._learn_role(model, sent)
        name = "stream_options" if error.parameter == "include_usage" else error.parameter
        if name not in sent or name in _ESSENTIAL:
            return None
        known = self._known.setdefault(model, {})
        within, held = _OURS_WITHIN.get(name), sent[name]
        if isinstance(held, dict) and within in held and len(held) > 1:
            known[f"{name}.{within}"] = None
            return _dropped(model, f"{name}.{within}")
        # Known already where two answers were asked for at once
        instead = known.get(name, _RENAMES.get(name))
        if instead is not None and name not in known and instead in {*known, *sent}:
            instead = None
        known[name] = instead
        if instead is not None:
            said = phrase("{model} uses “{instead}” instead of “{name}”.", model=model, instead=instead, name=name)
            return Notice(code="parameter_dropped", message=said)
        return _dropped(model, name)

    def _learn_role(self, model: str, sent: Mapping[str, JsonValue]) -> Notice | None:
        refused = _role_of_system(sent)
        role = self._roles.get(model)
        if role is None or role == refused:  # else another answer learnt it meanwhile
            role = _NEXT_ROLE.get(refused)
        if role is None:
            return None
        self._roles[model] = role
        return _system_sent_as(model, role)


def _messages(body: Mapping[str, JsonValue]) -> list[dict[str, JsonValue]]:
    messages = body.get("messages")
    return [each for each in messages if isinstance(each, dict)] if isinstance(messages, list) else []


def _role_of_system(body: Mapping[str, JsonValue]) -> str:
    """The role of the message that carries the system prompt; empty where none does."""
    found = (each.get("role") for each in _messages(body))
    return next((role for role in found if isinstance(role, str) and role in _NEXT_ROLE), "")


def _with_system_as(role: str, messages: list[dict[str, JsonValue]]) -> list[JsonValue]:
    """The messages with the system prompt in another role, or before the first prompt."""
    system = [each for each in messages if each.get("role") in _NEXT_ROLE]
    if role != "user":
        return [{**each, "role": role} if each in system else each for each in messages]
    rest = [each for each in messages if each not in system]
    said = "\n\n".join(text for each in system if isinstance(text := each.get("content"), str))
    first = next((at for at, each in enumerate(rest) if each.get("role") == "user"), None)
    if first is None:
        return [{"role": "user", "content": said}, *rest]
    rest[first] = {**rest[first], "content": f"{said}\n\n{rest[first].get('content')}"}
    return [*rest]


def _system_sent_as(model: str, role: str) -> Notice:
    if role == "user":
        said = phrase("{model} does not accept system prompts: it is sent with the first prompt instead.", model=model)
    else:
        said = phrase("{model} does not accept system prompts: it is sent as a developer message instead.", model=model)
    return Notice(code="system_prompt_moved", message=said)


def _dropped(model: str, name: str) -> Notice:
    said = phrase("{model} does not accept “{name}”: it was left out.", model=model, name=name)
    return Notice(code="parameter_dropped", message=said)
