"""Answers with slots: filled, they are the web page's HTML; marks stand on words, whatever these are within."""

from __future__ import annotations

import re

import pytest

from desktop.metrics.pieces import Span
from desktop.pages.html_text import rendered
from desktop.renderer.render_wire import CodeRequest
from desktop.reports.report_drawings import DrawnParts
from desktop.reports.slotted_text import Slotter
from tests.desktop.reports.samples import answer_text
from tests.desktop.transfer.test_html import EVIL


@pytest.mark.parametrize(
    "text", [*EVIL, *(answer_text(pane, 0) for pane in range(4)), "", "\0 0 \0", "a\n\n> b\n> - c"]
)
def test_filled_without_marks_it_is_what_the_page_of_a_conversation_has(text: str) -> None:
    assert Slotter().slotted(text, 2).filled(DrawnParts()) == rendered(text)


def marked(text: str, *words: str) -> str:
    found = Slotter().slotted(text, 2)
    spans = [Span(found.words.index(word), found.words.index(word) + len(word)) for word in words]
    return found.filled(DrawnParts(), spans)


def test_marks_go_through_emphasis_code_and_cells() -> None:
    assert "<p" in (made := marked("one **two** three", "two three"))
    assert "<strong><mark>two</mark></strong><mark> three</mark>" in made
    assert '<code dir="ltr"><mark>a&lt;b</mark></code>' in marked("see `a<b`", "a<b")
    assert "<mark>1</mark>" in marked("| a | b |\n|---|---|\n| 1 | 2 |", "1")
    assert '<mark><code class="math">x^2</code></mark>' in marked("so $x^2$ it is", "x^2")


def test_words_of_cells_and_lines_are_told_apart() -> None:
    assert Slotter().slotted("| a | b |\n|---|---|\n| 1 | 2 |", 2).words.split() == ["a", "b", "1", "2"]
    assert Slotter().slotted("one\ntwo\n\n- three", 2).words.split() == ["one", "two", "three"]
    assert Slotter().slotted("un**believ**able", 2).words == "unbelievable"


def test_code_is_coloured_only_where_all_its_words_came_back() -> None:
    text = Slotter().slotted("```python\nx = 1\n```", 2)
    request = CodeRequest(language="python", text="x = 1\n", whole=True)
    assert [*text.requests] == [request]
    words = (("x = ", ""), ("1", "number"), ("\n", ""))
    assert '<span class="k-number">1</span>' in text.filled(DrawnParts(coloured={request: words}))
    assert "k-number" not in text.filled(DrawnParts(coloured={request: words[1:]}))


def test_a_long_answer_is_marked_in_time_that_grows_with_it() -> None:
    found = Slotter().slotted("word **word** " * 5_000, 2)
    spans = [Span(match.start(), match.end()) for match in re.finditer("word", found.words)]
    assert found.filled(DrawnParts(), spans).count("<mark>") == 10_000
