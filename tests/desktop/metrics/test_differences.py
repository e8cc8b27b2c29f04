"""Differences by word: both texts come out whole, and the longest answers take no seconds."""

from __future__ import annotations

import random
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.metrics.differences import MOST_WORDS, Difference, FirstDifference, difference, first_difference
from desktop.metrics.pieces import sentences, words

TEXTS = st.text(alphabet=st.sampled_from("ab .\nü日'"), max_size=60)


def found(left: str, right: str) -> Difference:
    made = difference(left, right)
    assert made is not None
    return made


def shown(left: str, right: str) -> list[str]:
    return [
        change.left.of(left).strip() if change.same else f"-{change.left.of(left)}+{change.right.of(right)}"
        for change in found(left, right).changes
    ]


@given(TEXTS, TEXTS)
def test_the_stretches_make_up_both_texts(left: str, right: str) -> None:
    changes = found(left, right).changes
    assert "".join(change.left.of(left) for change in changes) == left
    assert "".join(change.right.of(right) for change in changes) == right
    assert all(change.left.of(left) or change.right.of(right) for change in changes)


@given(TEXTS)
def test_a_text_is_the_same_as_itself(text: str) -> None:
    made = found(text, text)
    assert (made.count, made.share) == (0, 1)


def test_words_that_changed_came_and_went_are_found() -> None:
    assert shown("Cancel the old task now.", "Cancel the new task.") == [
        "Cancel the",
        "-old +new ",
        "task",
        "-now+",
        ".",
    ]
    assert shown("", "New words") == ["-+New words"]
    assert shown("One two.", "") == ["-One two.+"]


def test_a_word_alone_between_larger_changes_is_a_part_of_them() -> None:
    left, right = "a b c the d e f", "u v w the x y z"
    assert shown(left, right) == [f"-{left}+{right}"]


def test_scripts_without_spaces_are_compared_by_character() -> None:
    assert shown("日本語です", "日本人です") == ["日本", "-語+人", "です"]


def test_words_are_words_in_any_language() -> None:
    text = "It's naïve, Übung 3.5!"
    assert [span.of(text) for span in words(text)] == ["It's", "naïve", ",", "Übung", "3", ".", "5", "!"]


def test_sentences_end_at_their_signs_and_lines() -> None:
    text = "One. Two?  Three\n\n- four\n日本。語"
    assert [span.of(text) for span in sentences(text)] == ["One.", "Two?", "Three", "- four", "日本。", "語"]


def test_what_is_too_long_is_not_compared() -> None:
    assert difference("a " * (MOST_WORDS + 1), "b " * MOST_WORDS) is None


def test_of_megabytes_not_even_the_words_are_looked_for() -> None:
    text = "word " * 400_000
    tracemalloc.start()
    try:
        assert difference(text, text) is None
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


@pytest.mark.long
@pytest.mark.parametrize("kept", [0.0, 0.9, 1.0])
def test_twenty_thousand_words_are_compared_while_somebody_waits(kept: float) -> None:
    source = random.Random(5)
    vocabulary, weights = [f"w{number}" for number in range(8000)], [1 / (number + 1) for number in range(8000)]
    left = source.choices(vocabulary, weights, k=20_000)
    right = [word if source.random() < kept else source.choices(vocabulary, weights)[0] for word in left]
    one, other = " ".join(left), " ".join(right)
    began = time.perf_counter()
    made = found(one, other)
    assert time.perf_counter() - began < 2  # a tenth of it alone on a machine
    assert made.share >= kept - 0.02


def first(left: str, right: str) -> FirstDifference | None:
    return first_difference(left, right, found(left, right))


def test_the_first_difference_is_told_by_its_place_and_both_words() -> None:
    assert first("Same here. The old task.", "Same here. The new task.") == FirstDifference(2, 2, "old", "new")
    assert first("The old task.", "An old task.") == FirstDifference(1, 1, "The", "An")
    assert first("One. Two.", "One. Two. Three.") == FirstDifference(2, 3, "", "Three")
    assert first("Word. Gone.", "Word.") == FirstDifference(2, 1, "Gone", "")
    assert first("The same.", "The same.") is None
    assert first("", "All of it.") == FirstDifference(1, 1, "", "All")
