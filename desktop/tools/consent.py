"""Decision whether a tool call is allowed, asked about or denied: one table of precedence. Pure functions.

Deny beats ask, and ask beats allow. A policy beats the user. A rule for a tool beats one for its server, which beats
the default, which is to ask. Consent holds for one fingerprint of a server: its command or address, and all that it
says about its tools.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec
from msgspec import Struct

from desktop.domain.tool_types import BUILT_IN, ToolInfo, ToolServer

ANY = ""
"""Name in a rule that holds for all tools of a server."""


class Permission(StrEnum):
    """What happens with a call."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


class ToolRule(Struct, frozen=True, kw_only=True):
    """The user's lasting decision on a tool, or on all tools of a server if `tool` is empty.

    `fingerprint` is the state of the server for which it was made; empty for a denial, which holds for any.
    """

    server: str
    tool: str = ANY
    verdict: Permission
    fingerprint: str = ""


class CallStanding(Struct, frozen=True, kw_only=True):
    """What is known about a call.

    Attributes:
        policy: Verdict of a policy; None if policies leave it to the user.
        tool_rule, server_rule: The user's lasting decisions; None if there are none.
        is_changed: Whether the server is another one than when the user decided.
        is_allowed_here: Whether the user allowed the tool for this conversation, as it is now.
        is_risky_here: Whether the conversation contains text of strangers and the tool may write or send, so that
            decisions made before do not count.
        has_findings: Whether a guard found something in the arguments that needs confirmation.
    """

    policy: Permission | None = None
    tool_rule: Permission | None = None
    server_rule: Permission | None = None
    is_changed: bool = False
    is_allowed_here: bool = False
    is_risky_here: bool = False
    has_findings: bool = False


def verdict(standing: CallStanding) -> Permission:
    """Return what happens with a call, by the precedence above."""
    user = standing.tool_rule or standing.server_rule or Permission.ASK
    if Permission.DENY in (standing.policy, user):
        return Permission.DENY
    if standing.policy is Permission.ASK or standing.tool_rule is Permission.ASK or standing.has_findings:
        return Permission.ASK
    if standing.is_allowed_here:
        return Permission.ALLOW
    if standing.is_changed or standing.is_risky_here:
        return Permission.ASK
    return user


def is_harmless(info: ToolInfo) -> bool:
    """Whether a tool neither writes nor sends anything, as far as its server claims."""
    return info.server == BUILT_IN or (info.read_only is True and info.open_world is False)


def is_open_world(info: ToolInfo) -> bool:
    """Whether a tool's results may contain text of strangers. Servers that claim nothing count as open."""
    return info.server != BUILT_IN and info.open_world is not False


def strangers(info: ToolInfo, tainted_by: frozenset[str]) -> frozenset[str]:
    """Return the servers whose results may misuse a tool, so that lasting decisions on it do not count.

    `tainted_by` are the servers whose results in the conversation may contain text of strangers. Text of the tool's own
    server does not count against tools that only read, as far as the server claims.
    """
    if is_harmless(info):
        return frozenset()
    return tainted_by - {info.server} if info.read_only is True else tainted_by


def unseen(info: ToolInfo, tainted_by: frozenset[str], decided: frozenset[str]) -> frozenset[str]:
    """Return the servers whose results make a decision for this conversation void: it was made before they came.

    Text of the tool's own server makes it void only if the server says that the tool writes: otherwise each call of a
    server that claims nothing would void the decision that allowed it.

    Args:
        tainted_by: Servers with text of strangers in the conversation.
        decided: The same when the user decided.
    """
    found = strangers(info, tainted_by)
    writes = info.read_only is False or info.destructive is True
    return found - decided - (frozenset() if writes else {info.server})


def fingerprint(server: ToolServer, tools: Sequence[ToolInfo]) -> str:
    """Return a hash of a server's command or address and of everything that it says about its tools."""
    what = {
        "command": server.command,
        "url": server.url,
        "folder": server.folder,
        "env": sorted(server.env.items()),
        **({"headers": sorted(server.headers.items())} if server.headers else {}),
        "tools": [msgspec.to_builtins(each) for each in sorted(tools, key=lambda info: info.tool)],
    }
    return hashlib.sha256(msgspec.json.encode(what, order="deterministic")).hexdigest()


def command_hash(server: ToolServer) -> str:
    """Return a hash of a server's command, by which policies allow it; empty for a server with an address."""
    return hashlib.sha256("\0".join(server.command).encode()).hexdigest() if server.command else ""


class ToolChange(Struct, frozen=True, kw_only=True):
    """What a server changed since the user decided: names of new, removed and changed tools."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def changes(before: Sequence[ToolInfo], after: Sequence[ToolInfo]) -> ToolChange:
    """Return how two states of a server's tools differ."""
    old: Mapping[str, ToolInfo] = {info.tool: info for info in before}
    new: Mapping[str, ToolInfo] = {info.tool: info for info in after}
    return ToolChange(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(name for name in old.keys() & new.keys() if old[name] != new[name])),
    )
