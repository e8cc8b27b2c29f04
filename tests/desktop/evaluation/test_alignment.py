"""Turns of panes side by side belong together by what was asked, also where a pane came later."""

from __future__ import annotations

import pytest

from desktop.domain import Message
from desktop.evaluation.alignment import begins
from desktop.evaluation.merge_prompt import sources
from tests.desktop.evaluation.made import answer, prompt


def path(*prompts: str) -> list[Message]:
    return [message for text in prompts for message in (prompt(text), answer(f"to {text}"))]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("a b", "a b"), (0, 0)),
        (("a b c", "c"), (0, 2)),
        (("a b c", "b c"), (0, 1)),
        (("a b c", "a"), (0, 0)),  # its chip was taken out
        (("a b c", "x"), (0, 0)),
        (("a a a", "a"), (0, 0)),
        (("a", ""), (0, 0)),
        (("", ""), (0, 0)),
        (("c", "a b c", "b c"), (2, 0, 1)),
        (("a b own c", "b x c"), (0, 1)),
    ],
)
def test_a_pane_begins_where_it_was_asked_the_same(asked: tuple[str, ...], expected: tuple[int, ...]) -> None:
    assert begins([path(*prompts.split()) for prompts in asked]) == expected


def test_without_panes_there_is_nothing_to_align() -> None:
    assert begins([]) == ()


def test_a_pane_that_came_later_is_merged_with_the_others() -> None:
    found = sources([("grok", path("a", "b")), ("gpt", path("b"))], 1)
    assert [(source.name, source.answer) for source in found] == [("grok", "to b"), ("gpt", "to b")]
