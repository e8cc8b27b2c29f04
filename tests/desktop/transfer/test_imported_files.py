"""Attachments in an import: the same bytes as exported, within limits, and removed by undo."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from desktop.attachments.attachment import fingerprint
from desktop.attachments.attachment_desk import AttachmentDesk
from desktop.attachments.attachment_limits import MOST_FILES
from desktop.attachments.decoder import Decoder
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.store.opening.exchange import ATTACHED
from desktop.store.sqlite import database_files
from desktop.store.sqlite.database import connect
from desktop.store.store import Store
from desktop.transfer.archives.zip_archive import Limits, ZipFiles, ZipPlace
from desktop.transfer.export.export import ExportFormat
from desktop.transfer.import_report import Report
from desktop.transfer.import_shelf import Shelf
from desktop.transfer.importer import Importer, undo
from main import DECODE_SWITCH, child_command
from tests.desktop.attachments import made_files
from tests.desktop.store.new_database import put_database
from tests.desktop.transfer.export.test_exported_files import NOTES, PHOTO, asked, exported


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(put_database(tmp_path / "data")) as opened:
        yield opened


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path / "other") as opened:
        yield opened


async def desk_of(store: Store) -> AttachmentDesk:
    async def kept() -> Any:  # noqa: ANN401 - what keeps files
        return store.files

    return AttachmentDesk(Decoder(child_command(DECODE_SWITCH)), kept)


async def brought(store: Store, path: Path, limits: Limits | None = None) -> Report:
    importing = Importer(store, [path], limits=limits or Limits())
    try:
        looked = await importing.look()
        report = await importing.run()
    finally:
        importing.close()
    assert [each.id for each in looked.items] == [each.id for each in report.items]
    return report


def names_below(folder: Path, name: str) -> list[str]:
    return [str(each) for each in folder.rglob(name)]


def reasons(report: Report) -> list[str]:
    return [reason for item in report.items for reason in item.reasons]


async def parts(store: Store) -> list[ImagePart | FilePart]:
    """Return the attachments of all conversations."""
    listed = [await store.conversations.get(each.id) for each in await store.conversations.list()]
    return [part for each in listed for message in each.messages for part in message.files]


@pytest.mark.parametrize("form", [ExportFormat.JSON, ExportFormat.ZIP])
async def test_the_same_bytes_come_back_into_an_empty_folder(
    store: Store, other: Store, tmp_path: Path, form: ExportFormat
) -> None:
    desk = await desk_of(store)
    photo, notes = await desk.take(PHOTO, "a.jpg"), await desk.take(NOTES, "n.txt")
    for _ in range(2):
        await asked(store, photo.part, notes.part)
    path = tmp_path / f"all.{form}"
    await exported(store, desk, form, path)
    await desk.aclose()
    report = await brought(other, path)
    assert reasons(report) == []
    assert [await other.files.data(each.sha256) for each in await parts(other)] == [PHOTO, NOTES] * 2
    assert await other.files.figures() == (2, len(PHOTO) + len(NOTES))
    there = await desk_of(other)
    found = await there.find(photo.part)
    await there.aclose()
    assert found == photo


async def test_files_that_are_lacking_come_back_with_the_export_of_their_conversation(
    store: Store, tmp_path: Path
) -> None:
    desk = await desk_of(store)
    photo = await desk.take(PHOTO, "a.jpg")
    await asked(store, photo.part)
    await exported(store, desk, ExportFormat.ZIP, tmp_path / "all.zip")
    await desk.aclose()
    await store.files.aclose()
    (tmp_path / "data" / ATTACHED).unlink()
    async with await Store.open(tmp_path / "data") as again:
        assert await again.files.missing() == 1
        report = await brought(again, tmp_path / "all.zip")
        assert reasons(report) == ["Attached files that were missing are restored (1)"]
        assert report.added == ()
        assert await again.files.data(photo.sha256) == PHOTO
        assert reasons(await brought(again, tmp_path / "all.zip")) == []


async def test_undoing_takes_the_files_that_nothing_else_has(store: Store, other: Store, tmp_path: Path) -> None:
    desk, there = await desk_of(store), await desk_of(other)
    photo, notes = await desk.take(PHOTO, "a.jpg"), await desk.take(NOTES, "n.txt")
    await asked(store, photo.part, notes.part)
    await exported(store, desk, ExportFormat.ZIP, tmp_path / "all.zip")
    await there.take(NOTES, "n.txt")
    await asked(other, notes.part)
    report = await brought(other, tmp_path / "all.zip")
    assert (await other.files.figures())[0] == 2
    await undo(other, report.added)
    assert await other.files.data(notes.sha256) == NOTES
    assert await other.files.data(photo.sha256) is None
    for each in (desk, there):
        await each.aclose()


async def test_a_file_that_is_another_is_named_and_left_out(store: Store, other: Store, tmp_path: Path) -> None:
    desk = await desk_of(store)
    photo, notes = await desk.take(PHOTO, "a.jpg"), await desk.take(b"notes", "n.txt")
    await asked(store, photo.part, notes.part)
    await exported(store, desk, ExportFormat.JSON, tmp_path / "all.json")
    await desk.aclose()
    whole = json.loads((tmp_path / "all.json").read_text("utf-8"))
    whole["attachments"][0]["bytes"] = base64.b64encode(b"another").decode()
    del whole["attachments"][1]
    (tmp_path / "all.json").write_text(json.dumps(whole), "utf-8")
    report = await brought(other, tmp_path / "all.json")
    assert reasons(report) == [
        "Attached files missing from the export: only their names are imported (1)",
        "a.jpg does not match its hash and is left out.",
    ]
    assert (await other.files.figures())[0] == 0


async def test_a_zip_with_files_that_are_traps_stays_within_its_bounds(other: Store, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    bomb, sound = bytes(40 << 20), b"sound"
    names = {fingerprint(each): each for each in (bomb, sound)}
    message = {
        "id": "p",
        "parent": None,
        "role": "user",
        "parts": [
            {"type": "file", "sha256": each, "media_type": "text/plain", "name": f"{each[:3]}.txt"} for each in names
        ],
        "status": "complete",
        "model": None,
        "usage": None,
        "figures": None,
        "created_at": "2026-01-01T00:00:00.000Z",
    }
    conversation = {
        "id": "c",
        "title": "T",
        "model": "a/b",
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z",
        "current": "p",
        "messages": [message],
    }
    listed: list[dict[str, Any]] = [{"sha256": each, "file": f"../../{each}"} for each in names]
    whole = {"schema": "paragone/1", "conversations": [conversation], "attachments": [*listed, {"sha256": 5}, None]}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", json.dumps(whole))
        for each, data in names.items():
            archive.writestr(f"../../{each}", data)
    report = await brought(other, path)
    assert reasons(report) == [f"{fingerprint(bomb)[:3]}.txt does not match its hash and is left out."]
    assert await other.files.figures() == (1, 5)
    assert names_below(tmp_path, fingerprint(sound)) == []


async def test_what_was_said_to_chatgpt_is_a_file_beside_its_conversations(other: Store, tmp_path: Path) -> None:
    spoken = {
        "content_type": "real_time_user_audio_video_asset_pointer",
        "audio_asset_pointer": {"content_type": "audio_asset_pointer", "asset_pointer": "sediment://file_0000d4"},
    }
    content = {"content_type": "multimodal_text", "parts": [spoken]}
    mapping = {"1": {"id": "1", "parent": None, "message": {"author": {"role": "user"}, "content": content}}}
    path = tmp_path / "chatgpt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conversations.json", json.dumps([{"id": "x", "title": "T", "mapping": mapping}]))
        archive.writestr("x/audio/file_0000d4-0aa.wav", b"RIFF\x04\0\0\0WAVE")
    assert reasons(await brought(other, path)) == []
    (found,) = await parts(other)
    assert found.name.endswith(".wav")


async def test_chatgpt_s_files_lie_beside_its_conversations(other: Store, tmp_path: Path) -> None:
    content = {
        "content_type": "multimodal_text",
        "parts": [{"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-AbC1"}, "Look"],
    }
    attached = [
        {"id": "file-AbC1", "name": "cat.jpg"},
        {"id": "file_0000b2", "name": "n.txt"},
        {"id": "file-Gone", "name": "gone.pdf"},
    ]
    message = {"author": {"role": "user"}, "content": content, "metadata": {"attachments": attached}}
    drawn = {
        "author": {"role": "tool", "name": "dalle"},
        "content": {"content_type": "multimodal_text", "parts": [{"asset_pointer": "sediment://file_0000c3"}]},
    }
    mapping = {
        "1": {"id": "1", "parent": None, "message": message},
        "2": {"id": "2", "parent": "1", "message": drawn},
    }
    path = tmp_path / "chatgpt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conversations.json", json.dumps([{"id": "x", "title": "T", "mapping": mapping}]))
        archive.writestr("file-AbC1-cat.jpg", PHOTO)
        archive.writestr("files/file_0000b2.dat", b"notes")
        archive.writestr("user-1/file_0000c3-0aa.png", made_files.photo(kind="PNG"))
    report = await brought(other, path)
    assert reasons(report) == ["Attachments: only their names are imported (1)"]
    found = await parts(other)
    assert [(each.name, await other.files.data(each.sha256)) for each in found[:2]] == [
        ("cat.jpg", PHOTO),
        ("n.txt", b"notes"),
    ]
    assert isinstance(found[2], ImagePart)
    (listed,) = await other.conversations.list()
    prompt, answer = (await other.conversations.get(listed.id)).messages
    assert prompt.text == "Look\n\n[Attachment: gone.pdf]"
    assert answer.files == (found[2],)


def claude_of(**attachment: str) -> object:
    message = {"uuid": "1", "sender": "human", "text": "Read", "attachments": [attachment], "files": []}
    return [{"uuid": "u", "name": "T", "chat_messages": [message]}]


def big_agi_of(**part: object) -> object:
    fragments = [{"part": {"pt": "text", "text": "Read"}}, {"ft": "attachment", "title": "a.md", "part": part}]
    message = {"id": "1", "role": "user", "fragments": fragments}
    return {"conversations": [{"id": "u", "systemPurposeId": "x", "userTitle": "T", "messages": [message]}]}


def open_webui_of(**file: object) -> object:
    message = {"id": "1", "role": "user", "content": "Read", "files": [file]}
    return [{"id": "u", "title": "T", "chat": {"history": {"messages": {"1": message}, "currentId": "1"}}}]


PICTURE = "data:image/png;base64," + base64.b64encode(made_files.photo(kind="PNG")).decode()


@pytest.mark.parametrize(
    ("held", "name", "data"),
    [
        (claude_of(file_name="report.pdf", extracted_content="Words"), "report.pdf.txt", b"Words"),
        (claude_of(file_name="a.py", extracted_content="x = 1"), "a.py", b"x = 1"),
        (big_agi_of(pt="doc", data={"idt": "text", "text": "# A"}), "a.md", b"# A"),
        (open_webui_of(type="image", url=PICTURE), "image.png", made_files.photo(kind="PNG")),
        (open_webui_of(type="file", name="b.txt", file={"data": {"content": "B"}}), "b.txt", b"B"),
    ],
)
async def test_what_others_carry_within_becomes_a_file(
    other: Store, tmp_path: Path, held: object, name: str, data: bytes
) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(held), "utf-8")
    report = await brought(other, path)
    assert reasons(report) == []
    (found,) = await parts(other)
    assert (found.name, await other.files.data(found.sha256)) == (name, data)


async def test_a_message_brings_no_more_files_than_a_prompt_may_have(other: Store, tmp_path: Path) -> None:
    many = [{"file_name": f"{n}.txt", "extracted_content": f"{n}"} for n in range(MOST_FILES + 5)]
    message = {"uuid": "1", "sender": "human", "text": "Read", "attachments": many}
    (tmp_path / "one.json").write_text(json.dumps([{"uuid": "u", "chat_messages": [message]}]), "utf-8")
    report = await brought(other, tmp_path / "one.json")
    assert reasons(report) == []
    assert len(await parts(other)) == MOST_FILES
    (listed,) = await other.conversations.list()
    (message_kept,) = (await other.conversations.get(listed.id)).messages
    assert message_kept.text.endswith("[Attachment: 104.txt]\n\n```\n104\n```")


def test_a_text_without_a_name_was_pasted() -> None:
    part = Shelf().put_text(" ", "Words.")
    assert part is not None
    assert part.name == "Pasted text.txt"


@pytest.mark.parametrize("said", ["%PDF-1.4 is how PDFs begin: ö", "GIF89a is a magic number"])
async def test_a_text_that_begins_like_a_picture_or_a_pdf_is_a_text(other: Store, tmp_path: Path, said: str) -> None:
    message = {"uuid": "1", "sender": "human", "attachments": [{"file_name": "notes.txt", "extracted_content": said}]}
    (tmp_path / "one.json").write_text(json.dumps([{"uuid": "u", "chat_messages": [message]}]), "utf-8")
    await brought(other, tmp_path / "one.json")
    (found,) = await parts(other)
    data = await other.files.data(found.sha256)
    assert data is not None
    assert (found.name, found.media_type, data.decode("utf-16")) == ("notes.txt", "text/plain", said)


async def test_an_import_without_files_makes_no_database_of_them(other: Store, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(
        json.dumps([{"uuid": "u", "chat_messages": [{"uuid": "1", "sender": "human", "text": "Hi"}]}]), "utf-8"
    )
    await brought(other, tmp_path / "one.json")
    assert not (tmp_path / "other" / ATTACHED).exists()


def own(*parts: dict[str, str], attachments: object = ()) -> dict[str, Any]:
    """Return one of Paragone's exports with these parts in a prompt."""
    at = "2026-01-01T00:00:00.000Z"
    message = {
        "id": "p",
        "parent": None,
        "role": "user",
        "parts": list(parts),
        "status": "complete",
        "model": None,
        "usage": None,
        "figures": None,
        "created_at": at,
    }
    conversation = {
        "id": "c",
        "title": "T",
        "model": "a/b",
        "created_at": at,
        "updated_at": at,
        "current": "p",
        "messages": [message],
    }
    return {"schema": "paragone/1", "conversations": [conversation], "attachments": attachments}


@pytest.mark.parametrize("sha256", ["member:0", "member:x", "", "../../a", "A" * 64])
async def test_a_hash_that_is_none_is_only_a_name(other: Store, tmp_path: Path, sha256: str) -> None:
    path = tmp_path / "all.zip"
    part = {"type": "file", "sha256": sha256, "media_type": "text/plain", "name": "n.txt"}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conversations.json", json.dumps(own(part)))
    report = await brought(other, path)
    assert reasons(report) == ["Attached files missing from the export: only their names are imported (1)"]
    assert (await other.files.figures())[0] == 0


def test_all_files_of_a_zip_together_have_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(26):
            archive.writestr(f"{number}", bytes([number]) * 4_000)
        members = archive.infolist()
    files = ZipFiles(ZipPlace(path), members, Limits(size=10_000))
    read = [files.read(number) for _ in range(50) for number in range(26)]
    files.close()
    total = sum(len(each) for each in read if each is not None)
    assert 10_000 < total <= 10_000 + 20 * path.stat().st_size
    assert read[-1] is None


async def test_where_files_cannot_be_kept_the_words_are(other: Store, tmp_path: Path) -> None:
    part = {"type": "file", "sha256": fingerprint(b"x"), "media_type": "text/plain", "name": "n.txt"}
    listed = [{"sha256": fingerprint(b"x"), "bytes": base64.b64encode(b"x").decode()}]
    (tmp_path / "all.json").write_text(json.dumps(own(part, attachments=listed)), "utf-8")
    database_files.private_file(other.files.path)
    sql = connect(other.files.path)
    sql.pragma("user_version", 99)
    sql.close()
    report = await brought(other, tmp_path / "all.json")
    assert [each.count("newer version") for each in reasons(report)] == [1]
    assert len(await other.conversations.list()) == 1


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("cv/audio/file_000a-9c0f1e2d-1a2b-4c3d-8e4f-0123456789ab.wav", "audio.wav"),
        ("file_000a-9c0f1e2d-1a2b-4c3d-8e4f-0123456789ab.png", ""),
        ("file-abc-notes.txt", "notes.txt"),
    ],
)
def test_what_is_left_of_an_id_is_no_name(tmp_path: Path, member: str, name: str) -> None:
    path = tmp_path / "x.zip"
    path.touch()
    assert ZipFiles(ZipPlace(path), [zipfile.ZipInfo(member)], Limits()).name(0) == name
