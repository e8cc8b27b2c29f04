"""Batch API of one connection: uploads files, starts, polls and cancels jobs, and downloads results."""

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
"""Maximum bytes of a results file, which is read in slices."""

_SLICE = 1 << 20
"""Number of bytes split into lines at once."""

_MOST_JOBS = 100
"""Maximum jobs listed for a file; a file normally has only a few."""

_GONE = 404


class BatchLine(NamedTuple):
    """A request as a line of an input file, with its API format."""

    wire: Wire
    data: bytes


class BatchApi:
    """Client of a Batch API over a provider's own transport. Methods that call the server raise ProviderError."""

    def __init__(self, routes: BatchRoutes, answers: AnswerStream, kind: Kind) -> None:
        self._routes = routes
        self._answers = answers
        self._kind = kind

    @property
    def origin(self) -> str:
        """Scheme, host and port of the server."""
        return self._routes.origin

    def masked(self, mask: Mask) -> BatchApi:
        """Return a copy that redacts the secrets of this run in text from the server."""
        return BatchApi(self._routes.with_mask(mask), self._answers, self._kind)

    def line(self, custom_id: str, request: ChatRequest) -> BatchLine:
        """Return a request as a line of an input file, with the same body as a single request.

        Raises RequestRejected if there is no Batch API for the model's API format.
        """
        wire, body = self._answers.whole_body(request)
        if wire not in ROUTES:
            raise RequestRejected(
                phrase(
                    "{model} only supports the Messages API, for which Paragone does not support batches.",
                    model=request.model,
                )
            )
        return BatchLine(wire, batch_files.request_line(custom_id, wire, body))

    def endpoint(self, wire: Wire) -> str:
        """Return the endpoint of a job for an API format."""
        return batch_files.endpoint_of(self._kind, wire)

    async def upload(self, name: str, lines: Sequence[bytes]) -> FileState:
        """Upload a file of lines."""
        boundary = f"paragone-{secrets.token_hex(16)}"
        body = batch_files.upload_form(name, lines, boundary)
        headers = {"Accept": "application/json", "Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self._file(await self._routes.json("POST", "files", body=body, headers=headers))

    async def file(self, file_id: str) -> FileState:
        """Return the current state of a file."""
        return self._file(await self._routes.json("GET", f"files/{quote(file_id, safe='')}"))

    async def find_file(self, name: str) -> FileState | None:
        """Return the file with this name, or None."""
        async with aclosing(self._routes.pages("files", {"purpose": "batch"})) as pages:
            async for page in pages:
                for value in page:
                    if text(value.get("filename")) == name and (found := self._file_state(value)) is not None:
                        return found
        return None

    async def begin(self, file_id: str, endpoint: str) -> BatchState:
        """Start a job for a file."""
        job = {"input_file_id": file_id, "endpoint": endpoint, "completion_window": "24h"}
        return self._job(await self._routes.json("POST", "batches", body=msgspec.json.encode(job)))

    async def job(self, batch_id: str) -> BatchState:
        """Return the current state of a job."""
        return self._job(await self._routes.json("GET", f"batches/{quote(batch_id, safe='')}"))

    async def find_jobs(self, file_id: str) -> list[BatchState]:
        """Return the jobs of a file in the server's order."""
        jobs: list[BatchState] = []
        async with aclosing(self._routes.pages("batches", {})) as pages:
            async for page in pages:
                of_file = [each for each in page if text(each.get("input_file_id")) == file_id]
                states = map(self._job_state, of_file[: _MOST_JOBS - len(jobs)])
                jobs += [each for each in states if each is not None]
        return jobs

    async def cancel(self, batch_id: str) -> BatchState:
        """Start canceling a job, which takes the server some time."""
        return self._job(await self._routes.json("POST", f"batches/{quote(batch_id, safe='')}/cancel"))

    async def content(self, file_id: str, take: Callable[[Sequence[bytes]], bool]) -> None:
        """Pass the lines of an output or error file to `take`, in groups and on a thread, until it returns False.

        A line longer than any response is passed as an empty line.
        """
        path = f"files/{quote(file_id, safe='')}/content"
        lines = ResultLines()
        waiting = bytearray()

        def hand_over() -> bool:
            """Split the waiting bytes into lines and pass these to `take`; runs on a thread."""
            ended = lines.feed(bytes(waiting))
            waiting.clear()
            return take(ended)

        async with (
            self._routes.replied("GET", path, seconds=self._routes.seconds(_MOST_CONTENT)) as reply,
            aclosing(bounded(reply, _MOST_CONTENT, self._routes.target().host)) as chunks,
        ):
            async for chunk in chunks:
                waiting += chunk
                if len(waiting) >= _SLICE and not await asyncio.to_thread(hand_over):
                    return
            if await asyncio.to_thread(hand_over):
                take(lines.finish())

    def head(self, line: bytes) -> ResultHead | None:
        """Return the id and the status of a result line, or None if it is invalid."""
        return batch_files.result_head(line)

    def result(self, line: bytes) -> BatchResult | None:
        """Return the contents of a result line, or None if it is invalid."""
        return batch_files.result_of(line, self._routes.target())

    def shown(self, said: str) -> str:
        """Return a server's text in the form used in messages."""
        return self._routes.target().shown(said)

    async def delete(self, file_id: str) -> None:
        """Delete a file, unless it no longer exists."""
        try:
            await self._routes.ask("DELETE", f"files/{quote(file_id, safe='')}")
        except ProviderError as error:
            if error.status != _GONE:
                raise

    def answer(self, model: str, wire: Wire, result: BatchResult) -> list[StreamEvent]:
        """Return the events of the response in a result line. Raises ProviderError like a single request.

        May take seconds, since a line may have megabytes.
        """
        target = self._routes.target(model)
        with self._routes.masked():
            if result.status is not None and result.status != 200:
                raise refused(result.status, {}, result.body, target, datetime.now(UTC))
            reader = FORMATS[wire].reader(target)
            events: list[StreamEvent] = [Started(wire=wire, request_id=result.request_id or None, headers={})]
            events += reader.read(result.body)
            if reader.finish_reason is None:
                events += reader.end_without_reason()
            events += reader.flush()
            if reader.finish_reason is None:
                raise Interrupted(phrase("{host} ended the response without a finish reason.", host=target.host))
            events.append(Finished(reason=reader.finish_reason, word=reader.finish_word))
        mask = self._routes.mask
        sealed = wanted_seals([each for each in events if isinstance(each, Sealed)], reader.finish_reason, mask)
        *told, finished = (each for each in events if not isinstance(each, Sealed))
        events = [*told, *sealed, finished]
        return events if mask is None else [masked_event(each, mask) for each in events]

    def _file_state(self, value: object) -> FileState | None:
        return batch_files.file_state(value, self._routes.target())

    def _job_state(self, value: object) -> BatchState | None:
        return batch_files.batch_state(value, self._routes.target())

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
        host = self._routes.target().host
        return NotAStream(phrase("{host} sent an unexpected response to a Batch API request.", host=host), status=200)
