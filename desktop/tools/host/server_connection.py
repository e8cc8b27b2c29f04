"""Connection to one server, owned by one task: negotiation, tools, calls, questions. Imported only by the host."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import mcp_types as types
import msgspec
import pydantic
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost
from mcp.shared.exceptions import MCPError

from desktop.domain.tool_types import ToolInfo, ToolOutput
from desktop.tools.host.host_wire import (
    MOST_DESCRIPTION,
    MOST_MESSAGE,
    MOST_TOOLS,
    SIGN_IN_S,
    ElicitAction,
    ElicitationAnswer,
    Failure,
    ServerSpec,
    SignedIn,
)
from desktop.tools.host.server_fault import ServerFault
from desktop.tools.host.server_http import Exchange, exchange, new_client
from desktop.tools.host.server_log import ServerLog, quoted
from desktop.tools.host.server_oauth import SignInGate, SignInHandlers, new_auth
from desktop.tools.host.server_stdio import StdioTransport
from desktop.tools.host.tool_results import accepted_tools, is_bounded, output_of

if TYPE_CHECKING:
    from mcp.client.context import ClientRequestContext
    from mcp.client.session import IncomingMessage

_MOST_PAGES = 20
_MOST_URL = 2_000
_RELIST_S = 1.0
"""Minimum seconds between two lists, however often a server says that its tools changed."""

_REASON_S = 4.0
"""Seconds to wait for the reason for which a connection closed."""

_DECLINE_S = 0.5
"""Seconds before the end of a call at which its unanswered question is declined, so that the server can still reply."""

_SESSION_ENDED = "Session terminated"
"""The SDK's error for status 404 in a session."""

Ask = Callable[[str, str, str, float], Awaitable[ElicitationAnswer]]
"""Function that shows a server's question to the user: message, schema, URL and time limit, after which it declines."""

Start = Callable[[], Awaitable[asyncio.subprocess.Process]]


class ServerConnection:
    """One server. `run` is its owner task; all other methods are called by other tasks while it runs."""

    def __init__(
        self,
        spec: ServerSpec,
        log: ServerLog,
        *,
        start: Start,
        changed: Callable[[], None],
        ask: Ask | None,
        sign_in: SignInHandlers,
    ) -> None:
        """`start` starts the process of a server with a command; `changed` is called when the tools are others."""
        self.spec = spec
        self._log = log
        self._start = start
        self._changed = changed
        self._ask = ask
        self._sign_in = sign_in
        self._gate = SignInGate()
        self._limit: asyncio.Timeout | None = None
        self._client: Client | None = None
        self._stdio: StdioTransport | None = None
        self._opening = Exchange(read_s=spec.start_s)
        self._lost = asyncio.Event()
        self._over = asyncio.Event()
        self._tools: tuple[ToolInfo, ...] = ()
        self._stale = asyncio.Event()
        self._deadlines: dict[int, float] = {}
        self.fault: ServerFault | None = None
        """Why the server ended; None while it runs."""

    async def run(self, opened: Callable[[tuple[ToolInfo, ...]], None]) -> None:
        """Connect, list the tools, call `opened`, and stay connected until the server ends or the task is canceled.

        Raises ServerFault. It is also in `fault`, so that calls can tell why they failed.
        """
        try:
            if not self.spec.command:
                await self._serve(opened, "auto")
                return
            try:
                await self._serve(opened, "auto")
            except ServerFault as fault:
                # Some older servers exit on the first message that is not `initialize`
                if fault.failure is not Failure.ENDED or self._client is not None or self._stdio is None:
                    raise
                await self._serve(opened, "legacy")
        except ServerFault as fault:
            self.fault = fault
            raise
        finally:
            self.fault = self.fault or ServerFault(Failure.ENDED)
            self._over.set()

    async def call(self, tool: str, arguments: str, timeout_s: float, most_bytes: int) -> ToolOutput:
        """Call a tool. Raises ServerFault. A cancellation is sent to the server."""
        try:
            given = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            raise ServerFault(Failure.ARGUMENTS) from None
        if not isinstance(given, dict):
            raise ServerFault(Failure.ARGUMENTS)
        client = self._client
        if client is None or self.fault is not None:
            raise self.fault or ServerFault(Failure.NOT_OPEN)
        current = Exchange(read_s=timeout_s)
        exchange.set(current)
        self._deadlines[id(current)] = time.monotonic() + timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                result = await client.call_tool(tool, given)  # pyright: ignore[reportUnknownArgumentType]
        except TimeoutError:
            raise ServerFault(Failure.TIMED_OUT) from None
        except (Exception, asyncio.CancelledError) as error:  # the SDK raises groups of anything
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            raise await self._reason(error, current) from None
        finally:
            del self._deadlines[id(current)]
        return output_of(result, most_bytes)

    async def _serve(self, opened: Callable[[tuple[ToolInfo, ...]], None], mode: str) -> None:
        exchange.set(self._opening)
        try:
            async with asyncio.timeout(self.spec.start_s) as limit:
                self._limit = limit
                async with self._connected(mode) as client:
                    self._tools = await self._list(client)
                    limit.reschedule(None)
                    self._gate.is_open, self._client = False, client
                    opened(self._tools)
                    await self._stay(client)
        except TimeoutError:
            raise ServerFault(Failure.TIMED_OUT, self._log.reason) from None
        except (Exception, asyncio.CancelledError) as error:  # the SDK raises groups of anything
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            raise self._fault_of(error, self._opening) from None
        raise self._ended()

    @contextlib.asynccontextmanager
    async def _connected(self, mode: str) -> AsyncGenerator[Client]:
        """Yield the SDK's client, connected. On exit the server's process or HTTP session has ended."""
        async with contextlib.AsyncExitStack() as stack:
            if self.spec.command:
                self._stdio = StdioTransport(await self._started(), self._log)
                transport = self._stdio.streams()
            else:
                http = await stack.enter_async_context(await new_client(self.spec, self._auth()))
                transport = streamable_http_client(self.spec.url, http_client=http, max_sse_event_size=MOST_MESSAGE)
            client = Client(
                transport,
                mode=mode,
                cache=None,
                client_info=types.Implementation(name="Paragone", version="1"),
                message_handler=self._notified,
                elicitation_callback=self._elicited if self._ask is not None else None,
            )
            yield await stack.enter_async_context(client)

    def _auth(self) -> OAuthClientProvider | None:
        if self.spec.oauth is None:
            return None
        return new_auth(self.spec.url, self.spec.oauth, replace(self._sign_in, browse=self._browse), self._gate)

    async def _browse(self, page: str, redirect_uri: str) -> SignedIn:
        """Let the user sign in. The time limit of the opening starts again afterwards."""
        assert self._limit is not None
        loop = asyncio.get_running_loop()
        self._limit.reschedule(loop.time() + SIGN_IN_S + 1)
        try:
            return await self._sign_in.browse(page, redirect_uri)
        finally:
            self._limit.reschedule(loop.time() + self.spec.start_s)

    async def _started(self) -> asyncio.subprocess.Process:
        try:
            return await self._start()
        except (OSError, ValueError) as error:
            raise ServerFault(Failure.START, getattr(error, "strerror", None) or str(error)) from None

    async def _stay(self, client: Client) -> None:
        """Refresh the list of tools when the server says so, until the server ends."""
        vars(client.session)["validate_tool_result"] = _accept  # a server's patterns could keep the host busy forever
        watching = asyncio.create_task(self._watch(client))
        relisting = asyncio.create_task(self._relist(client))
        ended = asyncio.create_task((self._stdio.ended if self._stdio else self._lost).wait())
        tasks = [watching, relisting, ended]
        try:
            await asyncio.wait([ended, relisting], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _watch(self, client: Client) -> None:
        """Subscribe to changes of the tools where the protocol has subscriptions."""
        tools = client.server_capabilities.tools
        if tools is None or not tools.list_changed:
            return
        with contextlib.suppress(ListenNotSupportedError, SubscriptionLost, MCPError, TimeoutError):
            async with client.listen(tools_list_changed=True) as subscription:
                async for _ in subscription:
                    self._stale.set()

    async def _relist(self, client: Client) -> None:
        while True:
            await self._stale.wait()
            await asyncio.sleep(_RELIST_S)
            self._stale.clear()
            try:
                async with asyncio.timeout(self.spec.start_s):
                    tools = await self._list(client)
            except (MCPError, TimeoutError, pydantic.ValidationError) as error:
                self._log.write(f"[Paragone could not list the tools again: {type(error).__name__}]")
                continue
            if tools != self._tools:
                self._tools = tools
                self._changed()

    @property
    def tools(self) -> tuple[ToolInfo, ...]:
        """The tools of the latest list."""
        return self._tools

    async def _list(self, client: Client) -> tuple[ToolInfo, ...]:
        if client.server_capabilities.tools is None:
            return ()
        found: list[types.Tool] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if cursor is None or len(found) > MOST_TOOLS:
                break
        tools, dropped = accepted_tools(self.spec.name, found)
        if dropped:
            self._log.write(f"[Paragone ignored {dropped} tools: too many, too long, or repeated]")
        return tools

    async def _notified(self, message: IncomingMessage) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._stale.set()

    async def _elicited(
        self, context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult | types.ErrorData:
        del context
        assert self._ask is not None
        schema, url = "", ""
        if isinstance(params, types.ElicitRequestURLParams):
            url = params.url
        else:
            if not is_bounded(params.requested_schema):
                return types.ElicitResult(action="decline")
            schema = msgspec.json.encode(params.requested_schema).decode()
        now = time.monotonic()
        left = min(self._deadlines.values(), default=now) - now - _DECLINE_S
        if len(params.message) > MOST_DESCRIPTION or len(url) > _MOST_URL or left <= 0:
            return types.ElicitResult(action="decline")
        answer = await self._ask(params.message, schema, url, left)
        content = _filled_in(answer.content, params) if answer.action is ElicitAction.ACCEPT else None
        try:
            return types.ElicitResult(action=answer.action.value, content=content)
        except pydantic.ValidationError:
            return types.ElicitResult(action="decline")

    async def _reason(self, error: BaseException, current: Exchange) -> ServerFault:
        """Return why a call failed. If a process ended, wait for the owner to find out."""
        leaf = _leaf(error)
        if isinstance(leaf, MCPError) and leaf.message == _SESSION_ENDED:
            self._lost.set()
        if self._gate.fault is not None:
            self._lost.set()
            return self._gate.fault
        if _is_closed(leaf) and self._stdio is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_REASON_S):
                    await self._over.wait()
            return self.fault or self._ended()
        return self._fault_of(error, current)

    def _fault_of(self, error: BaseException, current: Exchange) -> ServerFault:
        """Return the fault that explains an error of the SDK."""
        leaf = _leaf(error)
        if isinstance(leaf, ServerFault):
            return leaf
        if isinstance(leaf, OAuthFlowError):
            return self._quoting(Failure.SIGN_IN, str(leaf))
        if current.fault is not None:
            return self._quoting(current.fault.failure, current.fault.quote)
        if self._stdio is not None and self._stdio.ended.is_set():
            return self._ended()
        if isinstance(leaf, MCPError):
            if _is_closed(leaf) and str(MOST_MESSAGE) in leaf.message:  # the SDK's limit of one event
                return ServerFault(Failure.TOO_LARGE)
            return self._quoting(Failure.ENDED if _is_closed(leaf) else Failure.REJECTED, leaf.message)
        if isinstance(leaf, pydantic.ValidationError):
            first = leaf.errors(include_url=False, include_input=False)[0]
            return self._quoting(Failure.PROTOCOL, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
        self._log.write(f"[Paragone met {type(leaf).__name__}: {leaf}]")
        return self._quoting(Failure.PROTOCOL, str(leaf))

    def _ended(self) -> ServerFault:
        failure = self._stdio.failure if self._stdio is not None else Failure.ENDED
        return ServerFault(failure, self._log.reason if failure is Failure.ENDED else "")

    def _quoting(self, failure: Failure, text: str) -> ServerFault:
        return ServerFault(failure, quoted(text, self.spec.secrets))


def _filled_in(content: str, params: types.ElicitRequestParams) -> dict[str, Any] | None:
    """Return the fields of a form with the server's defaults for those that are left out; None for a URL."""
    if isinstance(params, types.ElicitRequestURLParams):
        return None
    fields: Any = params.requested_schema.get("properties", {})
    defaults: dict[str, Any] = {}
    if isinstance(fields, dict):
        named = cast("dict[str, Any]", fields)
        defaults = {name: field["default"] for name, field in named.items() if _has_default(field)}
    try:
        return {**defaults, **json.loads(content or "{}")}
    except (ValueError, TypeError, RecursionError):
        return defaults


def _has_default(field: object) -> bool:
    return isinstance(field, dict) and "default" in field


async def _accept(name: str, result: types.CallToolResult) -> None:
    """Accept any structured content: the model reads it as text."""
    del name, result


def _leaf(error: BaseException) -> BaseException:
    """Return the first error in nested groups."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error


def _is_closed(error: BaseException) -> bool:
    return isinstance(error, MCPError) and error.code == types.CONNECTION_CLOSED
