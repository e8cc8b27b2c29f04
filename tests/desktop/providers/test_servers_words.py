"""What servers and gateways really say, each read as the error that it is, with a hint that can be followed."""

from __future__ import annotations

import json

import pytest

from desktop.errors import (
    AuthenticationFailed,
    ContextTooLong,
    DeploymentNotFound,
    FilesRejected,
    ParameterRejected,
    PicturesRejected,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    RequestTooLarge,
    ServerFailed,
    SystemPromptRejected,
)
from desktop.providers.wire.faults import RequestTarget, failed_within, refused
from desktop.providers.wire.retry import worth_retrying

ASKED = RequestTarget(host="host", model="m")

OPENAI_QUOTA = {
    "error": {
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "type": "insufficient_quota",
        "param": None,
        "code": "insufficient_quota",
    }
}
OPENAI_TOO_LARGE = {
    "error": {
        "message": "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested"
        " 45000. The input or output tokens must be reduced in order to run successfully.",
        "type": "tokens",
        "param": None,
        "code": "rate_limit_exceeded",
    }
}
GEMINI_KEY = [
    {
        "error": {
            "code": 400,
            "message": "API key not valid. Please pass a valid API key.",
            "status": "INVALID_ARGUMENT",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "API_KEY_INVALID",
                    "domain": "googleapis.com",
                }
            ],
        }
    }
]
OPENROUTER = {
    "error": {
        "message": "Provider returned error",
        "code": 429,
        "metadata": {"raw": "model-x is temporarily rate-limited upstream.", "provider_name": "Somebody"},
    }
}
OPENROUTER_NESTED = {
    "error": {
        "message": "Provider returned error",
        "code": 400,
        "metadata": {"raw": json.dumps({"error": {"message": "Too many images.", "code": "bad_images"}})},
    }
}
AWS = {"Message": "User: anonymous is not authorized to perform this."}
XML = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access\n &amp; rights Denied'
    b"</Message><RequestId>X</RequestId></Error>"
)
H2 = b"<html><body><h2>Our services aren't available right now</h2><p>We're working on it.</p></body></html>"
H2_NUMBERED = b"<html><title>502</title><body><h2>try later</h2></body></html>"
ROLE = {
    "error": {
        "message": "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        "type": "invalid_request_error",
        "param": "messages[0].role",
        "code": "unsupported_value",
    }
}


NO_PICTURES = (
    (400, "Invalid content type. image_url is only supported by certain models."),
    (404, "No endpoints found that support image input"),
    (500, "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"),
    (400, "smollm2 is not a multimodal model"),
    (422, "messages[0]: unknown variant `image_url`, expected `text`"),
    (400, "Image inputs are not supported by this model."),
    (400, "This model does not support images."),
    (400, "Vision is not enabled for this deployment"),
    (400, "At most 0 image(s) may be provided in one request."),
)
"""How servers say that a model does not see."""


NO_FILES = (
    (400, "'input_file' is not supported by llamacpp at this moment"),
    (400, "Unknown part type: input_file"),
    (400, "'claude-3-haiku-20240307' does not support PDF input."),
    (404, "No endpoints found that support file input"),
    (400, "This model doesn't support document content blocks."),
)
"""How servers say that a model does not accept files."""

ONE_FILE = (
    "The PDF specified was not valid: this file is not supported because it is password protected.",
    "messages.0.content.0.document: the model cannot process a PDF of more than 100 pages",
)
"""What they say of one file alone."""


def said(status: int, body: object) -> ProviderError:
    """The error of a reply."""
    return refused(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode(), ASKED)


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (429, OPENAI_QUOTA, QuotaExhausted, "You exceeded your current quota"),
        (429, OPENAI_TOO_LARGE, RequestTooLarge, "Requested 45000"),
        (400, GEMINI_KEY, AuthenticationFailed, "API key not valid"),
        (429, OPENROUTER, RateLimited, "temporarily rate-limited upstream"),
        (400, OPENROUTER_NESTED, ProviderError, "Too many images."),
        (403, AWS, ProviderError, "not authorized to perform this"),
        (403, XML, ProviderError, "Access & rights Denied"),
        (502, H2_NUMBERED, ServerFailed, "“try later”"),
        (400, {"error": {"error": {"message": "deep message", "code": 7}}}, ProviderError, "deep message"),
        (400, {"error": {"message": ["a must be", "b is required"]}}, ProviderError, "a must be; b is required"),
        (503, H2, ServerFailed, "“Our services aren't available right now”"),
        *((status, {"error": {"message": words}}, PicturesRejected, words) for status, words in NO_PICTURES),
        *((status, {"error": {"message": words}}, FilesRejected, words) for status, words in NO_FILES),
        (400, ROLE, SystemPromptRejected, "does not support 'system'"),
        (400, {"message": "System role not supported"}, SystemPromptRejected, "System role not supported"),
        (
            500,
            {"error": {"code": 500, "message": "Jinja Exception: System role not supported"}},
            SystemPromptRejected,
            "",
        ),
        (
            400,
            [{"error": {"message": "Developer instruction is not enabled for models/gemma"}}],
            SystemPromptRejected,
            "",
        ),
    ],
)
def test_a_servers_own_words_are_read(status: int, body: object, kind: type[ProviderError], words: str) -> None:
    error = said(status, body)
    assert isinstance(error, kind)
    assert words in error.message
    assert error.hint or kind is ProviderError


@pytest.mark.parametrize("words", ONE_FILE)
def test_a_model_that_refuses_one_file_still_accepts_others(words: str) -> None:
    assert not isinstance(said(400, {"error": {"message": words}}), FilesRejected)


@pytest.mark.parametrize("body", [OPENAI_QUOTA, OPENAI_TOO_LARGE])
def test_what_waiting_does_not_help_is_not_asked_again(body: object) -> None:
    error = said(429, body)
    assert not worth_retrying(error)
    assert "Wait a moment" not in error.hint


def test_a_quota_that_ends_within_a_stream_is_the_same_error() -> None:
    assert isinstance(failed_within(OPENAI_QUOTA, ASKED), QuotaExhausted)


@pytest.mark.parametrize(
    ("message", "needed", "fits"),
    [
        (
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 10002 tokens.",
            "10,002",
            "8,192",
        ),
        ("request (5310 tokens) exceeds the available context size (2048 tokens), try increasing it", "5,310", "2,048"),
        ("prompt is too long: 201,234 tokens > 200,000 maximum", "201,234", "200,000"),
        (
            "The maximum context length is 4097 tokens, however you requested 5000 tokens (4000 in it; 1000 to come).",
            "5,000",
            "4,097",
        ),
        ("Input length 9000 exceeds the maximum context length of 4096.", "9,000", "4,096"),
        ("too many tokens: size limit exceeded by 3201 tokens. The limit is 8000 tokens.", "11,201", "8,000"),
    ],
)
def test_a_prompt_that_is_too_long_is_told_in_numbers(message: str, needed: str, fits: str) -> None:
    error = said(400, {"error": {"message": message, "code": "context_length_exceeded"}})
    assert type(error) is ContextTooLong
    assert error.message == f"The conversation is too long for the model: {needed} tokens, but only {fits} fit."


def test_without_numbers_the_servers_words_stand() -> None:
    error = said(400, {"error": {"message": "prompt is too long", "code": "x"}})
    assert error.message == "The conversation is too long for the model: prompt is too long."


LITELLM = "litellm.UnsupportedParamsError: "


@pytest.mark.parametrize(
    ("status", "message", "parameter"),
    [
        (422, "Unexpected fields in the request: {'foo_bar'}", "foo_bar"),
        (400, f"{LITELLM}anthropic does not support parameters: ['seed'], for model=x", "seed"),
        (400, f"{LITELLM}O-series models don't support temperature=0.2. Only temperature=1", "temperature"),
        (400, "gpt-5 doesn't support temperature=0.2 while reasoning is active", "temperature"),
    ],
)
def test_the_parameter_that_a_gateway_does_not_take_is_the_one_it_names(
    status: int, message: str, parameter: str
) -> None:
    error = said(status, {"detail": message} if status == 422 else {"error": {"message": message}})
    assert isinstance(error, ParameterRejected)
    assert error.parameter == parameter


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "Could not find base model with ID llama"),
        (400, "Invalid model name passed in model=llama. Call `/v1/models` to view available models for your key."),
        (400, "There are no healthy deployments for this model. Received Model Group=llama"),
        (400, "Server is pinned to 'smol', but 'llama' was requested"),
    ],
)
def test_a_model_that_is_not_known_is_told_as_such_whatever_server_says_it(status: int, message: str) -> None:
    error = said(status, {"error": {"message": message}})
    assert isinstance(error, DeploymentNotFound)
    assert "deployment" not in error.hint
    assert "`models`" in error.hint
    azure = refused(
        status, {}, json.dumps({"message": message}).encode(), RequestTarget(host="host", by_deployment=True)
    )
    assert "deployment" in azure.hint


def test_a_server_that_wants_a_key_where_none_is_sent_says_so() -> None:
    asked = RequestTarget(host="host", without_key=True)
    error = refused(401, {}, b'{"message": "Unauthorized"}', asked)
    assert "requires a key, and this connection has none" in error.message


FOOTER = "\n\nLiteLLM: model group 'm' failed with the error above. No fallback was attempted."
NOT_FOUND = "litellm.NotFoundError: NotFoundError: OpenAIException - "
COOLING = (
    "No deployments available for selected model, Try again in 17 seconds. All deployments for selected model are in"
    " cooldown. Passed model=m. pre-call-checks=False, cooldown_list=['4e67', '0486']"
)
"""The words of LiteLLM 1.108.7."""


@pytest.mark.parametrize("kind", ["all_deployments_in_cooldown", "rate_limit_error"])
def test_a_model_whose_servers_cool_down_is_there_and_is_asked_again(kind: str) -> None:
    error = said(429, {"error": {"message": COOLING, "type": kind, "param": None, "code": "429"}})
    assert (type(error), error.retry_after_s, worth_retrying(error)) == (RateLimited, 17.0, True)


@pytest.mark.parametrize(("name", "given", "seconds"), [("retry-after", "17", 17), ("retry-after-ms", "1700", 1.7)])
def test_a_gateway_passes_on_how_long_its_provider_asks_to_wait(name: str, given: str, seconds: float) -> None:
    headers = {f"llm_provider-{name}": given}
    assert refused(429, headers, b"{}", ASKED).retry_after_s == seconds
    assert refused(429, {**headers, "retry-after": "3"}, b"{}", ASKED).retry_after_s == 3


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (f"{NOT_FOUND}The page you asked for is gone{FOOTER}", "The page you asked for is gone."),
        (f'{NOT_FOUND}{{"error": {{"message": "No such thing", "code": null}}}}{FOOTER}', "No such thing."),
        (f"{NOT_FOUND}Error code: 404{FOOTER}", "Error code: 404."),
        (f"{NOT_FOUND}The model `m` does not exist{FOOTER}", "The model `m` does not exist."),
    ],
)
def test_what_is_not_found_behind_a_gateway_is_no_fault_of_the_address(message: str, words: str) -> None:
    error = said(404, {"error": {"message": message, "type": "invalid_request_error", "code": "404"}})
    assert isinstance(error, DeploymentNotFound)
    assert error.message.startswith("The provider behind host did not find")
    assert error.message.endswith(words)


@pytest.mark.parametrize(
    "body",
    [
        b'data: {"error": {"message": "It died", "type": "x", "code": "500"}}\n\ndata: [DONE]\n\n',
        b'event: error\r\ndata: {"type": "error", "error": {"type": "api_error",\r\ndata: "message": "It died"}}\r\n',
    ],
)
def test_a_refusal_that_comes_as_an_event_stream_is_read(body: bytes) -> None:
    error = said(500, body)
    assert (type(error), error.message) == (ServerFailed, "host failed (500): It died.")


UPSTREAM = "litellm.AuthenticationError: OpenAIException - Incorrect API key provided: x"
BUDGET = {"message": "Budget has been exceeded! Current cost: 0.01", "type": "budget_exceeded", "code": "400"}
DATABASE = {"message": "No connected db.", "type": "no_db_connection", "code": "400"}


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, {"message": UPSTREAM}, ServerFailed, "Your own key is not the cause"),
        (400, BUDGET, QuotaExhausted, "budget"),
        (422, BUDGET, QuotaExhausted, "budget"),  # LiteLLM 1.106.12
        (400, DATABASE, ServerFailed, "Ask the server's administrator to"),
    ],
)
def test_what_is_wrong_with_the_gateway_itself_is_no_fault_of_the_users_key(
    status: int, body: object, kind: type[ProviderError], words: str
) -> None:
    error = said(status, {"error": body})
    assert isinstance(error, kind)
    assert words in error.hint
    assert not worth_retrying(error)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, [{"error": {"message": "The input token count (9) exceeds the maximum number of tokens allowed (8)."}}]),
        (400, {"code": "x", "error": "This model's maximum prompt length is 8 but the request contains 9 tokens."}),
        (400, {"message": "Input is too long for requested model."}),
        (400, {"message": "input length and `max_tokens` exceed context limit: 19 + 20 > 20, decrease input length"}),
        (400, {"message": "The decoder prompt (length 9) is longer than the maximum model length of 8."}),
        (500, {"message": "The decoder prompt (length 9) is longer than the maximum model length of 8."}),
        (422, {"error": "Input validation error: `inputs` must have less than 8 tokens. Given: 9"}),
        (422, {"error": {"message": "`inputs` tokens + `max_new_tokens` must be <= 8. Given: 9 `inputs` tokens"}}),
        (400, {"error": {"message": "Invalid request: Your request exceeded model token limit: 8"}}),
        (400, {"error": {"message": "<400> InternalError: Range of input length should be [1, 129024]"}}),
        (400, {"error": {"code": "1261", "message": "Prompt exceeds max length"}}),
        (400, {"error": {"message": "x", "code": "model_max_prompt_tokens_exceeded"}}),
        (400, {"error_code": "BAD_REQUEST", "message": "Bad request: prompt token count (9) cannot exceed 8"}),
        (
            413,
            {"error": {"message": "Request body too large for m. Max size: 8 tokens.", "code": "tokens_limit_reached"}},
        ),
        (500, {"error": {"message": "Requested tokens (9) exceed context window of 8"}}),
        (500, {"error": "input length exceeds maximum context length"}),
        (503, {"detail": {"msg": "Prompt too long", "type": "x"}}),
        (502, {"error": {"message": "maximum context length is 8192 tokens, but 9001 were given"}}),
    ],
)
def test_a_prompt_that_is_too_long_is_known_in_every_engines_words(status: int, body: object) -> None:
    error = said(status, body)
    assert type(error) is ContextTooLong
    assert "larger context window" in error.hint


def test_a_server_that_fails_over_its_context_is_not_told_that_it_is_too_long() -> None:
    assert type(said(500, {"error": "failed to create context window: out of memory"})) is ServerFailed


def test_a_range_of_lengths_is_not_taken_for_two_numbers() -> None:
    error = said(400, {"error": {"message": "<400> X: Range of input length should be [1, 129024]"}})
    assert "129,024" not in error.message


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"message": "Your credit balance is too low to access the Anthropic API."}}),
        (403, {"code": "no permission", "error": "Your newly created team doesn't have any credits yet."}),
        (429, {"error": {"message": "suspended", "type": "exceeded_current_quota_error"}}),
        (429, {"error": {"code": "1113", "message": "Insufficient balance or no resource package."}}),
        (429, {"error": {"code": "1113", "message": "您的账户余额不足，请充值后重试"}}),
    ],
)
def test_an_account_with_nothing_left_is_known_by_its_words(status: int, body: object) -> None:
    error = said(status, body)
    assert type(error) is QuotaExhausted
    assert not worth_retrying(error)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_key_that_is_blocked_asks_for_a_new_one(status: int) -> None:
    error = said(status, {"error": {"message": "Your API key was reported as leaked. Please use another API key."}})
    assert type(error) is AuthenticationFailed
    assert "new key" in error.hint
    assert "new key" in said(status, {"message": "The security token included in the request is expired"}).hint


EXTRA = {"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs"}]}


@pytest.mark.parametrize("message", [EXTRA, json.dumps(EXTRA)])
def test_what_stands_within_a_message_that_is_json_is_read(message: object) -> None:
    error = said(422, {"object": "error", "message": message, "type": "invalid_request_error"})
    assert isinstance(error, ParameterRejected)
    assert error.parameter == "stream_options"
    assert error.message == "The model does not accept “stream_options”: body.stream_options: Extra inputs."


@pytest.mark.parametrize(
    "message",
    [
        "'max_tokens' is too large: 8192. This model's maximum context length is 8192 tokens and your request has 300.",
        "Invalid 'input': string too long. Expected a string with maximum length 10485760, but got length 12000000.",
    ],
)
def test_figures_of_something_else_are_not_told_as_the_conversations(message: str) -> None:
    assert "fit." not in str(said(400, {"error": {"message": message, "code": "context_length_exceeded"}}).message)
