"""Sign-in at tool servers: started by the user alone, returned to this computer, stored in the keyring alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import msgspec
import pytest
import pytest_asyncio

from desktop.credentials.backends import Backend
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import ModelRef, ToolChoice
from desktop.domain.events import Notice, ToolRequested
from desktop.domain.message_parts import ToolStatus
from desktop.domain.tool_types import ToolAuth, ToolServer
from desktop.errors import KeyringMissing, SignInFailed, ToolSignInRequired, UsageError
from desktop.guards.audit import Audit
from desktop.guards.budget import Ledger
from desktop.guards.gate import GuardedGate
from desktop.guards.scanner import Scanner
from desktop.net.options import NetworkOptions
from desktop.settings.current import CurrentSettings
from desktop.settings.values import Settings
from desktop.tools.desk_runner import DeskToolbox
from desktop.tools.host.host_wire import SignIn
from desktop.tools.server_changes import keep_server, remove_server
from desktop.tools.server_file import ToolServerFile
from desktop.tools.server_sign_in import SignIns
from desktop.tools.tool_desk import ToolDesk
from desktop.tools.tool_runner import ToolUse
from main import GUARD_SWITCH, TOOLS_SWITCH, child_command
from tests.desktop.credentials.fakes import MemoryKeyring, none_found
from tests.desktop.tools.host.conftest import until
from tests.servers.mcp.http_server import HttpServer


@dataclass
class Browser:
    """A browser in the test's own loop; `shown` is the text of the page that came last."""

    pages: list[str] = field(default_factory=list[str])
    shown: str = ""
    forged: bool = False
    tasks: list[asyncio.Task[None]] = field(default_factory=list["asyncio.Task[None]"])

    async def open(self, page: str) -> bool:
        self.pages.append(page)
        self.tasks.append(asyncio.create_task(self._visit(page)))
        return True

    async def _visit(self, page: str) -> None:
        async with aiohttp.ClientSession() as session:
            if self.forged:
                back = parse_qs(urlsplit(page).query)["redirect_uri"][0]
                async with session.get(f"{back}?code=stolen&state=guessed") as response:
                    assert response.status == 404
            async with session.get(page) as response:
                self.shown = await response.text()


def _waits(*, is_waiting: bool) -> None:
    """Nobody looks."""


@dataclass
class Desk:
    """A desk with a server that requires a sign-in."""

    desk: ToolDesk
    server: HttpServer
    keyring: MemoryKeyring
    folder: Path
    browser: Browser = field(default_factory=Browser)
    notices: list[Notice] = field(default_factory=list[Notice])

    @property
    def entry(self) -> ToolServer:
        return ToolServer(name="web", url=self.server.url, auth=ToolAuth.OAUTH)

    async def sign_in(self) -> None:
        await self.desk.sign_in("web", self.browser.open, done="Signed in.", failed="Failed.")

    async def ask(self) -> ToolStatus | None:
        """Have a model call the server's tool; None if the tool is not offered."""
        model = ModelRef(connection="lab", name="m")
        use = ToolUse(conversation="c1", model=model, turn="t1", choice=ToolChoice(servers=("web",)))
        runner = await DeskToolbox(self.desk).runner(use, self.notices.append)
        if runner is None:
            return None
        request = ToolRequested(id="1", name="echo", arguments='{"text": "hello"}')
        return (await runner.run(runner.resolve(request), _waits)).result.status

    @property
    def offered(self) -> list[str]:
        return [each.server for each in self.desk.approvals.sign_ins]


Make = Callable[..., ToolDesk]


@pytest_asyncio.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes desks over one file, as several runs of the program are."""
    made: list[ToolDesk] = []

    def desk(find: Callable[[], Backend], *, keyring_only: bool = False) -> ToolDesk:
        settings = CurrentSettings(Settings())
        scanner = Scanner(child_command(GUARD_SWITCH))
        made.append(
            ToolDesk(
                settings=settings,
                keys=Keys(service="test", environ={}, find=find, keyring_only=keyring_only),
                gate=GuardedGate(scanner, Ledger(tmp_path / "spending.json"), Audit(tmp_path)),
                hide=str,
                attachments=lambda: pytest.fail("no attachments"),
                file=ToolServerFile(tmp_path / "tools.json"),
                command=child_command(TOOLS_SWITCH),
                logs=tmp_path / "logs",
                options=NetworkOptions(),
            )
        )
        made[-1].allowed_now = frozenset({"all"})
        return made[-1]

    yield desk
    for each in made:
        await each.aclose()


@pytest_asyncio.fixture
async def at(make: Make, tmp_path: Path) -> AsyncIterator[Desk]:
    keyring = MemoryKeyring()
    async with HttpServer("oauth") as server:
        made = Desk(make(lambda: keyring), server, keyring, tmp_path)
        await keep_server(made.desk, made.entry, {})
        yield made
        await asyncio.gather(*made.browser.tasks)
        await made.desk.aclose()


async def test_a_user_signs_in_once_and_later_runs_use_the_stored_sign_in(at: Desk, make: Make) -> None:
    at.browser.forged = True
    await at.sign_in()
    await asyncio.gather(*at.browser.tasks)
    assert "Signed in." in at.browser.shown
    assert at.server.registered[0].startswith("http://127.0.0.1:")
    assert not await at.desk.needs_sign_in(at.entry)
    later = make(lambda: at.keyring)
    assert [tool.tool for tool in (await later.open("web")).tools] == ["echo"]
    assert (len(at.browser.pages), at.server.grants) == (1, ["authorization_code"])


async def test_tokens_are_in_the_keyring_and_in_no_file(at: Desk) -> None:
    await at.sign_in()
    await at.desk.aclose()
    assert [account for _, account in at.keyring.items] == ["tools-sign-in web"]
    files = [each.read_text() for each in at.folder.rglob("*") if each.is_file()]
    assert files
    assert not any("of-the-user" in text for text in files)


async def test_an_automatic_start_opens_no_browser_and_offers_the_sign_in(at: Desk) -> None:
    assert await at.ask() is None
    assert "not signed in" in at.notices[0].message
    assert at.offered == ["web"]
    assert (at.browser.pages, at.server.registered, at.desk.host.pid) == ([], [], 0)
    await at.sign_in()
    assert at.offered == []
    assert await at.ask() is ToolStatus.OK


async def test_a_token_that_the_server_forgot_is_renewed_without_the_user(at: Desk) -> None:
    await at.sign_in()
    await at.desk.host.close("web")
    at.server.tokens.clear()
    await at.desk.open("web")
    assert (len(at.browser.pages), at.server.grants) == (1, ["authorization_code", "refresh_token"])


async def test_a_sign_in_that_ends_in_the_middle_fails_the_call_and_is_offered_again(at: Desk) -> None:
    await at.sign_in()
    runner_status = await at.ask()
    at.server.tokens.clear()
    at.server.renews = False
    assert runner_status is ToolStatus.OK
    assert await at.ask() is ToolStatus.ERROR
    assert at.offered == ["web"]
    await until(lambda: "web" in at.desk._stale)
    with pytest.raises(ToolSignInRequired, match="not signed in") as caught:
        await at.desk.open("web")
    assert "tools sign-in web" in caught.value.hint
    assert await at.desk.needs_sign_in(at.entry)
    assert len(at.browser.pages) == 1
    await at.sign_in()
    assert await at.ask() is ToolStatus.OK


async def test_a_declined_sign_in_says_so_and_keeps_the_earlier_one(at: Desk) -> None:
    await at.sign_in()
    before = dict(at.keyring.items)
    at.server.denies = True
    with pytest.raises(SignInFailed, match="rejected: “access_denied”"):
        await at.sign_in()
    await asyncio.gather(*at.browser.tasks)
    assert "Failed." in at.browser.shown
    assert at.keyring.items == before
    await at.desk.open("web")


async def test_a_canceled_sign_in_can_be_started_again(at: Desk) -> None:
    pages: list[str] = []

    async def nowhere(page: str) -> bool:
        """Open a browser whose user does nothing."""
        pages.append(page)
        return True

    waiting = asyncio.create_task(at.desk.sign_in("web", nowhere))
    await until(lambda: bool(pages))
    with pytest.raises(SignInFailed, match="already waits"):
        await at.sign_in()
    waiting.cancel()
    await asyncio.wait({waiting})
    await at.sign_in()
    assert await at.ask() is ToolStatus.OK


async def test_without_a_browser_there_is_no_sign_in(at: Desk) -> None:
    async def none(_: str) -> bool:
        """Fail to open a browser."""
        return False

    with pytest.raises(SignInFailed, match="No browser"):
        await at.desk.sign_in("web", none)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/?state=1",
        "file:///etc/passwd?state=1",
        "https://me@example.com/?state=1",
        "https://example.com/\\x?state=1",
        "https://example.com/",
    ],
)
async def test_an_address_that_may_mislead_is_never_opened(url: str) -> None:
    browser, sign_ins = Browser(), SignIns()
    async with sign_ins.started("web", browser.open) as running:
        page = SignIn(id=1, server="web", url=url, redirect_uri=running.redirect_uri, timeout_s=5)
        assert (await sign_ins.browse(page)).code == ""
        assert "does not open" in str(running.problem)
    assert browser.pages == []


async def test_a_sign_in_that_takes_too_long_ends_and_so_does_its_listener() -> None:
    async def shown(_: str) -> bool:
        """Open a browser whose user does nothing."""
        return True

    sign_ins = SignIns()
    async with sign_ins.started("web", shown) as running:
        uri = running.redirect_uri
        page = SignIn(id=1, server="web", url="https://example.com/?state=1", redirect_uri=uri, timeout_s=0.05)
        assert (await sign_ins.browse(page)).code == ""
        assert "not completed within" in str(running.problem)
    with pytest.raises(aiohttp.ClientConnectorError):
        async with aiohttp.ClientSession() as session:
            await session.get(uri)


async def test_signing_out_and_removing_delete_the_sign_in(at: Desk) -> None:
    await at.sign_in()
    await at.desk.sign_out("web")
    assert not at.keyring.items
    with pytest.raises(ToolSignInRequired):
        await at.desk.open("web")
    await at.sign_in()
    await remove_server(at.desk, "web")
    assert not at.keyring.items


async def test_a_sign_in_is_never_used_at_another_address(at: Desk) -> None:
    await at.sign_in()
    async with HttpServer("oauth") as other:
        moved = msgspec.structs.replace(at.entry, url=other.url)
        at.desk.file.change(lambda held: msgspec.structs.replace(held, servers=(moved,)))  # somebody edits the file
        with pytest.raises(ToolSignInRequired):
            await at.desk.open("web")
        assert other.seen == []
    await keep_server(at.desk, at.entry, {}, replaces="web")
    assert not at.keyring.items


async def test_without_a_keyring_a_sign_in_lasts_until_the_end(at: Desk, make: Make) -> None:
    desk = make(none_found)
    _, place = await desk.sign_in("web", at.browser.open)
    assert place is not None
    assert isinstance(place.problem, KeyringMissing)
    assert desk.secrets.only_this_run("web")
    await desk.open("web")
    with pytest.raises(ToolSignInRequired):
        await make(none_found).open("web")


async def test_a_policy_that_requires_the_keyring_is_obeyed(at: Desk, make: Make) -> None:
    desk = make(none_found, keyring_only=True)
    with pytest.raises(KeyringMissing):
        await desk.sign_in("web", at.browser.open)


async def test_a_server_without_sign_in_says_so(at: Desk) -> None:
    await keep_server(at.desk, ToolServer(name="plain", url=at.server.url), {})
    with pytest.raises(UsageError, match="does not use a sign-in"):
        await at.desk.sign_in("plain", at.browser.open)
    at.server.mode = "json"
    with pytest.raises(SignInFailed, match="did not ask"):
        await at.sign_in()
