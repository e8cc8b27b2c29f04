"""Every kind of content that other programs write: the result and the losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation_types import Message, Role, Status
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.transfer.formats import big_agi, chatbotui, chatbox, chatgpt, claude, librechat, open_webui
from desktop.transfer.import_drafts import Draft
from tests.desktop.transfer.made import AT, chatgpt_node, kept, only
from tests.desktop.transfer.made import chatgpt as chatgpt_entry
from tests.examples import alike

Reader = Callable[[object, datetime], Sequence[Draft]]
Piece = Mapping[str, Any]

LOST = {
    "file": "Attachments: only their names are imported (1)",
    "tool": "Tool calls and their results are left out (1)",
    "kind": "Content of an unknown type is left out (1)",
}


def claude_of(*pieces: Piece, **message: Any) -> Sequence[Draft]:  # noqa: ANN401 - any JSON
    held = {"uuid": "1", "sender": "assistant", "content": pieces, **message}
    return claude.drafts({"uuid": "u", "name": "Sky", "chat_messages": [held]}, AT)


def librechat_of(*pieces: Piece, **message: Any) -> Sequence[Draft]:  # noqa: ANN401
    held = {"messageId": "1", "sender": "GPT", "content": pieces, **message}
    return librechat.drafts({"conversationId": "c", "title": "Sky", "messages": [held]}, AT)


def chatbox_of(*pieces: Piece, **message: Any) -> Sequence[Draft]:  # noqa: ANN401
    held = {"id": "1", "role": "assistant", "contentParts": pieces, **message}
    return chatbox.drafts({"entry": {"id": "e", "name": "Sky"}, "session": {"messages": [held]}}, AT)


def big_agi_of(*pieces: Piece, **message: Any) -> Sequence[Draft]:  # noqa: ANN401
    held = {"id": "1", "role": "assistant", "fragments": pieces, **message}
    return big_agi.drafts({"id": "c", "userTitle": "Sky", "messages": [held]}, AT)


def chatgpt_of(content: Piece, **message: Any) -> Sequence[Draft]:  # noqa: ANN401
    return chatgpt.drafts(chatgpt_entry(chatgpt_node("a", "root", "assistant", content=content, **message)), AT)


def answer(drafts: Sequence[Draft]) -> Message:
    return only(drafts).messages[-1]


SAID = {"type": "text", "text": "so"}


@pytest.mark.parametrize(
    ("drafts", "text", "lost"),
    [
        (claude_of(SAID, {"type": "tool_result", "content": "x"}), "so", "tool"),
        (claude_of(SAID, {"type": "token_budget"}, {"type": "flag"}), "so", ""),
        (claude_of(SAID, {"type": "hologram"}), "so", "kind"),
        (claude_of(SAID, files=[{"file_name": "a.png"}]), "so\n\n[Attachment: a.png]", "file"),
        (librechat_of({"type": "text", "text": {"value": "so"}}), "so", ""),
        (librechat_of(SAID, {"type": "tool_call", "tool_call": {}}), "so", "tool"),
        (librechat_of(SAID, {"type": "video"}), "so", "kind"),
        (
            librechat_of(SAID, {"type": "image_file", "image_file": {"filename": "a.png"}}),
            "so\n\n[Attachment: a.png]",
            "file",
        ),
        (librechat_of(SAID, {"type": "image_file"}), "so\n\n[Attachment: image]", "file"),
        (librechat_of(SAID, attachments=[{"name": "a.txt"}]), "so\n\n[Attachment: a.txt]", "file"),
        (chatbox_of(SAID, {"type": "image", "storageKey": "k"}), "so\n\n[Attachment: image]", "file"),
        (chatbox_of(SAID, {"type": "tool-call"}), "so", "tool"),
        (chatbox_of(SAID, {"type": "info", "text": "aside"}), "so", ""),
        (chatbox_of(SAID, {"type": "hologram"}), "so", "kind"),
        (chatbox_of(SAID, links=[{"title": "A page"}]), "so\n\n[Attachment: A page]", "file"),
        (big_agi_of({"part": {"pt": "text", "text": "so"}}, {"part": {"pt": "tool_invocation"}}), "so", "tool"),
        (big_agi_of({"part": {"pt": "text", "text": "so"}}, {"part": {"pt": "ph", "pText": "…"}}), "so", ""),
        (big_agi_of({"part": {"pt": "text", "text": "so"}}, {"part": {"pt": "hologram"}}), "so", "kind"),
        (big_agi_of({"part": {"pt": "text", "text": "so"}}, {"nothing": 1}), "so", "kind"),
        (chatgpt_of({"content_type": "tether_quote", "text": "so"}), "so", ""),
        (chatgpt_of({"content_type": "text", "parts": ["so", {"content_type": "hologram"}]}), "so", "kind"),
        (
            chatgpt_of({"content_type": "text", "parts": ["so", {"content_type": "audio_transcription", "text": "!"}]}),
            "so\n\n!",
            "",
        ),
        (
            chatgpt_of({"content_type": "multimodal_text", "parts": ["so", {"content_type": "image_asset_pointer"}]}),
            "so\n\n[Attachment: image]",
            "file",
        ),
    ],
)
def test_what_cannot_be_carried_over_is_said(drafts: Sequence[Draft], text: str, lost: str) -> None:
    assert answer(drafts).text == text
    assert drafts[0].losses == ((LOST[lost],) if lost else ())


@pytest.mark.parametrize(
    "drafts",
    [
        claude_of({"type": "thinking", "thinking": "hm"}, SAID),
        librechat_of({"type": "think", "think": "hm"}, SAID),
        chatbox_of({"type": "reasoning", "text": "hm"}, SAID),
        chatbox_of(reasoningContent="hm", content="so"),
        big_agi_of({"part": {"pt": "ma", "aText": "hm"}}, {"part": {"pt": "text", "text": "so"}}),
    ],
)
def test_thoughts_stay_apart_from_what_was_said(drafts: Sequence[Draft]) -> None:
    assert answer(drafts).parts == (ReasoningPart(text="hm"), TextPart(text="so"))
    assert drafts[0].losses == ()


@pytest.mark.parametrize(
    ("drafts", "status"),
    [
        (librechat_of(SAID, unfinished=True), Status.INTERRUPTED),
        (librechat_of(SAID, error=True, unfinished=True), Status.FAILED),
        (librechat_of(SAID, unfinished="yes"), Status.COMPLETE),
        (chatbox_of(SAID, generating=True), Status.INTERRUPTED),
        (chatbox_of(SAID, error="No key."), Status.FAILED),
        (
            big_agi_of({"part": {"pt": "text", "text": "so"}}, generator={"tokenStopReason": "client-abort"}),
            Status.STOPPED,
        ),
        (big_agi_of({"part": {"pt": "text", "text": "so"}}, generator={"tokenStopReason": "ok"}), Status.COMPLETE),
        (chatgpt_of({"content_type": "text", "parts": ["so"]}, status="in_progress"), Status.INTERRUPTED),
    ],
)
def test_how_an_answer_ended_comes_along(drafts: Sequence[Draft], status: Status) -> None:
    assert answer(drafts).status is status


TEXT = {"part": {"pt": "text", "text": "so"}}
FINISHED = {"content_type": "text", "parts": ["so"]}


@pytest.mark.parametrize(
    ("drafts", "status", "reason"),
    [
        (big_agi_of(TEXT, generator={"tokenStopReason": "out-of-tokens"}), Status.COMPLETE, "length"),
        (big_agi_of(TEXT, generator={"tokenStopReason": "filter"}), Status.COMPLETE, "content_filter"),
        (big_agi_of(TEXT, generator={"tokenStopReason": "issue"}), Status.FAILED, None),
        (chatbox_of(SAID, finishReason="length"), Status.COMPLETE, "length"),
        (chatbox_of(SAID, finishReason="content-filter"), Status.COMPLETE, "content_filter"),
        (chatbox_of(SAID, finishReason="tool-calls"), Status.COMPLETE, None),
        (chatgpt_of(FINISHED, status="error"), Status.FAILED, None),
        (chatgpt_of(FINISHED, metadata={"finish_details": {"type": "max_tokens"}}), Status.COMPLETE, "length"),
        (chatgpt_of({"content_type": "text", "parts": [""]}, status="error"), Status.FAILED, None),
        (chatbox_of(finishReason="length"), Status.COMPLETE, "length"),
        (librechat_of(SAID, finish_reason="length"), Status.COMPLETE, "length"),
        (claude_of(SAID, stop_reason="max_tokens"), Status.COMPLETE, "length"),
        (claude_of(SAID, stop_reason="end_turn"), Status.COMPLETE, None),
    ],
)
def test_an_answer_that_was_cut_says_why(drafts: Sequence[Draft], status: Status, reason: str | None) -> None:
    found = answer(drafts)
    assert (found.status, found.figures and found.figures.finish_reason) == (status, reason)
    assert drafts[0].losses == ()


@pytest.mark.parametrize(
    "drafts",
    [
        librechat_of({"type": "think", "think": "hm"}, text="so"),
        librechat_of({"type": "think", "think": "hm"}, {"type": "text", "text": ""}, text="so"),
        librechat_of(text=":::thinking\nhm\n:::\n\nso"),
        claude_of({"type": "thinking", "thinking": "hm"}, {"type": "text", "text": ""}, text="so"),
        chatbox_of({"type": "reasoning", "text": "hm"}, content="so"),
        big_agi_of({"part": {"pt": "ma", "aText": "hm"}}, text="so"),
    ],
)
def test_an_answer_s_text_beside_its_pieces_is_read_where_they_say_nothing(drafts: Sequence[Draft]) -> None:
    assert answer(drafts).parts == (ReasoningPart(text="hm"), TextPart(text="so"))


def test_librechats_errors_are_what_answers_ended_with() -> None:
    found = answer(librechat_of({"type": "error", "error": "Rate limit"}))
    assert found.status is Status.FAILED
    assert found.problem is not None
    assert found.problem.message == "Rate limit"


def test_what_big_agi_quotes_of_answers_stands_before_the_prompt() -> None:
    quoting = {"inReferenceTo": [{"mText": "one\ntwo"}, {"mText": "three"}], "inReplyToText": "one"}
    assert answer(big_agi_of(TEXT, role="user", metadata=quoting)).text == "> one\n> two\n\n> three\n\nso"
    assert answer(big_agi_of(TEXT, role="user", metadata={"inReplyToText": "one"})).text == "> one\n\nso"


def test_chatgpts_texts_may_be_objects_and_its_thoughts_text() -> None:
    pieces = [{"content_type": "text", "text": "so"}, None, "it is"]
    drafts = chatgpt_of({"content_type": "multimodal_text", "parts": pieces})
    assert (answer(drafts).text, drafts[0].losses) == ("so\n\nit is", ())
    for thoughts in ("hm", ["hm"], [{"content": "hm"}]):
        assert answer(chatgpt_of({"content_type": "thoughts", "thoughts": thoughts})).reasoning == "hm"


def test_a_problem_that_came_along_is_cut_to_a_sentence_or_two() -> None:
    problem = answer(chatbox_of(SAID, error="x" * 9_999)).problem
    assert problem is not None
    assert len(problem.message) == 500


@pytest.mark.parametrize(
    ("counted", "tokens"),
    [
        ({"inputTokens": 3, "outputTokens": 4, "reasoningTokens": 2}, (3, 4, 2)),
        ({"promptTokens": 3, "completionTokens": 4}, (3, 4, None)),
        ({"inputTokens": "3", "outputTokens": -4}, None),
        ({}, None),
    ],
)
def test_tokens_are_counted_in_either_spelling_and_never_made_up(
    counted: Piece, tokens: tuple[int | None, ...] | None
) -> None:
    usage = answer(chatbox_of(SAID, usage=counted)).usage
    assert (usage and (usage.input_tokens, usage.output_tokens, usage.reasoning_tokens)) == tokens


def test_librechats_flat_messages_without_branches_stand_in_a_row() -> None:
    messages = [
        {"messageId": "1", "isCreatedByUser": True, "text": "a", "parentMessageId": "gone"},
        {"messageId": "2", "sender": "GPT", "text": "b", "parentMessageId": "elsewhere"},
        {"messageId": "3", "sender": "User", "text": "c", "parentMessageId": "1"},
    ]
    found = only(librechat.drafts({"conversationId": "c", "branches": False, "messages": messages}, AT))
    assert [(each.role, each.text) for each in found.path()] == [
        (Role.USER, "a"),
        (Role.ASSISTANT, "b"),
        (Role.USER, "c"),
    ]


def test_chatboxs_sessions_that_its_list_does_not_name_are_read_too() -> None:
    held: dict[str, object] = {
        chatbox.SESSIONS: [{"id": "1", "name": "Sky"}, "x"],
        "session:1": {},
        "session:2": {},
        "settings": {},
    }
    assert [(bool(entry), key) for entry, key in chatbox.sessions(held)] == [(True, "session:1"), (False, "session:2")]


def test_open_webuis_calls_of_tools_are_lost_and_an_open_thought_is_text() -> None:
    lost = open_webui.Counter[Any]()
    said = 'a<details type="tool_calls" done="true">\n<summary>x</summary>\ny\n</details>\nb<details type="reasoning"'
    assert [part.text for part in open_webui.split(said, lost) if isinstance(part, TextPart)] == [
        "a",
        'b<details type="reasoning"',
    ]
    assert sum(lost.values()) == 1


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "text", "pt"]), inner),
    max_leaves=4,
)
_ID = st.sampled_from(["1", "2", "3", 4, None])
_MESSAGE = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "assistant", "system", "tool", 7]),
        "sender": st.sampled_from(["human", "assistant", "User", None]),
        "content": st.text(max_size=3) | _ANYTHING,
        "text": st.text(max_size=3) | _ANYTHING,
    },
    optional={
        **dict.fromkeys(("id", "uuid", "messageId", "parentId", "parent_message_uuid", "parentMessageId"), _ID),
        **dict.fromkeys(("contentParts", "fragments", "files", "usage", "timestamp", "created_at"), _ANYTHING),
    },
)
_READERS: tuple[Reader, ...] = (
    claude.drafts,
    librechat.drafts,
    chatbox.drafts,
    chatbotui.drafts,
    big_agi.drafts,
    open_webui.drafts,
    chatgpt.drafts,
)


@pytest.mark.parametrize("read", alike(3, _READERS))
@given(messages=st.lists(_MESSAGE, max_size=5))
def test_whatever_messages_hold_what_is_read_is_a_whole_tree(read: Reader, messages: list[Piece]) -> None:
    nodes = {str(place): {"id": str(place), "message": each, "parent": None} for place, each in enumerate(messages)}
    entry = {"id": "c", "messages": messages, "chat_messages": messages, "mapping": nodes}
    for draft in kept(read({**entry, "session": entry, "entry": {}}, AT)):
        ids = [message.id for message in draft.conversation.messages]
        assert len(set(ids)) == len(ids) > 0
        assert draft.conversation.current in ids
        assert all(message.parent is None or message.parent in ids for message in draft.conversation.messages)
        assert draft.conversation.created_at <= draft.conversation.updated_at
