"""Snippets are read without the signs of Markdown, and the words that were found stay marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.sidebar.plain_snippet import plain


@pytest.mark.parametrize(
    ("snippet", "said"),
    [
        ("…| quicksort | $O(n \\log n)$ | fast |", "…quicksort O(n \\log n) fast"),
        ("| name | cost | | --- | :---: | | a | b |", "name cost a b"),
        ("## Why **the sky** is _blue_", "Why the sky is blue"),
        ("see [the page](https://example.org/a_b) and `code_of_it`", "see the page and code_of_it"),
        ("2*3*4 and snake_case_name cost $5 or $6", "2*3*4 and snake_case_name cost $5 or $6"),
        ("- one - two", "one two"),
        ("plain words…", "plain words…"),
    ],
)
def test_signs_are_left_out(snippet: str, said: str) -> None:
    assert plain(snippet, ())[0] == said


def test_marks_are_those_of_the_same_words() -> None:
    snippet = "…| **quick** sort | `sort` |"
    marks = tuple((at, at + 4) for at in (snippet.index("sort"), snippet.rindex("sort")))
    said, moved = plain(snippet, marks)
    assert said == "…quick sort sort"
    assert [said[start:end] for start, end in moved] == ["sort", "sort"]


def test_what_was_sought_stays() -> None:
    assert plain("a **bold** word", ((2, 4),)) == ("a **bold word", ((2, 4),))


@given(st.text("ab |*_`#-$[](:!~ \\", max_size=40), st.integers(0, 39), st.integers(1, 5))
def test_marks_lie_within_what_is_said(text: str, start: int, length: int) -> None:
    marks = ((start, start + length),) if start + length <= len(text) else ()
    said, moved = plain(text, marks)
    assert all(0 <= begin < end <= len(said) for begin, end in moved)
    assert len(said) <= len(text)
