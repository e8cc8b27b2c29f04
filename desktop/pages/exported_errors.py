"""Error messages of responses for exported files, with the server's address removed. Pure functions."""

from __future__ import annotations

import re

import msgspec

from desktop.domain.conversation_types import Message, Problem

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,20}://\S{1,2000})|\[[0-9a-f:.%]{2,60}\](?::\d{1,5})?|\blocalhost(?::\d{1,5})?\b"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|\b(?:[\w-]{1,63}\.){1,10}(?:xn--[a-z0-9-]{1,59}|[a-z]{2,24})(?::\d{1,5})?(?![\w-])",
    re.IGNORECASE,
)
"""Text that resembles a server's address in an error message."""

_NAMED = re.compile(
    r"^(?!http to )(?P<first>[^\W_A-Z][\w.-]{0,252})(?::\d{1,5})?(?= [a-z])"
    r"|\b(?:[Hh]ost|[Pp]roxy|[Cc]onnections? to|[Rr]equest to|http (?:to|for)|certificate (?:of|for)|interface of|reach"
    r"|allow(?: the server)?|connect to|[Aa]t|(?:path|loaded) on|entered for|behind"
    r"|key of|path of|front of|endpoint of|API of) "
    r"(?P<later>[^\W_A-Z][\w.-]{0,251}\w)(?::\d{1,5})?(?=[ :.,])"
    r"|\b(?:before|than|that|what|[Ss]erver) (?P<doing>[^\W_A-Z][\w.-]{0,251}\w)(?::\d{1,5})?"
    r"(?= (?:responded|answered|accepts|takes|charges|is not allowed|is unavailable)\b)"
)
"""Hosts in Paragone's own sentences, which may have no dot: lowercase words at the beginning, or after certain words.
"""

_NO_HOST = {
    *("the", "it", "it's", "this", "that", "a", "an", "its", "your", "be", "all", "any", "one", "them", "you", "there"),
    *("another", "most", "least", "once", "cannot", "in", "may", "requires", "also", "nothing", "no", "not"),
}


def without_address(told: str, connection: str) -> str:
    """Replace every address in an error message with the connection's name."""
    for found in _NAMED.finditer(told):
        name = found["first"] or found["later"] or found["doing"]
        if name not in _NO_HOST and name != connection:
            told = re.sub(rf"(?<![\w.-]){re.escape(name)}(?::\d{{1,5}})?(?![\w-])", lambda _: connection, told)
    return _ADDRESS.sub(lambda _: connection, told)


def nameless(message: Message) -> Problem | None:
    """Return the problem of a response without its server's address, or None if there is no problem."""
    if (problem := message.problem) is None:
        return None
    name = message.model.connection if message.model is not None else "…"
    said, hint = without_address(problem.message, name), without_address(problem.hint, name)
    if (said, hint) == (problem.message, problem.hint):
        return problem  # unchanged, so that its sentences can be translated
    return msgspec.structs.replace(problem, message=said, hint=hint)


def problem_text(message: Message) -> str:
    """Return the message of a response's problem without addresses, or an empty string."""
    problem = nameless(message)
    return "" if problem is None else problem.message
