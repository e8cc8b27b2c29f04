"""Format detection: formats are distinguished, limits hold, and a file cannot write anywhere."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from desktop.errors import TransferError
from desktop.transfer.archives.loose_json import Unreadable
from desktop.transfer.archives.zip_archive import Limits
from desktop.transfer.format_detection import detect
from desktop.transfer.formats import llm_database
from desktop.transfer.importer import open_file
from tests.desktop.transfer.made import AT, chatgpt_chat, kept, only, said


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


EXPORTS: list[tuple[str, Any]] = [
    ("ChatGPT", [{"title": "no mapping"}, chatgpt_chat()]),
    ("ChatGPT", chatgpt_chat()),
    ("Claude", [{"uuid": "1", "chat_messages": []}]),
    ("Open WebUI", [{"id": "1", "chat": {"history": {}}}]),
    ("Open WebUI", [{"id": "1", "history": {"messages": {}}}]),
    ("Open WebUI", {"success": True, "request_id": "r", "data": [{"id": "1", "chat": {"history": {}}}]}),
    ("LibreChat", {"conversationId": "1", "messages": []}),
    ("Chatbox", {"chat-sessions-list": [{"id": "1"}], "session:1": {}, "settings": {}}),
    ("ChatbotUI", {"version": 4, "history": [{}], "folders": []}),
    ("big-AGI", {"conversations": [{"id": "1", "messages": [], "systemPurposeId": "x"}], "models": {}}),
    ("LM Studio", {"messages": [{"versions": []}]}),
    ("Jan", {"object": "thread", "assistants": []}),
    ("Jan", {"exported_at": "x", "messages": [{"content": [{"text": {"value": "x"}}]}]}),
    ("NextChat", {"chat-next-web-store": {"sessions": [{}]}, "access-control": {}}),
    ("NextChat", {"messages": [{"role": "system", "content": "You are an assistant that x"}]}),
    ("TypingMind", {"data": {"chats": [{"chatID": "1", "messages": []}]}}),
    ("TypingMind", [{"chatID": "1", "messages": []}]),
    ("Cherry Studio", {"localStorage": {}, "indexedDB": {}, "version": 5}),
    ("Gemini", [{"header": "x"}, {"header": "Gemini Apps", "title": "Prompted x", "time": "", "products": []}]),
    ("Gemini", {"title": "x", "conversation_turns": []}),
    ("Mistral", [{"chatId": "1", "role": "user", "content": "x", "contentChunks": None}]),
    ("Witsy", {"folders": [], "chats": [], "quickPrompts": []}),
    ("Witsy", [{"uuid": "1", "messages": [], "engine": "x"}]),
    ("Paragone", {"schema": "paragone/1", "conversations": []}),
]


@pytest.mark.parametrize(("name", "held"), EXPORTS)
def test_each_format_is_told_from_the_others(name: str, held: object) -> None:
    assert detect("x.json", json.dumps(held).encode()).format.name == name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_of_any_unicode_encoding_is_read(encoding: str) -> None:
    held = json.dumps([{**chatgpt_chat(), "title": "空"}], ensure_ascii=False).encode(encoding)
    assert only(detect("x", held).format.drafts(detect("x", held).read(0), AT)).title == "空"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n",
        b"hello",
        b"[",
        b"{",
        b'{"a":',
        b"[1,",
        b"[]",
        b"{}",
        b"[1, 2]",
        b"[[]]",
        b"null",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"\xff\xfe",
        b'{"schema": "paragone/9"}',
        b'{"messages": [{"role": "user", "content": "x"}]}',
        b'{"data": {"chats": [{"id": "1", "messages": []}]}}',
        b'{"messages": [], "name": "x"}',
        b'{"object": "thread"}\n{"object": "thread"}',
        b"[" + b"9" * 5_000 + b"]",
    ],
)
def test_what_is_no_export_is_a_sentence(data: bytes) -> None:
    with pytest.raises(TransferError) as caught:
        detect("x.json", data)
    assert "x.json" in caught.value.message


def test_a_broken_item_leaves_the_others() -> None:
    deep = b"[" * 900 + b"]" * 900
    source = detect("x", b"[" + json.dumps(chatgpt_chat()).encode() + b"," + deep + b',{"title":"\xff"}]')
    assert source.count == 3
    assert said(only(source.format.drafts(source.read(0), AT)))
    for place in (1, 2):
        with contextlib.suppress(Unreadable):
            assert kept(source.format.drafts(source.read(place), AT)) == []


def test_halves_of_surrogates_and_infinite_numbers_are_let_through() -> None:
    text = json.dumps([chatgpt_chat()]).replace('"because"', '"cut \\ud83d", NaN, 1e999')
    source = detect("x", text.encode())
    assert "cut \ud83d" in only(source.format.drafts(source.read(0), AT)).messages[1].text


def test_the_conversations_of_a_zip_are_found_wherever_they_lie(tmp_path: Path) -> None:
    held = json.dumps([chatgpt_chat()]).encode()
    path = zipped(tmp_path / "x.zip", {"user.json": b"{}", "a/b/conversations.json": held, "chat.html": b"<p>"})
    (source,) = open_file(path)
    assert (source.name, source.count) == ("x.zip", 1)


def test_documents_of_a_canvas_beside_the_conversations_are_told(tmp_path: Path) -> None:
    held = json.dumps([chatgpt_chat()]).encode()
    beside = {"textdocs/a.json": b"{}", "x/textdocs/b.md": b"b", "textdocs.json": b"{}"}
    (source,) = open_file(zipped(tmp_path / "x.zip", {"conversations.json": held, **beside}))
    assert source.notice == "Canvas documents are left out (2)."


def test_nothing_is_written_whatever_the_names_in_a_zip_are(tmp_path: Path) -> None:
    held = json.dumps([chatgpt_chat()]).encode()
    names = ("../conversations-1.json", "/etc/conversations-2.json", "C:\\conversations.json", "..\\..\\a.json")
    path = zipped(tmp_path / "x.zip", dict.fromkeys(names, held))
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("conversations-link.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert sum(each.count for each in open_file(path)) == 4
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == ["x.zip"]


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"conversations.json": b"[" + b" " * 20_000_000})
    with pytest.raises(TransferError, match="looks malicious"):
        open_file(path)
    with pytest.raises(TransferError, match="larger"):
        open_file(path, Limits(size=1_000_000))
    with pytest.raises(TransferError, match="more than 0 files"):
        open_file(path, Limits(members=0))


def test_a_size_that_lies_is_found_out(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", json.dumps([chatgpt_chat()] * 50))
    data = bytearray(made.getvalue())
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    with pytest.raises(TransferError):
        open_file(path)


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"PK\x03\x04" + b"x" * 100])
def test_a_damaged_or_empty_zip_is_a_sentence(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(TransferError, match=r"x\.zip"):
        open_file(tmp_path / "x.zip")


def test_a_folder_a_missing_file_and_one_that_is_too_large_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1]")
    for path, limits in ((tmp_path, Limits()), (tmp_path / "gone", Limits()), (tmp_path / "x.json", Limits(size=1))):
        with pytest.raises(TransferError):
            open_file(path, limits)


def llm(path: Path, *, view: bool = False) -> Path:
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT)")
        name = "hidden" if view else "responses"
        made.execute(
            f"CREATE TABLE {name} (id TEXT, model TEXT, prompt TEXT, system TEXT, response TEXT,"
            " conversation_id TEXT, duration_ms INTEGER, datetime_utc TEXT, input_tokens INTEGER,"
            " output_tokens INTEGER)"
        )
        if view:
            made.execute("CREATE VIEW responses AS SELECT * FROM hidden")
        made.execute("INSERT INTO conversations VALUES ('c', 'Sky', 'gpt-4o-mini')")
        rows = [
            ("r2", "gpt-4o", "and?", None, "no", "c", 900, "2025-01-01T00:01:00", 5, 6),
            ("r1", "gpt-4o", "why?", "Be brief.", "so", "c", 800, "2025-01-01T00:00:00", 3, 4),
            ("r3", "gpt-4o", "alone", None, "yes", None, None, None, None, None),
        ]
        made.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * 10)})", rows)
    made.close()
    return path


def test_llms_log_is_read_in_order_and_left_as_it_is(tmp_path: Path) -> None:
    path = llm(tmp_path / "logs.db")
    before = path.read_bytes()
    (source,) = open_file(path)
    whole, alone = (only(llm_database.drafts(source.read(place), AT)) for place in range(source.count))
    source.close()
    assert said(whole) == [("user", "why?"), ("assistant", "so"), ("user", "and?"), ("assistant", "no")]
    assert (whole.title, whole.system, str(whole.model)) == ("Sky", "Be brief.", "imported-llm/gpt-4o")
    answer = whole.messages[1]
    assert answer.usage is not None
    assert answer.figures is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.figures.duration_ms) == (3, 4, 800)
    assert said(alone) == [("user", "alone"), ("assistant", "yes")]
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == ["logs.db"]


def test_a_database_of_another_kind_or_with_views_or_damage_is_refused(tmp_path: Path) -> None:
    for place, make in enumerate(("other", "view", "damage")):
        path = tmp_path / f"{place}.db"
        if make == "other":
            with sqlite3.connect(path) as made:
                made.execute("CREATE TABLE x (y)")
            made.close()
        elif make == "view":
            llm(path, view=True)
        else:
            path.write_bytes(b"SQLite format 3\0" + b"x" * 2_000)
        with pytest.raises(TransferError):
            open_file(path)
