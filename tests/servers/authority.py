"""A stand-in for the authority of Entra ID on loopback, over TLS: its four addresses, with what they refuse."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
import json
import secrets
import ssl
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from tests.servers.http1 import Exchange, Received, read_request

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

Refusal = dict[str, Any]


def refusal(number: int, error: str = "invalid_grant", words: str = "It is refused.") -> Refusal:
    """An error as Entra ID words it."""
    said = f"AADSTS{number}: {words} Trace ID: 0a1b Correlation ID: 2c3d Timestamp: 2026-11-25 00:00:00Z"
    return {"error": error, "error_description": said, "error_codes": [number], "correlation_id": "2c3d"}


class StandIn:
    """Signs `user` in without asking. `authority` is what `entra.authority` is set to.

    `refuse` is answered to the next grants; `pending` is how often a code's grant still waits; with `quote` grants
    are refused with their own words; `elsewhere` is where they are sent on to; `page` makes the answer to grants,
    from what was asked; `without_renewal` none is given with them; `tokens` are those that were made out, by
    scope. `alive` are the refresh tokens that are good. `pages` are what people are to open.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.user = "anna@contoso.example"
        self.refuse: list[Refusal] = []
        self.refuse_code: Refusal | None = None
        self.expires_in = 3600
        self.pending = 0
        self.quote = False
        self.elsewhere = ""
        self.without_renewal = False
        self.page: Callable[[str], tuple[int, str]] | None = None
        self.pages = {
            "authorization_endpoint": "",
            "verification_uri": "https://microsoft.example/devicelogin",
        }
        self.tokens: dict[str, list[str]] = {}
        self.alive: set[str] = set()
        self.grants: list[dict[str, str]] = []
        self.asked: list[Received] = []
        self.unknown_tenants = {"nowhere.example"}
        self.tls = tls
        self._port = 0
        self._codes: dict[str, dict[str, str]] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def authority(self) -> str:
        return f"https://localhost:{self._port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
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

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            request = await read_request(reader)
            if request is not None:
                self.asked.append(request)
                await self._answer(Exchange(request, writer))
        except (ConnectionError, asyncio.CancelledError):
            pass  # given up
        finally:
            self._tasks.discard(task)
            with suppress(ConnectionError, ssl.SSLError):
                writer.close()

    async def _answer(self, x: Exchange) -> None:
        _, tenant, route = x.request.path.split("/", 2)
        if tenant in self.unknown_tenants:
            body = refusal(90002, "invalid_tenant", f"Tenant '{tenant}' not found.")
            return await x.respond(400, body)
        form = dict(parse_qsl(x.request.body.decode()))
        match route:
            case "v2.0/.well-known/openid-configuration":
                return await x.respond(200, self._addresses(tenant))
            case "oauth2/v2.0/authorize":
                return await self._authorize(x)
            case "oauth2/v2.0/devicecode":
                return await self._device(x, form)
            case "oauth2/v2.0/token" if self.elsewhere:
                return await x.respond(307, "", Location=self.elsewhere)
            case "oauth2/v2.0/token" if self.page is not None:
                status, page = self.page(x.request.body.decode())
                return await x.respond(status, page, content_type="text/html")
            case "oauth2/v2.0/token":
                status, body = self._token(form)
                return await x.respond(status, body)
            case _:
                return await x.respond(404, {"error": "not_found"})

    def _addresses(self, tenant: str) -> dict[str, Any]:
        base = f"{self.authority}/{tenant}/oauth2/v2.0"
        return {
            "issuer": f"{self.authority}/{TENANT}/v2.0",
            "authorization_endpoint": self.pages["authorization_endpoint"] or f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "device_authorization_endpoint": self.pages.get("device_authorization_endpoint") or f"{base}/devicecode",
        }

    async def _authorize(self, x: Exchange) -> None:
        """The page that sends a browser back, by a form that sends itself."""
        asked = x.request.query
        assert asked["response_mode"] == "form_post"
        if self.refuse_code is not None:
            fields = {**self.refuse_code, "state": asked["state"]}
        else:
            code = secrets.token_hex(8)
            self._codes[code] = asked
            fields = {"code": code, "state": asked["state"], "client_info": _client_info()}
        inputs = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(str(value))}">' for name, value in fields.items()
        )
        page = f'<form method="post" action="{html.escape(asked["redirect_uri"])}">{inputs}</form>'
        await x.respond(200, page, content_type="text/html")

    async def _device(self, x: Exchange, form: dict[str, str]) -> None:
        code = secrets.token_hex(8)
        self._codes[code] = form
        body = {
            "device_code": code,
            "user_code": "ABCD-1234",
            "verification_uri": self.pages["verification_uri"],
            "expires_in": 900,
            "interval": 1,
            "message": "Type it.",
        }
        await x.respond(200, body)

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.grants.append(form)
        if self.quote:
            return 400, refusal(70000, words=f"What was quoted: {form.get('code')} {form.get('code_verifier')}.")
        if self.refuse:
            return 400, self.refuse.pop(0)
        scope = form.get("scope", "").split()[0] if form.get("scope") else ""
        match form["grant_type"]:
            case "authorization_code":
                asked = self._codes.pop(form["code"])
                hashed = hashlib.sha256(form["code_verifier"].encode()).digest()
                assert base64.urlsafe_b64encode(hashed).decode().rstrip("=") == asked["code_challenge"]
                return 200, self._granted(form, asked["scope"], asked.get("nonce", ""))
            case "refresh_token":
                if form["refresh_token"] not in self.alive:
                    return 400, refusal(70043, words="The refresh token has expired.")
                return 200, self._granted(form, form["scope"])
            case grant if grant == _DEVICE:
                if self.pending:
                    self.pending -= 1
                    return 400, {"error": "authorization_pending", "error_description": "AADSTS70016: waiting"}
                return 200, self._granted(form, self._codes[form["device_code"]]["scope"])
            case other:
                return 400, refusal(70003, "unsupported_grant_type", f"{other} {scope}")

    def _granted(self, form: dict[str, str], scopes: str, nonce: str = "") -> dict[str, Any]:
        scope = next(each for each in scopes.split() if each.startswith("https://"))
        token, renewal = f"token-{secrets.token_hex(600)}", f"renewal-{secrets.token_hex(600)}"
        self.tokens.setdefault(scope, []).append(token)
        if not self.without_renewal:
            self.alive.add(renewal)
        claims = {
            "aud": form["client_id"],
            "iss": f"{self.authority}/{TENANT}/v2.0",
            "sub": f"sub-{self.user}",
            "tid": TENANT,
            "oid": _oid(self.user),
            "preferred_username": self.user,
            "nonce": nonce,
            "exp": 4_000_000_000,
            "iat": 1_700_000_000,
        }
        granted = {
            "token_type": "Bearer",
            "scope": scope,
            "expires_in": self.expires_in,
            "access_token": token,
            "id_token": ".".join((_coded({"alg": "none"}), _coded(claims), "")),
            "client_info": _client_info(self.user),
        }
        return granted if self.without_renewal else {**granted, "refresh_token": renewal}


def browse(page: str) -> tuple[str, dict[str, str]]:
    """Where the form of a page goes, and its fields: what a browser would send by itself."""
    import re

    action = re.search(r'action="([^"]*)"', page)
    assert action is not None
    pairs = re.findall(r'name="([^"]*)" value="([^"]*)"', page)
    return html.unescape(action[1]), {name: html.unescape(value) for name, value in pairs}


def as_form(fields: dict[str, str]) -> bytes:
    """Fields as a form's body."""
    return urlencode(fields).encode()


def _oid(user: str) -> str:
    return f"oid-{hashlib.sha256(user.encode()).hexdigest()[:8]}"


def _client_info(user: str = "anna@contoso.example") -> str:
    return _coded({"uid": _oid(user), "utid": TENANT})


def _coded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
