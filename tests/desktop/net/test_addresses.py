"""Pasted addresses are corrected and shown; hosts that serve no model are rejected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation_types import Kind, Wire
from desktop.errors import AddressInsecure, AddressInvalid
from desktop.net.addresses import Profile, is_loopback, repair

AZURE, OPENAI, ANTHROPIC = Kind.AZURE_INFERENCE, Kind.OPENAI_V1, Kind.ANTHROPIC


@pytest.mark.parametrize("kind", [AZURE, OPENAI])
@pytest.mark.parametrize(
    "text",
    [
        "https://r.services.ai.azure.com",
        "r.services.ai.azure.com/",
        "  https://R.services.ai.azure.com/openai/v1/chat/completions?api-version=2025-01-01-preview \n",
        "HTTPS://r.services.ai.azure.com/openai/v1/#x",
    ],
)
def test_a_bare_azure_host_and_the_portals_url_become_v1(kind: Kind, text: str) -> None:
    address = repair(kind, text)
    assert address.url == "https://r.services.ai.azure.com/openai/v1"
    assert (address.profile, address.api_version) == (Profile.V1, "")
    assert address.repairs
    assert address.chat("m") == "https://r.services.ai.azure.com/openai/v1/chat/completions"


@pytest.mark.parametrize("host", ["r.openai.azure.com", "r.cognitiveservices.azure.com"])
def test_other_azure_hosts_become_v1_too(host: str) -> None:
    assert repair(AZURE, host).url == f"https://{host}/openai/v1"


def test_the_path_picks_model_inference() -> None:
    address = repair(AZURE, "https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview")
    assert (address.profile, address.api_version) == (Profile.INFERENCE, "2024-05-01-preview")
    assert address.retirable
    assert address.chat("m") == "https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview"


def test_a_serverless_host_stays_as_it_is() -> None:
    address = repair(AZURE, "https://m.eastus2.inference.ai.azure.com/")
    assert (address.url, address.profile) == ("https://m.eastus2.inference.ai.azure.com", Profile.INFERENCE)
    assert not address.retirable
    assert address.sibling("info").startswith("https://m.eastus2.inference.ai.azure.com/info?api-version=")


def test_the_path_picks_the_deployment_and_the_model_takes_its_place() -> None:
    pasted = "https://r.openai.azure.com/openai/deployments/my%20dep/chat/completions?api-version=2024-06-01"
    address = repair(AZURE, pasted)
    assert (address.profile, address.api_version, address.deployment) == (Profile.DEPLOYMENTS, "2024-06-01", "my dep")
    assert address.chat("my dep") == pasted
    assert address.chat("a/b").startswith("https://r.openai.azure.com/openai/deployments/a%2Fb/chat/completions?")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("localhost:8080/v1", "http://localhost:8080/v1"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("[::1]:99/v1/", "http://[::1]:99/v1"),
        ("http://[0:0:0:0:0:0:0:1]/v1", "http://[::1]/v1"),
        ("example.com", "https://example.com"),
        ("https://api.x.ai/v1/chat/completions/", "https://api.x.ai/v1"),
        ("https://api.x.ai/v1/models", "https://api.x.ai/v1"),
        ("http://localhost:8080/v1/models/", "http://localhost:8080/v1"),
        ("https://gw.example/models", "https://gw.example/models"),
        ("https://gw.example/llm/x/?tenant=3&k=a%20b", "https://gw.example/llm/x?tenant=3&k=a%20b"),
        ("https://bücher.example/v1", "https://xn--bcher-kva.example/v1"),
        ("https://h.example/pfad/ü", "https://h.example/pfad/%C3%BC"),
        ("https://h.example:0443/v1", "https://h.example:443/v1"),
    ],
)
def test_elsewhere_only_what_is_needed_changes(text: str, url: str) -> None:
    assert repair(OPENAI, text).url == url


def test_a_query_goes_with_every_request() -> None:
    address = repair(OPENAI, "https://gw.example/v1?tenant=3")
    assert address.sibling("models") == "https://gw.example/v1/models?tenant=3"


def test_a_clean_address_needs_no_repair() -> None:
    assert repair(OPENAI, "https://api.x.ai/v1").repairs == ()
    assert repair(AZURE, "https://r.openai.azure.com/openai/v1").repairs == ()


def test_repairs_are_sentences() -> None:
    repairs = repair(OPENAI, " api.x.ai/v1/chat/completions/ ").repairs
    assert len(repairs) == 4
    assert all(sentence[0].isupper() or sentence[0] in "h/" for sentence in repairs)
    assert all(sentence.endswith(".") for sentence in repairs)


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com/v1",
        "http://127.0.0.1.evil.com",
        "http://localhost.evil.com",
        "http://0x7f.1",
        "http://127.1",
        "http://2130706433",
        "http://[::ffff:127.0.0.1]",
        "http://[::2]",
        "http://10.0.0.1",
        "http://localhost.",
    ],
)
def test_http_to_anywhere_but_this_machine_is_refused(text: str) -> None:
    with pytest.raises(AddressInsecure):
        repair(OPENAI, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "https://",
        "ftp://example.com",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:a@b.c",
        "https://user:pw@example.com",
        "http://localhost@evil.com",
        "https://example.com\\@localhost",
        "https://exa mple.com",
        "https://example.com/a b",
        "https://exam\x00ple.com",
        "https://exam\u200bple.com",
        "https://example.com/\r\nHost: x",
        "https://example.com:99999",
        "https://example.com:0",
        "https://example.com:port",
        "https://[::1",
        "https://[nope]",
        "https://ex%61mple.com",
        "https://.example.com",
        "https://a..b",
        "https://" + "a" * 64 + ".com",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressInvalid):
        repair(OPENAI, text)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.255.0.1", "::1", "[::1]"])
def test_loopback_is_known(host: str) -> None:
    assert is_loopback(host)


PARTS = st.lists(
    st.sampled_from(
        [
            "https://",
            "http://",
            "localhost",
            "r.openai.azure.com",
            "r.services.ai.azure.com",
            "example.com",
            ":8080",
            "/",
            "/openai/v1",
            "/models",
            "/messages",
            "/anthropic",
            "/v1",
            "/openai/deployments/d",
            "/chat/completions",
            "?api-version=2024-06-01",
            "&a=%20+b",
            "#x",
            " ",
            "ü",
            "?",
            "%",
            "//",
            "[::1]",
            "@",
            "127.0.0.1",
        ]
    ),
    max_size=7,
).map("".join)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("api.anthropic.com", "https://api.anthropic.com"),
        ("https://api.anthropic.com/v1/", "https://api.anthropic.com"),
        ("https://gw.example/team/v1/messages?tenant=3", "https://gw.example/team?tenant=3"),
        ("http://localhost:4000/v1/models", "http://localhost:4000"),
        ("https://r.services.ai.azure.com", "https://r.services.ai.azure.com/anthropic"),
        ("https://r.services.ai.azure.com/openai/v1", "https://r.services.ai.azure.com/anthropic"),
        ("https://r.services.ai.azure.com/api/projects/p", "https://r.services.ai.azure.com/anthropic"),
        ("https://r.services.ai.azure.com/anthropic/v1/messages", "https://r.services.ai.azure.com/anthropic"),
        ("https://r.services.ai.azure.com/anthropic", "https://r.services.ai.azure.com/anthropic"),
    ],
)
def test_an_address_of_messages_ends_before_their_route(text: str, url: str) -> None:
    address = repair(ANTHROPIC, text)
    assert (address.url, address.profile) == (url, Profile.MESSAGES)
    path, _, query = url.partition("?")
    assert address.answers(Wire.AUTO, "m") == f"{path}/v1/messages{f'?{query}' if query else ''}"
    assert bool(address.repairs) == (text != url)


@given(st.sampled_from([AZURE, OPENAI, ANTHROPIC]), PARTS | st.text(max_size=30))
def test_putting_right_twice_changes_nothing_more(kind: Kind, text: str) -> None:
    try:
        once = repair(kind, text)
    except (AddressInvalid, AddressInsecure):
        return
    assert repair(kind, once.url) == once._replace(repairs=())
    assert once.url == text or once.repairs


def test_a_projects_address_leads_to_its_resource() -> None:
    address = repair(Kind.AZURE_INFERENCE, "https://foo.services.ai.azure.com/api/projects/bar")
    assert address.url == "https://foo.services.ai.azure.com/openai/v1"
    assert "project" in address.repairs[0]


@pytest.mark.parametrize("path", ["/models", "/openai/deployments/d"])
def test_other_routes_of_the_server_are_asked_with_what_the_address_asks_for(path: str) -> None:
    address = repair(AZURE, f"https://gate.example{path}?api-version=2024-05-01-preview&tenant=a%20b")
    assert address.answers(Wire.RESPONSES, "m") == "https://gate.example/openai/v1/responses?tenant=a+b"
    assert address.at_origin("/x", "v2") == "https://gate.example/x?tenant=a+b&api-version=v2"


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z",
        "9f3c1d7a5b2e48609c4d8e7f1a2b3c4d",
        "gsk_Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z" * 3,
    ],
)
@pytest.mark.parametrize("form", ["{}", " https://{}", "{}/v1", "https://{}/?x"])
def test_a_key_in_an_addresss_place_is_refused_and_not_repeated(form: str, key: str) -> None:
    with pytest.raises(AddressInvalid, match="looks like a key") as caught:
        repair(Kind.OPENAI_V1, form.format(key))
    assert key.lower() not in f"{caught.value.message} {caught.value.hint}".lower()


@pytest.mark.parametrize(
    "address",
    [
        "https://xk3v9f2abcdeqr7z.us-east-1.aws.endpoints.huggingface.cloud",
        "https://sk-bratislava-gateway-main/v1",
        "https://9f3c1d7a5b2e48609c4d8e7f1a2b3c4d.openai.azure.com",
        "https://intranet/openai/deployments/gpt4o2024x",
        "localhost:8000",
    ],
)
def test_hosts_with_drawn_names_stay(address: str) -> None:
    assert repair(Kind.OPENAI_V1, address).url


def test_a_key_is_refused_in_whatever_case_it_was_kept() -> None:
    for written in ("ABCDEFGHIJKLM1234ABCDEF1234", "https://abcdefghijklm1234abcdef1234"):
        with pytest.raises(AddressInvalid, match="looks like a key"):
            repair(Kind.OPENAI_V1, written)
