"""When a request that failed before its first delta is tried again, and how long to wait before; pure."""

from __future__ import annotations

from desktop.errors import (
    ConnectFailed,
    Interrupted,
    NameNotResolved,
    ProviderError,
    ProxyFailed,
    RateLimited,
    RequestTimedOut,
    ServerFailed,
    ServerOverloaded,
    TlsFailed,
)

LONGEST_WAIT_S = 300.0
_FIRST_WAIT_S = 0.5
_LONGEST_BACKOFF_S = 8.0


def worth_retrying(error: ProviderError, attempt: int = 1) -> bool:
    """Whether the same request may succeed in a moment: no connection, 408, 429, 502, 503.

    Once also where an answer broke off before its first word, and after a 500 without a reason: a worker behind a
    gateway died. Not a name that is unknown, a certificate refused or a proxy's refusal: those stay as they are; nor
    a proxy's time-out (504), since the next try would only wait as long.
    """
    if isinstance(error, (NameNotResolved, TlsFailed, ProxyFailed)):
        return False
    if type(error) is Interrupted or (type(error) is ServerFailed and error.status == 500 and error.is_bare):
        return attempt == 1
    return isinstance(error, (ConnectFailed, RequestTimedOut, RateLimited, ServerOverloaded))


def wait_before(attempt: int, error: ProviderError, jitter: float) -> float | None:
    """Seconds to wait before attempt number `attempt` (1 is the first retry); None where to give up instead.

    `jitter` is a random number from 0 to 1. What the server asks for is honoured and never undercut; beyond
    LONGEST_WAIT_S it is for the user to come back.
    """
    backoff = min(_LONGEST_BACKOFF_S, _FIRST_WAIT_S * 2 ** (attempt - 1)) * (1 + jitter)
    asked = error.retry_after_s
    if asked is None:
        return backoff
    if asked > LONGEST_WAIT_S:
        return None
    return max(asked * (1 + 0.1 * jitter), backoff)
