"""Checks 40, 42 and 43: an import changes conversations alone, wherever its names point; exports are whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.desktop.transfer.made import chatgpt_chat
from tests.e2e.conftest import KEY
from tests.e2e.program import Program
from tests.examples import alike

SECRET = "sk-of-another-program-0123456789"
FORMATS = ("json", "markdown", "html")


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder but those of the database and the log, and what they hold."""
    files = (path for path in folder.rglob("*") if path.is_file())
    kept = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    changing = ("conversations.db", "opening.lock", "last-import.json", "paragone.log")
    return {name: held for name, held in kept.items() if not Path(name).name.startswith(changing)}


def hostile(path: Path) -> list[str]:
    """A zip whose names lead elsewhere, or are those of devices and links."""
    names = ["../../out.json", "/tmp/../out.json", "C:\\out.json", "con.json", "..\\out.json", "a/./../../b.json"]
    with zipfile.ZipFile(path, "w") as archive:
        for place, name in enumerate(names):
            archive.writestr(name, json.dumps([chatgpt_chat(f"c{place}")]))
        link = zipfile.ZipInfo("link.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return names


def with_settings() -> dict[str, Any]:
    """Exports that bring settings, connections and keys along."""
    said = [{"id": "m", "role": "user", "content": "x"}]
    providers = {"openai": {"apiKey": SECRET, "apiHost": "https://evil.example"}}
    box = {"chat-sessions-list": [{"id": "1"}], "session:1": {"messages": said}, "settings": {"providers": providers}}
    agi = {
        "conversations": [{"id": "1", "systemPurposeId": "x", "messages": said}],
        "models": {"sources": [{"setup": {"oaiKey": SECRET, "oaiHost": "https://evil.example"}}]},
    }
    own = {
        "schema": "paragone/1",
        "conversations": [],
        "connections": [{"name": "evil", "url": "https://evil.example"}],
    }
    return {"box.json": box, "agi.json": agi, "own.json": {**own, "settings": {"guards.secrets": "off"}, "policy": {}}}


def test_an_import_changes_nothing_but_conversations(lab: Program, tmp_path: Path) -> None:
    names = hostile(lab.folder / "hostile.zip")
    for name, held in with_settings().items():
        (lab.folder / name).write_text(json.dumps(held))
    connections = lab("connections", "list", "--json").json
    before = everything(tmp_path)
    assert any(name.endswith("settings.toml") for name in before)
    report = lab("conversations", "import", "hostile.zip", "--json").json
    assert sum(len(each["items"]) for each in report["files"]) == len(names)
    for name in with_settings():
        assert lab("conversations", "import", name).status == 0
    assert len(lab("conversations", "list", "--json").json) == len(names) + 2
    assert everything(tmp_path) == before
    assert lab("connections", "list", "--json").json == connections
    kept = {name: held for name, held in lab.files().items() if Path(name).name not in with_settings()}
    assert kept
    assert not [name for name, held in kept.items() if SECRET.encode() in held or b"evil.example" in held]


def test_exports_hold_no_key_and_no_address(lab: Program) -> None:
    (url,) = [each["url"] for each in lab("connections", "list", "--json").json if each["name"] == "lab"]
    for model in ("grok-3", "401", "500", "cut"):
        lab("ask", "--save", "--model", f"lab/{model}", "hello")
    for form in FORMATS:
        assert lab("conversations", "export", "--all", "--format", form, "--output", f"all.{form}").status == 0
        written = (lab.folder / f"all.{form}").read_text()
        assert "hello" in written
        assert KEY not in written
        assert url not in written


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small tmpfs, as root")
@pytest.mark.parametrize("form", alike(1, FORMATS))
def test_an_export_to_a_disk_that_fills_leaves_the_old_one_whole(lab: Program, tmp_path: Path, form: str) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], capture_output=True).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        (small / "out").write_text("old")
        assert lab("ask", "--save", "--model", "lab/long:60000", "hello").status == 0
        ended = lab("conversations", "export", "--all", "--format", form, "--output", str(small / "out"))
        assert ended.status == 1
        assert "Traceback" not in ended.err
        assert str(small / "out") in ended.err
        assert {path.name: path.read_text() for path in small.iterdir()} == {"out": "old"}
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_an_import_that_was_killed_is_undone_and_the_one_before_is_not(lab: Program, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text(json.dumps([chatgpt_chat("kept")]))
    second.write_text(json.dumps([chatgpt_chat(f"c{place}") for place in range(3_000)]))
    assert lab("conversations", "import", str(first)).status == 0
    (kept,) = lab("conversations", "list", "--json").json
    with lab.start("conversations", "import", str(second)) as process:
        while len(lab("conversations", "list", "--json").json) < 2:
            assert process.poll() is None
        process.kill()
    assert lab("conversations", "import", "--undo").status == 0
    assert [each["id"] for each in lab("conversations", "list", "--json").json] == [kept["id"]]


def test_what_is_older_than_conversations_are_kept_is_told(paragone: Program) -> None:
    settings = paragone.folder / "data" / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[store]\nretention = "days"\n')
    (paragone.folder / "x.json").write_text(json.dumps([chatgpt_chat("a"), chatgpt_chat("b")]))
    ended = paragone("conversations", "import", "x.json")
    assert "deleted permanently at the next start: 2 conversations" in ended.out
    assert paragone("conversations", "list").out == ""
