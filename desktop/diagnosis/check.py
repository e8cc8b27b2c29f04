"""Result of one diagnostic check."""

from __future__ import annotations

from typing import Literal

from desktop.domain.conversation_types import Value
from desktop.errors import ParagoneError

State = Literal["ok", "warning", "failed"]


class Check(Value, frozen=True, kw_only=True):
    """Result of a check: the subject (`name`), `state` and `detail`. `hint` says how to fix a problem."""

    name: str
    state: State
    detail: str
    hint: str = ""


def failed(name: str, error: ParagoneError, state: State = "failed") -> Check:
    """Return the check for an error that was raised."""
    return Check(name=name, state=state, detail=error.message, hint=error.hint)
