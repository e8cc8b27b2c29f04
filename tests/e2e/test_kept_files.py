"""Attached files as they are kept: through a kill, a restart, an export and an import, and through a backup."""

from __future__ import annotations

import json
import signal
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.desktop.attachments import made_files
from tests.e2e.program import Program
from tests.e2e.test_attachments import BLIND, DEPLOYED, KEY, added
from tests.servers.faults import FaultServer
from tests.servers.threaded import fault_server

PHOTO = made_files.photo()
NOTES = "Grüße aus dem Urlaub\n".encode() * 1_000


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Two files to be attached, as words of the command line."""
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    (tmp_path / "notes.txt").write_bytes(NOTES)
    return ["--attach", str(tmp_path / "photo.jpg"), "--attach", str(tmp_path / "notes.txt")]


def exported(program: Program, place: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """All conversations of a program through a zip: the JSON, and the files by their names."""
    ended = program("conversations", "export", "--all", "--output", str(place))
    assert ended.status == 0, ended.err
    with zipfile.ZipFile(place) as archive:
        whole = json.loads(archive.read("conversations.json"))
        return whole, {each["name"]: archive.read(each["file"]) for each in whole["attachments"]}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_killed_started_again_asked_again_exported_and_imported_elsewhere_the_bytes_are_the_same(
    lab: Program, server: FaultServer, files: list[str], tmp_path: Path
) -> None:
    process = lab.start("ask", "--save", "--json", *files, "--model", "lab/slow:50", "What is it?")
    with process:
        assert process.stdout is not None
        next(line for line in process.stdout if json.loads(line).get("delta", ""))
        process.send_signal(signal.SIGKILL)
    ended = lab("chat", "--model", "lab/slow:5000", given="/continue\n/retry\n")
    assert ended.status == 0, ended.err
    content = server.requests[-1].json["messages"][-1]["content"]
    assert [part["type"] for part in content] == ["image_url", "text"]
    assert content[1]["text"].startswith("notes.txt\n```txt\nGrüße")
    whole, carried = exported(lab, tmp_path / "first.zip")
    assert carried == {"photo.jpg": PHOTO, "notes.txt": NOTES}
    elsewhere = replace(lab, folder=tmp_path / "elsewhere")
    elsewhere.folder.mkdir()
    ended = elsewhere("conversations", "import", str(tmp_path / "first.zip"), "--json")
    assert ended.status == 0, ended.err
    again, back = exported(elsewhere, tmp_path / "second.zip")
    assert back == carried
    assert again["attachments"] == whole["attachments"]
    assert again["conversations"][0]["messages"] == whole["conversations"][0]["messages"]
    status = elsewhere("storage", "status", "--json").json
    assert (status["files"], status["files_size"], status["files_missing"]) == (2, len(PHOTO) + len(NOTES), 0)


def test_what_was_deleted_for_good_comes_back_with_its_files_from_a_backup(
    lab: Program, files: list[str], tmp_path: Path
) -> None:
    lab("ask", "--save", *files, "--model", "lab/grok-3", "What is it?")
    lab("chat", "--model", "lab/grok-3", given="/quit\n")
    (only,) = lab("conversations", "list", "--json").json
    assert lab("conversations", "delete", only["id"], "--purge").status == 0
    assert lab("storage", "status", "--json").json["files"] == 0
    assert [each["files"] for each in lab("storage", "backups", "--json").json] == [2]
    assert "2 attached files come back" in lab("storage", "restore", "--dry-run").out
    assert lab("storage", "restore", "--yes").status == 0
    assert exported(lab, tmp_path / "all.zip")[1] == {"photo.jpg": PHOTO, "notes.txt": NOTES}


def test_a_damaged_database_of_files_is_said_once_and_files_can_be_attached_again(
    lab: Program, files: list[str], tmp_path: Path
) -> None:
    lab("ask", "--save", *files, "--model", "lab/grok-3", "What is it?")
    (place,) = lab.folder.rglob("attachments.files")
    place.write_bytes(b"no database at all " * 500)
    said = [lab("conversations", "list").err for _ in range(2)]
    assert ["were moved to" in each for each in said] == [True, False]
    assert "2 attached files are missing" in lab("doctor").out
    ended = lab("ask", "--save", *files, "--model", "lab/grok-3", "Again")
    assert ended.status == 0, ended.err
    assert exported(lab, tmp_path / "all.zip")[1] == {"photo.jpg": PHOTO, "notes.txt": NOTES}


def test_what_a_model_got_nothing_of_is_said_after_a_restart_and_in_exports(
    paragone: Program, files: list[str]
) -> None:
    program = replace(paragone, environ={"FOUNDRY_KEY": KEY})
    with fault_server(KEY, deployments=DEPLOYED) as server:
        added(program, server.origin)
        assert program("ask", "--save", *files, "--model", f"foundry/{BLIND}", "What is it?").status == 0
    (only,) = program("conversations", "list", "--json").json
    said = "Llama 3.3 70B cannot read photo.jpg: not sent."
    assert said in program("conversations", "show", only["id"]).out
    for form in ("markdown", "html"):
        assert said in program("conversations", "export", only["id"], "--format", form).out
    (answer,) = program("conversations", "export", only["id"]).json["conversations"][0]["messages"][1:]
    assert answer["left_out"] == [{"name": "photo.jpg", "model": "Llama 3.3 70B", "gone": False}]
