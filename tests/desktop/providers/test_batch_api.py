"""The Batch API is asked at Azure's v1 route whatever an address names, and tells no key."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from desktop.domain import Auth, Connection, Kind, Wire
from desktop.errors import AuthenticationFailed, Interrupted, RequestRejected
from desktop.mask import Mask
from desktop.providers.batch_api import BatchApi
from desktop.providers.masked_provider import MaskedProvider
from desktop.providers.provider import Secret
from desktop.providers.wire.batch_files import BatchResult
from tests.desktop.providers.asking import make_of
from tests.servers.batch_server import BatchServer

KEY = "sk-0123456789abcdef0123"


@pytest.fixture
async def server() -> AsyncIterator[BatchServer]:
    async with BatchServer(key=KEY) as running:
        yield running


def api_of(url: str, key: str = KEY) -> tuple[MaskedProvider, BatchApi]:
    connection = Connection(name="lab", kind=Kind.AZURE_INFERENCE, url=url, auth=Auth.KEY)
    mask = Mask()
    mask.add(key)
    provider = MaskedProvider(make_of(connection, Secret(key)), mask)
    api = provider.batches()
    assert api is not None
    return provider, api


@pytest.mark.parametrize("path", ["/openai/v1", "/models", "/openai/deployments/echo"])
async def test_files_and_jobs_are_at_the_v1_route(server: BatchServer, path: str) -> None:
    provider, api = api_of(f"{server.origin}{path}")
    file = await api.upload("f.jsonl", [b'{"custom_id":"0-0-0"}\n'])
    assert (await api.find_file("f.jsonl")) is not None
    assert await api.find_file("other") is None
    assert await api.find_jobs(file.id) == []
    await api.delete(file.id)
    await api.delete(file.id)
    assert {each.path.partition("/openai/v1/")[0] for each in server.requests} == {""}
    assert not any("api-version" in each.query for each in server.requests)
    await provider.aclose()


async def test_lists_are_read_to_their_last_page(server: BatchServer) -> None:
    server.page = 2
    provider, api = api_of(server.azure)
    for number in range(5):
        await api.upload(f"{number}.jsonl", [b"{}\n"])
    assert (await api.find_file("4.jsonl")) is not None
    await provider.aclose()


async def test_a_key_that_is_not_taken_is_in_no_sentence(server: BatchServer) -> None:
    provider, api = api_of(server.azure, "sk-another-0123456789")
    with pytest.raises(AuthenticationFailed) as caught:
        await api.job("batch_1")
    assert "another" not in f"{caught.value} {caught.value.hint}"
    await provider.aclose()


async def test_an_answer_without_an_end_is_none_and_a_refusal_is_its_error(server: BatchServer) -> None:
    provider, api = api_of(server.azure)
    with pytest.raises(Interrupted):
        api.answer("echo", Wire.CHAT, BatchResult(custom_id="0-0-0", status=200, body=b'{"choices": []}'))
    with pytest.raises(RequestRejected):
        api.answer("echo", Wire.CHAT, BatchResult(custom_id="0-0-0", status=400, body=b'{"error": {"message": "no"}}'))
    await provider.aclose()
