"""Tools, web search and structured output in a request: what is left out for a model that does not support them."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

import msgspec

from desktop.domain.conversation_types import JsonValue, Wire
from desktop.domain.events import Notice
from desktop.errors import ParameterRejected, ProviderError, ToolsRejected
from desktop.providers.provider import ChatRequest
from desktop.providers.wire.tool_messages import described_calls
from desktop.providers.wire.unsupported_features import RESPONSE_FORMAT, WEB_SEARCH
from desktop.text.phrases import phrase

_TOOL_FIELDS = ("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call")
_FORMAT_NAMES = frozenset({RESPONSE_FORMAT, "output_config", "text"})


class Feature(StrEnum):
    """Something that a request offers or requires and that a model may not support."""

    TOOLS = "tools"
    WEB_SEARCH = "web_search"
    OUTPUT = "output"


def rejected_feature(request: ChatRequest, body: Collection[str], error: ProviderError) -> Feature | None:
    """Return the feature of a request that an error rejects, or None.

    Args:
        request: The request.
        body: Names of the fields that were sent.
        error: The server's rejection.
    """
    if isinstance(error, ToolsRejected):
        return Feature.TOOLS if "tools" in body or "functions" in body else None
    if not isinstance(error, ParameterRejected):
        return None
    if error.parameter in {"tools", "functions"} and request.tools:
        return Feature.TOOLS
    if error.parameter in {WEB_SEARCH, "web_search_options"} and request.web_search:
        return Feature.WEB_SEARCH
    return Feature.OUTPUT if error.parameter in _FORMAT_NAMES and request.output is not None else None


def without_features(
    request: ChatRequest, rejected: Collection[Feature], wire: Wire
) -> tuple[ChatRequest, list[Notice]]:
    """Return a request without rejected features, and notices about those that it had.

    Without tools, earlier calls and their results are sent as text.
    """
    notices = [dropped_feature(request.model, each) for each in Feature if each in rejected and _has(request, each)]
    if Feature.TOOLS in rejected:
        searches = request.web_search and wire is Wire.CHAT  # elsewhere, web search is one of the tools
        messages = described_calls(request.messages)
        request = msgspec.structs.replace(request, tools=(), web_search=searches, messages=messages)
    if Feature.WEB_SEARCH in rejected:
        request = msgspec.structs.replace(request, web_search=False)
    if Feature.OUTPUT in rejected:
        request = msgspec.structs.replace(request, output=None)
    return request, notices


def without_tool_fields(body: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return a body without the fields about tools, which the user may have set as parameters."""
    return {name: value for name, value in body.items() if name not in _TOOL_FIELDS}


def dropped_feature(model: str, feature: Feature) -> Notice:
    """Return the notice about a feature that was left out."""
    if feature is Feature.TOOLS:
        said = phrase("{model} does not support tools: the request was sent without them.", model=model)
        return Notice(code="tools_dropped", message=said)
    if feature is Feature.WEB_SEARCH:
        said = phrase("{model} does not support web search: the request was sent without it.", model=model)
        return Notice(code="web_search_dropped", message=said)
    said = phrase("{model} does not support structured output: the request was sent without the schema.", model=model)
    return Notice(code="schema_dropped", message=said)


def _has(request: ChatRequest, feature: Feature) -> bool:
    if feature is Feature.TOOLS:
        return bool(request.tools) or any(name in request.parameters.values for name in _TOOL_FIELDS)
    return request.web_search if feature is Feature.WEB_SEARCH else request.output is not None
