"""The storage in a real window: a damaged database restored, encryption turned on, a folder that cannot be written."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.e2e.window.atspi import wait
from tests.e2e.window.window import Desk, Window

pytestmark = pytest.mark.slow

MADE = datetime(2026, 11, 22, 10, 0).astimezone()


@pytest.fixture
def kept(lab_desk: Desk) -> Program:
    """A data folder with one conversation."""
    program = lab_desk.program
    assert program("ask", "--save", "--model", "lab/grok-3", "Where is Zanzibar?").status == 0
    return program


def data(program: Program) -> Path:
    return program.folder / "data" / "data"


def press(desk: Desk, window: Window, name: str, role: str = "push button") -> None:
    window.find(role, name).focus()
    desk.keys.press("space")


@pytest.mark.long
def test_a_damaged_database_is_restored_from_its_backup(lab_desk: Desk, kept: Program) -> None:
    backup = data(kept) / "backups" / "conversations-20261122.db"
    backup.parent.mkdir(exist_ok=True)
    backup.write_bytes((data(kept) / "conversations.db").read_bytes())
    os.utime(backup, (MADE.timestamp(), MADE.timestamp()))
    (data(kept) / "conversations.db").write_bytes(b"broken")
    window = lab_desk.open()
    press(lab_desk, window, "Restore…")
    press(lab_desk, window, "Restore backup from 22 Nov 2026, 10:00…")
    press(lab_desk, window, "Replace everything")
    wait(lambda: any("Zanzibar" in line for line in window.conversations()), "the conversation that came back")
    lab_desk.keys.press("Escape")
    window.type_into("Message", "and on")
    lab_desk.keys.press("Return")
    window.said("word0")


def test_conversations_are_encrypted_and_found_again(lab_desk: Desk, kept: Program) -> None:
    window = lab_desk.open()
    wait(lambda: any("Zanzibar" in line for line in window.conversations()), "the conversation")
    window.type_into("Message", "Quokka, not sent")
    wait(lambda: any(b"Quokka" in held for held in kept.files().values()), "the draft")
    window.find("push button", "Settings").focus()
    lab_desk.keys.press("space")
    window.find("text", "Search settings").focus()
    lab_desk.keys.type("encryption")
    press(lab_desk, window, "Encrypt conversations…")
    press(lab_desk, window, "I have written down the code", "check box")
    press(lab_desk, window, "Encrypt now")
    window.find("push button", "Turn off encryption…")
    assert not any(b"Zanzibar" in held for held in kept.files().values())
    window.process.send_signal(signal.SIGTERM)
    window.ended()
    assert not any(b"Zanzibar" in held or b"Quokka" in held for held in kept.files().values())
    window = lab_desk.open()
    wait(lambda: any("Zanzibar" in line for line in window.conversations()), "the conversation, decrypted")
