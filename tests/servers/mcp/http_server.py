"""MCP server over streamable HTTP in the `initialize` era, on loopback, which can misbehave."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Self

from aiohttp import web

TOOL = {"name": "echo", "description": "Returns the text.", "inputSchema": {"type": "object"}}


class HttpServer:
    """A server at `url`. `mode` can change while it runs.

    Attributes:
        seen: Method, JSON-RPC method and headers of each request.
        tokens: Tokens that the server accepts in mode "oauth"; without them, its clients must renew or sign in.
        registered: Addresses to which registered clients have their users sent back.
        denies: Whether the user declines the sign-in.
        renews: Whether tokens can be renewed.
    """

    def __init__(self, mode: str = "json", *, target: str = "") -> None:
        self.mode = mode
        self.target = target
        self.seen: list[tuple[str, str, Mapping[str, str]]] = []
        self.gone = asyncio.Event()
        self.tokens: set[str] = set()
        self.grants: list[str] = []
        self.registered: list[str] = []
        self.denies = False
        self.renews = True
        self._challenge = ""
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
        if self.mode == "oauth" and not request.path.endswith("/mcp"):
            return await self._authorize(request)
        message: dict[str, Any] = json.loads(await request.text() or "{}")
        method = message.get("method", "")
        self.seen.append((request.method, method, request.headers))
        if request.method == "DELETE":
            if self.mode == "hangs":
                await asyncio.sleep(600)
            return web.Response(status=204)
        if self.mode == "oauth" and request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
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

    async def _authorize(self, request: web.Request) -> web.Response:
        """Be the authorization server, with dynamic registration, PKCE and refresh tokens."""
        base = self.url.removesuffix("/mcp")
        match request.path.rpartition("/")[2]:
            case "oauth-protected-resource" | "mcp":
                return web.json_response({"resource": self.url, "authorization_servers": [f"{base}/"]})
            case "oauth-authorization-server":
                endpoints = {
                    f"{name}_endpoint": f"{base}/{name}" for name in ("authorization", "token", "registration")
                }
                more = {"code_challenge_methods_supported": ["S256"], "response_types_supported": ["code"]}
                return web.json_response({"issuer": f"{base}/", **endpoints, **more})
            case "registration":
                told = await request.json()
                self.registered += told["redirect_uris"]
                return web.json_response({**told, "client_id": "c1"}, status=201)
            case "authorization":
                self._challenge = request.query["code_challenge"]
                answer = "error=access_denied" if self.denies else "code=code1"
                target = f"{request.query['redirect_uri']}?{answer}&state={request.query['state']}"
                return web.Response(status=302, headers={"Location": target})
            case "token":
                return await self._token(await request.post())
            case _:
                return web.Response(status=404)

    async def _token(self, form: Mapping[str, Any]) -> web.Response:
        self.grants.append(form["grant_type"])
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self._challenge
            assert (form["code"], form["resource"]) == ("code1", self.url)
        else:
            assert form["refresh_token"] == "refresh1-of-the-user"
            if not self.renews:
                return web.json_response({"error": "invalid_grant"}, status=400)
        token = f"token{len(self.grants)}-of-the-user"
        self.tokens.add(token)
        told = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 3600,
            "refresh_token": "refresh1-of-the-user",
        }
        return web.json_response(told)

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
