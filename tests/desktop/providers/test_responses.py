"""Answers over the Responses wire: both adapters, each fault, and a model that answers over nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from desktop.catalog.learnt_models import LearntInput
from desktop.domain.conversation_types import Connection, Kind, Role, Wire
from desktop.domain.events import Finished, ModelNamed, Notice, ReasoningDelta, Started, UsageUpdate
from desktop.errors import (
    AddressNotFound,
    FilesRejected,
    Interrupted,
    ProviderError,
    RateLimited,
    StreamFailed,
    WireRejected,
)
from desktop.net.origin import origin_of
from desktop.providers.provider import AttachedPart, ChatMessage, Provider
from tests.desktop.providers.asking import KEY, QUICK, Outcome, ask, collect, make_of, request
from tests.servers.faults import FaultServer
from tests.servers.responses_streams import ONLY_RESPONSES, TEXT, THOUGHTS

ROUTES = ("openai-v1", "/openai/v1", "/models", "/openai/deployments/any")


def connection(server: FaultServer, route: str, wire: Wire) -> Connection:
    if route == "openai-v1":
        return Connection(name="c", kind=Kind.OPENAI_V1, url=server.url, wire=wire)
    return Connection(name="c", kind=Kind.AZURE_INFERENCE, url=server.origin + route, wire=wire)


@pytest.fixture(params=ROUTES)
async def responses(server: FaultServer, request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    """Each adapter on each of its routes, asked over Responses."""
    made = make_of(connection(server, request.param, Wire.RESPONSES))
    yield made
    await made.aclose()


def notices(found: Outcome) -> list[str]:
    return [notice.code for notice in found.of(Notice)]


async def test_an_answer_comes_with_thoughts_model_and_usage(responses: Provider, server: FaultServer) -> None:
    found = await ask(responses, "plain", system="Be kind.", max_tokens=50, reasoning_effort="low", top_p=0.5)
    assert found.error is None
    assert (found.text, found.thought, found.reason) == (TEXT, "\n\n".join(THOUGHTS), "stop")
    assert found.of(ModelNamed) == [ModelNamed(model="gpt-5-pro-2025-10-06")]
    (update,) = found.of(UsageUpdate)
    usage = update.usage
    assert (usage.input_tokens, usage.output_tokens, usage.reasoning_tokens, usage.total_tokens) == (9, 20, 12, 29)
    assert usage.cached_tokens == 4
    assert all(each.summary for each in found.of(ReasoningDelta))
    assert (found.of(Started)[0].wire, found.of(Finished)[0].word) == (Wire.RESPONSES, "completed")
    (sent,) = server.asked("plain")
    assert sent.path.endswith("/v1/responses")
    assert sent.json == {
        "model": "plain",
        "input": [{"role": "user", "content": "hi"}],
        "instructions": "Be kind.",
        "max_output_tokens": 50,
        "reasoning": {"summary": "auto", "effort": "low"},
        "top_p": 0.5,
        "stream": True,
        "store": False,
    }


@pytest.mark.parametrize("model", ["untyped", "whole"])
async def test_any_form_of_a_good_answer_is_read(responses: Provider, model: str) -> None:
    found = await ask(responses, model)
    assert (found.error, found.text, found.reason) == (None, TEXT, "stop")


@pytest.mark.parametrize(
    ("model", "reason", "said"),
    [
        ("long", "length", []),
        ("filtered", "content_filter", ["content_filter", "content_filter"]),
        ("declined", "refusal", ["refusal"]),
        ("tools", "tool_calls", []),
    ],
)
async def test_ends_are_told_in_the_words_of_all_wires(
    responses: Provider, model: str, reason: str, said: list[str]
) -> None:
    found = await ask(responses, model)
    assert (found.error, found.reason, notices(found)) == (None, reason, said)


@pytest.mark.parametrize(("model", "error"), [("cut", Interrupted), ("failed", StreamFailed), ("error", RateLimited)])
async def test_without_a_last_event_that_says_so_no_answer_is_complete(
    responses: Provider, model: str, error: type[ProviderError]
) -> None:
    found = await ask(responses, model)
    assert type(found.error) is error
    assert found.text == TEXT
    assert found.of(Finished) == []


@pytest.mark.parametrize("route", ROUTES)
async def test_a_model_of_responses_alone_is_asked_there_once_it_says_so(server: FaultServer, route: str) -> None:
    provider = make_of(connection(server, route, Wire.AUTO))
    try:
        first, second = await ask(provider, ONLY_RESPONSES), await ask(provider, ONLY_RESPONSES)
    finally:
        await provider.aclose()
    assert (first.text, first.reason, notices(first)) == (TEXT, "stop", ["wire_switched"])
    assert (second.text, second.reason, notices(second)) == (TEXT, "stop", [])
    paths = [each.path.rpartition("/")[2] for each in server.asked(ONLY_RESPONSES)]
    assert paths == ["completions", "responses", "responses"]


async def test_a_model_of_a_wire_that_its_server_lacks_is_said_to_be_so() -> None:
    """The address is right: other models answer there."""
    async with FaultServer(key=KEY, responses=False) as server:
        provider = make_of(connection(server, "openai-v1", Wire.AUTO))
        try:
            found = await ask(provider, ONLY_RESPONSES)
        finally:
            await provider.aclose()
    assert type(found.error) is AddressNotFound
    assert found.error.hint.startswith(
        f"{ONLY_RESPONSES} only supports this API, which its server does not offer. Choose"
    )


async def test_a_wire_that_was_chosen_is_kept_to(server: FaultServer) -> None:
    provider = make_of(connection(server, "openai-v1", Wire.CHAT))
    try:
        found = await ask(provider, ONLY_RESPONSES)
    finally:
        await provider.aclose()
    assert type(found.error) is WireRejected
    assert len(server.asked(ONLY_RESPONSES)) == 1


@pytest.mark.parametrize("route", ["openai-v1", "/openai/v1"])
async def test_an_endpoint_that_knows_no_responses_is_told_apart_from_a_model_that_is_not_there(route: str) -> None:
    async with FaultServer(key=KEY, responses=False) as server:
        provider = make_of(connection(server, route, Wire.RESPONSES))
        try:
            found = await ask(provider, "plain")
        finally:
            await provider.aclose()
    assert type(found.error) is AddressNotFound
    assert found.error.status == 404


@pytest.mark.parametrize("text", ["a.pdf\n```pdf\nSays it.\n```", ""])
async def test_a_refused_file_is_remembered_and_its_text_is_sent_instead(server: FaultServer, text: str) -> None:
    there = connection(server, "openai-v1", Wire.RESPONSES)
    options = dataclasses.replace(QUICK, files=LearntInput())
    provider = make_of(there, options=options)
    file = AttachedPart(name="a.pdf", media_type="application/pdf", data="YS5wZGY=", text=text)
    message = ChatMessage(role=Role.USER, text="What is it?", attached=(file,))
    found = await collect(provider, replace(request("no-files"), messages=(message,)))
    await provider.aclose()
    last = server.asked("no-files")[-1].json["input"][0]["content"]
    if text:
        assert (found.text, notices(found), last) == (TEXT, ["files_as_text"], f"{text}\n\nWhat is it?")
    else:  # a scan, of which its images can be sent the next time
        assert isinstance(found.error, FilesRejected)
        assert len(server.asked("no-files")) == 1
    assert options.files.get("c", origin_of(server.url), "no-files") is False
