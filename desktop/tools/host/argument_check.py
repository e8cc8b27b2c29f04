"""Check of a call's arguments against its tool's JSON schema; runs in the host, since schemas are untrusted."""

from __future__ import annotations

from typing import Any, cast

import msgspec

_MOST = 500
"""Maximum characters of a reason, which quotes the arguments."""


def problem_of(schema: str, arguments: str) -> str:
    """Return why arguments do not match a schema; empty if they do, or if the schema itself is invalid.

    A reference to another document is never followed.
    """
    from jsonschema import Draft202012Validator, SchemaError, exceptions
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        checker: Any = Draft202012Validator(msgspec.json.decode(schema), registry=Registry())
        error: Any = cast("Any", exceptions).best_match(checker.iter_errors(msgspec.json.decode(arguments)))
    except (SchemaError, Unresolvable, RecursionError, TypeError, ValueError, AttributeError):
        return ""  # the server checks its arguments itself
    if error is None:
        return ""
    place = "".join(f"[{each!r}]" for each in error.absolute_path)
    return f"The arguments do not match the tool's schema: {place} {error.message}"[:_MOST].replace("  ", " ")
