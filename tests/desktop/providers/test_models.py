"""What endpoints list, and what makes a provider of a connection."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Sequence
from typing import Any, cast

import pytest

from desktop.domain.conversation_types import Auth, Connection, Kind, Role
from desktop.domain.events import Finished, Sealed, StreamEvent
from desktop.errors import AddressInsecure, AddressInvalid, AuthenticationFailed, NotAStream, ProviderError, UsageError
from desktop.net.options import NetworkOptions, Secret
from desktop.providers.masked_provider import MaskedProvider
from desktop.providers.provider import ChatMessage, ChatRequest, ModelInfo, Provider
from desktop.providers.registry import Registry, default_factories
from desktop.providers.wire.model_lists import read_models
from desktop.redaction.redactor import Mask
from desktop.text.phrases import phrase
from tests.desktop.providers.asking import KEY, SECRET, make
from tests.servers.faults import LISTED, FaultServer


async def listed(route: str, **switches: object) -> list[ModelInfo]:
    async with FaultServer(key=KEY, **switches) as server:  # pyright: ignore[reportArgumentType]
        provider = make(server, route)
        try:
            return list(await provider.models())
        finally:
            await provider.aclose()


async def test_an_openai_server_lists_its_models_by_name() -> None:
    assert [model.name for model in await listed("openai-v1")] == list(LISTED)


@pytest.mark.parametrize("route", ["/openai/v1", "/models"])
async def test_azure_lists_deployments_first(route: str) -> None:
    found = await listed(route)
    assert [model.name for model in found] == [f"my-{name}" for name in LISTED]
    assert [model.base for model in found] == list(LISTED)
    assert not any(model.suggested for model in found)


async def test_without_a_list_of_deployments_base_models_are_suggested() -> None:
    found = await listed("/openai/v1", deployments=False)
    assert [model.name for model in found] == list(LISTED)
    assert all(model.suggested for model in found)


async def test_a_serverless_endpoint_tells_its_one_model() -> None:
    assert await listed("", deployments=False, info=True) == [ModelInfo(name="grok-3", base="grok-3")]


async def test_the_deployment_of_the_address_is_always_listed_in_its_place_by_name() -> None:
    found = await listed("/openai/deployments/A-model", deployments=False)
    assert ModelInfo(name="A-model") in found
    assert [model.name for model in found] == ["A-model", *LISTED]


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502])
async def test_an_address_with_a_deployment_needs_no_list(status: int) -> None:
    assert await listed("/openai/deployments/mine", lists=status) == [ModelInfo(name="mine")]


async def test_a_list_beside_the_route_of_a_server_that_is_not_azures_is_read() -> None:
    found = await listed("", deployments=False, azure=False)
    assert [model.name for model in found] == list(LISTED)
    assert not any(model.suggested for model in found)


async def test_a_wrong_key_is_told() -> None:
    async with FaultServer(key=KEY) as server:
        for route in ("openai-v1", "/openai/v1", "/models", "/openai/deployments/mine"):
            provider = make(server, route, Secret("wrong-key"))
            with pytest.raises(AuthenticationFailed):
                await provider.models()
            await provider.aclose()


@pytest.mark.parametrize(("body", "error"), [("<title>Sign in</title>", NotAStream), ("{oops", ProviderError)])
async def test_what_is_no_list_is_told(body: str, error: type[ProviderError]) -> None:
    with pytest.raises(error, match=r"Sign in|as invalid JSON"):
        await listed("openai-v1", models=body)


def connection(kind: Kind, url: str) -> Connection:
    return Connection(name="c", kind=kind, url=url, auth=Auth.KEY)


def test_the_registry_refuses_a_kind_that_it_was_not_given() -> None:
    with pytest.raises(UsageError):
        Registry(default_factories()).create(connection(Kind.EMBEDDED, ""), None, NetworkOptions())


@pytest.mark.parametrize("kind", [Kind.AZURE_INFERENCE, Kind.OPENAI_V1])
def test_a_bad_address_is_refused_when_a_provider_is_made(kind: Kind) -> None:
    registry = Registry(default_factories())
    with pytest.raises(AddressInsecure):
        registry.create(connection(kind, "http://example.com"), SECRET, NetworkOptions())
    with pytest.raises(AddressInvalid):
        registry.create(connection(kind, ""), SECRET, NetworkOptions())


def test_making_providers_imports_no_sdk() -> None:
    code = """
import sys
import threading
from desktop.domain.conversation_types import Connection, Kind
from desktop.net.options import NetworkOptions, Secret
from desktop.providers.registry import Registry, default_factories
from tests.cpu_time import within
for kind in (Kind.AZURE_INFERENCE, Kind.OPENAI_V1):
    connection = Connection(name="c", kind=kind, url="a.openai.azure.com")
    Registry(default_factories()).create(connection, Secret("k"), NetworkOptions())
print(sorted({"aiohttp", "azure", "truststore", "idna"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_name_that_holds_a_key_is_not_among_the_models() -> None:
    class Listing:
        """A provider that lists names."""

        async def models(self) -> list[ModelInfo]:
            return [ModelInfo(name="a"), ModelInfo(name=f"Bearer {KEY}"), ModelInfo(name="b", base=KEY)]

    mask = Mask()
    mask.add(KEY)
    assert await MaskedProvider(cast("Provider", Listing()), mask).models() == [ModelInfo(name="a")]


async def test_an_error_instead_of_models_tells_no_key() -> None:
    class Listing:
        """A provider that lists nothing."""

        async def models(self) -> list[ModelInfo]:
            raise NotAStream(phrase("no {key}", key=KEY))

    mask = Mask()
    mask.add(KEY)
    with pytest.raises(NotAStream) as failed:
        await MaskedProvider(cast("Provider", Listing()), mask).models()
    assert failed.value.message == "no [secure]"


async def test_a_long_list_of_models_holds_nobody_up_and_loses_only_what_holds_a_key() -> None:
    threads: set[int] = set()

    class SlowMask(Mask):
        """Remembers on which threads texts were looked at."""

        def places(self, text: str) -> Sequence[tuple[int, int]]:
            threads.add(threading.get_ident())
            return super().places(text)

    class Listing:
        """A provider that lists many names."""

        async def models(self) -> list[ModelInfo]:
            return [ModelInfo(name=f"m{number}" if number % 333 else f"{KEY}{number}") for number in range(1000)]

    mask = SlowMask()
    mask.add(KEY)
    found = await MaskedProvider(cast("Provider", Listing()), mask).models()
    assert [each.name for each in found] == [f"m{number}" for number in range(1000) if number % 333]
    assert threads
    assert threading.get_ident() not in threads


@pytest.mark.parametrize(
    ("entry", "window"),
    [
        ({"meta": {"n_ctx": 4096, "n_ctx_train": 131072}}, 4096),  # llama.cpp's server, started with less
        ({"meta": {"n_ctx_train": 131072}}, 131072),
        ({"metadata": {"max_request_context_length": 8192}}, 8192),  # Ray Serve
        ({"max_model_len": 2048, "meta": {"n_ctx": 1}}, 2048),  # vLLM
        ({"meta": {"n_ctx": 0, "n_ctx_train": 512}}, 512),
        ({}, None),
    ],
)
def test_the_window_is_what_one_request_may_have(entry: dict[str, object], window: int | None) -> None:
    (model,) = read_models({"data": [{"id": "m", **entry}]})
    assert model.context_window == window


class Sealing:
    """Answers with sealed things, and ends for a reason."""

    def __init__(self, reason: str, *sealed: str) -> None:
        self._sealed = sealed
        self._reason = reason

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        del request
        for each in self._sealed:
            yield Sealed(data=each)
        yield Finished(reason=self._reason)


class WatchedMask(Mask):
    """Says how long the texts were that were looked at while the window waited."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_for = 0

    def hide(self, text: Any) -> Any:  # noqa: ANN401 - a phrase stays one
        if threading.current_thread() is threading.main_thread():
            self.waited_for += len(text)
        return super().hide(text)


async def sealed_by(reason: str, *sealed: str) -> tuple[list[str], int]:
    """What is taken over of sealed things, and for how much of them the window waited."""
    mask = WatchedMask()
    mask.add("a-secret-of-mine")
    provider = MaskedProvider(cast("Provider", Sealing(reason, *sealed)), mask)
    found = [each async for each in provider.stream(ChatRequest(model="m", messages=()))]
    assert isinstance(found[-1], Finished)
    return [each.data for each in found if isinstance(each, Sealed)], mask.waited_for


async def test_what_is_kept_for_tools_is_left_out_where_a_key_stands_in_it() -> None:
    """A signature with what a gateway knows of the request, and one without."""
    kept, _ = await sealed_by("tool_calls", '{"hidden": "a-secret-of-mine"}', '{"signature": "AbC"}')
    assert kept == ['{"signature": "AbC"}']


@pytest.mark.parametrize(("reason", "count"), [("tool_calls", 1), ("stop", 1), ("tool_calls", 9)])
async def test_thoughts_that_are_sealed_are_looked_at_beside_the_window_and_where_they_are_wanted(
    reason: str, count: int
) -> None:
    thoughts = [json.dumps({"type": "thinking", "thinking": "So 1, 2 and\n3. " * 8_000})] * count
    kept, waited_for = await sealed_by(reason, *thoughts)
    assert kept == (thoughts if (reason, count) == ("tool_calls", 1) else [])
    assert waited_for < 100


async def test_another_servers_key_in_an_earlier_answer_goes_to_its_own_server_alone() -> None:
    theirs, own, typed = "sk-Ab3dEf6hIj9kLm2nOp5q", "0123456789abcdef0123", "pk_9Zx8Yw7Vu6Ts5Rq4Po3N"
    sent: list[ChatRequest] = []

    class Asked:
        async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
            sent.append(request)
            yield Finished(reason="stop")

    mask = Mask()
    mask.add(theirs, own, typed, "plain")
    provider = MaskedProvider(cast("Provider", Asked()), mask, [own])
    said = f"plain: {theirs.upper()}, {own}, {typed[:16]}"
    messages = (
        ChatMessage(role=Role.USER, text=typed),
        ChatMessage(role=Role.ASSISTANT, text=said),
        ChatMessage(role=Role.ASSISTANT, text="Nothing of them."),
    )
    request = ChatRequest(model="m", messages=messages)
    assert len([each async for each in provider.stream(request)]) == 1
    texts = [each.text for each in sent[0].messages]
    assert texts == [typed, f"plain: [secure], {own}, [secure]", "Nothing of them."]
    same = ChatRequest(model="m", messages=messages[::2])
    assert len([each async for each in provider.stream(same)]) == 1
    assert sent[1] is same
