"""Drift: differences between two responses to the same request, sent at different times. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from desktop.domain.conversation_types import Figures, Message, Status, Usage
from desktop.metrics.differences import Difference, difference
from desktop.receipts.receipt import Receipt

_NO_FIGURES, _NO_USAGE = Figures(), Usage()
_OF_THE_MOMENT = frozenset({"content-length", "host"})
"""Headers that are irrelevant for comparing requests."""


class DriftFigure(StrEnum):
    """A figure of a response. The values appear in JSON output and must not change."""

    FIRST = "ttft_ms"
    DURATION = "duration_ms"
    SPEED = "tokens_per_second"
    INPUT = "input_tokens"
    OUTPUT = "output_tokens"
    REASONING = "reasoning_tokens"
    COST = "cost_usd"


_OF_TOKENS = frozenset({DriftFigure.INPUT, DriftFigure.OUTPUT, DriftFigure.REASONING})


class DriftFact(StrEnum):
    """A fact about server, ending or destination. The values appear in JSON output and must not change."""

    MODEL = "server_model"
    FINGERPRINT = "fingerprint"
    REGION = "region"
    FINISH = "finish_reason"
    ADDRESS = "address"
    HEADERS = "headers"


class FigurePair(Struct, frozen=True):
    """The earlier and the later value of a figure, None if unknown. `about` marks estimates."""

    figure: DriftFigure
    then: float | None
    now: float | None
    then_about: bool = False
    now_about: bool = False


class FactPair(Struct, frozen=True):
    """The earlier and the later value of a changed fact, empty if unknown."""

    fact: DriftFact
    then: str
    now: str


class Drift(Struct, frozen=True, kw_only=True):
    """Comparison of an earlier and a later response.

    `difference` is None if the texts are too long. `ended` is the finish reason of the earlier response. `figures` are
    those that either response has; `changed` are the facts that differ.
    """

    then: str
    now: str
    difference: Difference | None
    figures: tuple[FigurePair, ...]
    changed: tuple[FactPair, ...]
    ended: Status

    @property
    def is_same(self) -> bool:
        """Whether the responses are identical."""
        return self.then == self.now if self.difference is None else self.difference.count == 0


def drift(then: Message, sent: Receipt, now: Message, sent_again: Receipt | None, *, elsewhere: bool = False) -> Drift:
    """Compare two responses. `elsewhere` means that the second request was sent to another address."""
    return Drift(
        then=then.text,
        now=now.text,
        difference=difference(then.text, now.text),
        figures=tuple(_figures(then, now)),
        changed=tuple(_changed(then, sent, now, sent_again, elsewhere=elsewhere)),
        ended=then.status,
    )


def _figures(then: Message, now: Message) -> Iterator[FigurePair]:
    before, after = _by_name(then), _by_name(now)
    about = [(message.usage or _NO_USAGE).estimated for message in (then, now)]
    for figure in DriftFigure:
        if before[figure] is not None or after[figure] is not None:
            of_tokens = figure in _OF_TOKENS
            yield FigurePair(figure, before[figure], after[figure], of_tokens and about[0], of_tokens and about[1])


def _by_name(message: Message) -> dict[DriftFigure, float | None]:
    figures, usage = message.figures or _NO_FIGURES, message.usage or _NO_USAGE
    return {
        DriftFigure.FIRST: figures.ttft_ms,
        DriftFigure.DURATION: figures.duration_ms,
        DriftFigure.SPEED: figures.tokens_per_second,
        DriftFigure.INPUT: usage.input_tokens,
        DriftFigure.OUTPUT: usage.output_tokens,
        DriftFigure.REASONING: usage.reasoning_tokens,
        DriftFigure.COST: figures.cost,
    }


def _changed(
    then: Message, sent: Receipt, now: Message, sent_again: Receipt | None, *, elsewhere: bool
) -> Iterator[FactPair]:
    before, after = then.figures or _NO_FIGURES, now.figures or _NO_FIGURES
    pairs = [
        (DriftFact.MODEL, before.server_model or sent.server_model, after.server_model),
        (DriftFact.REGION, before.region, after.region),
        (DriftFact.FINISH, before.finish_reason, after.finish_reason),
    ]
    if sent_again is not None:
        pairs.insert(1, (DriftFact.FINGERPRINT, sent.fingerprint, sent_again.fingerprint))
        if elsewhere:
            pairs.append((DriftFact.ADDRESS, sent.url, sent_again.url))
        names = sorted({*sent.headers, *sent_again.headers} - _OF_THE_MOMENT)
        others = [name for name in names if sent.headers.get(name) != sent_again.headers.get(name)]
        pairs.append((DriftFact.HEADERS, "", ", ".join(others)))
    for fact, old, new in pairs:
        if (old or "") != (new or ""):
            yield FactPair(fact, old or "", new or "")
