"""Table of rejections: maps a status, code or message to an error class and a hint. Pure functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

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
    RequestRejected,
    RequestTimedOut,
    RequestTooLarge,
    RouteRetired,
    ServerFailed,
    ServerOverloaded,
    SystemPromptRejected,
    ToolsRejected,
    WireRejected,
)
from desktop.providers.wire.error_bodies import ErrorBody
from desktop.providers.wire.refusal_words import (
    REFUSAL_STATUSES,
    Condition,
    RefusedRequest,
    explains_itself,
    has_no_quota,
    is_bad_key,
    is_cooling_down,
    is_dead_key,
    is_denied,
    is_no_route,
    is_retired,
    is_spent,
    is_too_long,
    is_upstream,
    message_says,
    names_bad_key,
    names_no_model,
    other_wire,
    says,
    too_long_sentence,
)
from desktop.providers.wire.unsupported_features import (
    RESPONSE_FORMAT,
    SEARCH_SOURCES,
    WEB_SEARCH,
    rejects_output_schema,
    rejects_search_sources,
    rejects_tools,
    rejects_web_search,
)
from desktop.providers.wire.unsupported_parameters import (
    answer_too_long_hint,
    name_as_set,
    rejected_parameter,
    rejects_files,
    rejects_pictures,
    rejects_system_prompt,
    replacement,
    value_hint,
)
from desktop.text.phrases import Phrase, phrase


class Rule(NamedTuple):
    """A row of the table: if status and condition match, the error has the class `kind`, this sentence and this hint.

    `statuses` is None for all statuses. Without a hint, the error has that of its class. `kind` may also be a function
    that creates the error.
    """

    when: Condition
    statuses: frozenset[int] | None
    kind: type[ProviderError] | Callable[[RefusedRequest], ProviderError]
    sentence: Phrase = phrase("")
    hint: Phrase | None = None

    def error(self, refusal: RefusedRequest) -> ProviderError | None:
        """Return the error, or None if the rule does not match."""
        if (self.statuses is not None and refusal.status not in self.statuses) or not self.when(refusal):
            return None
        if not isinstance(self.kind, type):
            return self.kind(refusal)
        error = self.kind(refusal.sentence(self.sentence))
        if self.hint is not None:
            error.hint = self.hint
        return error


def first_error(rules: tuple[Rule, ...], refusal: RefusedRequest) -> ProviderError:
    """Return the error of the first rule that matches; the last rule of a table always does."""
    return next(error for rule in rules if (error := rule.error(refusal)) is not None)


def with_key(condition: Condition) -> Condition:
    """Restrict a condition to users who did not sign in with Entra ID."""
    return lambda refusal: not refusal.target.by_token and condition(refusal)


def _of_body(condition: Callable[[ErrorBody], bool]) -> Condition:
    return lambda refusal: condition(refusal.complaint)


def _always(_refusal: RefusedRequest) -> bool:
    return True


def _is_by_token(refusal: RefusedRequest) -> bool:
    return refusal.target.by_token


def _is_without_key(refusal: RefusedRequest) -> bool:
    return refusal.target.without_key


def _is_by_deployment(refusal: RefusedRequest) -> bool:
    return refusal.target.by_deployment


def _has_no_model_for_good(refusal: RefusedRequest) -> bool:
    return names_no_model(refusal) and not is_cooling_down(refusal)


def _is_bad_key_on_a_route(refusal: RefusedRequest) -> bool:
    return not is_no_route(refusal) and names_bad_key(refusal.complaint)


def _is_role_missing(refusal: RefusedRequest) -> bool:
    return refusal.target.by_token and is_denied(refusal)


def _is_retired_elsewhere(refusal: RefusedRequest) -> bool:
    return is_retired(refusal) and not refusal.target.is_azure


def _has_rejected_parameter(refusal: RefusedRequest) -> bool:
    return rejected_parameter(refusal.complaint) is not None


def _has_other_wire(refusal: RefusedRequest) -> bool:
    return bool(other_wire(refusal))


def _is_filtered(refusal: RefusedRequest) -> bool:
    return not {"content_filter", "responsibleaipolicyviolation"}.isdisjoint(refusal.complaint.codes)


def _is_server_error(refusal: RefusedRequest) -> bool:
    return refusal.status >= 500 or refusal.status == 424


def _is_success(refusal: RefusedRequest) -> bool:
    return refusal.status < 400


def _context_too_long(refusal: RefusedRequest) -> ProviderError:
    complaint = refusal.complaint
    return ContextTooLong(
        too_long_sentence(complaint.shown, refusal.said), hint=answer_too_long_hint(complaint.message)
    )


def _wire_rejected(refusal: RefusedRequest) -> ProviderError:
    instead = other_wire(refusal)
    if instead == "chat":
        said = phrase("The model does not support the Responses API{said}")
    else:
        said = phrase("The model does not support the Chat Completions API{said}")
    error = WireRejected(refusal.sentence(said))
    error.instead = instead
    return error


def _parameter_rejected(refusal: RefusedRequest) -> ProviderError:
    parameter = rejected_parameter(refusal.complaint) or ""
    error = ParameterRejected(
        phrase("The model does not accept “{parameter}”{said}", parameter=name_as_set(parameter), said=refusal.said),
        parameter=parameter,
    )
    instead = replacement(refusal.complaint.message)
    if instead:
        error.hint = phrase("Use “{instead}” instead.", instead=instead)
    return error


def _feature_rejected(parameter: str, sentence: Phrase) -> Callable[[RefusedRequest], ProviderError]:
    return lambda refusal: ParameterRejected(refusal.sentence(sentence), parameter=parameter)


def _request_rejected(refusal: RefusedRequest) -> ProviderError:
    return RequestRejected(refusal.sentence(NOT_TAKEN), hint=value_hint(refusal.complaint))


def _key_refused(refusal: RefusedRequest) -> ProviderError:
    return first_error(_KEY_RULES, refusal)


def _model_unknown(refusal: RefusedRequest) -> ProviderError:
    return first_error(_MODEL_RULES, refusal)


def _of(*statuses: int) -> frozenset[int]:
    return frozenset(statuses)


REFUSED = _of(400, 403, 404, 410, 422)
ACCESS = _of(400, 401, 403, 404)
_ACCESS_ROUTE = _of(401, 403, 404, 405, 410)
_MEDIA = _of(400, 404, 415, 422, 500, 501)
_FEATURE = _of(400, 403, 404, 422, 500, 501)

NOT_ALLOWED = phrase("{host} does not allow this request ({status}){said}")
MODEL_NOT_ALLOWED = phrase("{host} does not allow this model ({status}){said}")
NOBODY = phrase("No provider at {host} can serve this model right now ({status}){said}")
NOT_TAKEN = phrase("{host} rejected the request ({status}){said}")
_KEY_REJECTED = phrase("{host} rejected the key ({status}){said}")
_RETIRED = phrase("This endpoint at {host} has been retired ({status}){said}")
_TOO_LARGE = phrase("The request is larger than {host} accepts ({status}){said}")
NO_ROLE = phrase(
    "Ask the resource's owner to assign the role Azure AI User (or Cognitive Services User) to your account."
)

# fmt: off
_KEY_RULES = (
    Rule(_is_by_token, None, AuthenticationFailed,
         phrase("{host} rejected the sign-in ({status}){said}"),
         phrase("Sign out, then sign in with an account in the resource's tenant.")),
    Rule(_is_without_key, None, AuthenticationFailed,
         phrase("{host} requires a key, and this connection has none ({status}){said}"),
         phrase("Enter a key in the connection's settings.")),
    Rule(is_upstream, None, ServerFailed,
         phrase("The provider behind {host} rejected the key that {host} uses ({status}){said}"),
         phrase("Ask the server's administrator to renew that key. Your own key is not the cause.")),
    Rule(_of_body(is_dead_key), None, AuthenticationFailed, _KEY_REJECTED,
         phrase("Create a new key with the provider, and enter it. The old key will not work again.")),
    Rule(_always, None, AuthenticationFailed, _KEY_REJECTED),
)
"""Rules for a key that is invalid, missing, or the gateway's own."""

_MODEL_RULES = (
    Rule(_is_by_deployment, None, DeploymentNotFound,
         phrase("{host} has no deployment or model “{shown}”{said}")),
    Rule(_always, None, DeploymentNotFound, phrase("{host} has no model “{shown}”{said}"),
         phrase("Choose a model that the server lists, in the model picker or with `models`.")),
)
"""Rules for a model that the server does not have."""

_WORDS_RULES = (
    Rule(is_spent, None, QuotaExhausted,
         phrase("The account that {host} charges has no credit left ({status}){said}")),
    Rule(has_no_quota, None, QuotaExhausted,
         phrase("The account has no quota for this request at {host} ({status}){said}"),
         phrase(
             "Choose another model, or set up billing or a quota with the service that issued the key. "
             "Waiting does not help."
         )),
    Rule(_has_no_model_for_good, _of(429, 503), _model_unknown),
    Rule(is_too_long, None, _context_too_long),
    Rule(_of_body(rejects_system_prompt), _of(400, 404, 422, 500), SystemPromptRejected,
         phrase("The model does not accept system prompts{said}")),
    Rule(_of_body(rejects_pictures), _MEDIA, PicturesRejected,
         phrase("The model does not accept images{said}")),
    Rule(_of_body(rejects_files), _MEDIA, FilesRejected, phrase("The model does not accept files{said}")),
    Rule(_has_other_wire, _of(400, 404), _wire_rejected),
    Rule(_of_body(rejects_search_sources), _FEATURE, _feature_rejected(
         SEARCH_SOURCES, phrase("{host} does not report the sources of web searches{said}"))),
    Rule(_of_body(rejects_web_search), _FEATURE, _feature_rejected(
         WEB_SEARCH, phrase("The model does not support web search{said}"))),
    Rule(_of_body(rejects_tools), _FEATURE, ToolsRejected, phrase("The model does not support tools{said}")),
    Rule(_of_body(rejects_output_schema), _FEATURE, _feature_rejected(
         RESPONSE_FORMAT, phrase("The model does not support structured output{said}"))),
    Rule(says(r"organi[sz]ation must be verified"), REFUSED, PermissionDenied, NOT_ALLOWED,
         phrase("Verify the organization with the service that issued the key, or choose another model.")),
    Rule(says(r"\benable billing\b"), REFUSED, PermissionDenied, NOT_ALLOWED,
         phrase("Enable billing with the service that issued the key, or enter another key.")),
    Rule(says(r"\bmodel\b.{0,100}(?:un|not )available in (?:your|this|the) (?:\w{1,20} )?region\b"), REFUSED,
         DeploymentNotFound, MODEL_NOT_ALLOWED,
         phrase("Choose another model: this one is not available in the account's region.")),
    Rule(says(r"(?:country|region|territory)\b.{0,40} not supported|(?:un|not )available in your (?:country|region)"
              r"|user location is not supported"), REFUSED, PermissionDenied, NOT_ALLOWED,
         phrase("The service is not available in this computer's region. Use another service.")),
    Rule(says(r"ip_not_authorized|\bip\b.{0,60}\bnot (?:authori[sz]ed|allowed|whitelisted|in the (?:allow|white))"
              r"|\bip address restriction\b|\bapi_key_ip_address_blocked\b"), ACCESS, PermissionDenied,
         NOT_ALLOWED,
         phrase(
             "Add this computer's IP address to the allowlist of the service that issued the key, or use "
             "an allowed network."
         )),
    Rule(with_key(says(r"\bauthenticationtypedisabled\b|\bkey[- ]based authentication is disabled")),
         _of(401, 403), AuthenticationFailed, phrase("{host} does not accept keys ({status}){said}"),
         phrase("Sign in with Entra ID instead: in the connection's settings or with `connections add --auth entra`.")),
    Rule(says(r"lacks the required data ?action"), _of(401, 403), PermissionDenied, NOT_ALLOWED, NO_ROLE),
    Rule(says(r"\b(?:key|this token['’]s) (?:limit|quota|budget)[^.]{0,20} ?(?:exceeded|exhausted|reached|used up)"
              r"|令牌.{0,6}[额額]度|\btokenstatusexhausted\b"), REFUSAL_STATUSES, QuotaExhausted,
         phrase("The key's own limit at {host} has been reached ({status}){said}"),
         phrase("Raise the key's limit in the settings of the service that issued it, or enter another key.")),
    Rule(says(r"reached your specified (?:api|workspace) usage limits?|you will regain access (?:on|at)\b"),
         _of(400, 403, 429), QuotaExhausted,
         phrase("The account's limit at {host} has been reached ({status}){said}"),
         phrase("Raise the limit with the provider, or wait until it resets.")),
    Rule(says(r"\baccount\b.{0,80}\b(?:is|been|was) suspended|\baccount_deactivated\b"
              r"|\b(?:account|organi[sz]ation|team|user|subscription)\b(?:(?!access|auth|key)[^.]){0,60}"
              r"\b(?:is|been|was)"
              r" (?:suspended|deactivated|disabled|banned|blocked|closed"
              r"|terminated|locked|restricted(?! from| to)|cancell?ed)\b"), REFUSAL_STATUSES, PermissionDenied,
         phrase("{host} has suspended the account ({status}){said}"),
         phrase("Check the account and its billing with the provider. Waiting does not help.")),
    Rule(says(r"has not been used in project \S{1,60} before|\bservice_disabled\b"), _of(403), PermissionDenied,
         NOT_ALLOWED, phrase("Enable this API for the key's project, and try again after a few minutes.")),
    Rule(with_key(says(r"\b(?:in)?sufficient permissions?\b|\bmissing[ _]scopes?\b|\bpermission is required to\b")),
         _of(401, 403), PermissionDenied, NOT_ALLOWED,
         phrase("Grant the key this permission in the settings of the service that issued it, or enter another key.")),
    Rule(says(r"\b(?:project|workspace)\b.{0,60}\b(?:is|been|was) (?:archived|denied access|deleted|disabled)\b"
              r"|\baccess to the project tied to\b|\bno such organi[sz]ation\b|\bshould match organi[sz]ation for\b"
              r"|\bmust be a member of an organi[sz]ation\b"), REFUSAL_STATUSES, PermissionDenied, NOT_ALLOWED,
         phrase("Create a key in another project or organization with the provider, and enter it.")),
    Rule(says(r"\bapi_key_\w{1,40}_blocked\b"
              r"|\brequests (?:to|from) (?:this )?(?:api|referer|\w{1,20} client application)\b"
              r".{0,250}\bare blocked\b"), ACCESS, PermissionDenied, NOT_ALLOWED,
         phrase(
             "Remove the key's restrictions in the settings of the service that issued it, or enter an "
             "unrestricted key."
         )),
    Rule(says(r"\bkey is blocked\b"), REFUSAL_STATUSES, PermissionDenied, NOT_ALLOWED,
         phrase("Ask the service that issued the key to unblock it, or enter another key.")),
    Rule(says(r"\bcredential is only authorized for\b"), REFUSAL_STATUSES, AuthenticationFailed,
         phrase("{host} does not accept this type of key for this request ({status}){said}"),
         phrase("This key belongs to another program. Create an API key with the provider, and enter it.")),
    Rule(says(r"\bapi keys are not supported by this api\b"), REFUSAL_STATUSES, AuthenticationFailed,
         phrase("{host} does not accept this type of key for this request ({status}){said}"),
         phrase("Enter an access token instead of the key, or the address of an API that accepts keys.")),
    Rule(says(r"\bidentity verification\b|\bverify your (?:identity|phone|account|e-?mail)\b|实名认证"),
         REFUSAL_STATUSES, PermissionDenied, NOT_ALLOWED,
         phrase("Verify the account with the service that issued the key, or choose another model.")),
    Rule(says(r"\A(?!.*\btry again in\b).*(?:\bper[- ](?:week|month)\b|/ ?month\b"
              r"|\b(?:weekly|monthly)\b[^.]{0,40}\b(?:limit|quota|allowance|credits)\b|\brequest allowance\b"
              r"|\b\d{1,3}[- ]hour (?:usage )?(?:quota|limit)\b|(?:每日|本周|本月).{0,8}上限"
              r"|\bout of call volume quota\b|\busage limit (?:has been )?reached\b)"), REFUSAL_STATUSES,
         QuotaExhausted, phrase("{host} will not accept more requests for some time ({status}){said}"),
         phrase("The quota resets after hours, a day, a week or a month. Choose another model or raise the quota.")),
    Rule(says(r"\A(?!.*\btry again in\b).*(?:per[- ]day|\bdaily\b)|\bgenerate\w{1,40}perday"), _of(429),
         QuotaExhausted, phrase("{host} will not accept more requests today (429){said}"),
         phrase("The quota resets tomorrow. Choose another model or raise the quota.")),
    Rule(says(r"not a chat model|not supported in the v1/chat/completions"
              r"|does(?: not|n['’]t) support (?:the )?(?:chat|generate)\b"
              r"|operation does not work with the specified model"), REFUSED, RequestRejected,
         phrase("This API at {host} does not support chat with the model ({status}){said}"),
         phrase("Choose another model: this one requires a different API.")),
    Rule(says(r"(?:data|guardrail|privacy) (?:policy|settings|restrictions)"), _of(403, 404), PermissionDenied,
         phrase("At {host}, no provider that the account allows serves this model ({status}){said}"),
         phrase("Allow more providers in the account's privacy settings, or choose another model.")),
    Rule(says(r"not supported by any provider|\bmodel_not_supported\b|no allowed providers"
              r"|all providers have been ignored"), REFUSED, DeploymentNotFound, NOBODY,
         phrase("Choose another model, or allow a provider that serves this one in the account's settings.")),
    Rule(says(r"no (?:endpoints|providers?) (?:were |are )?(?:found|available)"), REFUSED, RequestRejected,
         NOBODY, phrase("Choose another model, or remove parameters that few providers accept.")),
    Rule(says(r"requires moderation|(?:input|prompt) was flagged|content exists risk|\bdata_?inspection_?failed\b"
              r"|result of our safety system|\bcontent_policy_violation\b|敏感内容|内容安全"
              r"|content safety policy|may contain (?:inappropriate|sensitive)\b"), _of(400, 403, 422, 451),
         ContentFiltered, phrase("The content filter rejected the prompt{said}")),
    Rule(says(r"\bunsupported image\b|\bvalid image\b|\bimage formats?\b|\bimages? up to \d"
              r"|\bmore than \d{1,4} images?\b|\bimage exceeds \d|\binvalid image\b"
              r"|\bimage dimensions exceed|\bunsupported mime type: image|\bimage urls? (?:are|is) not supported"),
         _of(400, 413, 415, 422), RequestRejected, phrase("{host} did not accept the image ({status}){said}"),
         phrase("Send another image, as PNG or JPEG, or fewer images.")),
    Rule(says(r"requires terms acceptance|\bmodel_terms_required\b"), ACCESS, DeploymentNotFound,
         MODEL_NOT_ALLOWED,
         phrase(
             "Accept the model's terms in your account with the service that issued the key, or choose "
             "another model."
         )),
    Rule(says(r"\brequires an? (?:\w{1,20} )?subscription\b"), _of(402, 403), DeploymentNotFound,
         MODEL_NOT_ALLOWED, phrase("Subscribe to the service, or choose another model.")),
    Rule(says(r"\bnon-serverless model\b"), ACCESS, DeploymentNotFound, NOBODY,
         phrase("Choose another model, or deploy this one to your own endpoint.")),
    Rule(says(r"\bnot allowed to (?:access|use) (?:the |this )?model\b|_model_access_denied\b"
              r"|(?:not|n['’]t|no) (?:have )?access to (?:the |this )?(?:requested )?model\b"
              r"|\baccess to (?:the |this )?model\b.{0,200}\b(?:restricted|denied|gated|blocked)\b"
              r"|\bmodel use case details\b|\bacls? that do(?:es)? not allow\b"
              r"|\bblocked at the (?:project|organi[sz]ation) level"
              r"|\bnot allowed for (?:this|the) model\b|\bdoes not include (?:access to )?(?:this|the) model\b"
              r"|\bmodel (?:is )?disabled\b|无权(?:访问|使用).{0,10}模型"), ACCESS, DeploymentNotFound,
         MODEL_NOT_ALLOWED,
         phrase("Choose a model that you are allowed to use, or ask for access to this one.")),
    Rule(says(r"requires a newer version"), _of(400, 412, 500), RequestRejected, NOT_TAKEN,
         phrase("Update the server, or choose another model.")),
    Rule(says(r"\bno models? (?:is |are )?(?:currently )?loaded"
              r"|\Amodel (?:is |was |has )?(?:unloaded|not (?:been )?loaded)"), _of(400, 404, 500, 503),
         DeploymentNotFound, phrase("No model is loaded on {host} ({status}){said}"),
         phrase("Load a model on the server, then try again.")),
    Rule(says(r"requires more system memory|more memory than (?:is )?available"
              r"|insufficient (?:system )?(?:resources|memory)|\bout of memory\b|\bmemory allocation failed\b"),
         _of(400, 404, 500, 503), ServerFailed,
         phrase("{host} does not have enough memory for the model ({status}){said}"),
         phrase("Choose a smaller model, or give the server more memory.")),
    Rule(says(r"(?:failed|unable) to load (?:the )?model\b|\bmodel failed to load\b|error loading model\b"
              r"|\bmodel has crashed\b"), _of(400, 404, 500, 503), ServerFailed,
         phrase("{host} could not load the model ({status}){said}"),
         phrase("Check the server's log, or choose another model.")),
    Rule(says(r"\bmodel\b.{0,120}(?:decommissioned|been (?:deprecated|discontinued|retired|sunset|shut down)"
              r"|no longer (?:available|supported|served)|marked by provider as legacy|\bend of its life"
              r"|was removed (?:on|from)\b)"
              r"|\b(?:model|deployment)deprecated\b"), REFUSED, DeploymentNotFound,
         phrase("{host} no longer has this model ({status}){said}"),
         phrase("Choose a model that the server lists, in the model picker or with `models`.")),
    Rule(says(r"\bon-demand throughput isn['’]t supported|\binference profile that contains\b"), _of(400, 404),
         DeploymentNotFound, phrase("{host} does not serve the model under this name ({status}){said}"),
         phrase("Enter the name of an inference profile that contains the model. It begins with a region, such as "
                "“us.”.")),
    Rule(says(r"\benabled only for api[ -]versions?\b"), _of(400, 404), RequestRejected, NOT_TAKEN,
         phrase("Enter a later api-version in the address, or use the v1 address, which does not need one.")),
    Rule(says(r"\bchat template\b|\bjinja template\b|\bchat_template is not set\b"), _of(400, 422, 500),
         ServerFailed, phrase("{host} cannot format a chat for the model ({status}){said}"),
         phrase("Ask the server's administrator to give the model a suitable chat template, or choose another model.")),
)
"""Rules for errors that the message identifies better than the status, which services choose freely."""

_STATUS_RULES = (
    Rule(with_key(_is_bad_key_on_a_route), _of(403), _key_refused),
    Rule(is_upstream, _of(404), DeploymentNotFound,
         phrase("The provider behind {host} did not find “{shown}” (404){said}"),
         phrase("Choose another model, or ask the server's administrator to check this model's configuration.")),
    Rule(names_no_model, _of(401, 403, 404, 410), _model_unknown),
    Rule(_is_role_missing, _of(401, 403), PermissionDenied, NOT_ALLOWED, NO_ROLE),
    Rule(is_denied, _of(401, 403), PermissionDenied, NOT_ALLOWED),
    Rule(_always, _of(401), _key_refused),
    Rule(_is_retired_elsewhere, _of(404, 410), RouteRetired, _RETIRED,
         phrase("Look up the service's current address and enter it in the connection's settings.")),
    Rule(is_retired, _of(404, 410), RouteRetired, _RETIRED),
    Rule(explains_itself, _ACCESS_ROUTE, RequestRejected, NOT_TAKEN),
    Rule(_always, _ACCESS_ROUTE, AddressNotFound,
         phrase("Nothing responds at this path on {host} ({status}){said}")),
    Rule(_always, _of(408), RequestTimedOut,
         phrase("{host} timed out while waiting for the request (408){said}")),
    Rule(_always, _of(409), Conflict, phrase("{host} is being updated (409){said}")),
    Rule(_always, _of(413), RequestTooLarge, _TOO_LARGE),
    Rule(message_says(r"request too large|must be reduced"), _of(429), RequestTooLarge,
         phrase("This request alone exceeds what {host} accepts per minute (429){said}")),
    Rule(_always, _of(429), RateLimited, phrase("{host} is not accepting more requests right now (429){said}")),
    Rule(_always, _of(407), ProxyFailed, phrase("The proxy requires authentication (407){said}")),
    Rule(_always, _of(504, 524), GatewayTimedOut,
         phrase("A proxy in front of {host} timed out before the model responded ({status}){said}")),
    Rule(_always, _of(502, 503, 529), ServerOverloaded, phrase("{host} is unavailable ({status}){said}")),
    Rule(_is_server_error, None, ServerFailed, phrase("{host} failed ({status}){said}")),
    Rule(_always, _of(402), PermissionDenied, phrase("{host} requires payment (402){said}"),
         phrase("Add credit to the account.")),
    Rule(_is_success, None, NotAStream, phrase("{host} sent no response (status {status}).")),
    Rule(_is_filtered, None, ContentFiltered, phrase("The content filter rejected the prompt: {words}.")),
    Rule(is_bad_key, None, _key_refused),
    Rule(message_says(r"\b(?:request|payload|body)(?: \w{1,20})? (?:is )?too large|payload size exceeds"),
         _of(400), RequestTooLarge, _TOO_LARGE),
    Rule(_has_rejected_parameter, None, _parameter_rejected),
    Rule(names_no_model, None, _model_unknown),
    Rule(message_says(r"no connected db|no_db_connection"), None, ServerFailed,
         phrase("{host} has no database to check keys against ({status}){said}"),
         phrase("Ask the server's administrator to connect a database, or use the key that the server was started "
                "with.")),
    Rule(_always, None, _request_rejected),
)
"""Rules by status, for messages that are not known."""
# fmt: on

RULES = (*_WORDS_RULES, *_STATUS_RULES)
"""All rules. The first one that matches decides; the last one always matches."""
