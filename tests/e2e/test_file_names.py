"""Names of files and folders that are no UTF-8, and surroundings that want them in another encoding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.program import Program

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")


def run(lab: Program, *words: bytes | str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    """The program with words of any bytes; it never speaks of a bug."""
    command = [os.fsencode(word) for word in (*lab.command([]), *words)]
    done = subprocess.run(command, capture_output=True, env=lab.surroundings(environ or {}), cwd=lab.folder)
    assert b"bug" not in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr
    return done


def test_a_folder_whose_name_is_not_utf8_is_refused_and_named(lab: Program, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    for done in (
        run(lab, "--data-dir", folder, "storage", "status"),
        run(replace(lab, portable=False), "storage", "status", environ={"PARAGONE_HOME": os.fsdecode(folder)}),
    ):
        assert done.returncode == 1
        assert rb"caf\xe9/config is not encoded in UTF-8." in done.stderr
        assert b"--data-dir" in done.stderr
    assert not Path(os.fsdecode(folder)).exists()


def test_data_are_not_moved_to_such_a_folder(lab: Program, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    done = run(lab, "storage", "move", folder)
    assert done.returncode == 2
    assert rb"caf\xe9 is not encoded in UTF-8." in done.stderr
    assert run(lab, "storage", "status").returncode == 0
    assert not Path(os.fsdecode(folder)).exists()


def test_files_with_such_names_are_written_and_read(lab: Program, tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/caf\xe9.json"
    assert run(lab, "ask", "--save", "--model", "lab/echo", "hello").returncode == 0
    done = run(lab, "conversations", "export", "--all", "--output", file)
    assert done.returncode == 0, done.stderr
    assert rb"caf\xe9.json" in done.stdout + done.stderr
    assert Path(os.fsdecode(file)).exists()
    done = run(lab, "conversations", "import", file)
    assert done.returncode == 0, done.stderr
    assert rb"caf\xe9.json" in done.stdout + done.stderr
    done = run(lab, "conversations", "import", "--json", file)
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    done = run(lab, "storage", "restore", file)
    assert done.returncode == 1
    assert rb"caf\xe9.json" in done.stderr


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_an_umlaut_in_a_folders_name_works_in_every_locale(lab: Program, tmp_path: Path, locale: str) -> None:
    environ = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    folder = tmp_path / "grün"
    done = run(lab, "--data-dir", str(folder), "storage", "status", environ=environ)
    assert done.returncode == 0, done.stderr
    assert f"{folder}/data: open" in done.stdout.decode()
    assert (folder / "data" / "conversations.db").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("gr")] == ["grün"]
