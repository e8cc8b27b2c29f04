"""An answer that names a model or its maker is told, however long it is."""

from __future__ import annotations

import time

import pytest

from desktop.voting.model_names import names_model


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("I am Claude, made by Anthropic.", True),
        ("claude-3", True),
        ("As zebra-9 I cannot.", True),
        ("A coherent text, and eXGPTs.", False),
        ("", False),
        ("x " * 1_000_000 + "Yours, GPT", True),
    ],
)
def test_names_that_stand_alone_are_found(text: str, *, tells: bool) -> None:
    assert names_model(text, ["zebra-9", "abc"]) == tells


@pytest.mark.parametrize("word", ["coherent ", "claudes ", "xgpt "])
def test_an_answer_that_repeats_itself_takes_no_longer_for_it(word: str) -> None:
    """It grew with the square: half a minute for a megabyte."""
    begin = time.process_time()
    assert not names_model(word * (20_000 // len(word)))
    short = time.process_time() - begin
    begin = time.process_time()
    assert not names_model(word * ((1 << 24) // len(word)))
    assert time.process_time() - begin < 100 * max(short, 0.001)
