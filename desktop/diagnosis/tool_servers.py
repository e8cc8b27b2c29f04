"""Checks of tool servers from what is known about them. Nothing is started or called."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from desktop.diagnosis.check import Check, failed
from desktop.domain.tool_types import ToolServer
from desktop.errors import CredentialError, PolicyForbids, SettingsError
from desktop.services import Services
from desktop.text.phrases import Phrase, counted, phrase
from desktop.tools.consent import fingerprint
from desktop.tools.host.server_log import log_file, quoted
from desktop.tools.server_file import SeenTools

_TAIL = 4 << 10
"""Bytes at the end of a log in which its last line is looked for."""


async def checks(services: Services) -> list[Check]:
    """Return a check for each tool server."""
    if not await asyncio.to_thread(services.paths.tools_file.exists):
        return []
    try:
        settings = await services.tools.load()
    except SettingsError as error:
        return [failed(phrase("tool servers"), error)]
    return [
        await _sign_in(services, each) or await asyncio.to_thread(_check, services, each, settings.seen.get(each.name))
        for each in settings.servers
    ]


async def _sign_in(services: Services, server: ToolServer) -> Check | None:
    """Return a warning if a server that policies allow needs a sign-in, or if the keyring fails."""
    name = phrase("tool server {name}", name=server.name)
    try:
        services.tools.require(server)
        if not await services.tools.needs_sign_in(server):
            return None
    except PolicyForbids:
        return None
    except CredentialError as error:
        return failed(name, error, "warning")
    return Check(
        name=name,
        state="warning",
        detail=phrase("You are not signed in."),
        hint=phrase("Sign in: paragone tools sign-in {name}", name=server.name),
    )


def _check(services: Services, server: ToolServer, seen: SeenTools | None) -> Check:
    name = phrase("tool server {name}", name=server.name)
    try:
        services.tools.require(server)
    except PolicyForbids as error:
        return failed(name, error, "warning")
    log = log_file(services.paths.logs / "tools", server.name)
    logged = phrase("Log: {path}.", path=log) if log.exists() else phrase("There is no log.")
    if server.command and shutil.which(server.command[0]) is None:
        return Check(
            name=name,
            state="warning",
            detail=phrase("There is no program “{program}”. {logged}", program=server.command[0], logged=logged),
            hint=phrase("Install the program, or enter its complete path."),
        )
    if seen is not None and fingerprint(server, seen.tools) == seen.fingerprint:
        return Check(name=name, state="ok", detail=phrase("{tools}. {logged}", tools=_tools(seen), logged=logged))
    last = _last_line(log)
    if not last:
        return Check(name=name, state="ok", detail=phrase("No tools were listed yet. {logged}", logged=logged))
    return Check(
        name=name,
        state="warning",
        detail=phrase("No tools were listed yet. {logged} Last line: “{line}”", logged=logged, line=last),
        hint=phrase("Test it: paragone tools test {name}", name=server.name),
    )


def _tools(seen: SeenTools) -> Phrase:
    return counted("{n} tool was listed", "{n} tools were listed", len(seen.tools))


def _last_line(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL))
            lines = file.read(_TAIL).decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((quoted(line) for line in reversed(lines) if line.strip()), "")
