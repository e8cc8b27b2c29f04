"""The grader of tool calls: name, server, arguments, number, position, and values that are invalid."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain.message_parts import Part, TextPart, ToolCallPart, ToolResultPart, ToolStatus
from desktop.domain.suite_cells import Grade
from desktop.evals.graders.grader_table import grader_of
from desktop.evals.graders.tool_call_grader import slip_of_call
from tests.desktop.evals.graders.made import answer, grade, spec

PARTS: tuple[Part, ...] = (
    ToolCallPart(
        id="1", name="time_now", tool="now", server="time", arguments='{"zone": "UTC", "deep": {"a": 1, "b": [1]}}'
    ),
    ToolResultPart(call="1", status=ToolStatus.DENIED),
    ToolCallPart(id="2", name="search", arguments='{"text": "Ada", "most": 12}'),
    ToolCallPart(id="3", name="search", arguments="{broken"),
    TextPart(text="Done."),
)


async def graded(value: object, kind: str = "tool-call", parts: tuple[Part, ...] | None = PARTS) -> Grade:
    """The grade of a response with these parts."""
    given = msgspec.structs.replace(answer("Done."), parts=parts)
    return await grader_of(spec(kind, value), None).grade(given)


@pytest.mark.parametrize(
    ("value", "passed"),
    [
        ("now", True),
        ("time_now", True),
        ("later", False),
        ({"tool": "now", "server": "time"}, True),
        ({"tool": "now", "server": "clock"}, False),
        ({"tool": "now", "arguments": {"zone": "UTC"}}, True),
        ({"tool": "now", "arguments": {"deep": {"b": [1.0]}}}, True),
        ({"tool": "now", "arguments": {"deep": {"b": [1, 2]}}}, False),
        ({"tool": "now", "arguments": {"zone": "CET"}}, False),
        ({"tool": "search", "arguments": {"text": "{{name}}", "most": "{{number}}"}}, True),
        ({"tool": "search", "count": 2}, True),
        ({"tool": "search", "count": 1}, False),
        ({"tool": "search", "count": {"min": 1, "max": 3}}, True),
        ({"tool": "search", "count": {"max": 1}}, False),
        ({"tool": "later", "count": 0}, True),
        ({"tool": "now", "order": 1}, True),
        ({"tool": "search", "order": 1}, False),
        ('{"tool": "now", "order": 1}', True),
    ],
)
async def test_calls_are_looked_for(value: object, passed: bool) -> None:
    assert (await graded(value)).passed is passed
    assert (await graded(value, "not-tool-call")).passed is not passed


async def test_the_reason_names_what_was_called_instead() -> None:
    assert (await graded("now", parts=(TextPart(text="No."),))).reason == "The response called no tool."
    assert "now {" in (await graded("later")).reason


async def test_a_stored_response_without_its_calls_is_not_graded() -> None:
    made = await grade(spec("tool-call", "now"), "Done.")
    assert (made.passed, made.score) == (None, None)
    assert "run the case again" in made.reason


@pytest.mark.parametrize(
    "value",
    [
        "",
        "{",
        [],
        {},
        {"tool": ""},
        {"tool": 1},
        {"tool": "a", "name": "b"},
        {"tool": "a", "arguments": []},
        {"tool": "a", "count": -1},
        {"tool": "a", "count": True},
        {"tool": "a", "count": {}},
        {"tool": "a", "count": {"min": 2, "max": 1}},
        {"tool": "a", "order": 0},
    ],
)
def test_invalid_values_are_told(value: object) -> None:
    assert slip_of_call(value) is not None  # pyright: ignore[reportArgumentType]
