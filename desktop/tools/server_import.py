"""Tool servers from the configuration of another program, as its documentation shows it. Starts nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

import msgspec
from msgspec import Struct

from desktop.domain.tool_types import LONGEST_SERVER_NAME, ToolAuth, ToolServer
from desktop.errors import UsageError
from desktop.text.phrases import Phrase, phrase
from desktop.tools.server_file import OWN_HEADERS, header_problem, require_server

_LISTS = ("mcpServers", "mcp_servers", "servers", "context_servers")
"""Fields in which programs list servers: Claude, Cursor and most others, Codex, Visual Studio Code, Zed."""

_MOST_TEXT = 1 << 20
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')
_VARIABLE = re.compile(r"\$\{[^}]{1,200}\}")


class ImportedServer(Struct, frozen=True, kw_only=True):
    """A server as found, with its secrets, which belong in the keyring.

    Attributes:
        env, headers: All values of environment variables and headers; every one counts as a secret.
        notices: Sentences about what could not be taken.
        problem: Why the server cannot be used; None if it can.
    """

    server: ToolServer
    env: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    notices: tuple[Phrase, ...] = ()
    problem: Phrase | None = None


def imported_servers(text: str) -> tuple[ImportedServer, ...]:
    """Return the servers of a configuration in JSON; comments and trailing commas are allowed.

    Raises:
        UsageError: If the text contains no servers.
    """
    if len(text) > _MOST_TEXT:
        raise UsageError(phrase("The configuration is too large."))
    try:
        value: object = msgspec.json.decode(_plain_json(text))
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise UsageError(
            phrase("The configuration is not valid JSON: {reason}.", reason=str(error)),
            hint=phrase("Paste the complete text, from the first brace to the last."),
        ) from None
    found = _listed(value)
    if not found:
        raise UsageError(
            phrase("The configuration contains no tool servers."),
            hint=phrase("A list of servers is expected under “mcpServers”."),
        )
    return tuple(_server(str(name), each) for name, each in found.items())


def _plain_json(text: str) -> str:
    """Return JSON without comments and trailing commas, and with braces around it if only fields were copied."""
    text = text.strip().removeprefix("\ufeff")
    if not text.startswith("{"):
        text = "{" + text.rstrip(",") + "}"
    text = _COMMENT.sub(lambda found: found[1] or "", text)
    return _TRAILING.sub(lambda found: found[1] or "", text)


def _listed(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        return {}
    fields = cast("dict[str, object]", value)
    for name in _LISTS:
        if isinstance(listed := fields.get(name), dict):
            return cast("dict[str, object]", listed)
    if isinstance(inner := fields.get("mcp"), dict):
        return _listed(cast("object", inner))
    if _is_server(fields):
        return {"server": cast("object", fields)}
    return fields if fields and all(_is_server(each) for each in fields.values()) else {}


def _is_server(value: object) -> bool:
    return isinstance(value, dict) and bool(
        {"command", "url", "serverUrl", "httpUrl"} & {*cast("dict[str, object]", value)}
    )


def _server(name: str, value: object) -> ImportedServer:
    fields = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    named = re.sub(r"[^\w.@ -]+", "-", name).strip("- ")[:LONGEST_SERVER_NAME] or "server"
    command, arguments = _text(fields.get("command")), _texts(fields.get("args"))
    if isinstance(inner := fields.get("command"), dict):  # Zed's older form
        nested = cast("dict[str, object]", inner)
        command, arguments = _text(nested.get("path")), _texts(nested.get("args"))
        fields = {**fields, "env": nested.get("env") or fields.get("env")}
    url = _text(fields.get("url")) or _text(fields.get("serverUrl")) or _text(fields.get("httpUrl"))
    env, headers = _named_texts(fields.get("env")), _named_texts(fields.get("headers"))
    notices: list[Phrase] = []
    for header in [each for each in headers if each.casefold() in OWN_HEADERS]:
        del headers[header]
        notices.append(phrase("The header “{name}” is left out because Paragone sets it.", name=header))
    if any(_VARIABLE.search(each) for each in (command, url, *arguments, *env.values(), *headers.values())):
        notices.append(phrase("Variables are not expanded. Enter the values themselves after the import."))
    if fields.get("disabled") is True:
        notices.append(phrase("The server was turned off in the other program."))
    server = ToolServer(
        name=named,
        command=(command, *arguments) if command else (),
        url="" if command else url,
        auth=ToolAuth.NONE,
        secret_env=tuple(sorted(env)) if command else (),
        secret_headers=() if command else tuple(sorted(headers)),
        folder=_text(fields.get("cwd")),
    )
    if (problem := _problem(server, headers)) is not None:
        return ImportedServer(server=server, env=env, headers=headers, notices=tuple(notices), problem=problem)
    return ImportedServer(
        server=server, env=env if command else {}, headers={} if command else headers, notices=tuple(notices)
    )


def _problem(server: ToolServer, headers: Mapping[str, str]) -> Phrase | None:
    """Return why a server cannot be added; None if it can be."""
    try:
        require_server(server)
    except UsageError as error:
        return error.message
    problems = (header_problem(name, value) for name, value in headers.items() if server.url)
    return next((each for each in problems if each is not None), None)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[object]", value)) if isinstance(value, list) else ()


def _named_texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(name): str(each) for name, each in cast("dict[object, object]", value).items() if each is not None}
