"""`doctor`: what this machine has, what is configured, whether each connection answers; each failure with its cure."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Literal
from urllib.request import getproxies

from desktop.domain import Connection, Kind, Parameters, Role, Value
from desktop.errors import CredentialError, ParagoneError
from desktop.events import ReasoningDelta, TextDelta
from desktop.log import redact
from desktop.providers.base import ChatMessage, ChatRequest
from desktop.settings.schema import CA_FILE, PROXY
from desktop.terminal.services import Services

_LITTLE_SPACE = 500 << 20
"""Bytes of free space below which the disk is worth a warning."""

_CONNECTION_TIMEOUT_S = 30.0


class Check(Value, frozen=True, kw_only=True):
    """One line of the report."""

    name: str
    state: Literal["ok", "warning", "failed"]
    detail: str
    hint: str = ""


async def run(services: Services, arguments: argparse.Namespace) -> int:
    """Report; 1 where something failed. A missing keyring or display is a warning."""
    checks = [_program(), _sqlite(), *_folders(services), _settings(services)]
    checks += [await _store(services), await _keyring(services), _display(services), _network(services)]
    connections = services.settings.all_connections
    checks += await asyncio.gather(*(_connection(services, connection) for connection in connections))
    if arguments.json:
        services.console.json(checks)
    else:
        for check in checks:
            services.console.line(f"{check.state:<8} {check.name}: {check.detail}")
            if check.hint:
                services.console.line(f"{'':<8} {check.hint}")
    return 1 if any(check.state == "failed" for check in checks) else 0


def failed(name: str, error: ParagoneError, state: Literal["warning", "failed"] = "failed") -> Check:
    """The check of something that raised."""
    return Check(name=name, state=state, detail=error.message, hint=error.hint)


def _program() -> Check:
    from importlib.metadata import PackageNotFoundError, version

    versions: list[str] = []
    for package in ("azure-ai-inference", "aiohttp", "keyring", "PySide6-Essentials", "xllamacpp"):
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            versions.append(f"{package} not installed")
    system = f"Python {platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}"
    return Check(name="program", state="ok", detail=f"{system}; {', '.join(versions)}")


def _sqlite() -> Check:
    import apsw

    return Check(name="sqlite", state="ok", detail=f"SQLite {apsw.sqlite_lib_version()} (our own)")


def _folders(services: Services) -> list[Check]:
    paths = services.paths
    found: list[Check] = []
    for name, folder in (
        ("settings folder", paths.config),
        ("data folder", paths.data),
        ("cache folder", paths.cache),
        ("log folder", paths.logs),
    ):
        found.append(_folder(name, folder))
    return found


def _folder(name: str, folder: Path) -> Check:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check(
            name=name,
            state="failed",
            detail=f"{folder} cannot be written: {error.strerror}.",
            hint="Check its permissions, or choose another place with --data-dir.",
        )
    detail = f"{folder}, {free / (1 << 30):.1f} GB free"
    if free < _LITTLE_SPACE:
        return Check(name=name, state="warning", detail=detail, hint="Free some space.")
    return Check(name=name, state="ok", detail=detail)


def _settings(services: Services) -> Check:
    path = services.settings_file.path
    if services.notices:
        return Check(name="settings", state="warning", detail=" ".join(services.notices), hint=f"See {path.parent}.")
    return Check(
        name="settings", state="ok", detail=f"{path}" if path.exists() else f"defaults; {path} is not there yet"
    )


async def _store(services: Services) -> Check:
    try:
        store = await services.store()
        counts = await store.conversations.counts()
    except ParagoneError as error:
        return failed("conversations", error)
    number = sum(count for _, count in counts)
    detail = f"{store.path}, {number} conversations with {len(counts)} models"
    if store.notices:
        return Check(name="conversations", state="warning", detail=f"{detail}. {' '.join(store.notices)}")
    return Check(name="conversations", state="ok", detail=detail)


async def _keyring(services: Services) -> Check:
    try:
        return Check(name="keyring", state="ok", detail=await services.keys.keyring_name())
    except CredentialError as error:
        return failed("keyring", error, "warning")


def _display(services: Services) -> Check:
    if sys.platform in ("win32", "darwin"):
        return Check(name="display", state="ok", detail=platform.system())
    names = [
        f"{name}={services.environ[name]}" for name in ("WAYLAND_DISPLAY", "DISPLAY") if services.environ.get(name)
    ]
    if names:
        return Check(name="display", state="ok", detail=", ".join(names))
    return Check(name="display", state="warning", detail="none", hint="Without a display the terminal chat is opened.")


def _network(services: Services) -> Check:
    proxy = services.settings.get(PROXY)
    if not proxy:
        system = [f"{scheme} by {address}" for scheme, address in getproxies().items() if scheme != "no"]
        proxy = f"the system's ({', '.join(system)})" if system else "none (the system has none)"
    ca_file = services.settings.get(CA_FILE)
    detail = f"proxy: {redact(proxy)}; certificates: the system's{f' and {ca_file}' if ca_file else ''}"
    if ca_file and not os.access(ca_file, os.R_OK):
        return Check(
            name="network",
            state="failed",
            detail=f"The CA file {ca_file} cannot be read.",
            hint="Set network.ca_file to a readable PEM file, or leave it empty.",
        )
    return Check(name="network", state="ok", detail=detail)


async def _connection(services: Services, connection: Connection) -> Check:
    name = f"connection {connection.name}"
    test: Callable[[Services, Connection], Awaitable[str]]
    test = _first_token if connection.kind is Kind.EMBEDDED else _listed
    started = time.monotonic()
    try:
        async with asyncio.timeout(_CONNECTION_TIMEOUT_S):
            detail = await test(services, connection)
    except ParagoneError as error:
        return failed(name, error)
    except TimeoutError:
        return Check(
            name=name,
            state="failed",
            detail=f"No answer from {connection.url or 'the engine'} within {_CONNECTION_TIMEOUT_S:g} seconds.",
            hint="Check the network and that the server runs.",
        )
    return Check(name=name, state="ok", detail=f"{detail} ({(time.monotonic() - started) * 1000:.0f} ms)")


async def _listed(services: Services, connection: Connection) -> str:
    models = await services.gateway.models(connection.name)
    return f"{connection.url} answers and lists {len(models)} models"


async def _first_token(services: Services, connection: Connection) -> str:
    """The engine started and one token made: loading alone would not show a processor that cannot run it."""
    models = await services.gateway.models(connection.name)
    provider = await services.gateway.provider(connection.name)
    request = ChatRequest(
        model=models[0].name,
        messages=(ChatMessage(role=Role.USER, text="Hello"),),
        parameters=Parameters(values={"max_tokens": 1}),
    )
    async with aclosing(provider.stream(request)) as events:
        async for event in events:
            if isinstance(event, (TextDelta, ReasoningDelta)):
                break
    return f"{models[0].name} loads and answers"
