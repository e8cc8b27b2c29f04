"""MCP server over streamable HTTP in the `initialize` era, on loopback, which can misbehave."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Mapping
from typing import Any, Self

from aiohttp import web

TOOL = {"name": "echo", "description": "Returns the text.", "inputSchema": {"type": "object"}}


class HttpServer:
    """A server at `url`. `mode` can change while it runs.

    Attributes:
        seen: Method, JSON-RPC method and headers of each request.
    """

    def __init__(self, mode: str = "json", *, target: str = "") -> None:
        self.mode = mode
        self.target = target
        self.seen: list[tuple[str, str, Mapping[str, str]]] = []
        self.gone = asyncio.Event()
        app = web.Application(client_max_size=8 << 20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/mcp"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        message: dict[str, Any] = json.loads(await request.text() or "{}")
        method = message.get("method", "")
        self.seen.append((request.method, method, request.headers))
        if request.method == "DELETE":
            if self.mode == "hangs":
                await asyncio.sleep(600)
            return web.Response(status=204)
        if self.mode == "redirects":
            raise web.HTTPTemporaryRedirect(self.target or "/elsewhere")
        if self.mode.isdigit():
            return web.Response(status=int(self.mode), text="no")
        if request.method == "GET":
            return web.Response(status=405)
        if "id" not in message:
            return web.Response(status=202)
        return await self._reply(request, message, method)

    async def _reply(self, request: web.Request, message: dict[str, Any], method: str) -> web.StreamResponse:
        if method == "initialize":
            info = {"name": "http", "version": "1"}
            version = message["params"]["protocolVersion"]
            result: dict[str, Any] = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
            return self._json(message, result, {"mcp-session-id": "s1"})
        if method == "tools/list":
            return self._json(message, {"tools": [TOOL]})
        if method != "tools/call":
            error = {"code": -32601, "message": "Method not found"}
            return web.json_response({"jsonrpc": "2.0", "id": message["id"], "error": error})
        return await self._call(request, message)

    async def _call(self, request: web.Request, message: dict[str, Any]) -> web.StreamResponse:
        text = message["params"].get("arguments", {}).get("text", "")
        match self.mode:
            case "hangs":
                try:
                    await asyncio.sleep(600)
                finally:
                    self.gone.set()
            case "floods" | "streamed flood":
                text = "x" * (20 << 20)
            case "html":
                return web.Response(text="<html>Sign in</html>", content_type="text/html")
            case "moves":
                raise web.HTTPTemporaryRedirect(self.target)
            case "fails":
                return web.Response(status=500, text="broken")
            case "compressed":
                data = gzip.compress(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": {}}).encode())
                headers = {"content-encoding": "gzip", "content-type": "application/json"}
                return web.Response(body=data, headers=headers)
            case "breaks":
                assert request.transport is not None
                request.transport.close()
            case _:
                pass
        result = {"content": [{"type": "text", "text": text}]}
        if "stream" not in self.mode:
            return self._json(message, result)
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        data = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result})
        await response.write(f"event: message\ndata: {data}\n\n".encode())
        return response

    def _json(self, message: dict[str, Any], result: object, headers: Mapping[str, str] | None = None) -> web.Response:
        return web.json_response({"jsonrpc": "2.0", "id": message["id"], "result": result}, headers=headers)
