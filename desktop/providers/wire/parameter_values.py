"""Refusals of a parameter's value: which parameter it is, and what to set instead; pure."""

from __future__ import annotations

import re

from desktop.late_pattern import late_pattern
from desktop.phrases import NOTHING, Phrase, phrase
from desktop.providers.wire.error_bodies import ErrorBody
from desktop.providers.wire.unsupported_parameters import CHAT_PARAMETERS, name_as_set, wire_name

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
