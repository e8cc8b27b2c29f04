"""The Batch API of one connection: files go up, jobs are begun, watched and cancelled, results and files come back."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from desktop.domain.conversation_types import Kind, Wire
from desktop.domain.events import Finished, Sealed, Started, StreamEvent
from desktop.errors import Interrupted, NotAStream, ProviderError, RequestRejected
from desktop.providers.answer_stream import AnswerStream
from desktop.providers.batch_routes import BatchRoutes, bounded
from desktop.providers.masked_events import masked_event, wanted_seals
from desktop.providers.provider import ChatRequest
from desktop.providers.wire import batch_files
from desktop.providers.wire.batch_files import ROUTES, BatchResult, BatchState, FileState, ResultHead, ResultLines
from desktop.providers.wire.faults import refused
from desktop.providers.wire.json_shapes import text
from desktop.providers.wire.wire_format import FORMATS
from desktop.redaction.redactor import Mask
from desktop.text.phrases import phrase

_MOST_CONTENT = 4 << 30
"""Bytes of a file of results, of which only a slice is held."""

_SLICE = 1 << 20
"""Bytes that are cut into lines at a time."""

_MOST_JOBS = 100
"""Of one file: none has more than a few."""

_GONE = 404


class BatchLine(NamedTuple):
    """A request as a line of a file, and over which wire it asks."""

    wire: Wire
    data: bytes


class BatchApi:
    """Over a provider's own transport, signed in as it is. Every method that asks the server raises ProviderError."""

    def __init__(self, routes: BatchRoutes, answers: AnswerStream, kind: Kind) -> None:
        self._routes = routes
        self._answers = answers
        self._kind = kind

    @property
    def origin(self) -> str:
        """The server's scheme, host and port."""
        return self._routes.origin

    def masked(self, mask: Mask) -> BatchApi:
        """The same, with the secrets of this run hidden in what the server says."""
        return BatchApi(self._routes.with_mask(mask), self._answers, self._kind)

    def line(self, custom_id: str, request: ChatRequest) -> BatchLine:
        """A request as a line of a file, made as those are that are asked one by one.

        Raises RequestRejected where its model answers over a wire that takes no files.
        """
        wire, body = self._answers.whole_body(request)
        if wire not in ROUTES:
            raise RequestRejected(
                phrase("{model} only supports the Messages API, which has no Batch API here.", model=request.model)
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
        return self._file(await self._routes.json("POST", "files", body=body, headers=headers))

    async def file(self, file_id: str) -> FileState:
        """A file as it is now."""
        return self._file(await self._routes.json("GET", f"files/{quote(file_id, safe='')}"))

    async def find_file(self, name: str) -> FileState | None:
        """The file of this name; None where there is none."""
        async with aclosing(self._routes.pages("files", {"purpose": "batch"})) as pages:
            async for page in pages:
                for value in page:
                    if text(value.get("filename")) == name and (found := self._file_state(value)) is not None:
                        return found
        return None

    async def begin(self, file_id: str, endpoint: str) -> BatchState:
        """Begin a job of a file."""
        asked = {"input_file_id": file_id, "endpoint": endpoint, "completion_window": "24h"}
        return self._job(await self._routes.json("POST", "batches", body=msgspec.json.encode(asked)))

    async def job(self, batch_id: str) -> BatchState:
        """A job as it is now."""
        return self._job(await self._routes.json("GET", f"batches/{quote(batch_id, safe='')}"))

    async def find_jobs(self, file_id: str) -> list[BatchState]:
        """The jobs of a file, as the server lists them."""
        found: list[BatchState] = []
        async with aclosing(self._routes.pages("batches", {})) as pages:
            async for page in pages:
                of_file = [each for each in page if text(each.get("input_file_id")) == file_id]
                states = map(self._job_state, of_file[: _MOST_JOBS - len(found)])
                found += [each for each in states if each is not None]
        return found

    async def cancel(self, batch_id: str) -> BatchState:
        """Have a job cancelled; that takes the server a while."""
        return self._job(await self._routes.json("POST", f"batches/{quote(batch_id, safe='')}/cancel"))

    async def content(self, file_id: str, take: Callable[[Sequence[bytes]], bool]) -> None:
        """Hand the lines of an output or an error file over, some at a time on a thread, until `take` wants no more.

        One that is longer than an answer can be is empty.
        """
        path = f"files/{quote(file_id, safe='')}/content"
        lines = ResultLines()
        waiting = bytearray()

        def hand_over() -> bool:
            """On a thread."""
            ended = lines.feed(bytes(waiting))
            waiting.clear()
            return take(ended)

        async with (
            self._routes.replied("GET", path, seconds=self._routes.seconds(_MOST_CONTENT)) as reply,
            aclosing(bounded(reply, _MOST_CONTENT, self._routes.asked().host)) as chunks,
        ):
            async for chunk in chunks:
                waiting += chunk
                if len(waiting) >= _SLICE and not await asyncio.to_thread(hand_over):
                    return
            if await asyncio.to_thread(hand_over):
                take(lines.finish())

    def head(self, line: bytes) -> ResultHead | None:
        """Whose a line of such a file is; None where that cannot be read."""
        return batch_files.result_head(line)

    def result(self, line: bytes) -> BatchResult | None:
        """What such a line says; None where that cannot be read."""
        return batch_files.result_of(line, self._routes.asked())

    def shown(self, said: str) -> str:
        """A server's word made fit for a sentence."""
        return self._routes.asked().shown(said)

    async def delete(self, file_id: str) -> None:
        """Delete a file; one that is not there any more is as good as deleted."""
        try:
            await self._routes.ask("DELETE", f"files/{quote(file_id, safe='')}")
        except ProviderError as error:
            if error.status != _GONE:
                raise

    def answer(self, model: str, wire: Wire, result: BatchResult) -> list[StreamEvent]:
        """The events of one line's answer. Raises ProviderError, as asking for it alone does.

        May take seconds: a line may be megabytes.
        """
        asked = self._routes.asked(model)
        with self._routes.masked():
            if result.status is not None and result.status != 200:
                raise refused(result.status, {}, result.body, asked, datetime.now(UTC))
            reader = FORMATS[wire].reader(asked)
            events: list[StreamEvent] = [Started(wire=wire, request_id=result.request_id or None, headers={})]
            events += reader.read(result.body)
            events += reader.flush()
            if reader.finish_reason is None:
                events += reader.end_without_reason()
            if reader.finish_reason is None:
                raise Interrupted(phrase("{host} ended the response without a finish reason.", host=asked.host))
            events.append(Finished(reason=reader.finish_reason, word=reader.finish_word))
        mask = self._routes.mask
        sealed = wanted_seals([each for each in events if isinstance(each, Sealed)], reader.finish_reason, mask)
        *told, finished = (each for each in events if not isinstance(each, Sealed))
        events = [*told, *sealed, finished]
        return events if mask is None else [masked_event(each, mask) for each in events]

    def _file_state(self, value: object) -> FileState | None:
        return batch_files.file_state(value, self._routes.asked())

    def _job_state(self, value: object) -> BatchState | None:
        return batch_files.batch_state(value, self._routes.asked())

    def _file(self, value: object) -> FileState:
        found = self._file_state(value)
        if found is None:
            raise self._odd()
        return found

    def _job(self, value: object) -> BatchState:
        found = self._job_state(value)
        if found is None:
            raise self._odd()
        return found

    def _odd(self) -> NotAStream:
        host = self._routes.asked().host
        return NotAStream(phrase("{host} sent an unexpected response to a Batch API request.", host=host), status=200)
