"""`--selftest`: checks an installed program from inside, without reading or changing user data.

A missing engine or keyring may be intended, and a policy may forbid an action. Both are reported, but are not failures.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path

import msgspec

from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef, Parameters, Role, new_id
from desktop.domain.events import Finished, TextDelta
from desktop.domain.tool_types import ToolServer
from desktop.errors import (
    CredentialError,
    EngineMissing,
    EngineUnsupported,
    KeyringMissing,
    ParagoneError,
    PolicyForbids,
)
from desktop.providers.provider import ChatMessage, ChatRequest, Provider
from desktop.services import Services
from desktop.session.session import new_conversation
from desktop.terminal import selftest_files
from desktop.terminal.selftest_outcome import Check, NotAsItMust, require
from desktop.terminal.selftest_samples import WORD

_MISSING = (EngineMissing, EngineUnsupported, KeyringMissing)
_NONE = Parameters()
_CHUNKS = (
    'data: {"choices":[{"index":0,"delta":{"content":"Can"}}]}\n\n'
    'data: {"choices":[{"index":0,"delta":{"content":"berra"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)


async def run(
    services: Services, more: dict[str, Check], say: Callable[[str], object], trial_server: Sequence[str] = ()
) -> int:
    """Run all checks and print their results. Returns 0 if none failed.

    Args:
        more: Additional checks of the window.
        trial_server: Command of a server with one tool, which the host of tools starts.
    """
    checks: dict[str, Check] = {
        "database": _database,
        "stream over HTTP": lambda: _stream(services),
        "keyring": lambda: _keyring(services.keys),
        "embedded model": lambda: _embedded(services),
        "syntax highlighting": lambda: _colours(services),
        "formulas": lambda: _formula(services),
        "spelling": lambda: _spelling(services),
        "attachments": lambda: selftest_files.attachments(services),
        "export": lambda: selftest_files.exports(services),
        "tools": lambda: _tools(services, trial_server),
        **more,
    }
    failed = 0
    for name, check in checks.items():
        began = time.monotonic()
        try:
            state, detail = "ok", await check()
        except _MISSING as error:
            state, detail = "missing", error.message
        except PolicyForbids as error:
            state, detail = "left out", f"{error.message} {error.hint}"
        except (ParagoneError, OSError, NotAsItMust) as error:
            state, detail = "FAILED", str(error) or type(error).__name__
            failed += 1
        say(f"{state:8} {name}: {detail} ({(time.monotonic() - began) * 1000:.0f} ms)")
    return 1 if failed else 0


async def _colours(services: Services) -> str:
    """Highlight a line in the render child, using a lexer that is loaded by name."""
    from desktop.renderer.render_wire import CodeReply, CodeRequest

    require(services.renderer is not None, "no renderer available")
    assert services.renderer is not None
    reply = await services.renderer.ask(CodeRequest(language="python", text="def f(): pass\n"))
    require(isinstance(reply, CodeReply) and ("def", "keyword") in reply.lines[0], "the child process did not respond")
    return "from a child process"


_TOOL_S = 30.0
_LEAST_STEPS = 20  # steps in the outlines of two letters and a line


async def _formula(services: Services) -> str:
    """Draw a formula in the render child, using the fonts bundled with its library."""
    from desktop.renderer.render_wire import FormulaReply, FormulaRequest

    require(services.renderer is not None, "no renderer available")
    assert services.renderer is not None
    reply = await services.renderer.ask(FormulaRequest(source=r"\frac{a}{b}", size=16))
    drawn = isinstance(reply, FormulaReply) and sum(len(each.steps) for each in reply.outlines) > _LEAST_STEPS
    require(drawn, "the child process did not draw it")
    return "from a child process"


async def _spelling(services: Services) -> str:
    """Check a word in the spelling child, with the bundled dictionary."""
    services.speller.choose("en_US", [])
    found = await services.speller.misspelled(["word", "wrd"])
    require(found == {"wrd"}, "the child process did not check it")
    return "from a child process"


async def _tools(services: Services, command: Sequence[str]) -> str:
    """Call a tool of a server that the host of tools starts."""
    from desktop.tools.host.host_wire import ServerSpec
    from desktop.tools.host.tool_host import ToolHost
    from desktop.tools.host.trial_server import TOOL

    server = ToolServer(name="selftest", command=tuple(command))
    services.tools.require(server)
    host = ToolHost(services.tools_command, logs=services.paths.logs / "tools", on_changed=lambda _name: None)
    try:
        found = await host.open(ServerSpec(name=server.name, command=server.command))
        require([each.tool for each in found] == [TOOL], "the server offers other tools")
        arguments = msgspec.json.encode({"text": WORD}).decode()
        output = await host.call(server.name, TOOL, arguments, timeout_s=_TOOL_S)
        require(WORD in str(output), "the tool returned something else")
    finally:
        await host.aclose()
    return "a tool of a server in a child process"


async def _database() -> str:
    from desktop.store.store import Store

    with tempfile.TemporaryDirectory() as folder:
        async with await Store.open(Path(folder)) as store:
            ref = ModelRef(connection="selftest", name="none")
            conversation = new_conversation(ref)
            await store.conversations.create(conversation)
            kept = await store.conversations.get(conversation.id)
            require(kept == conversation, "the data read differs from the data written")
            await store.search("selftest")  # the full-text index works
    return "written, read and searched"


async def _stream(services: Services) -> str:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = Connection(name="selftest", kind=Kind.OPENAI_V1, url=f"http://127.0.0.1:{port}/v1", auth=Auth.NONE)
    async with server:
        provider = await services.gateway.trial(connection, "")
        try:
            text = await _said(provider, "any")
        finally:
            await provider.aclose()
    require(text == WORD, f"the response was {text!r}")
    return "a response arrived from this computer"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    writer.write(f"{head}{_CHUNKS}".encode())
    await writer.drain()
    writer.close()


async def _keyring(keys: Keys) -> str:
    account, secret = f"selftest-{new_id()}", "x" * 3000  # longer than one entry of the Windows Credential Manager
    try:
        await keys.keep_secret(account, secret)
        require(await keys.secret(account) == secret, "the data read differs from the data written")
    finally:
        await _forget(keys, account)
    return f"{await keys.keyring_name()} stores and deletes"


async def _forget(keys: Keys, account: str) -> None:
    try:
        await keys.forget_secret(account)
    except CredentialError:
        return  # nothing was stored: the check prints why


async def _embedded(services: Services) -> str:
    provider = await services.gateway.provider("embedded")
    # A few tokens are sufficient: a full response takes a minute on a slow computer
    require(await _said(provider, "smollm2", Parameters(values={"max_tokens": 8})), "no text arrived")
    return "it responds"


async def _said(provider: Provider, model: str, parameters: Parameters = _NONE) -> str:
    message = ChatMessage(role=Role.USER, text="Name one colour.")
    request = ChatRequest(model=model, messages=(message,), parameters=parameters)
    text = ""
    async with aclosing(provider.stream(request)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                text += event.text
            elif isinstance(event, Finished):
                return text
    raise NotAsItMust("the response did not end")


def python() -> str:
    """Return the Python version, and whether the program is frozen."""
    frozen = "frozen" if getattr(sys, "frozen", False) else "from source"
    return f"{sys.version.split()[0]}, {frozen}"
