"""Folders and files that are another's, closed, or no files at all: what can be read is read, all else is said."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.program import Ended, Program
from tests.examples import alike
from tests.rights import bound_by_modes
from tests.servers.faults import FaultServer


def bound(program: Program, *words: str) -> Ended:
    """A run that heeds modes."""
    command = [*bound_by_modes(), *program.command(words)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=200, cwd=program.folder, env=program.surroundings({})
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@contextmanager
def closed(path: Path) -> Generator[None]:
    """A file or folder that nobody may read or enter."""
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        yield
    finally:
        path.chmod(mode)


@pytest.fixture
def said(paragone: Program, server: FaultServer) -> Program:
    """With a connection and a conversation."""
    paragone.add("lab", server.url)
    assert paragone("ask", "--save", "--model", "lab/grok-3", "Where is Zanzibar?").status == 0
    return paragone


def test_a_folder_that_is_closed_is_said(tmp_path: Path) -> None:
    program = Program(tmp_path)
    (tmp_path / "data").mkdir()
    with closed(tmp_path / "data"):
        for words in (("connections", "list"), ("doctor",)):
            ended = bound(program, *words)
            assert (ended.status, "could not be used: Permission denied" in ended.err) == (1, True)
            assert "another one with --data-dir" in ended.err
            assert "Free some space" not in ended.err


@pytest.mark.parametrize("name", alike(1, ["settings.toml", ""]))
def test_without_settings_that_can_be_read_conversations_are(said: Program, name: str) -> None:
    with closed(said.folder / "data" / "config" / name):
        listed = bound(said, "conversations", "list", "--json")
        assert (listed.status, len(listed.json)) == (0, 1)
        assert "could not be read: Permission denied. Defaults are used, and settings cannot be changed." in listed.err
        assert "could not be read" in bound(said, "doctor", "--json").out
        added = bound(said, "connections", "add", "other", "--kind", "openai-v1", "--url", "http://127.0.0.1:9/v1")
        assert added.status == 1
    assert {each["name"] for each in said("connections", "list", "--json").json} >= {"lab"}


def test_where_it_cannot_be_read_whether_the_data_were_moved_it_is_said_and_nothing_begun_anew(said: Program) -> None:
    unsure = "which may specify where your conversations are stored, could not be read"
    with closed(said.folder / "data" / "config"):
        assert unsure in bound(said, "conversations", "list").err
        (said.folder / "data" / "data").rename(said.folder / "moved")
        listed = bound(said, "conversations", "list")
    assert (listed.status, unsure in listed.err) == (1, True)
    assert not [*(said.folder / "data" / "data").iterdir()]


@pytest.mark.parametrize("place", ["elsewhere", "../..", "."])
def test_a_place_that_is_no_whole_path_is_refused(said: Program, place: str) -> None:
    (said.folder / "data" / "config" / "data-folder").write_text(place)
    (said.folder / "elsewhere").mkdir(mode=0o755)
    listed = said("conversations", "list")
    assert (listed.status, "is not absolute" in listed.err) == (1, True)
    assert not [*(said.folder / "elsewhere").iterdir()]


@pytest.mark.parametrize("mode", [0o1777, 0o755])
def test_a_folder_that_is_named_for_the_data_keeps_its_rights(said: Program, tmp_path: Path, mode: int) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(mode)
    (said.folder / "data" / "config" / "data-folder").write_text(f"{shared}\n")
    assert said("connections", "list").status == 0
    assert shared.stat().st_mode & 0o7777 == mode


def test_a_damaged_mark_of_an_exchange_closes_nothing(said: Program) -> None:
    folder = said.folder / "data" / "data"
    (folder / "exchange" / "leaving").mkdir(parents=True)
    (folder / "exchange" / "leaving" / "conversations.db").write_bytes(b"what was replaced")
    (folder / "exchange" / "ready").write_bytes(b"\xff\xfe../../elsewhere")
    listed = said("conversations", "list", "--json")
    assert (listed.status, len(listed.json)) == (0, 1)
    assert [each.read_bytes() for each in folder.glob("replaced-*/conversations.db")] == [b"what was replaced"]


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe that nobody writes to."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes in folders here")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="Linux has it")
@pytest.mark.parametrize("words", [("conversations", "import", "--dry-run"), ("storage", "restore", "--yes")])
def test_what_the_system_says_without_end_is_nothing_to_be_read(paragone: Program, words: tuple[str, ...]) -> None:
    ended = paragone(*words, "/proc/kmsg")
    assert ended.status == 1
    assert not ended.err.count("bug")


def test_a_pipe_is_no_certificate_file(paragone: Program, pipe: Path) -> None:
    paragone.add("far", "https://127.0.0.1:9/v1")
    [settings] = paragone.folder.rglob("settings.toml")
    settings.write_text(f'{settings.read_text()}\n[network]\nca_file = "{pipe}"\n')
    ended = paragone("ask", "--model", "far/x", "Hello")
    assert (ended.status, "could not be used: the path is not a file" in ended.err) == (1, True)


@pytest.mark.parametrize("name", ["config/settings.toml", "config/catalog.toml", "data/presets.toml"])
def test_a_pipe_in_the_place_of_a_file_holds_nothing_up(paragone: Program, pipe: Path, name: str) -> None:
    assert paragone("connections", "list").status == 0
    pipe.rename(paragone.folder / "data" / name)
    assert paragone("connections", "list").status == 0
