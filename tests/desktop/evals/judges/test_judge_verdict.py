"""A judge's verdict is what its answer ends with; what stands before, or is none, is not taken for one."""

from __future__ import annotations

import pytest

from desktop.domain.suite_cells import PairChoice
from desktop.evals.judges.judge_verdict import JudgeVerdict, read_choice, read_verdict


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Fine.\n{"pass": true, "score": 0.8, "reason": "Right."}', JudgeVerdict(True, 0.8, "Right.")),
        ('{"pass": false}', JudgeVerdict(False, 0.0, "")),
        ('{"score": 0.6}\n\n', JudgeVerdict(True, 0.6, "")),
        ('{"score": 0.4, "reason": " a\\n b "}', JudgeVerdict(False, 0.4, "a b")),
        ('So:\n```json\n{"pass": true}\n```\n', JudgeVerdict(True, 1.0, "")),
        ('{\n  "pass": true,\n  "score": 1\n}', JudgeVerdict(True, 1.0, "")),
        ('{"pass": true}\nOn a second look:\n{"pass": false}', JudgeVerdict(False, 0.0, "")),
    ],
)
def test_verdicts_that_can_be_read(text: str, expected: JudgeVerdict) -> None:
    assert read_verdict(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "Passed.", '{"pass": true} is what I think', '{"pass": "yes"}', '{"score": 1.2}', '{"score": NaN}',
        '{"score": true}', '{"reason": "Right."}', "[1]", '{"pass": true', '{"pass": null}', "{" * 5000 + "}",
        '{"pass": true}\nThat was the verdict.', "\ud800{}",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_no_verdict(text: str) -> None:
    assert read_verdict(text) is None
    assert read_choice(text) is None


def test_a_threshold_holds_the_score_where_there_is_one() -> None:
    assert read_verdict('{"pass": true, "score": 0.6}', 0.7) == JudgeVerdict(False, 0.6, "")
    assert read_verdict('{"pass": true}', 0.7) == JudgeVerdict(True, 1.0, "")


@pytest.mark.parametrize(
    ("winner", "choice"),
    [("1", PairChoice.FIRST), ("2", PairChoice.SECOND), ('"1"', PairChoice.FIRST), ('"Tie"', PairChoice.TIE)],
)
def test_choices_that_can_be_read(winner: str, choice: PairChoice) -> None:
    found = read_choice(f'They differ.\n{{"winner": {winner}, "reason": "So."}}')
    assert found == (choice, "So.")


@pytest.mark.parametrize("winner", ["0", "3", "true", "1.0", '"A"', "null", "[1]"])
def test_any_other_choice_is_none(winner: str) -> None:
    assert read_choice(f'{{"winner": {winner}}}') is None
