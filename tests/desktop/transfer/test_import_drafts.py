"""Drafts of all formats: titles, IDs, system prompts, fences and placeholders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import ReasoningPart, TextPart, ToolCallPart
from desktop.transfer.formats import big_agi, chatbotui, chatbox, claude, deepseek, librechat, open_webui
from desktop.transfer.import_drafts import (
    ConversationOutline,
    attachment,
    fenced,
    finished,
    identity,
    joined,
    model_ref,
    text_node,
)
from tests.desktop.transfer.made import AT, kept, only

LATER = AT + timedelta(days=1)


def outline(*said: tuple[Role, str], title: str = "Sky", model: str = "m") -> ConversationOutline:
    made = ConversationOutline(source="x", id="1", title=title, model=model)
    for place, (role, text) in enumerate(said):
        made.nodes.append(text_node(str(place), str(place - 1) if place else None, role, text))
    return made


def test_a_title_comes_from_the_first_prompt_where_there_is_none() -> None:
    assert only(finished(outline((Role.USER, "why is\nit?"), title=" \n"), AT)).title == "why is"
    assert only(finished(outline((Role.USER, "x"), title="a\n b" + "c" * 900), AT)).title.startswith("a bccc")


def test_times_that_are_missing_are_the_import_s() -> None:
    found = only(finished(outline((Role.USER, "a")), AT))
    assert found.created_at == found.updated_at == found.messages[0].created_at == AT


def test_a_conversation_ends_no_earlier_than_it_begins() -> None:
    made = outline((Role.USER, "a"))
    made.created, made.updated = LATER, AT
    assert only(finished(made, AT)).updated_at == LATER


def test_the_first_system_message_is_the_prompt_and_later_ones_are_lost() -> None:
    said = [(Role.SYSTEM, "one"), (Role.USER, "a"), (Role.SYSTEM, "one"), (Role.SYSTEM, "two"), (Role.ASSISTANT, "b")]
    (draft,) = finished(outline(*said), AT)
    assert draft.conversation.system == "one"
    assert draft.losses == ("System messages in the middle of a conversation are left out (1)",)
    assert [message.parent for message in draft.conversation.messages] == [None, draft.conversation.messages[0].id]


def test_an_answer_s_model_is_the_source_s_and_no_connection_of_the_user_s() -> None:
    assert str(model_ref("chatgpt", " gpt\n4 ")) == "imported-chatgpt/gpt 4"
    assert str(model_ref("chatgpt", "")) == "imported-chatgpt/chatgpt"
    found = only(finished(outline((Role.USER, "a"), model="m1"), AT))
    assert (found.model.name, found.messages[0].model) == ("m1", None)


def test_nothing_said_is_no_conversation() -> None:
    assert kept(finished(outline(), AT)) == []
    assert kept(finished(outline((Role.SYSTEM, "s"), (Role.USER, " \n")), AT)) == []


def test_ids_part_what_is_written_alike() -> None:
    assert identity("a", "bc") != identity("ab", "c")
    assert identity("\ud83d") == identity("\ud83d")
    assert len(identity("a")) == 32


def test_a_fence_is_longer_than_those_within() -> None:
    assert fenced("a", "py") == "```py\na\n```"
    assert fenced("````\n").startswith("`````\n````\n`````")


def test_parts_are_joined_and_empty_ones_go() -> None:
    call = ToolCallPart(id="1", name="n", arguments="{}")
    given = [TextPart(text="a"), TextPart(text=" "), TextPart(text="b"), ReasoningPart(text="c"), call]
    assert joined(given) == (TextPart(text="a\n\nb"), ReasoningPart(text="c"), call)
    assert attachment("a\nb" * 200).text.startswith("[Attachment: a b")
    assert attachment("").text == "[Attachment: unnamed]"


def test_reasoning_between_tags_in_an_answer_is_reasoning() -> None:
    said = "<think>\nLet me see.\n</think>\n\nIt is 4."
    found = only(finished(outline((Role.USER, said), (Role.ASSISTANT, said), (Role.ASSISTANT, f"So {said}")), AT))
    assert found.messages[0].parts == (TextPart(text=said),)
    assert found.messages[1].parts == (
        ReasoningPart(text="Let me see."),
        TextPart(text=f"It is 4.\n\nSo {said}"),
    )


def test_reasoning_that_is_only_closed_is_reasoning_too() -> None:
    said = "Let me see.\n</think>\n\nIt is 4."
    found = only(finished(outline((Role.USER, said), (Role.ASSISTANT, said)), AT))
    assert found.messages[0].parts == (TextPart(text=said),)
    assert found.messages[1].parts == (ReasoningPart(text="Let me see."), TextPart(text="It is 4."))


def test_reasoning_between_tags_after_a_tool_s_result_is_reasoning_too() -> None:
    said = [(Role.USER, "a"), (Role.ASSISTANT, "Wait."), (Role.ASSISTANT, "<think>Hm.</think>Done.")]
    (_, answer) = only(finished(outline(*said), AT)).messages
    assert answer.parts == (TextPart(text="Wait."), ReasoningPart(text="Hm."), TextPart(text="Done."))


EMPTY = "Messages without visible content are left out (1)"


def told(*said: tuple[Role, str]) -> Sequence[str]:
    """Return the reported losses."""
    (draft,) = finished(outline(*said), AT)
    return draft.losses


def test_a_prompt_or_an_answer_in_which_nothing_is_said_is_told() -> None:
    assert told((Role.USER, "a"), (Role.ASSISTANT, " ")) == (EMPTY,)
    assert told((Role.USER, ""), (Role.ASSISTANT, "b")) == (EMPTY,)
    assert told((Role.USER, "a"), (Role.ASSISTANT, ""), (Role.ASSISTANT, ""), (Role.USER, "c")) == (EMPTY,)
    # The answer is in another message of its turn.
    assert told((Role.USER, "a"), (Role.ASSISTANT, ""), (Role.ASSISTANT, "b"), (Role.ASSISTANT, "")) == ()


def test_an_answer_in_which_nothing_is_said_is_told_by_every_format() -> None:
    asked, silent = {"role": "user", "content": "a"}, {"role": "assistant", "content": ""}
    lines = [{"uuid": "1", "sender": "human", "text": "a"}, {"uuid": "2", "sender": "assistant", "text": ""}]
    flat: list[dict[str, Any]] = [{"isCreatedByUser": True, "text": "a"}, {"sender": "GPT", "content": []}]
    nodes = {
        "p": {"message": {"fragments": [{"type": "REQUEST", "content": "a"}]}},
        "a": {"parent": "p", "message": {"fragments": [{"type": "RESPONSE", "content": ""}]}},
    }
    for drafts in (
        claude.drafts({"chat_messages": lines}, AT),
        librechat.drafts({"messages": flat}, AT),
        open_webui.drafts({"messages": [asked, silent]}, AT),
        chatbox.drafts({"session": {"messages": [asked, silent]}}, AT),
        chatbotui.drafts({"messages": [asked, silent]}, AT),
        big_agi.drafts({"messages": [asked, silent]}, AT),
        deepseek.drafts({"mapping": nodes}, AT),
    ):
        assert drafts[0].losses == (EMPTY,)


def test_messages_of_tools_and_of_nobody_that_is_known_are_told() -> None:
    said = [{"role": role, "content": "a"} for role in ("user", "tool", "critic", "assistant")]
    for drafts in (
        open_webui.drafts({"messages": said}, AT),
        chatbox.drafts({"session": {"messages": said}}, AT),
        chatbotui.drafts({"messages": said}, AT),
        big_agi.drafts({"messages": said}, AT),
    ):
        lost = ("Unreadable messages are left out (1)", "Tool calls and their results are left out (1)")
        assert drafts[0].losses == lost
