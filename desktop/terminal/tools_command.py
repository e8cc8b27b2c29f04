"""`tools`: lists, shows, tests and removes tool servers, and stores lasting decisions about their tools."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from desktop.domain.conversation_types import JsonValue
from desktop.domain.tool_types import BUILT_IN, ToolInfo, ToolServer
from desktop.errors import ParagoneError, PolicyForbids, UsageError
from desktop.system.external_programs import launch
from desktop.terminal.connections_command import has_browser
from desktop.terminal.console import count
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.tool_lines import (
    address,
    claims,
    claims_json,
    claims_line,
    one_line,
    rule_words,
    server_json,
    state_of,
    tool_json,
    tools_of,
    visible,
)
from desktop.terminal.tools_adding import add, import_
from desktop.text.phrases import english
from desktop.tools.consent import Permission, ToolRule
from desktop.tools.host.server_log import log_file
from desktop.tools.server_changes import remove_server
from desktop.tools.server_file import ToolSettings, rules_of


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Execute a `tools` action and return the exit status."""
    actions = {
        "list": _list,
        "add": add,
        "show": _show,
        "test": _test,
        "sign-in": _sign_in,
        "sign-out": _sign_out,
        "remove": _remove,
        "import": import_,
        "allow": _allow,
        "deny": _deny,
        "forget": _forget,
    }
    return await actions[arguments.action](services, arguments)


def is_forbidden(services: ConsoleServices, server: ToolServer) -> bool:
    """Whether a policy forbids a server."""
    try:
        services.tools.require(server)
    except PolicyForbids:
        return True
    return False


async def _state(services: ConsoleServices, settings: ToolSettings, server: ToolServer) -> str:
    forbidden = is_forbidden(services, server)
    needs_sign_in = not forbidden and await services.tools.needs_sign_in(server)
    return state_of(server, settings.seen.get(server.name), is_forbidden=forbidden, needs_sign_in=needs_sign_in)


async def _list(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    settings = await services.tools.load()
    if arguments.json:
        services.console.json(
            [
                server_json(each, settings.seen.get(each.name), state=await _state(services, settings, each))
                for each in settings.servers
            ]
        )
        return 0
    rows: list[tuple[str, str, str, str]] = []
    for each in settings.servers:
        seen = settings.seen.get(each.name)
        state = await _state(services, settings, each)
        names = ", ".join(one_line(info.tool, 60) for info in tools_of(each, seen) or ())
        rows.append((each.name, address(each), state, names))
    services.console.table(("Name", "Command or address", "State", "Tools"), rows)
    if not rows:
        services.console.note("There are no tool servers. Add one: paragone tools add --help")
    return 0


async def _show(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    settings = await services.tools.load()
    server = settings.server(arguments.name)
    seen = settings.seen.get(server.name)
    tools, rules = tools_of(server, seen), rules_of(settings.rules, server.name)
    current = seen.fingerprint if seen is not None and tools is not None else ""
    log = log_file(services.paths.logs / "tools", server.name)
    state = await _state(services, settings, server)
    if arguments.json:
        shown = server_json(server, seen, state=state)
        shown["tools"] = [
            {**tool_json(info), "claims": claims_json(info), "decision": rule_words(rules.get(info.tool), current)}
            for info in tools or ()
        ]
        more: dict[str, JsonValue] = {
            "auth": server.auth.value,
            "env": dict(server.env),
            "headers": dict(server.headers),
            "secrets": [*server.secret_env, *server.secret_headers],
            "folder": server.folder,
            "timeout_s": server.timeout_s,
            "decision": rule_words(rules.get(""), current),
            "log": str(log),
        }
        services.console.json({**shown, **more})
        return 0
    say = services.console.line
    say(f"{server.name}: {state}")
    for title, text in (
        ("Command" if server.command else "Address", address(server)),
        ("Authentication", server.auth.value if server.url else ""),
        ("Environment", ", ".join(f"{name}={value}" for name, value in server.env.items())),
        ("Headers", ", ".join(f"{name}: {value}" for name, value in server.headers.items())),
        ("In the keyring", ", ".join((*server.secret_env, *server.secret_headers))),
        ("Folder", server.folder),
        ("Timeout", f"{server.timeout_s:g} s" if server.timeout_s else ""),
        ("All tools", rule_words(rules.get(""), current)),
        ("Log", str(log) if log.exists() else ""),
    ):
        if text:
            say(f"  {title}: {text}")
    for info in tools or ():
        _tell_tool(services, info, rule_words(rules.get(info.tool), current))
    for tool in sorted(rules.keys() - {"", *(info.tool for info in tools or ())}):
        say(f"  {one_line(tool)} ({rule_words(rules[tool], current)}), not listed by the server")
    return 0


def _tell_tool(services: ConsoleServices, info: ToolInfo, decision: str = "") -> None:
    services.console.line(f"  {one_line(info.tool)}{f' ({decision})' if decision else ''}")
    for line in visible(info.description or info.title).splitlines():
        services.console.line(f"      {line}")
    services.console.line(f"      {claims_line(info)}")


async def _test(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    console, name = services.console, arguments.name
    (await services.tools.load()).server(name)
    began = time.monotonic()
    try:
        opened = await services.tools.open(name)
    except ParagoneError as error:
        if arguments.json:
            failure = {"code": error.code, "message": error.message, "hint": error.hint}
            console.json({"name": name, "state": "failed", **failure})
        console.problem(error)
        return 1
    took_ms = round((time.monotonic() - began) * 1000)
    if arguments.json:
        tools = [{**tool_json(info), "claims": claims_json(info)} for info in opened.tools]
        console.json({"name": name, "state": "ok", "ms": took_ms, "tools": tools})
        return 0
    console.line(f"{name} responds ({took_ms:,} ms) and has {count(len(opened.tools), 'tool')}.")
    for info in opened.tools:
        _tell_tool(services, info)
    if any(claims(info) for info in opened.tools):
        console.note("Claims are the server's own. Paragone does not check them.")
    return 0


async def _sign_in(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Sign in at a server. Returns 1 if the sign-in could not be stored and is lost when the program ends."""
    console, name = services.console, arguments.name

    async def show(page: str) -> bool:
        """Print the address before opening the browser, which may be slow or fail."""
        console.note(f"The browser asks you to sign in. If none opens, visit this address on this computer: {page}")
        if has_browser(services.environ):
            launch(page)
        return True  # the user may still open the address manually

    opened, place = await services.tools.sign_in(name, show)
    if place is not None and place.problem is not None:
        console.error(
            f"{place.problem.message} The sign-in was only kept until the program ended and is now forgotten.",
            place.problem.hint,
        )
        return 1
    tools = len(opened.tools)
    if arguments.json:
        console.json({"name": name, "state": "signed in", "tools": tools})
    else:
        console.line(f"Signed in at {name}, which has {count(tools, 'tool')}.")
    return 0


async def _sign_out(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    (await services.tools.load()).server(arguments.name)
    await services.tools.sign_out(arguments.name)
    _tell(services, arguments, {"name": arguments.name, "state": "signed out"}, f"Signed out from {arguments.name}.")
    return 0


async def _remove(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    desk, name = services.tools, arguments.name
    (await desk.load()).server(name)
    await remove_server(desk, name)
    _tell(services, arguments, {"name": name, "state": "removed"}, f"Removed {name}, its secrets and decisions.")
    return 0


async def _allow(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    def rule(settings: ToolSettings, name: str, tool: str) -> ToolSettings:
        """Allow the tools as they were seen last."""
        server, seen = settings.server(name), settings.seen.get(name)
        if seen is None or tools_of(server, seen) is None:
            raise UsageError(
                english(f"The tools of “{name}” are not known yet."),
                hint=english(f"Look at them first: paragone tools test {name}"),
            )
        _require_tool(seen.tools, name, tool)
        return settings.with_rule(
            ToolRule(server=name, tool=tool, verdict=Permission.ALLOW, fingerprint=seen.fingerprint)
        )

    return await _decide(services, arguments, rule, "always allowed, until the server changes")


async def _deny(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    def rule(settings: ToolSettings, name: str, tool: str) -> ToolSettings:
        """Deny the tools, also if they change."""
        seen = settings.seen.get(settings.server(name).name)
        if seen is not None:
            _require_tool(seen.tools, name, tool)
        return settings.with_rule(ToolRule(server=name, tool=tool, verdict=Permission.DENY))

    return await _decide(services, arguments, rule, "always denied")


async def _forget(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    def without(settings: ToolSettings, name: str, tool: str) -> ToolSettings:
        """Forget the decision about a tool, or all decisions about a server."""
        settings.server(name)
        return settings.without_rule(name, tool or None)

    return await _decide(services, arguments, without, "asked about")


async def _decide(
    services: ConsoleServices,
    arguments: argparse.Namespace,
    change: Callable[[ToolSettings, str, str], ToolSettings],
    word: str,
) -> int:
    name, slash, tool = str(arguments.tool).partition("/")
    if slash and not tool:
        raise UsageError(english(f"Name a tool after {name}/."))
    if name == BUILT_IN:
        raise UsageError(english("The built-in tools need no permission. Offer them with --tools paragone."))
    await services.tools.change(lambda held: change(held, name, tool))
    about = f"{name}/{tool}" if tool else f"All tools of {name}"
    verb = "is" if tool else "are"
    _tell(services, arguments, {"name": name, "tool": tool, "state": word}, f"{about} {verb} {word}.")
    return 0


def _require_tool(tools: tuple[ToolInfo, ...], name: str, tool: str) -> None:
    if tool and all(info.tool != tool for info in tools):
        names = ", ".join(one_line(info.tool, 60) for info in tools[:50])
        raise UsageError(
            english(f"“{name}” has no tool “{tool}”."), hint=english(f"Tools: {names}") if names else english("")
        )


def _tell(services: ConsoleServices, arguments: argparse.Namespace, value: dict[str, str], text: str) -> None:
    if arguments.json:
        services.console.json(value)
    else:
        services.console.line(text)
