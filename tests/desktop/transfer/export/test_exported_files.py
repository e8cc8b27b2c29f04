"""Attachments in exports: bytes in JSON and in a zip, images in pages, and missing files."""

from __future__ import annotations

import base64
import gc
import json
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest

from desktop.attachments.attachment_desk import AttachmentDesk
from desktop.attachments.decoder import Decoder
from desktop.domain.conversation_types import FileLeftOut, Message, Role, Status, new_id, now
from desktop.domain.message_parts import FilePart, ImagePart, TextPart
from desktop.errors import TransferError
from desktop.session.session import new_conversation
from desktop.store.opening.exchange import ATTACHED
from desktop.store.sqlite.database import connect
from desktop.store.store import Store
from desktop.text.phrases import phrase
from desktop.transfer.export import export, export_writer, exported_files
from desktop.transfer.export.export import ExportFormat
from desktop.transfer.export.exported_files import ExportedFiles, safe_name
from main import DECODE_SWITCH, child_command
from tests.desktop.attachments import made_files
from tests.desktop.store.new_database import put_database
from tests.desktop.transfer.test_exports import REF

TEXTS = [form for form in ExportFormat if not form.is_paper]
PHOTO = made_files.photo()
NOTES = "Grüße\n".encode() * 400_000


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(put_database(tmp_path / "data")) as opened:
        yield opened


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[AttachmentDesk]:
    async def kept() -> Any:  # noqa: ANN401 - what keeps files
        return store.files

    made = AttachmentDesk(Decoder(child_command(DECODE_SWITCH)), kept)
    yield made
    await made.aclose()


async def asked(store: Store, *parts: ImagePart | FilePart, left_out: tuple[FileLeftOut, ...] = ()) -> str:
    """Save a conversation whose prompt has these files; return its ID."""
    prompt = Message(
        id=new_id(),
        parent=None,
        role=Role.USER,
        parts=(*parts, TextPart(text="Look")),
        status=Status.COMPLETE,
        created_at=now(),
    )
    answer = msgspec.structs.replace(
        prompt, id=new_id(), parent=prompt.id, role=Role.ASSISTANT, parts=(), model=REF, left_out=left_out
    )
    conversation = new_conversation(REF)
    await store.conversations.create(
        msgspec.structs.replace(conversation, title="T", messages=(prompt, answer), current=answer.id)
    )
    return conversation.id


async def exported(store: Store, desk: AttachmentDesk, form: ExportFormat, path: Path) -> ExportedFiles:
    files = ExportedFiles(store.files, desk)
    await export.export(store, await export.choose_all(store), form, path, files=files)
    return files


def names(folder: Path, pattern: str) -> list[str]:
    return [each.name for each in folder.glob(pattern)]


async def test_json_carries_each_file_once_as_it_was_attached(
    store: Store, desk: AttachmentDesk, tmp_path: Path
) -> None:
    photo, notes = await desk.take(PHOTO, "a.jpg"), await desk.take(NOTES, "notes.txt")
    for _ in range(3):
        await asked(store, photo.part, notes.part)
    files = await exported(store, desk, ExportFormat.JSON, tmp_path / "all.json")
    held = json.loads((tmp_path / "all.json").read_text("utf-8"))
    assert [each["name"] for each in held["attachments"]] == ["a.jpg", "notes.txt"]
    assert [base64.b64decode(each["bytes"]) for each in held["attachments"]] == [PHOTO, NOTES]
    assert held["attachments"][0].items() >= {"sha256": photo.sha256, "media_type": "image/jpeg"}.items()
    assert (files.written, files.missing) == (2, ())


async def test_a_zip_holds_the_json_and_the_files_beside_it(store: Store, desk: AttachmentDesk, tmp_path: Path) -> None:
    await asked(store, (await desk.take(PHOTO, "../a b?.jpg")).part)
    await exported(store, desk, ExportFormat.ZIP, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        (listed,) = json.loads(archive.read("conversations.json"))["attachments"]
        assert archive.namelist() == ["conversations.json", listed["file"]]
        assert listed["file"] == f"files/{listed['sha256']}-a_b_.jpg"
        assert archive.read(listed["file"]) == PHOTO


async def test_pages_show_the_picture_without_its_place(store: Store, desk: AttachmentDesk, tmp_path: Path) -> None:
    photo, notes = await desk.take(PHOTO, "my photo.jpg"), await desk.take(b"notes", "no#tes.txt")
    await asked(store, photo.part, notes.part)
    await exported(store, desk, ExportFormat.HTML, tmp_path / "all.html")
    page = (tmp_path / "all.html").read_text("utf-8")
    start = 'src="data:image/jpeg;base64,'
    drawn = base64.b64decode(page.partition(start)[2].partition('"')[0])
    assert drawn == photo.decoded.pictures[0].data
    assert made_files.PLACE not in drawn
    assert "Attached: no#tes.txt" in page
    await exported(store, desk, ExportFormat.MARKDOWN, tmp_path / "all.md")
    text = (tmp_path / "all.md").read_text("utf-8")
    links = [unquote(each.partition(">)")[0]) for each in text.split("](<")[1:]]
    assert [(tmp_path / each).read_bytes() for each in links] == [drawn, b"notes"]
    assert "![my photo.jpg](" in text


async def test_what_is_no_longer_there_is_named_and_what_a_model_did_not_get_is_said(
    store: Store, desk: AttachmentDesk, tmp_path: Path
) -> None:
    gone = ImagePart(sha256="0" * 64, media_type="image/png", name="gone.png")
    damaged = await desk.take(b"damaged", "damaged.txt")
    await asked(store, gone, damaged.part, left_out=(FileLeftOut(name="gone.png", model="Llama"),))
    await store.files.aclose()
    sql = connect(tmp_path / "data" / ATTACHED)
    sql.run("UPDATE files SET data = ?", (b"forged!",))
    sql.close()
    for form in TEXTS:
        path = tmp_path / f"all.{form}"
        files = await exported(store, desk, form, path)
        whole = path.read_bytes()
        assert b"gone.png" in whole
        assert b"forged!" not in whole
        assert "gone.png" in files.missing
        said = b'"left_out"' if form in ("json", "zip") else b"Llama cannot read gone.png: not sent"
        assert said in whole
    held = json.loads((tmp_path / "all.json").read_text("utf-8"))
    assert ["bytes" in each for each in held["attachments"]] == [False, False]


async def test_one_damaged_page_keeps_neither_the_words_nor_the_other_files_from_being_exported(
    store: Store, desk: AttachmentDesk, tmp_path: Path
) -> None:
    whole, torn = await desk.take(b"whole " * 9_000, "whole.txt"), await desk.take(b"torn " * 9_000, "torn.txt")
    await asked(store, whole.part, torn.part)
    await store.files.aclose()
    path = tmp_path / "data" / ATTACHED
    data = bytearray(path.read_bytes())
    page = data.rindex(b"torn torn") // 4096 - 2
    data[page * 4096 : page * 4096 + 8] = b"\xff" * 8  # leads to a missing page
    path.write_bytes(data)
    for form in TEXTS:
        files = await exported(store, desk, form, tmp_path / f"all.{form}")
        assert files.missing == (("torn.txt",) if form is not ExportFormat.HTML else files.missing)
        assert b"Look" in (tmp_path / f"all.{form}").read_bytes()
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.read(archive.namelist()[1]) == b"whole " * 9_000


async def test_files_of_a_later_version_are_gone_for_an_export(
    store: Store, desk: AttachmentDesk, tmp_path: Path
) -> None:
    await asked(store, (await desk.take(b"notes", "notes.txt")).part)
    await store.files.aclose()
    sql = connect(tmp_path / "data" / ATTACHED)
    sql.pragma("user_version", 99)
    sql.close()
    for form in TEXTS:
        files = await exported(store, desk, form, tmp_path / f"all.{form}")
        assert files.written == 0
        assert b"notes.txt" in (tmp_path / f"all.{form}").read_bytes()


def test_a_page_that_fails_takes_away_no_file_of_an_older_one(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    with export_writer.side_folder(page) as folder:
        folder.put("old.txt", [b"old"])

    def failing() -> None:
        with export_writer.side_folder(page) as folder:
            folder.put("old.txt", [b"old"])
            folder.put("new.txt", [b"new"])
            raise TransferError(phrase("Full"), hint=phrase("None"))

    with pytest.raises(TransferError):
        failing()
    assert names(tmp_path / "a-files", "*") == ["old.txt"]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_zip_that_fails_leaves_nothing_to_be_written_later(tmp_path: Path) -> None:
    def failing() -> None:
        with export_writer.zipped(tmp_path / "a.zip", now()) as archive:
            with archive.member("a.json") as add:
                add(b"[")
            raise TransferError(phrase("Full"), hint=phrase("None"))

    with pytest.raises(TransferError):
        failing()
    gc.collect()
    assert names(tmp_path, "*.zip*") == names(tmp_path, ".a*") == []


async def test_without_files_messages_still_name_them(store: Store, desk: AttachmentDesk, tmp_path: Path) -> None:
    await asked(store, (await desk.take(PHOTO, "a.jpg")).part)
    choice = await export.choose_all(store)
    for form in TEXTS:
        await export.export(store, choice, form, tmp_path / f"bare.{form}")
        whole = (tmp_path / f"bare.{form}").read_bytes()
        assert b"a.jpg" in whole
        assert len(whole) < len(PHOTO)
    assert names(tmp_path, "*-files") == []


@pytest.mark.long
async def test_a_great_file_is_never_whole_in_memory(store: Store, desk: AttachmentDesk, tmp_path: Path) -> None:
    data = b"log line\n" * 4_000_000
    await asked(store, (await desk.take(data, "great.log")).part)
    del desk
    for form in (ExportFormat.JSON, ExportFormat.ZIP):
        files = ExportedFiles(store.files, store.files)
        tracemalloc.start()
        await export.export(store, await export.choose_all(store), form, tmp_path / "x", files=files)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert files.written == 1
        assert peak < 12 << 20


async def test_more_than_a_json_can_bring_back_is_refused_and_leaves_nothing(
    store: Store, desk: AttachmentDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported_files, "MOST_IN_JSON", 10)
    await asked(store, (await desk.take(PHOTO, "a.jpg")).part)
    with pytest.raises(TransferError):
        await exported(store, desk, ExportFormat.JSON, tmp_path / "all.json")
    assert names(tmp_path, "*all*") == []
    await exported(store, desk, ExportFormat.ZIP, tmp_path / "all.zip")


async def test_a_folder_that_is_a_link_is_not_written_into(store: Store, desk: AttachmentDesk, tmp_path: Path) -> None:
    await asked(store, (await desk.take(PHOTO, "a.jpg")).part)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "all-files").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TransferError):
        await exported(store, desk, ExportFormat.MARKDOWN, tmp_path / "all.md")
    assert not [*(tmp_path / "elsewhere").iterdir()]
    assert not (tmp_path / "all.md").exists()


def test_names_are_such_as_every_system_takes() -> None:
    assert safe_name("a/b:c*.txt") == "a_b_c_.txt"
    assert safe_name("...") == "file"
    assert len(safe_name("ü" * 300 + ".pdf").encode()) <= 100
