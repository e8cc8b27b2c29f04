"""The words and codes of a refusal that every engine chooses anew: too long, nothing left, a key that is none; pure."""

from __future__ import annotations

import re

from desktop.phrases import Phrase, phrase
from desktop.providers.wire.error_bodies import ErrorBody

BAD_KEY_CODES = frozenset({"invalid_api_key", "authentication_error", "unauthorized", "401", "api_key_invalid"})
_BAD_KEY = re.compile(r"(?:incorrect|invalid) api key|api key (?:is )?(?:not valid|expired)", re.IGNORECASE)
_DEAD_KEY = re.compile(
    r"\b(?:(?:api|access|secret|security|session|auth)[ _-]?(?:key|token)|(?:your|this) (?:key|token))\b.{0,40}"
    r"\b(?:leaked|revoked|disabled|deactivated|blocked|deleted|expired)\b",
    re.IGNORECASE,
)
QUOTA_CODES = frozenset(
    {
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "insufficient_balance",
        "budget_exceeded",
        "exceeded_current_quota_error",
        "insufficient_credits",
        "insufficient_user_quota",
        "arrearage",
    }
)
_NO_CREDIT = re.compile(
    r"credit balance is too low|have any credits|insufficient (?:account )?(?:balance|credits?|funds|quota)"
    r"|(?:out of|no more|ran out of) credits?\b|no credits? (?:left|remaining)"
    r"|balance (?:is )?(?:too low|insufficient|not enough)|余额不足|欠费|請充值|请充值",
    re.IGNORECASE,
)
_NO_QUOTA = re.compile(r"(?<!remaining )\blimit: ?0\b(?!\.\d| remaining| left)", re.IGNORECASE)
"""How Gemini says that a model is not in what costs nothing; it asks to wait all the same."""

TOO_LONG_CODES = frozenset(
    {
        "context_length_exceeded",
        "context_window_exceeded",
        "exceed_context_size_error",
        "string_above_max_length",
        "model_max_prompt_tokens_exceeded",
        "tokens_limit_reached",
    }
)
_TOO_LONG = re.compile(
    r"maximum (?:context|prompt|model|input) length|context (?:window|length|size|limit)|too many tokens"
    r"|(?:prompt|input) (?:is )?too (?:long|large)|(?:input|prompt) token count|model token limit"
    r"|number of tokens allowed|`inputs` (?:tokens|must)|range of input length|exceeds max(?:imum)? length"
    r"|reduce the length of the messages",
    re.IGNORECASE,
)
_EXCEEDS = re.compile(
    r"exceed|too (?:long|large|many)|(?:long|larg|great)er than|less than|must be|over(?:flow|run)"
    r"|\b(?:were|was) (?:given|requested|sent)\b|requested \d",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"\A<\d{3}>")
_NUMBERS = re.compile(r"\b\d{1,3}(?:,\d{3}){1,3}\b|\b\d{2,9}\b")
_WINDOW = re.compile(
    r"(?:context (?:length|size|window)|maximum(?: of)?)[^0-9]{0,40}\b(\d{1,3}(?:,\d{3}){1,3}|\d{2,9})\b", re.IGNORECASE
)

_NOT_OF_TOKENS = re.compile(
    r"\bmax_(?:completion_)?tokens\b['\"`]? is too large|\bmaximum length \d{1,9}\b", re.IGNORECASE
)
"""What counts characters, or an answer's longest length: its figures are no conversation's."""

_EXCEEDED_BY = re.compile(r"\bexceed(?:ed|s)? (?:the limit )?by (\d{1,9})\b", re.IGNORECASE)


def is_dead_key(complaint: ErrorBody) -> bool:
    """Whether the key was one, and will not be any more."""
    return bool(_DEAD_KEY.search(complaint.message))


def names_bad_key(complaint: ErrorBody) -> bool:
    """Whether the words, whatever the code, say that the key is none."""
    return bool(_BAD_KEY.search(complaint.message)) or is_dead_key(complaint)


def is_spent(status: int, complaint: ErrorBody) -> bool:
    """Whether nothing is left on the account. Words of it come with statuses that mean other things too."""
    coded = 400 <= status < 500 and not QUOTA_CODES.isdisjoint(complaint.codes)
    return coded or (status in {400, 403, 429} and bool(_NO_CREDIT.search(complaint.message)))


def has_no_quota(status: int, complaint: ErrorBody) -> bool:
    """Whether the account may ask nothing of this kind at all, now or later."""
    return status == 429 and bool(_NO_QUOTA.search(complaint.message))


def is_too_long(status: int, complaint: ErrorBody) -> bool:
    """Whether more was sent than the model has room for. A server that failed must say that it was too much."""
    if not TOO_LONG_CODES.isdisjoint(complaint.codes):
        return True
    said = complaint.message
    return bool(_TOO_LONG.search(said)) and (status < 500 or bool(_EXCEEDS.search(said)))


def too_long_sentence(message: str, said: str) -> Phrase:
    """How long it is and how much fits, where the server says so; else its own words."""
    message = _WRAPPED.sub("", message)
    if _NOT_OF_TOKENS.search(message):
        return phrase("The conversation is too long for the model{said}", said=said)
    numbers = [int(found.replace(",", "")) for found in _NUMBERS.findall(message)]
    excess = _EXCEEDED_BY.search(message)
    if excess is not None:
        numbers = [each for each in numbers if each != int(excess[1])]
        numbers = [*numbers, numbers[0] + int(excess[1])] if len(numbers) == 1 else []
    window = _WINDOW.search(message)
    if len(set(numbers)) == 2:
        fits = min(numbers)
    else:
        fits = int(window[1].replace(",", "")) if window is not None else max(numbers, default=0)
    longer = [number for number in numbers if number > fits]
    if not longer:
        return phrase("The conversation is too long for the model{said}", said=said)
    return phrase(
        "The conversation is too long for the model: {needed} tokens, and {fits} fit.",
        needed=f"{max(longer):,}",
        fits=f"{fits:,}",
    )
