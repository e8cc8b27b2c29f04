"""Finish reasons of all services, mapped to a few common ones. Pure functions."""

from __future__ import annotations

FAILED = "error"
"""Finish reason that gateways report if the provider behind them failed."""

REFUSAL = "refusal"
"""Finish reason if the model itself, not a content filter, refused to answer."""

PAUSE = "pause"
"""Finish reason if the server paused its own tools: the response continues when it is sent back."""

NAMED = frozenset({"stop", "length", "content_filter", REFUSAL, PAUSE, "tool_calls", "function_call", FAILED})
"""Finish reasons that the rest of the program knows."""

_SAME = {
    "stop": ("eos", "eos_token", "end_turn", "stop_sequence", "end", "complete", "completed", "finish_reason_stop"),
    "length": ("max_tokens", "max_output_tokens", "model_length", "max_length", "model_context_window_exceeded"),
    "content_filter": (
        *("safety", "recitation", "blocklist", "prohibited_content", "spii", "image_safety", "language"),
        *("guardrail_intervened", "content_filtered", "sensitive"),
    ),
    REFUSAL: ("refused",),
    PAUSE: ("pause_turn",),
    "tool_calls": ("tool_use", "tool_call"),
    FAILED: (
        *("insufficient_system_resource", "abort", "aborted", "cancelled", "canceled", "failed", "failure"),
        *("server_error", "network_error", "timeout", "timed_out"),
    ),
}
_KNOWN = {name: reason for reason, names in _SAME.items() for name in (reason, *names)}


def reason_of(said: str) -> str:
    """Return OpenAI's word for a service's finish reason; an unknown reason is returned unchanged."""
    return _KNOWN.get(said.strip().casefold(), said)
