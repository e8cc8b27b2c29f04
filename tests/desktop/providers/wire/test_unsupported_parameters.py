"""Refusals of parameters and of their values: only what can be unset or set otherwise is named."""

from __future__ import annotations

import json

import pytest

from desktop.errors import ContextTooLong, ParameterRejected, ProviderError, RequestRejected
from desktop.providers.wire.faults import RequestTarget, refused


def refuse(message: str, **more: object) -> ProviderError:
    body = {"error": {"message": message, **more}}
    return refused(400, {}, json.dumps(body).encode(), RequestTarget(host="h.example", model="m"))


@pytest.mark.parametrize(
    ("message", "parameter", "shown"),
    [
        ("m does not support tool_choice", "tool_choice", "tool_choice"),
        ("m does not support the presence_penalty", "presence_penalty", "presence_penalty"),
        ("logprobs is not supported with this model", "logprobs", "logprobs"),
        ("text.verbosity is not supported", "text", "text"),
        ("m does not support the foo_bar parameter", "foo_bar", "foo_bar"),
        ('"llama3" does not support thinking', "thinking", "reasoning_effort"),
        ('think value "medium" is not supported for this model', "think", "reasoning_effort"),
        ("adaptive thinking is not supported on this model", "thinking", "reasoning_effort"),
        ("Thinking level is not supported for this model.", "thinking", "reasoning_effort"),
        ("`temperature` is deprecated for this model.", "temperature", "temperature"),
        (
            'Invalid JSON. Unknown name "frequency_penalty": Cannot find field.',
            "frequency_penalty",
            "frequency_penalty",
        ),
        ("#: extraneous key [temperature] is not permitted", "temperature", "temperature"),
    ],
)
def test_a_parameter_is_named_as_people_set_it(message: str, parameter: str, shown: str) -> None:
    found = refuse(message)
    assert isinstance(found, ParameterRejected)
    assert found.parameter == parameter
    assert f"“{shown}”" in found.message


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ("m does not support successive user or assistant messages (messages[1] and messages[2] in your input).", None),
        ("m does not support chat", None),
        ("m does not support insert", None),
        ("m does not support foo_bar", None),
        ("Streaming is not supported", None),
        ("The requested model is not supported here.", "model"),
        ("This content is not supported.", "messages[0].content"),
        ("Unsupported parameter: 'model'", None),
        ("Please specify a model by providing a 'model' field in the request body.", None),
    ],
)
def test_what_nobody_can_unset_is_no_parameter(message: str, param: str | None) -> None:
    found = refuse(message, param=param)
    assert type(found) is RequestRejected
    assert "Remove" not in found.hint


def test_a_field_too_many_within_a_message_is_no_parameter() -> None:
    details = [{"type": "extra_forbidden", "loc": ["body", "messages", 0, "name"], "msg": "Extra inputs"}]
    assert type(refuse("", details=details)) is RequestRejected


@pytest.mark.parametrize(
    ("message", "param", "hint"),
    [
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", None, "“max_tokens” to at most 8192"),
        ("max_tokens: 64000 > 8192, which is the maximum allowed", None, "“max_tokens” to at most 8192"),
        ("max_tokens is too large: 64000. This model supports at most 16384 tokens.", None, "at most 16384"),
        ("`max_tokens` must be less than or equal to `8192`", None, "“max_tokens” to at most 8192"),
        ("max_output_tokens: 9 > 8, which is the maximum", None, "“max_tokens” to at most 8"),
        ("`temperature` and `top_p` cannot both be specified.", None, "Remove “temperature” or “top_p”"),
        ("`temperature` may only be set to 1 when thinking is enabled.", None, "“temperature” to another value"),
        ("parameter.enable_thinking must be set to false.", None, "“enable_thinking” to another value"),
        ("invalid request: temperature must be between 0 and 1", None, "“temperature” to another value"),
        ("Too high for it.", "temperature", "“temperature” to another value"),
        ("Conversation roles must alternate user/assistant.", None, ""),
        ("x and y cannot both be specified.", None, ""),
        ("Tokens are too many.", "messages", ""),
    ],
)
def test_a_value_that_is_refused_has_a_hint_to_set_another(message: str, param: str | None, hint: str) -> None:
    found = refuse(message, param=param)
    assert type(found) is RequestRejected
    assert hint in found.hint
    assert bool(found.hint) == bool(hint)


def test_an_answer_that_leaves_no_room_is_to_be_set_shorter() -> None:
    found = refuse("'max_tokens' is too large: 9000. This model's maximum context length is 8192 tokens.")
    assert type(found) is ContextTooLong
    assert "Lower “max_tokens”" in found.hint
