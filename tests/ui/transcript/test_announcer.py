from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject

from ui.transcript.announcer import Announcer, cut


@pytest.mark.parametrize(
    ("text", "whole", "rest"),
    [
        ("One. Two", "One. ", "Two"),
        ("It is 3.14 now", "", "It is 3.14 now"),
        ("Really?! Yes", "Really?! ", "Yes"),
        ("“Quite.” she said", "“Quite.” ", "she said"),
        ("首都。是", "首都。", "是"),
        ("- item\n- n", "- item\n", "- n"),
        ("word " * 100, "word " * 80, "word " * 20),
        ("x" * 500, "x" * 500, ""),
        ("", "", ""),
    ],
)
def test_sentences_are_cut_off_whole(text: str, whole: str, rest: str) -> None:
    assert cut(text) == (whole, rest)


@given(st.text(alphabet="ab .!?\n。”", max_size=900))
def test_nothing_is_lost_and_little_held_back(text: str) -> None:
    whole, rest = cut(text)
    assert whole + rest == text
    assert len(rest) <= 400


class Said(Announcer):
    """Writes down what it says."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(QObject())
        self._said = said

    def _say(self, text: str) -> None:
        self._said.append(text)


@given(st.lists(st.text(alphabet="ab .!\n", max_size=30), max_size=20))
def test_what_is_said_is_what_came(pieces: list[str]) -> None:
    said: list[str] = []
    announcer = Said(said)
    for piece in pieces:
        announcer.more(piece)
    announcer.end()
    assert "".join(said) == "".join(pieces)
    announcer.more("forgotten")
    announcer.forget()
    announcer.end()
    assert said[-1] == ""
