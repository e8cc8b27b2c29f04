"""Turns of panes side by side belong together by their id, in older conversations by what was asked."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain.conversation_types import Message
from desktop.metrics.alignment import Alignment, aligned
from desktop.metrics.merge_prompt import sources
from tests.desktop.metrics.made import answer, prompt


def path(*prompts: str) -> list[Message]:
    """Prompts, each with the id of its turn behind a slash where it has one, and their answers."""
    found: list[Message] = []
    for each in prompts:
        text, _, turn = each.partition("/")
        found += [msgspec.structs.replace(prompt(text), turn=turn), answer(f"to {text}")]
    return found


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("a b", "a b"), "00 11"),
        (("a b c", "c"), "0- 1- 20"),
        (("a b c", "b c"), "0- 10 21"),
        (("a b c", "a"), "00 1- 2-"),  # its chip was taken out
        (("a a a", "a"), "0- 1- 20"),
        (("a", ""), "0-"),
        (("", ""), ""),
        (("c", "a b c", "b c"), "-0- -10 021"),
        (("a b own c", "b x c"), "0- 10 21 32"),  # an edited prompt
        (("a c", "a b c"), "00 -1 12"),  # one went to the second alone
        (("a/1 b/2", "a/1 b/2"), "00 11"),
        (("a/1 c/3", "a/1 b/2 c/3"), "00 -1 12"),
        (("a/1 x/2 c/4", "a/1 y/3 c/4"), "00 1- -1 22"),
        (("a/1 on/3", "a/1 on/2 on/3"), "00 -1 12"),  # by id, not by text
        (("a/1 other/2", "a/1 edited/2"), "00 11"),
        (("a b/1", "a c/2 b/1", "a b/1"), "000 -1- 121"),  # older turns and newer ones
    ],
)
def test_prompts_of_one_turn_stand_in_one_line(asked: tuple[str, ...], expected: str) -> None:
    found = aligned([path(*prompts.split()) for prompts in asked])
    assert " ".join("".join("-" if each is None else str(each) for each in turn) for turn in found) == expected


def test_of_each_path_the_last_turn_and_the_answers_are_known() -> None:
    both = Alignment([path("a/1", "b/2"), path("a/1")[:1]])
    assert both.last == 1
    assert [both.last_asked(place) for place in (0, 1)] == [1, 0]
    assert both.numbers(1) == (1, None)
    assert both.numbers(2) == (None, None)
    assert both.keys == (("1", "1"), ("2", ""))
    answered = both.answered(0, 1)
    assert answered is not None
    assert [each.text for each in answered] == ["b", "to b"]
    assert both.answered(1, 0) is None


def test_without_panes_there_is_nothing_to_align() -> None:
    assert aligned([]) == ()


def test_a_pane_that_came_later_is_merged_with_the_others() -> None:
    found = sources([("grok", path("a", "b")), ("gpt", path("b"))], 1)
    assert [(source.name, source.answer) for source in found] == [("grok", "to b"), ("gpt", "to b")]
