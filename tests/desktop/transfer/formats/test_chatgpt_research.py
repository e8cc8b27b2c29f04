"""ChatGPT's research reports stand in states of a widget: they come over as the answers that they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop.transfer.formats.chatgpt import drafts
from tests.desktop.transfer.made import AT, chatgpt, chatgpt_node, only, said

MARK = "【55†L0-L3】"
A = "https://a.example/1"
CONNECTOR = {"attribution_id": "connector_openai_deep_research"}


def state(report: str, id_: str = "r") -> str:
    """A widget's state; one without a report where there is no text."""
    references = [{"type": "webpage", "matched_text": MARK, "url": A}]
    content = {"content_type": "text", "parts": [report]}
    message = {"id": id_, "author": {"role": "assistant"}, "content": content, "status": "finished_successfully"}
    held = {"report_message": {**message, "metadata": {"content_references": references}}} if report else {}
    return json.dumps({"status": "completed", "plan": {"title": "t"}, **held})


def widget(id_: str, parent: str, sdk: dict[str, Any], **message: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    author = {"role": "tool", "name": "api_tool.call_tool"}
    return chatgpt_node(
        id_, parent, "tool", ['{"session_id":"6"}'], author=author, metadata={"chatgpt_sdk": sdk}, **message
    )


def repeated(id_: str, parent: str, held: str) -> dict[str, Any]:
    """The state as a hidden text."""
    return chatgpt_node(
        id_,
        parent,
        "tool",
        [f"The latest state of the widget is: {held}"],
        author={"role": "tool", "name": "api_tool.widget_state"},
        metadata={
            "is_visually_hidden_from_conversation": True,
            "exclusive_key": "widget_state:Deep Research App_start",
        },
        weight=0,
    )


@pytest.mark.parametrize(
    "node",
    [
        widget("t", "p", {**CONNECTOR, "widget_state": state(f"# All{MARK}")}),
        widget("t", "p", {"widget_state": json.loads(state(f"# All{MARK}"))}, weight=0),
        widget("t", "p", {"tool_response_metadata": {"venus_widget_state": state(f"# All{MARK}")}}),
        repeated("t", "p", state(f"# All{MARK}")),
        repeated("t", "p", json.dumps({"widget_state": json.loads(state(f"# All{MARK}"))})),
    ],
)
def test_a_report_is_an_answer_with_its_own_citations_wherever_it_stands(node: dict[str, Any]) -> None:
    empty = chatgpt_node("a", "t", "assistant", [""])
    (draft,) = drafts(chatgpt(chatgpt_node("p", "root"), node, empty, current_node="a"), AT)
    assert said(draft.conversation) == [("user", "hello"), ("assistant", f"# All [[1]]({A})")]
    assert draft.losses == ()


def test_of_several_states_of_a_report_the_newest_is_kept_once_on_each_branch() -> None:
    nodes = [
        chatgpt_node("p", "root"),
        widget("t", "p", {"widget_state": state("old")}, create_time=1_700_000_001),
        chatgpt_node("q", "t", parts=["and?"]),
        repeated("s", "q", state("new")),
        chatgpt_node("b", "s", "assistant", ["so"]),
    ]
    nodes[3]["message"]["create_time"] = 1_700_000_009
    assert said(only(drafts(chatgpt(*nodes, current_node="b"), AT))) == [
        ("user", "hello"),
        ("assistant", "new"),
        ("user", "and?"),
        ("assistant", "so"),
    ]


def test_a_report_that_is_not_in_the_file_is_told_and_what_research_asks_back_is_kept() -> None:
    asks = chatgpt_node(
        "c", "p", "tool", ["Which region?"], author={"role": "tool", "name": "research_kickoff_tool.clarify_with_text"}
    )
    nodes = (chatgpt_node("p", "root"), asks, widget("t", "c", {**CONNECTOR, "widget_state": state("")}))
    (draft,) = drafts(chatgpt(*nodes, current_node="t"), AT)
    assert said(draft.conversation) == [("user", "hello"), ("assistant", "Which region?")]
    assert "Research reports are not in the file (1)" in draft.losses
