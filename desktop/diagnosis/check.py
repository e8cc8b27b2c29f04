"""One line of a diagnosis."""

from __future__ import annotations

from typing import Literal

from desktop.domain.conversation_types import Value
from desktop.errors import ParagoneError

State = Literal["ok", "warning", "failed"]


class Check(Value, frozen=True, kw_only=True):
    """What was looked at and how it stands. `hint` is the cure of what is not well."""

    name: str
    state: State
    detail: str
    hint: str = ""


def failed(name: str, error: ParagoneError, state: State = "failed") -> Check:
    """The check of something that raised."""
    return Check(name=name, state=state, detail=error.message, hint=error.hint)
