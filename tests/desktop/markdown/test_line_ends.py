"""Ends of lines: kept where they are meant, joined where an editor wrapped the lines."""

from __future__ import annotations

import pytest

from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks
from desktop.transfer.html_text import rendered

WRAPPED = """This is a paragraph that was wrapped by an editor at seventy-two columns
and goes on for a few lines so that anyone can see that it was wrapped,
which is what some files are."""


@pytest.mark.parametrize(
    "text",
    [
        "Roses are red\nViolets are blue\nSugar is sweet",
        "a) one\nb) two\nc) three",
        "Name: Bob\nAge: 5",
        "A long line that stands for itself and says something that is worth a line of its own.\nShort.\nAnother one.",
    ],
)
def test_lines_that_are_meant_stay_lines(text: str) -> None:
    assert plain_text(blocks(text)[0]) == text
    assert rendered(text).count("<br") == text.count("\n")


@pytest.mark.parametrize("text", [WRAPPED, WRAPPED.rsplit("\n", 1)[0]])
def test_lines_that_an_editor_wrapped_are_joined(text: str) -> None:
    assert plain_text(blocks(text)[0]) == text.replace("\n", " ")
    assert "<br" not in rendered(text)
