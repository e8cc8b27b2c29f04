"""`storage` in the terminal: backups, moving, encryption and its recovery, as a user meets them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.servers.faults import FaultServer
from tests.servers.secret_service import is_installed, secret_service

SECRET = b"Zanzibar"


@pytest.fixture
def said(lab: Program) -> Program:
    """The program with one conversation about a secret."""
    assert lab("ask", "--save", "--model", "lab/grok-3", "Where is Zanzibar?").status == 0
    return lab


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[dict[str, str]]:
    if not is_installed():
        pytest.skip("dbus-daemon and gnome-keyring-daemon are not here")
    with secret_service(tmp_path / "bus") as service:
        yield service.environ


def data(program: Program) -> Path:
    return program.folder / "data" / "data"


def backup(program: Program) -> Path:
    """What the daily backup would be."""
    folder = data(program) / "backups"
    folder.mkdir(exist_ok=True)
    copy = folder / "conversations-20260101.db"
    copy.write_bytes((data(program) / "conversations.db").read_bytes())
    return copy


def test_the_state_is_told(said: Program) -> None:
    status = said("storage", "status", "--json").json
    assert (status["state"], status["encrypted"], status["conversations"], status["backups"]) == ("open", False, 1, 0)
    assert status["folder"] == str(data(said))
    assert "not encrypted" in said("storage", "status").out
    assert said("storage", "backups", "--json").json == []
    assert said("storage", "restore").status == 1


def test_a_backup_is_restored_after_a_look_and_a_question(said: Program) -> None:
    copy = backup(said)
    said("ask", "--save", "--model", "lab/grok-3", "And Lima?")
    (listed,) = said("storage", "backups", "--json").json
    assert (listed["path"], listed["conversations"]) == (str(copy), 1)
    look = said("storage", "restore", "--dry-run", "--json").json
    assert (look["added"]["number"], look["changed"]["number"]) == (0, 0)
    assert look["lost"] == {"number": 1, "titles": ["And Lima?"]}
    declined = said("storage", "restore", given="n\n")
    assert declined.status == 1
    assert "1 are lost: And Lima?" in declined.out
    assert said("storage", "restore").status == 2
    assert len(said("conversations", "list", "--json").json) == 2
    assert "set_aside" in said("storage", "restore", "--yes", "--json").json
    assert [each["title"] for each in said("conversations", "list", "--json").json] == ["Where is Zanzibar?"]
    (aside,) = data(said).glob("replaced-*/conversations.db")
    added = said("storage", "restore", str(aside), "--add", "--json").json
    assert added == {"added": 1}
    assert len(said("conversations", "list", "--json").json) == 2


def test_a_corrupt_database_is_restored_in_the_terminal(said: Program) -> None:
    backup(said)
    (data(said) / "conversations.db").write_bytes(b"broken")
    listed = said("conversations", "list", "--json")
    assert (listed.json, "was moved to" in listed.err) == ([], True)
    assert said("storage", "restore", given="y\n").status == 0
    assert len(said("conversations", "list", "--json").json) == 1


def test_everything_is_moved_and_found_there(said: Program) -> None:
    new = said.folder / "new place"
    assert said("storage", "move", str(data(said))).status == 2
    assert said("storage", "move", str(data(said) / "within")).status == 2
    (said.folder / "full").mkdir()
    (said.folder / "full" / "file").touch()
    assert said("storage", "move", str(said.folder / "full")).status == 2
    assert said("storage", "move", str(new), "--json").json == {"from": str(data(said)), "to": str(new)}
    assert said("storage", "status", "--json").json["folder"] == str(new)
    said("ask", "--save", "--model", "lab/grok-3", "And now?")
    assert len(said("conversations", "list", "--json").json) == 2
    new.rename(said.folder / "unplugged")
    gone = said("conversations", "list")
    assert (gone.status, "does not exist" in gone.err) == (1, True)
    assert not new.exists()


def test_without_a_keyring_it_says_why_it_cannot_encrypt(said: Program, tmp_path: Path) -> None:
    ended = said("storage", "encrypt", "--yes", environ={"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'no'}"})
    assert (ended.status, "keyring" in ended.err) == (1, True)
    assert said("storage", "status", "--json").json["encrypted"] is False


def test_conversations_are_encrypted_recovered_and_decrypted(said: Program, keyring: dict[str, str]) -> None:
    backup(said)
    ended = said("storage", "encrypt", "--yes", environ=keyring)
    assert ended.status == 0, ended.err
    code = ended.out.strip()
    assert len(code) == 34
    assert not any(SECRET in held for held in said.files().values())
    assert code not in ended.err
    listed = said("conversations", "list", "--json", environ=keyring).json
    assert [each["title"] for each in listed] == ["Where is Zanzibar?"]
    assert said("storage", "backups", "--json", environ=keyring).json[0]["conversations"] == 1
    assert not any(SECRET in held for held in said.files().values())

    lost = {**keyring, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    locked = said("conversations", "list", environ=lost)
    assert (locked.status, "storage recover" in locked.err) == (1, True)
    assert said("storage", "status", "--json", environ=lost).json["state"] == "locked"
    wrong = said("storage", "recover", given=f"{code[:-1]}\n", environ=keyring)
    assert (wrong.status, "recovery code" in wrong.err) == (1, True)
    recovered = said("storage", "recover", given=code.lower() + "\n", environ=keyring)
    assert (recovered.status, recovered.out) == (0, "Opened: 1 conversation.\n")
    assert said("storage", "recover", given=f"{code}\n", environ=lost).status == 1

    new = said("storage", "encrypt", "--new-code", environ=keyring).out.strip()
    assert said("storage", "recover", given=f"{code}\n", environ=keyring).status == 1
    assert said("storage", "recover", given=f"{new}\n", environ=keyring).status == 0
    assert said("storage", "decrypt", given="y\n", environ=keyring).status == 0
    assert any(SECRET in held for held in said.files().values())
    assert len(said("conversations", "list", "--json").json) == 1


def test_a_policy_of_encryption_is_obeyed_at_the_first_start(lab: Program, keyring: dict[str, str]) -> None:
    settings = lab.folder / "data" / "config" / "settings.toml"
    settings.write_text(settings.read_text() + "\n[store]\nencryption = true\n")
    ended = lab("ask", "--save", "--model", "lab/grok-3", "Where is Zanzibar?", environ=keyring)
    assert (ended.status, "recovery code" in ended.err) == (0, True)
    assert not any(SECRET in held for held in lab.files().values())
    refused = lab("ask", "--save", "--model", "lab/grok-3", "x", environ={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/no"})
    assert refused.status == 1


def test_what_is_kept_for_one_run_is_gone_after_it(lab: Program) -> None:
    settings = lab.folder / "data" / "config" / "settings.toml"
    settings.write_text(settings.read_text() + '\n[store]\nretention = "run"\n')
    assert lab("ask", "--save", "--model", "lab/grok-3", "Where is Zanzibar?").status == 0
    assert not any(SECRET in held for held in lab.files().values())
    assert lab("conversations", "list", "--json").json == []


def test_a_connection_may_keep_for_less(paragone: Program, server: FaultServer) -> None:
    paragone.add("lab", server.url, "--keep-days", "0")
    assert paragone("ask", "--save", "--model", "lab/grok-3", "Where is Zanzibar?").status == 0
    assert paragone("conversations", "list", "--json").json == []
    wrong = paragone("connections", "add", "x", "--kind", "openai-v1", "--url", server.url, "--keep-days", "-1")
    assert wrong.status == 2


def test_a_read_only_folder_is_read(said: Program) -> None:
    if os.name == "nt" or os.geteuid() == 0:
        pytest.skip("modes do not bind here; tests/desktop/store/opening/test_store_opener.py takes root's rights away")
    data(said).chmod(0o500)
    try:
        listed = said("conversations", "list", "--json")
        assert len(listed.json) == 1
        assert "cannot be written" in listed.err
    finally:
        data(said).chmod(0o700)


@pytest.mark.parametrize("words", [("--add",), ("--yes",), ("--dry-run",)])
def test_a_backup_that_is_not_there_is_said(paragone: Program, words: tuple[str, ...]) -> None:
    ended = paragone("storage", "restore", *words, "missing.db")
    assert (ended.status, ended.err.splitlines()[0]) == (1, "The file missing.db does not exist.")
