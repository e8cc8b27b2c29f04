"""Lines about tools: untrusted text cannot control the terminal or hide."""

from __future__ import annotations

import pytest

from desktop.domain.message_parts import ToolCallPart, ToolResultPart, ToolStatus
from desktop.domain.tool_types import ToolInfo, ToolServer
from desktop.terminal.tool_lines import address, call_json, claims_line, one_line, result_json, visible


@pytest.mark.parametrize("sign", ["\x1b", "\u202e", "\u200b", "\x00", "\x9b", "\U000e0041", "\u2028"])
def test_signs_that_cannot_be_seen_are_escaped(sign: str) -> None:
    assert sign not in visible(f"a{sign}b")
    assert sign not in address(ToolServer(name="x", command=("run", sign)))
    assert sign not in one_line(f"a{sign}b")


def test_arguments_with_spaces_can_be_told_apart() -> None:
    assert address(ToolServer(name="x", command=("run", "a b", "", 'c"'))) == 'run "a b" "" "c\\""'


def test_a_line_is_bounded() -> None:
    assert len(one_line("x" * 1_000_000)) <= 201


def test_claims_are_the_servers() -> None:
    info = ToolInfo(server="x", tool="y", read_only=False, destructive=True)
    assert claims_line(info) == "The server claims: changes things, destructive."


@pytest.mark.parametrize(("given", "told"), [('{"a": 1}', {"a": 1}), ("", {}), ("{", "{"), ("[1]", "[1]")])
def test_arguments_are_an_object_or_the_models_own_text(given: str, told: object) -> None:
    assert call_json(ToolCallPart(id="1", name="x", arguments=given))["arguments"] == told


def test_a_recorded_result_says_so() -> None:
    result = ToolResultPart(call="1", status=ToolStatus.OK, text="x")
    assert "recorded" not in result_json(result)
    assert result_json(ToolResultPart(call="1", status=ToolStatus.OK, recorded=True))["recorded"] is True
