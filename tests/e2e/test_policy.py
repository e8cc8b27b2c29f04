"""Policies at their real place, obeyed by the terminal: in a mount namespace of the test's own."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tests.e2e.program import TIMEOUT_S, Ended, Program

_SET_UP = (
    "mount -t tmpfs none /etc && mkdir -p /etc/paragone/policies/managed"
    ' && cd /etc/paragone/policies/managed && printf %s "$POLICY" > 10.json && chmod "$MODE" 10.json && cd "$FOLDER"'
    ' && exec "$@"'
)


def _can() -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/etc"], capture_output=True)
    return tried.returncode == 0


pytestmark = pytest.mark.skipif(not _can(), reason="needs the right to mount")


def managed(program: Program, *words: str, mode: str = "0644", **policies: object) -> Ended:
    """A run of the program on a machine with these policies."""
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", _SET_UP, "sh", *program.command(words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        env=program.surroundings({"POLICY": json.dumps(policies), "MODE": mode, "FOLDER": str(program.folder)}),
        cwd=program.folder,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def test_only_what_is_allowed_is_asked(lab: Program) -> None:
    assert managed(lab, "ask", "--model", "lab/echo", "hi", AllowedHosts=["127.0.0.1"]).status == 0
    ended = managed(lab, "ask", "--model", "lab/echo", "--json", "hi", AllowedHosts=["*.contoso.com"])
    assert ended.status == 1
    (error,) = [line for line in ended.lines if line["event"] == "error"]
    assert error["code"] == "policy"
    assert "AllowedHosts (/etc/paragone/policies/managed/10.json)" in error["hint"]


def test_a_given_connection_is_there_and_nothing_can_be_added(lab: Program) -> None:
    url = next(each["url"] for each in lab("connections", "list", "--json").json if each["name"] == "lab")
    given = {"name": "corp", "kind": "openai-v1", "url": url, "key_env": "TEST_KEY"}
    ended = managed(lab, "ask", "--model", "corp/echo", "hello", Connections=[given], UserConnections=False)
    assert (ended.status, ended.out.strip()) == (0, "hello")
    ended = managed(lab, "connections", "list", "--json", Connections=[given], UserConnections=False)
    assert [each["name"] for each in ended.json] == ["embedded", "corp"]
    for words in (
        ("connections", "add", "x", "--kind", "openai-v1", "--url", url),
        ("connections", "remove", "corp"),
        ("ask", "--model", "lab/echo", "hello"),
    ):
        assert managed(lab, *words, Connections=[given], UserConnections=False).status == 1


def test_import_and_export_and_the_notice(lab: Program) -> None:
    for words in (("conversations", "export", "--all"), ("conversations", "import", "x.json")):
        ended = managed(lab, *words, Export=False, Import=False, StartNotice="Be careful.")
        assert ended.status == 1
        assert "Your organization does not allow" in ended.err
        assert "Be careful." in ended.err


def test_files_go_with_prompts_only_as_far_as_it_is_allowed(lab: Program) -> None:
    (lab.folder / "notes.txt").write_text("the notes")
    words = ("ask", "--model", "lab/echo", "--attach", "notes.txt", "hi")
    assert "the notes" in managed(lab, *words, AttachmentKinds=["text"]).out
    for ended in (managed(lab, *words, Attachments=False), managed(lab, *words, AttachmentKinds=["pictures"])):
        assert (ended.status, ended.out) == (1, "")
        assert "Your organization does not allow attaching" in ended.err
    (lab.folder / "notes.txt").write_text("large" * 300_000)
    assert "larger than 1 MB" in managed(lab, *words, AttachmentSize=1).err


def test_doctor_shows_each_policy_and_its_file_and_one_that_users_can_write_is_ignored(lab: Program) -> None:
    checks = {each["name"]: each for each in managed(lab, "doctor", "--json", Theme="dark").json}
    assert checks["policy Theme"]["detail"] == "dark (managed, from /etc/paragone/policies/managed/10.json)"
    checks = {each["name"]: each for each in managed(lab, "doctor", "--json", mode="0666", Theme="dark").json}
    assert "policy Theme" not in checks
    assert "users other than the owner can write to the path" in checks["settings"]["detail"]
