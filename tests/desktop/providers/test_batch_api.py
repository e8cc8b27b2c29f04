"""The Batch API is asked at Azure's v1 route whatever an address names, and tells no key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from desktop.domain.conversation_types import Auth, Connection, Kind, Wire
from desktop.domain.events import Finished, Sealed, ToolRequested
from desktop.errors import AuthenticationFailed, Interrupted, RequestRejected
from desktop.net.options import Secret
from desktop.providers.batch_api import BatchApi
from desktop.providers.masked_provider import MaskedProvider
from desktop.providers.wire.batch_files import BatchResult
from desktop.redaction.redactor import Mask
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


async def test_a_call_in_a_line_is_requested(server: BatchServer) -> None:
    provider, api = api_of(server.azure)
    call = '{"id": "a", "function": {"name": "f", "arguments": "{}"}}'
    body = f'{{"choices": [{{"message": {{"tool_calls": [{call}]}}, "finish_reason": "stop"}}]}}'.encode()
    events = api.answer("echo", Wire.CHAT, BatchResult(custom_id="0-0-0", status=200, body=body))
    await provider.aclose()
    assert events[1:] == [
        ToolRequested(id="a", name="f", arguments="{}"),
        Finished(reason="tool_calls", word="stop"),
    ]


async def test_reasoning_that_seals_a_key_in_is_not_taken_over(server: BatchServer) -> None:
    provider, api = api_of(server.azure)
    thoughts = [
        f'{{"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "{each}"}}' for each in (KEY, "x")
    ]
    said = '{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi."}]}'
    called = '{"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"}'
    for output, count in (([*thoughts, said, called], 1), ([*thoughts, said], 0)):
        body = f'{{"object": "response", "status": "completed", "output": [{",".join(output)}]}}'.encode()
        result = BatchResult(custom_id="0-0-0", status=200, body=body)
        sealed = [each for each in api.answer("echo", Wire.RESPONSES, result) if isinstance(each, Sealed)]
        assert len(sealed) == count
        assert not [each for each in sealed if KEY in each.data]
    await provider.aclose()


async def test_no_id_holds_the_key_of_another_connection_to_the_same_server(server: BatchServer) -> None:
    other = "sk-other-9876543210fedcba"
    connection = Connection(name="lab", kind=Kind.AZURE_INFERENCE, url=server.azure, auth=Auth.KEY)
    mask = Mask()
    mask.add(KEY, other)
    provider = MaskedProvider(make_of(connection, Secret(KEY)), mask)
    api = provider.batches()
    assert api is not None
    file = await api.upload("f.jsonl", [b'{"custom_id":"0-0-0"}\n'])
    server.batches[other] = {"id": other, "input_file_id": file.id, "status": "in_progress"}
    server.batches["b"] = {"id": "b", "input_file_id": file.id, "output_file_id": other, "status": other}
    assert "9876543210" not in repr(await api.find_jobs(file.id))
    assert [each.id for each in await api.find_jobs(file.id)] == ["b"]
    assert "9876543210" not in api.shown(f"{other}-0-0")
    await provider.aclose()


async def test_a_list_that_never_ends_is_looked_at_within_bounds(server: BatchServer) -> None:
    provider, api = api_of(server.azure)
    file = await api.upload("f.jsonl", [b"{}\n"])
    server.batches |= {f"b{number}": {"id": f"b{number}", "input_file_id": file.id} for number in range(250)}
    assert len(await api.find_jobs(file.id)) == 100
    await provider.aclose()


async def test_lines_of_a_file_are_handed_over_until_nobody_wants_more(server: BatchServer) -> None:
    provider, api = api_of(server.azure)
    lines = [b'{"custom_id":"%d-0-0"}' % number + b" " * 1000 for number in range(3000)]
    server.files["file-1"], server.contents["file-1"] = {"id": "file-1"}, b"\n".join(lines)
    came: list[bytes] = []

    def take(some: Sequence[bytes]) -> bool:
        came.extend(some)
        return len(came) < wanted

    wanted = 10_000
    await api.content("file-1", take)
    assert came == [line.strip() for line in lines]
    came.clear()
    wanted = 1
    await api.content("file-1", take)
    assert 0 < len(came) < 3000
    await provider.aclose()
