"""The program tries itself from inside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.program import Program

pytestmark = pytest.mark.slow


def test_all_that_is_there_works_and_what_is_missing_is_named(paragone: Program) -> None:
    ended = paragone("--selftest")
    assert ended.status == 0, ended.out
    said: dict[str, str] = {}
    for line in ended.out.splitlines()[1:]:
        state, _, check = line.partition(":")[0].partition(" ")
        said[check.strip()] = state
    assert said.pop("keyring") in ("ok", "missing")
    assert set(said.values()) == {"ok"}
    names = ("database", "stream over HTTP", "embedded model", "syntax highlighting", "formulas", "spelling", "window")
    assert {*said} == {*names, "attachments", "export", "tools"}


def test_the_chosen_folder_is_used_and_nothing_stays_there(paragone: Program, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    paragone = replace(paragone, portable=False)
    assert paragone("--selftest", "--data-dir", str(tmp_path / "new")).status == 0
    assert not (tmp_path / "new").exists()
    refused = paragone("--selftest", "--data-dir", str(tmp_path / "file"))
    assert refused.status == 2
    assert str(tmp_path / "file") in refused.err


def test_the_help_names_it(paragone: Program) -> None:
    assert "--selftest" in paragone("--help").out
