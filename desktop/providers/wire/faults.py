"""Classifies the error of a rejected request, or of an error object in a stream, by a table of rules.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from desktop.errors import AddressNotFound, ProviderError, QuotaExhausted, RateLimited, Redirected, StreamFailed
from desktop.providers.wire.error_bodies import plain, read_complaint, read_object
from desktop.providers.wire.refusal_table import RULES, first_error
from desktop.providers.wire.refusal_words import (
    BAD_KEY_CODES,
    QUOTA_CODES,
    RefusedRequest,
    RequestTarget,
    has_no_quota,
    is_too_long,
)
from desktop.providers.wire.retry import duration, retry_after
from desktop.providers.wire.unsupported_parameters import rejected_parameter
from desktop.redaction.redactor import hide_head
from desktop.text.phrases import phrase

REQUEST_ID_HEADERS = ("apim-request-id", "x-request-id", "x-ms-request-id")

HEADER = 800
"""Maximum characters of a header that are read; none worth storing is longer."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RATE_CODES = frozenset({"rate_limit_exceeded", "ratelimitreached", "too_many_requests", "rate_limit_error"})
_OVERLOAD_CODES = frozenset({"overloaded_error", "overloaded", "server_overloaded", "service_unavailable"})


def refused(
    status: int, headers: Mapping[str, str], body: bytes, target: RequestTarget, now: datetime | None = None
) -> ProviderError:
    """Return the error for a response with a status other than 200.

    `headers` are in lower case; `now` is the reference for a date in Retry-After if the server sends no Date.
    """
    if 300 <= status < 400:
        return _redirected(status, headers, target)
    return _named(RefusedRequest(status, read_complaint(body, target.secrets), target), headers, now or _EPOCH)


def failed_within(value: object, target: RequestTarget) -> ProviderError:
    """Return the error for an error object in a stream, or in a response with status 200."""
    complaint = read_object(value, target.secrets)
    status = complaint.status
    if status is None or status < 400:
        status = _implied_status(RefusedRequest(500, complaint, target))
    elif status >= 500 and is_too_long(RefusedRequest(status, complaint, target)):
        status = 400
    if status is None or status == 500:
        said = complaint.shown or phrase("no reason was given")
        return StreamFailed(phrase("{host} failed while responding: {said}", host=target.host, said=said))
    return _named(RefusedRequest(status, complaint, target), {}, _EPOCH)


def request_id(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> str | None:
    """Return the server's request id, if it sends one; `headers` are in lower case."""
    value = next((headers[name] for name in REQUEST_ID_HEADERS if headers.get(name)), "")
    return plain(hide_head(value, secrets, HEADER), 120) or None


def _implied_status(refusal: RefusedRequest) -> int | None:
    """Return the status that an error in a stream would have had as a response."""
    codes = frozenset(refusal.complaint.codes)
    if codes & (_RATE_CODES | QUOTA_CODES):
        return 429
    if codes & _OVERLOAD_CODES:
        return 503
    if codes & BAD_KEY_CODES:
        return 401
    if "content_filter" in codes or is_too_long(refusal) or rejected_parameter(refusal.complaint):
        return 400
    return None


def _redirected(status: int, headers: Mapping[str, str], target: RequestTarget) -> ProviderError:
    try:
        location = urlsplit(headers.get("location", "")).hostname or target.host
    except ValueError:
        location = "an address that cannot be read"
    return Redirected(
        phrase(
            "{host} redirected the request to {shown}. Paragone did not follow the redirect.",
            host=target.host,
            shown=target.shown(location),
        ),
        status=status,
        request_id=request_id(headers, target.secrets),
    )


def _named(refusal: RefusedRequest, headers: Mapping[str, str], now: datetime) -> ProviderError:
    status, complaint, target = refusal
    error = first_error(RULES, refusal)
    error.status = status
    error.is_bare = not complaint.message and not complaint.title
    error.request_id = request_id(headers, target.secrets)
    # Servers say “retry in 51 seconds” even if the quota is exhausted for much longer
    words = "" if isinstance(error, QuotaExhausted) else complaint.message
    error.retry_after_s = None if has_no_quota(refusal) else retry_after(headers, words, now)
    if isinstance(error, RateLimited) and error.retry_after_s:
        error.hint = phrase(
            "The server asks you to wait {wait}. {advice}",
            wait=duration(max(error.retry_after_s, 1)),
            advice=error.hint_default,
        )
    if isinstance(error, AddressNotFound) and target.has_v1_address:
        error.hint = phrase("Use the v1 address: {address}", address=f"https://{target.host}/openai/v1")
    return error
