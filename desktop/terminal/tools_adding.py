"""`tools add` and `tools import`: store tool servers, their secrets in the keyring only, and start nothing."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from collections.abc import Mapping, Sequence
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.domain.conversation_types import JsonValue
from desktop.domain.tool_types import ToolAuth, ToolServer
from desktop.errors import KeyringMissing, ParagoneError, UsageError
from desktop.system.plain_files import read_plain
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.prompt_lines import whole_input
from desktop.terminal.tool_lines import address, visible
from desktop.text.phrases import Phrase, english
from desktop.tools.server_file import ToolSettings, added

if TYPE_CHECKING:
    from desktop.tools.server_import import ImportedServer

_MOST_BYTES = 1 << 20
_OTHER_WAYS = english("Set an environment variable of this name, or write the value to standard input.")


async def add(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Add a server. Nothing is started, and nothing is stored if its secrets cannot be.

    Raises:
        UsageError: If the server is invalid or its name is taken.
        PolicyForbids: If a policy forbids it.
        CredentialError: If its secrets cannot be stored.
        SettingsError: If the file of servers cannot be changed.
    """
    server, desk = _from_arguments(arguments), services.tools
    added(await desk.load(), server)
    desk.require(server)
    secrets = await asyncio.to_thread(_secrets, server, services.environ)
    await _store(services, server, secrets)
    if arguments.json:
        where: dict[str, JsonValue] = {"command": [*server.command]} if server.command else {"url": server.url}
        services.console.json({"name": server.name, **where, "secrets": [*secrets]})
    else:
        services.console.line(f"Added {server.name}: {address(server)}")
        if secrets:
            services.console.line(f"In the keyring: {', '.join(secrets)}.")
    if server.auth is ToolAuth.OAUTH:
        services.console.note(f"Nothing was started. Sign in: paragone tools sign-in {server.name}")
    else:
        services.console.note(f"Nothing was started. Look at its tools: paragone tools test {server.name}")
    return 0


def _from_arguments(arguments: argparse.Namespace) -> ToolServer:
    if arguments.url and (arguments.arg or arguments.env or arguments.secret_env or arguments.folder):
        raise UsageError(english("--arg, --env, --secret-env and --folder require --command."))
    if arguments.program and (arguments.auth or arguments.key_stdin or arguments.header or arguments.secret_header):
        raise UsageError(english("--auth, --key-stdin, --header and --secret-header require --url."))
    auth = ToolAuth(arguments.auth or (ToolAuth.KEY if arguments.key_stdin else ToolAuth.NONE))
    if arguments.key_stdin and auth is not ToolAuth.KEY:
        raise UsageError(english(f"--auth {auth.value} does not use a key."))
    for name in (*(name for name, _ in arguments.env), *arguments.secret_env):
        if "=" in name or "\0" in name or not name.strip():
            raise UsageError(english(f"“{name}” is not a valid name for an environment variable."))
    folder = ""
    if arguments.folder:
        folder = str(Path(arguments.folder).expanduser().absolute())
        if not Path(folder).is_dir():
            raise UsageError(english(f"The folder {folder} does not exist."))
    return ToolServer(
        name=arguments.name,
        command=(_program(arguments.program), *arguments.arg) if arguments.program else (),
        url=arguments.url,
        auth=auth,
        env=dict(arguments.env),
        secret_env=tuple(dict.fromkeys(arguments.secret_env)),
        headers=dict(arguments.header),
        secret_headers=tuple(dict.fromkeys(arguments.secret_header)),
        folder=folder,
        timeout_s=arguments.timeout,
    )


def _program(given: str) -> str:
    """Return the program as it is stored: a path relative to this folder would not be found later."""
    path = Path(given).expanduser()
    if path.is_file() and (len(path.parts) > 1 or given.startswith("~")):
        return str(path.absolute())
    if any(sign.isspace() for sign in given) and shutil.which(given) is None:
        raise UsageError(
            english(f"There is no program “{given}”."),
            hint=english("Give each argument with --arg: --command uvx --arg mcp-server-time"),
        )
    return given


def _secrets(server: ToolServer, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets of a server: of the environment, of the user at a terminal, or of lines of a pipe."""
    from desktop.tools.tool_desk import KEY

    found: dict[str, str] = {}
    if server.auth is ToolAuth.KEY:
        found[KEY] = _typed("Key", english("For example: printf %s KEY | paragone tools add …"))
    for name in (*server.secret_env, *server.secret_headers):
        found[name] = environ[name] if environ.get(name) else _typed(name, _OTHER_WAYS)
    return found


def _typed(name: str, hint: Phrase) -> str:
    if sys.stdin is not None and sys.stdin.isatty():
        value = getpass(f"{visible(name)}: ").strip()
    else:
        value = sys.stdin.readline().strip() if sys.stdin is not None else ""
    if not value:
        raise UsageError(english(f"There is no value for {name}."), hint=hint)
    if not value.isprintable():
        raise UsageError(english(f"The value of {name} contains control characters."))
    return value


async def _store(
    services: ConsoleServices, server: ToolServer, secrets: Mapping[str, str], *, replaces: str = ""
) -> None:
    """Store a server, its secrets first."""
    desk = services.tools
    if secrets or replaces:
        place = await desk.secrets.keep_values(server.name, secrets)
        if place is not None and place.problem is not None:  # this command would take them with it
            problem = place.problem
            hint = english("Install and unlock a keyring: secrets of tool servers are stored nowhere else.")
            raise KeyringMissing(problem.message, hint=hint) if isinstance(problem, KeyringMissing) else problem

    def with_server(held: ToolSettings) -> ToolSettings:
        """Add the server, or put it in the place of an earlier one."""
        return added(held, server, replaces=replaces)

    try:
        await desk.change(with_server)
    except ParagoneError:
        if not replaces:
            await desk.secrets.keep_values(server.name, {})
        raise


async def import_(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Show the servers of a configuration, then store them. Returns 1 if one could not be stored.

    Raises:
        UsageError: If the file cannot be read or contains no servers.
        SettingsError: If the file of servers cannot be changed.
    """
    from desktop.tools.server_import import imported_servers

    servers = imported_servers(await _text(services, arguments.file))
    held = await services.tools.load()
    taken = {each.name.casefold(): each.name for each in held.servers}
    if not arguments.json:
        for each in servers:
            _show(services, each)
    told: list[dict[str, JsonValue]] = []
    for each in servers:
        name = each.server.name
        earlier = taken.get(name.casefold(), "")
        state, problem = await _imported(services, arguments, each, earlier)
        if state in ("added", "replaced", "new", "replaceable"):
            taken[name.casefold()] = name
        told.append(_json(each, state, problem))
        if not arguments.json:
            _tell(services, name, state, problem)
    if arguments.json:
        services.console.json(told)
    return 1 if any(each["state"] in ("invalid", "failed") for each in told) else 0


async def _text(services: ConsoleServices, name: str) -> str:
    if name == "-":
        return await whole_input(services.console)
    try:
        return (await asyncio.to_thread(read_plain, Path(name), _MOST_BYTES)).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(english(f"{name} could not be read: {error.strerror or error}.")) from error
    except UnicodeError as error:
        raise UsageError(english(f"{name} is not a text file.")) from error


def _show(services: ConsoleServices, each: ImportedServer) -> None:
    """Print what would be run or called, completely."""
    say, server = services.console.line, each.server
    say(f"{server.name}: {address(server)}")
    if server.folder:
        say(f"  Folder: {visible(server.folder)}")
    if names := [*each.env, *each.headers]:
        say(f"  Stored in the keyring: {', '.join(map(visible, names))}")
    for notice in each.notices:
        say(f"  {notice}")


async def _imported(
    services: ConsoleServices, arguments: argparse.Namespace, each: ImportedServer, earlier: str
) -> tuple[str, str]:
    """Store a server unless that is a rehearsal. Returns its state and why it was not stored."""
    if each.problem is not None:
        return "invalid", str(each.problem)
    if earlier and not arguments.replace:
        return "exists", ""
    try:
        services.tools.require(each.server)
        if arguments.dry_run:
            return ("replaceable" if earlier else "new"), ""
        await _store(services, each.server, {**each.env, **each.headers}, replaces=earlier)
    except ParagoneError as error:
        return "failed", f"{error.message} {error.hint}".strip()
    return ("replaced" if earlier else "added"), ""


def _json(each: ImportedServer, state: str, problem: str) -> dict[str, JsonValue]:
    server = each.server
    where: dict[str, JsonValue] = {"command": [*server.command]} if server.command else {"url": server.url}
    secrets: Sequence[str] = [*each.env, *each.headers]
    notices: list[JsonValue] = [str(notice) for notice in each.notices]
    return {
        "name": server.name,
        **where,
        "folder": server.folder,
        "state": state,
        "secrets": [*secrets],
        "notices": notices,
        "problem": problem or None,
    }


_STATES = {
    "added": "added. Nothing was started.",
    "replaced": "replaced. Nothing was started; its tools are asked about again.",
    "new": "would be added.",
    "replaceable": "would be replaced.",
    "exists": "not added, because there is already a server of this name. --replace replaces it.",
}


def _tell(services: ConsoleServices, name: str, state: str, problem: str) -> None:
    if problem:
        services.console.error(problem, about=name)
    else:
        services.console.note(f"{name}: {_STATES[state]}")
