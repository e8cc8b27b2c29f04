"""A run that is forked is what a started one is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.fork_server import Forked, fork_server, forkable, start

pytestmark = pytest.mark.skipif(not forkable(os.environ), reason="processes cannot be forked here")

_STARTED = {"PYTHONHASHSEED": "1"}
"""Surroundings that only a start can take over."""


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--version",), 0),
        (("conversations", "list"), 0),
        (("storage", "nothing"), 2),
        (("presets", "add", "ü", "--text-file", "-"), 2),
        (("connections", "test", "nowhere"), 1),
        (("ask", "--model", "no/where", "hello"), 1),
        (("\udcff.json",), 2),
    ],
)
def test_it_says_and_ends_as_a_started_one(tmp_path: Path, words: tuple[str, ...], status: int) -> None:
    program = Program(tmp_path)
    assert not forkable(program.surroundings(_STARTED))
    forked = program(*words)
    assert forked == program(*words, environ=_STARTED)
    assert forked.status == status


def test_folders_umask_and_surroundings_are_the_runs_own(tmp_path: Path) -> None:
    program = Program(tmp_path, {"TZ": "Asia/Tokyo", "PARAGONE_HOME": "kept"}, portable=False, umask=0o27)
    program("storage", "status")
    where = program("storage", "status").out.splitlines()[0]
    assert where == program("storage", "status", environ=_STARTED).out.splitlines()[0]
    assert where.startswith(str(tmp_path / "kept"))
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
    assert os.umask(0o22) == 0o22


def test_one_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    run = fork_server("main").start(["chat", "--data-dir", str(tmp_path)], os.environ, tmp_path)
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing), pytest.raises(subprocess.TimeoutExpired):
        run.communicate("", timeout=0.01)
    assert run.wait() < 0


def test_several_go_on_at_once_and_can_be_killed(tmp_path: Path) -> None:
    runs = [start("tests.desktop.store.child", ["hold", str(tmp_path / str(number))]) for number in range(3)]
    assert all(isinstance(run, Forked) and run.stdout and run.stdout.readline() for run in runs)
    assert len({run.pid for run in runs}) == 3
    for run in runs:
        run.kill()
        assert (run.wait(), run.communicate()[0]) == (-9, "")
