"""From what the authority says of a sign-in (error, description, AADSTS numbers) to the exact error; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

from desktop.errors import (
    AccessConditional,
    ApplicationWrong,
    ConsentMissing,
    SignInFailed,
    SignInRequired,
    TenantWrong,
)
from desktop.phrases import Phrase, phrase
from desktop.providers.wire.error_bodies import plain

_NUMBER = re.compile(r"AADSTS(\d{4,8})")
_LONGEST = 300
_PAGE = re.compile(r"[!-\[\]^-~]+")
"""Printable ASCII without a backslash, which browsers take for a slash."""
_HOST = re.compile(r"[a-z0-9.:-]+")

_CONSENT = frozenset({50105, 65001, 65004, 90094, 900941, 240002})
_TENANT = frozenset({50020, 50034, 50059, 51004, 90002, 90072, 900021, 900023, 500011, 500202, 50128})
_CONDITIONAL = frozenset(
    {50005, 50097, 50131, 53000, 53001, 53002, 53003, 53009, 53011, 530002, 530003, 530021, 530032}
)
_APPLICATION = frozenset({50011, 50194, 500113, 700016, 7000218})
_AGAIN = frozenset(
    {50058, 50072, 50074, 50076, 50078, 50079, 50132, 50133, 50158, 50173, 54005, 70008, 70043, 700082, 700084}
)
"""The numbers of Microsoft's own list of sign-in errors, by what a person can do about each."""


def refusal(answer: Mapping[str, object], *, renewing: bool = False) -> SignInFailed | SignInRequired:
    """The error that an answer without a token stands for; `renewing` where nobody was looking.

    The sentence ends with the authority's own, whose number is what an administrator asks for.
    """
    error, description = _text(answer, "error"), _text(answer, "error_description")
    numbers = _numbers(answer, description)
    said = _said(description or error)
    if numbers & _CONSENT or error == "consent_required" or _text(answer, "suberror") == "consent_required":
        return ConsentMissing(phrase("Your organization has not approved Paragone for this{said}", said=said))
    if numbers & _CONDITIONAL:
        return AccessConditional(
            phrase("Your organization's Conditional Access policy blocked this sign-in{said}", said=said)
        )
    if numbers & _APPLICATION or error in ("unauthorized_client", "invalid_client"):
        return ApplicationWrong(phrase("The application that Paragone signs in with was rejected{said}", said=said))
    if numbers & _TENANT or error == "invalid_resource":
        return TenantWrong(phrase("The account does not belong to this tenant{said}", said=said))
    if error in ("access_denied", "authorization_declined"):
        return SignInFailed(phrase("The sign-in was declined{said}", said=said))
    if error in ("expired_token", "code_expired"):
        return SignInFailed(phrase("The code has expired."), hint=phrase("Sign in again to get a new code."))
    if renewing or numbers & _AGAIN or error in ("invalid_grant", "interaction_required", "login_required"):
        return SignInRequired(phrase("The sign-in has expired{said}", said=said))
    return SignInFailed(phrase("The sign-in was rejected{said}", said=said))


def tenant_unknown(tenant: str, authority: str) -> TenantWrong:
    """The error of a tenant that the authority does not know."""
    return TenantWrong(phrase("{authority} knows no tenant “{tenant}”.", authority=authority, tenant=tenant))


def page_of(answer: Mapping[str, object], name: str) -> str:
    """A page that the authority wants the user to open. Raises SignInFailed where it is no sound https address."""
    page = _text(answer, name)
    try:
        parts = urlsplit(page)
        sound = parts.scheme == "https" and parts.username is None and _HOST.fullmatch(parts.hostname or "") is not None
        sound = sound and (parts.port is None or parts.port > 0)
        # Browsers read a host that is a number as an address of their own
        sound = sound and not (parts.hostname or "").rstrip(".").rpartition(".")[2].startswith(tuple("0123456789"))
    except ValueError:
        sound = False
    if not sound or not _PAGE.fullmatch(page):
        raise SignInFailed(phrase("The sign-in server redirected to a page that is not secure https."))
    return page


def _numbers(answer: Mapping[str, object], description: str) -> frozenset[int]:
    codes = answer.get("error_codes")
    listed = cast("list[object]", codes) if isinstance(codes, list) else []
    found = {code for code in listed if isinstance(code, int)}
    return frozenset(found | {int(number) for number in _NUMBER.findall(description)})


def _text(answer: Mapping[str, object], name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def _said(text: str) -> Phrase | str:
    """The authority's sentence without its trace ids, as the end of ours."""
    first = plain(re.split(r"\s*(?:Trace ID|Correlation ID|\r?\n)", text, maxsplit=1)[0], _LONGEST).rstrip(" .")
    return f": {first}." if first else "."
