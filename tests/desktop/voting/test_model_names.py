"""An answer that names a model or its maker is told, however long it is."""

from __future__ import annotations

import pytest

from desktop.voting.model_names import names_model
from tests.cpu_time import assert_growth


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

    def look(size: int) -> None:
        assert not names_model(word * (size // len(word)))

    assert_growth(look, 20_000, 1 << 24, at_most=100)
