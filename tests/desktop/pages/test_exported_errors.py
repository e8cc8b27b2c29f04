"""What went wrong with an answer is told to others without its server's address."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain.conversation_types import Conversation, Problem
from desktop.pages import markdown_page
from desktop.pages.exported_errors import nameless
from desktop.text.phrases import phrase
from desktop.transfer.export import paragone_json
from tests.desktop.store import made
from tests.desktop.transfer.made import AT
from tests.desktop.transfer.test_html import page_of


def failed(said: str, hint: str = "") -> Conversation:
    talk = made.said("Why?")
    *before, last = talk.messages
    broken = msgspec.structs.replace(
        last, model=talk.model, problem=Problem(code="unreachable", message=said, hint=hint)
    )
    return msgspec.structs.replace(talk, messages=(*before, broken))


@pytest.mark.parametrize(
    "address", ["secret-lab.example.com", "10.1.2.3:8080", "https://secret-lab.local/v1", "localhost:81"]
)
def test_no_format_tells_it(address: str) -> None:
    talk = failed(f"{address} is not reachable.", f"Is {address} right?")
    pages = (page_of(talk), markdown_page.piece(talk, first=True), paragone_json.export([talk], AT))
    assert all(address not in page and "is not reachable." in page for page in pages)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("The host gpuserver-7 was not found.", "The host embedded was not found."),
        ("gpuserver-7:8080 does not speak HTTP.", "embedded does not speak HTTP."),
        ("The host xn--b1afb6bcb.xn--p1ai was not found.", "The host embedded was not found."),
        (
            "A secure connection to gpuserver-7 could not be established.",
            "A secure connection to embedded could not be established.",
        ),
        ("The proxy corp did not connect to gpu in time.", "The proxy embedded did not connect to embedded in time."),
        ("http to gpu would send the key unencrypted.", "http to embedded would send the key unencrypted."),
        (
            "Using http for gpu would send the key unencrypted.",
            "Using http for embedded would send the key unencrypted.",
        ),
        ("The certificate for gpu:81 has expired.", "The certificate for embedded has expired."),
        ("The certificate of gpu:81 has expired.", "The certificate of embedded has expired."),
        ("gpu presented a certificate for another host.", "embedded presented a certificate for another host."),
        ("No model is loaded on gpu (404).", "No model is loaded on embedded (404)."),
        ("Nothing responds at this path on gpu (404).", "Nothing responds at this path on embedded (404)."),
        (
            "At gpu, no provider that the account allows serves this model (404).",
            "At embedded, no provider that the account allows serves this model (404).",
        ),
        (
            "The stored key was entered for gpu and is only sent there.",
            "The stored key was entered for embedded and is only sent there.",
        ),
        ("The account that gpu charges has no credit left.", "The account that embedded charges has no credit left."),
        ("The request is larger than gpu accepts (413).", "The request is larger than embedded accepts (413)."),
        ("The key's own limit at gpu has been reached.", "The key's own limit at embedded has been reached."),
        ("A proxy in front of gpu:81 timed out.", "A proxy in front of embedded timed out."),
        (
            "The provider behind gpu rejected the key of gpu.",
            "The provider behind embedded rejected the key of embedded.",
        ),
        ("Your organization does not allow the server gpu.", "Your organization does not allow the server embedded."),
        ("gpu closed the connection before responding.", "embedded closed the connection before responding."),
        ("Set “top_k” to at most 5. A proxy may be slow.", "Set “top_k” to at most 5. A proxy may be slow."),
        ("The response was interrupted.", "The response was interrupted."),
    ],
)
def test_a_host_without_a_dot_is_an_address_too(said: str, told: str) -> None:
    problem = nameless(failed(said).messages[-1])
    assert problem is not None
    assert problem.message == told


def test_a_sentence_without_one_stays_what_it_is() -> None:
    said = phrase("The response was interrupted.")
    problem = nameless(failed(said).messages[-1])
    assert problem is not None
    assert problem.message is said
