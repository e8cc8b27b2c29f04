"""Render child: highlights code and draws formulas, one request after another, until stdin closes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from desktop.renderer import formula_drawing
from desktop.renderer.formula_drawing import drawn
from desktop.renderer.highlight import coloured
from desktop.renderer.render_wire import (
    MOST_BYTES,
    CodeRequest,
    FormulaRequest,
    LexerLoaded,
    LoadRequest,
    Refusal,
    Reply,
    Request,
    encode,
    parse_request,
)
from desktop.system.child_bounds import serve

HANDLERS: dict[type, Callable[[Any], Reply]] = {CodeRequest: coloured, FormulaRequest: drawn}
"""Functions that return the reply, by the type of the request. Any exception becomes a refusal."""

LIBRARIES: dict[str, Callable[[], object]] = {
    "code": lambda: import_module("pygments.lexers"),
    "formula": formula_drawing.load,
}
"""Functions that load the library for a type of request, by its tag."""


def main() -> int:
    """Serve requests until stdin closes. Returns the exit status."""
    return serve(parse_request, reply_to, most=MOST_BYTES)


def reply_to(request: Request | LoadRequest) -> bytes:
    """Return the encoded reply to a request."""
    try:
        if isinstance(request, LoadRequest):
            LIBRARIES[request.what]()
            return encode(LexerLoaded())
        reply = encode(HANDLERS[type(request)](request))
    except Exception as error:  # noqa: BLE001 - no error of a library may end the child
        return encode(Refusal(error=type(error).__name__))
    return reply if len(reply) <= MOST_BYTES else encode(Refusal(error="TooLong"))


if __name__ == "__main__":
    sys.exit(main())
