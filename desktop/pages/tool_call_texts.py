"""Tool calls of a response as texts for exports and reports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from desktop.domain.message_parts import Part, ToolCallPart, ToolResultPart, ToolStatus
from desktop.text.phrases import Phrase, phrase

LONGEST = 20_000
"""Maximum characters of arguments and of a result in files to read; JSON exports have everything."""

_BACKTICKS = re.compile("`+")

_STATES = {
    ToolStatus.ERROR: phrase("error"),
    ToolStatus.DENIED: phrase("denied"),
    ToolStatus.CUT: phrase("cut"),
    ToolStatus.UNANSWERED: phrase("not answered"),
}


class ToolCallText(NamedTuple):
    """A call: its tool's name, its server, notes on how it ended, its arguments and its result."""

    name: str
    server: str
    notes: tuple[Phrase, ...]
    arguments: str
    result: str


def tool_call_texts(parts: Sequence[Part]) -> list[ToolCallText]:
    """Return the tool calls of a response in order."""
    results = {part.call: part for part in parts if isinstance(part, ToolResultPart)}
    return [_text(part, results.get(part.id)) for part in parts if isinstance(part, ToolCallPart)]


def _text(call: ToolCallPart, result: ToolResultPart | None) -> ToolCallText:
    notes: list[Phrase] = []
    if result is not None and result.status in _STATES:
        notes.append(_STATES[result.status])
    if result is not None and result.recorded:
        notes.append(phrase("shared result"))
    if result is not None and result.duration_ms is not None:
        notes.append(phrase("{n} ms", n=f"{result.duration_ms:,.0f}"))
    if call.edited:
        notes.append(phrase("arguments edited"))
    return ToolCallText(
        " ".join(call.shown_name.split()),
        " ".join(call.server.split()),
        tuple(notes),
        call.arguments[:LONGEST],
        (result.text or result.structured)[:LONGEST] if result is not None else "",
    )


def code_block(text: str) -> str:
    """Return a text as a fenced code block of Markdown that nothing in it can close."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
