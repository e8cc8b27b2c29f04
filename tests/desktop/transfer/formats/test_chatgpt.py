"""ChatGPT's export: branches, thoughts, code and hidden nodes become a tree of prompts and answers."""

from __future__ import annotations

from typing import Any

from desktop.domain.conversation_types import ModelRef, Role, Status
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
    assert draft.losses == ("Attachments: only their names are kept (2)",)


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
