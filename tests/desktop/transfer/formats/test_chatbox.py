"""Chatbox's files of all versions: settings, sessions stored as text, backups in a zip, and branches."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.conversation_types import Conversation
from desktop.errors import TransferError
from desktop.transfer.archives.zip_archive import LIMITS, Limits
from desktop.transfer.format_detection import detect
from desktop.transfer.formats.chatbox import drafts
from desktop.transfer.import_drafts import Draft
from desktop.transfer.importer import open_file
from tests.desktop.transfer.made import AT, only, said


def message(id_: str, role: str, text: str = "") -> dict[str, Any]:
    return {
        "id": id_,
        "role": role,
        "contentParts": [{"type": "text", "text": text or id_}],
        "timestamp": 1_700_000_000_000,
    }


def session(id_: str = "s", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"id": id_, "name": f"Chat {id_}", "messages": [message("u", "user"), message("a", "assistant")], **more}


def read(session_: dict[str, Any]) -> Conversation:
    return only(drafts({"entry": None, "session": session_}, AT))


def children(conversation: Conversation) -> dict[str, list[str]]:
    """Return each message's children, by text."""
    texts = {each.id: each.text for each in conversation.messages}
    found: dict[str, list[str]] = {}
    for each in conversation.messages:
        found.setdefault(texts[each.parent] if each.parent else "", []).append(each.text)
    return found


def forks(**after: list[list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        pivot: {"position": 0, "lists": [{"id": "x", "messages": each} for each in lists]}
        for pivot, lists in after.items()
    }


def test_alternatives_of_a_fork_at_an_answer_are_answers_of_their_own() -> None:
    """Regenerated answers below an answer fork there: none is appended to another one's text."""
    held = session(messageForksHash=forks(a=[[], [message("b", "assistant")]]))
    found = read(held)
    assert children(found) == {"": ["u"], "u": ["a", "b"]}
    assert said(found) == [("user", "u"), ("assistant", "a")]


def test_answers_in_a_row_are_alternatives_and_the_last_is_shown() -> None:
    held = session(
        messages=[message("u", "user"), message("a", "assistant"), message("b", "assistant"), message("v", "user")]
    )
    found = read(held)
    assert children(found) == {"": ["u"], "u": ["a", "b"], "b": ["v"]}
    assert [text for _, text in said(found)] == ["u", "b", "v"]


def test_a_summary_made_for_the_model_stands_in_the_place_of_no_answer() -> None:
    """Chatbox summarizes long chats by itself and appends the summaries like answers."""
    held = session(messageForksHash=forks(s=[[], [message("v", "user")]]))
    held["messages"] += [
        {**message("s", "assistant"), "isSummary": True},
        message("w", "user"),
        message("b", "assistant"),
    ]
    found, lost = drafts({"entry": None, "session": held}, AT)[0], "Summaries created only for the model"
    assert said(only([found])) == [("user", "u"), ("assistant", "a"), ("user", "w"), ("assistant", "b")]
    assert children(only([found]))["a"] == ["w", "v"]
    assert any(lost in each for each in found.losses)


def test_a_prompt_that_was_edited_forks_at_the_answer_before_it() -> None:
    tail = [message("w", "user"), message("x", "assistant")]
    messages = [message("u", "user"), message("a", "assistant"), message("v", "user"), message("b", "assistant")]
    found = read(session(messages=messages, messageForksHash=forks(a=[tail, []])))
    assert children(found) == {"": ["u"], "u": ["a"], "a": ["v", "w"], "v": ["b"], "w": ["x"]}
    assert [text for _, text in said(found)] == ["u", "a", "v", "b"]


def test_a_fork_within_a_fork_and_in_an_older_thread_stays_there() -> None:
    deep = forks(u=[[message("b", "assistant"), message("v", "user")]], v=[[message("c", "assistant")]])
    thread = {"id": "t", "name": "old", "messages": [message("m", "user"), message("n", "assistant")]}
    held = session(threads=[thread], messageForksHash={**deep, **forks(m=[[message("o", "assistant")]])})
    first, second = (draft.conversation for draft in drafts({"entry": None, "session": held}, AT))
    assert children(first) == {"": ["u"], "u": ["a", "b"], "b": ["v"], "v": ["c"]}
    assert children(second) == {"": ["m"], "m": ["n", "o"]}


def test_branches_that_hang_on_no_message_are_kept() -> None:
    found = read(session(messageForksHash=forks(gone=[[message("z", "user")]])))
    assert children(found)[""] == ["u", "z"]


def loaded(data: object) -> list[Draft]:
    source = detect("chatbox.json", json.dumps(data).encode())
    assert source.format.name == "Chatbox"
    return [draft for place in range(source.count) for draft in source.format.drafts(source.read(place), AT)]


def test_configurations_up_to_1_11_hold_the_sessions_themselves() -> None:
    old = {"id": "s", "name": "Old", "messages": [{"id": "u", "role": "user", "content": "why?"}]}
    held = {"settings": {"openaiKey": "sk-secret"}, "chat-sessions": [old]}
    (draft,) = loaded(held)
    assert (draft.conversation.title, said(draft.conversation)) == ("Old", [("user", "why?")])
    assert len(loaded({**held, "session:s": old, "chat-sessions-list": [{"id": "s", "name": "New"}]})) == 1


def test_sessions_as_text_within_json_are_read() -> None:
    held = {"chat-sessions-list": json.dumps([{"id": "s", "name": "Text"}]), "session:s": json.dumps(session())}
    (draft,) = loaded(held)
    assert draft.conversation.title == "Text"
    assert len(draft.conversation.messages) == 2
    broken = {"chat-sessions-list": "[", "session:s": json.dumps(session())}
    assert [each.conversation.title for each in loaded(broken)] == ["Chat s"]


def backup(path: Path, *sessions: dict[str, Any], folder: str = "", manifest: bytes | None = None) -> Path:
    entries = [
        {"id": each["id"], "path": f"sessions/{each['id']}/session.json", "meta": {"name": "Named", "starred": True}}
        for each in sessions
    ]
    warnings = [{"code": "session-read-failed", "itemType": "session"}, {"code": "resource-read-failed"}]
    told = {"format": "chatbox-backup", "formatVersion": 2, "sessions": entries, "warnings": warnings}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{folder}settings.json", json.dumps({"settings": {"apiKey": "sk-secret"}}))
        for each in sessions:
            archive.writestr(f"{folder}sessions/{each['id']}/session.json", json.dumps(each))
        archive.writestr(f"{folder}sessions/s/resources/resource-000001.json", "{}")
        archive.writestr(f"{folder}manifest.json", manifest if manifest is not None else json.dumps(told))
    return path


@pytest.mark.parametrize("folder", ["", "backup/"])
def test_a_backup_is_one_export_with_all_its_sessions(tmp_path: Path, folder: str) -> None:
    path = backup(tmp_path / "b.zip", session("s"), session("t", archivedAt=5), folder=folder)
    (source,) = open_file(path)
    assert (source.name, source.format.name, source.count) == ("b.zip", "Chatbox", 2)
    assert source.notice == "Conversations that Chatbox could not export are missing (1)."
    first, second = (source.format.drafts(source.read(place), AT)[0] for place in range(2))
    assert (first.conversation.title, first.pinned, first.archived) == ("Named", True, False)
    assert second.archived
    source.close()
    path.unlink()  # nothing keeps it open


def test_a_backup_whose_manifest_is_broken_is_read_without_it(tmp_path: Path) -> None:
    (source,) = open_file(backup(tmp_path / "b.zip", session("s"), manifest=b"{"))
    (draft,) = source.format.drafts(source.read(0), AT)
    assert (draft.conversation.title, draft.pinned) == ("Chat s", False)
    source.close()


def test_a_backup_keeps_the_bounds_of_a_zip(tmp_path: Path) -> None:
    path = backup(tmp_path / "b.zip", *(session(str(number)) for number in range(20)))
    with pytest.raises(TransferError, match="more than 20 files to import"):
        open_file(path, Limits(items=10))
    with pytest.raises(TransferError, match="larger than"):
        open_file(path, Limits(size=100))
    assert open_file(path, Limits(exports=5, items=LIMITS.items))[0].count == 20
