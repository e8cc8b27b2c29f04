"""Jan's threads: both files of one, alone, in a folder and in a zip; branches, and exports of newer versions."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.conversation_types import Conversation, Status
from desktop.domain.message_parts import FilePart, ImagePart, ReasoningPart, TextPart
from desktop.errors import TransferError
from desktop.transfer.archives.loose_json import Unreadable
from desktop.transfer.archives.zip_archive import Limits
from desktop.transfer.format_detection import detect
from desktop.transfer.formats.jan import drafts
from desktop.transfer.import_shelf import Shelf
from desktop.transfer.importer import open_file
from tests.desktop.transfer.made import AT, only, said

START = 1_760_000_000
PICTURE = "data:image/png;base64,iVBORw0KGgo="


def message(id_: str, role: str, text: object = None, at: float = START, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    content: list[Any] = [{"type": "text", "text": {"value": id_ if text is None else text, "annotations": []}}]
    held: dict[str, Any] = {"id": id_, "object": "thread.message", "thread_id": "t1", "role": role, "content": content}
    return {**held, "status": "ready", "created_at": at, "completed_at": at, **more}


def thread(**more: Any) -> dict[str, Any]:  # noqa: ANN401
    assistant = {"id": "jan", "name": "Jan", "instructions": "Be kind.", "model": {"id": "qwen3", "engine": "llamacpp"}}
    held = {"id": "t1", "object": "thread", "title": "Sky", "assistants": [assistant], "created": START - 5.5}
    return {**held, "updated": START + 60, "metadata": {"is_favorite": True, "order": 1}, **more}


def item(*messages: object, **about: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"thread": thread(**about), "messages": list(messages)}


def lines(*messages: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in messages)


def follows(conversation: Conversation) -> dict[str, str]:
    """Return the parent of each text."""
    texts = {each.id: each.text for each in conversation.messages}
    return {each.text: texts.get(each.parent or "", "") for each in conversation.messages}


def test_a_thread_comes_with_title_model_instructions_star_and_times() -> None:
    (draft,) = drafts(item(message("u", "user"), message("a", "assistant", at=START * 1000 + 1500)), AT)
    found = only([draft])
    assert (found.title, found.system, draft.pinned) == ("Sky", "Be kind.", True)
    assert said(found) == [("user", "u"), ("assistant", "a")]
    assert str(found.model) == "imported-jan/qwen3"
    assert found.created_at.isoformat() == "2025-10-09T08:53:14.500000+00:00"
    assert [each.created_at.isoformat()[14:23] for each in found.messages] == ["53:20+00:", "53:21.500"]
    assert draft.losses == ()


def test_a_thread_whose_time_was_written_anew_began_with_its_first_message() -> None:
    assert only(drafts(item(message("u", "user"), created=START + 99), AT)).created_at.timestamp() == START


def test_thoughts_stand_apart_whether_they_are_a_part_or_between_tags() -> None:
    newer = message("n", "assistant")
    newer["content"].insert(0, {"type": "reasoning", "text": {"value": "hm"}})
    older = message("o", "assistant", "<think>hm</think>so")
    for held, text in ((newer, "n"), (older, "so")):
        (answer,) = only(drafts(item(held), AT)).messages
        assert answer.parts == (ReasoningPart(text="hm"), TextPart(text=text))


def test_older_versions_say_it_elsewhere() -> None:
    meta = {"title": "Sky", "updated_at": (START + 60) * 1000}
    held = item(
        message("a", "assistant", metadata={"model": "Example-1B", "token_speed": 1.5}), title="", metadata=meta
    )
    held["thread"] |= {"created_at": START - 9, "created": None, "updated": None}
    found = only(drafts(held, AT))
    assert (found.title, str(found.model)) == ("Sky", "imported-jan/Example-1B")
    assert (found.created_at.timestamp(), found.updated_at.timestamp()) == (START - 9, START + 60)


def test_branches_are_told_by_parents_and_the_chosen_child_is_shown() -> None:
    rows = [
        message("u", "user", at=START, metadata={"parentId": None, "activeChildId": "a"}),
        message("a", "assistant", at=START + 1, metadata={"parentId": "u"}),
        message("b", "assistant", at=START + 2, metadata={"parentId": "u"}),
        message("v", "user", at=START + 3, metadata={"parentId": "a"}),
        message("w", "user", at=START + 4, metadata={"parentId": None}),
    ]
    found = only(drafts(item(*rows, metadata={"activeRootId": "u"}), AT))
    assert follows(found) == {"u": "", "a": "u", "b": "u", "v": "a", "w": ""}
    assert [text for _, text in said(found)] == ["u", "a", "v"]
    assert [text for _, text in said(only(drafts(item(*rows), AT)))] == ["w"]  # the newest root


def test_an_answer_that_lost_its_parent_follows_the_prompt_before_it() -> None:
    rows = [
        message("u1", "user", at=START, metadata={"parentId": None}),
        message("a1", "assistant", at=START + 1, metadata={"parentId": "u1"}),
        message("u2", "user", at=START + 2, metadata={"parentId": "a1"}),
        message("a2", "assistant", at=START + 3),
        message("u3", "user", at=START + 4, metadata={"parentId": "u2"}),
        message("a3", "assistant", at=START + 5, metadata={"parentId": None}),
    ]
    assert [text for _, text in said(only(drafts(item(*rows), AT)))] == ["u1", "a1", "u2", "a2", "u3", "a3"]


def test_messages_that_follow_only_each_other_end_the_search_for_what_is_shown() -> None:
    rows = [message("a", "user", metadata={"parentId": "b"}), message("b", "user", metadata={"parentId": "a"})]
    (draft,) = drafts(item(*rows), AT)
    assert draft.is_empty
    assert draft.losses == ("Messages that reply to each other in a loop, or share an ID, are left out (2)",)


def test_files_are_named_or_come_along_and_tools_are_told() -> None:
    listed = "see\n\n[ATTACHED_FILES]\n- file_id: f1, name: a, b.pdf, type: pdf, size: 5\n[/ATTACHED_FILES]"
    prompt = message("u", "user", listed, attachments=[{"file_id": "f2"}])
    prompt["metadata"] = {"inline_file_contents": [{"name": "notes.txt", "content": "a line"}]}
    prompt["content"].append({"type": "image_url", "image_url": {"url": PICTURE}})
    answer = message("a", "assistant", metadata={"tool_calls": [{"state": "ready"}]})
    answer["content"].append({"type": "tool_call", "tool_name": "look", "input": {}, "output": "x"})
    (draft,) = drafts(item(prompt, answer), AT, Shelf())
    parts = draft.conversation.messages[0].parts
    assert [part.name for part in parts if isinstance(part, (ImagePart, FilePart))] == ["image.png", "notes.txt"]
    assert draft.conversation.messages[0].text.split("\n\n") == [
        "see",
        "[Attachment: a, b.pdf]",
        "[Attachment: f2]",
    ]
    assert draft.losses == (
        "Attachments: only their names are imported (2)",
        "Tool calls and their results are left out (2)",
    )
    (bare,) = drafts(item(prompt), AT)
    assert bare.losses == ("Attachments: only their names are imported (4)",)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"metadata": {"stopped": True}}, Status.STOPPED),
        ({"status": "stopped"}, Status.STOPPED),
        ({"status": "pending"}, Status.INTERRUPTED),
        ({"metadata": {"error": "no key"}}, Status.FAILED),
        ({"text": "no key", "status": "error", "metadata": {"error": "no key"}}, Status.FAILED),
    ],
)
def test_how_an_answer_ended_is_kept(more: dict[str, Any], status: Status) -> None:
    (answer,) = only(drafts(item(message("a", "assistant", **more)), AT)).messages
    assert answer.text == ("" if "text" in more else "a")
    assert answer.status is status
    assert (answer.problem.message if answer.problem else "") == ("no key" if status is Status.FAILED else "")


def test_the_export_of_a_thread_is_read_as_well() -> None:
    rows: list[dict[str, Any]] = [{**message("u", "user"), "metadata": {"usage": {}}}, message("a", "assistant")]
    rows[1]["metadata"] = {"usage": {"inputTokens": 3, "outputTokens": 4}}
    held = {"title": "Sky", "exported_at": "2026-01-01T00:00:00.000Z", "messages": rows}
    source = detect("sky.json", json.dumps(held, indent=2).encode())
    assert source.format.name == "Jan"
    found = only(source.format.drafts(source.read(0), AT))
    assert (found.title, said(found)) == ("Sky", [("user", "u"), ("assistant", "a")])
    assert found.messages[1].usage is not None
    assert (found.messages[1].usage.input_tokens, found.messages[1].usage.output_tokens) == (3, 4)


def test_messages_alone_are_a_thread_and_a_broken_line_is_told() -> None:
    data = lines(message("u", "user")) + b"{\n\n" + lines(message("a", "assistant"))
    source = detect("messages.jsonl", data)
    assert (source.format.name, source.count) == ("Jan", 1)
    (draft,) = source.format.drafts(source.read(0), AT)
    assert said(draft.conversation) == [("user", "u"), ("assistant", "a")]
    assert draft.losses == ("Unreadable messages are left out (1)",)
    whole = only(drafts(item(message("u", "user"), message("a", "assistant")), AT))
    assert draft.conversation.id == whole.id


def test_too_many_messages_or_pieces_are_refused() -> None:
    many = detect("messages.jsonl", lines(message("u", "user")) + b"{}\n" * 100_000)
    heavy = detect("messages.jsonl", lines(message("u", "user")) + b'{"a": [' + b"{}," * 900_000 + b"{}]}\n")
    for source in (many, heavy):
        with pytest.raises(Unreadable):
            source.read(0)


def data_folder(path: Path) -> Path:
    for id_ in ("t1", "t2"):
        folder = path / "threads" / id_
        folder.mkdir(parents=True)
        (folder / "thread.json").write_text(json.dumps(thread(id=id_, title=f"Chat {id_}")))
        (folder / "messages.jsonl").write_bytes(lines(message("u", "user", thread_id=id_)))
    (path / "threads" / "t3").mkdir()
    (path / "threads" / "t3" / "messages.jsonl").write_bytes(lines(message("u", "user", thread_id="t3")))
    (path / "settings.json").write_text('{"api_key": "sk-secret"}')
    return path


def test_a_data_folder_and_a_zip_of_it_are_one_export_with_all_threads(tmp_path: Path) -> None:
    folder = data_folder(tmp_path / "jan")
    packed = tmp_path / "jan.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.rglob("*.json*"):
            archive.write(path, path.relative_to(tmp_path))
    ids: list[set[str]] = []
    for place in (folder, packed, folder / "threads"):
        (source,) = open_file(place)
        assert (source.format.name, source.count) == ("Jan", 3)
        found = [only(source.format.drafts(source.read(each), AT)) for each in range(3)]
        assert sorted(each.title for each in found) == ["Chat t1", "Chat t2", "u"]
        ids.append({each.id for each in found})
        source.close()
    assert ids[0] == ids[1] == ids[2]
    packed.unlink()  # nothing keeps it open
    (alone,) = open_file(folder / "threads" / "t1")
    assert only(alone.format.drafts(alone.read(0), AT)).title == "Chat t1"
    alone.close()


def test_a_folder_of_threads_keeps_the_bounds_of_a_zip(tmp_path: Path) -> None:
    folder = data_folder(tmp_path / "jan")
    for limits in (Limits(items=2), Limits(size=100), Limits(members=2)):
        with pytest.raises(TransferError):
            open_file(folder, limits)


def test_a_thread_without_its_messages_is_empty_and_no_other_object_is_one() -> None:
    source = detect("thread.json", json.dumps(thread()).encode())
    assert source.format.name == "Jan"
    assert all(draft.is_empty for draft in source.format.drafts(source.read(0), AT))
    for other in ({"object": "thread"}, {"object": "thread.message.delta"}):
        with pytest.raises(TransferError):
            detect("x.json", json.dumps(other).encode())
