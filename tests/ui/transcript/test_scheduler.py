"""Tests of how deltas are gathered."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from tests.ui.transcript.makers import heard
from ui.transcript.scheduler import Batcher


def test_the_first_delta_comes_at_once_and_the_next_ones_together(qtbot: QtBot) -> None:
    batcher = Batcher()
    got = heard(batcher.ready)
    batcher.text("a")
    assert got == [("a", "")]
    batcher.text("b")
    batcher.reasoning("r")
    batcher.text("c")
    assert got == [("a", "")]
    qtbot.waitUntil(lambda: len(got) == 2)
    assert got[1] == ("bc", "r")


def test_flush_hands_on_what_gathered_and_clear_forgets_it(qtbot: QtBot) -> None:
    batcher = Batcher()
    got = heard(batcher.ready)
    batcher.text("a")
    batcher.text("b")
    batcher.flush()
    assert got == [("a", ""), ("b", "")]
    batcher.text("c")
    batcher.text("d")
    batcher.clear()
    batcher.flush()
    assert [text for text, _ in got] == ["a", "b", "c"]
