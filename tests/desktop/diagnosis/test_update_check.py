"""The newest version is believed only if the file that names it is signed, current and from the right place."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from updates import public_text, signed

from desktop.diagnosis.update_check import Release, UpdateSource, is_newer, newest_release, source_of
from desktop.errors import ConnectFailed, ParagoneError, PolicyForbids, UpdateCheckFailed, UsageError
from desktop.net.options import NetworkOptions
from desktop.settings.policy import NO_POLICY
from tests.desktop.settings.test_policy import policy

KEY = Ed25519PrivateKey.generate()
TODAY = date(2026, 12, 4)
GOOD = signed(KEY, "0.2.0", TODAY, "https://paragone.example/new")


@asynccontextmanager
async def announced(text: str, status: int = 200) -> AsyncGenerator[UpdateSource]:
    """A server on loopback that sends a file."""

    async def send(_request: web.Request) -> web.Response:
        return web.Response(text=text, status=status, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_get("/updates.json", send)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    try:
        yield UpdateSource(f"http://{host}:{port}/updates.json", public_text(KEY))
    finally:
        await runner.cleanup()


async def test_the_newest_version_is_read() -> None:
    async with announced(GOOD) as source:
        release = await newest_release(source, NetworkOptions(), TODAY)
    assert (release.version, release.notes) == ("0.2.0", "https://paragone.example/new")


@pytest.mark.parametrize(("version", "newer"), [("0.1.0", True), ("0.2.0", False), ("0.10.0", False), ("0", True)])
def test_versions_compare_by_number(version: str, newer: bool) -> None:
    assert is_newer(Release("0.2.0", TODAY, TODAY), version) is newer


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (signed(Ed25519PrivateKey.generate(), "9.0.0", TODAY, ""), "not signed by the expected key"),
        (GOOD.replace("0.2.0", "9.0.0"), "not signed by the expected key"),
        (signed(KEY, "0.2.0", date(2026, 1, 1), ""), "outdated"),
        (signed(KEY, "newest", TODAY, ""), "invalid"),
        (json.dumps({"release": "{}", "signature": "no base64"}), "invalid"),
        ("<html>", "invalid"),
    ],
)
async def test_a_file_that_cannot_be_believed_is_refused(text: str, said: str) -> None:
    async with announced(text) as source:
        with pytest.raises(UpdateCheckFailed, match=said):
            await newest_release(source, NetworkOptions(), TODAY)


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_another_status_is_no_answer(status: int) -> None:
    async with announced(GOOD, status) as source:
        with pytest.raises(UpdateCheckFailed, match=str(status)):
            await newest_release(source, NetworkOptions(), TODAY)


@pytest.mark.parametrize(
    ("address", "error"),
    [("", UsageError), ("http://updates.example/x.json", UpdateCheckFailed), ("http://127.0.0.1:9/x", ConnectFailed)],
)
async def test_without_a_server_that_may_be_asked_it_is_said(address: str, error: type[ParagoneError]) -> None:
    with pytest.raises(error):
        await newest_release(UpdateSource(address, public_text(KEY)), NetworkOptions(), TODAY)


def test_the_policy_replaces_the_builds_own_source_or_forbids_the_check(tmp_path: Path) -> None:
    file = tmp_path / "updates.toml"
    assert source_of(NO_POLICY, file) == UpdateSource()
    file.write_text('address = "https://own.example"\nkey = "own"\n')
    assert source_of(NO_POLICY, file) == UpdateSource("https://own.example", "own")
    mine = policy(UpdateAddress="https://it.example", UpdateKey="its")
    assert source_of(mine, file) == UpdateSource("https://it.example", "its")
    with pytest.raises(PolicyForbids):
        source_of(policy(UpdateCheck=False), file)
