"""Characters that a server in UTF-16 tore into two events, made whole; pure."""

from __future__ import annotations

import json
from collections.abc import Hashable

import msgspec

_decode = msgspec.json.Decoder().decode


def with_halves(data: str | bytes) -> object:
    """JSON with halves of surrogate pairs as they are; None where it holds none that are escaped."""
    try:
        _decode(data)
    except (msgspec.DecodeError, UnicodeError):
        return json.loads(data)
    return None


class TornCharacters:
    """Holds the first halves of characters back, by the text that they belong to, until the others come."""

    def __init__(self) -> None:
        self.halves: dict[Hashable, str] = {}
        """What is held back, by the texts' kinds."""

    def whole(self, kind: Hashable, text: str) -> str:
        """What can be given of a text: with the half that was held back, without one that it ends in."""
        joined = (self.halves.pop(kind, "") + text).encode("utf-16-le", "surrogatepass")
        if b"\xd8" <= joined[-1:] <= b"\xdb":
            self.halves[kind] = joined[-2:].decode("utf-16-le", "surrogatepass")
            joined = joined[:-2]
        return joined.decode("utf-16-le", "replace")

    def left(self) -> list[Hashable]:
        """The texts whose last half never got its other one, which are forgotten with this."""
        kinds = [*self.halves]
        self.halves.clear()
        return kinds
