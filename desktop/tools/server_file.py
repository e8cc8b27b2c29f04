"""Servers of tools, the tools last seen on them and the user's lasting decisions, in one private file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.tool_types import BUILT_IN, LONGEST_SERVER_NAME, ToolAuth, ToolInfo, ToolServer
from desktop.errors import SettingsError, UsageError
from desktop.net.origin import is_loopback
from desktop.system.plain_files import read_plain
from desktop.system.private_files import private_lock, write_private
from desktop.text.phrases import Phrase, phrase
from desktop.tools.consent import ToolRule

_MOST_BYTES = 32 << 20
_LOCK_TIMEOUT_S = 10.0
_LONGEST_HEADER_NAME, _LONGEST_HEADER = 100, 8_192
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
OWN_HEADERS = frozenset(
    {
        "accept", "accept-encoding", "connection", "content-length", "content-type", "host", "last-event-id",
        "mcp-protocol-version", "mcp-session-id", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""Headers of the protocols, with which another value would break or redirect a request."""

MOST_SERVERS = 100


class SeenTools(Struct, frozen=True, kw_only=True):
    """Tools as a server listed them last, and the fingerprint of that state."""

    fingerprint: str
    tools: tuple[ToolInfo, ...] = ()


class ToolSettings(Struct, frozen=True, kw_only=True):
    """Contents of the file. `seen` is by server; `agreed` is the state of the server for which a rule was made.

    `web_consents` are the addresses of connections for which the user accepted a web search outside their boundary.
    """

    servers: tuple[ToolServer, ...] = ()
    rules: tuple[ToolRule, ...] = ()
    seen: Mapping[str, SeenTools] = {}
    agreed: Mapping[str, SeenTools] = {}
    web_consents: tuple[str, ...] = ()

    def server(self, name: str) -> ToolServer:
        """Return a server by its name.

        Raises:
            UsageError: If there is none.
        """
        for each in self.servers:
            if each.name == name:
                return each
        names = ", ".join(each.name for each in self.servers)
        raise UsageError(
            phrase("There is no tool server “{name}”.", name=name),
            hint=phrase("Servers: {names}", names=names) if names else phrase("Add one first."),
        )

    def with_rule(self, rule: ToolRule) -> ToolSettings:
        """Return these settings with a rule in place of an earlier one for the same tool."""
        rest = tuple(each for each in self.rules if (each.server, each.tool) != (rule.server, rule.tool))
        agreed = dict(self.agreed)
        if (seen := self.seen.get(rule.server)) is not None and rule.fingerprint == seen.fingerprint:
            agreed[rule.server] = seen
        return replace(self, rules=(*rest, rule), agreed=agreed)

    def without_rule(self, server: str, tool: str | None = None) -> ToolSettings:
        """Return these settings without a tool's rule, or without any rule of a server."""
        kept = tuple(each for each in self.rules if each.server != server or tool not in (None, each.tool))
        return replace(self, rules=kept)


class ToolServerFile:
    """The file. It is read again when another process has changed it, and changed under a lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, int, int] | None, ToolSettings] = (None, ToolSettings())

    def load(self) -> ToolSettings:
        """Return the contents, empty if there is no file. Blocks on disk access for a moment.

        Raises:
            SettingsError: If the file cannot be read or is damaged.
        """
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return ToolSettings()
        except OSError as error:
            raise self._unreadable(error.strerror or str(error)) from error
        sign = (found.st_mtime_ns, found.st_size, found.st_ino)
        if self._read[0] != sign:
            try:
                settings = msgspec.json.decode(read_plain(self.path, _MOST_BYTES), type=ToolSettings)
            except (OSError, msgspec.DecodeError, RecursionError, UnicodeError) as error:
                raise self._unreadable(str(error)) from error
            self._read = (sign, settings)
        return self._read[1]

    def change(self, change: Callable[[ToolSettings], ToolSettings]) -> ToolSettings:
        """Apply a change and save it, unless nothing is different. Blocks on disk access.

        Raises:
            SettingsError: If the file cannot be read or written.
        """
        from filelock import Timeout

        try:
            with private_lock(self.path.with_suffix(".lock"), timeout_s=_LOCK_TIMEOUT_S):
                before = self.load()
                after = change(before)
                if after != before:
                    write_private(self.path, msgspec.json.format(msgspec.json.encode(after), indent=2))
                return after
        except (OSError, Timeout) as error:
            reason = error.strerror or str(error)
            raise SettingsError(
                phrase("Tool servers could not be saved to {path}: {reason}.", path=self.path, reason=reason)
            ) from error

    def _unreadable(self, reason: str) -> SettingsError:
        return SettingsError(
            phrase("The file {path} with tool servers could not be read: {reason}.", path=self.path, reason=reason),
            hint=phrase("Correct or remove the file."),
        )


def added(settings: ToolSettings, server: ToolServer, *, replaces: str = "") -> ToolSettings:
    """Return settings with a server added, or in place of the one named `replaces`.

    Raises:
        UsageError: If the server is invalid or its name is taken.
    """
    require_server(server)
    others = tuple(each for each in settings.servers if each.name != replaces)
    if any(each.name.casefold() == server.name.casefold() for each in others):
        raise UsageError(phrase("There is already a tool server “{name}”.", name=server.name))
    if len(others) >= MOST_SERVERS:
        raise UsageError(phrase("There can be at most {n} tool servers.", n=MOST_SERVERS))
    if not replaces:
        return replace(settings, servers=(*others, server))
    servers = tuple(server if each.name == replaces else each for each in settings.servers)
    return (
        removed_traces(replace(settings, servers=servers), replaces)
        if replaces != server.name
        else replace(settings, servers=servers)
    )


def removed(settings: ToolSettings, name: str) -> ToolSettings:
    """Return settings without a server and everything remembered about it."""
    servers = tuple(each for each in settings.servers if each.name != name)
    return removed_traces(replace(settings, servers=servers), name)


def removed_traces(settings: ToolSettings, name: str) -> ToolSettings:
    """Return settings without the decisions about a server and the tools seen on it."""
    return replace(
        settings.without_rule(name),
        seen={key: value for key, value in settings.seen.items() if key != name},
        agreed={key: value for key, value in settings.agreed.items() if key != name},
    )


def require_server(server: ToolServer) -> None:
    """Check a server's name, command and address.

    Raises:
        UsageError: If any of them is invalid.
    """
    name = server.name
    if not name or len(name) > LONGEST_SERVER_NAME or not all(sign.isalnum() or sign in "-_.@ " for sign in name):
        raise UsageError(
            phrase("“{name}” is not a valid name for a tool server.", name=name[:LONGEST_SERVER_NAME]),
            hint=phrase("Use at most {n} letters, digits, hyphens and underscores.", n=LONGEST_SERVER_NAME),
        )
    if name == BUILT_IN or "/" in name or "," in name or name.strip() != name:
        raise UsageError(phrase("“{name}” is not a valid name for a tool server.", name=name))
    if bool(server.command) == bool(server.url):
        raise UsageError(phrase("A tool server needs either a command or an address."))
    if server.command and not server.command[0].strip():
        raise UsageError(phrase("The command is empty."))
    if server.url:
        _require_url(server.url)
    _require_headers(server)


def header_problem(name: str, value: str) -> Phrase | None:
    """Return why an HTTP header cannot be sent; None if it can be. Its value may be secret and is not quoted."""
    if not _HEADER_NAME.fullmatch(name) or len(name) > _LONGEST_HEADER_NAME:
        return phrase("“{name}” is not a valid name for a header.", name=name[:_LONGEST_HEADER_NAME])
    if name.casefold() in OWN_HEADERS:
        return phrase("The header “{name}” is set by Paragone.", name=name)
    if not value.isascii() or not value.isprintable() or value != value.strip() or len(value) > _LONGEST_HEADER:
        return phrase("The value of the header “{name}” contains characters that are not allowed.", name=name)
    return None


def _require_headers(server: ToolServer) -> None:
    names = [*server.headers, *server.secret_headers]
    problems = [header_problem(name, server.headers.get(name, "")) for name in names]
    if (problem := next((each for each in problems if each is not None), None)) is not None:
        raise UsageError(problem)
    folded = [name.casefold() for name in names]
    if twice := next((name for name in names if folded.count(name.casefold()) > 1), ""):
        raise UsageError(phrase("The header “{name}” is given twice.", name=twice))
    if server.auth is not ToolAuth.NONE and "authorization" in folded:
        raise UsageError(
            phrase("The header “Authorization” is set by the authentication."),
            hint=phrase("Remove the header, or choose no authentication."),
        )


def _require_url(url: str) -> None:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", None
    if parts is None or not host or parts.scheme not in ("http", "https") or parts.username is not None:
        raise UsageError(phrase("“{url}” is not a valid address.", url=url[:200]))
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            phrase("The address must begin with https:, except on this computer."),
            hint=phrase("Data sent over http can be read and changed on its way."),
        )


def rules_of(rules: Sequence[ToolRule], server: str) -> dict[str, ToolRule]:
    """Return the rules of one server by tool; the one for all tools has an empty name."""
    return {each.tool: each for each in rules if each.server == server}
