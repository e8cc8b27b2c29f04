"""Finds the parameter that a model does not support in the error messages of many servers. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from desktop.catalog.catalog_entry import PARAMETERS
from desktop.providers.wire.error_bodies import ErrorBody
from desktop.providers.wire.json_shapes import JsonObject, items
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import NOTHING, Phrase, phrase

CHAT_PARAMETERS = frozenset(
    {
        *PARAMETERS,
        *("stream_options", "include_usage", "max_output_tokens", "stop_sequences", "n", "logit_bias", "logprobs"),
        *("top_logprobs", "top_k", "top_a", "min_p", "typical_p", "repetition_penalty", "repeat_penalty", "num_ctx"),
        *(
            "reasoning",
            "thinking",
            "think",
            "effort",
            "enable_thinking",
            "thinking_budget",
            "verbosity",
            "output_config",
        ),
        *("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "web_search_options"),
        *("response_format", "guided_json", "chat_template_kwargs", "metadata", "safety_identifier", "service_tier"),
        *("prompt_cache_key", "prediction", "modalities", "random_seed", "safe_prompt", "search_parameters"),
    }
)
"""Known parameters of chat requests: those that Paragone sends, and those that users add.

None of them is an English word that has another meaning in "does not support", such as `text` or `user`.
"""

_ESSENTIAL = frozenset({"model", "models", "messages", "chat", "input", "stream", "store"})
"""Fields that every request needs and that cannot be omitted."""

_SET_AS = {
    "thinking": "reasoning_effort",
    "effort": "reasoning_effort",
    "think": "reasoning_effort",
    "max_output_tokens": "max_tokens",
    "stop_sequences": "stop",
}
"""Names of settings, by the names that servers use."""

_CODES = frozenset({"unsupported_parameter", "unsupported_value", "unknown_parameter", "extra_forbidden"})
_SAYS_UNSUPPORTED = late_pattern(
    r"unsupported|not supported|does not support|don't support|doesn't support|not permitted|not allowed|unrecognized"
    r"|unrecognised|unknown|unexpected|does not accept|not accepted"
    r"|is deprecated",
    re.IGNORECASE,
)
_NAME = r"[`'\"“‘]?([A-Za-z][A-Za-z0-9_.]{1,60}?)[`'\"”’]?"
_FORMS = tuple(
    late_pattern(form, re.IGNORECASE)
    for form in (
        rf"unsupported (?:parameter|value|argument)s?:? {_NAME}(?:[\s.,;:]|$)",
        rf"unrecognized request arguments? supplied: {_NAME}(?:[\s.,;:]|$)",
        rf"arguments? not supported on this model: {_NAME}(?:[\s.,;:]|$)",
        rf"(?:unknown|unexpected|unrecogni[sz]ed) (?:keyword )?(?:parameter|argument|field)s?:? {_NAME}(?:[\s.,;:]|$)",
        r"(?:parameters?|arguments?|fields?) in the request:? [{\[(]?['\"`]?([A-Za-z][A-Za-z0-9_.]*)",
        r"not support (?:the )?(?:parameters?|arguments?):? [{\[(]['\"`]([A-Za-z][A-Za-z0-9_.]*)",
        rf"(?:does|do)(?:n't| not|n’t) support {_NAME}=",
        r"extra parameters? \[?['\"`]([A-Za-z][A-Za-z0-9_.]*)",
        r"'loc': \('body', '([A-Za-z][A-Za-z0-9_.]*)'",
        rf"{_NAME}:? (?:extra fields not permitted|extra inputs are not permitted)",
        rf"(?:parameter|argument|field) {_NAME} is (?:not supported|unsupported|not allowed|not permitted)",
        rf"does not support (?:the )?parameter {_NAME}(?:[\s.,;:]|$)",
        rf"does not support (?:the )?{_NAME} parameter\b",
        rf"\bunknown name {_NAME}(?: at|:)",
        r"\bextraneous key \[?['\"`]?([A-Za-z][A-Za-z0-9_.]*)",
    )
)
"""Phrases that explicitly name a parameter, whatever its name."""

_LOOSE_FORMS = tuple(
    late_pattern(form, re.IGNORECASE)
    for form in (
        rf"does not support (?:the )?{_NAME}(?:[\s.,;:]|$)",
        rf"^{_NAME} is (?:not supported|unsupported|deprecated)",
        r"(?:^|because )(?:adaptive |extended )?(thinking)(?: level| budget)? is not (?:supported|enabled)",
        r"^(think) value \S{1,40} is not supported",
    )
)
"""Phrases that could also name other missing capabilities, so only known parameters match."""

_SYSTEM_PROMPT = late_pattern(
    r"\bmessages?(?:\[\d{1,4}\]|\.\d{1,4})\.role|\brole of messages?\[\d|'messages\.\d{1,4}' ?: .{0,40}'role'"
    r"|'user'(?: and |, ?)'assistant' roles|\broles: user, assistant"
    r"|\b(?:system|developer) (?:role|message|prompt|instruction)"
    r"|\brole:? ?[`'\"“‘]?(?:system|developer)\b",
    re.IGNORECASE,
)
_NO_ROLE = late_pattern(
    r"not enabled|no endpoints found|invalid|not one of|must have|not valid|must be|should be|only .{0,40} roles? ",
    re.IGNORECASE,
)
_INSTEAD = late_pattern(rf"use {_NAME} instead", re.IGNORECASE)
_NO_NAMES = frozenset(
    {
        *(
            "the",
            "this",
            "that",
            "value",
            "values",
            "parameter",
            "parameters",
            "argument",
            "arguments",
            "field",
            "fields",
        ),
        *("with", "model", "for", "streaming", "in", "on", "of", "to", "request", "body", "is", "are", "was", "were"),
    }
)
_NO_PICTURES = late_pattern(
    r"image_url is only supported|\b(?:that|which) supports? (?:image|vision)|unknown variant `?image_url"
    r"|\bat most 0 images?\b"
    r"|not (?:a )?multi-?modal|missing data required for image"
    r"|\b(?:image|vision)s?\b(?: input| content| url)?s?(?: is| are)? not (?:supported|enabled|allowed)"
    r"|\b(?:does not|doesn['’]t|cannot|can['’]t) (?:support|accept|process|take|handle)\b[^.]{0,40}"
    r"\b(?:image|vision|multi-?modal)",
    re.IGNORECASE,
)
_THIS_PICTURE = late_pattern(
    r"\bbase64\b|\bvalid image\b|\bimage formats?\b|\bimages? up to \d|\bmore than \d{1,4} images?\b", re.IGNORECASE
)
"""Phrases about a particular image, or too many images, from models that accept images."""

_NO_FILES = late_pattern(
    r"\b(?:input_file|pdf|document|file)s?['\"`]?(?: input| content| block)?s?(?: type)?s?"
    r"(?: is| are)? not (?:supported|enabled|allowed)"
    r"|\bunknown (?:part|content|block|variant) ?(?:type)?:? ?['\"`]?(?:input_file|document|file)\b"
    r"|\bthat supports? (?:pdf|file|document)|\binvalid value: ?['\"`]?(?:input_file|document)\b"
    r"|\b(?:does not|doesn['’]t|do not|don['’]t|cannot|can['’]t) (?:support|accept|process|take|handle)\b[^.]{0,40}"
    r"\b(?:input_file|pdf|document|file)s?\b",
    re.IGNORECASE,
)
_THIS_FILE = late_pattern(
    r"\bbase64\b|\b(?:valid|corrupt(?:ed)?|encrypted|damaged) (?:pdf|file|document)\b|\bpassword|\bpages?\b|\bfile_id\b"
    r"|\btoo (?:large|big|long)\b|\b\d{1,6} ?[kmg]i?b\b",
    re.IGNORECASE,
)
"""Phrases about a particular file from models that accept files."""

_HUMP = late_pattern(r"(?<=[a-z0-9])(?=[A-Z])")


def rejected_parameter(complaint: ErrorBody) -> str | None:
    """Return the parameter that the model does not support, by its name in requests; None for other errors.

    A parameter with an invalid value ("temperature must be below 2") is supported, and the user should see the error.
    """
    of_details = _in_details(complaint.details)
    if of_details:
        return of_details
    unsupported = not _CODES.isdisjoint(complaint.codes) or bool(_SAYS_UNSUPPORTED.search(complaint.message))
    if complaint.param and unsupported:
        return _settable(complaint.param)
    for form in _FORMS:
        match = form.search(complaint.message)
        if match is not None and match.group(1).lower().rstrip(".") not in _NO_NAMES:
            return _settable(match.group(1))
    for form in _LOOSE_FORMS:
        match = form.search(complaint.message)
        if match is not None and not CHAT_PARAMETERS.isdisjoint(map(wire_name, match.group(1).split("."))):
            return wire_name(match.group(1))
    return None


def name_as_set(parameter: str) -> str:
    """Return the setting that is sent under this name."""
    return _SET_AS.get(parameter, parameter)


def rejects_system_prompt(complaint: ErrorBody) -> bool:
    """Whether the model rejects the role of the message with the system prompt."""
    said = f"{complaint.param} {complaint.message}"
    if not _SYSTEM_PROMPT.search(said):
        return False
    unsupported = not _CODES.isdisjoint(complaint.codes) or _SAYS_UNSUPPORTED.search(said) or _NO_ROLE.search(said)
    return bool(unsupported)


def rejects_pictures(complaint: ErrorBody) -> bool:
    """Whether the model accepts no images; an image that is too large is another error."""
    return bool(_NO_PICTURES.search(complaint.message)) and not _THIS_PICTURE.search(complaint.message)


def rejects_files(complaint: ErrorBody) -> bool:
    """Whether the model accepts no files; a file that is too large or damaged is another error."""
    return bool(_NO_FILES.search(complaint.message)) and not _THIS_FILE.search(complaint.message)


def replacement(message: str) -> str | None:
    """Return the parameter that the server recommends instead, or None."""
    found = _INSTEAD.search(message)
    return wire_name(found.group(1)) if found is not None else None


def _in_details(details: Iterable[JsonObject]) -> str | None:
    for item in details:
        kind = item.get("type")
        said = item.get("msg")
        extra = isinstance(kind, str) and "extra" in kind
        extra = extra or (isinstance(said, str) and "not permitted" in said)
        names = [part for part in items(item.get("loc")) if isinstance(part, str) and part != "body"]
        if extra and names:
            return _settable(names[0])
    return None


def _settable(name: str) -> str | None:
    """Return a parameter's name in requests; None if every request needs it."""
    found = wire_name(name)
    return None if found in _ESSENTIAL else found


def wire_name(name: str) -> str:
    """Return the top-level name in snake case, for example for `presencePenalty` or `stream_options.include_usage`."""
    top = re.split(r"[.\[]", name.strip("`'\" "))[0]
    return _HUMP.sub("_", top).lower()[:60]


_VALUE_NAME = r"[`'\"]?\b([a-z][a-z_]{0,40})\b[`'\"]?"
_NUMBER = r"[`'\"]?(\d{1,9}(?:\.\d{1,4})?)\b"
_BOTH = late_pattern(
    rf"{_VALUE_NAME} and {_VALUE_NAME} (?:cannot|can not|can['’]t|must not|may not) both\b", re.IGNORECASE
)
_AT_MOST = tuple(
    late_pattern(form, re.IGNORECASE)
    for form in (
        rf"range of {_VALUE_NAME} (?:is|should be) \[{_NUMBER}, ?{_NUMBER}\]",
        rf"{_VALUE_NAME}: {_NUMBER} > {_NUMBER}",
        rf"{_VALUE_NAME} is too (?:large|high): {_NUMBER}.{{0,80}}? at most {_NUMBER}",
        rf"{_VALUE_NAME}:? (?:must|should) be (?:less than or equal to|at most|<=) {_NUMBER}",
    )
)
"""Phrases that name a parameter first and its maximum last."""

_FIRST = late_pattern(
    rf"\A(?:invalid request: )?(?:invalid (?:value for )?|the )?(?:parameter[. ]|body\.)?{_VALUE_NAME}:? ",
    re.IGNORECASE,
)
_OF_VALUES = late_pattern(
    r"\b(?:value|range|invalid|must|may only|should|cannot|between"
    r"|too (?:large|high|small|low|big)|(?:less|greater) than)\b",
    re.IGNORECASE,
)
_PENALTY = late_pattern(r"\bpenalty is not enabled\b", re.IGNORECASE)
"""Gemini's rejection of either of two parameters."""

_ANSWER_TOO_LONG = late_pattern(r"\bmax_(?:completion_|output_)?tokens\b[`'\"]? is too (?:large|high)", re.IGNORECASE)


def value_hint(complaint: ErrorBody) -> Phrase:
    """Return a hint about a rejected value; empty if the error is about something else."""
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
    """Return a hint if the response's limit leaves no room for the conversation; otherwise an empty one."""
    if _ANSWER_TOO_LONG.search(message) is None:
        return NOTHING
    return phrase("Lower “{parameter}” for this model, or start a new conversation.", parameter="max_tokens")
