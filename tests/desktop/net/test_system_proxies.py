"""Lookups of the system's proxies: cached for a minute, on threads, with a time limit."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.conversation_types import Kind
from desktop.errors import AddressInvalid, ProxyFailed
from desktop.net.options import NetworkOptions
from desktop.net.proxies import proxy_for
from desktop.net.proxy_lookups import (
    choose,
    from_child,
    from_environment,
    from_portal,
    in_order,
    lookups_of,
    told_origin,
)
from desktop.net.system_proxies import SystemProxies
from tests.desktop.providers.test_network import ONCE, ask_once
from tests.servers.proxy import ProxyServer
from tests.servers.proxy_portal import portal
from tests.servers.secret_service import session_bus

FAR = "https://far.example/v1/chat/completions?secret=1"
PROXY = "http://proxy.example:3128"


class Asked:
    """Lookup with a fixed result that records its questions; with `gate` it waits for that first."""

    def __init__(self, says: Sequence[str] | None = (PROXY,), gate: threading.Event | None = None) -> None:
        self.origins: list[str] = []
        self._says = says
        self._gate = gate

    def __call__(self, origin: str) -> Sequence[str] | None:
        self.origins.append(origin)
        if self._gate is not None:
            assert self._gate.wait(30)
        return self._says


async def threads_end() -> None:
    """Wait for the threads of lookups."""
    for each in threading.enumerate():
        if each.name == "proxies":
            await asyncio.to_thread(each.join, 10)


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is missing")
    with session_bus(tmp_path / "bus") as environ:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", environ["DBUS_SESSION_BUS_ADDRESS"])
        yield environ["DBUS_SESSION_BUS_ADDRESS"]


async def test_an_answer_is_kept_for_a_minute_for_its_origin_alone() -> None:
    now = [0.0]
    lookup = Asked()
    system = SystemProxies([lookup], clock=lambda: now[0])
    assert [await system(FAR), await system("https://far.example/other")] == [PROXY, PROXY]
    assert lookup.origins == ["https://far.example/"]
    await system("https://near.example/v1")
    now[0] = 61
    await system(FAR)
    assert lookup.origins == ["https://far.example/", "https://near.example/", "https://far.example/"]


async def test_requests_at_the_same_time_wait_for_one_answer() -> None:
    gate = threading.Event()
    lookup = Asked(gate=gate)
    system = SystemProxies([lookup])
    asking = [asyncio.create_task(system(FAR)) for _ in range(8)]
    await asyncio.sleep(0)
    gate.set()
    assert set(await asyncio.gather(*asking)) == {PROXY}
    assert len(lookup.origins) == 1


async def test_other_origins_are_asked_about_meanwhile() -> None:
    gate = threading.Event()
    waiting = SystemProxies([Asked(gate=gate)])
    asking = [asyncio.create_task(waiting(f"https://{name}.example/")) for name in ("a", "b")]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*asking) == [PROXY, PROXY]


async def test_who_cannot_tell_hands_on_to_the_next() -> None:
    assert await SystemProxies([Asked(None), Asked(["direct://"]), Asked()])(FAR) == ""
    assert await SystemProxies([Asked(None), Asked()])(FAR) == PROXY
    assert await SystemProxies([Asked(None)])(FAR) == ""


async def test_one_that_hangs_costs_its_time_once_and_the_next_is_asked(caplog: pytest.LogCaptureFixture) -> None:
    gate = threading.Event()
    hanging, fixed = Asked(gate=gate), Asked()
    system = SystemProxies([hanging, fixed], within_s=0.2, kept_s=0)
    with caplog.at_level(logging.WARNING):
        assert await system(FAR) == PROXY
        assert "no proxy within 0.2 s" in caplog.text
    for name in "abc":
        assert await system(f"https://{name}.example/") == PROXY
    assert len(hanging.origins) == 1  # no thread more while the first one waits
    gate.set()
    await threads_end()
    await system(FAR)
    assert len(hanging.origins) == 2


async def test_an_answer_that_came_too_late_is_asked_for_anew() -> None:
    gate = threading.Event()
    system = SystemProxies([Asked(gate=gate)], within_s=0.1)
    assert await system(FAR) == ""
    gate.set()
    await threads_end()
    assert await system(FAR) == PROXY


async def test_a_request_that_is_cancelled_leaves_the_next_one_free() -> None:
    gate = threading.Event()
    system = SystemProxies([Asked(gate=gate)])
    first = asyncio.create_task(system(FAR))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.set()
    assert await system(FAR) == PROXY


async def test_a_bug_in_a_lookup_is_not_hidden() -> None:
    def broken(origin: str) -> Sequence[str]:
        raise LookupError(origin)

    with pytest.raises(LookupError):
        await SystemProxies([broken])(FAR)


async def test_of_several_proxies_the_first_that_takes_connections_is_used() -> None:
    async with ProxyServer(("127.0.0.1", 9)) as gone:
        dead = f"http://{gone.address}"
    async with ProxyServer(("127.0.0.1", 9)) as proxy:
        live = f"http://{proxy.address}"
        assert await asyncio.to_thread(choose, [dead, live, "direct://"]) == live
        assert await asyncio.to_thread(choose, ["socks://a.example:1", live]) == live
    assert await asyncio.to_thread(choose, [dead, "direct://"]) == ""
    assert await asyncio.to_thread(choose, [dead, "http://[:9"]) == dead  # it is named as what failed


@pytest.mark.parametrize(
    ("found", "chosen"),
    [((), ""), (("direct://",), ""), ((PROXY,), PROXY), (("direct://", PROXY), ""), (("socks://a:1",), "socks://a:1")],
)
def test_of_what_is_said_one_way_is_chosen(found: Sequence[str], chosen: str) -> None:
    assert choose(found) == chosen


async def test_a_socks_proxy_alone_is_an_error_that_says_so() -> None:
    options = NetworkOptions(system_proxy=SystemProxies([Asked(["socks5://proxy.example:1080"])]))
    with pytest.raises(ProxyFailed) as raised:
        await proxy_for(FAR, options)
    assert "SOCKS" in raised.value.hint


async def test_the_system_is_asked_only_where_the_settings_say_nothing() -> None:
    lookup = Asked(["http://u:p@proxy.example:3128"])
    options = NetworkOptions(system_proxy=SystemProxies([lookup]))
    assert await proxy_for("http://127.0.0.1:8000/v1", options) is None
    assert await proxy_for(FAR, replace(options, proxy="none")) is None
    own = await proxy_for(FAR, replace(options, proxy="own.example:1"))
    assert own is not None
    assert own.url == "http://own.example:1"
    assert lookup.origins == []
    found = await proxy_for(FAR, options)
    assert found is not None
    assert (found.url, found.headers) == (PROXY, {"Proxy-Authorization": "Basic dTpw"})


@pytest.mark.parametrize(
    ("url", "origin"),
    [(FAR, "https://far.example/"), ("https://Far.example:444/v1", "https://far.example:444/")],
)
def test_nothing_but_the_origin_is_told(url: str, origin: str) -> None:
    assert told_origin(url) == origin


def test_an_address_with_a_sign_in_is_told_to_nobody() -> None:
    with pytest.raises(AddressInvalid):
        told_origin("https://me:pw@far.example:444/v1")


def test_variables_are_read_as_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment("https://far.example/") is None
    monkeypatch.setenv("https_proxy", "proxy.example:3128")
    monkeypatch.setenv("no_proxy", "near.example,.inside.example")
    assert from_environment("https://far.example/") == (PROXY,)
    assert from_environment("https://near.example/") == ("direct://",)
    assert from_environment("https://a.inside.example:8443/") == ("direct://",)
    assert from_environment("http://far.example/") is None
    monkeypatch.setenv("all_proxy", "http://all.example:1")
    assert from_environment("http://far.example/") == ("http://all.example:1",)
    assert in_order(FAR, (from_environment,)) == PROXY


@pytest.mark.skipif(sys.platform != "linux", reason="Windows and macOS have fixed settings of their own")
async def test_without_a_finder_the_variables_count(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await proxy_for(FAR, NetworkOptions()) is None
    monkeypatch.setenv("https_proxy", PROXY)
    found = await proxy_for(FAR, NetworkOptions())
    assert found is not None
    assert found.url == PROXY


async def test_the_desktops_portal_is_asked_and_its_proxy_used(bus: str) -> None:
    system = SystemProxies(lookups_of("linux", ()))
    async with ProxyServer(("127.0.0.1", 9), refuse="403") as proxy:
        async with portal(bus, [f"http://{proxy.address}", "direct://"]) as desktop:
            found = await ask_once(Kind.OPENAI_V1, FAR, replace(ONCE, system_proxy=system))
        assert type(found.error) is ProxyFailed
        assert proxy.connects == ["far.example:443"]
    assert desktop.asked == ["https://far.example/"]


@pytest.mark.parametrize(
    ("proxies", "found"),
    [
        (["direct://"], ""),
        ([], ""),
        (["socks://proxy.example:1080", PROXY], PROXY),
        (["http://me:secret@proxy.example:3128"], "http://me:secret@proxy.example:3128"),
    ],
)
async def test_what_the_portal_says_is_understood(bus: str, proxies: list[str], found: str) -> None:
    async with portal(bus, proxies):
        assert await SystemProxies([from_portal])(FAR) == found


async def test_variables_count_before_the_portal(bus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://variable.example:1")
    async with portal(bus, [PROXY]) as desktop:
        assert await SystemProxies(lookups_of("linux", ()))(FAR) == "http://variable.example:1"
        assert desktop.asked == []


async def test_a_portal_that_hangs_costs_its_time_and_the_way_is_direct(bus: str) -> None:
    system = SystemProxies([from_portal], within_s=0.3)
    async with portal(bus, None) as desktop:
        assert await system(FAR) == ""
        assert await system(FAR) == ""
        assert len(desktop.asked) == 1


async def test_without_a_portal_or_a_bus_the_way_is_direct(
    bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await asyncio.to_thread(from_portal, FAR) is None
    async with portal(bus, [PROXY], resolves=False):
        assert await asyncio.to_thread(from_portal, FAR) is None
    for address in (f"unix:path={tmp_path / 'nowhere'}", "tcp:host=127.0.0.1,port=1", "nonsense"):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        assert await asyncio.to_thread(from_portal, FAR) is None
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    assert await asyncio.to_thread(from_portal, FAR) is None


async def test_a_bus_that_says_nothing_costs_its_time_and_the_way_is_direct(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "bus"))
        silent.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
        assert await SystemProxies([from_portal], within_s=0.3)(FAR) == ""
    assert "no proxy within 0.3 s" in caplog.text


HANGS = "import threading; threading.Event().wait()"


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def test_a_child_is_told_the_origin() -> None:
    script = "import sys; print('\\n'.join(sys.argv[1:]))"
    assert from_child(python(script), "https://far.example/") == ["https://far.example/"]


@pytest.mark.parametrize("command", [python("raise SystemExit(1)"), python(HANGS), ["/nonexistent/program"]])
def test_a_child_that_fails_hangs_or_is_missing_cannot_tell(command: list[str]) -> None:
    assert from_child(command, "https://far.example/", within_s=1.0) is None
