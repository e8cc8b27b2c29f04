"""Comparison of two runs: changes by case, and each contender's difference. Pure functions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from hashlib import sha256

import msgspec

from desktop.domain.conversation_types import Value
from desktop.domain.suite_cells import CellHead, CellStatus
from desktop.evals.execution.case_scores import CaseScore, case_scores, clusters_of
from desktop.evals.execution.kept_results import KeptResults
from desktop.evals.execution.paired_scores import PairedScores, difference_interval, paired
from desktop.evals.execution.run_results import is_over, names_of
from desktop.evals.execution.score_claims import NO_MATTER, HeldLevel, RunVerdict, holm, verdict_of
from desktop.evals.suites.suite import Case, Suite
from desktop.stats.bootstrap import Resamples
from desktop.text.phrases import Phrase, counted, phrase


class CaseOutcome(StrEnum):
    """Outcome of a case for one contender across all repeats."""

    PASSED = "passed"  # every graded repeat
    FAILED = "failed"  # every graded repeat
    MIXED = "mixed"  # some passed, some failed
    UNGRADED = "ungraded"  # answered, without a grade
    ERROR = "error"  # only errors
    MISSING = "missing"  # not sent yet


class CaseChange(Value, frozen=True, kw_only=True):
    """A case whose outcome for a contender changed, with its number in each run."""

    contender: str
    earlier_case: int
    later_case: int
    earlier: CaseOutcome
    later: CaseOutcome


class ContenderChange(Value, frozen=True, kw_only=True):
    """A contender that is in both runs. `difference` is the later minus the earlier score over `n` common cases.

    `verdict` says whether the scores differ.
    """

    name: str
    n: int
    earlier_score: float | None
    later_score: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    verdict: RunVerdict
    improved: int = 0
    worsened: int = 0


class RunComparison(Value, frozen=True, kw_only=True):
    """Comparison of two runs.

    Cases are matched by content, contenders by name; unmatched ones are listed or counted.
    """

    earlier: str
    later: str
    cases: int
    contenders: tuple[ContenderChange, ...]
    changes: tuple[CaseChange, ...]
    only_earlier: tuple[str, ...] = ()
    only_later: tuple[str, ...] = ()
    cases_only_earlier: int = 0
    cases_only_later: int = 0
    notices: tuple[str, ...] = ()
    matters: float = NO_MATTER


def compare(earlier: KeptResults, later: KeptResults, *, matters: float = NO_MATTER) -> RunComparison:
    """Return the changes between an earlier and a later run."""
    matched = matched_cases(earlier.suite, later.suite)
    names = names_of(earlier.suite), names_of(later.suite)
    shared = [name for name in names[0] if name in names[1]]
    heads = _by_contender(earlier), _by_contender(later)
    pairs: list[tuple[str, Mapping[int, CaseScore], Mapping[int, CaseScore], PairedScores | None]] = []
    clusters = clusters_of(later.suite)
    changes: list[CaseChange] = []
    for name in shared:
        of_earlier, of_later = (each[of.index(name)] for each, of in zip(heads, names, strict=True))
        before, after = case_scores(of_earlier), case_scores(of_later)
        moved = {matched[case]: score for case, score in before.items() if case in matched}
        pairs.append((name, moved, after, paired(after, moved, clusters)))
        changes += _changes(name, matched, of_earlier, of_later)
    return RunComparison(
        earlier=earlier.run.id,
        later=later.run.id,
        cases=len(matched),
        contenders=_contenders(
            pairs, matters, is_over=all(is_over(each.run, len(each.heads)) for each in (earlier, later))
        ),
        changes=tuple(changes),
        only_earlier=tuple(name for name in names[0] if name not in shared),
        only_later=tuple(name for name in names[1] if name not in shared),
        cases_only_earlier=len(earlier.suite.cases) - len(matched),
        cases_only_later=len(later.suite.cases) - len(matched),
        notices=tuple(_notices(earlier, later, shared, matched)),
        matters=matters,
    )


def matched_cases(earlier: Suite, later: Suite) -> dict[int, int]:
    """Match each earlier case to a later case with the same content; duplicates are matched in order."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number, case in enumerate(later.cases):
        places[case_digest(later, case)].append(number)
    found: dict[int, int] = {}
    for number, case in enumerate(earlier.cases):
        if there := places.get(case_digest(earlier, case)):
            found[number] = there.pop(0)
    return found


def case_digest(suite: Suite, case: Case) -> str:
    """Return the SHA-256 of a case's turns and variables."""
    return sha256(msgspec.json.encode((suite.turns(case), sorted(case.vars.items())))).hexdigest()


def _by_contender(kept: KeptResults) -> list[list[CellHead]]:
    found: list[list[CellHead]] = [[] for _ in kept.suite.contenders]
    for head in kept.heads:
        if head.key.contender < len(found) and head.key.case < len(kept.suite.cases):
            found[head.key.contender].append(head)
    return found


def _contenders(
    pairs: Sequence[tuple[str, Mapping[int, CaseScore], Mapping[int, CaseScore], PairedScores | None]],
    matters: float,
    *,
    is_over: bool,
) -> tuple[ContenderChange, ...]:
    chances = [None if pair is None else pair.p for *_, pair in pairs]
    corrected = iter(holm([chance for chance in chances if chance is not None]))
    held = [None if chance is None else next(corrected) for chance in chances]
    resamples = Resamples()
    return tuple(
        _contender(name, before, after, pair, at, resamples, matters, is_over=is_over)
        for (name, before, after, pair), at in zip(pairs, held, strict=True)
    )


def _contender(
    name: str,
    before: Mapping[int, CaseScore],
    after: Mapping[int, CaseScore],
    pair: PairedScores | None,
    held: HeldLevel | None,
    resamples: Resamples,
    matters: float,
    *,
    is_over: bool,
) -> ContenderChange:
    cases = [case for case in after if case in before]
    interval = None if pair is None or held is None else difference_interval(pair, resamples, held.level)
    p = None if held is None else held.p
    return ContenderChange(
        name=name,
        n=len(cases),
        earlier_score=sum(before[case].score for case in cases) / len(cases) if cases else None,
        later_score=sum(after[case].score for case in cases) / len(cases) if cases else None,
        difference=pair.mean if pair else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        p=p if is_over else None,
        verdict=verdict_of(len(cases), interval, p, matters=matters, is_over=is_over),
        improved=sum(after[case].score > before[case].score for case in cases),
        worsened=sum(after[case].score < before[case].score for case in cases),
    )


def _changes(
    name: str, matched: Mapping[int, int], earlier: Sequence[CellHead], later: Sequence[CellHead]
) -> Iterator[CaseChange]:
    before, after = _outcomes(earlier), _outcomes(later)
    for one, other in matched.items():
        was, now = (of.get(case, CaseOutcome.MISSING) for of, case in ((before, one), (after, other)))
        if was is not now:
            yield CaseChange(contender=name, earlier_case=one, later_case=other, earlier=was, later=now)


def _outcomes(heads: Sequence[CellHead]) -> dict[int, CaseOutcome]:
    by_case: defaultdict[int, Counter[CellStatus]] = defaultdict(Counter)
    for head in heads:
        by_case[head.key.case][head.status] += 1
    return {case: _outcome(statuses) for case, statuses in by_case.items()}


def _outcome(statuses: Counter[CellStatus]) -> CaseOutcome:
    passed, failed = statuses[CellStatus.PASSED], statuses[CellStatus.FAILED]
    if passed and failed:
        return CaseOutcome.MIXED
    if passed or failed:
        return CaseOutcome.PASSED if passed else CaseOutcome.FAILED
    return CaseOutcome.UNGRADED if statuses[CellStatus.UNGRADED] else CaseOutcome.ERROR


def _notices(
    earlier: KeptResults, later: KeptResults, shared: Sequence[str], matched: Mapping[int, int]
) -> Iterator[Phrase]:
    if not shared:
        yield phrase("The two runs have no contender with the same name.")
    if not matched:
        yield phrase("The two runs have no case in common and cannot be compared.")
    graders = [case for case, other in matched.items() if not _graded_alike(earlier.suite, later.suite, case, other)]
    if graders:
        yield counted(
            "{n} case in both runs is graded differently in the later run.",
            "{n} cases in both runs are graded differently in the later run.",
            len(graders),
        )
    for name in shared:
        one, other = (each.suite.contenders[names_of(each.suite).index(name)] for each in (earlier, later))
        if one.model != other.model:
            yield phrase("{name} is {model} in the earlier run and {other} in the later one.",
                         name=name, model=str(one.model), other=str(other.model))  # fmt: skip
        elif one.parameters != other.parameters or earlier.suite.system_of(one) != later.suite.system_of(other):
            yield phrase("{name} has different parameters or a different system prompt in the later run.", name=name)
    if earlier.run.repeats != later.run.repeats:
        yield phrase(
            "The runs have different numbers of repeats: {one} and {other}.",
            one=earlier.run.repeats,
            other=later.run.repeats,
        )


def _graded_alike(earlier: Suite, later: Suite, case: int, other: int) -> bool:
    one, two = earlier.cases[case], later.cases[other]
    return (one.graders, one.threshold) == (two.graders, two.threshold)
