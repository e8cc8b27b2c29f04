"""Identity of a contender: model, parameters, system prompt, and the model name that the server reported."""

from __future__ import annotations

import hashlib

import msgspec

from desktop.domain.conversation_types import ModelRef, Parameters, Value
from desktop.domain.routers import answering_model

_SHOWN = 6
"""Number of characters of a digest in labels that distinguish two contenders."""


class Contender(Value, frozen=True, kw_only=True, gc=False):
    """A model with its parameters and system prompt.

    `model` is `connection/name`, or any name in imported files. `parameters` and `system` are digests, or empty if
    there are none. `server_model` is the name that the server reported, or empty.
    """

    model: str
    parameters: str = ""
    system: str = ""
    server_model: str = ""

    @property
    def label(self) -> str:
        """Name that distinguishes this contender from others with the same model."""
        name = self.model.partition("/")[2] or self.model
        server = f" ({self.server_model})" if self.server_model not in ("", name, self.model) else ""
        parameters = f" · parameters {self.parameters[:_SHOWN]}" if self.parameters else ""
        system = f" · system {self.system[:_SHOWN]}" if self.system else ""
        return f"{self.model}{server}{parameters}{system}"


def contender_of(model: ModelRef, parameters: Parameters, system: str, server_model: str | None) -> Contender:
    """Return the contender for a model, parameters and system prompt; behind a router, the model that answered."""
    values = msgspec.json.encode(parameters.values, order="deterministic") if parameters.values else b""
    return Contender(
        model=str(answering_model(model, server_model)),
        parameters=hashlib.sha256(values).hexdigest() if values else "",
        system=digest(system) if system else "",
        server_model=server_model or "",
    )


def digest(text: str) -> str:
    """Return the digest that stands in for a text that must not be stored."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
