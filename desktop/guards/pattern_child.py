"""What runs in a child process: own regular expressions on one text. It can be ended when one takes too long."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import cast

from desktop.guards.patterns import for_own
from desktop.system import child_bounds

ENDS_S = 20.0
"""Expressions that take longer end the child by itself, where nobody is left to end it."""


def main() -> int:
    """Read `{"texts", "expressions"}` from stdin; write in a line for each expression what it matches, at most 20."""
    child_bounds.bind(writes_files=False)
    data = b"".join(iter(lambda: os.read(0, 1 << 16), b""))
    try:
        task = json.loads(data)
        texts, expressions = (cast("list[str]", task[name]) for name in ("texts", "expressions"))
    except (ValueError, KeyError, TypeError):
        return 2
    with child_bounds.ended_after(ENDS_S):
        for place, expression in enumerate(expressions):
            found: dict[str, str] = {}
            for match in (match for text in texts for match in re.finditer(expression, text)):
                if match[0]:
                    found.setdefault(for_own(match[0]), match[0])  # once, though it is in both forms of a text
                if len(found) == 20:
                    break
            os.write(1, json.dumps([place, list(found.values())]).encode() + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
