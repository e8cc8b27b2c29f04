"""From a refused request (status, headers, body) or an error object in a stream to the exact error; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from desktop.errors import (
    AddressNotFound,
    Conflict,
    ContentFiltered,
    ContextTooLong,
    FilesRejected,
    GatewayTimedOut,
    NotAStream,
    ParameterRejected,
    PermissionDenied,
    PicturesRejected,
    ProviderError,
    ProxyFailed,
    QuotaExhausted,
    RateLimited,
    Redirected,
    RequestRejected,
    RequestTimedOut,
    RequestTooLarge,
    ServerFailed,
    ServerOverloaded,
    StreamFailed,
    SystemPromptRejected,
    WireRejected,
)
from desktop.late_pattern import late_pattern
from desktop.mask import hide_head
from desktop.phrases import phrase
from desktop.providers.wire.access_refusals import (
    ACCESS_STATUSES,
    about_access,
    key_refused,
    names_no_model,
    no_model,
)
from desktop.providers.wire.content_filters import flagged, in_words
from desktop.providers.wire.error_bodies import ErrorBody, plain, read_complaint, read_object
from desktop.providers.wire.parameter_values import answer_too_long_hint, value_hint
from desktop.providers.wire.refusal_advice import advised
from desktop.providers.wire.refusal_words import (
    BAD_KEY_CODES,
    QUOTA_CODES,
    has_no_quota,
    is_spent,
    is_too_long,
    names_bad_key,
    too_long_sentence,
)
from desktop.providers.wire.request_target import RequestTarget
from desktop.providers.wire.retry_after import duration, retry_after
from desktop.providers.wire.unsupported_parameters import (
    name_as_set,
    rejected_parameter,
    rejects_files,
    rejects_pictures,
    rejects_system_prompt,
    replacement,
)

REQUEST_ID_HEADERS = ("apim-request-id", "x-request-id", "x-ms-request-id")

HEADER = 800
"""Characters of a header that are looked at; none that is worth keeping has as many."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RESPONSES_ALONE = late_pattern(
    r"not accessible via the /chat/completions endpoint"
    r"|only (?:be )?(?:supported|available|used) (?:in|with|via|through) (?:the )?/?v1/responses"
    r"|chatCompletions? operation does not work with",
    re.IGNORECASE,
)
"""How OpenAI and Azure refuse a model of Responses that is asked over chat completions."""

_NO_CHAT = late_pattern(r"\b(?:text-)?embed|\b(?:whisper|tts|dall-e|sora|gpt-image|rerank)", re.IGNORECASE)
"""Names of models that answer over neither."""

_CHAT_UNKNOWN = "api_not_supported"
"""How Azure refuses Claude there, which answers over Messages."""

_CLOUDFLARE_TIMEOUT = 524
_NO_DATABASE = late_pattern(r"no connected db|no_db_connection", re.IGNORECASE)
_NO_QUOTA = phrase(
    "Choose another model, or set up billing or a quota at the service that issued the key. Waiting does not help."
)
_TOO_LARGE = late_pattern(r"request too large|must be reduced", re.IGNORECASE)
_TOO_MUCH = late_pattern(
    r"\b(?:request|payload|body)(?: \w{1,20})? (?:is )?too large|payload size exceeds", re.IGNORECASE
)
_COOLS_DOWN = late_pattern(r"try again in \d|\bin cool-?down\b", re.IGNORECASE)
"""How LiteLLM says that it leaves all servers of a model alone for a while, because they failed."""

_RATE_CODES = frozenset({"rate_limit_exceeded", "ratelimitreached", "too_many_requests", "rate_limit_error"})
_OVERLOAD_CODES = frozenset({"overloaded_error", "overloaded", "server_overloaded", "service_unavailable"})


def refused(
    status: int, headers: Mapping[str, str], body: bytes, asked: RequestTarget, now: datetime | None = None
) -> ProviderError:
    """The error that a response with a status other than 200 stands for.

    `headers` are in lower case; `now` is the time for a Retry-After with a date where the server sends no Date.
    """
    complaint = read_complaint(body, asked.secrets)
    if 300 <= status < 400:
        return _redirected(status, headers, asked)
    error = _by_status(status, complaint, asked)
    return _with_context(error, status, headers, complaint, asked, now or _EPOCH)


def failed_within(value: object, asked: RequestTarget) -> ProviderError:
    """The error that an error object in a stream, or in an answer with status 200, stands for."""
    complaint = read_object(value, asked.secrets)
    status = complaint.status
    if status is None or status < 400:
        status = _status_of(complaint)
    elif status >= 500 and is_too_long(status, complaint):
        status = 400
    if status is None or status == 500:
        said = complaint.shown or phrase("no reason was given")
        return StreamFailed(phrase("{host} failed while responding: {said}", host=asked.host, said=said))
    return _with_context(_by_status(status, complaint, asked), status, {}, complaint, asked, _EPOCH)


def request_id(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> str | None:
    """The server's own name for the call, where it tells; `headers` are in lower case."""
    found = next((headers[name] for name in REQUEST_ID_HEADERS if headers.get(name)), "")
    return plain(hide_head(found, secrets, HEADER), 120) or None


def _status_of(complaint: ErrorBody) -> int | None:
    codes = frozenset(complaint.codes)
    if codes & (_RATE_CODES | QUOTA_CODES):
        return 429
    if codes & _OVERLOAD_CODES:
        return 503
    if codes & BAD_KEY_CODES:
        return 401
    if "content_filter" in codes or is_too_long(500, complaint) or rejected_parameter(complaint):
        return 400
    return None


def _redirected(status: int, headers: Mapping[str, str], asked: RequestTarget) -> ProviderError:
    try:
        target = urlsplit(headers.get("location", "")).hostname or asked.host
    except ValueError:
        target = "an address that cannot be read"
    return Redirected(
        phrase(
            "{host} redirects the request to {shown}. The redirect was not followed.",
            host=asked.host,
            shown=asked.shown(target),
        ),
        status=status,
        request_id=request_id(headers, asked.secrets),
    )


def _with_context(
    error: ProviderError,
    status: int,
    headers: Mapping[str, str],
    complaint: ErrorBody,
    asked: RequestTarget,
    now: datetime,
) -> ProviderError:
    error.status = status
    error.is_bare = not complaint.message and not complaint.title
    error.request_id = request_id(headers, asked.secrets)
    # What is used up for long is asked for again “in 51 seconds” all the same
    words = "" if isinstance(error, QuotaExhausted) else complaint.message
    error.retry_after_s = None if has_no_quota(status, complaint) else retry_after(headers, words, now)
    if isinstance(error, RateLimited) and error.retry_after_s:
        error.hint = phrase(
            "The server asks to wait {wait}. {advice}",
            wait=duration(max(error.retry_after_s, 1)),
            advice=error.hint_default,
        )
    if isinstance(error, AddressNotFound) and asked.has_v1_address:
        error.hint = phrase("Use the v1 address: {address}", address=f"https://{asked.host}/openai/v1")
    return error


def _by_status(status: int, complaint: ErrorBody, asked: RequestTarget) -> ProviderError:
    said = _said(complaint, status)
    codes = frozenset(complaint.codes)
    found = _whatever_status(status, complaint, asked, said)
    if found is not None:
        return found
    if status in ACCESS_STATUSES:
        return about_access(status, complaint, asked, said)
    if status in {408, 409, 413, 429}:
        return _about_load(status, complaint, asked, said)
    if status == 407:
        return ProxyFailed(phrase("The proxy requires authentication (407){said}", said=said))
    if status >= 500 or status == 424:
        return _about_server(status, asked, said)
    if status == 402:
        return PermissionDenied(
            phrase("{host} requires payment (402){said}", host=asked.host, said=said),
            hint=phrase("Add credit to the account."),
        )
    if status < 400:
        return NotAStream(phrase("{host} sent no response (status {status}).", host=asked.host, status=status))
    if "content_filter" in codes or "responsibleaipolicyviolation" in codes:
        words = in_words(flagged(complaint.filter_result))
        return ContentFiltered(phrase("The content filter rejected the prompt: {words}.", words=words))
    if codes & BAD_KEY_CODES or names_bad_key(complaint):
        return key_refused(status, complaint, asked, said)
    return _about_request(status, complaint, asked, said)


def _about_server(status: int, asked: RequestTarget, said: str) -> ProviderError:
    if status in {504, _CLOUDFLARE_TIMEOUT}:
        sentence = phrase(
            "A proxy in front of {host} timed out before the model responded ({status}){said}",
            host=asked.host,
            status=status,
            said=said,
        )
        return GatewayTimedOut(sentence)
    if status in {502, 503, 529}:
        return ServerOverloaded(
            phrase("{host} is unavailable ({status}){said}", host=asked.host, status=status, said=said)
        )
    return ServerFailed(phrase("{host} failed ({status}){said}", host=asked.host, status=status, said=said))


def _whatever_status(status: int, complaint: ErrorBody, asked: RequestTarget, said: str) -> ProviderError | None:
    """What is said with one status or another: nothing left on the account, an unknown model, a prompt too long.

    And whatever else a service's own words tell better than its status.
    """
    told = {"host": asked.host, "status": status, "said": said}
    if is_spent(status, complaint):
        return QuotaExhausted(phrase("The account that {host} charges has no credit left ({status}){said}", **told))
    if has_no_quota(status, complaint):
        return QuotaExhausted(
            phrase("The account has no quota for this at {host} ({status}){said}", **told), hint=_NO_QUOTA
        )
    if status in {429, 503} and names_no_model(complaint) and not _COOLS_DOWN.search(complaint.message):
        return no_model(asked, said)
    if is_too_long(status, complaint):
        hint = answer_too_long_hint(complaint.message)
        return ContextTooLong(too_long_sentence(complaint.shown, said), hint=hint)
    if status in {400, 404, 422, 500} and rejects_system_prompt(complaint):
        return SystemPromptRejected(phrase("The model does not accept system prompts{said}", said=said))
    if status in {400, 404, 415, 422, 500, 501} and rejects_pictures(complaint):
        return PicturesRejected(phrase("The model does not accept images{said}", said=said))
    if status in {400, 404, 415, 422, 500, 501} and rejects_files(complaint):
        return FilesRejected(phrase("The model does not accept files{said}", said=said))
    if status in {400, 404} and (instead := _wire_named(complaint)):
        error = WireRejected(phrase("The model does not support the Chat Completions API{said}", said=said))
        error.instead = instead
        return error
    return advised(status, complaint, asked, said)


def _wire_named(complaint: ErrorBody) -> str:
    """The wire over which the model answers instead, where the refusal of another one says so."""
    if _RESPONSES_ALONE.search(complaint.message) and not _NO_CHAT.search(complaint.message):
        return "responses"
    return "messages" if _CHAT_UNKNOWN in complaint.codes else ""


def _about_load(status: int, complaint: ErrorBody, asked: RequestTarget, said: str) -> ProviderError:
    if status == 408:
        return RequestTimedOut(
            phrase("{host} timed out while waiting for the request (408){said}", host=asked.host, said=said)
        )
    if status == 409:
        return Conflict(phrase("{host} is being updated (409){said}", host=asked.host, said=said))
    if status == 413:
        return _too_large(status, asked, said)
    if _TOO_LARGE.search(complaint.message):
        return RequestTooLarge(
            phrase("This request alone exceeds what {host} accepts per minute (429){said}", host=asked.host, said=said)
        )
    return RateLimited(phrase("{host} accepts no more requests for now (429){said}", host=asked.host, said=said))


def _too_large(status: int, asked: RequestTarget, said: str) -> RequestTooLarge:
    return RequestTooLarge(
        phrase("The request is larger than {host} accepts ({status}){said}", host=asked.host, status=status, said=said)
    )


def _about_request(status: int, complaint: ErrorBody, asked: RequestTarget, said: str) -> ProviderError:
    if status == 400 and _TOO_MUCH.search(complaint.message):
        return _too_large(status, asked, said)
    parameter = rejected_parameter(complaint)
    if parameter is not None:
        error = ParameterRejected(
            phrase("The model does not accept “{parameter}”{said}", parameter=name_as_set(parameter), said=said),
            parameter=parameter,
        )
        instead = replacement(complaint.message)
        if instead:
            error.hint = phrase("Use “{instead}” instead.", instead=instead)
        return error
    if names_no_model(complaint):
        return no_model(asked, said)
    if _NO_DATABASE.search(complaint.message):
        return ServerFailed(
            phrase(
                "{host} has no database and therefore knows no keys ({status}){said}",
                host=asked.host,
                status=status,
                said=said,
            ),
            hint=phrase(
                "Ask the server's administrator to connect a database, or use the key that the server was started with."
            ),
        )
    return RequestRejected(
        phrase("{host} rejected the request ({status}){said}", host=asked.host, status=status, said=said),
        hint=value_hint(complaint),
    )


def _said(complaint: ErrorBody, status: int) -> str:
    """The end of a sentence: what the server said, if anything."""
    if complaint.title:
        return f": a web page, “{complaint.title}”."
    message = complaint.shown.rstrip()
    if not message or message == str(status):
        return "."
    return f": {message}" if message[-1] in ".!?…。！？؟" else f": {message}."
