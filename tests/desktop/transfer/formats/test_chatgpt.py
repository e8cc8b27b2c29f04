"""ChatGPT's conversations: trees, hidden nodes, reasoning, code, tools and research."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop.domain.conversation_types import Message, ModelRef, Role, Status
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.transfer.formats.chatgpt import drafts
from tests.desktop.transfer.made import AT, START, chatgpt, chatgpt_chat, chatgpt_node, kept, only, said


def test_a_conversation_keeps_its_title_times_and_model() -> None:
    found = only(drafts(chatgpt_chat(), AT))
    assert found.title == "Sky"
    assert found.model == ModelRef(connection="imported-chatgpt", name="gpt-4o")
    assert found.created_at.timestamp() == START
    assert found.updated_at.timestamp() == START + 60
    assert said(found) == [("user", "why 0"), ("assistant", "because")]
    assert found.messages[0].model is None
    assert found.messages[1].model == found.model


def test_ids_are_the_same_at_every_import_and_differ_between_conversations() -> None:
    first, again, other = (only(drafts(chatgpt_chat(id_), AT)) for id_ in ("c1", "c1", "c2"))
    assert first == again
    ids = {first.id, other.id, *(message.id for each in (first, other) for message in each.messages)}
    assert len(ids) == 6


def test_branches_stay_and_the_leaf_that_was_shown_is_shown() -> None:
    found = only(
        drafts(
            chatgpt(
                chatgpt_node("p", "root", create_time=START),
                chatgpt_node("a", "p", "assistant", ["one"], create_time=START + 1),
                chatgpt_node("b", "p", "assistant", ["two"], create_time=START + 2),
                current_node="a",
            ),
            AT,
        )
    )
    assert [message.text for message in found.messages] == ["hello", "one", "two"]
    assert said(found)[-1] == ("assistant", "one")
    assert found.messages[1].parent == found.messages[2].parent == found.messages[0].id


def test_thoughts_code_and_its_output_are_one_answer() -> None:
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Look", "content": "at it"}]}
    code = {"content_type": "code", "language": "unknown", "text": "print(1)"}
    output = {"content_type": "execution_output", "text": "1"}
    found = only(
        drafts(
            chatgpt(
                chatgpt_node("s", "root", "system", [""]),
                chatgpt_node("p", "s"),
                chatgpt_node("t", "p", "assistant", content=thoughts),
                chatgpt_node("c", "t", "assistant", content=code, recipient="python"),
                chatgpt_node("o", "c", "tool", content=output),
                chatgpt_node("a", "o", "assistant", ["It is one."], metadata={"model_slug": "o3"}),
                current_node="a",
            ),
            AT,
        )
    )
    prompt, answer = found.messages
    assert (prompt.role, answer.role, answer.parent) == (Role.USER, Role.ASSISTANT, prompt.id)
    assert answer.reasoning == "Look\nat it"
    assert answer.text == "```python\nprint(1)\n```\n\n```\n1\n```\n\nIt is one."
    assert answer.model is not None
    assert answer.model.name == "o3"
    assert found.current == answer.id


def test_hidden_nodes_leave_no_gap() -> None:
    hidden = {"is_visually_hidden_from_conversation": True}
    found = only(
        drafts(chatgpt(chatgpt_node("h", "root", "user", metadata=hidden), chatgpt_node("p", "h", parts=["seen"])), AT)
    )
    assert [(message.text, message.parent) for message in found.messages] == [("seen", None)]


def test_attachments_are_named_and_said_to_be_lost() -> None:
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
    (draft,) = drafts(
        chatgpt(chatgpt_node("p", "root", parts=[picture, "look"], metadata={"attachments": [{"name": "a.pdf"}]})), AT
    )
    assert draft.conversation.messages[0].text == "[Attachment: image]\n\nlook\n\n[Attachment: a.pdf]"
    assert draft.losses == ("Attachments: only their names are imported (2)",)


def test_what_tools_found_is_said_to_be_lost() -> None:
    found = {"content_type": "tether_browsing_display", "result": "a page"}
    (draft,) = drafts(chatgpt(chatgpt_node("p", "root"), chatgpt_node("t", "p", "tool", content=found)), AT)
    assert draft.losses == ("Tool calls and their results are left out (1)",)


def test_a_custom_instruction_is_the_system_prompt() -> None:
    found = only(drafts(chatgpt(chatgpt_node("s", "root", "system", ["Be brief."]), chatgpt_node("p", "s")), AT))
    assert found.system == "Be brief."
    assert len(found.messages) == 1


def test_an_answer_that_was_stopped_is_marked() -> None:
    ended = {"finish_details": {"type": "interrupted"}}
    found = only(
        drafts(chatgpt(chatgpt_node("p", "root"), chatgpt_node("a", "p", "assistant", ["on"], metadata=ended)), AT)
    )
    assert found.messages[1].status is Status.STOPPED


def test_entries_without_a_message_give_nothing() -> None:
    entries: list[Any] = [{"title": "x"}, {}, 7, None, [], {"mapping": []}, {"mapping": {"a": 1}}, chatgpt()]
    for entry in entries:
        assert kept(drafts(entry, AT)) == []


def test_fields_of_any_kind_do_no_harm() -> None:
    strange: list[Any] = [None, 1, -1, 1e300, "x", [], {}, [[]], {"parts": 3}, True]
    for value in strange:
        node = chatgpt_node("p", "root", parts=["kept", value], create_time=value, metadata=value, channel=value)
        entry = chatgpt(node, title=value, create_time=value, current_node=value, default_model_slug=value)
        (message,) = only(drafts(entry, AT)).messages
        assert isinstance(message.parts[0], TextPart)
        assert not any(isinstance(part, ReasoningPart) for part in message.parts)


def test_a_parent_that_is_not_named_is_the_one_that_names_its_children() -> None:
    nodes = [
        {**chatgpt_node("p", None, parts=["why?"]), "children": ["a", "b"]},
        chatgpt_node("a", None, "assistant", ["so"]),
        chatgpt_node("b", "gone", "assistant", ["or so"]),
    ]
    found = only(drafts(chatgpt(*nodes, current_node="a"), AT))
    assert said(found) == [("user", "why?"), ("assistant", "so")]
    assert [each.parent for each in found.messages] == [None, found.messages[0].id, found.messages[0].id]


THINKS: dict[str, Any] = {"metadata": {"reasoning_status": "is_reasoning", "model_slug": "gpt-5-thinking"}}


def thoughts(id_: str, parent: str, said: str, **message: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    content = {"content_type": "thoughts", "thoughts": [{"summary": "", "content": said}]}
    return chatgpt_node(id_, parent, "assistant", content=content, **{**THINKS, **message})


def messages(*nodes: dict[str, Any]) -> tuple[Message, ...]:
    """Import nodes below a prompt, each the child of the one before."""
    above = chatgpt_node("p", "root")
    for each in nodes:
        above["children"] = [each["id"]]
        each["parent"], above = above["id"], each
    whole = chatgpt(chatgpt_node("p", "root") | {"children": [nodes[0]["id"]]}, *nodes, current_node=nodes[-1]["id"])
    return only(drafts(whole, AT)).messages


def test_thoughts_that_the_export_left_in_progress_end_no_answer() -> None:
    said = chatgpt_node("a", "", "assistant", ["So."], status="finished_successfully", end_turn=True)
    _, found = messages(thoughts("t", "", "hm", status="in_progress"), said)
    assert (found.text, found.status) == ("So.", Status.COMPLETE)
    assert found.parts[0] == ReasoningPart(text="hm")


def test_files_without_lists_of_children_say_by_parents_what_goes_on() -> None:
    first = chatgpt_node("t", "p", "assistant", ["Let me look."], status="in_progress")
    said = chatgpt_node("a", "t", "assistant", ["So."], status="finished_successfully", end_turn=True)
    for each in (first, said):
        each.pop("children", None)
    found = only(drafts(chatgpt(chatgpt_node("p", "root"), first, said, current_node="a"), AT)).messages
    assert {each.status for each in found} == {Status.COMPLETE}


def test_an_empty_thought_behind_an_answer_does_not_interrupt_it() -> None:
    said = chatgpt_node("a", "", "assistant", ["So."], status="finished_successfully", end_turn=True)
    _, found = messages(said, thoughts("t", "", "", status="in_progress"))
    assert (found.text, found.status) == ("So.", Status.COMPLETE)


def test_an_answer_that_really_broke_off_is_interrupted() -> None:
    _, found = messages(thoughts("t", "", "hm"), chatgpt_node("a", "", "assistant", ["So"], status="in_progress"))
    assert (found.text, found.status) == ("So", Status.INTERRUPTED)


@pytest.mark.parametrize("recipient", ["python", "container.exec"])
def test_what_a_model_ran_while_it_thought_is_thought(recipient: str) -> None:
    code = {"content_type": "code", "language": "unknown", "text": "cat notes"}
    ran = chatgpt_node("c", "", "assistant", content=code, recipient=recipient, **THINKS)
    out = chatgpt_node("o", "", "tool", content={"content_type": "execution_output", "text": "secret rules"}, **THINKS)
    _, found = messages(ran, out, chatgpt_node("a", "", "assistant", ["Done."], end_turn=True))
    assert found.text == "Done."
    (thought,) = (part for part in found.parts if isinstance(part, ReasoningPart))
    language = "python" if recipient == "python" else "sh"
    assert thought.text == f"```{language}\ncat notes\n```\n\n```\nsecret rules\n```"


def test_code_that_was_shown_is_code_of_the_answer() -> None:
    ran = chatgpt_node("c", "", "assistant", ["a = 1\r\nprint(a)"], recipient="python", channel="commentary")
    out = chatgpt_node("o", "", "tool", content={"content_type": "execution_output", "text": "1"})
    _, found = messages(ran, out, chatgpt_node("a", "", "assistant", ["Done."], channel="final", end_turn=True))
    assert found.text == "```python\na = 1\nprint(a)\n```\n\n```\n1\n```\n\nDone."


def test_a_call_of_the_shell_is_its_line() -> None:
    call = '{"cmd": ["bash", "-lc", "ls /mnt"], "timeout": 5}'
    ran = chatgpt_node("c", "", "assistant", content={"content_type": "code", "text": call}, recipient="container.exec")
    assert messages(ran)[1].parts == (TextPart(text="```sh\nls /mnt\n```"),)


def test_a_picture_that_was_drawn_later_is_shown_though_it_weighs_nothing() -> None:
    drawn = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-1", "width": 1, "height": 1}
    made = chatgpt_node("i", "", "tool", content={"content_type": "multimodal_text", "parts": [drawn]}, weight=0)
    call = chatgpt_node("c", "", "assistant", content={"content_type": "code", "text": "{}"}, recipient="image.text2im")
    _, found = messages(call, made)
    assert found.text == "[Attachment: image]"
    hidden = chatgpt_node("i", "", "tool", ["never shown"], weight=0)
    assert "never" not in "".join(each.text for each in messages(call, hidden))


MARK = "【55†L0-L3】"
A = "https://a.example/1"
CONNECTOR = {"attribution_id": "connector_openai_deep_research"}


def state(report: str, id_: str = "r") -> str:
    """Return a widget's state, without a report if there is no text."""
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
    """Return the state as a hidden text."""
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
