"""Tool calls of a run's cells, as JSON and as text for people. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.domain.message_parts import ToolStatus
from desktop.domain.suite_cells import CellCall, CellRecord
from desktop.formatting.number_format import duration_text, in_a_line
from desktop.text.phrases import Phrase, english, phrase

LONGEST_LINE = 300
"""Maximum characters of arguments, and of the beginning of a result, in a line about a call."""

_OUTCOMES = {
    ToolStatus.OK: phrase("done"),
    ToolStatus.CUT: phrase("done, result truncated"),
    ToolStatus.ERROR: phrase("failed"),
    ToolStatus.DENIED: phrase("denied"),
    ToolStatus.UNANSWERED: phrase("no result"),
}


def call_json(each: CellCall) -> dict[str, JsonValue]:
    """Return a call with its result. Arguments that are no JSON object are text."""
    call, result = each.call, each.result
    try:
        arguments: JsonValue = msgspec.json.decode(call.arguments or "{}", type=dict[str, JsonValue])
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        arguments = call.arguments
    return {
        "turn": each.turn,
        "server": call.server,
        "tool": call.shown_name,
        "arguments": arguments,
        "status": result.status.value,
        "duration_ms": result.duration_ms,
        "text": result.text,
        "recorded": result.recorded,
        "unmatched": each.is_unmatched,
    }


def cells_json(records: Iterable[CellRecord]) -> list[JsonValue]:
    """Return the calls of several cells, each with the numbers of its cell."""
    return [
        {"case": record.key.case, "contender": record.key.contender, "repeat": record.key.repeat, **call_json(each)}
        for record in records
        for each in record.calls or ()
    ]


def call_text(each: CellCall) -> Phrase:
    """Return a call with its arguments and outcome in one line."""
    call, result = each.call, each.result
    where = f"{call.server}/{call.shown_name}" if call.server not in ("", "?") else call.shown_name
    outcome = phrase("not recorded") if each.is_unmatched else _OUTCOMES[result.status]
    if result.recorded:
        outcome = phrase("{outcome}, shared with the same call in another response", outcome=outcome)
    elif result.duration_ms is not None:
        outcome = phrase("{outcome} in {duration}", outcome=outcome, duration=duration_text(result.duration_ms))
    return phrase("{call}: {outcome}", call=english(f"{cut(where)} {cut(call.arguments)}".strip()), outcome=outcome)


def cut(text: str) -> str:
    """Return the beginning of a text in one line."""
    line = in_a_line(text[: 4 * LONGEST_LINE])
    return line if len(line) <= LONGEST_LINE and len(text) <= 4 * LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def call_lines(record: CellRecord) -> str:
    """Return all calls of a cell as lines of text."""
    return "\n".join(str(call_text(each)) for each in record.calls or ())
