"""A prompt out of answers: who said what is clear, no answer can leave its fence, what is cut is named."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.conversation_types import (
    Message,
    Role,
    Status,
    new_id,
    now,
)
from desktop.domain.message_parts import TextPart
from desktop.metrics.merge_prompt import MergeSource, MergeTask, fenced, instruction, merge, sources
from desktop.text.token_estimate import estimate_tokens
from tests.examples import examples


def said(role: Role, text: str) -> Message:
    parts = (TextPart(text=text),) if text else ()
    return Message(id=new_id(), parent=None, role=role, parts=parts, status=Status.COMPLETE, created_at=now())


def talk(*texts: str) -> list[Message]:
    return [said(Role.ASSISTANT if place % 2 else Role.USER, text) for place, text in enumerate(texts)]


def source(name: str, answer: str, question: str = "Why?") -> MergeSource:
    return MergeSource(name=name, question=question, answer=answer)


def test_answers_of_a_turn_are_found_those_without_a_text_left_out() -> None:
    panes = [("grok", talk("One?", "1", "Two?", "2")), ("gpt", talk("One?", "I")), ("mute", talk("One?", ""))]
    assert sources(panes, 0) == (source("grok", "1", "One?"), source("gpt", "I", "One?"))
    assert sources(panes, 1) == (source("grok", "2", "Two?"),)
    assert sources(panes, 7) == ()


def test_two_of_one_name_are_told_apart() -> None:
    found = sources([("grok", talk("?", "a")), ("grok", talk("?", "b")), ("g`\np`t", talk("?", "c"))], 0)
    assert [each.name for each in found] == ["grok (1)", "grok (2)", "g' p't"]


def test_the_prompt_names_its_sources_and_has_the_question_once() -> None:
    made = merge([source("grok", "Because."), source("gpt", "So.")], instruction(MergeTask.FUSE))
    assert made.shortened == ()
    assert made.prompt.startswith("Write the single best answer")
    assert made.prompt.count("Why?") == 1
    assert re.search(r"Answer 1, from grok:\n```+text\nBecause\.\n```", made.prompt)
    assert re.search(r"Answer 2, from gpt:\n```+text\nSo\.\n```", made.prompt)


def test_other_questions_stand_with_their_answers() -> None:
    made = merge([source("a", "1", "One?"), source("b", "2", "Two?")], "Compare.")
    assert made.prompt.index("Question to a") < made.prompt.index("One?") < made.prompt.index("Answer 1")
    assert made.prompt.index("Question to b") < made.prompt.index("Two?") < made.prompt.index("Answer 2")


@given(st.text(alphabet="`a\n ", max_size=60))
def test_no_text_ends_its_own_fence(text: str) -> None:
    lines = fenced(text).split("\n")
    fence = lines[-1]
    assert set(fence) == {"`"}
    assert fence not in "\n".join(lines[1:-1])


@settings(max_examples=examples(60))
@given(
    st.lists(st.text(alphabet="ab é語\n", min_size=1, max_size=4000), min_size=1, max_size=5),
    st.integers(min_value=200, max_value=3000),
)
def test_a_prompt_fits_and_says_what_was_cut(answers: list[str], room: int) -> None:
    given_ = [source(f"m{place}", answer) for place, answer in enumerate(answers)]
    made = merge(given_, "Do it.", room)
    assert estimate_tokens(made.prompt) <= room + 40
    cut = {each.name for each in made.shortened}
    for each in given_:
        assert (fenced(each.answer) in made.prompt) is (each.name not in cut)
    assert all(0 < each.share <= 1 for each in made.shortened)


def test_the_longest_are_cut_first_and_short_ones_stay_whole() -> None:
    made = merge([source("short", "yes"), source("long", "word " * 4000), source("other", "word " * 3000)], "Do.", 2000)
    assert [each.name for each in made.shortened] == ["long", "other"]
    long, other = made.shortened
    assert long.share > other.share
    assert abs(long.kept - other.kept) < 100


def test_criteria_are_the_users_where_there_are_some() -> None:
    assert "on tone, length." in instruction(MergeTask.COMPARE, ["tone", "length"])
    assert "on correctness, completeness, clarity, brevity." in instruction(MergeTask.COMPARE, [])
    assert len({instruction(task) for task in MergeTask}) == 4
