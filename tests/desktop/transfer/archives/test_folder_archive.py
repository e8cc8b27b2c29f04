"""Folders to import: like a zip of what is in them, without links and devices, and within a zip's bounds."""

from __future__ import annotations

import json
import os
from io import BufferedReader
from pathlib import Path
from zipfile import ZipInfo

import pytest

from desktop.errors import TransferError
from desktop.transfer.archives.loose_json import Unreadable
from desktop.transfer.archives.zip_archive import FolderArchive, Limits
from desktop.transfer.importer import open_file
from tests.desktop.transfer.made import AT, chatgpt_chat, only


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
    with pytest.raises(Unreadable, match="changed in the meantime"):
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
    assert source.notice == "Files without a conversation are left out (1)."
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
    with pytest.raises(TransferError, match="no file with a conversation"):
        open_file(tmp_path)
    (tmp_path / "a.json").write_text("[1]")
    with pytest.raises(TransferError):
        open_file(tmp_path)
