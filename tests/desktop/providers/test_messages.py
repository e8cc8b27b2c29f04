"""Answers over the Messages wire: both adapters on each route, each fault, and Claude, which answers there alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from desktop.domain.conversation_types import Connection, Kind, Role, Wire
from desktop.domain.events import Finished, ModelNamed, Notice, ReasoningDelta, RetryWait, Started, UsageUpdate
from desktop.errors import (
    AddressNotFound,
    DeploymentNotFound,
    Interrupted,
    ProviderError,
    ServerOverloaded,
    WireRejected,
)
from desktop.net.options import Secret
from desktop.providers.provider import AttachedPart, ChatMessage, ChatRequest, Provider
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.messages import MessagesReader
from desktop.providers.wire.messages_body import messages_body
from tests.cpu_time import assert_growth
from tests.desktop.providers.asking import KEY, Outcome, ask, collect, make_of
from tests.servers.faults import FaultServer
from tests.servers.messages_streams import CLAUDE, MESSAGES, TEXT, THOUGHTS

ROUTES = ("openai-v1", "/openai/v1", "/models", "/openai/deployments/any")
OWN_ROUTES = ("anthropic", "anthropic/anthropic")


def connection(server: FaultServer, route: str, wire: Wire) -> Connection:
    if route in OWN_ROUTES:
        return Connection(name="c", kind=Kind.ANTHROPIC, url=server.origin + route.removeprefix("anthropic"), wire=wire)
    if route == "openai-v1":
        return Connection(name="c", kind=Kind.OPENAI_V1, url=server.url, wire=wire)
    return Connection(name="c", kind=Kind.AZURE_INFERENCE, url=server.origin + route, wire=wire)


@pytest.fixture(params=(*ROUTES, *OWN_ROUTES))
async def messages(server: FaultServer, request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    """Each adapter on each of its routes, asked over Messages."""
    made = make_of(connection(server, request.param, Wire.MESSAGES))
    yield made
    await made.aclose()


def notices(found: Outcome) -> list[str]:
    return [notice.code for notice in found.of(Notice)]


async def test_an_answer_comes_with_thoughts_model_and_usage(messages: Provider, server: FaultServer) -> None:
    found = await ask(
        messages, "plain", system="Be kind.", max_tokens=50, reasoning_effort="low", stop=["x"], top_p=0.5
    )
    assert found.error is None
    assert (found.text, found.thought, found.reason) == (TEXT, "".join(THOUGHTS), "stop")
    assert found.of(ModelNamed) == [ModelNamed(model="claude-opus-5-5-20260901")]
    (update,) = found.of(UsageUpdate)
    assert (update.usage.input_tokens, update.usage.output_tokens, update.usage.total_tokens) == (16, 20, 36)
    assert (update.usage.cached_tokens, update.usage.stored_tokens) == (4, 3)
    assert all(each.summary for each in found.of(ReasoningDelta))  # Claude gives no more
    assert (found.of(Started)[0].wire, found.of(Finished)[0].word) == (Wire.MESSAGES, "end_turn")
    (sent,) = server.asked("plain")
    assert sent.path in {"/v1/messages", "/anthropic/v1/messages"}
    assert (sent.headers["anthropic-version"], sent.headers["x-api-key"]) == ("2023-06-01", KEY)
    assert sent.json == {
        "model": "plain",
        "messages": [{"role": "user", "content": "hi"}],
        "system": "Be kind.",
        "max_tokens": 50,
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {"effort": "low"},
        "stop_sequences": ["x"],
        "top_p": 0.5,
        "stream": True,
    }


@pytest.mark.parametrize(
    ("model", "text", "reason", "said"),
    [
        ("whole", TEXT, "stop", []),
        ("long", TEXT, "length", []),
        ("declined", "", "refusal", ["refusal"]),
        ("tools", "", "tool_calls", []),
        ("picky", TEXT, "stop", ["parameter_dropped"]),
        ("torn", "A\U0001f600B", "stop", []),
    ],
)
async def test_ends_are_told_in_the_words_of_all_wires(
    messages: Provider, model: str, text: str, reason: str, said: list[str]
) -> None:
    found = await ask(messages, model, temperature=0.5)
    assert (found.error, found.text, found.reason, notices(found)) == (None, text, reason, said)


@pytest.mark.parametrize(("model", "error"), [("cut", Interrupted), ("failed", ServerOverloaded)])
async def test_without_a_last_event_no_answer_is_complete(
    messages: Provider, model: str, error: type[ProviderError]
) -> None:
    found = await ask(messages, model)
    assert (type(found.error), found.text, found.of(Finished)) == (error, TEXT, [])


async def test_an_overloaded_server_is_asked_again(messages: Provider) -> None:
    found = await ask(messages, "overloaded")
    assert (found.text, len(found.of(RetryWait))) == (TEXT, 1)


@pytest.mark.parametrize("route", ROUTES)
async def test_claude_is_asked_over_messages_once_the_server_says_so(server: FaultServer, route: str) -> None:
    provider = make_of(connection(server, route, Wire.AUTO))
    try:
        first, second = await ask(provider, CLAUDE), await ask(provider, CLAUDE)
    finally:
        await provider.aclose()
    assert (first.text, first.reason, notices(first)) == (TEXT, "stop", ["wire_switched"])
    assert (second.text, second.reason, notices(second)) == (TEXT, "stop", [])
    assert [each.path.rpartition("/")[2] for each in server.asked(CLAUDE)] == ["completions", "messages", "messages"]


@pytest.mark.parametrize(("kind", "first"), [(Kind.AZURE_INFERENCE, "messages"), (Kind.OPENAI_V1, "completions")])
async def test_what_is_known_of_a_model_counts_on_azure_alone(server: FaultServer, kind: Kind, first: str) -> None:
    provider = make_of(connection(server, "openai-v1" if kind is Kind.OPENAI_V1 else "/openai/v1", Wire.AUTO))
    said = ChatMessage(role=Role.USER, text="hi")
    request = ChatRequest(model=CLAUDE, messages=(said,), wire=Wire.MESSAGES, most_output=77, reasons=True)
    try:
        async for _ in provider.stream(request):
            pass
    finally:
        await provider.aclose()
    asked = server.asked(CLAUDE)
    assert asked[0].path.rpartition("/")[2] == first
    assert (asked[-1].json["max_tokens"], asked[-1].json["thinking"]["type"]) == (77, "adaptive")


@pytest.mark.parametrize("served", [True, False])
async def test_a_deployment_that_is_called_like_another_vendors_model_is_asked_over_chat(*, served: bool) -> None:
    """Over Messages it does not exist, whether that route is there or not."""
    async with FaultServer(key=KEY, responses=served) as server:
        provider = make_of(connection(server, "/openai/v1", Wire.AUTO))
        scan = AttachedPart(name="scan.pdf", media_type="application/pdf", data="YS5wZGY=")
        said = ChatMessage(role=Role.USER, text="hi", attached=(scan,))
        found = await collect(provider, ChatRequest(model="my-grok-3", messages=(said,), wire=Wire.MESSAGES))
        await provider.aclose()
    assert (found.reason, notices(found)) == ("stop", ["wire_switched"])
    assert "my-grok-3 cannot read scan.pdf: not sent." in found.of(Notice)[0].message
    assert [each.path.rpartition("/")[2] for each in server.asked("my-grok-3")] == ["messages", "completions"]


async def test_a_model_that_answers_over_no_wire_is_told_of_once() -> None:
    async with FaultServer(key=KEY, responses=False) as server:
        provider = make_of(connection(server, "/openai/v1", Wire.AUTO))
        try:
            found = await ask(provider, CLAUDE)
            again = await ask(provider, "nobody")
        finally:
            await provider.aclose()
    assert type(found.error) is AddressNotFound
    assert [each.path.rpartition("/")[2] for each in server.asked(CLAUDE)] == ["completions", "messages"]
    assert type(again.error) is DeploymentNotFound
    assert len(server.asked("nobody")) == 1


async def test_a_wire_that_was_chosen_is_kept_to(server: FaultServer) -> None:
    provider = make_of(connection(server, "openai-v1", Wire.CHAT))
    try:
        found = await ask(provider, CLAUDE)
    finally:
        await provider.aclose()
    assert type(found.error) is WireRejected
    assert len(server.asked(CLAUDE)) == 1


async def test_a_connection_of_its_own_kind_gives_the_key_in_one_header_and_asks_over_messages_alone(
    server: FaultServer,
) -> None:
    provider = make_of(connection(server, "anthropic", Wire.CHAT))  # as settings edited by hand may have it
    try:
        found = await ask(provider, CLAUDE)
        listed = [info.name for info in await provider.models()]
    finally:
        await provider.aclose()
    assert (found.text, found.reason, notices(found)) == (TEXT, "stop", [])
    assert listed == sorted(MESSAGES)
    asked, list_asked = server.requests
    assert (asked.path, list_asked.path) == ("/v1/messages", "/v1/models")
    for each in server.requests:
        keyed = {name: value for name, value in each.headers.items() if KEY in value}
        assert (keyed, each.headers["anthropic-version"]) == ({"x-api-key": KEY}, "2023-06-01")


async def test_a_token_is_given_as_a_bearer(server: FaultServer) -> None:
    async def token() -> Secret:
        return Secret(KEY)

    provider = make_of(connection(server, "anthropic/anthropic", Wire.AUTO), token)
    try:
        assert (await ask(provider, "plain")).text == TEXT
        with pytest.raises(AddressNotFound):  # Azure has no list there
            await provider.models()
    finally:
        await provider.aclose()
    for each in server.requests:
        assert {name for name, value in each.headers.items() if KEY in value} == {"authorization"}


@pytest.mark.parametrize("route", ["openai-v1", "anthropic"])
async def test_an_endpoint_that_knows_no_messages_is_named(route: str) -> None:
    async with FaultServer(key=KEY, responses=False) as server:
        provider = make_of(connection(server, route, Wire.MESSAGES))
        try:
            found = await ask(provider, "plain")
        finally:
            await provider.aclose()
        assert type(found.error) is AddressNotFound


def test_nothing_is_added_to_an_answer_that_is_over_or_has_begun() -> None:
    whole = '{"type":"message","content":[{"type":"text","text":"all"}],"stop_reason":"end_turn"}'
    piece = '{"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}'
    reader = MessagesReader(RequestTarget(host="h"))
    assert [len(reader.read(each)) for each in (piece, whole, '{"type":"message_stop"}', piece)] == [1, 0, 0, 0]


def test_what_other_models_think_is_no_summary() -> None:
    reader = MessagesReader(RequestTarget(host="h", model="qwen3"))
    thought = '{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"hm"}}'
    assert reader.read(thought) == [ReasoningDelta(text="hm")]


def test_an_unknown_model_gets_a_limit_and_no_thoughts() -> None:
    request = ChatRequest(model="m", messages=(ChatMessage(role=Role.USER, text="hi"),))
    assert messages_body(request, {"top_k": 3}) == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 8_192,
        "top_k": 3,
        "stream": True,
    }


@pytest.mark.parametrize(
    "data", ["[]", "3", '"x"', '{"type": 3}', '{"type": "message_delta", "delta": []}', '{"type": "ping"}']
)
def test_what_is_not_known_is_passed_over(data: str) -> None:
    reader = MessagesReader(RequestTarget(host="h"))
    assert (reader.read(data), reader.finish_reason) == ([], None)


def test_a_thought_in_very_many_pieces_after_much_of_it_takes_no_longer_for_each_piece() -> None:
    def read(length: int) -> None:
        """Thoughts that are so long, and then a thousand letters one by one."""
        reader = MessagesReader(RequestTarget(host="h", model="m"))
        reader.read(b'{"type":"content_block_start","content_block":{"type":"thinking","thinking":""}}')
        for piece in ("y" * length, *"x" * 1_000):
            said = b'{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"%s"}}'
            reader.read(said % piece.encode())

    assert_growth(read, 10, 8_000_000, at_most=12)
