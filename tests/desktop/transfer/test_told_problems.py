"""What went wrong with an answer is told to others without its server's address."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain import Conversation, Problem
from desktop.phrases import phrase
from desktop.transfer import markdown_page, paragone_json
from desktop.transfer.told_problems import nameless
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
    talk = failed(f"{address} cannot be reached.", f"Is {address} right?")
    pages = (page_of(talk), markdown_page.piece(talk, first=True), paragone_json.export([talk], AT))
    assert all(address not in page and "cannot be reached." in page for page in pages)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("The host gpuserver-7 cannot be found.", "The host embedded cannot be found."),
        ("gpuserver-7:8080 does not answer in HTTP.", "embedded does not answer in HTTP."),
        ("The host xn--b1afb6bcb.xn--p1ai cannot be found.", "The host embedded cannot be found."),
        ("No secure connection to gpuserver-7 could be made.", "No secure connection to embedded could be made."),
        ("The proxy corp did not connect to gpu in time.", "The proxy embedded did not connect to embedded in time."),
        ("The answer broke off before its end.", "The answer broke off before its end."),
    ],
)
def test_a_host_without_a_dot_is_an_address_too(said: str, told: str) -> None:
    problem = nameless(failed(said).messages[-1])
    assert problem is not None
    assert problem.message == told


def test_a_sentence_without_one_stays_what_it_is() -> None:
    said = phrase("The answer broke off before its end.")
    problem = nameless(failed(said).messages[-1])
    assert problem is not None
    assert problem.message is said
