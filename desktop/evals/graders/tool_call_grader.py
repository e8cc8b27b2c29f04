"""Grader that looks for a tool call with given arguments, number and position among the calls of a response."""

from __future__ import annotations

from typing import cast

import msgspec

from desktop.domain.conversation_types import JsonValue, Value
from desktop.domain.message_parts import ToolCallPart
from desktop.domain.suite_cells import Grade
from desktop.evals.graders.grader_kinds import MOST_COUNT
from desktop.evals.graders.grading import Graded
from desktop.evals.graders.verdicts import quoted, unsure, verdict
from desktop.evals.suites.suite import GraderSpec
from desktop.evals.suites.templates import filled, names_in
from desktop.metrics.json_fields import canonical
from desktop.text.phrases import Phrase, counted, phrase

_FIELDS = ("tool", "server", "arguments", "count", "order")
_DEEPEST = 32


class WantedCall(Value, frozen=True, kw_only=True):
    """The call to look for.

    Attributes:
        arguments: Arguments that it must have; it may have others. Empty for any.
        order: Position among all calls of the response, starting at 1; None for any.
    """

    tool: str
    server: str = ""
    arguments: dict[str, JsonValue] = msgspec.field(default_factory=dict[str, JsonValue])
    least: int = 1
    most: int | None = None
    order: int | None = None


def slip_of_call(value: JsonValue) -> Phrase | None:
    """Return why a grader's value is invalid, or None."""
    found = _wanted(value)
    return found if isinstance(found, Phrase) else None


class ToolCallGrader:
    """Passes responses that made a call. Denied and failed calls count, because the model made them."""

    def __init__(self, spec: GraderSpec) -> None:
        self._spec = spec
        self._wanted = _wanted(spec.value)

    async def grade(self, graded: Graded) -> Grade:
        """Pass if the call was made as often and at the position that is demanded."""
        wanted = self._wanted
        if isinstance(wanted, Phrase):
            return unsure(self._spec, wanted)
        if graded.parts is None:
            return unsure(self._spec, phrase("The tool calls of this response are not stored: run the case again."))
        calls = [part for part in graded.parts if isinstance(part, ToolCallPart)]
        tool, server = filled(wanted.tool, graded.variables), filled(wanted.server, graded.variables)
        found = [
            number
            for number, call in enumerate(calls, 1)
            if tool in (call.tool, call.name)
            and server in ("", call.server)
            and (not wanted.arguments or _holds(_arguments(call), wanted.arguments, graded))
        ]
        if wanted.order is not None:
            found = [number for number in found if number == wanted.order]
        passed = len(found) >= wanted.least and (wanted.most is None or len(found) <= wanted.most)
        return verdict(self._spec, passed=passed, reason=_reason(tool, len(found), calls))


def _reason(tool: str, found: int, calls: list[ToolCallPart]) -> Phrase:
    if found:
        return phrase(
            "The response made {calls} of {tool} as described.",
            calls=counted("{n} call", "{n} calls", found),
            tool=quoted(tool),
        )
    if not calls:
        return phrase("The response called no tool.")
    made = ", ".join(f"{call.shown_name} {call.arguments}" for call in calls[:3]) + (", …" if len(calls) > 3 else "")
    return phrase("The response did not call {tool} as described, but {calls}.", tool=quoted(tool), calls=quoted(made))


def _wanted(value: JsonValue) -> WantedCall | Phrase:
    """Return the call of a grader's value, a tool's name, a table or one as JSON text, or why it is invalid."""
    if isinstance(value, str):
        name = value.strip()
        if not name.startswith("{") or name.startswith("{{"):
            return WantedCall(tool=name) if name else _shape()
        try:
            value = cast("JsonValue", msgspec.json.decode(value))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return _shape()
    if not isinstance(value, dict) or set(value) - {*_FIELDS}:
        return _shape()
    tool, server, arguments = value.get("tool"), value.get("server", ""), value.get("arguments", {})
    if not isinstance(tool, str) or not tool.strip() or not isinstance(server, str) or not isinstance(arguments, dict):
        return _shape()
    bounds, order = _bounds(value.get("count")), value.get("order")
    if bounds is None:
        return phrase("“count” must be a number, or a table with min and max.")
    if order is not None and not _is_count(order, 1):
        return phrase("“order” must be the position of the call, starting at 1.")
    least, most = bounds
    return WantedCall(
        tool=tool.strip(),
        server=server,
        arguments=arguments,
        least=least,
        most=most,
        order=cast("int | None", order),
    )


def _shape() -> Phrase:
    return phrase("“value” must be the name of a tool, or a table with tool, server, arguments, count and order.")


def _bounds(count: JsonValue) -> tuple[int, int | None] | None:
    """Return the least and the greatest number of calls, or None if they are invalid."""
    if count is None:
        return 1, None
    if isinstance(count, int) and _is_count(count, 0):
        return count, count
    if not isinstance(count, dict) or not count or set(count) - {"min", "max"}:
        return None
    least, most = count.get("min", 0), count.get("max")
    if not isinstance(least, int) or not _is_count(least, 0):
        return None
    if most is None:
        return least, None
    return (least, most) if isinstance(most, int) and _is_count(most, 0) and least <= most else None


def _is_count(value: JsonValue, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= MOST_COUNT


def _arguments(call: ToolCallPart) -> JsonValue:
    try:
        return cast("JsonValue", msgspec.json.decode(call.arguments or "{}"))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _holds(value: JsonValue, wanted: JsonValue, graded: Graded, depth: int = 0) -> bool:
    """Whether a value has what is wanted: objects may have further keys, lists must have the same elements."""
    match wanted:
        case dict():
            return (
                depth < _DEEPEST
                and isinstance(value, dict)
                and all(key in value and _holds(value[key], each, graded, depth + 1) for key, each in wanted.items())
            )
        case list():
            return (
                depth < _DEEPEST
                and isinstance(value, list)
                and len(value) == len(wanted)
                and all(_holds(one, each, graded, depth + 1) for one, each in zip(value, wanted, strict=True))
            )
        case str() if names_in(wanted):
            text = filled(wanted, graded.variables)
            return value == text or (not isinstance(value, str) and canonical(value) == text.strip())
        case _:
            return canonical(value) == canonical(wanted)
