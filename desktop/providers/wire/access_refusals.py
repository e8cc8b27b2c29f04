"""Refusals with 401, 403, 404, 405 or 410: of the key, of the person, of the model, or of the path; pure."""

from __future__ import annotations

import re

from desktop.errors import (
    AddressNotFound,
    AuthenticationFailed,
    DeploymentNotFound,
    PermissionDenied,
    ProviderError,
    RequestRejected,
    RouteRetired,
    ServerFailed,
)
from desktop.late_pattern import late_pattern
from desktop.phrases import NOTHING, phrase
from desktop.providers.wire.account_advice import NO_ROLE
from desktop.providers.wire.error_bodies import ErrorBody
from desktop.providers.wire.refusal_words import is_dead_key, names_bad_key
from desktop.providers.wire.request_target import RequestTarget

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
