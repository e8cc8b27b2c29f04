"""What runs in the render child: requests in on stdin, their replies out on stdout, one by one, until stdin closes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import msgspec

from desktop.renderer import formula_drawing
from desktop.renderer.formula_drawing import drawn
from desktop.renderer.highlight import coloured
from desktop.renderer.render_wire import (
    MOST_BYTES,
    READY,
    CodeRequest,
    FormulaRequest,
    LexerLoaded,
    Line,
    LoadRequest,
    Refusal,
    Reply,
    decode_request,
    encode,
)
from desktop.system import child_bounds

ENDS_S = 20.0
"""A request that takes longer ends the child by itself, where nobody is left to end it."""

HANDLERS: dict[type, Callable[[Any], Reply]] = {CodeRequest: coloured, FormulaRequest: drawn}
"""What makes a request's reply, by the request's type. Whatever it raises becomes a refusal."""

LIBRARIES: dict[str, Callable[[], object]] = {
    "code": lambda: import_module("pygments.lexers"),
    "formula": formula_drawing.load,
}
"""What loads what requests of a type need, by its tag."""


def main() -> int:
    """Serve until stdin closes; 0 then, 2 after a line that is no request.

    Reads and writes file descriptors: a frozen program without a console has no sys.stdin and sys.stdout.
    """
    child_bounds.bind()
    _write(READY)
    for line in _lines():
        with child_bounds.ended_after(ENDS_S):
            try:
                reply = _reply(decode_request(line))
            except msgspec.DecodeError:
                return 2
        _write(reply)
    return 0


def _reply(request: Line) -> bytes:
    try:
        if isinstance(request, LoadRequest):
            LIBRARIES[request.what]()
            return encode(LexerLoaded())
        reply = encode(HANDLERS[type(request)](request))
    except Exception as error:  # noqa: BLE001 - a library's own error, whichever, must not end the child
        return encode(Refusal(error=type(error).__name__))
    return reply if len(reply) <= MOST_BYTES else encode(Refusal(error="TooLong"))


def _lines() -> Iterator[bytes]:
    held = b""
    while data := os.read(0, 1 << 16):
        *lines, held = (held + data).split(b"\n")
        yield from lines
        if len(held) > MOST_BYTES:
            return


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


if __name__ == "__main__":
    sys.exit(main())
