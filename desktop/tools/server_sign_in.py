"""OAuth sign-ins that the user started: the browser is opened only for these, and returns to this computer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from desktop.errors import SignInFailed
from desktop.net.origin import is_loopback
from desktop.net.redirect import Landing, landing
from desktop.text.phrases import english, phrase
from desktop.tools.host.host_wire import SignedIn, SignIn
from desktop.tools.host.server_log import quoted

_PAGE = re.compile(r"[!-\[\]^-~]+")
"""Printable ASCII without a backslash, which browsers treat as a slash."""

_HOST = "127.0.0.1"

OpenPage = Callable[[str], Awaitable[bool]]
"""Opens a page in the user's browser and returns whether that succeeded."""


@dataclass
class RunningSignIn:
    """A sign-in that waits for the browser. `problem` is why it failed, once it has."""

    open_page: OpenPage
    landing: Landing
    problem: SignInFailed | None = None
    tasks: set[asyncio.Task[object]] = field(default_factory=set["asyncio.Task[object]"])

    @property
    def redirect_uri(self) -> str:
        """Address to which the browser returns."""
        return self.landing.address


class SignIns:
    """Sign-ins in progress, at most one per server. Belongs to one event loop."""

    def __init__(self) -> None:
        self._running: dict[str, RunningSignIn] = {}

    @asynccontextmanager
    async def started(
        self, server: str, open_page: OpenPage, *, done: str = "", failed: str = ""
    ) -> AsyncGenerator[RunningSignIn]:
        """Listen for the browser's return as long as the context is open. It then shows the text `done` or `failed`.

        Raises:
            SignInFailed: If there is already a sign-in at this server, or no free port.
        """
        if server in self._running:
            raise SignInFailed(
                phrase("A sign-in at “{server}” already waits for the browser.", server=server),
                hint=phrase("Complete the sign-in in the browser, or cancel it."),
            )
        async with landing(done, failed, _HOST) as place:
            running = self._running[server] = RunningSignIn(open_page, place)
            try:
                yield running
            finally:
                del self._running[server]
                for task in running.tasks:
                    task.cancel()

    async def browse(self, page: SignIn) -> SignedIn:
        """Open a sign-in page that the tool host asks for; without a sign-in that the user started, nothing opens."""
        running, task = self._running.get(page.server), asyncio.current_task()
        if running is None or page.redirect_uri != running.redirect_uri or task is None:
            return SignedIn(id=page.id)
        running.tasks.add(task)
        try:
            fields = await self._returned(page, running)
        except SignInFailed as error:
            running.problem = error
            return SignedIn(id=page.id)
        finally:
            running.tasks.discard(task)
        return SignedIn(id=page.id, code=fields["code"], state=fields.get("state", ""), iss=fields.get("iss", ""))

    async def _returned(self, page: SignIn, running: RunningSignIn) -> dict[str, str]:
        """Return the fields with which the browser came back, which include a code. Raises SignInFailed."""
        running.landing.state = _state_of(page.url)
        try:
            async with asyncio.timeout(page.timeout_s):
                if not await running.open_page(page.url):
                    raise SignInFailed(
                        phrase("No browser could be opened."), hint=phrase("Choose a default browser, then try again.")
                    )
                fields = await running.landing.answer()
        except TimeoutError:
            raise SignInFailed(
                phrase(
                    "The sign-in in the browser was not completed within {minutes} minutes.",
                    minutes=f"{page.timeout_s / 60:g}",
                ),
                hint=phrase("Try again."),
            ) from None
        if fields.get("code"):
            return fields
        reason = quoted(fields.get("error_description") or fields.get("error") or "")
        reason = reason.rstrip(" .")
        said = phrase(": “{reason}”.", reason=reason) if reason else english(".")
        raise SignInFailed(
            phrase("The sign-in at “{server}” was rejected{said}", server=page.server, said=said),
            hint=phrase("Try again, or ask the server's administrator."),
        )


def _state_of(url: str) -> str:
    """Return the state of a sign-in page. Raises SignInFailed unless a browser can be sent to its address."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        sound = sound and bool(parts.hostname) and parts.username is None and _PAGE.fullmatch(url) is not None
        state = parse_qs(parts.query).get("state", [""])[0]
    except ValueError:
        sound, state = False, ""
    if not sound or not state:
        raise SignInFailed(
            phrase("The server's sign-in page has an address that Paragone does not open."),
            hint=phrase("Ask the server's administrator to use a complete address with https://."),
        )
    return state
