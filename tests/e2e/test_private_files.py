"""All that the program writes is its owner's alone, also where the umask would give it to everybody."""

from __future__ import annotations

import importlib.util
import marshal
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

import main
from tests.e2e.program import Program
from tests.servers.faults import FaultServer

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


def checkout(folder: Path) -> Path:
    """A copy of the program's source without what was compiled of it."""
    for room in ("desktop", "packaging"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "main.py", folder)
    (folder / "resources").symlink_to(ROOT / "resources")
    return folder


def python(*words: str | Path, umask: int = 0o022) -> str:
    """Run Python as a user does, compiled code and all; what it says."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *words]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, umask=umask, env=environ, timeout=200)
    return ran.stdout + ran.stderr


def plant(folder: Path) -> Path:
    """Give a module compiled code of somebody else's, in a folder that anybody may write; that code."""
    source = folder / "desktop" / "system" / "paths.py"
    compiled = Path(importlib.util.cache_from_source(str(source)))
    compiled.parent.mkdir()
    compiled.parent.chmod(0o777)
    facts = source.stat()
    head = importlib.util.MAGIC_NUMBER + struct.pack("<III", 0, int(facts.st_mtime), facts.st_size)
    code = compile("print('planted')\n" + source.read_text().split("import annotations", 1)[1], str(source), "exec")
    compiled.write_bytes(head + marshal.dumps(code))
    return compiled


def test_compiled_code_that_others_could_write_is_run_neither_by_a_start_nor_after_a_set_up(tmp_path: Path) -> None:
    started, set_up = checkout(tmp_path / "started"), checkout(tmp_path / "set-up")
    planted = plant(started), plant(set_up)
    compiling = "import sys; sys.path.insert(0, sys.argv[1]); import bootstrap; bootstrap.compile_own_code()"
    python("-c", compiling, set_up / "packaging")
    assert planted[1].is_file()
    for folder in (started, set_up):
        command = [folder / "main.py", "--data-dir", tmp_path / "data", "conversations", "list"]
        assert "planted" not in python(*command)
    assert not [each for each in planted if each.parent.stat().st_mode & 0o022]


def test_compiled_code_that_cannot_be_removed_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(checkout(tmp_path)).parent.rename(tmp_path / "elsewhere")
    (tmp_path / "desktop" / "__pycache__").symlink_to(tmp_path / "elsewhere")  # a link is removed by nobody
    monkeypatch.setattr(sys, "pycache_prefix", None)
    main.drop_open_code(str(tmp_path))
    assert sys.pycache_prefix == os.devnull


def test_compiled_code_beside_source_that_is_as_open_stays(tmp_path: Path) -> None:
    compiled = plant(checkout(tmp_path))
    compiled.parents[1].chmod(0o777)
    main.drop_open_code(str(tmp_path))
    assert compiled.is_file()


def test_a_start_leaves_no_compiled_code_that_others_may_change(tmp_path: Path) -> None:
    program = checkout(tmp_path) / "main.py"
    python(program, "--data-dir", tmp_path / "data", "conversations", "list", umask=0)
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
