"""How far answers lie apart: from one another, and from those of others."""

from __future__ import annotations

import pytest

from desktop.metrics.distance import FEWEST_WORDS, MOST_SENTENCES, Distances, distance, distances, normal
from tests.cpu_time import assert_growth

CANBERRA = "Canberra is the capital of Australia. It was chosen in 1908 as a compromise."


def found(texts: list[str], contenders: list[int]) -> Distances:
    told = distances(texts, contenders)
    assert told is not None
    return told


def test_the_same_words_lie_nowhere_apart_whatever_their_order_case_and_marks() -> None:
    assert distance(CANBERRA, CANBERRA) == 0
    assert (
        distance(CANBERRA, "*It was chosen, in 1908, as a compromise.*\n- CANBERRA is the __capital__ of Australia")
        == 0
    )


def test_other_words_lie_as_far_apart_as_can_be() -> None:
    assert distance("Yes.", "No.") == 1
    assert distance("Yes.", "yes!") == 0


def test_a_distance_is_the_part_that_the_other_does_not_say() -> None:
    # Six words of seven in each: 2 * 6 / 14 is said again.
    assert distance("The old task is cancelled at once.", "The new task is cancelled at once.") == pytest.approx(1 / 7)
    # One says all of the other, and as much again: a half of one, nothing of the other.
    assert distance("One two three. Four five six.", "One two three.") == pytest.approx(0.25)


def test_it_is_the_same_from_both_sides() -> None:
    other = "Australia's capital is Canberra, since 1908."
    assert distance(CANBERRA, other) == distance(other, CANBERRA)


def test_a_contender_lies_from_itself_as_far_as_its_answers_from_one_another() -> None:
    told = found(["a b", "a b", "a c", "x y", "x y"], [0, 0, 0, 1, 1])
    first, second = told.contenders
    assert (first.answers, second.answers) == (3, 2)
    assert first.itself is not None
    assert first.itself.pairs == 3
    assert first.itself.mean == pytest.approx((0 + 0.5 + 0.5) / 3)
    assert second.itself is not None
    assert second.itself.mean == 0
    assert first.others == second.others
    assert first.others is not None
    assert (first.others.mean, first.others.pairs) == (1, 6)
    assert first.beside == ((1, first.others),)


def test_one_answer_lies_nowhere_from_itself_and_silence_is_none() -> None:
    told = found(["a b", "", "?!", "a c"], [0, 0, 0, 1])
    assert [each.answers for each in told.contenders] == [1, 1]
    assert [each.itself for each in told.contenders] == [None, None]
    assert found([], []).contenders == ()
    assert found(["a", ""], [0, 1]).contenders[0].others is None


def test_short_answers_are_told() -> None:
    long = " ".join(f"word{number}" for number in range(FEWEST_WORDS))
    assert not found([long, long], [0, 1]).short
    assert found([long, "Yes."], [0, 1]).short


def test_too_much_text_is_left_alone() -> None:
    assert distances(["One two. " * MOST_SENTENCES, "Three four."], [0, 1]) is None


def test_words_are_compared_without_case_width_and_signs() -> None:
    assert normal("**Ｆｕｌｌ** _width_, “Ünï”-code 1908!") == {"full", "width", "ünï", "code", "1908"}
    assert normal("東京です。") == {"東", "京", "で", "す"}


def test_a_sentence_of_marks_takes_time_in_proportion() -> None:
    assert_growth(lambda size: normal("a" + "\u0315\u0300" * size), 4_000, 40_000, at_most=25)
