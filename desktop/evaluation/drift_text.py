"""Drift in sentences, for the window and the terminal alike; pure."""

from __future__ import annotations

from collections.abc import Iterator

from desktop.domain import Status
from desktop.evaluation.drift import Drift, DriftFact, DriftFigure, FactPair
from desktop.phrases import Phrase, counted, phrase

_ENDED = {
    Status.STOPPED: phrase("The first answer was stopped before its end."),
    Status.FAILED: phrase("The first answer failed before its end."),
    Status.INTERRUPTED: phrase("The first answer broke off before its end."),
}
_NOTHING = phrase("not named")

FIGURE_NAMES = {
    DriftFigure.FIRST: phrase("First token"),
    DriftFigure.DURATION: phrase("Duration"),
    DriftFigure.SPEED: phrase("Tokens per second"),
    DriftFigure.INPUT: phrase("Tokens sent"),
    DriftFigure.OUTPUT: phrase("Tokens of the answer"),
    DriftFigure.REASONING: phrase("Tokens of thinking"),
    DriftFigure.COST: phrase("Cost"),
}
"""What the figures are called."""


def sentences(drift: Drift) -> tuple[Phrase, ...]:
    """What is to be said: of the words, then of how the first answer ended, then of each fact that changed."""
    return tuple(_sentences(drift))


def words_sentence(drift: Drift) -> Phrase:
    """Whether the answers are the same, or how much of them is."""
    if drift.is_same:
        return phrase("The same, word for word.")
    if drift.difference is None:
        return phrase("These answers are too long to be held against each other.")
    return counted(
        "They differ in one place; {percent}% of the words are the same.",
        "They differ in {n} places; {percent}% of the words are the same.",
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
            return phrase("The server names another model: {then} then, {now} now.", then=then, now=now)
        case DriftFact.FINGERPRINT:
            return phrase("The server answers from another state: {then} then, {now} now.", then=then, now=now)
        case DriftFact.REGION:
            return phrase("It was answered in another region: {then} then, {now} now.", then=then, now=now)
        case DriftFact.FINISH:
            return phrase("It ended otherwise: {then} then, {now} now.", then=then, now=now)
        case DriftFact.ADDRESS:
            return phrase("The connection leads elsewhere: {then} then, {now} now.", then=then, now=now)
        case DriftFact.HEADERS:
            return phrase("It was sent with other headers: {names}.", names=now)
