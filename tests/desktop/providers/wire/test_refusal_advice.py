"""What services say of a refusal in their own words, and the advice that can be followed then."""

from __future__ import annotations

import json

import pytest

from desktop.errors import (
    AddressNotFound,
    AuthenticationFailed,
    ContentFiltered,
    DeploymentNotFound,
    PermissionDenied,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    RouteRetired,
    ServerFailed,
    SystemPromptRejected,
    WireRejected,
)
from desktop.providers.wire.faults import RequestTarget, refused
from desktop.providers.wire.retry import worth_retrying

ASKED = RequestTarget(host="h.example", model="m")


def refuse(status: int, message: str, **more: object) -> ProviderError:
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
        (404, "This is not a chat model and thus not supported.", RequestRejected, "needs another API"),
        (404, "No endpoints found matching your data policy (Free model publication).", PermissionDenied, "privacy"),
        (404, "No endpoints found that support tool use.", RequestRejected, "another model"),
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
        (404, "No models loaded. Please load a model in the developer page.", DeploymentNotFound, "Load a model there"),
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
        (401, "The `models` permission is required to access this endpoint", PermissionDenied, "Give the key"),
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
        (403, "This method does not have sufficient permissions to call it", PermissionDenied, "Give the key"),
        (403, "this model requires a subscription, upgrade for access", DeploymentNotFound, "Subscribe"),
        (400, "The model `m` requires terms acceptance.", DeploymentNotFound, "Accept"),
        (400, "Unable to access non-serverless model m.", DeploymentNotFound, "an endpoint of your own"),
        (412, "Account x is suspended, possibly due to past invoices.", PermissionDenied, "its bills"),
        (412, "The model requires a newer version of Ollama.", RequestRejected, "Update"),
        (400, "You have reached your specified API usage limits.", QuotaExhausted, "Raise the limit"),
        (429, "You have reached your specified API usage limits.", QuotaExhausted, "Raise the limit"),
        (400, "Model unloaded.", DeploymentNotFound, "Load a model there"),
        (500, "unable to load model: /blobs/x", ServerFailed, "log"),
        (404, "Something that has nothing to do with any of that.", RequestRejected, ""),
        (404, "The requested URL was not found on this server.", AddressNotFound, "path"),
    ],
)
def test_the_advice_fits_the_words(status: int, message: str, kind: type[ProviderError], hint: str) -> None:
    found = refuse(status, message)
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
    found = refuse(status, message, code=code, param="model")
    assert type(found) is kind
    assert hint in found.hint


QUOTA = "You exceeded your current quota, head to: https://a.example/{links}.\n* Quota exceeded for metric: x, {limit}"


@pytest.mark.parametrize("links", ["", "long" * 90])
def test_a_quota_of_nothing_is_never_waited_for(links: str) -> None:
    found = refuse(429, QUOTA.format(links=links, limit="limit: 0, model: m\nPlease retry in 35s."))
    assert type(found) is QuotaExhausted
    assert not worth_retrying(found)
    assert found.retry_after_s is None
    assert "service that issued the key. Waiting does not help" in found.hint
    assert len(found.message) < 400


def test_a_quota_of_something_is_waited_for() -> None:
    found = refuse(429, QUOTA.format(links="long" * 90, limit="limit: 0.5, model: m\nPlease retry in 35s."))
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
    assert refuse(400, "请联系客服增加限额。").message.endswith("限额。")


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
    assert type(refuse(400, message)) is SystemPromptRejected
