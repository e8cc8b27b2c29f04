"""The program tries itself from inside."""

from __future__ import annotations

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
    assert {*said} == {*names}
