"""What is different between two answers to the same request: words, figures, what the server says of itself."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain.conversation_types import Figures, Message, Status, Usage, now
from desktop.metrics.drift import Drift, DriftFact, DriftFigure, FactPair, FigurePair, drift
from desktop.metrics.drift_text import sentences
from desktop.receipts.receipt import Receipt
from tests.desktop.store import made


def said(text: str, **figures: object) -> Message:
    message = made.finished(made.answer(made.prompt("?")), text)
    return msgspec.structs.replace(
        message, figures=msgspec.convert(figures, Figures), usage=Usage(input_tokens=9, output_tokens=7)
    )


def receipt(fingerprint: str = "", **headers: str) -> Receipt:
    return Receipt(
        at=now(), wire="chat", url="https://a.example/v1", body="{}", headers=headers, fingerprint=fingerprint
    )


def between(one: Message, other: Message) -> Drift:
    return drift(one, receipt("fp_1", x="1"), other, receipt("fp_1", x="1"))


def test_the_same_is_said_to_be_the_same() -> None:
    found = between(said("It is Paris."), said("It is Paris."))
    assert (found.is_same, found.changed) == (True, ())
    assert sentences(found) == ("Identical, word for word.",)


def test_nearly_the_same_is_not_all_of_it() -> None:
    words = " ".join(f"word{number}" for number in range(2000))
    found = between(said(f"{words} end"), said(f"{words} other"))
    assert sentences(found) == ("The responses differ in one place; 99% of the words are the same.",)


def test_texts_that_are_too_long_are_compared_as_a_whole() -> None:
    long = "word " * 70_000
    assert between(said(long), said(long)).is_same
    other = between(said(long), said(f"{long}more"))
    assert (other.is_same, other.difference) == (False, None)
    assert "too long" in sentences(other)[0]


def test_figures_that_either_has_stand_side_by_side() -> None:
    found = between(said("a", ttft_ms=400.0, cost=0.1), said("a", ttft_ms=500.0))
    assert FigurePair(DriftFigure.FIRST, 400.0, 500.0) in found.figures
    assert FigurePair(DriftFigure.COST, 0.1, None) in found.figures
    assert DriftFigure.REASONING not in {each.figure for each in found.figures}


def test_tokens_that_were_estimated_say_so() -> None:
    counted = said("a")
    guessed = msgspec.structs.replace(counted, usage=Usage(output_tokens=7, estimated=True))
    (pair,) = (each for each in between(counted, guessed).figures if each.figure is DriftFigure.OUTPUT)
    assert (pair.then_about, pair.now_about) == (False, True)


def test_what_the_server_says_and_how_it_was_asked_is_told_where_it_changed() -> None:
    one = said("a", server_model="kept-1", region="Sweden", finish_reason="stop")
    other = said("a", server_model="kept-2", region="Norway", finish_reason="length")
    there = msgspec.structs.replace(receipt("", x="2", y="1"), url="https://b.example/v1")
    found = drift(one, receipt("fp_1", x="1"), other, there, elsewhere=True)
    assert found.changed == (
        FactPair(DriftFact.MODEL, "kept-1", "kept-2"),
        FactPair(DriftFact.FINGERPRINT, "fp_1", ""),
        FactPair(DriftFact.REGION, "Sweden", "Norway"),
        FactPair(DriftFact.FINISH, "stop", "length"),
        FactPair(DriftFact.ADDRESS, "https://a.example/v1", "https://b.example/v1"),
        FactPair(DriftFact.HEADERS, "", "x, y"),
    )
    told = "\n".join(sentences(found))
    assert "fp_1 before, not reported now" in told
    assert "Different headers were sent: x, y" in told


@pytest.mark.parametrize(
    ("status", "word"), [(Status.STOPPED, "stopped"), (Status.FAILED, "failed"), (Status.INTERRUPTED, "interrupted")]
)
def test_that_the_first_answer_was_not_whole_is_said(status: Status, word: str) -> None:
    first = msgspec.structs.replace(said("It"), status=status)
    assert word in "\n".join(sentences(between(first, said("It is Paris."))))
