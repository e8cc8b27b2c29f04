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
        ("- one", "one"),
        ("…**你好**世界 *重要*的…", "…你好世界 重要的…"),
        ("**[the page](https://example.org)** of ***two*** ~~lines~~", "the page of two lines"),
        ("plain words…", "plain words…"),
    ],
)
def test_signs_are_left_out(snippet: str, said: str) -> None:
    assert plain(snippet, ())[0] == said


@pytest.mark.parametrize(
    "snippet",
    [
        "…5 - 3, temp is - 5, 2 * 3 = 6, if a > b then 1 + 2 - 3 = 0…",
        "…call arr[0](x) in __init__ and __doc__ with $HOME/bin:$PATH…",
        "…a || b && c, foo() | grep -v bar | wc -l…",
        "…x *= 2; *p = &q; **pp, *.py and *.txt, char** argv…",
        "…a regex: ^\\[a-z\\]$ and \\(.*\\), a~~b and ~/bin, a --- b, C# and F#…",
        "…- 5 degrees + 3…",
    ],
)
def test_signs_of_the_words_themselves_stay(snippet: str) -> None:
    assert plain(snippet, ())[0] == snippet


def test_code_keeps_what_it_is_made_of() -> None:
    assert plain("use `*args` and `**kwargs` of `a | b`", ())[0] == "use *args and **kwargs of a | b"


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


def test_the_line_below_a_tables_head_is_left_out_however_short() -> None:
    assert plain("…remark | :-: | quicksort", ())[0] == "…remark quicksort"
