"""Detects tools, web search and structured output that a model does not support in error messages. Pure functions."""

from __future__ import annotations

import re

from desktop.providers.wire.error_bodies import ErrorBody
from desktop.text.late_pattern import late_pattern

WEB_SEARCH = "web_search"
"""Name of web search as a rejected parameter, in all API formats."""

RESPONSE_FORMAT = "response_format"
"""Name of the response's schema as a rejected parameter, in all API formats."""

SEARCH_SOURCES = "web_search_call.action.sources"
"""Value of `include` that requests the pages of a web search over Responses."""

_NO_TOOLS = late_pattern(
    r"\btool choice requires --enable-auto-tool-choice|--tool-call-parser\b"
    r"|\btools param requires --jinja|\bunsupported param: tools\b"
    r"|\b(?:does not|doesn['’]t|do not|don['’]t|cannot|can['’]t) (?:support|accept|use|handle) (?:any |native )?"
    r"(?:tools?(?: (?:use|calls?|calling))?|function[ _-]?call(?:s|ing)?|functions)\b(?! types?\b| choices?\b)"
    r"|(?<!hosted )(?<!parallel )(?:\b|`)(?:tools?(?: (?:use|calls?|calling))?|function[ _-]?call(?:s|ing))`?"
    r" (?:is|are) not (?:supported|enabled|available|allowed)"
    r"|\bno endpoints found that support tool use\b",
    re.IGNORECASE,
)
_UNSUPPORTED = late_pattern(
    r"\b(?:unsupported|unknown|unavailable|unrecogni[sz]ed|invalid (?:value|parameter|tool)|not (?:supported|enabled"
    r"|available|permitted|allowed|valid)|(?:does not|doesn['’]t|do not|don['’]t) (?:support|accept|match))\b",
    re.IGNORECASE,
)
_SEARCH = late_pattern(r"\bweb[ _]?search", re.IGNORECASE)
_OTHER_SEARCH = late_pattern(r"\btool[ _]choices?\b|\breasoning[._ ]effort\b|\bcannot be used with\b", re.IGNORECASE)
"""Phrases about another parameter that web search cannot be combined with."""

_FORMAT = late_pattern(
    r"\b(?:response[ _]?format|json[ _]schema|structured[ _]outputs?|output_config\.format|output[ _]format"
    r"|text\.format)\b",
    re.IGNORECASE,
)
_THIS_SCHEMA = late_pattern(
    r"\binvalid (?:json )?schema\b|\bin context ?=|(?:format|json_schema)\.schema\b|\bkeyword\b|\bpropert(?:y|ies)\b",
    re.IGNORECASE,
)
"""Phrases about a particular schema, from models that support structured output."""


def rejects_tools(complaint: ErrorBody) -> bool:
    """Whether the model or its server does not support tools."""
    return bool(_NO_TOOLS.search(complaint.message))


def rejects_web_search(complaint: ErrorBody) -> bool:
    """Whether the model or its server does not support web search."""
    message = complaint.message
    if SEARCH_SOURCES in message or _OTHER_SEARCH.search(message):
        return False
    return _says_unsupported(_SEARCH, complaint)


def rejects_search_sources(complaint: ErrorBody) -> bool:
    """Whether the server does not report the pages of a web search."""
    return SEARCH_SOURCES in complaint.message


def rejects_output_schema(complaint: ErrorBody) -> bool:
    """Whether the model does not support structured output; a schema that it rejects is another error."""
    return _says_unsupported(_FORMAT, complaint) and not _THIS_SCHEMA.search(complaint.message)


def _says_unsupported(named: re.Pattern[str], complaint: ErrorBody) -> bool:
    return bool(named.search(f"{complaint.param} {complaint.message}") and _UNSUPPORTED.search(complaint.message))
