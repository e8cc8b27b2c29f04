from __future__ import annotations

from pathlib import Path

import pytest

from ui.window.window_state import FILE, WindowState, load, save


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    kept = WindowState(geometry="AAAA", sidebar_width=300, sidebar_shown=False, grouped_by="date")
    save(tmp_path, kept)
    assert load(tmp_path) == kept


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"grouped_by": 3}', '{"sidebar_width": "wide"}', "\xff", '{"geometry": "\xff"}']
)
def test_what_cannot_be_read_is_as_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, "latin-1")
    assert load(tmp_path) == WindowState()


def test_a_width_that_makes_no_sense_is_put_right(tmp_path: Path) -> None:
    save(tmp_path, WindowState(sidebar_width=99_999))
    assert load(tmp_path).sidebar_width == 480


def test_a_folder_that_cannot_be_written_costs_only_the_place(tmp_path: Path) -> None:
    save(tmp_path / "not there", WindowState())
