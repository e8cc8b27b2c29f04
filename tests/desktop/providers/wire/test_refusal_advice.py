"""What services say of a refusal in their own words, and the advice that can be followed then."""

from __future__ import annotations

import json

import pytest

from desktop.errors import (
    AddressNotFound,
    ContentFiltered,
    DeploymentNotFound,
    PermissionDenied,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    ServerFailed,
    SystemPromptRejected,
    WireRejected,
)
from desktop.providers.wire.faults import RequestTarget, refused

ASKED = RequestTarget(host="h.example", model="m")


def refuse(status: int, message: str, **more: object) -> ProviderError:
    body = {"error": {"message": message, "code": status, **more}}
    return refused(status, {}, json.dumps(body).encode(), ASKED)


@pytest.mark.parametrize(
    ("status", "message", "kind", "hint"),
    [
        (
            404,
            "This model is only supported in v1/responses and not in v1/chat/completions.",
            WireRejected,
            "wire auto",
        ),
        (404, "This is not a chat model and thus not supported.", RequestRejected, "asked in another way"),
        (404, "No endpoints found matching your data policy (Free model publication).", PermissionDenied, "privacy"),
        (404, "No endpoints found that support tool use.", RequestRejected, "another model"),
        (404, "No endpoints found that support system messages", SystemPromptRejected, "system prompt"),
        (400, "Your organization must be verified to stream this model.", PermissionDenied, "Verify"),
        (403, 'm requires moderation on P. Your input was flagged for "x".', ContentFiltered, "Rephrase"),
        (403, "Country, region, or territory not supported", PermissionDenied, "not offered"),
        (500, "model requires more system memory (5.6 GiB) than is available", ServerFailed, "smaller model"),
        (429, "Too many tokens per day, please wait before trying again.", QuotaExhausted, "next day"),
        (429, "Rate limit exceeded: free-models-per-day", QuotaExhausted, "next day"),
        (429, "Rate limit on tokens per day (TPD). Please try again in 7m12s.", RateLimited, ""),
        (400, "User location is not supported for the API use.", PermissionDenied, "not offered"),
        (404, "No models loaded. Please load a model in the developer page.", DeploymentNotFound, "Load one there"),
        (401, "Your IP address is not authorized.", PermissionDenied, "this machine's address"),
        (400, "The model `m` has been decommissioned and is no longer supported.", DeploymentNotFound, "it lists"),
        (404, "Something that has nothing to do with any of that.", RequestRejected, ""),
        (404, "The requested URL was not found on this server.", AddressNotFound, "path"),
    ],
)
def test_the_advice_fits_the_words(status: int, message: str, kind: type[ProviderError], hint: str) -> None:
    found = refuse(status, message)
    assert type(found) is kind
    assert hint in found.hint
    assert message.rstrip(".") in found.message


def test_a_list_of_errors_is_read() -> None:
    body = {"success": False, "errors": [{"code": 5007, "message": "No such model m"}]}
    found = refused(400, {}, json.dumps(body).encode(), ASKED)
    assert "No such model m" in found.message


def test_a_sentence_that_ends_in_another_script_gets_no_second_stop() -> None:
    assert refuse(400, "请联系客服增加限额。").message.endswith("限额。")
