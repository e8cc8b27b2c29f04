"""How long one answer took, without its text: what latencies over the history are worked out from."""

from __future__ import annotations

import msgspec


class AnswerTiming(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Milliseconds, tokens a second and tokens, as `Figures` and `Usage` have them; None for what is not known.

    `at` is when it was asked for, in milliseconds since 1970 UTC; `status` is a Status.
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
