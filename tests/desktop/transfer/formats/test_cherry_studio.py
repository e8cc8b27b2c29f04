"""Cherry Studio's JSON backups of all versions: topics, blocks, several answers, files, and never a key."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.conversation_types import Status
from desktop.domain.message_parts import FilePart, ImagePart, ReasoningPart, TextPart
from desktop.errors import TransferError
from desktop.transfer.format_detection import detect
from desktop.transfer.formats.cherry_studio import drafts
from desktop.transfer.import_drafts import Draft
from desktop.transfer.import_shelf import Shelf
from desktop.transfer.importer import open_file
from tests.desktop.transfer.made import AT, only, said

PICTURE = "data:image/png;base64,iVBORw0KGgo="
MODEL = {"id": "deepseek-r1", "name": "DeepSeek R1", "provider": "deepseek", "group": "x"}


def message(id_: str, role: str, *blocks: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    held = {"id": id_, "role": role, "topicId": "t1", "createdAt": "2025-05-06T07:08:09.100Z", "status": "success"}
    return {**held, "blocks": list(blocks), **more}


def block(id_: str, kind: str = "main_text", content: object = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"id": id_, "messageId": "x", "type": kind, "content": id_ if content is None else content, **more}


def storage(*topics: dict[str, Any], **assistant: Any) -> dict[str, Any]:  # noqa: ANN401
    held = {"id": "as", "name": "Kind", "prompt": "Be kind.", "topics": list(topics), **assistant}
    state = {
        "assistants": json.dumps({"defaultAssistant": {}, "assistants": [held]}),
        "llm": json.dumps({"providers": [{"apiKey": "sk-secret", "apiHost": "https://x.example"}]}),
    }
    return {"persist:cherry-studio": json.dumps(state), "token": "sk-secret"}


def backup(messages: list[dict[str, Any]], blocks: list[object], **about: Any) -> dict[str, Any]:  # noqa: ANN401
    named = {"id": "t1", "name": "Sky", "pinned": True, "prompt": "Rhyme.", "createdAt": "2025-05-06T07:00:00Z"}
    return {
        "time": 1_750_000_000_000,
        "version": 5,
        "localStorage": storage({**named, **about}),
        "indexedDB": {"topics": [{"id": "t1", "messages": messages}], "message_blocks": blocks, "settings": []},
    }


def loaded(held: object, name: str = "data.json") -> list[Draft]:
    source = detect(name, json.dumps(held).encode())
    assert source.format.name == "Cherry Studio"
    return [draft for place in range(source.count) for draft in source.format.drafts(source.read(place), AT)]


def of(*messages: dict[str, Any], shelf: Shelf | None = None, **blocks: dict[str, Any]) -> Draft:
    item = {"topic": {"id": "t1", "messages": list(messages)}, "blocks": blocks}
    (draft,) = drafts(item, AT, shelf) if shelf is not None else drafts(item, AT)
    return draft


def test_a_topic_comes_with_title_pin_prompts_model_thoughts_tokens_and_times_and_without_keys() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "thoughts_tokens": 2}
    metrics = {"time_first_token_millsec": 250, "time_completion_millsec": 1000}
    rows = [
        message("u", "user", "b1"),
        message("a", "assistant", "b2", "b3", model=MODEL, usage=usage, metrics=metrics),
    ]
    (draft,) = loaded(backup(rows, [block("b1"), block("b2", "thinking", "hm"), block("b3")]))
    found = only([draft])
    assert (found.title, found.system, draft.pinned) == ("Sky", "Be kind.\nRhyme.", True)
    assert said(found) == [("user", "b1"), ("assistant", "b3")]
    answer = found.messages[1]
    assert answer.parts == (ReasoningPart(text="hm"), TextPart(text="b3"))
    assert str(answer.model) == "imported-cherry-studio/deepseek-r1"
    assert answer.usage is not None
    assert answer.figures is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.reasoning_tokens) == (3, 4, 2)
    assert (answer.figures.ttft_ms, answer.figures.duration_ms) == (250, 1000)
    assert answer.created_at.isoformat() == "2025-05-06T07:08:09.100000+00:00"
    assert found.created_at.isoformat() == "2025-05-06T07:00:00+00:00"
    assert "secret" not in repr(draft)
    assert draft.losses == ()


@pytest.mark.parametrize(
    ("marks", "shown"),
    [(("", ""), "b"), (("foldSelected", ""), "a"), (("useful", "foldSelected"), "a")],
)
def test_answers_of_several_models_are_branches_of_their_prompt(marks: tuple[str, str], shown: str) -> None:
    answers = [
        message(id_, "assistant", content=id_, askId="u", **{mark: True}) for id_, mark in zip("ab", marks, strict=True)
    ]
    draft = of(message("u", "user", content="u"), *answers, message("v", "user", content="v"))
    found = only([draft])
    assert said(found) == [("user", "u"), ("assistant", shown), ("user", "v")]
    prompt = next(each for each in found.messages if each.text == "u")
    assert {each.text for each in found.messages if each.parent == prompt.id} == {"a", "b"}


def test_answers_whose_prompt_was_deleted_stay_side_by_side() -> None:
    answers = [message(id_, "assistant", content=id_, askId="gone") for id_ in "ab"]
    found = only([of(message("u", "user", content="u"), message("z", "assistant", content="z"), *answers)])
    before = next(each for each in found.messages if each.text == "z")
    assert [each.text for each in found.messages if each.parent == before.id] == ["a", "b"]


def test_messages_of_older_versions_hold_their_content_themselves() -> None:
    answer = message(
        "a",
        "assistant",
        content="so",
        reasoning_content="hm",
        modelId="gpt-4o",
        translatedContent="also",
        metadata={"citations": ["https://a.example", "x"], "mcpTools": [{}]},
        files=[{"origin_name": "a.pdf", "id": "f", "ext": ".pdf"}],
    )
    draft = of(message("u", "user", content="why?", images=[PICTURE, "x"]), answer, shelf=Shelf())
    prompt, reply = only([draft]).messages
    assert sum(isinstance(part, ImagePart) for part in prompt.parts) == 1
    assert reply.parts[0] == ReasoningPart(text="hm")
    assert reply.text == "so\n\n[Attachment: a.pdf]\n\n1. [https://a.example](https://a.example)"
    assert str(reply.model) == "imported-cherry-studio/gpt-4o"
    assert draft.losses == (
        "Attachments: only their names are imported (2)",
        "Citations whose source is not in the file are left out (1)",
        "Content of an unknown type is left out (1)",
        "Tool calls and their results are left out (1)",
    )


def test_each_kind_of_block_is_kept_or_told() -> None:
    found = {"results": {"results": [{"url": "https://a.example", "title": "A"}, {"url": "file:///x"}]}}
    kinds = {
        "code": block("code", "code", "x = 1", language="python"),
        "cited": block("cited", "citation", "", response=found, knowledge=[{}]),
        "gemini": block(
            "g", "citation", "", response={"results": {"groundingChunks": [{"web": {"uri": "https://g.example"}}]}}
        ),
        "tool": block("tool", "tool"),
        "video": block("video", "video"),
        "file": block("file", "file", "", file={"origin_name": "a.txt", "id": "f"}),
        "drawn": block("drawn", "image", "", url=PICTURE),
        "translated": block("translated", "translation"),
        "waiting": block("waiting", "unknown"),
        "compact": block("compact", "compact", "in short"),
        "new": block("new", "hologram"),
    }
    draft = of(message("a", "assistant", *kinds, "gone"), shelf=Shelf(), **kinds)
    (answer,) = only([draft]).messages
    assert answer.text.startswith("```python\nx = 1\n```\n\n1. [A](https://a.example)\n\n1. [https://g.example](")
    assert answer.text.endswith("in short")
    assert sum(isinstance(part, ImagePart) for part in answer.parts) == 1
    assert draft.losses == (
        "Attachments: only their names are imported (2)",
        "Citations whose source is not in the file are left out (2)",
        "Content of an unknown type is left out (3)",
        "Tool calls and their results are left out (1)",
    )


def test_how_an_answer_ended_is_kept_and_a_mark_that_clears_the_context_is_none() -> None:
    failed = block("e", "error", "", error={"message": "no quota", "stack": "x"})
    rows = [
        message("u", "user", content="u"),
        message("a", "assistant", content="a", status="paused"),
        message("c", "user", type="clear"),
        message("v", "user", content="v"),
        message("b", "assistant", "e", status="error"),
    ]
    draft = of(*rows, e=failed)
    found = only([draft])
    assert [each.status for each in found.messages if each.role == "assistant"] == [Status.STOPPED, Status.FAILED]
    assert found.messages[-1].problem is not None
    assert found.messages[-1].problem.message == "no quota"
    assert draft.losses == ()


def test_the_first_version_kept_all_under_keys() -> None:
    value = {"id": "t1", "messages": [message("u", "user", content="u")]}
    held = backup([], [])
    held |= {"version": 1, "indexedDB": [{"key": "topic:t1", "value": value}, {"key": "image://avatar", "value": "x"}]}
    (draft,) = loaded(held)
    assert (draft.conversation.title, said(draft.conversation)) == ("Sky", [("user", "u")])


@pytest.mark.parametrize("kept", ["", "{", "[]", json.dumps({"assistants": "{"}), json.dumps({"assistants": 5})])
def test_settings_that_cannot_be_read_cost_only_the_titles(kept: str) -> None:
    held = backup([message("u", "user", "b")], [block("b", content="why?"), "x", {"id": 5}])
    (draft,) = loaded({**held, "localStorage": {"persist:cherry-studio": kept}})
    assert (draft.conversation.title, said(draft.conversation)) == ("why?", [("user", "why?")])


def zipped(path: Path, held: object, folder: str = "", **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{folder}data.json", json.dumps(held))
        for name, data in members.items():
            archive.writestr(f"{folder}Data/Files/{name.replace('_', '.')}", data)
    return path


@pytest.mark.parametrize("folder", ["", "backup/", "a/b/c/"])
def test_files_come_from_the_zip_and_what_was_attached_is_no_export(tmp_path: Path, folder: str) -> None:
    files = [
        {"origin_name": "notes.json", "id": "f1", "ext": ".json"},
        {"origin_name": "b.txt", "id": "f2", "ext": ".txt"},
    ]
    blocks = [block("b0"), *(block(f"b{place}", "file", "", file=file) for place, file in enumerate(files, 1))]
    export = json.dumps([{"uuid": "1", "chat_messages": []}]).encode()
    held = backup([message("u", "user", "b0", "b1", "b2")], list(blocks))
    path = zipped(tmp_path / "x.zip", held, folder, f1_json=export)
    (source,) = open_file(path)
    assert (source.name, source.format.name) == ("x.zip", "Cherry Studio")
    shelf = Shelf(source.carried, source.beside)
    make = source.format.with_files
    assert make is not None
    (draft,) = make(source.read(0), AT, shelf)
    resolved, lost = shelf.resolved(draft.conversation)
    (prompt,) = resolved.messages
    assert [part.name for part in prompt.parts if isinstance(part, FilePart)] == ["notes.json"]
    assert (lost, draft.losses) == (0, ("Attachments: only their names are imported (1)",))
    assert "[Attachment: b.txt]" in prompt.text
    source.close()


def test_a_backup_of_the_database_itself_is_a_sentence(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in ("metadata.json", "IndexedDB/file__0.indexeddb.leveldb/1.ldb", "Local Storage/leveldb/1.log"):
            archive.writestr(name, "{}")
    with pytest.raises(TransferError, match="contains Cherry Studio's live database"):
        open_file(tmp_path / "x.zip")


def test_a_backup_that_is_not_quite_json_is_read_all_the_same() -> None:
    data = json.dumps(
        backup([message("u", "user", "b", at=float("nan"))], [block("b", content="x\ty", at=float("inf"))])
    )
    source = detect("data.json", data.replace("x\\ty", "x\ty").encode())
    assert said(only(source.format.drafts(source.read(0), AT))) == [("user", "x\ty")]


def test_a_block_stands_in_one_message_however_many_name_it() -> None:
    held = backup(
        [message("u", "user", "b"), message("v", "user", "b"), message("w", "user", content="w")], [block("b")]
    )
    held["indexedDB"]["topics"] += [
        {"id": "t2", "messages": [message("x", "user", "b")]},
        {"id": "t3", "messages": [7, message("y", "user", "b", "c")]},
    ]
    held["indexedDB"]["message_blocks"].append(block("c"))
    first, second, third = loaded(held)
    assert [each.text for each in first.conversation.messages] == ["b", "w"]
    assert second.is_empty
    assert said(third.conversation) == [("user", "c")]
    assert first.losses[0] == "Content of an unknown type is left out (1)"


def test_a_long_prompt_of_an_assistant_is_not_given_to_topics_without_end() -> None:
    topics = [{"id": str(number), "messages": [message("u", "user", content="u")]} for number in range(300)]
    held = backup([], [])
    held["indexedDB"]["topics"] = topics
    held["localStorage"] = storage(*({"id": each["id"], "name": each["id"]} for each in topics), prompt="x" * 3_000_000)
    found = loaded(held)
    assert [each.conversation.title for each in found] == [str(number) for number in range(300)]
    assert 50 < sum(bool(each.conversation.system) for each in found) < 100
    assert found[-1].losses == ("System messages in the middle of a conversation are left out (1)",)


def test_too_many_blocks_are_a_sentence() -> None:
    with pytest.raises(TransferError, match="200,000 entries"):
        detect("data.json", json.dumps(backup([], [0] * 200_001)).encode())
