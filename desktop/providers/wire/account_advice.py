"""Refusals whose own words tell of the account, its limits or its key, with what helps then; pure."""

from __future__ import annotations

from desktop.errors import AuthenticationFailed, DeploymentNotFound, PermissionDenied, QuotaExhausted
from desktop.providers.wire.advice_entry import ACCESS, MODEL_NOT_ALLOWED, NOT_ALLOWED, REFUSED, Advice, words
from desktop.providers.wire.refusal_words import REFUSALS
from desktop.text.phrases import phrase

NO_ROLE = phrase(
    "Ask the resource's owner to assign the role Azure AI User (or Cognitive Services User) to your account."
)
ACCOUNT_ADVICE = (
    Advice(
        words(r"organi[sz]ation must be verified"),
        REFUSED,
        PermissionDenied,
        NOT_ALLOWED,
        phrase("Verify the organization at the service that issued the key, or choose another model."),
    ),
    Advice(
        words(r"\benable billing\b"),
        REFUSED,
        PermissionDenied,
        NOT_ALLOWED,
        phrase("Enable billing at the service that issued the key, or enter another key."),
    ),
    Advice(
        words(r"\bmodel\b.{0,100}(?:un|not )available in (?:your|this|the) (?:\w{1,20} )?region\b"),
        REFUSED,
        DeploymentNotFound,
        MODEL_NOT_ALLOWED,
        phrase("Choose another model: this one is not available in the account's region."),
    ),
    Advice(
        words(
            r"(?:country|region|territory)\b.{0,40} not supported|(?:un|not )available in your (?:country|region)"
            r"|user location is not supported"
        ),
        REFUSED,
        PermissionDenied,
        NOT_ALLOWED,
        phrase("The service is not available in this computer's region. Use another service."),
    ),
    Advice(
        words(
            r"ip_not_authorized|\bip\b.{0,60}\bnot (?:authori[sz]ed|allowed|whitelisted|in the (?:allow|white))"
            r"|\bip address restriction\b|\bapi_key_ip_address_blocked\b"
        ),
        ACCESS,
        PermissionDenied,
        NOT_ALLOWED,
        phrase(
            "Allow this computer's IP address at the service that issued the key, or use a network that is allowed."
        ),
    ),
    Advice(
        words(r"\bauthenticationtypedisabled\b|\bkey[- ]based authentication is disabled"),
        frozenset({401, 403}),
        AuthenticationFailed,
        phrase("{host} does not accept keys ({status}){said}"),
        phrase("Sign in with Entra ID instead: in the connection's settings or with `connections add --auth entra`."),
        of_key=True,
    ),
    Advice(
        words(r"lacks the required data ?action"),
        frozenset({401, 403}),
        PermissionDenied,
        NOT_ALLOWED,
        NO_ROLE,
    ),
    Advice(
        words(
            r"\b(?:key|this token['’]s) (?:limit|quota|budget)[^.]{0,20} ?(?:exceeded|exhausted|reached|used up)"
            r"|令牌.{0,6}[额額]度|\btokenstatusexhausted\b"
        ),
        REFUSALS,
        QuotaExhausted,
        phrase("The key's own limit at {host} has been reached ({status}){said}"),
        phrase("Raise the key's limit at the service that issued it, or enter another key."),
    ),
    Advice(
        words(r"reached your specified (?:api|workspace) usage limits?|you will regain access (?:on|at)\b"),
        frozenset({400, 403, 429}),
        QuotaExhausted,
        phrase("The account's limit at {host} has been reached ({status}){said}"),
        phrase("Raise the limit at the service, or wait until it resets."),
    ),
    Advice(
        words(
            r"\baccount\b.{0,80}\b(?:is|been|was) suspended|\baccount_deactivated\b"
            r"|\b(?:account|organi[sz]ation|team|user|subscription)\b(?:(?!access|auth|key)[^.]){0,60}\b(?:is|been|was)"
            r" (?:suspended|deactivated|disabled|banned|blocked|closed"
            r"|terminated|locked|restricted(?! from| to)|cancell?ed)\b"
        ),
        REFUSALS,
        PermissionDenied,
        phrase("{host} has suspended the account ({status}){said}"),
        phrase("Check the account and its bills at the service. Waiting does not help."),
    ),
    Advice(
        words(r"has not been used in project \S{1,60} before|\bservice_disabled\b"),
        frozenset({403}),
        PermissionDenied,
        NOT_ALLOWED,
        phrase("Enable this API for the key's project, and try again after a few minutes."),
    ),
    Advice(
        words(r"\b(?:in)?sufficient permissions?\b|\bmissing[ _]scopes?\b|\bpermission is required to\b"),
        frozenset({401, 403}),
        PermissionDenied,
        NOT_ALLOWED,
        phrase("Give the key this permission at the service that issued it, or enter another key."),
        of_key=True,
    ),
    Advice(
        words(
            r"\b(?:project|workspace)\b.{0,60}\b(?:is|been|was) (?:archived|denied access|deleted|disabled)\b"
            r"|\baccess to the project tied to\b|\bno such organi[sz]ation\b|\bshould match organi[sz]ation for\b"
            r"|\bmust be a member of an organi[sz]ation\b"
        ),
        REFUSALS,
        PermissionDenied,
        NOT_ALLOWED,
        phrase("Create a key in another project or organization at the service, and enter it."),
    ),
    Advice(
        words(
            r"\bapi_key_\w{1,40}_blocked\b"
            r"|\brequests (?:to|from) (?:this )?(?:api|referer|\w{1,20} client application)\b"
            r".{0,250}\bare blocked\b"
        ),
        ACCESS,
        PermissionDenied,
        NOT_ALLOWED,
        phrase("Remove the key's restrictions at the service that issued it, or enter an unrestricted key."),
    ),
    Advice(
        words(r"\bkey is blocked\b"),
        REFUSALS,
        PermissionDenied,
        NOT_ALLOWED,
        phrase("Have the key unblocked at the service that issued it, or enter another key."),
    ),
    Advice(
        words(r"\bcredential is only authorized for\b"),
        REFUSALS,
        AuthenticationFailed,
        phrase("{host} does not accept this kind of key here ({status}){said}"),
        phrase("This key belongs to another program. Create an API key at the service, and enter it."),
    ),
    Advice(
        words(r"\bapi keys are not supported by this api\b"),
        REFUSALS,
        AuthenticationFailed,
        phrase("{host} does not accept this kind of key here ({status}){said}"),
        phrase("Enter an access token instead of the key, or the address of the API that accepts keys."),
    ),
    Advice(
        words(r"\bidentity verification\b|\bverify your (?:identity|phone|account|e-?mail)\b|实名认证"),
        REFUSALS,
        PermissionDenied,
        NOT_ALLOWED,
        phrase("Verify the account at the service that issued the key, or choose another model."),
    ),
    Advice(
        words(
            r"\A(?!.*\btry again in\b).*(?:\bper[- ](?:week|month)\b|/ ?month\b"
            r"|\b(?:weekly|monthly)\b[^.]{0,40}\b(?:limit|quota|allowance|credits)\b|\brequest allowance\b"
            r"|\b\d{1,3}[- ]hour (?:usage )?(?:quota|limit)\b|(?:每日|本周|本月).{0,8}上限"
            r"|\bout of call volume quota\b|\busage limit (?:has been )?reached\b)"
        ),
        REFUSALS,
        QuotaExhausted,
        phrase("{host} accepts no more requests for some time ({status}){said}"),
        phrase("The quota resets after hours, a day, a week or a month. Choose another model or raise the quota."),
    ),
    Advice(
        words(r"\A(?!.*\btry again in\b).*(?:per[- ]day|\bdaily\b)|\bgenerate\w{1,40}perday"),
        frozenset({429}),
        QuotaExhausted,
        phrase("{host} accepts no more requests today (429){said}"),
        phrase("The quota resets tomorrow. Choose another model or raise the quota."),
    ),
)
