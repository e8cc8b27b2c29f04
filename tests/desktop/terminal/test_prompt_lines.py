"""Typed prompts are kept for their user alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import DummyInput
from prompt_toolkit.output import DummyOutput

from desktop.terminal.prompt_lines import TypedPrompts


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_history_that_is_taken_away_is_made_anew_for_its_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "prompts.history"
    with create_app_session(input=DummyInput(), output=DummyOutput()):
        history = TypedPrompts(file, lambda: "> ").history
    file.unlink()
    before = os.umask(0)
    try:
        history.append_string("my secret prompt")
    finally:
        os.umask(before)
    assert "my secret prompt" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
