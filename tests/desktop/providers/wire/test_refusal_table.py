"""Refusals by what services say of them: one meaning and one hint, whatever the status that a service chose."""

from __future__ import annotations

import json

import pytest

from desktop.errors import (
    AddressNotFound,
    AuthenticationFailed,
    ContentFiltered,
    ContextTooLong,
    DeploymentNotFound,
    PermissionDenied,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    RequestTooLarge,
    RouteRetired,
    ServerFailed,
    SystemPromptRejected,
    ToolsRejected,
    WireRejected,
)
from desktop.providers.wire.faults import RequestTarget, refused
from desktop.providers.wire.retry import worth_retrying

ASKED = RequestTarget(host="h.example", model="m")


def refuse(status: int, body: object, asked: RequestTarget = ASKED) -> ProviderError:
    made = {"error": {"message": body}} if isinstance(body, str) else body
    return refused(status, {}, json.dumps(made).encode(), asked)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 429])
@pytest.mark.parametrize(
    "message",
    [
        "Insufficient balance. Manage your billing here.",
        "Your workspace has reached its monthly spending limit of $20.",
        "Organization has reached its spend limit.",
        "Your team has either used all available credits or reached its monthly spending limit.",
        "Your prepayment credits are depleted.",
        "The request failed because your account has an overdue balance.",
        "The free tier of the model has been exhausted.",
        "Inactive subscription or usage limit reached",
        "Third-party apps now draw from your extra usage, not your plan limits.",
        "litellm.RateLimitError: OpenAIException - You exceeded your current quota, please check your plan.",
        "用户额度不足",
        "您的账户已欠费",
    ],
)
def test_an_account_with_nothing_left_is_told_whatever_the_status(status: int, message: str) -> None:
    found = refuse(status, message)
    assert type(found) is QuotaExhausted
    assert "Add credit" in found.hint
    assert not worth_retrying(found)


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("Authentication failed: Please make sure your API Key is valid.", "Enter the key again"),
        ("The security token included in the request is invalid.", "Enter the key again"),
        ("Invalid access token.", "Enter the key again"),
        ("Authentication error", "Enter the key again"),
        ("Missing or invalid Authorization header.", "Enter the key again"),
        ("Missing Authorization header.", "Enter the key again"),
        ("Method doesn't allow unregistered callers (callers without established identity).", "Enter the key again"),
        ("Not authenticated", "Enter the key again"),
        ("Access to this API has been disallowed", "Enter the key again"),
        ("无效的令牌", "Enter the key again"),
        ("Bearer Token has expired", "Create a new key"),
        ("Authentication Error - Expired Key. Key Expiry time 2025-01-01.", "Create a new key"),
        ("Permission denied: Consumer 'api_key:AIza' has been suspended.", "Create a new key"),
        ("Key has expired, please renew", "Create a new key"),
        ("该令牌已过期", "Create a new key"),
    ],
)
def test_a_key_that_is_none_is_told_whatever_the_status(status: int, message: str, hint: str) -> None:
    found = refuse(status, message)
    assert type(found) is AuthenticationFailed
    assert hint in found.hint
    without = refuse(status, message, RequestTarget(host="h.example", without_key=True))
    assert "requires a key, and this connection has none" in without.message


@pytest.mark.parametrize("status", [400, 401, 402, 403, 413, 429])
@pytest.mark.parametrize(
    "message",
    [
        "Total tokens of image and text exceed max message tokens.",
        "Prompt 超长",
        "the number of input tokens 9000 cannot exceed the total tokens limit 8192 for this model",
        "Requested 150000 tokens exceeds the max of 127072 tokens",
        "Input length 140000 exceeds the maximum length 131072",
        "prompt tokens 140000 exceeds max context 131072",
        "requested tokens 9000 > context 8192",
        "The requested number of tokens 140000 is over the limit of 128000",
        "Prompt is longer than max context",
        "prompt is too long: 201234 tokens > 200000 maximum",
        "输入文本过长，请减少输入",
    ],
)
def test_a_prompt_that_is_too_long_is_told_whatever_the_status(status: int, message: str) -> None:
    found = refuse(status, message)
    assert type(found) is ContextTooLong
    assert "larger context window" in found.hint


@pytest.mark.parametrize(
    ("status", "message", "kind", "hint"),
    [
        (429, "Too many tokens, please wait before trying again.", RateLimited, "Wait a moment"),
        (429, "Token limit is exceeded. Try again in 34 seconds.", RateLimited, "34 seconds"),
        (429, "Rate limit reached: 3 / min. Add a payment method to raise it.", RateLimited, "Wait a moment"),
        (429, "You exceeded your current quota, see https://ai.google.dev. Retry in 9s.", RateLimited, "9 seconds"),
        (429, "This would exceed your rate limit of 30,000 input tokens per minute (context).", RateLimited, "Wait"),
        (403, "Your API key does not have permission to use this.", PermissionDenied, "owner"),
        (403, "Your account is restricted from using this.", PermissionDenied, "owner"),
        (400, "stop: list length 5 exceeds maximum 4", RequestRejected, ""),
        (400, "The tool's input schema exceeds the maximum depth", RequestRejected, ""),
        (400, "Unexpected token < in JSON", RequestRejected, ""),
        (400, "Request payload size exceeds the limit: 20971520 bytes.", RequestTooLarge, "Shorten"),
        (413, "input batch size 44 > maximum allowed batch size 32", RequestTooLarge, "Shorten"),
    ],
)
def test_what_only_sounds_alike_is_told_as_it_was(
    status: int, message: str, kind: type[ProviderError], hint: str
) -> None:
    found = refuse(status, message)
    assert type(found) is kind
    assert hint in found.hint


@pytest.mark.parametrize(
    ("status", "message", "kind", "hint"),
    [
        (401, "Your account has been deactivated.", PermissionDenied, "its billing"),
        (403, "This organization has been disabled.", PermissionDenied, "its billing"),
        (401, "The project you are requesting has been archived", PermissionDenied, "another project"),
        (401, "No such organization: org-x", PermissionDenied, "another project"),
        (401, "Key is blocked.", PermissionDenied, "to unblock it"),
        (403, "Requests from referer <empty> are blocked.", PermissionDenied, "restrictions"),
        (403, "The key has an IP address restriction.", PermissionDenied, "this computer's IP address"),
        (400, "This credential is only authorized for use with X.", AuthenticationFailed, "another program"),
        (401, "API keys are not supported by this API.", AuthenticationFailed, "access token"),
        (403, "The model requires identity verification", PermissionDenied, "Verify the account"),
        (403, "该令牌额度已用尽", QuotaExhausted, "the key's limit"),
        (401, "该令牌额度已用尽", QuotaExhausted, "the key's limit"),
        (429, "a Trial key is limited to 1000 API calls / month", QuotaExhausted, "resets after"),
        (429, "you have reached your weekly usage limit", QuotaExhausted, "resets after"),
        (403, "You have exceeded your premium request allowance.", QuotaExhausted, "resets after"),
        (429, "You have exceeded the 5-hour usage quota.", QuotaExhausted, "resets after"),
        (403, "Out of call volume quota.", QuotaExhausted, "resets after"),
        (403, "The endpoint is disabled due to a rate limit set to 0.", QuotaExhausted, "another model"),
        (403, "API key has ACLs that do not allow model m.", DeploymentNotFound, "that you are allowed to use"),
        (403, "The model `m` is blocked at the project level.", DeploymentNotFound, "that you are allowed to use"),
        (403, "Your plan does not include access to this model.", DeploymentNotFound, "that you are allowed to use"),
        (403, "该令牌无权访问模型 m", DeploymentNotFound, "that you are allowed to use"),
        (403, "Model m is unavailable in your region.", DeploymentNotFound, "region"),
        (404, "The given endpoint does not exist.", DeploymentNotFound, "the server lists"),
        (404, "model 'm' was removed on September 15, 2025.", DeploymentNotFound, "the server lists"),
        (400, "The provided model identifier is invalid.", DeploymentNotFound, "the server lists"),
        (503, "当前分组下模型 m 无可用渠道", DeploymentNotFound, "the server lists"),
        (400, "m with on-demand throughput isn’t supported.", DeploymentNotFound, "inference profile"),
        (404, "All providers have been ignored.", DeploymentNotFound, "a provider"),
        (400, "m is enabled only for api versions 2024-12-01-preview and later", RequestRejected, "v1 address"),
        (400, "Unsupported MIME type: image/svg+xml.", RequestRejected, "another image"),
        (400, "Penalty is not enabled for models/m", RequestRejected, "“presence_penalty”"),
        (400, "Content Exists Risk", ContentFiltered, "Rephrase"),
        (400, "The model has crashed without additional information.", ServerFailed, "log"),
        (500, "cudaMalloc failed: out of memory", ServerFailed, "smaller model"),
        (400, "Default chat template is no longer allowed.", ServerFailed, "chat template"),
        (400, "m is not accessible via the /chat/completions endpoint.", WireRejected, "wire auto"),
        (403, "Missing Authentication Token", AddressNotFound, "path"),
    ],
)
def test_the_advice_can_be_followed(status: int, message: str, kind: type[ProviderError], hint: str) -> None:
    found = refuse(status, message)
    assert type(found) is kind
    assert hint in found.hint
    assert not worth_retrying(found)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (401, {"type": "ModelError", "message": "Model m is not supported"}, DeploymentNotFound),
        (401, {"type": "CreditsError", "message": "Add something."}, QuotaExhausted),
        (403, {"code": "AccountOverdueError", "message": "No."}, QuotaExhausted),
        (403, {"code": "invalid_api_key", "message": "No."}, AuthenticationFailed),
        (403, {"code": "unauthorized", "message": "No."}, PermissionDenied),
        (400, {"code": "data_inspection_failed", "message": "No."}, ContentFiltered),
        (403, {"message": "No.", "details": [{"reason": "API_KEY_SERVICE_BLOCKED"}]}, PermissionDenied),
    ],
)
def test_a_code_alone_is_enough(status: int, error: object, kind: type[ProviderError]) -> None:
    assert type(refuse(status, {"error": error})) is kind


def test_a_days_quota_among_googles_details_is_not_waited_for() -> None:
    violations = [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]
    error = {
        "message": "You exceeded your current quota. Please retry in 51s.",
        "details": [{"violations": violations}],
    }
    found = refuse(429, {"error": error})
    assert type(found) is QuotaExhausted
    assert "The quota resets tomorrow. Choose" in found.hint
    assert found.retry_after_s is None


def test_a_sign_in_that_is_refused_is_told_as_one_whatever_the_status() -> None:
    found = refuse(400, "Invalid access token.", RequestTarget(host="h.example", by_token=True))
    assert "rejected the sign-in (400)" in found.message


def refuse_with_code(status: int, message: str, **more: object) -> ProviderError:
    body = {"error": {"message": message, "code": status, **more}}
    return refused(status, {}, json.dumps(body).encode(), ASKED)


BEDROCK = "litellm.NotFoundError: BedrockException - "


@pytest.mark.parametrize(
    ("status", "message", "kind", "hint"),
    [
        (
            404,
            "This model is only supported in v1/responses and not in v1/chat/completions.",
            WireRejected,
            "wire auto",
        ),
        (404, "This is not a chat model and thus not supported.", RequestRejected, "requires a different API"),
        (404, "No endpoints found matching your data policy (Free model publication).", PermissionDenied, "privacy"),
        (404, "No endpoints found that support tool use.", ToolsRejected, "Turn off tools"),
        (404, "No endpoints found that support system messages", SystemPromptRejected, "system prompt"),
        (400, "Your organization must be verified to stream this model.", PermissionDenied, "Verify"),
        (403, 'm requires moderation on P. Your input was flagged for "x".', ContentFiltered, "Rephrase"),
        (403, "Country, region, or territory not supported", PermissionDenied, "not available in"),
        (500, "model requires more system memory (5.6 GiB) than is available", ServerFailed, "smaller model"),
        (
            429,
            "Too many tokens per day, please wait before trying again.",
            QuotaExhausted,
            "The quota resets tomorrow. Choose",
        ),
        (429, "Rate limit exceeded: free-models-per-day", QuotaExhausted, "The quota resets tomorrow. Choose"),
        (429, "Rate limit on tokens per day (TPD). Please try again in 7m12s.", RateLimited, ""),
        (400, "User location is not supported for the API use.", PermissionDenied, "not available in"),
        (
            404,
            "No models loaded. Please load a model in the developer page.",
            DeploymentNotFound,
            "Load a model on the server",
        ),
        (401, "Your IP address is not authorized.", PermissionDenied, "this computer's IP address"),
        (
            400,
            "The model `m` has been decommissioned and is no longer supported.",
            DeploymentNotFound,
            "the server lists",
        ),
        (400, '"nomic-embed-text" does not support chat', RequestRejected, "another model"),
        (400, "The model does not support Chat Completions API", RequestRejected, "another model"),
        (400, "The model 'a/b' is not supported by any provider you have enabled.", DeploymentNotFound, "a provider"),
        (404, "No allowed providers are available for the selected model.", DeploymentNotFound, "a provider"),
        (
            404,
            "models/m is not found for API version v1main, or not supported.",
            DeploymentNotFound,
            "the server lists",
        ),
        (400, "m is not a valid model ID", DeploymentNotFound, "the server lists"),
        (404, "model: claude-3-opus-20240229", DeploymentNotFound, "the server lists"),
        (404, "Not found the model kimi-9 or Permission denied", DeploymentNotFound, "the server lists"),
        (
            404,
            f"{BEDROCK}This Model is marked by provider as Legacy and may not be used.",
            DeploymentNotFound,
            "the server lists",
        ),
        (404, f"{BEDROCK}This model version has reached the end of its life.", DeploymentNotFound, "the server lists"),
        (
            404,
            f"{BEDROCK}Model use case details have not been submitted.",
            DeploymentNotFound,
            "that you are allowed to use",
        ),
        (401, "The `models` permission is required to access this endpoint", PermissionDenied, "Grant the key"),
        (400, "The free tier is not available in your country. Please enable billing.", PermissionDenied, "billing"),
        (400, "You uploaded an unsupported image. Use one of these.", RequestRejected, "another image"),
        (
            400,
            "The image data does not represent a valid image. Use supported image formats.",
            RequestRejected,
            "another",
        ),
        (400, "Image URLs are not supported; use base64.", RequestRejected, "another image"),
        (
            400,
            "The chatCompletion operation does not work with the specified model, m-embed.",
            RequestRejected,
            "another",
        ),
        (404, "Function 'abc': Not found for account 'x'", DeploymentNotFound, "the server lists"),
        (401, "key not allowed to access model. Tried to access m", DeploymentNotFound, "that you are allowed to use"),
        (403, "Project `p` does not have access to model `m`", DeploymentNotFound, "that you are allowed to use"),
        (
            403,
            "You don't have access to the model with the specified model ID.",
            DeploymentNotFound,
            "that you are allowed to use",
        ),
        (
            403,
            "Access to model m is restricted and you are not in the list.",
            DeploymentNotFound,
            "that you are allowed to use",
        ),
        (403, "The model m does not exist.", DeploymentNotFound, "the server lists"),
        (410, "The model 'm' has been deprecated and is no longer available.", DeploymentNotFound, "the server lists"),
        (403, "Key based authentication is disabled for this resource.", AuthenticationFailed, "Entra ID"),
        (401, "The principal `abc` lacks the required data action `x`.", PermissionDenied, "the role"),
        (403, "Key limit exceeded (total limit).", QuotaExhausted, "the key's limit"),
        (403, "The API has not been used in project 1 before or it is disabled.", PermissionDenied, "Enable"),
        (403, "This method does not have sufficient permissions to call it", PermissionDenied, "Grant the key"),
        (403, "this model requires a subscription, upgrade for access", DeploymentNotFound, "Subscribe"),
        (400, "The model `m` requires terms acceptance.", DeploymentNotFound, "Accept"),
        (400, "Unable to access non-serverless model m.", DeploymentNotFound, "your own endpoint"),
        (412, "Account x is suspended, possibly due to past invoices.", PermissionDenied, "its billing"),
        (412, "The model requires a newer version of Ollama.", RequestRejected, "Update"),
        (400, "You have reached your specified API usage limits.", QuotaExhausted, "Raise the limit"),
        (429, "You have reached your specified API usage limits.", QuotaExhausted, "Raise the limit"),
        (400, "Model unloaded.", DeploymentNotFound, "Load a model on the server"),
        (500, "unable to load model: /blobs/x", ServerFailed, "log"),
        (404, "Something that has nothing to do with any of that.", RequestRejected, ""),
        (404, "The requested URL was not found on this server.", AddressNotFound, "path"),
    ],
)
def test_the_advice_fits_the_words(status: int, message: str, kind: type[ProviderError], hint: str) -> None:
    found = refuse_with_code(status, message)
    assert type(found) is kind
    assert hint in found.hint
    assert message.rstrip(".") in found.message


@pytest.mark.parametrize(
    ("status", "message", "code", "kind", "hint"),
    [
        (410, "Gone for good.", "ModelDeprecated", DeploymentNotFound, "the server lists"),
        (403, "Not for this resource.", "AuthenticationTypeDisabled", AuthenticationFailed, "Entra ID"),
        (400, "Access denied, keep your account in good standing.", "Arrearage", QuotaExhausted, "Add credit"),
        (400, "Failed to load model: insufficient system resources.", "model_not_found", ServerFailed, "smaller model"),
        (400, "Not served by those that are enabled.", "model_not_supported", DeploymentNotFound, "a provider"),
        (401, "No.", "key_model_access_denied", DeploymentNotFound, "that you are allowed to use"),
    ],
)
def test_the_advice_fits_the_code(status: int, message: str, code: str, kind: type[ProviderError], hint: str) -> None:
    found = refuse_with_code(status, message, code=code, param="model")
    assert type(found) is kind
    assert hint in found.hint


QUOTA = "You exceeded your current quota, head to: https://a.example/{links}.\n* Quota exceeded for metric: x, {limit}"


@pytest.mark.parametrize("links", ["", "long" * 90])
def test_a_quota_of_nothing_is_never_waited_for(links: str) -> None:
    found = refuse_with_code(429, QUOTA.format(links=links, limit="limit: 0, model: m\nPlease retry in 35s."))
    assert type(found) is QuotaExhausted
    assert not worth_retrying(found)
    assert found.retry_after_s is None
    assert "service that issued the key. Waiting does not help" in found.hint
    assert len(found.message) < 400


def test_a_quota_of_something_is_waited_for() -> None:
    found = refuse_with_code(429, QUOTA.format(links="long" * 90, limit="limit: 0.5, model: m\nPlease retry in 35s."))
    assert type(found) is RateLimited
    assert found.retry_after_s == 35


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        (ASKED, "the service's current address"),
        (RequestTarget(host="r.services.ai.azure.com"), "v1 address"),
        (RequestTarget(host="h.example", retirable=True), "v1 address"),
    ],
)
def test_a_retired_route_leads_to_azures_address_on_azure_alone(asked: RequestTarget, hint: str) -> None:
    found = refused(410, {}, b"", asked)
    assert type(found) is RouteRetired
    assert hint in found.hint


def test_who_signed_in_with_entra_id_is_not_told_of_keys() -> None:
    found = refused(403, {}, b'{"message": "Insufficient permissions."}', RequestTarget(host="h", by_token=True))
    assert "key" not in found.hint
    assert "role" in found.hint


def test_a_list_of_errors_is_read() -> None:
    body = {"success": False, "errors": [{"code": 5007, "message": "No such model m"}]}
    found = refused(400, {}, json.dumps(body).encode(), ASKED)
    assert "No such model m" in found.message


def test_a_sentence_that_ends_in_another_script_gets_no_second_stop() -> None:
    assert refuse_with_code(400, "请联系客服增加限额。").message.endswith("限额。")


@pytest.mark.parametrize(
    "message",
    [
        "'developer' is not one of ['system', 'assistant', 'user'] - 'messages.0.role'",
        "'messages.0' : discriminator property 'role' has invalid value",
        "the role of message[0] should be user or assistant",
        "only 'user' and 'assistant' roles are supported",
        "all elements in the message array must have roles: user, assistant, tool",
        '{"detail":[{"loc":["body","messages",0,"role"],"msg":"Input should be \'user\' or \'assistant\'"}]}',
    ],
)
def test_a_role_that_is_refused_is_the_system_prompts(message: str) -> None:
    assert type(refuse_with_code(400, message)) is SystemPromptRejected
