"""Refusals: each status and body its own error, and never more of the server's text than is fit to show."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.errors import (
    AddressNotFound,
    AuthenticationFailed,
    Conflict,
    ContentFiltered,
    ContextTooLong,
    DeploymentNotFound,
    GatewayTimedOut,
    NotAStream,
    ParameterRejected,
    PermissionDenied,
    ProviderError,
    ProxyFailed,
    RateLimited,
    Redirected,
    RequestRejected,
    RequestTimedOut,
    RequestTooLarge,
    RouteRetired,
    ServerFailed,
    ServerOverloaded,
)
from desktop.providers.wire.faults import RequestTarget, failed_within, refused

ASKED = RequestTarget(host="host", model="m", secrets=("sk-secret-key",))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def refuse(status: int, body: object = "", asked: RequestTarget = ASKED, **headers: str) -> ProviderError:
    data = body if isinstance(body, str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refused(status, named, data.encode(), asked, NOW)


def error(code: str, message: str = "Said.", **more: object) -> dict[str, object]:
    return {"error": {"code": code, "message": message, **more}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, error("bad"), RequestRejected),
        (400, {"code": "invalid argument", "error": "Incorrect API key provided: xa***"}, AuthenticationFailed),
        (401, {"statusCode": 401, "message": "Access denied."}, AuthenticationFailed),
        (402, error("402"), PermissionDenied),
        (403, error("Forbidden"), PermissionDenied),
        (404, error("DeploymentNotFound"), DeploymentNotFound),
        (404, error("model_not_found"), DeploymentNotFound),
        (404, {"error": 'model "x" not found, try pulling it first'}, DeploymentNotFound),
        (404, {"object": "error", "message": "The model `x` does not exist.", "code": 404}, DeploymentNotFound),
        (400, error("unknown_model", "Unknown model: x"), DeploymentNotFound),
        (404, error("404", "Resource not found"), AddressNotFound),
        (404, {"detail": "Not Found"}, AddressNotFound),
        (405, "", AddressNotFound),
        (407, "", ProxyFailed),
        (408, "", RequestTimedOut),
        (409, "", Conflict),
        (410, "", RouteRetired),
        (413, "", RequestTooLarge),
        (422, {"detail": [{"loc": ["body", "messages"], "msg": "field required"}]}, RequestRejected),
        (424, "", ServerFailed),
        (429, "", RateLimited),
        (500, "", ServerFailed),
        (502, "", ServerOverloaded),
        (503, "", ServerOverloaded),
        (504, "", GatewayTimedOut),
        (524, "", GatewayTimedOut),
        (400, error("context_length_exceeded"), ContextTooLong),
        (400, {"error": {"code": 400, "message": "x", "type": "exceed_context_size_error"}}, ContextTooLong),
        (400, {"message": "This model's maximum context length is 8192 tokens."}, ContextTooLong),
        (204, "", NotAStream),
        (418, "", RequestRejected),
    ],
)
def test_each_refusal_has_its_own_error(status: int, body: object, kind: type[ProviderError]) -> None:
    found = refuse(status, body)
    assert type(found) is kind
    assert found.status == status
    assert found.message.endswith((".", "!", "?", "…"))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (error("x", "In an object."), "In an object."),
        ({"error": "As text."}, "As text."),
        ({"statusCode": 500, "message": "Flat."}, "Flat."),
        ({"detail": "A detail."}, "A detail."),
        ({"detail": [{"loc": ["body", "n"], "msg": "too big"}]}, "body.n: too big."),
        ([{"error": {"message": "In a list."}}], "In a list."),
        ("Plain text", "Plain text."),
        ('{"broken', '{"broken.'),
    ],
)
def test_the_servers_sentence_is_found_in_any_shape(body: object, said: str) -> None:
    assert refuse(500, body).message == f"host failed (500): {said}"


def test_of_a_web_page_only_the_title_is_shown() -> None:
    page = "<!DOCTYPE html><html><head><title>Bad &lt;Gateway&gt;</title></head><body>secrets</body></html>"
    assert refuse(502, page).message == "host is unavailable (502): a web page, “Bad <Gateway>”."
    assert refuse(502, "<h1>Nope</h1><p>x").message == "host is unavailable (502): a web page, “Nope”."
    assert refuse(502, "<p>x").message == "host is unavailable (502)."


def test_a_404_on_the_model_inference_route_means_retired_unless_a_deployment_is_missing() -> None:
    old = RequestTarget(host="r.services.ai.azure.com", model="m", retirable=True)
    assert type(refuse(404, error("404"), old)) is RouteRetired
    assert type(refuse(404, error("DeploymentNotFound"), old)) is DeploymentNotFound


def test_a_wrong_path_on_azure_is_told_the_v1_address() -> None:
    found = refuse(404, error("404"), RequestTarget(host="r.services.ai.azure.com"))
    assert found.hint == "Use the v1 address: https://r.services.ai.azure.com/openai/v1"


def test_a_filtered_prompt_names_categories_and_severity() -> None:
    result = {"hate": {"filtered": True, "severity": "medium"}, "jailbreak": {"filtered": True, "detected": True}}
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": result}
    found = refuse(400, error("content_filter", param="prompt", innererror=inner))
    assert type(found) is ContentFiltered
    assert found.message == "The content filter rejected the prompt: hate (medium), jailbreak (detected)."


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        (error("unsupported_parameter", "Unsupported.", param="max_tokens"), "max_tokens"),
        (error("unsupported_value", "'temperature' does not support 0.2.", param="temperature"), "temperature"),
        (error("unknown_parameter", "Unknown parameter: 'foo'.", param="foo"), "foo"),
        (error("", "Unsupported parameter: 'max_tokens' is not supported. Use 'x' instead."), "max_tokens"),
        (error("", "Unrecognized request argument supplied: stream_options"), "stream_options"),
        ({"code": "c", "error": "Argument not supported on this model: presencePenalty"}, "presence_penalty"),
        ({"detail": [{"loc": ["body", "n"], "msg": "extra fields not permitted", "type": "value_error.extra"}]}, "n"),
        ({"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs", "type": "extra_forbidden"}]}, "seed"),
        ({"error": {"details": [{"type": "extra_forbidden", "loc": ["body", "seed"]}]}}, "seed"),
        ({"message": "[{'type': 'extra_forbidden', 'loc': ('body', 'foo'), 'msg': 'Extra'}]", "code": 400}, "foo"),
        (error("", "Extra parameters ['foo'] are not allowed when extra-parameters is not set."), "foo"),
        (error("", "top_k: Extra inputs are not permitted"), "top_k"),
        (error("", "presence_penalty: extra fields not permitted"), "presence_penalty"),
        (error("", "Model grok does not support parameter presencePenalty."), "presence_penalty"),
        (error("unsupported", "no", param="stream_options.include_usage"), None),
        (error("", "It is not supported", param="stream_options.include_usage"), "stream_options"),
        (error("", "temperature must be below 2", param="temperature"), None),
        (error("", "This operation is not supported for streaming"), None),
        (error("", "Something else"), None),
    ],
)  # fmt: skip
def test_a_parameter_that_the_model_does_not_take_is_named(body: object, parameter: str | None) -> None:
    found = refuse(400, body)
    assert (found.parameter if isinstance(found, ParameterRejected) else None) == parameter


def test_what_to_use_instead_is_the_hint() -> None:
    message = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    assert refuse(400, error("", message)).hint == "Use “max_completion_tokens” instead."


def test_a_redirect_names_the_other_host_alone() -> None:
    found = refuse(307, location="https://user:pw@evil.example/path?key=sk-secret-key")
    assert type(found) is Redirected
    assert found.message == "host redirected the request to evil.example. Paragone did not follow the redirect."
    assert "[::1" not in refuse(302, location="http://[::1").message


@pytest.mark.parametrize(
    ("header", "text", "seconds"),
    [
        ("7", "", 7),
        ("0.5", "", 0.5),
        ("86400000", "", 86_400_000),
        (format_datetime(NOW + timedelta(seconds=30), usegmt=True), "", 30),
        (format_datetime(NOW - timedelta(seconds=30), usegmt=True), "", 0),
        ("-5", "", None),
        ("nan", "", None),
        ("inf", "", None),
        ("soon", "", None),
        ("soon", "Please retry after 9 seconds.", 9),
        ("3", "Please retry after 9 seconds.", 3),
        ("", "Please retry after 2 seconds.", 2),
        ("", "Please try again in 1m30s.", 90),
        ("", "Try again in 250ms", 0.25),
        ("", "Please wait 5 minutes", 300),
        ("", "Limit 100, used 99. Please try again in 1.5s", 1.5),
        ("", "Limit is 100 requests.", None),
        ("Wed, 99 Foo 2026 99:99:99 GMT", "", None),
    ],
)
def test_how_long_to_wait_is_found(header: str, text: str, seconds: float | None) -> None:
    assert refuse(429, error("429", text), retry_after=header).retry_after_s == seconds


def test_milliseconds_and_the_servers_own_clock_count() -> None:
    assert refuse(429, retry_after_ms="1500").retry_after_s == 1.5
    later, date = (format_datetime(NOW + timedelta(days=days), usegmt=True) for days in (9, 8))
    assert refuse(429, retry_after=later, date=date).retry_after_s == 86400


def test_the_request_id_is_kept() -> None:
    assert refuse(500, apim_request_id="abc\x1b[31m").request_id == "abc"


def test_keys_are_masked_and_text_is_bounded_to_one_line() -> None:
    found = refuse(500, error("x", "sk-secret-key\n\u202e" + "long " * 1000))
    assert "sk-secret-key" not in found.message
    assert "[secure]" in found.message
    assert len(found.message) < 400
    assert found.message.isprintable()


def test_a_key_cut_off_by_the_bound_is_masked_before() -> None:
    assert "sk-sec" not in refuse(500, "x" * 290 + "sk-secret-key").message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "code", "message", "detail", "loc", "innererror", "param"]), inner)
    ),
    max_leaves=10,
)


@given(st.integers(300, 599), JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=50))
def test_any_body_gives_a_typed_error(status: int, body: bytes) -> None:
    assert isinstance(refused(status, {}, body, ASKED, NOW), ProviderError)


SLASHED = replace(ASKED, secrets=("abc/DEF+9",))
SPELLED = ["abc/DEF+9", "abc\\/DEF+9", "".join(f"\\u{ord(each):04x}" for each in "abc/DEF+9"), "abc%2FDEF%2B9"]
AS_ENTITIES = ["".join(f"&#{ord(each)};" for each in "abc/DEF+9"), "abc&sol;DEF&plus;9", "ab<b>c/DEF</b>+9"]


@pytest.mark.parametrize("spelled", [*SPELLED, AS_ENTITIES[0], AS_ENTITIES[1]])
def test_a_key_in_another_spelling_is_hidden_in_messages_and_parameters(spelled: str) -> None:
    message = refuse(401, f'{{"error": {{"code": "x", "message": "Wrong: {spelled}."}}}}', SLASHED)
    assert message.message.endswith("Wrong: [secure].")
    coded = f'{{"error": {{"code": "unsupported_parameter", "message": "x", "param": "{spelled}"}}}}'
    rejected = refuse(400, coded, SLASHED)
    assert isinstance(rejected, ParameterRejected)
    listed = f'{{"detail": [{{"type": "extra_forbidden", "loc": ["body", "{spelled}"], "msg": "no {spelled}"}}]}}'
    detailed = refuse(422, listed, SLASHED)
    within = failed_within(json.loads(coded), SLASHED)
    for error in (rejected, detailed, within):
        assert "def" not in f"{error.message} {error.hint} {getattr(error, 'parameter', '')}".casefold()


@pytest.mark.parametrize("spelled", [*SPELLED, *AS_ENTITIES])
def test_a_key_in_another_spelling_is_hidden_in_titles_texts_and_names_of_calls(spelled: str) -> None:
    page = refuse(502, f"<html><title>No {spelled} here</title></html>", SLASHED)
    assert "No [secure] here" in page.message
    named = refuse(500, f"No {spelled.replace('<b>', '').replace('</b>', '')} here", SLASHED, x_request_id=SPELLED[3])
    assert "No [secure] here" in named.message
    assert named.request_id == "[secure]"
