"""Origins are equal exactly if requests go to the same scheme, host and port."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from yarl import URL

from desktop.domain.conversation_types import Kind
from desktop.errors import ProviderError
from desktop.net.addresses import repair
from desktop.net.origin import host_of, origin_of, same_origin, server_of, split

HOSTS = st.one_of(
    st.sampled_from(
        [
            "good.example",
            "GOOD.example",
            "good.example.",
            "evil.example",
            "busineß.com",
            "business.com",
            "xn--busine-gta.com",
            "bücher.example",
            "BÜCHER.example",
            "xn--bcher-kva.example",
            "аpple.com",
            "apple.com",
            "127.0.0.1",
            "127.1",
            "localhost",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::1",
            "ex%61mple.com",
            "１２７.0.0.1",
            "fa\u200cß.example",
        ]
    ),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
    st.builds("[fe80::1%{}]".format, st.text(st.characters(codec="utf-8"), max_size=4)),
)
ADDRESSES = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "https://", "HTTPS://", "http://", "//", " https://", "user@", "https://u:p@", "ftp://"]),
    HOSTS,
    st.sampled_from(["", ":443", ":80", ":0443", ":8080", ":8081", ":", ":٤٤٣"]),
    st.sampled_from(["", "/", "/v1", "/v1/chat/completions", "?api-version=1", "/v1#x", "/@evil.example", "\\@e.com"]),
)


def gone_to(address: str) -> tuple[str, str | None, int | None]:
    """Return the destination of a request according to the library that sends it."""
    sent = URL(repair(Kind.OPENAI_V1, address).chat("m"))
    return sent.scheme, sent.raw_host, sent.port


@given(ADDRESSES, ADDRESSES)
@example("good.example/v1", "evil.example/v1")
@example("localhost:1/v1", "localhost:2/v1")
@example("https://busineß.com", "https://business.com")
@example("https://h.example:443", "https://h.example")
def test_two_addresses_have_one_origin_exactly_where_their_requests_go_to_one_server(one: str, other: str) -> None:
    try:
        first, second = origin_of(one), origin_of(other)
    except ProviderError:
        assert not same_origin(one, other)
        return
    assert (first == second) == (gone_to(one) == gone_to(other)) == same_origin(one, other)


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # many of them are none, and that comes by chance
@given(ADDRESSES)
@example("https://[fe80::1%eth0]/v1")
@example("https://[fe80::1%25lo[]/v1")
@example("https://[fe80::1%℀]/v1")
def test_an_origin_is_an_address_of_that_origin(address: str) -> None:
    try:
        origin = origin_of(address)
    except ProviderError:
        assume(False)
        return
    assert origin_of(origin) == origin
    assert origin.isascii()
    assert gone_to(address) == gone_to(origin)
    assert repair(Kind.AZURE_INFERENCE, address).chat("m").startswith(f"{split(address).scheme}://")
    assert repair(Kind.OPENAI_V1, address).origin == origin


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("good.example/v1", "https://good.example"),
        ("localhost:1/v1", "http://localhost:1"),
        ("localhost:2/v1", "http://localhost:2"),
        ("https://busineß.com/v1", "https://xn--busine-gta.com"),
        ("HTTPS://Bücher.Example:443", "https://xn--bcher-kva.example"),
        ("http://[0:0:0:0:0:0:0:1]:80/x", "http://[::1]"),
    ],
)
def test_origins_of_what_people_paste(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@given(st.one_of(ADDRESSES, st.text()))
@example("[::1")
@example("https://[::1")
def test_whatever_an_address_holds_it_can_be_shown(address: str) -> None:
    assert len(server_of(address)) <= 300
    assert "\n" not in server_of(address)
    assert host_of(address) in ("", *((split(address).host,) if host_of(address) else ()))
