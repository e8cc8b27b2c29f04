"""Finish reasons of all services, mapped to a few common ones; pure."""

from __future__ import annotations

FAILED = "error"
"""Reason that gateways give if the provider behind them failed."""

REFUSAL = "refusal"
"""The model itself declined, rather than a content filter."""

NAMED = frozenset({"stop", "length", "content_filter", REFUSAL, "tool_calls", "function_call", FAILED})
"""Reasons that the rest of the program knows."""

_SAME = {
    "stop": ("eos", "eos_token", "end_turn", "stop_sequence", "end", "complete", "completed", "finish_reason_stop"),
    "length": ("max_tokens", "max_output_tokens", "model_length", "max_length", "model_context_window_exceeded"),
    "content_filter": (
        *("safety", "recitation", "blocklist", "prohibited_content", "spii", "image_safety", "language"),
        *("guardrail_intervened", "content_filtered", "sensitive"),
    ),
    REFUSAL: ("refused",),
    "tool_calls": ("tool_use", "tool_call"),
    FAILED: (
        *("insufficient_system_resource", "abort", "aborted", "cancelled", "canceled", "failed", "failure"),
        *("server_error", "network_error", "timeout", "timed_out"),
    ),
}
_KNOWN = {name: reason for reason, names in _SAME.items() for name in (reason, *names)}


def reason_of(said: str) -> str:
    """Return OpenAI's word for a service's finish reason; an unknown one unchanged."""
    return _KNOWN.get(said.strip().casefold(), said)
