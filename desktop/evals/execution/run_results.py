"""Results of a run: differences between contenders, in total and by tag, and their certainty. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import combinations

from msgspec.structs import replace

from desktop.domain.suite_cells import CellHead, CellStatus, RunRecord, RunState
from desktop.evals.execution.case_scores import (
    CaseScores,
    case_scores,
    clusters_of,
    is_graded,
    mean_score,
    pass_scores,
    self_difference,
)
from desktop.evals.execution.paired_scores import PairedScores, difference_interval, paired
from desktop.evals.execution.result_values import ContenderResult, PairResult, PassTest, RunResults, TagResult
from desktop.evals.execution.score_claims import NO_MATTER, HeldLevel, RunVerdict, holm, verdict_of
from desktop.evals.judges.judge_facts import JudgeFacts
from desktop.evals.suites.suite import Suite
from desktop.metrics.latency import quantiles
from desktop.stats.bootstrap import Resamples, percentile
from desktop.text.phrases import Phrase, bounded, counted, figure, phrase

_NOTABLE, _TIMES = 0.05, 2
"""A contender's errors are reported from this share of its responses and this multiple of the others' share."""

_TRIED = 3
"""Number of settings of one model from which its best score is biased by selection."""

_MOST_TOLD = 20
_JUDGES = ("judge", "judge-pair")


def notices_of(
    run: RunRecord,
    suite: Suite,
    contenders: Sequence[ContenderResult],
    tags: Sequence[TagResult],
    *,
    is_over: bool = True,
) -> tuple[Phrase, ...]:
    """Return sentences about a run's limitations, the most important first."""
    return (
        *_preliminary(contenders, is_over=is_over),
        *_incomplete(run, contenders),
        *_errors(contenders),
        *_ungraded(contenders),
        *_unnamed(suite),
        *_tried(suite),
        *_pooled(contenders),
        *_tool_calls(contenders),
        *_exploratory(tags),
    )


def _preliminary(contenders: Sequence[ContenderResult], *, is_over: bool) -> Iterator[Phrase]:
    if not is_over and len(contenders) > 1 and any(each.answered for each in contenders):
        yield phrase(
            "Preliminary: the run is not complete. The intervals are not corrected for interim looks at "
            "the results, so there is no verdict yet."
        )


def _incomplete(run: RunRecord, contenders: Sequence[ContenderResult]) -> Iterator[Phrase]:
    cells = run.cases * len(run.contenders) * run.repeats
    asked = sum(each.answered + each.errors for each in contenders)
    if run.state is RunState.COMPLETE or asked >= cells:
        return
    if asked:
        yield phrase(
            "{asked} of {cells} responses have arrived. They were requested in random order, so they "
            "represent the whole suite.",
            asked=figure(asked),
            cells=figure(cells),
        )
    else:
        yield phrase("There are no responses yet.")


def _errors(contenders: Sequence[ContenderResult]) -> Iterator[Phrase]:
    number = sum(each.errors for each in contenders)
    if not number:
        return
    yield counted(
        "{n} response failed (error). It is counted separately, not as a failed grade, and excluded from scores.",
        "{n} responses failed (error). They are counted separately, not as failed grades, and excluded from scores.",
        number,
    )
    shares = [each.errors / max(each.errors + each.answered, 1) for each in contenders]
    for each, share in zip(contenders, shares, strict=True):
        others = [shares[other.contender] for other in contenders if other is not each]
        if others and share >= _NOTABLE and share >= _TIMES * max(others):
            yield phrase(
                "{errors} of them are from {name} ({percent}% of its responses). The remaining responses "
                "may be the easier ones.",
                errors=figure(each.errors),
                name=each.name,
                percent=figure(100 * share),
            )


def _ungraded(contenders: Sequence[ContenderResult]) -> Iterator[Phrase]:
    if number := sum(each.ungraded for each in contenders):
        yield counted(
            "{n} response has no grade and is excluded from scores.",
            "{n} responses have no grade and are excluded from scores.",
            number,
        )


def _unnamed(suite: Suite) -> Iterator[Phrase]:
    if any(spec.type in _JUDGES and not spec.options.get("model") for case in suite.cases for spec in case.graders):
        yield phrase("A judge in this suite has no model, so it did not grade anything.")


def _tried(suite: Suite) -> Iterator[Phrase]:
    often = Counter(str(each.model) for each in suite.contenders)
    for model, number in often.items():
        if number >= _TRIED:
            yield phrase(
                "Best of {number} settings for {model}: by chance alone, the best one looks better than "
                "it is. Repeat the run with other cases before you rely on the result.",
                number=number,
                model=model,
            )


def _pooled(contenders: Sequence[ContenderResult]) -> Iterator[Phrase]:
    pooled = [each for each in contenders if len(each.server_models) > 1]
    for each in pooled[:_MOST_TOLD]:
        yield phrase(
            "The server served several models under the name {model}: {names}.",
            model=each.name,
            names=bounded(", ".join(each.server_models)),
        )


def _tool_calls(contenders: Sequence[ContenderResult]) -> Iterator[Phrase]:
    if number := sum(each.unmatched_calls for each in contenders):
        yield counted(
            "{n} unmatched call: the earlier run has no result for this tool call, so the model got an error instead.",
            "{n} unmatched calls: the earlier run has no results for these tool calls, so models got an error instead.",
            number,
        )
    if number := sum(each.denied_calls for each in contenders):
        yield counted(
            "{n} tool call was denied, because the tool was not allowed.",
            "{n} tool calls were denied, because the tools were not allowed.",
            number,
        )


def _exploratory(tags: Sequence[TagResult]) -> Iterator[Phrase]:
    if any(each.exploratory for each in tags):
        yield phrase("Tags not listed under `tags` in the suite are exploratory: confirm what they show on new cases.")


__all__ = ["ContenderResult", "PairResult", "RunResults", "RunVerdict", "TagResult", "results"]

MOST_RESAMPLED = 200
"""Maximum number of pairs with a bootstrap interval. Any further pairs only have a t interval."""

_P95 = 0.95

_Pair = tuple[int, int, PairedScores | None]
"""Two contenders by index, the one with the higher score first, and their paired scores."""


def results(
    run: RunRecord,
    suite: Suite,
    cells: Iterable[CellHead],
    *,
    judges: Sequence[JudgeFacts] = (),
    matters: float = NO_MATTER,
) -> RunResults:
    """Compute the results of a complete or partial run.

    `judges` are the facts known about its judges.
    """
    by_contender: list[list[CellHead]] = [[] for _ in suite.contenders]
    for head in cells:
        if head.key.contender < len(by_contender) and head.key.case < len(suite.cases):
            by_contender[head.key.contender].append(head)
    clusters = clusters_of(suite)
    scores = [case_scores(heads) for heads in by_contender]
    names = names_of(suite)
    contenders = tuple(
        _contender(number, names[number], str(suite.contenders[number].model), heads, scores[number], clusters)
        for number, heads in enumerate(by_contender)
    )
    if any(map(is_graded, scores)):
        contenders = tuple(replace(each, is_graded=True) for each in contenders)
    over = is_over(run, sum(map(len, by_contender)))
    judge = _Judgement(clusters, matters, is_over=over)
    pairs = judge.with_passes(judge.results(judge.pairs(scores)), scores)
    tags = _tags(suite, scores, judge)
    return RunResults(
        id=run.id,
        name=run.name,
        state=run.state,
        spent_usd=run.spent,
        cases=len(suite.cases),
        repeats=run.repeats,
        contenders=contenders,
        pairs=pairs,
        tags=tags,
        notices=(
            *notices_of(run, suite, contenders, tags, is_over=over),
            *(said for judge in judges for said in judge.notices),
        ),
        matters=matters,
        judges=tuple(judges if over else map(_without_verdicts, judges)),
    )


def is_over(run: RunRecord, asked: int) -> bool:
    """Whether a run ended for a reason other than being stopped early by the user."""
    if run.state in (RunState.COMPLETE, RunState.CAPPED):
        return True
    return run.state is not RunState.RUNNING and asked >= run.cases * len(run.contenders) * run.repeats


def _without_verdicts(judge: JudgeFacts) -> JudgeFacts:
    """Return a judge's facts without p-values and verdicts, because the run is not complete."""
    told = (replace(each, p=None, verdict=RunVerdict.PRELIMINARY) for each in judge.preferences)
    return replace(judge, preferences=tuple(told))


def names_of(suite: Suite) -> list[str]:
    """Return the names of the contenders, made unique with a number where needed."""
    often = Counter(each.name for each in suite.contenders)
    return [
        f"{each.name} ({number})" if often[each.name] > 1 else each.name
        for number, each in enumerate(suite.contenders, 1)
    ]


def _contender(
    number: int, name: str, model: str, heads: Sequence[CellHead], scores: CaseScores, clusters: Sequence[Hashable]
) -> ContenderResult:
    status = Counter(head.status for head in heads)
    mean, passes = mean_score(scores, clusters), mean_score(pass_scores(scores), clusters)
    times = [head.latency_ms for head in heads if head.latency_ms is not None and head.status is not CellStatus.ERROR]
    middle = quantiles(times)
    costs = [head.cost for head in heads if head.cost is not None]
    servers = Counter(head.server_model for head in heads if head.server_model)
    return ContenderResult(
        contender=number,
        name=name,
        model=model,
        answered=len(heads) - status[CellStatus.ERROR],
        errors=status[CellStatus.ERROR],
        passed=status[CellStatus.PASSED],
        failed=status[CellStatus.FAILED],
        ungraded=status[CellStatus.UNGRADED],
        score=mean.score if mean else None,
        se=mean.se if mean else None,
        low=mean.interval.low if mean else None,
        high=mean.interval.high if mean else None,
        cost_usd=sum(costs) if costs else None,
        latency_p50_ms=middle.median if middle else None,
        latency_p95_ms=percentile(sorted(times), _P95) if times else None,
        cases=len(scores),
        self_difference=self_difference(scores),
        server_models=tuple(name for name, _ in servers.most_common()),
        pass_rate=passes.score if passes else None,
        pass_low=passes.interval.low if passes else None,
        pass_high=passes.interval.high if passes else None,
        tool_calls=sum(head.tool_calls or 0 for head in heads),
        tool_ms=sum(took) if (took := [head.tool_ms for head in heads if head.tool_ms is not None]) else None,
        denied_calls=sum(head.denied_calls or 0 for head in heads),
        unmatched_calls=sum(head.unmatched_calls or 0 for head in heads),
    )


class _Judgement:
    """Pairs contenders, and decides which differences can be claimed within a family of pairs."""

    def __init__(self, clusters: Sequence[Hashable], matters: float, *, is_over: bool) -> None:
        self._clusters = clusters
        self._matters = matters
        self._is_over = is_over
        self._resamples = Resamples()
        self._left = MOST_RESAMPLED

    def pairs(self, scores: Sequence[CaseScores]) -> list[_Pair]:
        """Return all pairs of contenders, the one with the higher score first."""
        pairs_found: list[_Pair] = []
        for one, other in combinations(range(len(scores)), 2):
            pair = paired(scores[one], scores[other], self._clusters)
            if pair is not None and pair.mean < 0:
                one, other, pair = other, one, paired(scores[other], scores[one], self._clusters)  # noqa: PLW2901
            pairs_found.append((one, other, pair))
        return pairs_found

    def results(self, pairs: Sequence[_Pair]) -> tuple[PairResult, ...]:
        """Return the result of each pair, with p-values corrected for all pairs."""
        chances = [None if pair is None else pair.p for _, _, pair in pairs]
        corrected = iter(holm([chance for chance in chances if chance is not None]))
        held = [None if chance is None else next(corrected) for chance in chances]
        return tuple(self._result(*pair, at) for pair, at in zip(pairs, held, strict=True))

    def with_passes(self, found: Sequence[PairResult], scores: Sequence[CaseScores]) -> tuple[PairResult, ...]:
        """Add tests of the pass rates to the results of contenders whose scores are not pass rates."""
        passed = [pass_scores(each) for each in scores]
        tested = [
            (index, pair, test)
            for index, pair in enumerate(found)
            if is_graded(scores[pair.a]) or is_graded(scores[pair.b])
            if (test := paired(passed[pair.a], passed[pair.b], self._clusters)) is not None
        ]
        held = iter(holm([test.p for _, _, test in tested if test.p is not None]))
        whole = list(found)
        for index, pair, test in tested:
            p = None if test.p is None else next(held).p
            both = [case for case in passed[pair.a] if case in passed[pair.b]]
            rates = (sum(passed[of][case].score for case in both) / len(both) for of in (pair.a, pair.b))
            told = PassTest(a=next(rates), b=next(rates), p=p if self._is_over else None, method=test.test)
            whole[index] = replace(pair, passes=told)
        return tuple(whole)

    def _result(self, a: int, b: int, pair: PairedScores | None, held: HeldLevel | None) -> PairResult:
        if pair is None:
            return PairResult(a=a, b=b, n=0, difference=None, low=None, high=None, p=None, verdict=RunVerdict.TOO_FEW)
        resamples = self._resamples if self._left > 0 else None
        self._left -= pair.is_resampled
        interval = None if held is None else difference_interval(pair, resamples, held.level)
        p = None if held is None else held.p
        return PairResult(
            a=a,
            b=b,
            n=pair.cases,
            difference=pair.mean,
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            p=p if self._is_over else None,
            verdict=verdict_of(pair.cases, interval, p, matters=self._matters, is_over=self._is_over),
            method=pair.method(resampled=resamples is not None),
            se=pair.se,
            p_alone=pair.p if self._is_over else None,
        )


def _tags(suite: Suite, scores: Sequence[CaseScores], judge: _Judgement) -> tuple[TagResult, ...]:
    """Return the result of each tag, planned tags first, with p-values corrected across tags."""
    cases: dict[str, set[int]] = {tag: set() for tag in suite.planned_tags}
    for number, case in enumerate(suite.cases):
        for tag in case.tags:
            cases.setdefault(tag, set()).add(number)
    cases = {tag: of for tag, of in cases.items() if of}
    within = [[{case: each[case] for case in each if case in of} for each in scores] for of in cases.values()]
    pairs = [judge.pairs(each) for each in within]
    results = iter(judge.results([pair for each in pairs for pair in each]))
    return tuple(
        TagResult(
            tag=tag,
            cases=len(cases[tag]),
            scores=tuple(sum(score.score for score in of.values()) / len(of) if of else None for of in each),
            pairs=tuple(next(results) for _ in of_tag),
            exploratory=tag not in suite.planned_tags,
        )
        for tag, each, of_tag in zip(cases, within, pairs, strict=True)
    )
