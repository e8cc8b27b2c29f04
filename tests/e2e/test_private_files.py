"""All that the program writes is its owner's alone, also where the umask would give it to everybody."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.servers.faults import FaultServer

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


def test_a_start_leaves_no_compiled_code_that_others_may_change(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "desktop", tmp_path / "desktop", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "main.py", tmp_path)
    (tmp_path / "resources").symlink_to(ROOT / "resources")
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, tmp_path / "main.py", "--data-dir", tmp_path / "data", "conversations", "list"]
    subprocess.run(command, check=True, capture_output=True, umask=0, env=environ, timeout=60)
    compiled = [*tmp_path.rglob("__pycache__"), *tmp_path.rglob("*.pyc")]
    assert compiled
    assert not [each for each in compiled if each.stat().st_mode & 0o022]


def open_to_others(folder: Path) -> list[str]:
    """What lies in a folder and others may read or write, with its mode; there must be something in it."""
    found = [*folder.rglob("*")]
    assert found
    return [f"{path.lstat().st_mode & 0o777:o} {path.relative_to(folder)}" for path in found if is_open(path)]


def is_open(path: Path) -> bool:
    """Whether others have any right to a file or folder."""
    return bool(path.lstat().st_mode & 0o077)


def names(folder: Path) -> Iterable[str]:
    """The names of all files in a folder."""
    return {path.name for path in folder.rglob("*") if path.is_file()}


def use(program: Program, server: FaultServer) -> None:
    """Do what writes files: settings, answers, an export, an import, a move."""
    program.add("lab", server.url)
    [settings] = program.folder.rglob("settings.toml")
    settings.write_text(f"{settings.read_text()}\n[audit]\nlog = true\n")
    assert program("doctor", "--json").json
    for model in ("lab/gpt-4o", "embedded/smollm2"):
        assert program("ask", "--model", model, "--save", "--param", "max_tokens=8", "Hello").status == 0
    assert program("chat", "--model", "lab/gpt-4o", given="Hello\n").status == 0
    [one, *_] = program("conversations", "list", "--json").json
    exported = program.folder / "one.json"
    assert program("conversations", "export", one["id"], "--format", "json", "--output", str(exported)).status == 0
    assert program("conversations", "import", str(exported)).status == 0
    assert program("storage", "move", str(program.folder / "disk" / "moved")).status == 0
    assert program("ask", "--model", "lab/gpt-4o", "--save", "Hello").status == 0


def test_a_portable_folder_and_its_root(tmp_path: Path, server: FaultServer) -> None:
    parent = tmp_path / "made by us"
    parent.mkdir(mode=0o700)
    program = replace(Program(parent / "run", {"TEST_KEY": "test-key-0123456789abcdef"}), umask=0)
    program.folder.mkdir(mode=0o700)
    use(program, server)
    written = {"settings.toml", "settings.lock", "conversations.db", "audit.jsonl", "model-checked.json"}
    assert written <= {*names(program.folder)}
    assert open_to_others(parent) == []


def test_the_places_of_the_platform_and_the_folders_above_them(tmp_path: Path, server: FaultServer) -> None:
    home = tmp_path / "somebody"
    home.mkdir(mode=0o700)
    program = Program(home, {"TEST_KEY": "test-key-0123456789abcdef"}, portable=False, umask=0)
    use(program, server)
    assert {".config", ".local", ".cache"} <= {path.name for path in home.iterdir()}
    assert open_to_others(home) == []


def test_locks_that_an_older_version_left_readable_are_closed(paragone: Program, server: FaultServer) -> None:
    lock = paragone.folder / "data" / "config" / "settings.lock"
    lock.parent.mkdir(parents=True)
    lock.touch(mode=0o644)
    paragone.add("lab", server.url)
    assert not is_open(lock)
