"""Names of tools as the APIs allow them, unique over all servers of a conversation. Pure functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from desktop.domain.tool_types import ToolInfo

_FOREIGN = re.compile(r"[^A-Za-z0-9_-]+")
LONGEST = 64
"""Maximum characters of a tool's name in every API format."""


def api_names(tools: Iterable[ToolInfo]) -> dict[str, ToolInfo]:
    """Return tools by the name under which a model is offered them; the server's name precedes it where two collide."""
    infos = tuple(tools)
    count = Counter(_allowed(info.tool) for info in infos)
    named: dict[str, ToolInfo] = {}
    for info in infos:
        name = _allowed(info.tool)
        if count[name] > 1:
            name = _allowed(f"{info.server}_{info.tool}")
        number = 1
        unique = name
        while unique in named:
            number += 1
            unique = f"{name[: LONGEST - 4]}_{number}"
        named[unique] = info
    return named


def _allowed(name: str) -> str:
    return _FOREIGN.sub("_", name).strip("_")[:LONGEST] or "tool"
