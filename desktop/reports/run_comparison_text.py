"""Comparison of two runs as text: changes of each contender and of individual cases. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop.evals.execution.run_comparison import CaseChange, CaseOutcome, ContenderChange, RunComparison
from desktop.evals.execution.score_claims import RunVerdict
from desktop.formatting.number_format import in_a_line
from desktop.reports.run_text import VERDICTS, chance_text, points, with_sign
from desktop.text.phrases import NOTHING, Phrase, bounded, counted, english, figure, phrase

OUTCOMES = {
    CaseOutcome.PASSED: phrase("passed"),
    CaseOutcome.FAILED: phrase("failed"),
    CaseOutcome.MIXED: phrase("passed and failed"),
    CaseOutcome.UNGRADED: phrase("not graded"),
    CaseOutcome.ERROR: phrase("error"),
    CaseOutcome.MISSING: phrase("not sent"),
}

CHANGE_COLUMNS = (
    phrase("Contender"),
    phrase("Earlier"),
    phrase("Later"),
    phrase("Difference"),
    phrase("95% CI"),
    phrase("p"),
    phrase("Cases"),
    phrase("Improved"),
    phrase("Worsened"),
    phrase("Verdict"),
)


def change_cells(change: ContenderChange) -> tuple[Phrase, ...]:
    """Return a contender's row in the order of CHANGE_COLUMNS. The cells of unknown figures are empty."""
    return (
        english(in_a_line(bounded(change.name))),
        *(with_sign(score) if score is not None else NOTHING for score in (change.earlier_score, change.later_score)),
        points(change.difference) if change.difference is not None else NOTHING,
        phrase("{low} to {high}", low=points(change.low), high=points(change.high))
        if change.low is not None and change.high is not None
        else NOTHING,
        chance_text(change.p) if change.p is not None else NOTHING,
        *(figure(number) for number in (change.n, change.improved, change.worsened)),
        _verdict(change),
    )


def _verdict(change: ContenderChange) -> Phrase:
    if change.verdict is RunVerdict.BETTER and (change.difference or 0.0) < 0:
        return phrase("worse")
    return VERDICTS[change.verdict]


def comparison_sentences(comparison: RunComparison) -> tuple[Phrase, ...]:
    """Return the conclusion about each contender, followed by sentences about unmatched cases and contenders."""
    return (*(_sentence(each, comparison.matters) for each in comparison.contenders), *_unmatched(comparison))


def _sentence(change: ContenderChange, matters: float) -> Phrase:
    name = in_a_line(bounded(change.name))
    if change.difference is None or change.low is None or change.high is None or change.verdict is RunVerdict.TOO_FEW:
        return counted(
            "{name}: nothing can be concluded from {n} case scored in both runs.",
            "{name}: nothing can be concluded from {n} cases scored in both runs.",
            change.n,
            name=name,
        )
    low, high, size = points(change.low), points(change.high), change.difference
    values = {"name": name, "low": low, "high": high, "cases": figure(change.n)}
    if change.verdict is RunVerdict.PRELIMINARY:
        return phrase(
            "Preliminary: {name} changed by {points} points ({low} to {high}) over the {cases} cases so far.",
            points=points(size),
            **values,
        )
    if change.verdict is RunVerdict.NO_LARGER:
        return phrase(
            "{name} changed by no more than {most} points ({low} to {high}) over {cases} cases.",
            most=points(matters),
            **values,
        )
    if change.verdict is RunVerdict.INCONCLUSIVE:
        return phrase(
            "{name}: inconclusive; the change of {points} points ({low} to {high}) over {cases} cases may "
            "be due to chance.",
            points=points(size),
            **values,
        )
    if size > 0:
        return phrase(
            "{name} is better in the later run: {points} points ({low} to {high}) over {cases} cases.",
            points=points(size),
            **values,
        )
    return phrase(
        "{name} is worse in the later run: {points} points ({low} to {high}) over {cases} cases.",
        points=points(size),
        **values,
    )


def _unmatched(comparison: RunComparison) -> Iterator[Phrase]:
    if number := comparison.cases_only_earlier:
        yield counted("{n} case is only in the earlier run.", "{n} cases are only in the earlier run.", number)
    if number := comparison.cases_only_later:
        yield counted("{n} case is only in the later run.", "{n} cases are only in the later run.", number)
    if comparison.only_earlier:
        yield phrase("Only in the earlier run: {names}.", names=_names(comparison.only_earlier))
    if comparison.only_later:
        yield phrase("Only in the later run: {names}.", names=_names(comparison.only_later))


def _names(names: Sequence[str]) -> str:
    return bounded(", ".join(map(in_a_line, names)))


def case_text(change: CaseChange) -> Phrase:
    """Return a description of how the outcome of a case changed for a contender."""
    return phrase(
        "Case {case}, {name}: {earlier}, now {later}",
        case=change.later_case + 1,
        name=in_a_line(bounded(change.contender)),
        earlier=OUTCOMES[change.earlier],
        later=OUTCOMES[change.later],
    )
