"""What is to be known of a run beside its figures: what is missing, whom errors fell on, what was tried; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from desktop.phrases import Phrase, bounded, counted, figure, phrase
from desktop.runs.result_values import ContenderResult, TagResult
from desktop.runs.suite import Suite
from desktop.suite_cells import RunRecord, RunState

_NOTABLE, _TIMES = 0.05, 2
"""Errors fall on one contender where they are so large a part of its answers, and so many times that of any other."""

_TRIED = 3
"""Settings of one model from which on its best one is called the best of many."""

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
    """A sentence for each, in the order of their weight."""
    return (
        *_preliminary(contenders, is_over=is_over),
        *_incomplete(run, contenders),
        *_errors(contenders),
        *_ungraded(contenders),
        *_unnamed(suite),
        *_tried(suite),
        *_pooled(contenders),
        *_exploratory(tags),
    )


def _preliminary(contenders: Sequence[ContenderResult], *, is_over: bool) -> Iterator[Phrase]:
    if not is_over and len(contenders) > 1 and any(each.answered for each in contenders):
        yield phrase(
            "Preliminary: the run is not complete. Its intervals are not corrected for looking early, so there is no"
            " verdict yet."
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
                "{errors} of them are from {name}, {percent}% of its responses: the remaining ones may be "
                "the easier part.",
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
        yield phrase("A judge of this suite names no model and has graded nothing.")


def _tried(suite: Suite) -> Iterator[Phrase]:
    often = Counter(str(each.model) for each in suite.contenders)
    for model, number in often.items():
        if number >= _TRIED:
            yield phrase(
                "Best of {number} settings of {model}: the best one looks better than it is, by chance "
                "alone. Repeat the run on other cases before you rely on it.",
                number=number,
                model=model,
            )


def _pooled(contenders: Sequence[ContenderResult]) -> Iterator[Phrase]:
    pooled = [each for each in contenders if len(each.server_models) > 1]
    for each in pooled[:_MOST_TOLD]:
        yield phrase(
            "The server served several models as {model}: {names}.",
            model=each.name,
            names=bounded(", ".join(each.server_models)),
        )


def _exploratory(tags: Sequence[TagResult]) -> Iterator[Phrase]:
    if any(each.exploratory for each in tags):
        yield phrase("Tags not listed under `tags` in the suite are exploratory: confirm what they show on new cases.")
