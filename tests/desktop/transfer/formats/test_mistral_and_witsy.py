"""Le Chat's export, one file per chat, and Witsy's history, alone and in its backup."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.conversation_types import Role
from desktop.transfer.format_detection import detect
from desktop.transfer.import_drafts import Draft
from desktop.transfer.importer import open_file
from tests.desktop.transfer.made import AT, said


def of(held: object) -> list[Draft]:
    source = detect("x.json", json.dumps(held).encode())
    return [draft for place in range(source.count) for draft in source.format.drafts(source.read(place), AT)]


def message(id_: str, role: str, second: int, content: str = "", *chunks: object, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    at = f"2025-09-19T16:18:{second:02}.250Z"
    empty: dict[str, Any] = {"reaction": "neutral", "context": None, "canvas": [], "quotes": [], "files": []}
    held = {"id": id_, "version": 0, "chatId": "c", "role": role, "content": content, "createdAt": at}
    return {**empty, **held, "contentChunks": list(chunks) or None, **fields}


def test_messages_in_any_order_are_one_conversation() -> None:
    held = [
        message("3", "user", 3, "and?"),
        message("2", "assistant", 2, "so"),
        message("1", "user", 1, "why?"),
        message("4", "assistant", 4, "thus", model="mistral-large"),
    ]
    (draft,) = of(held)
    found = draft.conversation
    assert said(found) == [("user", "why?"), ("assistant", "so"), ("user", "and?"), ("assistant", "thus")]
    assert (found.title, str(found.model)) == ("why?", "imported-mistral/mistral-large")
    assert found.created_at.isoformat() == "2025-09-19T16:18:01.250000+00:00"
    assert draft.losses == ()
    assert of(held[:2])[0].conversation.id == found.id


def test_answers_to_one_prompt_are_branches_and_the_newest_is_shown() -> None:
    held = [message("1", "user", 1, "why?"), message("2", "assistant", 2, "so"), message("3", "assistant", 3, "or so")]
    (draft,) = of([*held, message("4", "user", 4, "and?")])
    found = draft.conversation
    assert {each.parent for each in found.messages[1:3]} == {found.messages[0].id}
    assert said(found) == [("user", "why?"), ("assistant", "or so"), ("user", "and?")]


def test_pieces_of_an_answer_are_text_and_what_is_lost_is_told() -> None:
    chunks = [
        {"type": "tool_call", "name": "web_search", "publicArguments": "x"},
        {"type": "text", "text": "It is"},
        {"type": "reference", "referenceIds": [1, 2]},
        {"type": "custom_element"},
        {"type": "image_url", "imageUrl": "https://a.example/i.png?token=x"},
        {"type": "file_reference", "fileReference": "report.docx", "fileUrl": "https://a.example/x"},
        {"type": "canva", "id": "d"},
    ]
    canvas = [
        {"type": "text/markdown", "title": "My *doc*", "content": "# One"},
        {"type": "code/python", "title": "", "content": "print(1)"},
        {"type": "slides", "title": "Deck", "content": "---\nmarp: true"},
        {"type": "text/markdown", "title": "Empty"},
    ]
    asked = message("1", "user", 1, "why?", files=[{"type": "image", "name": "a.png"}], quotes=[{}])
    (draft,) = of([asked, message("2", "assistant", 2, "It is", *chunks, canvas=canvas)])
    prompt, answer = draft.conversation.messages
    assert prompt.text == "why?\n\n[Attachment: a.png]"
    assert answer.text == (
        "It is\n\n[Attachment: image]\n\n[Attachment: report.docx]\n\n**My doc**\n\n# One\n\n"
        "```python\nprint(1)\n```\n\n**Deck**\n\n```\n---\nmarp: true\n```"
    )
    assert sorted(draft.losses) == [
        "Attachments: only their names are imported (3)",
        "Citations whose source is not in the file are left out (2)",
        "Content of an unknown type is left out (2)",
        "Tool calls and their results are left out (1)",
    ]
    assert "a.example" not in repr(draft)


def test_each_file_of_the_zip_is_a_chat(tmp_path: Path) -> None:
    path = tmp_path / "chat-export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a", "b"):
            archive.writestr(f"chat-{name}.json", json.dumps([message("1", "user", 1, name, chatId=name)]))
        archive.writestr("chat-a-files/a.png", b"x")
        archive.writestr("chat-c.json", "[]")
    sources = open_file(path)
    assert [each.format.name for each in sources] == ["Mistral", "Mistral"]
    drafts = [draft for each in sources for draft in each.format.drafts(each.read(0), AT)]
    assert [each.conversation.title for each in drafts] == ["a", "b"]
    assert len({each.conversation.id for each in drafts}) == 2


def witsy(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    chat = {"uuid": "u", "title": "Sky", "createdAt": 1_700_000_000_000, "lastModified": 1_700_000_100_000}
    return {**chat, "engine": "openai", "model": "gpt-4o", "messages": list(messages), **fields}


SYSTEM: dict[str, Any] = {"uuid": "0", "role": "system", "content": "Be brief.", "createdAt": 1_700_000_000_000}
ASKED: dict[str, Any] = {
    "uuid": "1",
    "role": "user",
    "content": "why?",
    "createdAt": 1_700_000_001_500,
    "expert": {"id": "e", "prompt": "Act as a poet"},
    "attachments": [{"url": "file:///home/me/a.pdf", "mimeType": "application/pdf", "content": "aGk="}],
}
ANSWERED: dict[str, Any] = {
    "uuid": "2",
    "role": "assistant",
    "content": 'Let me look.<tool index="0"></tool>It is so.',
    "reasoning": "hm",
    "model": "o3",
    "engine": "openai",
    "createdAt": 1_700_000_002_000,
    "toolCalls": [{"id": "1", "name": "search", "params": {}, "result": {}}],
    "usage": {
        "prompt_tokens": 3,
        "completion_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 2},
        "completion_tokens_details": {"reasoning_tokens": 1},
    },
}


def test_a_history_has_chats_folders_and_what_was_counted() -> None:
    held = {
        "version": 5,
        "folders": [{"id": "f", "name": "Work", "chats": ["u"], "defaults": {"prompt": "x"}}],
        "chats": [witsy(SYSTEM, ASKED, ANSWERED), witsy(ASKED, uuid="v", title="Sea")],
        "quickPrompts": ["x"],
    }
    one, two = of(held)
    found = one.conversation
    assert (found.title, found.system, one.tags, two.tags) == ("Sky", "Be brief.", ("Work",), ())
    assert [each.role for each in found.messages] == [Role.USER, Role.ASSISTANT]
    assert found.messages[0].text == "why?\n\n[Attachment: a.pdf]"
    assert found.messages[0].created_at.isoformat() == "2023-11-14T22:13:21.500000+00:00"
    answer = found.messages[1]
    assert (answer.reasoning, answer.text) == ("hm", "Let me look.It is so.")
    assert str(answer.model) == "imported-witsy/o3"
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.cached_tokens, answer.usage.reasoning_tokens) == (3, 2, 1)
    assert sorted(one.losses) == [
        "Attachments: only their names are imported (1)",
        "System messages in the middle of a conversation are left out (1)",
        "Tool calls and their results are left out (1)",
    ]


def test_older_histories_and_messages_are_read() -> None:
    older = {
        "role": "assistant",
        "type": "image",
        "content": "file:///home/me/images/x.png",
        "toolCall": {"status": "done", "calls": [{"name": "draw"}]},
    }
    asked = {"role": "user", "content": "draw", "attachment": {"url": "file:///home/me/b.png"}}
    (draft,) = of([witsy(asked, older)])
    assert said(draft.conversation) == [("user", "draw\n\n[Attachment: b.png]"), ("assistant", "[Attachment: x.png]")]
    assert of(witsy(asked, older))[0].conversation == draft.conversation


def test_a_backup_gives_its_history_and_no_key(tmp_path: Path) -> None:
    path = tmp_path / "witsy-backup-2026-01-01.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("settings.json", json.dumps({"engines": {"openai": {"apiKey": "sk-1234567890abcdef"}}}))
        archive.writestr("history.json", json.dumps({"folders": [], "chats": [witsy(ASKED, ANSWERED)]}))
        archive.writestr("experts.json", json.dumps([{"id": "e", "name": "n", "prompt": "p"}]))
        archive.writestr("commands.json", json.dumps([{"id": "c", "engine": "openai"}]))
        archive.writestr("agents/a.json", json.dumps({"uuid": "a", "name": "n", "engine": "openai", "prompt": "p"}))
    (source,) = open_file(path)
    assert (source.format.name, source.count) == ("Witsy", 1)
    assert "sk-1234567890abcdef" not in repr(source.format.drafts(source.read(0), AT))


@pytest.mark.parametrize("held", [{"folders": [], "chats": []}, {"folders": [], "chats": {}, "quickPrompts": 5}])
def test_a_history_without_a_chat_gives_none(held: object) -> None:
    assert of(held) == []
