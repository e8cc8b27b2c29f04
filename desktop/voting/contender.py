"""What is compared: a model as it was asked, and as its server named it that day; pure."""

from __future__ import annotations

import hashlib

import msgspec

from desktop.domain.conversation_types import ModelRef, Parameters, Value

_SHOWN = 6
"""Characters of a digest that tell two contenders apart to people."""


class Contender(Value, frozen=True, kw_only=True, gc=False):
    """A model with what it was asked with. `model` is `connection/name`, or any name in a file of others.

    `parameters` and `system` are digests, empty where there were none; `server_model` is what the server called the
    model in its answer, empty where it did not say.
    """

    model: str
    parameters: str = ""
    system: str = ""
    server_model: str = ""

    @property
    def label(self) -> str:
        """The name of this very contender among others of its model."""
        name = self.model.partition("/")[2] or self.model
        server = f" ({self.server_model})" if self.server_model not in ("", name, self.model) else ""
        parameters = f" · parameters {self.parameters[:_SHOWN]}" if self.parameters else ""
        system = f" · system {self.system[:_SHOWN]}" if self.system else ""
        return f"{self.model}{server}{parameters}{system}"


def contender_of(model: ModelRef, parameters: Parameters, system: str, server_model: str | None) -> Contender:
    """The contender that a model is with its parameters and its system prompt."""
    values = msgspec.json.encode(parameters.values, order="deterministic") if parameters.values else b""
    return Contender(
        model=str(model),
        parameters=hashlib.sha256(values).hexdigest() if values else "",
        system=digest(system) if system else "",
        server_model=server_model or "",
    )


def digest(text: str) -> str:
    """What stands for a text, a prompt's or a system prompt's, where the text itself is not to be kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
