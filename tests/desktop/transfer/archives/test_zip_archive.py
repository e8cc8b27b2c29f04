"""Zip archives and folders as sources of an import."""

from __future__ import annotations

import io
import json
import os
import zipfile
from io import BufferedReader
from pathlib import Path
from zipfile import ZipInfo

import pytest

from desktop.errors import TransferError
from desktop.transfer.archives import zip_archive
from desktop.transfer.archives.loose_json import Unreadable
from desktop.transfer.archives.zip_archive import FolderArchive, Limits
from desktop.transfer.importer import open_file
from tests.desktop.transfer.made import AT, chatgpt, chatgpt_chat, chatgpt_node, only


def test_an_export_that_was_unpacked_is_read_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "conversations.json").write_text(json.dumps([chatgpt_chat()]))
    (tmp_path / "export" / "user.json").write_text("{}")
    (source,) = open_file(tmp_path / "export")
    assert (source.name, source.format.name) == ("export", "ChatGPT")
    assert only(source.format.drafts(source.read(0), AT)).title == "Sky"
    source.close()


def test_no_link_is_followed_and_no_pipe_is_waited_for(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.json").write_text(json.dumps([chatgpt_chat()]))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.json").symlink_to(outside / "secret.json")
    (folder / "below").symlink_to(outside)
    (folder / "ring").symlink_to(folder)
    os.mkfifo(folder / "pipe.json")
    (folder / "a.json").write_text("{}")
    assert [member.filename for member in FolderArchive(folder).infolist()] == ["a.json"]
    with pytest.raises(TransferError):
        open_file(folder)


def test_hidden_files_and_those_far_below_are_passed_over(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcdefghijkl")
    for folder in (tmp_path / ".trash", deep / "m"):
        folder.mkdir(parents=True)
    for path in (tmp_path / ".trash" / "a.json", tmp_path / ".b.json", deep / "c.json", deep / "m" / "d.json"):
        path.write_text("{}")
    assert [member.filename for member in FolderArchive(tmp_path).infolist()] == ["a/b/c/d/e/f/g/h/i/j/k/l/c.json"]


def test_a_file_that_became_a_link_meanwhile_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps([chatgpt_chat()]))
    (source,) = open_file(folder)
    (folder / "a.json").rename(tmp_path / "b.json")
    (folder / "a.json").symlink_to(tmp_path / "b.json")
    with pytest.raises(Unreadable, match="changed during the import"):
        source.read(0)


@pytest.mark.parametrize("limits", [Limits(members=1), Limits(size=10), Limits(exports=1), Limits(items=1)])
def test_a_folder_keeps_the_bounds_of_a_zip(tmp_path: Path, limits: Limits) -> None:
    for number in range(3):
        (tmp_path / f"{number}.json").write_text(json.dumps([chatgpt_chat(str(number))]))
    assert len(open_file(tmp_path)) == 3
    with pytest.raises(TransferError):
        open_file(tmp_path, limits)


def test_a_file_that_cannot_be_read_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps([chatgpt_chat(name)]))
    really = FolderArchive.open

    def refused(archive: FolderArchive, member: ZipInfo) -> BufferedReader:
        if member.filename == "a.json":
            raise PermissionError(13, "Permission denied")
        return really(archive, member)

    monkeypatch.setattr(FolderArchive, "open", refused)
    (source,) = open_file(tmp_path)
    assert source.notice == "Files without conversations are left out (1)."
    (tmp_path / "b.json").unlink()
    with pytest.raises(TransferError, match="a\\.json could not be read|could not be read: Permission denied"):
        open_file(tmp_path)


def test_a_folder_that_is_gone_or_cannot_be_listed_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        FolderArchive(tmp_path / "gone").infolist()


def test_of_a_file_that_grows_no_more_is_read_than_it_had(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("## User\n\nwhy?\n\n## Assistant\n\nso\n")
    (source,) = open_file(tmp_path)
    with path.open("a") as file:
        file.write("\nand on\n" * 1_000)
    (draft,) = source.format.drafts(source.read(0), AT)
    assert draft.conversation.messages[1].text == "so"


def test_names_of_files_may_hold_any_bytes(tmp_path: Path) -> None:
    for name in (b"\xff\xfe.md", b"a\nb.md", b"\x1b[31mred.md"):
        path = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name)))  # noqa: PTH118 - bytes
        path.write_text("## User\n\nwhy?\n\n## Assistant\n\nso\n")
    titles = {
        draft.conversation.title for each in open_file(tmp_path) for draft in each.format.drafts(each.read(0), AT)
    }
    assert len(titles) == 3
    assert "\n" not in "".join(titles)


def test_an_empty_folder_and_one_without_exports_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="no conversation files"):
        open_file(tmp_path)
    (tmp_path / "a.json").write_text("[1]")
    with pytest.raises(TransferError):
        open_file(tmp_path)


def export(*names: str, beside: dict[str, bytes] | None = None) -> bytes:
    """Return ChatGPT's export as a zip with one file per conversation."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name in enumerate(names):
            told = chatgpt(chatgpt_node("p", "root", "user", [name]), current_node="p", title=name)
            archive.writestr(f"conversations-{number:03}.json", json.dumps([told]))
        for name, data in (beside or {}).items():
            archive.writestr(name, data)
    return held.getvalue()


def outer(path: Path, members: dict[str, bytes], *, packed: bool = False) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_zips_of_conversations_within_a_zip_are_read_and_others_are_not(tmp_path: Path, *, packed: bool) -> None:
    members = {
        "report.html": b"<html></html>",
        "User Profile/user.json": b'{"id": "x"}',
        "User Online Activity/Conversations__ab12-chatgpt-0001.zip": export("one", "two"),
        "User Online Activity/Files__ab12-files-0001.zip": export("not a chat"),
        "User Online Activity/Conversations__ab12-chatgpt-0002.zip": export("three", beside={"file-A1.txt": b"words"}),
    }
    sources = open_file(outer(tmp_path / "outer.zip", members, packed=packed))
    titles = [str(source.read(0)) for source in sources]
    assert [name in told for name, told in zip(("one", "two", "three"), titles, strict=True)] == [True] * 3
    assert {source.archive for source in sources} == {"outer.zip"}
    files = sources[2].beside
    assert files is not None
    assert files.read(files.find(["file-A1"]) or 0) == b"words"
    for source in sources:
        source.close()


def test_a_damaged_zip_within_is_said_and_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    members = {"Conversations__1.zip": b"PK\x03\x04 no zip at all", "Conversations__2.zip": export("whole")}
    (source,) = open_file(outer(tmp_path / "outer.zip", members))
    assert source.count == 1
    assert "Conversations__1.zip" in source.notice
    with pytest.raises(TransferError, match=r"Conversations__1\.zip"):
        open_file(outer(tmp_path / "other.zip", {"Conversations__1.zip": b"no zip"}))


def test_a_zip_within_is_held_to_the_same_bounds(tmp_path: Path) -> None:
    dense = export("trap", beside={"conversations-9.json": b" " * (20 << 20)})
    with pytest.raises(TransferError, match="looks malicious"):
        open_file(outer(tmp_path / "outer.zip", {"Conversations__1.zip": dense}))
    deep = outer(tmp_path / "deep.zip", {"Conversations__2.zip": export("deep")}).read_bytes()
    deeper = outer(tmp_path / "deeper.zip", {"Conversations__1.zip": deep})
    with pytest.raises(TransferError, match="no conversation files"):
        open_file(deeper)
    many = outer(tmp_path / "many.zip", {f"Conversations__{number}.zip": export("one") for number in range(2)})
    with pytest.raises(TransferError, match="more than 1 conversations"):
        open_file(many, Limits(items=1))


def test_the_files_of_all_zips_within_one_are_counted_together(tmp_path: Path) -> None:
    beside = {f"{number}.bin": b"" for number in range(8)}
    members = {f"Conversations__{number}.zip": export("one", beside=beside) for number in range(3)}
    (source,) = open_file(outer(tmp_path / "outer.zip", members), Limits(members=16))
    assert source.notice.count("contains more than 16 files") == 2
    source.close()


@pytest.mark.parametrize("packed", [False, True])
def test_files_are_counted_before_any_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, packed: bool) -> None:
    many = export("one", beside={f"{number}.bin": b"" for number in range(50)})
    outer(path := tmp_path / "outer.zip", {"Conversations__1.zip": many}, packed=packed)
    made: list[str] = []

    class Counted(zipfile.ZipInfo):
        def __init__(self, filename: str) -> None:
            made.append(filename)
            super().__init__(filename)

    monkeypatch.setattr(zipfile, "ZipInfo", Counted)
    with pytest.raises(TransferError, match="more than 40 files"):
        open_file(path, Limits(members=40))
    assert len(made) < 5


def test_a_list_of_files_longer_than_is_held_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "_MOST_OF_LIST", 500)
    path = outer(tmp_path / "x.zip", {"a" * 600: b"{}"})
    with pytest.raises(TransferError, match="contains more than"):
        open_file(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_python_unpacks_without_a_bound_is_not_unpacked(tmp_path: Path, method: int) -> None:
    """These methods are not unpacked in pieces: kilobytes become gigabytes, whatever the stated size."""
    with zipfile.ZipFile(path := tmp_path / "x.zip", "w", method) as archive:
        archive.writestr("conversations.json", "[]")
    with pytest.raises(TransferError, match="compression method is not supported"):
        open_file(path)
