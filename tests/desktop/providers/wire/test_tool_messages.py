"""Calls and results in the messages of a request: in pairs, as text, and with ids that APIs allow."""

from __future__ import annotations

import pytest

from desktop.domain.conversation_types import Role
from desktop.providers.provider import AttachedPart, ChatMessage, SentCall, SentResult
from desktop.providers.wire.tool_messages import (
    arguments_object,
    arguments_text,
    described_calls,
    paired_messages,
    plain_id,
    result_text,
)

CALL = SentCall(id="a", name="f", arguments='{"x": 1}')
OTHER = SentCall(id="b", name="g", arguments="{}")
ASKED = ChatMessage(role=Role.USER, text="hi")
CALLED = ChatMessage(role=Role.ASSISTANT, text="I look.", calls=(CALL, OTHER))
FOUND = SentResult(call="a", text="found")
BOTH = ChatMessage(role=Role.USER, text="", results=(FOUND, SentResult(call="b", text="no", is_error=True)))


def results(messages: list[ChatMessage]) -> list[list[tuple[str, bool]]]:
    return [[(each.call, each.is_error) for each in message.results] for message in messages]


PAIRS: list[tuple[list[ChatMessage], list[list[tuple[str, bool]]]]] = [
    ([ASKED, CALLED, BOTH], [[], [], [("a", False), ("b", True)]]),
    ([ASKED, CALLED], [[], [], [("a", True), ("b", True)]]),
    ([CALLED, ASKED], [[], [("a", True), ("b", True)], []]),
    ([CALLED, CALLED, BOTH], [[], [("a", True), ("b", True)], [], [("a", False), ("b", True)]]),
    ([CALLED, ChatMessage(role=Role.USER, text="", results=(FOUND,))], [[], [("a", False), ("b", True)]]),
    ([ASKED, BOTH], [[]]),  # nothing was called
    ([ChatMessage(role=Role.USER, text="go on", results=(FOUND,))], [[]]),
]


@pytest.mark.parametrize(("messages", "found"), PAIRS)
def test_each_call_has_one_result(messages: list[ChatMessage], found: list[list[tuple[str, bool]]]) -> None:
    paired = paired_messages(messages)
    assert results(paired) == found
    assert paired_messages(paired) == paired


def test_without_tools_calls_and_results_are_text_and_roles_alternate() -> None:
    image = AttachedPart(name="i.png", media_type="image/png", data="AA==")
    more = ChatMessage(role=Role.USER, text="And now?", attached=(image,))
    sealed = ChatMessage(role=Role.ASSISTANT, text="Done.", sealed=("{}",))
    found = described_calls([ASKED, CALLED, BOTH, more, sealed])
    assert [message.role for message in found] == [Role.USER, Role.ASSISTANT, Role.USER, Role.ASSISTANT]
    assert found[1].text == 'I look.\n\n[Tool call: f({"x": 1})]\n\n[Tool call: g({})]'
    assert found[2].text == "[Result of f: found]\n\n[Result of g: Error: no]\n\nAnd now?"
    assert found[2].attached == (image,)
    assert not any(message.calls or message.results or message.sealed for message in found)


def test_a_conversation_without_calls_is_left_as_it_is() -> None:
    assert described_calls([ASKED, ASKED]) == (ASKED, ASKED)


@pytest.mark.parametrize(
    ("said", "found"),
    [('{"x": 1}', {"x": 1}), ("", {}), ("{", {}), ("[1]", {}), ("null", {}), ("[" * 100_000, {})],
)
def test_arguments_are_an_object(said: str, found: dict[str, int]) -> None:
    assert arguments_object(said) == found
    assert arguments_text(said) == (said if found else "{}")


@pytest.mark.parametrize("call", ["call_1", "toolu_01A-b"])
def test_a_plain_id_stays(call: str) -> None:
    assert plain_id(call) == call


@pytest.mark.parametrize("call", ["functions.f:0", "", "x" * 65, "a b", "a\n", "ü"])
def test_any_other_id_becomes_plain_and_stays_the_same(call: str) -> None:
    assert plain_id(call) == plain_id(call) == plain_id(plain_id(call))
    assert plain_id(call) != plain_id(f"{call}.")
    assert plain_id(call).replace("_", "").isalnum()


@pytest.mark.parametrize(("said", "sent"), [("no", "Error: no"), ("Error: no", "Error: no")])
def test_a_failed_call_is_said_to_have_failed(said: str, sent: str) -> None:
    assert result_text(SentResult(call="a", text=said, is_error=True)) == sent
