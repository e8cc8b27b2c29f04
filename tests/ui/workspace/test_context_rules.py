"""What each model is told by a comparison's rule, and who a prompt is for."""

from __future__ import annotations

import pytest

from desktop.domain.comparison import ContextRule
from desktop.domain.conversation_types import Message, Role
from desktop.metrics.alignment import Alignment
from tests.ui.transcript.makers import answer, prompt
from ui.workspace.context_rules import history
from ui.workspace.recipients import PaneName, addressed

NAMES = ("grok", "gpt")


def path(*texts: str) -> list[Message]:
    """Prompts and answers by turns; an empty answer failed."""
    return [prompt(text) if number % 2 == 0 else answer(text) for number, text in enumerate(texts)]


def told(messages: tuple[Message, ...] | None) -> list[tuple[Role, str]]:
    return [(message.role, message.text) for message in messages or ()]


PATHS = [path("One?", "grok 1", "Two?", "grok 2"), path("One?", "gpt 1", "Two?", "")]
USER, MODEL = Role.USER, Role.ASSISTANT


def test_own_history_is_the_conversations() -> None:
    assert history(ContextRule.OWN, Alignment(PATHS), NAMES, 0, {0: 1}) is None


def test_the_winners_answer_is_told_to_all() -> None:
    expected = [(USER, "One?"), (MODEL, "gpt 1"), (USER, "Two?"), (MODEL, "grok 2")]
    assert told(history(ContextRule.WINNER, Alignment(PATHS), NAMES, 0, {0: 1})) == expected
    assert told(history(ContextRule.WINNER, Alignment(PATHS), NAMES, 1, {0: 1, 1: 0})) == expected


def test_a_winner_without_an_answer_leaves_the_own_one() -> None:
    assert told(history(ContextRule.WINNER, Alignment(PATHS), NAMES, 0, {1: 1, 0: 7}))[1::2] == [
        (MODEL, "grok 1"),
        (MODEL, "grok 2"),
    ]


def test_shared_history_has_all_answers_with_their_models() -> None:
    expected = [(USER, "One?"), (MODEL, "grok:\ngrok 1\n\ngpt:\ngpt 1"), (USER, "Two?"), (MODEL, "grok:\ngrok 2")]
    assert told(history(ContextRule.SHARED, Alignment(PATHS), NAMES, 1, {})) == expected


def test_panes_of_unlike_length_are_no_trouble() -> None:
    paths = [path("One?", "grok 1"), []]
    assert told(history(ContextRule.SHARED, Alignment(paths), NAMES, 1, {})) == []
    assert told(history(ContextRule.WINNER, Alignment(paths), NAMES, 0, {0: 1})) == [(USER, "One?"), (MODEL, "grok 1")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", ("Hello", (0, 2))),
        ("@2 Hello", ("Hello", (1,))),
        ("@gpt Hello", ("Hello", (1,))),
        ("@grok, both of you", ("both of you", (0, 2))),
        ("@9 Hello", ("Hello", ())),
        ("@nobody Hello", ("Hello", ())),
        ("mail me @gpt", ("mail me @gpt", (0, 2))),
        ("@gpt", ("", (1,))),
        ("@gpt ", ("", (1,))),
        ("@", ("@", (0, 2))),
    ],
)
def test_a_prompt_goes_to_those_it_names(text: str, expected: tuple[str, tuple[int, ...]]) -> None:
    panes = [PaneName(name) for name in ("Grok-3", "gpt-4.1", "grok-4")]
    assert addressed(text, panes, (True, False, True))[:2] == expected


def test_a_pane_that_came_later_is_told_and_tells_the_turns_that_it_shares() -> None:
    paths = [path("One?", "grok 1", "Two?", "grok 2"), path("Two?", "gpt 2")]
    assert told(history(ContextRule.WINNER, Alignment(paths), NAMES, 1, {1: 0})) == [(USER, "Two?"), (MODEL, "grok 2")]
    shared = told(history(ContextRule.SHARED, Alignment(paths), NAMES, 0, {}))
    assert shared == [
        (USER, "One?"),
        (MODEL, "grok:\ngrok 1"),
        (USER, "Two?"),
        (MODEL, "grok:\ngrok 2\n\ngpt:\ngpt 2"),
    ]
