"""Each file that the program opens, in turn a pipe that nobody writes to: nothing waits for it, nothing is a bug."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.program import ROOT, Ended, Program
from tests.servers.faults import FaultServer

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")

_RECORDED = """
import atexit, os, sys
opened = set()
sys.addaudithook(lambda name, of: opened.add(of[0]) if name == "open" and isinstance(of[0], (str, os.PathLike)) else 0)
atexit.register(lambda: open({record!r}, "a").writelines(f"{{os.fspath(each)}}\\n" for each in opened))
sys.path.insert(0, {root!r})
import main
sys.exit(main.main(sys.argv[1:]))
"""


def recorded(program: Program, *words: str) -> set[str]:
    """What a run opened below its folder, by the names there."""
    record = program.folder / "opened"
    code = _RECORDED.format(record=str(record), root=str(ROOT))
    command = [sys.executable, "-c", code, *program.command(words)[2:]]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=200, cwd=program.folder, env=program.surroundings({})
    )
    assert done.returncode == 0, done.stderr
    below = program.folder / "data"
    names = {Path(each) for each in record.read_text().splitlines()}
    return {str(each.relative_to(below)) for each in names if each.is_relative_to(below)}


def bounded(program: Program, *words: str) -> Ended:
    """A run that must end soon."""
    try:
        return program(*words)
    except (subprocess.TimeoutExpired, TimeoutError):
        pytest.fail(f"{words} waits")


def opened(program: Program, server: FaultServer) -> list[str]:
    """Use the program; the names of all files that it opened or left."""
    program.add("lab", server.url)
    [settings] = program.folder.rglob("settings.toml")
    settings.write_text(f"{settings.read_text()}\n[audit]\nlog = true\n")
    found = recorded(program, "ask", "--model", "lab/grok-3", "--save", "Hello")
    found |= recorded(program, "conversations", "list") | recorded(program, "connections", "list")
    below = program.folder / "data"
    found |= {str(each.relative_to(below)) for each in below.rglob("*") if each.is_file()}
    return sorted(name for name in found if not (below / name).is_dir() and ".draft" not in name and "/." not in name)


def test_no_command_waits_for_a_pipe_in_the_place_of_a_file(paragone: Program, server: FaultServer) -> None:
    names = opened(paragone, server)
    assert {"logs/paragone.log", "config/settings.toml", "data/opening.lock", "cache/wires.json"} <= {*names}
    whole = paragone.folder / "data"
    kept = paragone.folder / "kept"
    whole.rename(kept)
    for name in names:
        shutil.copytree(kept, whole)
        (whole / name).unlink(missing_ok=True)
        (whole / name).parent.mkdir(exist_ok=True)
        os.mkfifo(whole / name)
        for words in (("ask", "--model", "lab/grok-3", "--save", "Hello"), ("conversations", "list")):
            ended = bounded(paragone, *words)
            assert "bug" not in ended.err, (name, ended.err)
            assert ended.status == 0 or str(whole / name) in ended.err or "settings" in name, (name, ended.err)
        shutil.rmtree(whole)
