"""How servers say that they support no tools, no web search or no schema, and what only sounds like it."""

from __future__ import annotations

import json

import pytest

from desktop.errors import ParameterRejected, ProviderError, RequestRejected, ToolsRejected, WireRejected
from desktop.providers.wire.faults import RequestTarget, refused

NO_TOOLS = (
    (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    (400, "registry.ollama.ai/library/llama2:13b does not support tools"),
    (500, "tools param requires --jinja flag"),
    (500, "Unsupported param: tools"),
    (400, "`tool calling` is not supported with this model"),
    (400, "Function calling is not enabled for models/gemma-3"),
    (404, "No endpoints found that support tool use. Try disabling “f”."),
    (400, "This model doesn't support tool use."),
    (400, "The model cannot use function calling."),
    (400, "tools is not supported in this model."),
    (422, "Tool calls are not available for this deployment."),
)
NO_SEARCH = (
    (400, "Web search options not supported with this model."),
    (400, "Hosted tool 'web_search' is not supported with gpt-4.1-nano."),
    (400, "'claude-3-haiku-20240307' does not support tool types: web_search_20250305. Did you mean one of ...?"),
    (400, "tools.0: Input tag 'web_search_20250305' found using 'type' does not match any of the expected tags"),
    (400, "Unsupported tool type 'web_search'"),
    (400, "Invalid value: 'web_search'. Supported values are: 'function' and 'custom'."),
    (403, "Web search is not enabled for this organization."),
    (400, "Unknown parameter: 'web_search_options'."),
)
NO_SCHEMA = (
    (400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."),
    (400, "This response_format type is unavailable now"),
    (400, "This model does not support response format `json_schema`."),
    (400, "output_config.format: Extra inputs are not permitted"),
    (400, "Structured outputs are not supported by this model."),
)
OTHER = (
    "Tool choices other than 'auto' are not supported with model 'gpt-5' and the following tool types: 'web_search'.",
    "Parallel tool calls are not supported here, are they?",
    "Invalid schema for response_format 'x': In context=(), 'oneOf' is not permitted.",
    "output_config.format.schema: For 'integer' type, property 'minimum' is not supported",
    "The following tools cannot be used with reasoning.effort 'minimal': web_search.",
    "An assistant message with 'tool_calls' must be followed by tool messages.",
)


def refuse(status: int, message: str) -> ProviderError:
    body = json.dumps({"error": {"message": message}}).encode()
    return refused(status, {}, body, RequestTarget(host="h.example", model="m"))


@pytest.mark.parametrize(("status", "message"), NO_TOOLS)
def test_a_model_without_tools_is_told_apart(status: int, message: str) -> None:
    error = refuse(status, message)
    assert type(error) is ToolsRejected
    assert "Turn off tools" in error.hint


@pytest.mark.parametrize(
    ("status", "message", "parameter"),
    [
        *((*each, "web_search") for each in NO_SEARCH),
        *((*each, "response_format") for each in NO_SCHEMA),
        (400, "Invalid value: 'web_search_call.action.sources'.", "web_search_call.action.sources"),
    ],
)
def test_a_rejected_feature_is_named(status: int, message: str, parameter: str) -> None:
    error = refuse(status, message)
    assert isinstance(error, ParameterRejected)
    assert error.parameter == parameter


@pytest.mark.parametrize("message", OTHER)
def test_what_is_about_something_else_stays_an_error(message: str) -> None:
    error = refuse(400, message)
    assert isinstance(error, RequestRejected)
    assert type(error) is not ToolsRejected
    assert getattr(error, "parameter", "") not in {"tools", "web_search", "response_format"}


@pytest.mark.parametrize(
    "message",
    [
        "The responses operation does not work with the specified model, Llama-3.3-70B-Instruct.",
        "The requested model 'x' is not supported with the Responses API.",
    ],
)
def test_a_model_without_responses_is_asked_over_chat(message: str) -> None:
    error = refuse(400, message)
    assert isinstance(error, WireRejected)
    assert error.instead == "chat"
    assert "Responses API" in error.message


def test_tools_that_need_responses_are_a_matter_of_the_api_format() -> None:
    said = "Function tools with reasoning_effort are not supported for gpt-5.6-sol in /v1/chat/completions. Please use"
    error = refuse(400, f"{said} /v1/responses or set reasoning_effort to 'none'.")
    assert isinstance(error, WireRejected)
    assert error.instead == "responses"
