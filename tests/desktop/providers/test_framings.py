"""The other two wires, however their events come: what is whole is read whole, what is broken has its own error."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from desktop.domain.conversation_types import Connection, Kind, Wire
from desktop.domain.events import Finished
from desktop.errors import (
    AnswerTooLarge,
    AnswerUnreadable,
    AuthenticationFailed,
    ConnectFailed,
    ContentFiltered,
    Interrupted,
    NotAStream,
    PermissionDenied,
    ProviderError,
    Redirected,
    ServerFailed,
    Stalled,
)
from desktop.providers.provider import Provider
from tests.desktop.providers.asking import ask, make_of
from tests.servers import messages_streams, responses_streams
from tests.servers.faults import FaultServer
from tests.servers.framings import BROKEN, WHOLE

TEXTS = {Wire.RESPONSES: responses_streams.TEXT, Wire.MESSAGES: messages_streams.TEXT}
ERRORS = {
    "cut-chunk": Interrupted,
    "rst-middle": Interrupted,
    "done-early": Interrupted,
    "bad-json": AnswerUnreadable,
    "stall-middle": Stalled,
}
ALIKE = {
    "html": NotAStream,
    "text": NotAStream,
    "json-other": NotAStream,
    "stall": Stalled,
    "stall-headers": Stalled,
    "rst-first": ConnectFailed,
    "bomb": AnswerTooLarge,
    "brotli": AnswerUnreadable,
    "redirect": Redirected,
    "401": AuthenticationFailed,
    "403": PermissionDenied,
    "500": ServerFailed,
    "filter-prompt": ContentFiltered,
}


@pytest.fixture(params=TEXTS)
async def asked(server: FaultServer, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Provider, str]]:
    """A provider that asks over one wire, and the text of its good answer."""
    made = make_of(Connection(name="c", kind=Kind.OPENAI_V1, url=server.url, wire=request.param))
    yield made, TEXTS[request.param]
    await made.aclose()


@pytest.mark.parametrize("model", WHOLE)
async def test_a_whole_answer_is_read_in_whatever_form_it_comes(asked: tuple[Provider, str], model: str) -> None:
    provider, text = asked
    found = await ask(provider, model)
    assert (found.error, found.text, found.reason) == (None, text, "stop")
    assert found.thought


@pytest.mark.parametrize("model", BROKEN)
async def test_a_broken_answer_has_its_error_and_the_text_so_far(asked: tuple[Provider, str], model: str) -> None:
    provider, text = asked
    found = await ask(provider, model)
    assert type(found.error) is ERRORS[model]
    assert text.startswith(found.text)
    assert found.text
    assert found.of(Finished) == []


@pytest.mark.parametrize(("model", "kind"), ALIKE.items())
async def test_what_is_no_answer_is_named_as_over_chat_completions(
    asked: tuple[Provider, str], model: str, kind: type[ProviderError]
) -> None:
    provider, _ = asked
    found = await ask(provider, model)
    assert (type(found.error), found.text, found.of(Finished)) == (kind, "", [])
