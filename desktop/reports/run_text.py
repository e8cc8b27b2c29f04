"""Results of a run as text: conclusions and table cells. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop.domain.suite_cells import CellStatus, RunState
from desktop.evals.execution.result_values import ContenderResult, PairResult, PassTest, RunResults
from desktop.evals.execution.score_claims import RunVerdict
from desktop.formatting.number_format import duration_text, in_a_line, money
from desktop.metrics.latency import FEWEST
from desktop.text.phrases import NOTHING, Phrase, bounded, counted, english, figure, phrase

STATES = {
    RunState.WAITING: phrase("waiting"),
    RunState.RUNNING: phrase("running"),
    RunState.STOPPED: phrase("stopped"),
    RunState.CAPPED: phrase("stopped at its cap"),
    RunState.COMPLETE: phrase("complete"),
}

STATUSES = {
    CellStatus.PASSED: phrase("passed"),
    CellStatus.FAILED: phrase("failed"),
    CellStatus.UNGRADED: phrase("not graded"),
    CellStatus.ERROR: phrase("error"),
}

VERDICTS = {
    RunVerdict.BETTER: phrase("better"),
    RunVerdict.NO_LARGER: phrase("no relevant difference"),
    RunVerdict.INCONCLUSIVE: phrase("inconclusive"),
    RunVerdict.TOO_FEW: phrase("too few cases"),
    RunVerdict.PRELIMINARY: phrase("preliminary"),
}

CONTENDER_COLUMNS = (
    phrase("Contender"),
    phrase("Score"),
    phrase("95% CI"),
    phrase("Pass rate"),
    phrase("95% CI of the pass rate"),
    phrase("Passed"),
    phrase("Failed"),
    phrase("Not graded"),
    phrase("Errors"),
    phrase("Varies between repeats"),
    phrase("Cost"),
    phrase("p50 latency"),
    phrase("p95"),
    phrase("Tool calls"),
    phrase("Tool time"),
    phrase("Unmatched calls"),
)

PAIR_COLUMNS = (
    phrase("Contender"),
    phrase("Compared with"),
    phrase("Difference"),
    phrase("95% CI"),
    phrase("p"),
    phrase("Cases"),
    phrase("Pass rates"),
    phrase("p (pass rates)"),
    phrase("Verdict"),
)

_MOST_TOLD = 12
"""Maximum number of pairs for which a sentence is included."""

_ORDER = (*RunVerdict,)


def percent(score: float) -> Phrase:
    """Return a score as a percentage without the percent sign."""
    return _spare(100 * score)


def points(difference: float) -> Phrase:
    """Return a score difference in percentage points; values with two digits are rounded to integers."""
    size = 100 * difference
    return figure(size) if abs(size) >= 9.95 else _spare(size)


def _spare(size: float) -> Phrase:
    """Return a number with one decimal, or as an integer if that decimal is zero."""
    rounded = round(size, 1) or 0.0  # no negative zero
    return figure(rounded, 0 if rounded.is_integer() else 1)


def with_sign(score: float) -> Phrase:
    """Return a score as a percentage with the percent sign."""
    return phrase("{n}%", n=percent(score))


def contender_cells(contender: ContenderResult) -> tuple[Phrase, ...]:
    """Return a contender's row in the order of CONTENDER_COLUMNS. The cells of unknown figures are empty."""
    low, high, share = contender.low, contender.high, contender.self_difference
    middle, late = contender.latency_p50_ms, contender.latency_p95_ms
    return (
        english(in_a_line(bounded(contender.name))),
        with_sign(contender.score) if contender.score is not None else NOTHING,
        phrase("{low}–{high}%", low=percent(low), high=percent(high))
        if low is not None and high is not None
        else NOTHING,
        *_pass_cells(contender),
        *(figure(number) for number in (contender.passed, contender.failed, contender.ungraded, contender.errors)),
        with_sign(share) if share is not None else NOTHING,
        money(contender.cost_usd) if contender.cost_usd is not None else NOTHING,
        duration_text(middle) if middle is not None else NOTHING,
        duration_text(late) if late is not None and contender.answered >= FEWEST else NOTHING,
        figure(contender.tool_calls) if contender.tool_calls else NOTHING,
        duration_text(contender.tool_ms) if contender.tool_ms is not None else NOTHING,
        figure(contender.unmatched_calls) if contender.unmatched_calls else NOTHING,
    )


def _pass_cells(contender: ContenderResult) -> tuple[Phrase, Phrase]:
    """Return the pass rate and its interval, or empty cells if they equal the score."""
    rate, low, high = contender.pass_rate, contender.pass_low, contender.pass_high
    if not contender.is_graded or rate is None or low is None or high is None:
        return NOTHING, NOTHING
    return with_sign(rate), phrase("{low}–{high}%", low=percent(low), high=percent(high))


def pair_cells(pair: PairResult, names: Sequence[str]) -> tuple[Phrase, ...]:
    """Return a pair's row in the order of PAIR_COLUMNS."""
    return (
        english(names[pair.a]),
        english(names[pair.b]),
        points(pair.difference) if pair.difference is not None else NOTHING,
        phrase("{low} to {high}", low=points(pair.low), high=points(pair.high))
        if pair.low is not None and pair.high is not None
        else NOTHING,
        chance_text(pair.p) if pair.p is not None else NOTHING,
        figure(pair.n),
        phrase("{a}% and {b}%", a=percent(pair.passes.a), b=percent(pair.passes.b)) if pair.passes else NOTHING,
        chance_text(pair.passes.p) if pair.passes and pair.passes.p is not None else NOTHING,
        VERDICTS[pair.verdict],
    )


def chance_text(p: float) -> Phrase:
    """Return a p-value with only its meaningful digits."""
    if p < 0.001:
        return phrase("<{least}", least=figure(0.001, 3))
    return figure(p, 3 if p < 0.1 else 2)


def names_in(results: RunResults) -> list[str]:
    """Return the contenders' names in order, each on one line."""
    return [in_a_line(bounded(each.name)) for each in results.contenders]


def sentences(results: RunResults) -> tuple[Phrase, ...]:
    """Return the conclusions about pairs, most certain first, and about tags in which one contender is better."""
    return (*_claimed(results), *_preferred(results), *_of_tags(results))


def judge_sentences(results: RunResults) -> tuple[Phrase, ...]:
    """Return the sentences about the judges that are not warnings."""
    return tuple(said for judge in results.judges for said in judge.sentences)


def _preferred(results: RunResults) -> Iterator[Phrase]:
    """Yield sentences about the preferences of pairwise judges."""
    names = names_in(results)
    for judge in results.judges:
        for preference in judge.preferences[:_MOST_TOLD]:
            values = {"model": judge.model, "a": names[preference.a], "b": names[preference.b], "wins": preference.wins}
            values |= {"losses": preference.losses, "ties": preference.ties}
            if preference.verdict is RunVerdict.BETTER:
                yield phrase(
                    "The judge {model} prefers {a} to {b}: {wins} cases won, {losses} lost, {ties} tied.", **values
                )
            elif preference.verdict is RunVerdict.PRELIMINARY:
                yield phrase(
                    "Preliminary: with the judge {model}, {a} has won {wins} cases against {b}, lost {losses} and tied"
                    " {ties}.",
                    **values,
                )
            else:
                yield phrase(
                    "The judge {model} shows no significant preference: {a} won {wins} cases against {b}, "
                    "lost {losses} and tied {ties}.",
                    **values,
                )


def _claimed(results: RunResults) -> Iterator[Phrase]:
    names = names_in(results)
    ranked = sorted(results.pairs, key=lambda pair: _ORDER.index(pair.verdict))
    told = {pair.verdict for pair in results.pairs}
    if told and results.state is not RunState.RUNNING and not told & {RunVerdict.BETTER, RunVerdict.PRELIMINARY}:
        yield phrase("This run does not show that any contender is better than another.")
    for pair in ranked[:_MOST_TOLD]:
        yield pair_sentence(pair, names, results.matters)
        if pair.passes is not None:
            yield _passes_sentence(pair, pair.passes, names)
    if (more := len(ranked) - _MOST_TOLD) > 0:
        yield counted("The table lists {n} more pair.", "The table lists {n} more pairs.", more)


def pair_sentence(pair: PairResult, names: Sequence[str], matters: float) -> Phrase:
    """Return the conclusion about a pair."""
    a, b = names[pair.a], names[pair.b]
    if pair.verdict is RunVerdict.TOO_FEW or pair.difference is None or pair.low is None or pair.high is None:
        return counted(
            "{a} and {b}: nothing can be concluded from {n} case scored for both.",
            "{a} and {b}: nothing can be concluded from {n} cases scored for both.",
            pair.n,
            a=a,
            b=b,
        )
    values = {"a": a, "b": b, "low": points(pair.low), "high": points(pair.high), "cases": figure(pair.n)}
    if pair.verdict is RunVerdict.BETTER:
        return phrase(
            "{a} is better than {b}: {points} points ({low} to {high}) over {cases} cases.",
            points=points(pair.difference),
            **values,
        )
    if pair.verdict is RunVerdict.PRELIMINARY:
        return phrase(
            "Preliminary: {a} and {b} differ by {points} points ({low} to {high}) over the {cases} cases so far.",
            points=points(pair.difference),
            **values,
        )
    if pair.verdict is RunVerdict.NO_LARGER:
        return phrase(
            "{a} and {b} differ by no more than {most} points ({low} to {high}) over {cases} cases.",
            most=points(matters),
            **values,
        )
    return phrase(
        "{a} and {b}: inconclusive; the difference of {points} points ({low} to {high}) over {cases} "
        "cases may be due to chance.",
        points=points(pair.difference),
        **values,
    )


def _passes_sentence(pair: PairResult, passes: PassTest, names: Sequence[str]) -> Phrase:
    """Return a comparison of the pass rates, for scores that are not pass rates."""
    values = {"a": names[pair.a], "b": names[pair.b], "one": percent(passes.a), "other": percent(passes.b)}
    values |= {"cases": figure(pair.n), "test": english(passes.method)}
    if passes.p is None:
        return phrase("Pass rates: {a} {one}%, {b} {other}% over {cases} cases.", **values)
    return phrase(
        "Pass rates: {a} {one}%, {b} {other}% over {cases} cases ({test}: p = {p}).",
        p=chance_text(passes.p),
        **values,
    )


def _of_tags(results: RunResults) -> Iterator[Phrase]:
    names = names_in(results)
    for tag in results.tags:
        for pair in tag.pairs:
            if pair.verdict is not RunVerdict.BETTER:
                continue
            said = pair_sentence(pair, names, results.matters)
            name = in_a_line(bounded(tag.tag))
            if tag.exploratory:
                yield phrase("Tag {tag} (exploratory): {said}", tag=name, said=said)
            else:
                yield phrase("Tag {tag}: {said}", tag=name, said=said)
