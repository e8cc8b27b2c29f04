"""Refusals whose own words say what is wrong, whatever their status, with what helps then; pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from desktop.errors import (
    ContentFiltered,
    DeploymentNotFound,
    PermissionDenied,
    ProviderError,
    QuotaExhausted,
    RequestRejected,
    ServerFailed,
)
from desktop.phrases import Phrase, phrase


class _Advice(NamedTuple):
    """What a service says (in its message or one of its codes), with which statuses, and what is said then."""

    words: re.Pattern[str]
    statuses: frozenset[int]
    kind: type[ProviderError]
    sentence: Phrase
    hint: Phrase | None = None


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_REFUSED = frozenset({400, 403, 404, 410, 422})
_NOT_ALLOWED = phrase("{host} does not allow this ({status}){said}")
_ADVICE = (
    _Advice(
        _words(r"not a chat model|not supported in the v1/chat/completions"),
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
        _words(r"no (?:endpoints|providers?|allowed providers) (?:were )?(?:found|available)"),
        _REFUSED,
        RequestRejected,
        phrase("{host} has nobody who answers this with the model ({status}){said}"),
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
        _words(r"\bno models? (?:is |are )?(?:currently )?loaded"),
        frozenset({400, 404, 500, 503}),
        DeploymentNotFound,
        phrase("{host} has loaded no model ({status}){said}"),
        phrase("Load one there, then ask again."),
    ),
    _Advice(
        _words(r"requires more system memory|more memory than (?:is )?available"),
        frozenset({400, 500, 503}),
        ServerFailed,
        phrase("{host} has no room for the model ({status}){said}"),
        phrase("Choose a smaller model, or give the server more memory."),
    ),
    _Advice(
        _words(r"\A(?!.*\btry again in\b).*(?:per[- ]day|\bdaily\b)"),
        frozenset({429}),
        QuotaExhausted,
        phrase("{host} takes no more of this today (429){said}"),
        phrase("It begins anew on the next day; choose another model until then, or raise the quota."),
    ),
    _Advice(
        _words(r"\bmodel\b.{0,120}(?:decommissioned|been (?:retired|sunset|shut down)|no longer (?:supported|served))"),
        _REFUSED,
        DeploymentNotFound,
        phrase("{host} has this model no more ({status}){said}"),
        phrase("Choose one that it lists, in the model's picker or with `models`."),
    ),
)


def advised(status: int, message: str, codes: tuple[str, ...], host: str, said: str) -> ProviderError | None:
    """The error with advice that fits a service's words; None where they are none that are known."""
    whole = "\n".join((message, *codes))
    for each in _ADVICE:
        if status in each.statuses and each.words.search(whole):
            values = {"host": host, "status": status, "said": said}
            wanted = {name: value for name, value in values.items() if f"{{{name}}}" in each.sentence}
            error = each.kind(Phrase(each.sentence.format(**wanted), each.sentence.template, wanted))
            if each.hint is not None:
                error.hint = each.hint
            return error
    return None
