"""Retries of a request that failed before its first delta, and the wait before them. Pure functions."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

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
from desktop.text.phrases import Phrase, counted

LONGEST_WAIT_S = 300.0
_FIRST_WAIT_S = 0.5
_LONGEST_BACKOFF_S = 8.0


def worth_retrying(error: ProviderError, attempt: int = 1) -> bool:
    """Whether the same request may soon succeed: no connection, 408, 429, 502, 503.

    A response that was interrupted before its first word, or a 500 without a reason, is also retried once, because a
    worker behind a gateway may have crashed. Unknown hosts, rejected certificates and proxies' rejections do not
    change, and after a gateway timeout (504) a retry would only wait as long again.
    """
    if isinstance(error, (NameNotResolved, TlsFailed, ProxyFailed)):
        return False
    if type(error) is Interrupted or (type(error) is ServerFailed and error.status == 500 and error.is_bare):
        return attempt == 1
    return isinstance(error, (ConnectFailed, RequestTimedOut, RateLimited, ServerOverloaded))


def wait_before(attempt: int, error: ProviderError, jitter: float) -> float | None:
    """Return the seconds to wait before retry number `attempt`, counted from 1; None to give up.

    `jitter` is a random number from 0 to 1. The wait is never shorter than the server requests; if that is longer than
    LONGEST_WAIT_S, the user must retry.
    """
    backoff = min(_LONGEST_BACKOFF_S, _FIRST_WAIT_S * 2 ** (attempt - 1)) * (1 + jitter)
    server_wait = error.retry_after_s
    if server_wait is None:
        return backoff
    if server_wait > LONGEST_WAIT_S:
        return None
    return max(server_wait * (1 + 0.1 * jitter), backoff)


_IN_WORDS = re.compile(
    r"(?:retry|try again|wait)[^.\d]{0,24}?(?:(\d{1,9})\s*m(?:in(?:ute)?s?)?\s*)?"
    r"(?:(\d{1,9}(?:\.\d{1,6})?)\s*(ms|milliseconds?|s(?:ec(?:ond)?s?)?)\b)",
    re.IGNORECASE,
)
_IN_MINUTES = re.compile(r"(?:retry|try again|wait)[^.\d]{0,24}?(\d{1,9})\s*min(?:ute)?s?\b", re.IGNORECASE)

_PASSED_ON = "llm_provider-"
"""Prefix of headers that LiteLLM forwards from the provider behind it."""


def duration(seconds: float) -> Phrase:
    """Return seconds as text; in minutes from two minutes, in hours from two hours."""
    if seconds < 120:
        return counted("1 second", "{n} seconds", round(seconds))
    if seconds < 7200:
        return counted("1 minute", "{n} minutes", round(seconds / 60))
    return counted("1 hour", "{n} hours", round(seconds / 3600))


def retry_after(headers: Mapping[str, str], message: str, now: datetime) -> float | None:
    """Return the seconds that the server asks to wait, never negative; None if it does not ask.

    `headers` are in lower case. A date is relative to the server's clock (its Date header), otherwise to `now`.
    """
    found = (_in_headers(headers, prefix, now) for prefix in ("", _PASSED_ON))
    return next((seconds for seconds in found if seconds is not None), _in_words(message))


def _in_headers(headers: Mapping[str, str], prefix: str, now: datetime) -> float | None:
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        found = _number(headers.get(prefix + name, ""))
        if found is not None:
            return found / 1000
    given = headers.get(f"{prefix}retry-after", "").strip()
    seconds = _number(given)
    if seconds is None and given:
        seconds = _until(given, headers.get(f"{prefix}date", ""), now)
    return seconds


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def _until(date: str, server_now: str, now: datetime) -> float | None:
    at = _moment(date)
    if at is None:
        return None
    return max(0.0, (at - (_moment(server_now) or now)).total_seconds())


def _moment(date: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(date)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _in_words(message: str) -> float | None:
    match = _IN_WORDS.search(message)
    if match is not None:
        minutes, amount, unit = match.groups()
        seconds = float(amount) / (1000 if unit.lower().startswith("m") else 1)
        return seconds + 60 * float(minutes or 0)
    match = _IN_MINUTES.search(message)
    return 60 * float(match.group(1)) if match is not None else None
