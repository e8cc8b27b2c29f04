"""What is said is kept: found again, shown, exported, deleted, and never lost to a crash."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desktop.transfer.made import chatgpt_chat
from tests.e2e.program import Program
from tests.servers.faults import FaultServer


def ids(program: Program) -> list[str]:
    return [each["id"] for each in program("conversations", "list", "--json").json]


def test_a_saved_answer_is_listed_searched_shown_and_exported(lab: Program) -> None:
    lab("ask", "--save", "--model", "lab/grok-3", "Where is Canberra, the 首都?")
    (listed,) = lab("conversations", "list", "--json").json
    assert {"id", "title", "model", "updated_at"} <= {*listed}
    assert (listed["title"], listed["model"]) == ("Where is Canberra, the 首都?", "lab/grok-3")
    (hit,) = lab("conversations", "search", "canb", "--json").json
    assert (hit["id"], "Canberra" in hit["snippet"]) == (listed["id"], True)
    assert hit["message_id"]
    assert len(lab("conversations", "search", "首", "--json").json) == 1
    assert "Canberra" in lab("conversations", "show", listed["id"]).out
    exported = lab("conversations", "export", listed["id"]).json
    assert exported["schema"] == "paragone/1"
    assert [each["role"] for each in exported["conversations"][0]["messages"]] == ["user", "assistant"]


def test_an_export_goes_to_a_file_whole(lab: Program) -> None:
    for prompt in ("one", "two"):
        lab("ask", "--save", "--model", "lab/grok-3", prompt)
    ended = lab("conversations", "export", *ids(lab), "--output", "all.json")
    assert ended.status == 0
    whole = json.loads((lab.folder / "all.json").read_text())
    assert {each["title"] for each in whole["conversations"]} == {"one", "two"}
    assert lab("conversations", "export", ids(lab)[0], "--format", "markdown").out.startswith("# two\n")
    assert lab("conversations", "export", "nothere").status == 1


def test_an_export_of_another_program_is_looked_at_imported_found_and_undone(lab: Program) -> None:
    (lab.folder / "conversations.json").write_text(json.dumps([chatgpt_chat("a", 2), {"title": "Empty one"}]))
    ended = lab("conversations", "import", "conversations.json", "--dry-run")
    assert (ended.status, ids(lab)) == (0, [])
    assert "conversations.json (ChatGPT): 1 new, 1 without messages" in ended.out
    assert "Empty one: The conversation has no messages." in ended.out
    report = lab("conversations", "import", "conversations.json", "--json").json
    assert [item["state"] for item in report["files"][0]["items"]] == ["new", "empty"]
    (listed,) = lab("conversations", "list", "--json").json
    assert (listed["title"], listed["model"]) == ("Sky", "imported-chatgpt/gpt-4o")
    assert "because" in lab("conversations", "show", listed["id"]).out
    assert "1 already here" in lab("conversations", "import", "conversations.json").out
    assert lab("conversations", "import", "--undo", "--json").json == {"removed": 1, "kept": 0}
    assert (ids(lab), lab("conversations", "import", "--undo").status) == ([], 1)


def test_a_file_that_is_no_export_makes_the_status_1_and_no_file_2(lab: Program) -> None:
    (lab.folder / "x.json").write_text("[1,")
    ended = lab("conversations", "import", "x.json")
    assert (ended.status, "Traceback" in ended.err) == (1, False)
    assert "x.json could not be imported" in ended.err
    for words in ((), ("--undo", "x.json")):
        assert lab("conversations", "import", *words).status == 2
    assert lab("conversations", "export").status == 2


def test_everything_exported_comes_back_in_an_empty_folder(lab: Program, tmp_path: Path) -> None:
    for prompt in ("one", "two"):
        lab("ask", "--save", "--model", "lab/grok-3", prompt)
    assert lab("conversations", "export", "--all", "--output", "all.json").status == 0
    other = Program(tmp_path / "other", lab.environ)
    other.folder.mkdir()
    assert other("conversations", "import", str(lab.folder / "all.json")).status == 0
    assert other("conversations", "list", "--json").json == lab("conversations", "list", "--json").json
    page = other("conversations", "export", "--all", "--format", "html").out
    assert page.startswith("<!doctype html>")
    assert "TEST_KEY" not in page


def test_delete_moves_to_the_trash_and_purge_leaves_no_trace(lab: Program) -> None:
    lab("ask", "--save", "--model", "lab/grok-3", "xylophone quartz")
    (first,) = ids(lab)
    assert lab("conversations", "delete", first).status == 0
    assert ids(lab) == []
    assert lab("conversations", "search", "xylophone", "--json").json == []
    assert lab("conversations", "delete", first, "--purge").status == 0
    assert not any(b"xylophone" in data for data in lab.files().values())


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_killed_in_mid_answer_the_prompt_and_the_text_so_far_are_there(lab: Program, server: FaultServer) -> None:
    process = lab.start("ask", "--save", "--json", "--model", "lab/slow:50", "tell me a long story")
    shown = ""
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            shown += json.loads(line).get("delta", "")
            if len(shown) > 400:
                break
        process.send_signal(signal.SIGKILL)
    (only,) = ids(lab)
    conversation = lab("conversations", "export", only).json["conversations"][0]
    prompt, answer = conversation["messages"]
    assert prompt["parts"][0]["text"] == "tell me a long story"
    assert answer["status"] == "interrupted"
    kept = answer["parts"][0]["text"]
    assert shown.startswith(kept) or kept.startswith(shown)
    assert len(kept) > 100
    assert "interrupted" in lab("conversations", "show", only).out


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_chat_offers_to_continue_what_was_killed_and_does(lab: Program) -> None:
    process = lab.start("ask", "--save", "--json", "--model", "lab/slow:50", "tell me a long story")
    with process:
        assert process.stdout is not None
        next(line for line in process.stdout if len(json.loads(line).get("delta", "")) > 0)
        _wait_for_journal(lab)
        process.send_signal(signal.SIGKILL)
    ended = lab("chat", "--model", "lab/grok-3", given="/quit\n")
    assert "/continue" in ended.err
    ended = lab("chat", "--model", "lab/slow:5000", given="/continue\n")
    assert ended.status == 0, ended.err
    messages = lab("conversations", "export", ids(lab)[0]).json["conversations"][0]["messages"]
    assert [each["status"] for each in messages] == ["complete", "interrupted", "complete"]
    assert messages[2]["parts"][0]["text"].startswith(messages[1]["parts"][0]["text"])


def _wait_for_journal(program: Program) -> None:
    """Until something of the answer is in the journal, seen from outside."""
    (database,) = (program.folder / "data" / "data").glob("*.db")
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        while not connection.execute("SELECT count(*) FROM journal").fetchone()[0]:
            pass
    connection.close()


def test_several_runs_at_once_do_not_stand_in_each_others_way(lab: Program) -> None:
    runs = [lab.start("ask", "--save", "--model", "lab/grok-3", f"run {number}") for number in range(4)]
    for run in runs:
        _, err = run.communicate(timeout=200)
        assert run.returncode == 0, err
    assert len(ids(lab)) == 4


def test_a_broken_database_is_set_aside_whole_and_said_so(lab: Program) -> None:
    lab("ask", "--save", "--model", "lab/grok-3", "hello")
    (database,) = (lab.folder / "data" / "data").glob("*.db")
    broken = b"not a database at all" * 1000
    database.write_bytes(broken)
    ended = lab("conversations", "list", "--json")
    assert (ended.status, ended.json) == (0, [])
    assert "was moved to" in ended.err
    assert broken in lab.files().values()


def test_a_newer_database_is_refused_untouched(lab: Program) -> None:
    lab("ask", "--save", "--model", "lab/grok-3", "hello")
    (database,) = (lab.folder / "data" / "data").glob("*.db")
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    before = database.read_bytes()
    ended = lab("conversations", "list")
    assert ended.status == 1
    assert "newer" in ended.err
    assert "Traceback" not in ended.err
    assert database.read_bytes() == before


def test_a_broken_settings_file_is_set_aside_and_said_so(lab: Program) -> None:
    path = lab.folder / "data" / "config" / "settings.toml"
    path.write_text("[connections\n")
    ended = lab("connections", "list", "--json")
    assert ended.status == 0
    assert [each["name"] for each in ended.json] == ["embedded"]
    assert "broken" in ended.err
    assert [kept.read_text() for kept in path.parent.glob("settings.toml.broken-*")] == ["[connections\n"]


def test_an_output_that_cannot_be_written_is_a_sentence(lab: Program) -> None:
    lab("ask", "--save", "--model", "lab/grok-3", "hello")
    ended = lab("conversations", "export", ids(lab)[0], "--output", "missing/x.json")
    assert ended.status == 1
    assert "Traceback" not in ended.err


def test_a_purged_prompt_leaves_the_prompt_history_too(lab: Program) -> None:
    history = lab.folder / "data" / "data" / "prompts.history"
    lab("chat", "--model", "lab/echo", given="my walrus password\n")
    history.write_text("\n# 2026-11-24 12:00:00\n+my walrus password\n\n# 2026-11-24 12:01:00\n+another\n")
    lab("conversations", "delete", ids(lab)[0], "--purge")
    assert "walrus" not in history.read_text()
    assert "+another" in history.read_text()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small tmpfs, as root")
def test_a_disk_that_fills_in_mid_answer_is_said_and_makes_the_status_1(lab: Program, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(small)], capture_output=True).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        full = Program(small, lab.environ)
        (server_url,) = [each["url"] for each in lab("connections", "list", "--json").json if each["name"] == "lab"]
        full.add("lab", server_url)
        ended = full("ask", "--save", "--json", "--model", "lab/long:60000", "hello")
        assert ended.status == 1
        assert "full" in ended.err
        assert "Traceback" not in ended.err
        assert any(line["event"] == "notice" and line["code"] == "disk_full" for line in ended.lines)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_file_as_the_only_word_is_imported_where_there_is_no_display(lab: Program) -> None:
    lab("ask", "--model", "lab/echo", "--save", "hello")
    lab("conversations", "export", "--all", "--output", "kept.paragone.json")
    (only,) = lab("conversations", "list", "--json").json
    lab("conversations", "delete", only["id"], "--purge")
    no_display = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    ended = lab("kept.paragone.json", environ=no_display)
    assert ended.status == 0, ended.err
    assert [each["title"] for each in lab("conversations", "list", "--json").json] == ["hello"]


def test_a_file_that_is_not_there_is_said(paragone: Program) -> None:
    ended = paragone("gone.paragone.json")
    assert (ended.status, ended.err) == (2, "The file gone.paragone.json does not exist.\n")
