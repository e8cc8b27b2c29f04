"""What the program and its engine's child say to each other: one JSON line each way."""

from __future__ import annotations

from typing import Literal

import msgspec

from desktop.domain.conversation_types import Value


class ChildSettings(Value, frozen=True, kw_only=True):
    """All that the child is told, on its stdin: never by arguments or environment, which other users can read.

    `context` is the tokens of one slot, `parallel` the number of slots, `token` the key that requests must carry.
    """

    model: str
    token: str
    threads: int
    context: int
    parallel: int


class Ready(Value, frozen=True, kw_only=True, tag="ready", tag_field="type"):
    """The engine listens at `url`, for example http://127.0.0.1:41234."""

    url: str


class Failed(Value, frozen=True, kw_only=True, tag="error", tag_field="type"):
    """The engine did not start; `missing` means that the library is not there, `load` that the model was refused."""

    error: Literal["missing", "load"]
    message: str


Report = Ready | Failed

_settings = msgspec.json.Decoder(ChildSettings)
_report: msgspec.json.Decoder[Report] = msgspec.json.Decoder(Report)


def encode(value: ChildSettings | Report) -> bytes:
    """One line of JSON with its end."""
    return msgspec.json.encode(value) + b"\n"


def decode_settings(line: bytes) -> ChildSettings:
    """The child's settings. Raises msgspec.DecodeError."""
    return _settings.decode(line)


def decode_report(line: bytes) -> Report:
    """What the child reports. Raises msgspec.DecodeError."""
    return _report.decode(line)
