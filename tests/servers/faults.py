"""A loopback server of the wire format with every fault, chosen by the model's name; also runs by hand.

python -m tests.servers.faults --port 8080 --key K

async with FaultServer(key="K") as server:
    ...  # server.url, server.requests
"""

from __future__ import annotations

import argparse
import asyncio
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from tests.servers.behaviours import STREAMS, Behaviour
from tests.servers.http1 import Exchange, Received, read_request
from tests.servers.messages_streams import CLAUDE, MESSAGES, claude_over_chat
from tests.servers.refusals import REFUSALS
from tests.servers.responses_streams import ONLY_RESPONSES, RESPONSES, refused_over_chat

BEHAVIOURS: dict[str, Behaviour] = {
    **STREAMS,
    **REFUSALS,
    ONLY_RESPONSES: refused_over_chat,
    CLAUDE: claude_over_chat,
}
ALIKE = {
    **REFUSALS,
    **{name: STREAMS[name] for name in ("html", "text", "json-other", "stall", "stall-headers", "rst-first")},
    **{name: STREAMS[name] for name in ("bomb", "brotli")},
}
"""What is the same over all wires."""

_WIRES = {"/responses": {**ALIKE, **RESPONSES}, "/v1/messages": {**ALIKE, **MESSAGES}}
LISTED = ("Llama-3.3-70B-Instruct", "gpt-4o", "grok-3", "grok-3-mini")
BEHAVIOURS.update({f"my-{name}": BEHAVIOURS[name] for name in LISTED})
OLD_DEPLOYMENTS = "2023-03-15-preview"


class FaultServer:
    """Answers on 127.0.0.1 until it is left. `url` is the openai-v1 address; `origin` is for Azure's routes.

    `requests` is all that was received, `seen` is set at each. `deployments` and `info` switch those lists on, the
    first may name what is deployed; `keys` are other ones for routes, by how these end. `lists` is the status that
    every list has, and without `azure` its own route of models is not there. `tls` makes it speak TLS under the name
    localhost.
    """

    def __init__(
        self,
        *,
        key: str = "",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        keys: Mapping[str, str] | None = None,
        deployments: bool | Sequence[str] = True,
        info: bool = False,
        models: dict[str, Any] | str | None = None,
        lists: int = 200,
        azure: bool = True,
        responses: bool = True,
    ) -> None:
        self.key = key
        self.requests: list[Received] = []
        self.seen = asyncio.Event()
        self.connections = 0
        self._port = port
        self._tls = tls
        self._keys = dict(keys or {})
        self._deployments = deployments
        self._info = info
        self._models = models
        self._lists = lists
        self._azure = azure
        self._routes = ("/chat/completions", *_WIRES) if responses else ("/chat/completions",)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        return self._port

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"https://localhost:{self._port}" if self._tls else f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """The address of the openai-v1 route."""
        return f"{self.origin}/v1"

    @property
    def open(self) -> int:
        """How many connections are open now."""
        return len(self._tasks)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port, ssl=self._tls, limit=1 << 20)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def asked(self, model: str) -> list[Received]:
        """The requests for answers from one model, oldest first."""
        return [request for request in self.requests if request.method == "POST" and request.model == model]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._serve(reader, writer)
        except ValueError:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        except (asyncio.CancelledError, ConnectionError):
            pass  # the server is left, or the client went away
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader)) is not None:
            self.requests.append(request)
            if request.method == "POST":
                request.number = len(self.asked(request.model))
            self.seen.set()
            exchange = Exchange(request, writer)
            await self._answer_or_lose(exchange, reader)
            request.done.set()
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # swallowed with what it was waiting for
                return
            if not exchange.keep_alive or request.gone_at is not None:
                return
            if request.headers.get("connection", "").lower() == "close":
                return

    async def _answer_or_lose(self, exchange: Exchange, reader: asyncio.StreamReader) -> None:
        """Answer, and notice at once where the client goes away."""
        answering = asyncio.ensure_future(self._answer(exchange))
        watching = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({answering, watching}, return_when=asyncio.FIRST_COMPLETED)
            if watching.done() and not answering.done():
                exchange.request.gone_at = asyncio.get_running_loop().time()
                exchange.request.gone.set()
        finally:
            for task in (answering, watching):
                task.cancel()
            for task in (answering, watching):
                with suppress(asyncio.CancelledError, ConnectionError, ssl.SSLError):
                    await task

    async def _answer(self, x: Exchange) -> None:
        request = x.request
        key = next((key for end, key in self._keys.items() if request.path.endswith(end)), self.key)
        if key and not _signed_in(request, key):
            message = "Access denied due to invalid subscription key or wrong API endpoint."
            await x.respond(401, {"error": {"code": "401", "message": message}})
        elif request.method == "GET":
            await self._list(x)
        elif not request.path.endswith(self._routes):
            await x.respond(404, {"error": {"code": "404", "message": "Resource not found"}})
        elif _needs_version(request.path) and "api-version" not in request.query:
            await x.respond(400, {"error": {"code": "BadRequest", "message": "api-version is required"}})
        else:
            name, _, arg = request.model.partition(":")
            served = next((each for route, each in _WIRES.items() if request.path.endswith(route)), BEHAVIOURS)
            behave = served.get(name)
            if behave is None:
                message = f"The API deployment {name} does not exist."
                await x.respond(404, {"error": {"code": "DeploymentNotFound", "message": message}})
            else:
                await behave(x, arg)

    async def _list(self, x: Exchange) -> None:
        path = x.request.path
        if self._lists != 200:
            await x.respond(self._lists, {"error": {"code": str(self._lists), "message": "No lists here."}})
        elif (
            path == "/openai/deployments" and self._deployments and x.request.query == {"api-version": OLD_DEPLOYMENTS}
        ):
            made = [{"id": f"my-{name}", "model": name, "status": "succeeded"} for name in LISTED]
            if not isinstance(self._deployments, bool):
                made = [{"id": name, "model": name, "status": "succeeded"} for name in self._deployments]
            await x.respond(200, {"data": [*made, {"id": "half", "model": "gpt-4o", "status": "creating"}]})
        elif path.endswith("/info") and self._info:
            await x.respond(200, {"model_name": "grok-3", "model_type": "chat-completion"})
        elif path.endswith("/models") and "anthropic-version" in x.request.headers and self._models is None:
            await self._list_claudes(x)
        elif path.endswith("/models") and (self._azure or not path.startswith("/openai/")):
            listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in reversed(LISTED)]}
            await x.respond(200, listed if self._models is None else self._models)
        else:
            await x.respond(404, {"error": {"code": "404", "message": "Resource not found"}})

    async def _list_claudes(self, x: Exchange) -> None:
        """As Anthropic lists, in pages of 20 where no other size is asked for; Azure's /anthropic has no list."""
        if x.request.path.startswith("/anthropic/"):
            await x.respond(404, {"error": {"code": "404", "message": "Resource not found"}})
            return
        most = int(x.request.query.get("limit", "20"))
        data = [{"type": "model", "id": name, "display_name": name.title()} for name in sorted(MESSAGES)]
        shown = data[:most]
        page = {"data": shown, "has_more": most < len(data), "first_id": shown[0]["id"], "last_id": shown[-1]["id"]}
        await x.respond(200, page)


def _signed_in(request: Received, key: str) -> bool:
    if request.path.endswith("/messages") and "anthropic-version" not in request.headers:
        return False
    keys = (request.headers.get(name) for name in ("api-key", "x-api-key"))
    return f"Bearer {key}" == request.headers.get("authorization") or key in keys


def _needs_version(path: str) -> bool:
    return path.startswith(("/models/", "/openai/deployments/"))


async def _run(port: int, key: str) -> None:
    async with FaultServer(key=key, port=port) as server:
        print(f"openai-v1            {server.url}")
        print(f"azure-inference      {server.origin} with /openai/v1, /models or /openai/deployments/X")
        print(f"anthropic            {server.origin}, or as Azure has it {server.origin}/anthropic")
        for name, behave in sorted(BEHAVIOURS.items()):
            print(f"  {name:23} {(behave.__doc__ or '').splitlines()[0] if behave.__doc__ else ''}", flush=True)
        for wire, behaviours in (("Responses", RESPONSES), ("Messages", MESSAGES)):
            print(f"over {wire}")
            for name, behave in sorted(behaviours.items()):
                print(f"  {name:23} {(behave.__doc__ or '').splitlines()[0] if behave.__doc__ else ''}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A server of Chat Completions with every fault.")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--key", default="", help="refuse requests without this key")
    options = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(options.port, options.key))


if __name__ == "__main__":
    main()
