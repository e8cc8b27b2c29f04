"""Refusals whose own words say what is wrong, whatever their status, with what helps then; pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from desktop.errors import (
    AuthenticationFailed,
    ContentFiltered,
    DeploymentNotFound,
    PermissionDenied,
    ProviderError,
    QuotaExhausted,
    RequestRejected,
    ServerFailed,
)
from desktop.phrases import Phrase, phrase
from desktop.providers.wire.error_bodies import ErrorBody
from desktop.providers.wire.request_target import RequestTarget


class _Advice(NamedTuple):
    """What a service says (in its message or one of its codes), with which statuses, and what is said then.

    `of_key` is what says something else to those who signed in with Entra ID.
    """

    words: re.Pattern[str]
    statuses: frozenset[int]
    kind: type[ProviderError]
    sentence: Phrase
    hint: Phrase | None = None
    of_key: bool = False


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_REFUSED = frozenset({400, 403, 404, 410, 422})
_ACCESS = frozenset({400, 401, 403, 404})
_NOT_ALLOWED = phrase("{host} does not allow this ({status}){said}")
_MODEL_NOT_ALLOWED = phrase("{host} does not allow this model ({status}){said}")
_NOBODY = phrase("{host} has nobody who answers this with the model ({status}){said}")
NO_ROLE = phrase("Ask the resource's owner to give your account the role Azure AI User (or Cognitive Services User).")
_ADVICE = (
    _Advice(
        _words(
            r"not a chat model|not supported in the v1/chat/completions"
            r"|does(?: not|n['’]t) support (?:the )?(?:chat|generate)\b"
            r"|operation does not work with the specified model"
        ),
        _REFUSED,
        RequestRejected,
        phrase("The model does not answer chats on this interface of {host} ({status}){said}"),
        phrase("Choose another model: this one is asked in another way."),
    ),
    _Advice(
        _words(r"(?:data|guardrail|privacy) (?:policy|settings|restrictions)"),
        frozenset({403, 404}),
        PermissionDenied,
        phrase("{host} has nobody for this model whom the account allows ({status}){said}"),
        phrase("Allow more providers in the account's privacy settings there, or choose another model."),
    ),
    _Advice(
        _words(r"not supported by any provider|\bmodel_not_supported\b|no allowed providers"),
        _REFUSED,
        DeploymentNotFound,
        _NOBODY,
        phrase("Choose another model, or allow a provider that has it in the account's settings there."),
    ),
    _Advice(
        _words(r"no (?:endpoints|providers?) (?:were |are )?(?:found|available)"),
        _REFUSED,
        RequestRejected,
        _NOBODY,
        phrase("Choose another model, or unset parameters that few of them take."),
    ),
    _Advice(
        _words(r"organi[sz]ation must be verified"),
        _REFUSED,
        PermissionDenied,
        _NOT_ALLOWED,
        phrase("Verify the organization where the key came from, or choose another model."),
    ),
    _Advice(
        _words(r"requires moderation|(?:input|prompt) was flagged"),
        frozenset({400, 403}),
        ContentFiltered,
        phrase("The prompt was refused by the content filter{said}"),
    ),
    _Advice(
        _words(r"\benable billing\b"),
        _REFUSED,
        PermissionDenied,
        _NOT_ALLOWED,
        phrase("Enable billing where the key came from, or enter another key."),
    ),
    _Advice(
        _words(
            r"\bunsupported image\b|\bvalid image\b|\bimage formats?\b|\bimages? up to \d"
            r"|\bmore than \d{1,4} images?\b|\bimage urls? (?:are|is) not supported"
        ),
        frozenset({400, 413, 415, 422}),
        RequestRejected,
        phrase("{host} does not take what is sent as a picture ({status}){said}"),
        phrase("Send another picture, as PNG or JPEG, or fewer of them."),
    ),
    _Advice(
        _words(
            r"(?:country|region|territory)\b.{0,40} not supported|not available in your (?:country|region)"
            r"|user location is not supported"
        ),
        _REFUSED,
        PermissionDenied,
        _NOT_ALLOWED,
        phrase("The service is not offered where this machine is; use another one."),
    ),
    _Advice(
        _words(r"ip_not_authorized|\bip\b.{0,60}\bnot (?:authori[sz]ed|allowed|whitelisted)"),
        frozenset({401, 403}),
        PermissionDenied,
        _NOT_ALLOWED,
        phrase("Allow this machine's address where the key came from, or connect by a network that is allowed."),
    ),
    _Advice(
        _words(r"\bauthenticationtypedisabled\b|\bkey[- ]based authentication is disabled"),
        frozenset({401, 403}),
        AuthenticationFailed,
        phrase("{host} takes no keys ({status}){said}"),
        phrase(
            "Have the connection sign in with Entra ID instead, in its settings or with `connections add --auth entra`."
        ),
        of_key=True,
    ),
    _Advice(
        _words(r"lacks the required data ?action"),
        frozenset({401, 403}),
        PermissionDenied,
        _NOT_ALLOWED,
        NO_ROLE,
    ),
    _Advice(
        _words(r"\bkey limit exceeded"),
        frozenset({401, 402, 403, 429}),
        QuotaExhausted,
        phrase("The key's own limit at {host} is reached ({status}){said}"),
        phrase("Raise the key's limit where it came from, or enter another key."),
    ),
    _Advice(
        _words(r"reached your specified (?:api|workspace) usage limits?|you will regain access (?:on|at)\b"),
        frozenset({400, 403, 429}),
        QuotaExhausted,
        phrase("The limit that was set for the account at {host} is reached ({status}){said}"),
        phrase("Raise that limit where the key came from, or wait until it begins anew."),
    ),
    _Advice(
        _words(r"\baccount\b.{0,80}\b(?:is|been|was) suspended"),
        frozenset({400, 401, 402, 403, 412, 429}),
        PermissionDenied,
        phrase("{host} has suspended the account ({status}){said}"),
        phrase("Look at the account and its bills where the key came from; waiting does not help."),
    ),
    _Advice(
        _words(r"has not been used in project \S{1,60} before|\bservice_disabled\b"),
        frozenset({403}),
        PermissionDenied,
        _NOT_ALLOWED,
        phrase("Enable this interface for the project that the key belongs to, and ask again some minutes later."),
    ),
    _Advice(
        _words(r"\b(?:in)?sufficient permissions?\b|\bmissing[ _]scopes?\b|\bpermission is required to\b"),
        frozenset({401, 403}),
        PermissionDenied,
        _NOT_ALLOWED,
        phrase("Give the key this permission where it came from, or enter one that has it."),
        of_key=True,
    ),
    _Advice(
        _words(r"requires terms acceptance|\bmodel_terms_required\b"),
        _ACCESS,
        DeploymentNotFound,
        _MODEL_NOT_ALLOWED,
        phrase("Accept the model's terms where the key came from, or choose another model."),
    ),
    _Advice(
        _words(r"\brequires an? (?:\w{1,20} )?subscription\b"),
        frozenset({402, 403}),
        DeploymentNotFound,
        _MODEL_NOT_ALLOWED,
        phrase("Subscribe there, or choose another model."),
    ),
    _Advice(
        _words(r"\bnon-serverless model\b"),
        _ACCESS,
        DeploymentNotFound,
        _NOBODY,
        phrase("Choose another model, or start an endpoint of your own for it there."),
    ),
    _Advice(
        _words(
            r"\bnot allowed to (?:access|use) (?:the |this )?model\b|_model_access_denied\b"
            r"|(?:not|n['’]t|no) (?:have )?access to (?:the |this )?(?:requested )?model\b"
            r"|\baccess to (?:the |this )?model\b.{0,200}\b(?:restricted|denied|gated)\b"
            r"|\bmodel use case details\b"
        ),
        _ACCESS,
        DeploymentNotFound,
        _MODEL_NOT_ALLOWED,
        phrase("Choose a model that you may use, or have this one allowed there."),
    ),
    _Advice(
        _words(r"requires a newer version"),
        frozenset({400, 412, 500}),
        RequestRejected,
        phrase("{host} does not take the request ({status}){said}"),
        phrase("Update that server, or choose another model."),
    ),
    _Advice(
        _words(r"\bno models? (?:is |are )?(?:currently )?loaded|\Amodel (?:is |was )?(?:unloaded|not loaded)"),
        frozenset({400, 404, 500, 503}),
        DeploymentNotFound,
        phrase("{host} has loaded no model ({status}){said}"),
        phrase("Load one there, then ask again."),
    ),
    _Advice(
        _words(
            r"requires more system memory|more memory than (?:is )?available"
            r"|insufficient (?:system )?(?:resources|memory)"
        ),
        frozenset({400, 404, 500, 503}),
        ServerFailed,
        phrase("{host} has no room for the model ({status}){said}"),
        phrase("Choose a smaller model, or give the server more memory."),
    ),
    _Advice(
        _words(r"(?:failed|unable) to load (?:the )?model\b|\bmodel failed to load\b|error loading model\b"),
        frozenset({400, 404, 500, 503}),
        ServerFailed,
        phrase("{host} could not load the model ({status}){said}"),
        phrase("Look into that server's log, or choose another model."),
    ),
    _Advice(
        _words(r"\A(?!.*\btry again in\b).*(?:per[- ]day|\bdaily\b)"),
        frozenset({429}),
        QuotaExhausted,
        phrase("{host} takes no more of this today (429){said}"),
        phrase("It begins anew on the next day; choose another model until then, or raise the quota."),
    ),
    _Advice(
        _words(
            r"\bmodel\b.{0,120}(?:decommissioned|been (?:deprecated|discontinued|retired|sunset|shut down)"
            r"|no longer (?:available|supported|served)|marked by provider as legacy|\bend of its life)"
            r"|\b(?:model|deployment)deprecated\b"
        ),
        _REFUSED,
        DeploymentNotFound,
        phrase("{host} has this model no more ({status}){said}"),
        phrase("Choose one that it lists, in the model's picker or with `models`."),
    ),
)


def advised(status: int, complaint: ErrorBody, asked: RequestTarget, said: str) -> ProviderError | None:
    """The error with advice that fits a service's words; None where they are none that are known."""
    whole = "\n".join((complaint.message, *complaint.codes))
    for each in _ADVICE:
        if status in each.statuses and not (each.of_key and asked.by_token) and each.words.search(whole):
            values = {"host": asked.host, "status": status, "said": said}
            wanted = {name: value for name, value in values.items() if f"{{{name}}}" in each.sentence}
            error = each.kind(Phrase(each.sentence.format(**wanted), each.sentence.template, wanted))
            if each.hint is not None:
                error.hint = each.hint
            return error
    return None
