"""LM Studio's conversations: versions, steps, reasoning, files, and other content."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.conversation_types import Status
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.transfer.format_detection import detect
from desktop.transfer.formats.lm_studio import drafts
from desktop.transfer.importer import open_file
from tests.desktop.transfer.made import AT, only, said

AT_MS = 1_784_921_389_195


def asked(*texts: str, **piece: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    versions = [
        {"type": "singleStep", "role": "user", "content": [{"type": "text", "text": each, **piece}]} for each in texts
    ]
    return {"versions": versions, "currentlySelected": 0}


def block(text: str, **step: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"type": "contentBlock", "content": [{"type": "text", "text": text}], **step}


def answered(*rows: list[dict[str, Any]], selected: object = 0) -> dict[str, Any]:
    versions = [
        {"type": "multiStep", "role": "assistant", "senderInfo": {"senderName": "qwen"}, "steps": steps}
        for steps in rows
    ]
    return {"versions": versions, "currentlySelected": selected}


def conversation(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    held = {
        "name": "Sheets",
        "pinned": True,
        "createdAt": AT_MS,
        "systemPrompt": "Be careful.",
        "lastUsedModel": {"identifier": "qwen3", "indexedModelIdentifier": "qwen/qwen3.gguf"},
        "assistantLastMessagedAt": AT_MS + 90_000,
    }
    return {**held, "messages": list(messages), **more}


def test_a_conversation_comes_with_title_model_system_prompt_pin_and_times() -> None:
    steps = [
        block("hm", style={"type": "thinking", "ended": True}, stepIdentifier=f"{AT_MS + 5_000}-0.25"),
        block("It is so.", genInfo={"identifier": "qwen3@8bit", "stats": {}}),
        {"type": "debugInfoBlock", "debugInfo": "x"},
    ]
    (draft,) = drafts(conversation(asked("why?"), answered(steps)), AT)
    found = only([draft])
    assert (found.title, found.system, draft.pinned) == ("Sheets", "Be careful.", True)
    assert said(found) == [("user", "why?"), ("assistant", "It is so.")]
    assert found.messages[1].parts == (ReasoningPart(text="hm"), TextPart(text="It is so."))
    assert str(found.messages[1].model) == "imported-lm-studio/qwen3@8bit"
    assert found.created_at.isoformat() == "2026-07-24T19:29:49.195000+00:00"
    assert [each.created_at.isoformat()[11:23] for each in found.messages] == ["19:29:49.195", "19:29:54.195"]
    assert found.updated_at.isoformat()[11:23] == "19:31:19.195"
    assert draft.losses == ()


@pytest.mark.parametrize(("selected", "shown"), [(0, "one"), (1, "two"), (2, "two"), (-3, "one"), ("x", "one")])
def test_versions_are_branches_and_what_follows_hangs_on_the_selected_one(selected: object, shown: str) -> None:
    held = conversation(asked("why?"), answered([block("one")], [block("two")], selected=selected), asked("and?"))
    found = only(drafts(held, AT))
    assert said(found) == [("user", "why?"), ("assistant", shown), ("user", "and?")]
    prompt, *answers = [each for each in found.messages if each.text != "and?"]
    assert {each.text for each in answers} == {"one", "two"}
    assert {each.parent for each in answers} == {prompt.id}


def test_pieces_of_a_text_are_one_and_steps_are_paragraphs() -> None:
    pieces = [{"type": "text", "text": "Hel", "fromDraftModel": True}, {"type": "text", "text": "lo"}]
    steps = [{"type": "contentBlock", "content": pieces}, block("world")]
    assert said(only(drafts(conversation(answered(steps)), AT))) == [("assistant", "Hello\n\nworld")]


def test_tags_around_thoughts_are_no_thoughts() -> None:
    pieces = [
        {"type": "text", "text": "<think>", "isStructural": True},
        {"type": "text", "text": "hm"},
        {"type": "text", "text": "</think>", "isStructural": True},
    ]
    step = {"type": "contentBlock", "style": {"type": "thinking"}, "content": pieces}
    (message,) = only(drafts(conversation(answered([step, block("so")])), AT)).messages
    assert message.parts == (ReasoningPart(text="hm"), TextPart(text="so"))


def test_files_are_named_and_tools_citations_and_the_unknown_are_told() -> None:
    prompt = asked("see")
    prompt["versions"][0]["content"] += [
        {"type": "file", "fileIdentifier": "1784921393420 - 431.png", "fileType": "image", "sizeBytes": 5},
        {"type": "hologram"},
    ]
    steps = [
        {"type": "contentBlock", "content": [{"type": "toolCallRequest"}, {"type": "toolCallResult"}]},
        {"type": "toolStatus"},
        {"type": "citationBlock", "citedText": "x"},
        {"type": "futureBlock"},
        block("so"),
    ]
    (draft,) = drafts(conversation(prompt, answered(steps), looseFiles=[{}], clientInput="not sent"), AT)
    assert draft.conversation.messages[0].text == "see\n\n[Attachment: 1784921393420 - 431.png]"
    assert sorted(draft.losses) == [
        "Attachments: only their names are imported (2)",
        "Citations whose source is not in the file are left out (1)",
        "Content of an unknown type is left out (3)",
        "Tool calls and their results are left out (2)",
    ]


def test_calls_of_which_only_the_status_is_kept_are_told() -> None:
    (draft,) = drafts(conversation(answered([{"type": "toolStatus"}, block("so")])), AT)
    assert draft.losses == ("Tool calls and their results are left out (1)",)


@pytest.mark.parametrize(
    ("word", "status", "reason"),
    [
        ("eosFound", Status.COMPLETE, None),
        ("userStopped", Status.STOPPED, None),
        ("maxPredictedTokensReached", Status.COMPLETE, "length"),
        ("failed", Status.FAILED, None),
    ],
)
def test_what_was_measured_comes_along_with_how_it_ended(word: str, status: Status, reason: str | None) -> None:
    stats = {
        "stopReason": word,
        "tokensPerSecond": 20.0,
        "timeToFirstTokenSec": 0.5,
        "totalTimeSec": 2.0,
        "promptTokensCount": 11,
        "predictedTokensCount": 40,
    }
    (message,) = only(drafts(conversation(answered([block("so", genInfo={"stats": stats})])), AT)).messages
    assert (message.status, message.usage is not None, message.figures is not None) == (status, True, True)
    assert message.usage is not None
    assert message.figures is not None
    assert (message.usage.input_tokens, message.usage.output_tokens) == (11, 40)
    assert (message.figures.ttft_ms, message.figures.duration_ms, message.figures.tokens_per_second) == (500, 2500, 20)
    assert message.figures.finish_reason == reason


def test_a_chats_own_settings_have_its_system_prompt_unless_they_are_off() -> None:
    fields = {"fields": [{"key": "llm.prediction.temperature", "value": 1}, {"key": "llm.prediction.systemPrompt"}]}
    fields["fields"][1]["value"] = "Own."
    held = conversation(asked("why?"), perChatPredictionConfig=fields)
    assert only(drafts(held, AT)).system == "Own."
    assert only(drafts({**held, "usePerChatPredictionConfig": False}, AT)).system == "Be careful."


def test_a_message_without_versions_is_told_and_the_next_one_follows_the_one_before() -> None:
    (draft,) = drafts(conversation(asked("why?"), {"versions": []}, answered([block("so")])), AT)
    assert said(draft.conversation) == [("user", "why?"), ("assistant", "so")]
    assert draft.losses == ("Unreadable messages are left out (1)",)


def test_it_is_known_by_its_messages_and_without_any_by_the_rest() -> None:
    for held in (conversation(asked("why?")), conversation(clientInput="")):
        assert detect("1784921389195.conversation.json", json.dumps(held).encode()).format.name == "LM Studio"


def test_a_zip_and_a_folder_of_them_are_an_export_each_file(tmp_path: Path) -> None:
    folder = tmp_path / "conversations"
    (folder / "work").mkdir(parents=True)
    for place, name in enumerate(("1.conversation.json", "work/2.conversation.json")):
        held = conversation(asked("why?"), name=f"Chat {place}", createdAt=AT_MS + place)
        (folder / name).write_text(json.dumps(held))
    (folder / "settings.json").write_text('{"token": "secret"}')
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for path in folder.rglob("*.json"):
            archive.write(path, path.relative_to(tmp_path))
    for path in (folder, tmp_path / "x.zip"):
        sources = open_file(path)
        titles = [only(each.format.drafts(each.read(0), AT)).title for each in sources]
        assert sorted(titles) == ["Chat 0", "Chat 1"]
        for each in sources:
            each.close()
