"""A rule for LiteLLM's proxy that needs no database: whoever comes may spend nothing to-day."""

# pyright: basic, reportMissingImports=false
from __future__ import annotations

from litellm.proxy._types import UserAPIKeyAuth

ALLOWED = 0.0


async def user_api_key_auth(request: object, api_key: str) -> UserAPIKeyAuth:
    """The one who asks, as the gateway's own table of keys would have it."""
    limits = [{"budget_duration": "1d", "max_budget": ALLOWED}]
    return UserAPIKeyAuth(api_key=api_key, token=api_key, budget_limits=limits)
