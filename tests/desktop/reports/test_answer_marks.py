"""Which words of a turn's answers are marked, and what is too long for it."""

from __future__ import annotations

import pytest

from desktop.metrics.agreement import agreement
from desktop.metrics.differences import difference
from desktop.reports import report_html
from desktop.reports.report_html import AnswerMarks, marks_of, said_by_all
from tests.desktop.reports.samples import answer_text

TEXTS = [answer_text(pane, 0) for pane in range(4)]


def test_marks_are_the_windows_differences_from_the_first_answer() -> None:
    for place, found in enumerate(marks_of(TEXTS)[1:], 1):
        compared = difference(TEXTS[0], TEXTS[place])
        assert compared is not None
        assert found.share == compared.share_of_right
        assert found.spans == tuple(change.right for change in compared.changes if not change.same)


def test_an_answer_whose_words_all_stand_in_a_long_first_one_is_told_so() -> None:
    long = "Canberra is the capital. " + "It lies between Sydney and Melbourne, and was chosen for that. " * 4
    assert marks_of([long, "Canberra is the capital."])[1].share == 1


def test_one_answer_and_none_are_compared_with_nothing() -> None:
    assert marks_of(["", "Canberra.", ""]) == (AnswerMarks(),) * 3
    assert marks_of([]) == ()
    assert said_by_all(["", "Canberra."]) == ()


def test_what_is_too_long_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_html, "MOST_COMPARED", 20)
    assert marks_of(["one two three", "one two four"])[1] == AnswerMarks(too_long=True)


def test_all_say_what_the_windows_agreement_finds_in_the_first_answer() -> None:
    found = agreement(TEXTS)
    assert found is not None
    assert said_by_all(TEXTS) == tuple(each.span.of(TEXTS[0]) for each in found[0] if len(each.others) == 3)
    assert len(said_by_all(TEXTS)) > 1
