"""TypingMind's export: chats, and the threads in their prompts."""

from __future__ import annotations

import json
from typing import Any

from desktop.domain.conversation_types import Conversation
from desktop.domain.message_parts import ImagePart
from desktop.transfer.format_detection import detect
from desktop.transfer.formats.typing_mind import drafts
from desktop.transfer.import_shelf import Shelf
from tests.desktop.transfer.made import AT, only, said

PICTURE = "data:image/png;base64,iVBORw0KGgo="


def message(id_: str, role: str, content: object = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    said_ = [{"type": "text", "text": id_}] if content is None else content
    return {"uuid": id_, "role": role, "content": said_, "createdAt": "2025-08-05T03:03:40.599Z", **more}


def chat(*messages: object, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    held = {"id": "c1", "chatID": "c1", "chatTitle": "Sky", "model": "gpt-4o", "createdAt": "2025-08-05T03:00:00Z"}
    return {**held, "updatedAt": "2025-08-06T03:00:00Z", "messages": list(messages), **more}


def follows(conversation: Conversation) -> list[tuple[str, str]]:
    """Return the parent of each text."""
    texts = {each.id: each.text for each in conversation.messages}
    return sorted((texts.get(each.parent or "", ""), each.text) for each in conversation.messages)


def test_an_export_comes_with_titles_models_times_and_tokens() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    held = chat(
        message("s", "system", "Be short."),
        message("u", "user", "why?"),
        message("a", "assistant", model="chatgpt-4o-latest", usage=usage),
    )
    source = detect("typingmind.json", json.dumps({"data": {"chats": [held], "folders": []}, "checksum": "x"}).encode())
    assert (source.format.name, source.count) == ("TypingMind", 1)
    (draft,) = source.format.drafts(source.read(0), AT)
    found = only([draft])
    assert (found.title, found.system) == ("Sky", "Be short.")
    assert said(found) == [("user", "why?"), ("assistant", "a")]
    assert str(found.model) == "imported-typingmind/chatgpt-4o-latest"
    assert found.created_at.isoformat() == "2025-08-05T03:00:00+00:00"
    assert found.messages[0].created_at.isoformat() == "2025-08-05T03:03:40.599000+00:00"
    assert found.messages[1].usage is not None
    assert (found.messages[1].usage.input_tokens, found.messages[1].usage.output_tokens) == (3, 4)
    assert draft.losses == ()


def test_threads_are_branches_of_the_prompt_that_holds_them() -> None:
    again = {"messages": [message("b", "assistant"), message("v", "user")], "userMessageContent": "u"}
    edited = {"messages": [message("c", "assistant")], "userMessageContent": [{"type": "text", "text": "other"}]}
    twice = {"messages": [message("d", "assistant")], "userMessageContent": "other", "createdAt": "x"}
    held = chat(message("u", "user", "u", threads=[again, edited, twice]), message("a", "assistant"))
    found = only(drafts(held, AT))
    assert said(found) == [("user", "u"), ("assistant", "a")]
    assert follows(found) == [
        ("", "other"),
        ("", "u"),
        ("b", "v"),
        ("other", "c"),
        ("other", "d"),
        ("u", "a"),
        ("u", "b"),
    ]


def test_a_thread_that_is_the_one_shown_counts_once_and_threads_may_hold_threads() -> None:
    inner = {"messages": [message("c", "assistant")], "userMessageContent": "w"}
    shown = {"messages": [message("a", "assistant"), message("v", "user", "v", threads=[inner])]}
    held = chat(
        message("u", "user", "u", threads=[shown]),
        message("a", "assistant"),
        message("v", "user", "v", threads=[inner]),
    )
    (draft,) = drafts(held, AT)
    assert follows(draft.conversation) == [("", "u"), ("a", "v"), ("a", "w"), ("u", "a"), ("w", "c")]
    assert [text for _, text in said(draft.conversation)] == ["u", "a", "v"]
    assert draft.losses == ()


def test_threads_within_threads_may_go_deep() -> None:
    held: dict[str, Any] = message("u0", "user", "u0")
    for depth in range(1, 300):
        held = message(f"u{depth}", "user", f"u{depth}", threads=[{"messages": [held]}])
    assert len(only(drafts(chat(held), AT)).messages) == 300


def test_pictures_come_along_and_tools_and_the_unknown_are_told() -> None:
    pieces = [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": PICTURE}},
        {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}},
        {"type": "hologram"},
    ]
    rows = [message("u", "user", pieces), message("t", "tool", "x"), message("a", "assistant", [{"type": "tool_use"}])]
    (draft,) = drafts(chat(*rows, 7), AT, Shelf())
    (prompt,) = draft.conversation.messages
    assert sum(isinstance(part, ImagePart) for part in prompt.parts) == 1
    assert "[Attachment: image]" in prompt.text
    assert draft.losses == (
        "Attachments: only their names are imported (1)",
        "Content of an unknown type is left out (1)",
        "Messages without visible content are left out (1)",
        "Unreadable messages are left out (1)",
        "Tool calls and their results are left out (2)",
    )


def test_a_chat_that_was_deleted_is_archived() -> None:
    (kept,) = drafts(chat(message("u", "user"), deletedAt=None), AT)
    (gone,) = drafts(chat(message("u", "user"), deletedAt="2025-08-06T03:00:00Z"), AT)
    assert (kept.archived, gone.archived) == (False, True)


def test_one_chat_and_a_list_of_them_are_known_too() -> None:
    for held in (chat(message("u", "user")), [chat(message("u", "user"))]):
        assert detect("x.json", json.dumps(held).encode()).format.name == "TypingMind"
