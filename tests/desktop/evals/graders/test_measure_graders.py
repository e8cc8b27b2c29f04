"""Length, latency and cost are held within bounds."""

from __future__ import annotations

import pytest

from desktop.domain.conversation_types import Figures
from tests.desktop.evals.graders.made import grade, spec


@pytest.mark.parametrize(
    ("options", "text", "passed"),
    [
        ({"max": 5}, " 12345 ", True),
        ({"max": 5}, "123456", False),
        ({"min": 2, "unit": "words"}, "one", False),
        ({"min": 2, "max": 2, "unit": "words"}, "one  two", True),
    ],
)
async def test_lengths_are_counted(options: dict[str, object], text: str, passed: bool) -> None:
    assert (await grade(spec("length", **options), text)).passed is passed


async def test_how_long_it_took_and_what_it_cost_are_held_to_thresholds() -> None:
    figures = Figures(duration_ms=1500.4, cost=0.002)
    slow = await grade(spec("latency", threshold=1000), "x", figures)
    assert (slow.passed, slow.reason) == (False, "The response took 1,500 ms, over the limit of 1,000 ms.")
    cheap = await grade(spec("cost", threshold=0.002), "x", figures)
    assert (cheap.passed, cheap.reason) == (True, "The response cost $0.002, within the limit of $0.002.")


@pytest.mark.parametrize("kind", ["latency", "cost"])
async def test_what_nobody_knows_is_left_open(kind: str) -> None:
    for figures in (None, Figures()):
        found = await grade(spec(kind, threshold=1, **{"not": True}), "x", figures)
        assert (found.passed, found.score) == (None, None)


async def test_lengths_are_told_in_words() -> None:
    assert (await grade(spec("length", max=0, unit="words"), "one")).reason == "The response has 1 word, more than 0."
