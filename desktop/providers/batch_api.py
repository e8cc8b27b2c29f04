"""The Batch API of one connection: files go up, jobs are begun, watched and cancelled, results and files come back."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, aclosing, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from desktop.addresses import Address, Profile
from desktop.domain import Kind, Wire
from desktop.errors import AnswerTooLarge, Interrupted, NotAStream, ProviderError, RequestRejected, Stalled
from desktop.events import Finished, Started, StreamEvent
from desktop.mask import Mask
from desktop.phrases import phrase
from desktop.providers.answer_stream import AnswerStream, refusal, refuse_compressed
from desktop.providers.masked_events import masked_errors, masked_event
from desktop.providers.provider import ChatRequest, NetworkOptions
from desktop.providers.wire import batch_files
from desktop.providers.wire.batch_files import ROUTES, BatchResult, BatchState, FileState, ResultReader
from desktop.providers.wire.chunks import decode
from desktop.providers.wire.faults import RequestTarget, refused
from desktop.providers.wire.json_shapes import is_object, objects, text
from desktop.providers.wire.transport import Reply, Transport
from desktop.providers.wire.wire_format import FORMATS

_V1 = "/openai/v1"
_JSON = {"Accept": "application/json", "Content-Type": "application/json"}
_MOST_REPLY = 16 << 20
_MOST_CONTENT = 1 << 30
_BLOCK = 1 << 20
_SLOWEST = 50_000.0
"""Bytes a second at which a file goes up or comes down at least."""

_PAGE, _MOST_PAGES = 100, 200
_GONE = 404


class BatchLine(NamedTuple):
    """A request as a line of a file, and over which wire it asks."""

    wire: Wire
    data: bytes


class BatchApi:
    """Over a provider's own transport, signed in as it is. Every method that asks the server raises ProviderError."""

    def __init__(
        self, transport: Transport, address: Address, options: NetworkOptions, answers: AnswerStream, kind: Kind
    ) -> None:
        self._transport = transport
        self._address = address
        self._options = options
        self._answers = answers
        self._kind = kind
        self._mask: Mask | None = None

    def masked(self, mask: Mask) -> BatchApi:
        """The same, with the secrets of this run hidden in what the server says."""
        made = BatchApi(self._transport, self._address, self._options, self._answers, self._kind)
        made._mask = mask
        return made

    def line(self, custom_id: str, request: ChatRequest) -> BatchLine:
        """A request as a line of a file, made as those are that are asked one by one.

        Raises RequestRejected where its model answers over a wire that takes no files.
        """
        wire, body = self._answers.whole_body(request)
        if wire not in ROUTES:
            raise RequestRejected(
                phrase("{model} answers over Messages alone, which has no Batch API here.", model=request.model)
            )
        return BatchLine(wire, batch_files.request_line(custom_id, wire, body))

    def endpoint(self, wire: Wire) -> str:
        """The route that a job names whose lines ask over a wire."""
        return batch_files.endpoint_of(self._kind, wire)

    async def upload(self, name: str, lines: Sequence[bytes]) -> FileState:
        """Send a file of lines."""
        boundary = f"paragone-{secrets.token_hex(16)}"
        body = batch_files.upload_form(name, lines, boundary)
        headers = {"Accept": "application/json", "Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self._file(await self._json("POST", "files", body=body, headers=headers))

    async def file(self, file_id: str) -> FileState:
        """A file as it is now."""
        return self._file(await self._json("GET", f"files/{quote(file_id, safe='')}"))

    async def find_file(self, name: str) -> FileState | None:
        """The file of this name; None where there is none."""
        for value in await self._listed("files", {"purpose": "batch"}):
            found = batch_files.file_state(value, self._transport.asked())
            if found is not None and found.name == name:
                return found
        return None

    async def begin(self, file_id: str, endpoint: str) -> BatchState:
        """Begin a job of a file."""
        asked = {"input_file_id": file_id, "endpoint": endpoint, "completion_window": "24h"}
        return self._job(await self._json("POST", "batches", body=msgspec.json.encode(asked)))

    async def job(self, batch_id: str) -> BatchState:
        """A job as it is now."""
        return self._job(await self._json("GET", f"batches/{quote(batch_id, safe='')}"))

    async def find_jobs(self, file_id: str) -> list[BatchState]:
        """The jobs of a file, as the server lists them."""
        states = [batch_files.batch_state(each, self._transport.asked()) for each in await self._listed("batches", {})]
        return [each for each in states if each is not None and each.input_file_id == file_id]

    async def cancel(self, batch_id: str) -> BatchState:
        """Have a job cancelled; that takes the server a while."""
        return self._job(await self._json("POST", f"batches/{quote(batch_id, safe='')}/cancel"))

    async def content(self, file_id: str, take: Callable[[BatchResult | None], None]) -> None:
        """Give each line of an output or an error file to `take`, on a thread; None for one that cannot be read.

        Of a file, no more than some lines are held at once.
        """
        async with self._open("GET", f"files/{quote(file_id, safe='')}/content", self._seconds(_MOST_CONTENT)) as reply:
            reader = ResultReader(self._transport.asked())

            def read(block: bytes | None) -> None:
                """Take the lines that a block completes, or the last one."""
                for result in reader.finish() if block is None else reader.feed(block):
                    take(result)

            async for block in _blocks(reply, _MOST_CONTENT, self._transport.asked().host):
                await asyncio.to_thread(read, block)
            await asyncio.to_thread(read, None)

    async def delete(self, file_id: str) -> None:
        """Delete a file; one that is not there any more is as good as deleted."""
        try:
            await self._ask("DELETE", f"files/{quote(file_id, safe='')}")
        except ProviderError as error:
            if error.status != _GONE:
                raise

    def answer(self, model: str, wire: Wire, result: BatchResult) -> list[StreamEvent]:
        """The events of one line's answer. Raises ProviderError, as asking for it alone does."""
        asked = self._transport.asked(model)
        with self._masked():
            if result.status is not None and result.status != 200:
                raise refused(result.status, {}, result.body, asked, datetime.now(UTC))
            reader = FORMATS[wire].reader(asked)
            events: list[StreamEvent] = [Started(wire=wire, request_id=result.request_id or None, headers={})]
            events += reader.read(result.body)
            events += reader.flush()
            if reader.finish_reason is None:
                events += reader.end_without_reason()
            if reader.finish_reason is None:
                raise Interrupted(phrase("{host} ended the answer without a finish reason.", host=asked.host))
            events.append(Finished(reason=reader.finish_reason, word=reader.finish_word))
        mask = self._mask
        return events if mask is None else [masked_event(each, mask) for each in events]

    def _masked(self) -> AbstractContextManager[None]:
        return nullcontext() if self._mask is None else masked_errors(self._mask)

    def _file(self, value: object) -> FileState:
        found = batch_files.file_state(value, self._transport.asked())
        if found is None:
            raise self._odd()
        return found

    def _job(self, value: object) -> BatchState:
        found = batch_files.batch_state(value, self._transport.asked())
        if found is None:
            raise self._odd()
        return found

    def _odd(self) -> NotAStream:
        asked: RequestTarget = self._transport.asked()
        return NotAStream(phrase("{host} sent something else than its Batch API does.", host=asked.host), status=200)

    async def _listed(self, path: str, query: Mapping[str, str]) -> list[Mapping[str, object]]:
        """What a route lists, all pages of it."""
        found: list[Mapping[str, object]] = []
        after = ""
        for _ in range(_MOST_PAGES):
            page = {**query, "limit": str(_PAGE), **({"after": after} if after else {})}
            value = await self._json("GET", path, query=page)
            held = objects(value.get("data")) if is_object(value) else []
            found += held
            last = text(held[-1].get("id")) if held else ""
            if not (is_object(value) and value.get("has_more") is True) or not last or last == after:
                break
            after = last
        return found

    async def _json(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] = _JSON,
    ) -> object:
        seconds = self._seconds(len(body or b""))
        found = await self._ask(method, path, query=query, body=body, headers=headers, seconds=seconds)
        return decode(found, self._transport.asked())

    def _seconds(self, size: int) -> float:
        return self._options.connect_timeout_s + self._options.idle_timeout_s + size / _SLOWEST

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] = _JSON,
        seconds: float | None = None,
    ) -> bytes:
        """What a route answers, with its body."""
        async with self._open(method, path, seconds, query=query, body=body, headers=headers) as reply:
            return b"".join([block async for block in _blocks(reply, _MOST_REPLY, self._transport.asked().host)])

    @asynccontextmanager
    async def _open(
        self,
        method: str,
        path: str,
        seconds: float | None = None,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] = _JSON,
    ) -> AsyncGenerator[Reply]:
        """What a route answers, with its body still to come; all of it within so many seconds."""
        seconds = self._seconds(0) if seconds is None else seconds
        with self._masked():
            try:
                async with AsyncExitStack() as stack, asyncio.timeout(seconds):
                    sent = self._transport.request(method, self._url(path, query or {}), headers, body)
                    reply = await stack.enter_async_context(sent)
                    asked = self._transport.asked()
                    if not 200 <= reply.status < 300:
                        raise await refusal(reply, asked)
                    refuse_compressed(reply, asked)
                    yield reply
            except TimeoutError:
                host = self._transport.asked().host
                raise Stalled(
                    phrase("{host} sent no answer within {seconds} seconds.", host=host, seconds=f"{seconds:.0f}")
                ) from None

    def _url(self, path: str, query: Mapping[str, str]) -> str:
        """A route beside that of chat completions, of Azure's v1 whatever the address names."""
        if self._address.profile is Profile.V1:
            return self._address.sibling(path, **query)
        url = self._address.at_origin(f"{_V1}/{path}")
        return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}" if query else url


async def _blocks(reply: Reply, most: int, host: str) -> AsyncGenerator[bytes]:
    """A body to its end, in pieces that are worth a thread.

    Raises AnswerTooLarge, and Interrupted where it breaks off.
    """
    size = 0
    block = bytearray()
    async with aclosing(reply.body) as chunks:
        async for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise AnswerTooLarge(phrase("{host} sent more than {most} bytes.", host=host, most=f"{most:,}"))
            block += chunk
            if len(block) >= _BLOCK:
                yield bytes(block)
                block.clear()
    yield bytes(block)
