"""Sentences that describe drift, for the window and the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from desktop.domain.conversation_types import Status
from desktop.metrics.drift import Drift, DriftFact, DriftFigure, FactPair
from desktop.text.phrases import Phrase, counted, phrase

_ENDED = {
    Status.STOPPED: phrase("The first response was stopped."),
    Status.FAILED: phrase("The first response failed."),
    Status.INTERRUPTED: phrase("The first response was interrupted."),
}
_NOTHING = phrase("not reported")

FIGURE_NAMES = {
    DriftFigure.FIRST: phrase("TTFT"),
    DriftFigure.DURATION: phrase("Duration"),
    DriftFigure.SPEED: phrase("Tokens per second"),
    DriftFigure.INPUT: phrase("Input tokens"),
    DriftFigure.OUTPUT: phrase("Output tokens"),
    DriftFigure.REASONING: phrase("Reasoning tokens"),
    DriftFigure.COST: phrase("Cost"),
}
"""Names of the figures for display."""


def sentences(drift: Drift) -> tuple[Phrase, ...]:
    """Return sentences about the text, the ending of the earlier response, and each changed fact."""
    return tuple(_sentences(drift))


def words_sentence(drift: Drift) -> Phrase:
    """Return a sentence that says whether the responses are identical, or what share of words is equal."""
    if drift.is_same:
        return phrase("Identical, word for word.")
    if drift.difference is None:
        return phrase("These responses are too long to compare.")
    return counted(
        "The responses differ in one place; {percent}% of the words are the same.",
        "The responses differ in {n} places; {percent}% of the words are the same.",
        drift.difference.count,
        percent=min(round(drift.difference.share * 100), 99),
    )


def _sentences(drift: Drift) -> Iterator[Phrase]:
    yield words_sentence(drift)
    if drift.ended in _ENDED:
        yield _ENDED[drift.ended]
    yield from map(_fact, drift.changed)


def _fact(pair: FactPair) -> Phrase:
    then, now = pair.then or _NOTHING, pair.now or _NOTHING
    match pair.fact:
        case DriftFact.MODEL:
            return phrase("The server reports a different model: {then} before, {now} now.", then=then, now=now)
        case DriftFact.FINGERPRINT:
            return phrase("The server's system fingerprint changed: {then} before, {now} now.", then=then, now=now)
        case DriftFact.REGION:
            return phrase("The response came from a different region: {then} before, {now} now.", then=then, now=now)
        case DriftFact.FINISH:
            return phrase("The finish reason changed: {then} before, {now} now.", then=then, now=now)
        case DriftFact.ADDRESS:
            return phrase("The connection's address changed: {then} before, {now} now.", then=then, now=now)
        case DriftFact.HEADERS:
            return phrase("Different headers were sent: {names}.", names=now)
