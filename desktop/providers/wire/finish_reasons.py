"""Why an answer ended, in the few words that the rest of the program knows, whichever a service uses; pure."""

from __future__ import annotations

FAILED = "error"
"""What gateways say where the provider behind them broke off."""

REFUSAL = "refusal"
"""The model itself declined, other than by a filter before or behind it."""

NAMED = frozenset({"stop", "length", "content_filter", REFUSAL, "tool_calls", "function_call", FAILED})
"""The words that the rest of the program knows."""

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
    """The word of OpenAI's format for a service's own; what is unknown stays as it was said."""
    return _KNOWN.get(said.strip().casefold(), said)
