"""From a refused request (status, headers, body) or an error object in a stream to the exact error; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from desktop.errors import (
    AddressNotFound,
    AuthenticationFailed,
    Conflict,
    ContentFiltered,
    ContextTooLong,
    DeploymentNotFound,
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
    RouteRetired,
    ServerFailed,
    ServerOverloaded,
    StreamFailed,
    SystemPromptRejected,
    WireRejected,
)
from desktop.providers.wire.account_advice import NO_ROLE
from desktop.providers.wire.content_filters import flagged, in_words
from desktop.providers.wire.error_bodies import ErrorBody, plain, read_complaint, read_object
from desktop.providers.wire.refusal_advice import advised
from desktop.providers.wire.refusal_words import (
    BAD_KEY_CODES,
    QUOTA_CODES,
    has_no_quota,
    is_dead_key,
    is_spent,
    is_too_long,
    names_bad_key,
    too_long_sentence,
)
from desktop.providers.wire.request_target import RequestTarget
from desktop.providers.wire.retry_after import duration, retry_after
from desktop.providers.wire.unsupported_parameters import (
    CHAT_PARAMETERS,
    name_as_set,
    rejected_parameter,
    rejects_files,
    rejects_pictures,
    rejects_system_prompt,
    replacement,
    wire_name,
)
from desktop.redaction.redactor import hide_head
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import NOTHING, Phrase, phrase

ACCESS_STATUSES = frozenset({401, 403, 404, 405, 410})

_NO_DEPLOYMENT = frozenset(
    {
        *("deploymentnotfound", "model_not_found", "modelnotfound", "unknown_model", "notfounderror", "invalid_model"),
        "modelerror",
    }
)
_NO_MODEL = late_pattern(
    r"\b(?:model|deployment)\b.{0,120}(?:not found|not exist|unknown)|unknown model|could not find base model"
    r"|\bmodels/\S{1,120} (?:is|was) not found|\bnot a valid model\b|\Amodel: \S{1,200}\Z"
    r"|\bfunction '[^']{1,80}': not found for account|\bnot found the model\b|\bunable to access model\b"
    r"|\bcould not find a deployment for the model\b|\bunavailable model\b"
    r"|invalid model name|no healthy deployments|no deployments available for selected model|server is pinned to"
    r"|\bgiven endpoint does not exist\b|\bmodel identifier is invalid\b|无可用渠道"
    r"|\bno available channels? for model\b"
    r"|模型.{0,40}不存在|\binvalid model id\b",
    re.IGNORECASE | re.DOTALL,
)
_UPSTREAM = late_pattern(
    r"\blitellm\.[a-z]{1,40}error\b|\b[a-z_]{2,30}exception - |(?:OpenAI|Anthropic|Azure|Vertex|Bedrock)Exception",
    re.IGNORECASE,
)
"""How gateways name what the provider behind them refused."""

_NO_PATH = late_pattern(
    r"not[ _-]found|notfound\b|no (?:such )?(?:resource|handler)|cannot (?:get|post)"
    r"|\b(?:path|url|uri|endpoint|route|page)\b|method not allowed|404",
    re.IGNORECASE,
)
_NO_ROUTE = late_pattern(r"\Amissing authentication token\.?\Z", re.IGNORECASE)
"""What AWS's gateway says with 403 at a path that it does not know."""

_SENTENCE = 4
"""Words from which on a refusal says what is wrong by itself."""

_NEW_KEY = phrase("Create a new key at the service and enter it. The old one will not work again.")
_SIGN_IN_AGAIN = phrase("Sign out, then sign in with an account of the tenant that the resource belongs to.")
_ADDRESS_OF_TODAY = phrase("Look up the service's current address and enter it in the connection's settings.")


def names_no_model(complaint: ErrorBody) -> bool:
    """Whether the model, or the deployment, is said not to be there."""
    return not _NO_DEPLOYMENT.isdisjoint(complaint.codes) or bool(_NO_MODEL.search(complaint.message))


def no_model(asked: RequestTarget, said: str) -> DeploymentNotFound:
    """The model is not known, with the hint where models' names stand."""
    model = asked.shown(asked.model)
    if asked.by_deployment:
        return DeploymentNotFound(
            phrase("{host} has no deployment or model “{shown}”{said}", host=asked.host, shown=model, said=said)
        )
    return DeploymentNotFound(
        phrase("{host} has no model “{shown}”{said}", host=asked.host, shown=model, said=said),
        hint=phrase("Choose a model that the server lists, in the model picker or with `models`."),
    )


def key_refused(status: int, complaint: ErrorBody, asked: RequestTarget, said: str) -> ProviderError:
    """The key is none, or none any more; or none was sent, or it is that of the gateway that was refused."""
    told = {"host": asked.host, "status": status, "said": said}
    if asked.by_token:
        sentence = phrase("{host} rejected the sign-in ({status}){said}", **told)
        return AuthenticationFailed(sentence, hint=_SIGN_IN_AGAIN)
    if asked.without_key:
        return AuthenticationFailed(
            phrase("{host} requires a key, and this connection has none ({status}){said}", **told),
            hint=phrase("Enter a key in the connection's settings."),
        )
    if _UPSTREAM.search(complaint.message):
        return ServerFailed(
            phrase("The provider behind {host} rejected the key of {host} ({status}){said}", **told),
            hint=phrase("Ask the server's administrator to renew that key. Yours is not the cause."),
        )
    return AuthenticationFailed(
        phrase("{host} rejected the key ({status}){said}", **told),
        hint=_NEW_KEY if is_dead_key(complaint) else NOTHING,
    )


def _not_found_behind(asked: RequestTarget, said: str) -> DeploymentNotFound:
    """The address is right, and so is the model's name: the gateway asks for it at a place that has neither."""
    model = asked.shown(asked.model)
    return DeploymentNotFound(
        phrase(
            "The provider behind {host} did not find “{shown}” (404){said}", host=asked.host, shown=model, said=said
        ),
        hint=phrase("Choose another model, or ask the server's administrator to check this model's entry."),
    )


def about_access(status: int, complaint: ErrorBody, asked: RequestTarget, said: str) -> ProviderError:
    """What a refusal with one of these statuses says, whose words alone were not known."""
    is_no_route = status == 403 and not asked.without_key and bool(_NO_ROUTE.search(complaint.message))
    if status == 403 and not asked.by_token and not is_no_route and names_bad_key(complaint):
        return key_refused(status, complaint, asked, said)
    if status == 404 and _UPSTREAM.search(complaint.message):
        return _not_found_behind(asked, said)
    if status in {401, 403, 404, 410} and names_no_model(complaint):
        return no_model(asked, said)
    # With a token Azure says 401 too where only a role is missing
    if (status == 403 and not is_no_route) or (
        status == 401 and asked.by_token and "permissiondenied" in complaint.codes
    ):
        sentence = phrase("{host} does not allow this ({status}){said}", host=asked.host, status=status, said=said)
        return PermissionDenied(sentence, hint=NO_ROLE if asked.by_token else NOTHING)
    if status == 401:
        return key_refused(status, complaint, asked, said)
    if status == 410 or (status == 404 and asked.retirable):
        is_azure = asked.retirable or asked.by_deployment or asked.has_v1_address
        return RouteRetired(
            phrase(
                "This endpoint of {host} has been retired ({status}){said}", host=asked.host, status=status, said=said
            ),
            hint=NOTHING if is_azure else _ADDRESS_OF_TODAY,
        )
    shown = complaint.shown
    if not is_no_route and len(shown.split()) >= _SENTENCE and not _NO_PATH.search(shown):
        return RequestRejected(
            phrase("{host} rejected the request ({status}){said}", host=asked.host, status=status, said=said)
        )
    return AddressNotFound(
        phrase("Nothing responds at this path of {host} ({status}){said}", host=asked.host, status=status, said=said)
    )


_NAME = r"[`'\"]?\b([a-z][a-z_]{0,40})\b[`'\"]?"
_NUMBER = r"[`'\"]?(\d{1,9}(?:\.\d{1,4})?)\b"
_BOTH = late_pattern(rf"{_NAME} and {_NAME} (?:cannot|can not|can['’]t|must not|may not) both\b", re.IGNORECASE)
_AT_MOST = tuple(
    late_pattern(form, re.IGNORECASE)
    for form in (
        rf"range of {_NAME} (?:is|should be) \[{_NUMBER}, ?{_NUMBER}\]",
        rf"{_NAME}: {_NUMBER} > {_NUMBER}",
        rf"{_NAME} is too (?:large|high): {_NUMBER}.{{0,80}}? at most {_NUMBER}",
        rf"{_NAME}:? (?:must|should) be (?:less than or equal to|at most|<=) {_NUMBER}",
    )
)
"""How servers say how much they take: a name first, the most last."""

_FIRST = late_pattern(
    rf"\A(?:invalid request: )?(?:invalid (?:value for )?|the )?(?:parameter[. ]|body\.)?{_NAME}:? ", re.IGNORECASE
)
_OF_VALUES = late_pattern(
    r"\b(?:value|range|invalid|must|may only|should|cannot|between"
    r"|too (?:large|high|small|low|big)|(?:less|greater) than)\b",
    re.IGNORECASE,
)
_PENALTY = late_pattern(r"\bpenalty is not enabled\b", re.IGNORECASE)
"""How Gemini refuses either of two."""

_ANSWER_TOO_LONG = late_pattern(r"\bmax_(?:completion_|output_)?tokens\b[`'\"]? is too (?:large|high)", re.IGNORECASE)


def value_hint(complaint: ErrorBody) -> Phrase:
    """What to do about a value that is refused; nothing where the complaint is of something else."""
    message = complaint.message
    both = _BOTH.search(message)
    if both is not None and CHAT_PARAMETERS.issuperset(names := [wire_name(each) for each in both.groups()]):
        first, second = map(name_as_set, names)
        return phrase("Remove “{first}” or “{second}” for this model.", first=first, second=second)
    if _PENALTY.search(message):
        return phrase(
            "Remove “{first}” or “{second}” for this model.", first="frequency_penalty", second="presence_penalty"
        )
    for form in _AT_MOST:
        found = form.search(message)
        if found is not None and (name := wire_name(found[1])) in CHAT_PARAMETERS:
            most = found.groups()[-1]
            return phrase("Set “{parameter}” to at most {most} for this model.", parameter=name_as_set(name), most=most)
    first_word = _FIRST.search(message)
    name = wire_name(complaint.param or (first_word[1] if first_word else ""))
    if name in CHAT_PARAMETERS and (complaint.param or _OF_VALUES.search(message)):
        return phrase("Set “{parameter}” to another value for this model, or remove it.", parameter=name_as_set(name))
    return NOTHING


def answer_too_long_hint(message: str) -> Phrase:
    """What to do where the longest answer that was asked for leaves the conversation no room; else nothing."""
    if _ANSWER_TOO_LONG.search(message) is None:
        return NOTHING
    return phrase("Lower “{parameter}” for this model, or start a new conversation.", parameter="max_tokens")


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
