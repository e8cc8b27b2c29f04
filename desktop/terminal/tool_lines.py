"""Tools, servers and calls as lines of text and as JSON. All texts of servers and models are untrusted."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.domain.events import ProviderToolUsed, ToolAnswered, ToolCalled
from desktop.domain.message_parts import ToolCallPart, ToolResultPart, ToolStatus
from desktop.domain.tool_types import ToolInfo, ToolServer
from desktop.tools.consent import ToolRule, fingerprint
from desktop.tools.server_file import SeenTools

_LONGEST = 200
"""Maximum characters of arguments and results in the lines about calls."""


def visible(text: str) -> str:
    """Return text in which characters that cannot be seen, or change the direction, are escaped."""
    return "".join(sign if sign.isprintable() or sign == "\n" else _escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def one_line(text: str, most: int = _LONGEST) -> str:
    """Return the beginning of a text in one line."""
    line = visible(" ".join(text[: 4 * most].split()))
    return line if len(line) <= most and len(text) <= 4 * most else f"{line[:most]}…"


def address(server: ToolServer) -> str:
    """Return the complete command, with spaces within an argument in quotation marks, or the URL."""
    return " ".join(_quoted(word) for word in server.command) if server.command else visible(server.url)


def _quoted(word: str) -> str:
    if word and not any(sign.isspace() or sign in "\"'\\" for sign in word):
        return visible(word)
    return visible(msgspec.json.encode(word).decode("utf-8", "replace"))


def claims(info: ToolInfo) -> list[str]:
    """Return what a server claims about a tool, in words."""
    said = [
        ("read-only", "changes things", info.read_only),
        ("destructive", "not destructive", info.destructive),
        ("reaches the web or files of others", "does not reach the web", info.open_world),
    ]
    return [yes if value else no for yes, no, value in said if value is not None]


def claims_line(info: ToolInfo) -> str:
    """Return what a server claims about a tool as a sentence."""
    said = claims(info)
    return f"The server claims: {', '.join(said)}." if said else "The server claims nothing about its effects."


def claims_json(info: ToolInfo) -> dict[str, JsonValue]:
    """Return what a server claims about a tool; null if it claims nothing."""
    return {"read_only": info.read_only, "destructive": info.destructive, "open_world": info.open_world}


def tool_json(info: ToolInfo) -> dict[str, JsonValue]:
    """Return name and description of a tool."""
    return {"name": info.tool, "description": info.description or info.title}


def state_of(server: ToolServer, seen: SeenTools | None, *, is_forbidden: bool, needs_sign_in: bool = False) -> str:
    """Return the state of a server that is not started for it."""
    if is_forbidden:
        return "forbidden"
    if needs_sign_in:
        return "sign-in required"
    return "ready" if tools_of(server, seen) is not None else "never started"


def tools_of(server: ToolServer, seen: SeenTools | None) -> Sequence[ToolInfo] | None:
    """Return the tools last seen on a server as it is configured now; None if it never ran that way."""
    if seen is None or fingerprint(server, seen.tools) != seen.fingerprint:
        return None
    return seen.tools


def server_json(server: ToolServer, seen: SeenTools | None, *, state: str) -> dict[str, JsonValue]:
    """Return a server as `tools list --json` prints it."""
    where: dict[str, JsonValue] = {"command": [*server.command]} if server.command else {"url": server.url}
    return {
        "name": server.name,
        **where,
        "state": state,
        "tools": [tool_json(info) for info in tools_of(server, seen) or ()],
    }


def rule_words(rule: ToolRule | None, current: str) -> str:
    """Return a decision in words, empty if there is none; `current` is the server's fingerprint as it is now."""
    if rule is None:
        return ""
    word = {"allow": "always allowed", "ask": "always asked about", "deny": "always denied"}[rule.verdict.value]
    is_outdated = rule.fingerprint and rule.fingerprint != current
    return f"{word}, but the server has changed since: asked about" if is_outdated else word


def call_name(call: ToolCallPart) -> str:
    """Return server and tool of a call, as in `--allow`."""
    return f"{call.server}/{call.shown_name}" if call.server not in ("", "?") else call.shown_name


def call_line(event: ToolCalled | ToolAnswered | ProviderToolUsed) -> str:
    """Return a call or its result as a line for people."""
    if isinstance(event, ProviderToolUsed):
        state = "failed" if event.failed else "done"
        return f"{one_line(event.name)} {one_line(event.arguments)}: {state}".replace("  ", " ")
    name = one_line(call_name(event.call))
    if isinstance(event, ToolCalled):
        return f"{name} {one_line(event.call.arguments)}".strip()
    return f"{name}: {_result_words(event.result)}"


def _result_words(result: ToolResultPart) -> str:
    took = "" if result.duration_ms is None else f" in {result.duration_ms:,.0f} ms"
    recorded = ", same call of another response" if result.recorded else ""
    match result.status:
        case ToolStatus.OK:
            return f"done{took}{recorded}"
        case ToolStatus.CUT:
            return f"done{took}{recorded}; the result was too long and was cut"
        case ToolStatus.DENIED:
            return "denied"
        case _:
            return f"failed{took}: {one_line(result.text)}"


def call_json(call: ToolCallPart) -> dict[str, JsonValue]:
    """Return the fields of the event `tool_call`. Arguments that are no JSON object are text."""
    try:
        arguments: JsonValue = msgspec.json.decode(call.arguments or "{}", type=dict[str, JsonValue])
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        arguments = call.arguments
    return {"id": call.id, "server": call.server, "tool": call.shown_name, "arguments": arguments}


def result_json(result: ToolResultPart) -> dict[str, JsonValue]:
    """Return the fields of the event `tool_result`."""
    fields: dict[str, JsonValue] = {
        "id": result.call,
        "status": result.status.value,
        "duration_ms": result.duration_ms,
        "text": result.text,
    }
    return {**fields, "recorded": True} if result.recorded else fields
