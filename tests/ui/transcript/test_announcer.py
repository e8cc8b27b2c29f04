from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest

from tests.ui.transcript.conftest import Show
from tests.ui.transcript.makers import answer, listed, prompt
from ui.transcript.announcer import Announcer, Floor
from ui.transcript.spoken_stream import SpokenStream, cut


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

    @property
    def _is_heard(self) -> bool:
        return True

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
        *("1: A b. ", "1: C\nIt is complete.", "2: D e. It failed.\n", "3: F g. ", "3: H i. ", "2: It begins."),
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


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("This is **bold. And more** of it. End", "This is bold. And more of it. End"),
        ("# Title\n\nA `name.of` it. Then [a link](https://x.example).", "Title\n\nA name.of it. Then a link."),
        ("Do:\n\n```python\nprint(1)\n\nprint(2)\n```\n\nDone.", "Do:\n\nprint(1)\n\nprint(2)\n\nDone."),
        ("Two * three is six. Four.", "Two * three is six. Four."),
        ("So:\n\n$$\n\\frac{a}{b}\n$$\n\nIt is \\(x^2\\). Yes.", "So:\n\na over b\n\nIt is x squared. Yes."),
        ("| a | b |\n|---|---|\n| 1 | **2** |\n\nEnd.", "a b\n1 2\nEnd."),
        ("See [a. b](https://x.example) of it. End.", "See a. b of it. End."),
        ("<details>\n<summary>More</summary>\n\nHidden.\n\n</details>\n\nEnd.", "More\n\nHidden.\nEnd."),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_stream_is_heard_as_it_is_shown(show: Show, written: str, heard: str, size: int) -> None:
    stream = SpokenStream(show([answer("A.")]).rows[0].said)
    said = [stream.more(written[at : at + size]) for at in range(0, len(written), size)]
    assert "".join([*said, stream.rest()]).split() == heard.split()
    assert size > 1 or any(said)


def test_thoughts_are_heard_where_they_are_unfolded_and_that_there_are_some_where_not(show: Show) -> None:
    view = show([answer("So it is.", reasoning="Let me **see**.")])
    index = listed(view).model().index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Reasoned\nSo it is."
    listed(view).setFocus()
    listed(view).setCurrentIndex(index)
    QTest.keyClick(listed(view), Qt.Key.Key_Space)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Reasoned\nLet me see.\nSo it is."


def test_an_answer_in_the_making_is_read_as_it_is_shown(show: Show) -> None:
    view = show([prompt("Why?")])
    view.begin(None, "a", "model")
    view.text("It is **so**:\n\n```python\nprint(1)\n\n")
    view.text("print(2)\n```\n\nAnd `this`")
    index = listed(view).model().index(1, 0)
    heard = "It is so:\nprint(1)\n\nprint(2)\nAnd this"
    view._growing.draw_gathered()
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == heard
