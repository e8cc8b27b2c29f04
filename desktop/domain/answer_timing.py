"""Timing and cost of responses without their texts, for statistics over the history."""

from __future__ import annotations

import msgspec


class AnswerTiming(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Milliseconds, tokens per second and token counts as in `Figures` and `Usage`; None if unknown.

    `at` is the time of the request in milliseconds since 1970 UTC; `status` is the value of a Status.
    """

    at: int
    status: str
    connection: str | None = None
    name: str | None = None
    ttft_ms: float | None = None
    duration_ms: float | None = None
    tokens_per_second: float | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None


class CostSlice(msgspec.Struct, frozen=True, gc=False):
    """Cost in US dollars of a model's responses within a quarter of an hour. `name` is empty for runs and replays."""

    at: int
    connection: str
    name: str
    usd: float
