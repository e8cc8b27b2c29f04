"""A headless Chromium that is on this machine, driven over its own protocol: what it asks for, says, draws, prints."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
PAPERS = {"a4": (8.27, 11.69), "letter": (8.5, 11.0)}
"""Inches, upright."""

_LATE_S = 120.0


def found() -> str | None:
    """The browser's program; None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name)) is not None), None)


class Tab:
    """One page. `requests` are addresses that it asked for, `complaints` what its console and its errors said."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self.requests: list[str] = []
        self.complaints: list[str] = []

    async def hear(self) -> None:
        """Take what the browser says, until it ends."""
        async for message in self._socket:
            told: dict[str, Any] = json.loads(message.data)
            if "id" in told:
                self._waiting.pop(told["id"]).set_result(told)
            else:
                self._note(told["method"], told["params"])

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Have the browser do something; its result. Raises RuntimeError where it refuses."""
        number = next(self._ids)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_str(json.dumps({"id": number, "method": method, "params": parameters}))
        async with asyncio.timeout(_LATE_S):
            told = await self._waiting[number]
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']}")
        return told["result"]

    async def open(self, page: Path, *, dark: bool = False, width: int = 1600) -> None:
        """Load a page, all that it asks for noted."""
        for domain in ("Page", "Network", "Log", "Runtime"):
            await self.call(f"{domain}.enable")
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        await self.call("Emulation.setEmulatedMedia", features=scheme)
        size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
        await self.call("Emulation.setDeviceMetricsOverride", **size)
        self._loaded.clear()
        await self.call("Page.navigate", url=page.as_uri())
        async with asyncio.timeout(_LATE_S):
            await self._loaded.wait()

    async def value(self, expression: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        """What an expression is in the page; it is the browser's own tools that ask, not a script of the page."""
        told = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in told:
            raise RuntimeError(str(told["exceptionDetails"]))
        return told["result"].get("value")

    async def picture(self, path: Path) -> None:
        """Keep a picture of what is in view."""
        told = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(told["data"]))

    async def print(self, path: Path, paper: str) -> None:
        """Print to a PDF, on paper that the page may turn."""
        width, height = PAPERS[paper]
        told = await self.call(
            "Page.printToPDF", paperWidth=width, paperHeight=height, preferCSSPageSize=True, printBackground=False
        )
        await asyncio.to_thread(path.write_bytes, base64.b64decode(told["data"]))

    def _note(self, method: str, told: dict[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Log.entryAdded":
                self.complaints.append(told["entry"]["text"])
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown":
                self.complaints.append(str(told))
            case "Page.loadEventFired":
                self._loaded.set()
            case _:
                pass


@asynccontextmanager
async def browser(program: str, profile: Path) -> AsyncGenerator[Tab]:
    """A tab of a browser of our own, which is ended with it."""
    child = await asyncio.create_subprocess_exec(
        program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--remote-debugging-port=0", "--remote-allow-origins=*", f"--user-data-dir={profile}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    try:
        port = await _port(child)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as reply:
                tabs = await reply.json(content_type=None)
            address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
            async with session.ws_connect(address, max_msg_size=0) as socket:
                tab = Tab(socket)
                hearing = asyncio.create_task(tab.hear())
                try:
                    yield tab
                finally:
                    hearing.cancel()
                    await asyncio.wait([hearing])
    finally:
        os.killpg(child.pid, signal.SIGKILL)  # its own children too, which hold its standard error
        await child.wait()


async def _port(child: asyncio.subprocess.Process) -> int:
    assert child.stderr is not None
    async with asyncio.timeout(_LATE_S):
        while line := (await child.stderr.readline()).decode("utf-8", "replace"):
            if "DevTools listening on" in line:
                return int(line.rpartition("127.0.0.1:")[2].partition("/")[0])
    raise RuntimeError("the browser ended before it said where it listens")
