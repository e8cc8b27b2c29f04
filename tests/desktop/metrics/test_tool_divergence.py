"""Alignment of tool calls: equal calls in order, missing, other arguments, another order."""

from __future__ import annotations

import json

import pytest

from desktop.domain.message_parts import Part, ToolCallPart, ToolResultPart, ToolStatus
from desktop.metrics.tool_divergence import CallState, CallTable, MadeCall, call_table, calls_of, common_subsequence

SIGNS = {
    CallState.SAME: "=",
    CallState.ARGUMENTS: "~",
    CallState.MOVED: "m",
    CallState.ALONE: "+",
    CallState.MISSING: "-",
    CallState.NONE: ".",
}


def calls(spelled: str | None) -> tuple[MadeCall, ...] | None:
    """Calls written as a tool's letter and its argument, such as `t1 t2`."""
    if spelled is None:
        return None
    parts = [
        ToolCallPart(id=str(at), name=each[0], server="s", arguments=json.dumps({"x": each[1:]}))
        for at, each in enumerate(spelled.split())
    ]
    return calls_of(parts)


def drawn(table: CallTable) -> list[str]:
    """The rows as text: the first call, and a sign for each response."""
    return [
        f"{row.first.tool}{json.loads(row.first.arguments)['x']} {''.join(SIGNS[cell.state] for cell in row.cells)}"
        for row in table.rows
    ]


@pytest.mark.parametrize(
    ("responses", "rows"),
    [
        (["t1 t2", "t1 t2"], ["t1 ==", "t2 =="]),
        (["t1 t2 t3", "t1 t2 t3", "t1 t3"], ["t1 ===", "t2 ==-", "t3 ==="]),
        (["t1 t2", "t1 u9 t2"], ["t1 ==", "u9 -+", "t2 =="]),
        (["t1", "t1", "t9"], ["t1 ==~"]),
        (["t1", "t9"], ["t1 ~~"]),
        (["t1 u1", "u1 t1"], ["t1 =m", "u1 =="]),
        (["t1 t2 t3", "t3 t2 t1"], ["t1 =m", "t2 =m", "t3 =="]),
        (["t1", None, "t1"], ["t1 =.="]),
        (["t1 t1", "t1"], ["t1 ==", "t1 +-"]),
        (["t1"], ["t1 ="]),
        (["", ""], []),
        ([], []),
    ],
)
def test_calls_are_aligned(responses: list[str | None], rows: list[str]) -> None:
    assert drawn(call_table([calls(each) for each in responses])) == rows


def test_equal_arguments_written_differently_are_equal() -> None:
    one = ToolCallPart(id="1", name="t", arguments='{"a": 1, "b": 2.0}')
    other = ToolCallPart(id="1", name="t", arguments='{"b":2,"a":1.0}')
    assert call_table([calls_of([one]), calls_of([other])]).rows[0].is_same


def test_invalid_arguments_are_compared_as_text() -> None:
    one = ToolCallPart(id="1", name="t", arguments="{not json")
    other = ToolCallPart(id="1", name="t", arguments="{not  json ")
    third = ToolCallPart(id="1", name="t", arguments="{")
    made = call_table([calls_of([one]), calls_of([other]), calls_of([third])])
    assert [cell.state for cell in made.rows[0].cells] == [CallState.SAME, CallState.SAME, CallState.ARGUMENTS]


def test_a_call_has_its_result() -> None:
    parts: tuple[Part, ...] = (
        ToolCallPart(id="1", name="n", tool="now", server="time", arguments="{}"),
        ToolResultPart(call="1", status=ToolStatus.CUT, text="12", duration_ms=3.0, recorded=True),
    )
    (made,) = calls_of(parts)
    assert (made.key[:2], made.status, made.duration_ms, made.recorded) == (("time", "now"), ToolStatus.CUT, 3.0, True)


def test_calls_with_the_same_id_have_their_own_results() -> None:
    parts: tuple[Part, ...] = (
        ToolCallPart(id="1", name="n", arguments="{}"),
        ToolCallPart(id="1", name="n", arguments="{}"),
        ToolResultPart(call="1", status=ToolStatus.OK),
        ToolResultPart(call="1", status=ToolStatus.ERROR),
    )
    assert [made.status for made in calls_of(parts)] == [ToolStatus.OK, ToolStatus.ERROR]


def test_a_response_with_all_calls_is_told_from_one_that_lacks_some() -> None:
    table = call_table([calls("t1 t2"), calls("t2 t1"), calls("t1")])
    assert [table.has_all(place) for place in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    ("one", "other", "pairs"),
    [("abcbdab", "bdcaba", 4), ("", "a", 0), ("aaa", "aa", 2), ("abc", "xyz", 0)],
)
def test_the_common_subsequence_is_a_longest_one(one: str, other: str, pairs: int) -> None:
    found = common_subsequence(one, other)
    assert len(found) == pairs
    assert all(one[first] == other[second] for first, second in found)
    assert found == sorted(found)
    assert len({first for first, _ in found}) == len({second for _, second in found}) == pairs


def test_very_many_calls_are_cut() -> None:
    table = call_table([calls("t1 " * 300), calls("t1")])
    assert table.is_cut
    assert len(table.rows) == 200
