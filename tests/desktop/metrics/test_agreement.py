"""What answers agree on, by their words."""

from __future__ import annotations

from desktop.metrics.agreement import MOST_SENTENCES, agreement, said_alone, said_by_all

GROK = "Canberra is the capital of Australia. It was chosen in 1908 as a compromise. Kangaroos are nice."
GPT = "The capital of Australia is Canberra. Sydney is larger, though."
LLAMA = "Canberra is Australia's capital city, the capital of Australia. In 1908 it was chosen as a compromise."


def agreed(*texts: str) -> list[list[tuple[str, tuple[int, ...]]]]:
    found = agreement(texts)
    assert found is not None
    return [[(each.span.of(text), each.others) for each in one] for text, one in zip(texts, found, strict=True)]


def test_a_sentence_that_others_say_in_other_order_is_agreed_on() -> None:
    grok, gpt, llama = agreed(GROK, GPT, LLAMA)
    assert grok == [
        ("Canberra is the capital of Australia.", (1, 2)),
        ("It was chosen in 1908 as a compromise.", (2,)),
    ]
    assert gpt == [("The capital of Australia is Canberra.", (0, 2))]
    assert ("In 1908 it was chosen as a compromise.", (0,)) in llama


def test_what_one_says_in_two_sentences_another_may_say_in_one() -> None:
    _, joined = agreed("The task is cancelled. Its error is swallowed.", "The task is cancelled, its error swallowed.")
    assert joined == [("The task is cancelled, its error swallowed.", (0,))]


def test_nothing_is_agreed_on_alone_or_with_silence() -> None:
    assert agreed(GROK) == [[]]
    assert agreed(GROK, "") == [[], []]
    assert agreed() == []


def test_short_cries_are_no_sentences_to_agree_on() -> None:
    assert agreed("Yes!", "Yes!") == [[], []]


def test_too_much_text_is_left_alone() -> None:
    assert agreement(["One two. " * MOST_SENTENCES, "Three four."]) is None


def alone(contenders: list[int], *texts: str) -> list[list[tuple[str, tuple[int, ...]]]]:
    found = agreement(texts)
    assert found is not None
    told = said_alone(texts, found, contenders)
    return [[(each.span.of(text), each.own) for each in one] for text, one in zip(texts, told, strict=True)]


def test_what_only_one_says_is_what_no_other_contender_does() -> None:
    grok, gpt, llama = alone([0, 1, 2], GROK, GPT, LLAMA)
    assert [text for text, _ in grok] == ["Kangaroos are nice."]
    assert [text for text, _ in gpt] == ["Sydney is larger, though."]
    assert all("1908" not in text for text, _ in llama)


def test_its_own_other_answers_may_say_it_too_and_are_told() -> None:
    first, second, _ = alone([0, 0, 1], GROK, f"{GROK} Wombats dig deep burrows.", GPT)
    assert ("Kangaroos are nice.", (1,)) in first
    assert ("Wombats dig deep burrows.", ()) in second


def test_answers_of_one_contender_stand_each_by_itself() -> None:
    first, second = alone([3, 3], GROK, "Canberra is the capital of Australia. Wombats dig deep burrows.")
    assert [text for text, _ in second] == ["Wombats dig deep burrows."]
    assert "Kangaroos are nice." in [text for text, _ in first]


def test_what_all_say_is_told_in_the_words_of_one() -> None:
    found = agreement([GROK, GPT, "", LLAMA])
    assert found is not None
    place, spans = said_by_all([GROK, GPT, "", LLAMA], found)
    assert [span.of([GROK, GPT, "", LLAMA][place]) for span in spans] == ["Canberra is the capital of Australia."]
    assert said_by_all([], []) == (0, ())
