from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject

from ui.transcript.announcer import Announcer, Floor, cut


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

    def __init__(self, said: list[str], floor: Floor | None = None, called: str = "") -> None:
        self._for = QObject()
        super().__init__(self._for, floor)
        self._said = said
        self.called = called

    def _say(self, text: str) -> None:
        if text:
            self._said.append(f"{self.called}{text}")


@given(st.lists(st.text(alphabet="ab .!\n", max_size=30), max_size=20))
def test_what_is_said_is_what_came(pieces: list[str]) -> None:
    said: list[str] = []
    announcer = Said(said)
    announcer.begin()
    for piece in pieces:
        announcer.more(piece)
    announcer.end()
    assert "".join(said) == "".join(pieces)
    announcer.more("forgotten")
    announcer.forget()
    announcer.end()
    assert "forgotten" not in "".join(said)


def test_answers_that_are_made_at_once_are_said_one_after_the_other() -> None:
    said: list[str] = []
    floor = Floor()
    one, two, three = (Said(said, floor, f"{number}: ") for number in (1, 2, 3))
    for each in (one, two, three):
        each.begin()
        each.aside("It begins.")
    one.more("A b. C")
    two.more("D e. ")
    three.more("F g. ")
    two.end("It failed.")
    two.forget()
    one.end("It is complete.")
    three.more("H i. ")
    three.forget()
    two.begin()
    two.aside("It begins.")
    assert said == [
        *("1: It begins.", "2: It begins.", "3: It begins."),
        *("1: A b. ", "1: C\nIt is complete.", "2: D e. It failed.", "3: F g. ", "3: H i. ", "2: It begins."),
    ]


def test_an_answer_that_is_left_lets_the_next_one_speak() -> None:
    said: list[str] = []
    floor = Floor()
    one, two = Said(said, floor), Said(said, floor)
    one.begin()
    two.begin()
    one.more("A. ")
    two.more("B. ")
    one.forget()
    assert said == ["A. ", "B. "]
