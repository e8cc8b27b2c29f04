"""A command from its arguments to its exit status: what each kind of end says, and to which stream."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

import main
from desktop import services as plain
from desktop.errors import StoreFull, UsageError
from desktop.terminal import program
from desktop.text.phrases import english
from tests.desktop.credentials.fakes import MemoryKeyring
from tests.desktop.terminal.conftest import Desk

FULL = OSError(28, "No space left on device")


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """A command of the program's own process takes signals over for good; a test's does not."""
    names = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in names}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def status_of(how: BaseException) -> int:
    """The exit status of a command that ends so."""

    def assemble() -> plain.Services:
        raise how

    return program.run(argparse.Namespace(command="models"), assemble)


@pytest.mark.parametrize(
    ("how", "status", "said"),
    [
        (UsageError(english("Wrong."), hint=english("Right.")), 2, "Wrong.\n  Right.\n"),
        (
            StoreFull(english("The disk is full."), hint=english("Free some.")),
            1,
            "The disk is full.\n  Free some.\n",
        ),
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
        (FULL, 1, "Writing failed: No space left on device.\n"),
        (BrokenPipeError(), 1, ""),
        (ZeroDivisionError(), 1, "This is a bug in Paragone"),
    ],
)
def test_each_end_has_its_status_and_its_sentence_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, how: BaseException, status: int, said: str
) -> None:
    out, err = StringIO(), StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert status_of(how) == status
    assert err.getvalue().startswith(said)
    assert bool(err.getvalue()) is bool(said)
    assert out.getvalue() == ""


def test_wrong_use_keeps_its_status_where_the_output_is_full_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(StringIO):
        def flush(self) -> None:
            raise FULL

    monkeypatch.setattr(sys, "stdout", Full())
    assert status_of(UsageError(english("Wrong."))) == 2


@pytest.mark.parametrize("command", ["connections", "doctor"])
def test_a_command_begins_by_moving_keys_of_headers_into_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    keyring, file = MemoryKeyring(), tmp_path / "config" / "settings.toml"
    file.parent.mkdir()
    file.write_text(
        '[connections.old]\nkind = "openai-v1"\nauth = "none"\nurl = "http://127.0.0.1:9/v1"\n'
        '[connections.old.headers]\nX-Team = "blue"\nX-Api-Key = "key-0123456789"\n'
    )

    def assemble() -> plain.Services:
        made = main.assemble(argparse.Namespace(data_dir=tmp_path))
        made.keys._find = lambda: keyring
        return made

    monkeypatch.setattr(sys, "stdout", StringIO())
    arguments = argparse.Namespace(command=command, action="list", json=True, bundle="")
    program.run(arguments, assemble)
    assert "key-0123456789" not in file.read_text()
    assert 'X-Team = "blue"' in file.read_text()
    assert ["key-0123456789" in item for item in keyring.items.values()] == [True]


async def test_doctor_fails_only_where_a_check_did_and_writes_its_file(desk: Desk, tmp_path: Path) -> None:
    status = await desk.run("doctor", "--bundle", str(tmp_path / "bundle.zip"))
    assert status == ("failed" in {line.split(" ")[0] for line in desk.out.splitlines()})
    assert (tmp_path / "bundle.zip").read_bytes()
    assert "Check its contents before you share it." in desk.err
