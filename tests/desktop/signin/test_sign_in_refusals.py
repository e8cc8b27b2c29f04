"""What the authority says, as errors that name the cure; and which token an address takes."""

from __future__ import annotations

import pytest

from desktop.domain.conversation_types import Kind
from desktop.errors import (
    AccessConditional,
    ApplicationWrong,
    ConsentMissing,
    ParagoneError,
    SignInFailed,
    SignInRequired,
    TenantWrong,
)
from desktop.net.addresses import repair
from desktop.providers.scopes import OLD_SCOPE, SERVICES_SCOPE, V1_SCOPE, is_azure, scope_of
from desktop.signin.entra import refusal
from tests.servers.authority import refusal as said


@pytest.mark.parametrize(
    ("number", "error", "kind"),
    [
        (65001, "invalid_grant", ConsentMissing),
        (50034, "invalid_grant", TenantWrong),
        (53000, "interaction_required", AccessConditional),
        (50011, "invalid_request", ApplicationWrong),
        (700016, "unauthorized_client", ApplicationWrong),
        (50076, "interaction_required", SignInRequired),
        (99999, "server_error", SignInFailed),
    ],
)
def test_each_number_has_its_error(number: int, error: str, kind: type[ParagoneError]) -> None:
    found = refusal(said(number, error, "Because."))
    assert type(found) is kind
    assert found.message.endswith(f": AADSTS{number}: Because.")
    assert found.hint


def test_numbers_count_also_where_only_the_text_has_them() -> None:
    answer = {"error": "access_denied", "error_description": "AADSTS65004: The resource owner declined."}
    assert type(refusal(answer)) is ConsentMissing


def test_trace_ids_are_left_out() -> None:
    assert "0a1b" not in refusal(said(53003)).message


def test_a_renewal_that_is_refused_for_no_known_reason_asks_for_a_sign_in() -> None:
    assert type(refusal({"error": "invalid_request"}, renewing=True)) is SignInRequired
    assert type(refusal({"error": "invalid_request"})) is SignInFailed


@pytest.mark.parametrize("answer", [{}, {"error": 3}, {"error_codes": "x"}, {"error_description": None}])
def test_odd_answers_are_errors_too(answer: dict[str, object]) -> None:
    assert type(refusal(answer)) is SignInFailed


@pytest.mark.parametrize(
    ("url", "scope"),
    [
        ("https://c.services.ai.azure.com/openai/v1", V1_SCOPE),
        ("https://c.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21", SERVICES_SCOPE),
        ("https://c.services.ai.azure.com/models", SERVICES_SCOPE),
        ("https://c.eastus2.models.ai.azure.com", OLD_SCOPE),
        ("https://c.openai.azure.us/openai/v1", "https://cognitiveservices.azure.us/.default"),
    ],
)
def test_an_address_has_its_scope(url: str, scope: str) -> None:
    assert scope_of(repair(Kind.AZURE_INFERENCE, url)) == scope


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://c.openai.azure.com/openai/v1", True),
        ("https://C.Services.AI.azure.com./openai/v1", True),
        ("https://c.cognitiveservices.azure.us/openai/v1", True),
        ("https://c.eastus2.models.ai.azure.com/v1", True),
        ("https://azure.com.evil.example/v1", False),
        ("https://evil.westeurope.cloudapp.azure.com/v1", False),
        ("https://evil.eastus2.inference.ml.azure.com/v1", False),
        ("https://evilopenai.azure.com/v1", False),
        ("https://openai.azure.com.evil.cloudapp.azure.com/v1", False),
    ],
)
def test_only_servers_that_microsoft_runs_are_azures(url: str, *, own: bool) -> None:
    assert is_azure(repair(Kind.OPENAI_V1, url)) is own
